"""How likely each star is: the written rules applied to every joint draw of what the true totals may be."""

from dataclasses import dataclass

import numpy as np

from . import uncertainty
from .marks import Floats, Ints
from .outcomes import Rules, Standing, settle, stability
from .rounding import hundredths
from .standings import Standings

DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Chances:
    """`star[s, i]` is the chance of star s (0 to the top) for subject code i; `totals` are the draws behind it.

    Shapes (stars, subjects) and (draws, subjects); totals in whole hundredths.
    """

    star: Floats
    totals: Ints

    def of(self, stars: Ints) -> Floats:
        """Return the chance of the star given for each subject."""
        chance: Floats = self.star[np.asarray(stars), np.arange(self.star.shape[1])]
        return chance

    def of_top(self, chosen: Ints) -> float:
        """Return the mean chance of the chosen subjects to be among as many of the best."""
        return stability(self.totals, chosen)


def star_chances(
    standings: Standings,
    rules: Rules,
    *,
    seed: int,
    standing: Standing | None = None,
    rest: Ints | None = None,
    points: float = 100.0,
    draws: int = DRAWS,
) -> Chances:
    """Return the chance of every star for every subject; the seed is the evaluation's id, so it can be recomputed.

    The judged part is drawn (worth `points` in the total); `rest` (facts, verified values, bonus and deductions, in
    hundredths) is added exactly.
    """
    totals = hundredths(draw_scores(standings, draws=draws, seed=seed) * (points / 100.0))
    if rest is not None:
        totals = totals + np.asarray(rest, dtype=np.int64)
    star = settle(totals, rules, standing).star
    share = np.array([(star == value).mean(axis=0) for value in range(0, rules.top + 1)])
    return Chances(share, totals)


def draw_scores(standings: Standings, *, draws: int, seed: int) -> Floats:
    """Return joint draws of the true scores, shape (draws, subject codes)."""
    model, shared = standings.model, standings.shared
    random = np.random.default_rng([seed, 1])
    normal = random.standard_normal((draws, standings.score.size))
    width = np.sqrt(standings.degrees_of_freedom / random.chisquare(standings.degrees_of_freedom, normal.shape))
    drawn = np.clip(standings.score + standings.standard_error * width * normal, 0.0, 100.0)
    if model is not None and shared is not None:
        drawn[:, model.layout.subject_codes] = uncertainty.draw_levels(model, shared, draws=draws, seed=seed)
    return drawn
