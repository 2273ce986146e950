"""Secret votes: one box with three ways into it, opened by two, counted once."""
