"""Data in, documents out. Knows no feature."""
