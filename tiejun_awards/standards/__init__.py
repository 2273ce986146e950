"""Rating standards (星级评定标准) as data, versioned: categories, indicators, lines, and who gives the value of each."""
