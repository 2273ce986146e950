"""What a branch holds: its stars by year; and which branches are pilots."""
