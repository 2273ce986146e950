"""Tests of marks in, fair scores out."""
