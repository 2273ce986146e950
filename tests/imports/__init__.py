"""Tests of tiejun_awards.imports."""
