"""Tests of tiejun_awards.shared."""
