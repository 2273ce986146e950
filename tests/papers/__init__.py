"""The paper twin."""
