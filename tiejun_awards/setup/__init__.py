"""First data: the demo of one day."""
