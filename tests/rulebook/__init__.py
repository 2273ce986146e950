"""Tests of tiejun_awards.rulebook."""
