"""Every number of the rules as data, with its source; and the days on which offices work."""
