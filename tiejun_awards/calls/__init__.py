"""Programmes of exemplars (先进典型选树) and the calls in which the office asks for recommendations."""
