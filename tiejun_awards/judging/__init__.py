"""Marks in, fair scores out: pure numpy and scipy, no web, no database, no clock, no chance but a given seed."""
