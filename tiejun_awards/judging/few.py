"""What can still be said with fewer than three judges or subjects: plain means and a wide error, nothing corrected."""

import numpy as np

from .layout import Layout
from .marks import Floats

ENOUGH = 3
"""Judges and subjects needed before a judge can be compared with colleagues at all."""

USUAL_SPREAD = 6.0
"""Standard deviation between judges on one subject (points of 100) assumed where it cannot be seen."""

ASSUMED = 3.0
"""How many seen differences that assumption is worth."""


def plain_means(layout: Layout) -> tuple[Floats, Floats, float]:
    """Return the plain mean of each subject's sheets, its standard error, and the degrees of freedom."""
    weight = layout.by_subject(layout.cover)
    variance, freedom = between_judges(layout)
    return layout.by_subject(layout.cover * layout.total) / weight, np.sqrt(variance / weight), freedom


def between_judges(layout: Layout) -> tuple[float, float]:
    """Return the variance between judges on the same subject (severity and noise together) and its freedom.

    It is steadied by the usual size of such differences; with a single judge there is nothing else to go by.
    """
    mean = layout.by_subject(layout.cover * layout.total) / layout.by_subject(layout.cover)
    squares = float(layout.cover @ (layout.total - mean[layout.subject]) ** 2)
    free = float(layout.total.size - layout.subjects)
    return (ASSUMED * USUAL_SPREAD**2 + squares) / (ASSUMED + free), ASSUMED + free
