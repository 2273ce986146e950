"""Attachments: checked, kept by their content, previewed, served safely. Knows no feature that owns them."""
