"""How much a sheet counts when it stands far from what the other judges say of the same subject.

Sheets are taken to be honest, scattering as the committee does, but for a share of strays that scatter three times as
widely (a mixture of two normals; Box and Tiao 1968). The weight is the chance of being honest. The share of strays is
read from the marks: a committee of steady judges is left alone, one full of favours is not.
"""

from functools import lru_cache

import numpy as np

from .marks import Floats

WIDTH = 3.0
"""How many times as widely strays scatter."""

LEAST = 0.02
"""What is left of the weight of the farthest sheet: enough to stay visible, too little to move a score."""

USUAL_STRAYS = 0.02
"""Share of strays expected beforehand,"""

STRAYS_PRIOR = 100.0
"""worth as much as this many sheets."""

ENOUGH_SHEETS = 200_000
"""Sheets that tell the share of strays well enough; of more, every second, third … is asked."""

_GRID = np.linspace(-8.0, 8.0, 801)


def weight(distance: Floats, strays: float) -> Floats:
    """Return the weight (0.02 to 1) of sheets `distance` standard deviations from the others, given the strays'."""
    return LEAST + (1.0 - LEAST) / (1.0 + strays / (1.0 - strays) * (1.0 + gain(distance)))


def gain(distance: Floats) -> Floats:
    """Return how much likelier a stray is to lie at such distances than an honest sheet, less one."""
    growth = np.minimum(0.5 * (1.0 - WIDTH**-2) * distance**2, 50.0)
    return np.exp(growth) / WIDTH - 1.0


def share_of_strays(distance: Floats, strays: float) -> float:
    """Return a better share of strays than the one given: the mean chance of being one, and what was expected.

    Two such steps show where a hundred would lead (Aitken 1926); without that, a share near zero takes for ever.
    """
    distance = distance[:: 1 + distance.size // ENOUGH_SHEETS]
    once = _step(distance, strays)
    twice = _step(distance, once)
    bend = (twice - once) - (once - strays)
    ahead = strays - (once - strays) ** 2 / bend if abs(bend) > 1e-12 else twice
    return min(max(ahead, 0.3 * twice), 3.0 * twice, 0.5)


def _step(distance: Floats, strays: float) -> float:
    doubt = float((1.0 - weight(distance, strays)).sum())
    return (USUAL_STRAYS * STRAYS_PRIOR + doubt) / (STRAYS_PRIOR + distance.size)


@lru_cache(maxsize=64)
def consistency(strays: float) -> float:
    """Return E[w z²] / E[w] for honest normal sheets: a weighted variance is divided by it to be right again."""
    weighted = weight(_GRID, strays) * np.exp(-0.5 * _GRID * _GRID)
    return float((weighted @ (_GRID * _GRID)) / weighted.sum())
