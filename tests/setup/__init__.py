"""Tests of tiejun_awards.setup."""
