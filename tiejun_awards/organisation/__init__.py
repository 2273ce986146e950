"""Units, party organisations and branches."""
