"""How far the marks speak for telling judges and sheets apart at all.

Where (nearly) every judge marks every subject, the plain mean is hard to beat: it is beaten only where judges really
differ in steadiness or spread, or where some sheets really are strays. Weights that follow differences which are not
there only add noise. So each of the three has to prove itself: the likelihood of the fitted model with the difference,
averaged over a grid of its size, against the likelihood without it. What is believed is the margin between the two
chances, (with - without) / (with + without), and nothing where the marks speak against it.
"""

from dataclasses import dataclass

import numpy as np

from .layout import Layout
from .marks import Floats
from .robust import STRAYS_PRIOR, USUAL_STRAYS, gain

FULL, HALF = 0.9, 0.5
"""Share of the possible sheets from which panels count as complete, and below which the mean is no yardstick."""

CLEARLY = 2.0
"""How many times as likely the marks must be with a difference as without it before any of it is believed."""

_SHARES = 0.0025 * 2.0 ** np.arange(8)
_COMMON = _SHARES ** (USUAL_STRAYS * STRAYS_PRIOR) * (1.0 - _SHARES) ** (STRAYS_PRIOR * (1.0 - USUAL_STRAYS))
_SPREADS = np.array([0.03, 0.06, 0.12, 0.24, 0.48])


@dataclass(frozen=True, slots=True)
class Belief:
    """How far each difference is believed, 0 (not at all) to 1 (as the marks show it)."""

    strays: float = 1.0
    steadiness: float = 1.0
    spread: float = 1.0


def completeness(layout: Layout) -> float:
    """Return 1 where (nearly) all judges mark all subjects, 0 where less than half do, in between in between."""
    share = layout.total.size / (layout.judges * layout.subjects)
    return min(max((share - HALF) / (FULL - HALF), 0.0), 1.0)


def believed(doubt: float, with_it: Floats, without: float, common: Floats | None = None) -> float:
    """Return the margin by which the log likelihoods `with_it` beat the one `without`; `doubt` of 0 asks for none."""
    highest = max(without, float(with_it.max()))
    some, none = float(np.average(np.exp(with_it - highest), weights=common)), float(np.exp(without - highest))
    none *= CLEARLY
    return 1.0 - doubt * (1.0 - max(0.0, (some - none) / (some + none)))


def of_strays(doubt: float, distance: Floats) -> float:
    """Return how far strays are believed, from distances scaled by every judge's own noise."""
    more = gain(distance)
    return believed(doubt, np.array([np.log1p(share * more).sum() for share in _SHARES]), 0.0, _COMMON)


def of_spreads(doubt: float, excess: Floats, error: Floats) -> float:
    """Return how far unlike spreads are believed, from the judges' slopes less 1 and their variances."""
    variance = _SPREADS[:, None] ** 2
    surprise = np.log1p(variance / error) + excess**2 / (variance + error)
    return believed(doubt, -0.5 * surprise.sum(axis=1), -0.5 * float((excess**2 / error).sum()))
