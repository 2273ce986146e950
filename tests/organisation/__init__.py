"""Tests of units and party organisations."""
