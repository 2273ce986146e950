"""Tests of honours."""
