"""Tests of stars."""
