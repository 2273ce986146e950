"""Tests of the office's overview of a quarter."""
