"""From totals to stars, by the written rules and in their written order.

1. the total against the floors; 2. bars cap the star; 3. at most one star above last year's, and the rule for first
ratings; 4. the quota on those STILL at the top star; 5. ties at the quota line by written criteria, never by row
order or chance. There is one copy of each rule. It works on whole hundredths, so nothing is ever compared as a
binary fraction, and on any number of leading axes, so that the same lines settle one cycle or a thousand draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .marks import AnyInts, Bools, Floats, Ints

NO_EARLIER_STAR = -1
"""Last year's star of a branch that was never rated. (0 is a rating: 不定级.)"""

NO_BAR = 99
"""Highest star of a branch without a bar."""

NO_VOTE = 0
"""Place in the committee's vote on a tie, where none was held."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the announcement fixed. Points are whole hundredths.

    `floors` rise; each one reached is a star more than `lowest`: P1 (90/80/70/60, below it one star) is
    `Rules((6000, 7000, 8000, 9000), lowest=1)`. Bands are half-open: 89.99 has not reached 90.
    `quota` is the share of the evaluated branches that may hold the top star, exact: `Fraction(30, 100)`.
    `climb` is how many stars a branch may gain in a year, `first` the highest star of a first rating; None: no limit.
    """

    floors: tuple[int, ...]
    lowest: int = 0
    quota: Fraction | None = None
    climb: int | None = 1
    first: int | None = None

    def __post_init__(self) -> None:
        if not self.floors or any(low >= high for low, high in zip(self.floors, self.floors[1:], strict=False)):
            raise ValueError("floors must rise")
        if self.quota is not None and not 0 <= self.quota <= 1:
            raise ValueError("the quota is a share between 0 and 1")

    @property
    def top(self) -> int:
        """The highest star there is."""
        return self.lowest + len(self.floors)

    def places(self, evaluated: int) -> int:
        """Return how many of the evaluated branches may hold the top star: rounded down, at least one."""
        if self.quota is None:
            return evaluated
        return max(1, self.quota.numerator * evaluated // self.quota.denominator)


@dataclass(frozen=True, slots=True)
class Standing:
    """What else than the total decides, one entry a branch; None means that nothing is known against anyone.

    `bar` is the highest star a bar allows, `previous` last year's star, `exempt` whether an approved exception lifts
    the promotion limit. For ties: `failed` counts indicators failed, `heaviest` is the value (hundredths) on the
    heaviest indicator, `vote` the place in the committee's vote on the tie (1 first).
    """

    bar: AnyInts | None = None
    previous: AnyInts | None = None
    exempt: Bools | None = None
    failed: AnyInts | None = None
    heaviest: AnyInts | None = None
    vote: AnyInts | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The star after each rule, each of the totals' shape: comparing two neighbours names the rule that changed it.

    `undecided` marks branches tied across the quota line that no written criterion separates; until the committee
    has voted they stay below the top star.
    """

    by_total: Ints
    after_bars: Ints
    after_promotion: Ints
    star: Ints
    undecided: Bools


def settle(totals: AnyInts, rules: Rules, standing: Standing | None = None, *, evaluated: int | None = None) -> Outcome:
    """Apply the rules to totals in whole hundredths, shape (..., branches).

    `evaluated` is the number of branches the quota is a share of, by default all of them.
    """
    standing = standing or Standing()
    totals = np.asarray(totals)
    if not np.issubdtype(totals.dtype, np.integer):
        raise TypeError("totals are whole hundredths; round them first")
    by_total = stars(totals, rules)
    after_bars = barred(by_total, standing.bar)
    after_promotion = promoted(after_bars, rules, standing.previous, standing.exempt)
    branches = totals.shape[-1]
    places = rules.places(branches if evaluated is None else evaluated)
    order = _tie_order(standing, branches)
    keeps, undecided = within_quota(totals, after_promotion == rules.top, places, order)
    star = np.where((after_promotion == rules.top) & ~keeps, rules.top - 1, after_promotion)
    return Outcome(by_total, after_bars, after_promotion, star, undecided)


def stars(totals: AnyInts, rules: Rules) -> Ints:
    """Count the floors each total has reached."""
    reached = np.searchsorted(np.asarray(rules.floors), totals, side="right")
    return np.asarray(reached, dtype=np.int64) + rules.lowest


def barred(star: Ints, bar: AnyInts | None) -> Ints:
    """Cap each star by what its branch's bar allows."""
    return star if bar is None else np.minimum(star, np.asarray(bar, dtype=np.int64))


def promoted(star: Ints, rules: Rules, previous: AnyInts | None, exempt: Bools | None = None) -> Ints:
    """Cap each star by last year's and the climb allowed, or by the rule for first ratings."""
    if previous is None:
        return star
    none = np.iinfo(np.int64).max
    before = np.asarray(previous, dtype=np.int64)
    climb = before + rules.climb if rules.climb is not None else np.full(before.shape, none)
    limit = np.where(before == NO_EARLIER_STAR, none if rules.first is None else rules.first, climb)
    if exempt is not None:
        limit = np.where(exempt, none, limit)
    return np.minimum(star, limit)


def within_quota(totals: AnyInts, candidate: Bools, places: int, tie_order: AnyInts) -> tuple[Bools, Bools]:
    """Return who of the candidates gets one of the places, and whose tie across the line nothing decides.

    The better total goes first, among equals the lower `tie_order`. Shapes as `totals`; `tie_order` by branch.
    """
    branches = totals.shape[-1]
    if places >= branches:
        return candidate, np.zeros_like(candidate)
    key = totals.astype(np.int64) * (branches + 1) - tie_order
    lowest = np.iinfo(np.int64).min
    ranked = np.sort(np.where(candidate, key, lowest), axis=-1)
    first_out = ranked[..., branches - places - 1, None]  # the best key that finds no place
    keeps = candidate & (key > first_out)
    undecided = candidate & (key == first_out) & (ranked[..., branches - places, None] == first_out)
    return keeps, undecided


def _tie_order(standing: Standing, branches: int) -> Ints:
    """Return the place of each branch among equal totals; equal criteria share a place."""
    nothing = np.zeros(branches, dtype=np.int64)
    columns = np.stack(
        [
            nothing if standing.failed is None else np.asarray(standing.failed),
            nothing if standing.heaviest is None else -np.asarray(standing.heaviest),
            nothing if standing.vote is None else np.asarray(standing.vote),
        ],
        axis=1,
    )
    _, place = np.unique(columns, axis=0, return_inverse=True)
    return np.asarray(place, dtype=np.int64).reshape(branches)


def stability(draws: AnyInts | Floats, chosen: Sequence[int] | Ints) -> float:
    """Return the mean chance of the chosen branches to be in the top k (k of them) over draws, shape (draws, branches).

    Equal draws at the line share its places.
    """
    values = np.asarray(draws)
    picked = np.asarray(chosen, dtype=np.int64)
    if picked.size == 0 or picked.size == values.shape[1]:
        return 1.0
    line = np.partition(values, -picked.size, axis=1)[:, -picked.size, None]
    above = values > line
    level = values == line
    share = (picked.size - above.sum(axis=1, keepdims=True)) / level.sum(axis=1, keepdims=True)
    return float((above + level * share)[:, picked].mean())


@dataclass(frozen=True, slots=True)
class FurtherReading:
    """Branches to be read once more before publication, by number, and why; a branch can be in both lists."""

    disagree: list[int]
    in_band: list[int]

    @property
    def branches(self) -> list[int]:
        """All of them, each once, in rising order."""
        return sorted({*self.disagree, *self.in_band})


def further_reading(announced: Ints, check: Ints, totals: AnyInts, rules: Rules, *, band: int) -> FurtherReading:
    """List branches whose star differs between the announced method and the check, or that lie near a floor.

    `announced` and `check` are stars, `totals` the announced totals in hundredths; a total lies in the band when it
    is at most `band` hundredths away from a floor, on either side. A band of 0 or less is no band.
    """
    away = np.abs(np.asarray(totals)[:, None] - np.asarray(rules.floors)).min(axis=1)
    near = away <= band if band > 0 else np.zeros(away.shape, dtype=np.bool_)
    return FurtherReading(np.flatnonzero(announced != check).tolist(), np.flatnonzero(near).tolist())
