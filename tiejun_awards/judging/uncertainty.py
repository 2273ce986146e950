"""How sure the scores are: standard errors, and joint draws of what the true levels may be.

The levels of two subjects marked by the same judges are uncertain together, through those judges' severities. Their
covariance S⁻¹ is worked out exactly for every connected part of up to 1,200 judges; above that only its diagonal.
"""

from dataclasses import dataclass

import numpy as np

from .layout import Layout
from .marks import Floats, Ints
from .model import Fit
from .solve import Equations

EXACT_JUDGES = 1200
STEADY_PRIOR = 6.0
"""Sheets a judge's noise is as well known as before any of his own is looked at: what is usual for the others."""

_PAIRS_AT_ONCE = 1 << 21


@dataclass(frozen=True, slots=True)
class Covariance:
    """S⁻¹ as one flat array of square blocks, a block a connected part; `place` and `start` find a judge's row.

    A part too large for a block has `width` 0 and only `diagonal`.
    """

    flat: Floats
    start: Ints  # by judge: where the judge's row begins in `flat`
    place: Ints  # by judge: the judge's column in the block
    width: Ints  # by judge: columns of the block
    diagonal: Floats

    def between(self, one: Ints, other: Ints) -> Floats:
        """Return the covariances of pairs of judges of the same part."""
        entry = np.where(one == other, self.diagonal[one], 0.0)
        exact = self.width[one] > 0
        entry[exact] = self.flat[self.start[one[exact]] + self.place[other[exact]]]
        return entry

    def sums(self) -> Floats:
        """Return the covariance of each judge's severity with the sum of all."""
        total = self.diagonal.copy()
        exact = np.flatnonzero(self.width > 0)
        if exact.size:
            rows = exact[np.argsort(self.start[exact])]
            total[rows] = np.add.reduceat(self.flat, self.start[rows])
        return total

    def draw(self, random: np.random.Generator, draws: int) -> Floats:
        """Return draws of the severities' errors, shape (judges, draws)."""
        normal = random.standard_normal((self.diagonal.size, draws))
        drawn = np.sqrt(self.diagonal)[:, None] * normal
        for first in np.unique(self.start[(self.width > 0) & (self.place == 0)]):
            members = np.flatnonzero((self.width > 0) & (self.start - self.place * self.width == first))
            size = members.size
            block = self.flat[first : first + size * size].reshape(size, size)
            drawn[members] = np.linalg.cholesky(block) @ normal[members]
        return drawn


def covariance(equations: Equations, part: Ints) -> Covariance:
    """Invert S part by part; `part` numbers the connected part of every judge."""
    judges = part.size
    diagonal = 1.0 / equations.diagonal()
    start, place, width = (np.zeros(judges, dtype=np.int64) for _ in range(3))
    blocks: list[Floats] = []
    filled = 0
    sizes = np.bincount(part)
    cross = mean = None
    for number in np.flatnonzero(sizes <= EXACT_JUDGES):
        if cross is None or mean is None:
            root = np.sqrt(equations.subject_precision)[equations.layout.subject]
            cross = equations.table(equations.cross / root)
            mean = equations.table(equations.layout.share)
        members = np.flatnonzero(part == number)
        own, told = cross[:, members], mean[:, members]
        block = (equations.tie * (told.T @ told) - own.T @ own).toarray()
        block[np.diag_indices_from(block)] += equations.judge_precision[members]
        inverse = np.linalg.inv(block)
        place[members] = np.arange(members.size)
        start[members] = filled + place[members] * members.size
        width[members] = members.size
        diagonal[members] = np.diag(inverse)
        blocks.append(inverse.ravel())
        filled += inverse.size
    return Covariance(np.concatenate(blocks) if blocks else np.zeros(0), start, place, width, diagonal)


def standard_errors(found: Fit, shared: Covariance) -> Floats:
    """Return the standard error of every subject's score: own noise, the judges' severities, the judges' spreads.

    It is the error on this committee's scale, as the thresholds are: what its severities have in common is taken out.
    """
    layout = found.layout
    judge, subject = layout.judge, layout.subject
    cross = found.precision * found.spread[judge]
    own = layout.by_subject(cross * found.spread[judge])
    share = cross / own[subject]
    stretch = (found.level - found.middle)[subject] ** 2 * found.spread_error[judge]
    variance = (1.0 + guessed_weights(found)) / own + layout.by_subject(share * share * stretch)
    return np.sqrt(variance + np.maximum(_quadratic(layout, share, shared) - _in_common(layout, share, shared), 0.0))


def guessed_weights(found: Fit) -> Floats:
    """Return by how much of itself each subject's own variance grows because the weights of its sheets are estimates.

    4 Σ f (1 - f) / ν with f a sheet's share of the weight and ν the freedom of its judge's noise (Meier 1953, Variance of
    a weighted mean, Biometrics 9). Where the judges are taken to be alike the weights are no estimates.
    """
    layout = found.layout
    weight = found.precision * found.spread[layout.judge] ** 2
    part = weight / layout.by_subject(weight)[layout.subject]
    free = STEADY_PRIOR + layout.by_judge(found.weight * (1.0 - found.leverage))
    return 4.0 * found.belief.steadiness * layout.by_subject(part * (1.0 - part) / free[layout.judge])


def _in_common(layout: Layout, share: Floats, shared: Covariance) -> Floats:
    """Return how much of x' S⁻¹ x is the error of the mean severity, which no mark can show."""
    sums = shared.sums()
    judges = sums.size
    weight = layout.by_subject(share) / judges
    return weight * (2.0 * layout.by_subject(share * sums[layout.judge]) - weight * float(sums.sum()))


def _quadratic(layout: Layout, share: Floats, shared: Covariance) -> Floats:
    """Return x' S⁻¹ x for each subject, x being the shares of its sheets."""
    sizes = np.diff(np.append(layout.first, layout.subject.size))
    total = np.empty(layout.subjects)
    ends = np.cumsum(sizes * sizes)
    low = 0
    while low < layout.subjects:
        done = int(ends[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(ends, done + _PAIRS_AT_ONCE)))
        size = sizes[low:high]
        sheet = np.arange(layout.first[low], layout.first[low] + int(size.sum()))
        left = np.repeat(sheet, np.repeat(size, size))
        again = np.repeat(size, size)
        right = np.arange(left.size) - np.repeat(np.cumsum(again) - again, again)
        right += np.repeat(np.repeat(layout.first[low:high], size), again)
        pair = share[left] * share[right] * shared.between(layout.judge[left], layout.judge[right])
        squares = size * size
        total[low:high] = np.add.reduceat(pair, np.cumsum(squares) - squares)
        low = high
    return np.maximum(total, 0.0)


def draw_levels(found: Fit, shared: Covariance, *, draws: int, seed: int) -> Floats:
    """Return joint draws of the subjects' levels given all marks, shape (draws, subjects), within 0..100.

    They are on this committee's scale, as the thresholds are: what its severities have in common is taken out.
    """
    random = np.random.default_rng(seed)
    equations = found.equations()
    freedom = found.degrees_of_freedom
    width = np.sqrt(freedom / random.chisquare(freedom, draws))
    unsure = np.sqrt((1.0 + guessed_weights(found)) / equations.subject_precision)
    own = random.standard_normal((found.layout.subjects, draws)) * unsure[:, None]
    severity = shared.draw(random, draws)
    severity -= severity.mean(axis=0)
    lifted = (equations.table(equations.cross) @ severity) / equations.subject_precision[:, None]
    levels: Floats = np.clip(found.level[:, None] + width * (own + lifted), 0.0, 100.0).T
    return levels
