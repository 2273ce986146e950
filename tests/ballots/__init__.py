"""Tests of the home page, feedback and long work."""
