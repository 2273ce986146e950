"""What the main pages cost, in ratios to a bare view of the same size in the same run."""
