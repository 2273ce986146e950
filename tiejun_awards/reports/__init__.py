"""Quarterly reports of branch secretaries, and the one-line records of organisation life."""
