"""Tests of quarterly reports."""
