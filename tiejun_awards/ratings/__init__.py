"""Star-rating cycles (星级评定): from draft to published stars."""
