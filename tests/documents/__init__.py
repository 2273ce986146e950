"""Tests of tiejun_awards.documents."""
