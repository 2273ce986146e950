"""Panels of judges: seats in drawn order, and who is recused from what."""
