"""Who runs things: the department's party committee office, or a city bureau's."""
