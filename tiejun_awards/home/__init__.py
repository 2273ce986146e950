"""What waits for me; feedback; long work under way."""
