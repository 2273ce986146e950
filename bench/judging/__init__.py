"""A simulator of committees whose true scores are known, and what each method makes of their marks."""
