"""People, the posts they hold with terms, signing in."""
