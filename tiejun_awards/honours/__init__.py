"""What was awarded: published inside, in unit order, never ranked."""
