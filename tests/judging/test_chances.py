from fractions import Fraction

import numpy as np
import pytest

from tiejun_awards.judging.chances import draw_scores, star_chances
from tiejun_awards.judging.outcomes import NO_BAR, Rules, Standing, settle
from tiejun_awards.judging.rounding import hundredths
from tiejun_awards.judging.standings import fair_scores

from .committees import committee, from_totals

RULES = Rules((5800, 6600, 7400, 8200), lowest=1, quota=Fraction(1, 5))


def test_chances_of_all_stars_sum_to_one_and_the_seed_recomputes_them():
    standings = fair_scores(*committee(1, each=3))

    one, other = (star_chances(standings, RULES, seed=7) for _ in range(2))

    assert one.star.sum(axis=0) == pytest.approx(np.ones(20))
    assert one.star.tolist() == other.star.tolist()
    assert star_chances(standings, RULES, seed=8).star.tolist() != one.star.tolist()


def test_the_rules_hold_in_every_draw():
    standings = fair_scores(*committee(1, each=3))
    standing = Standing(bar=np.array([2] + [NO_BAR] * 19), previous=np.array([5, 3] + [5] * 18))

    chances = star_chances(standings, RULES, seed=1, standing=standing)

    assert chances.star[3:, 0].sum() == 0
    assert chances.star[5, 1] == 0
    assert (settle(chances.totals, RULES, standing).star == 5).sum(axis=1).max() <= 4


def test_what_is_not_judged_is_added_exactly():
    standings = fair_scores(*committee(1))
    rest = np.full(20, 7900)

    chances = star_chances(standings, RULES, seed=1, rest=rest, points=21.0)

    expected = hundredths(draw_scores(standings, draws=1000, seed=1) * 0.21) + 7900
    assert chances.totals.tolist() == expected.tolist()


def test_draws_scatter_as_widely_as_the_standard_error_says():
    standings = fair_scores(*committee(3, judges=9, subjects=40, each=5))

    draws = draw_scores(standings, draws=4000, seed=1)

    ratio = draws.std(axis=0) / standings.standard_error
    assert 0.7 < np.median(ratio) < 1.1
    assert np.abs(draws.mean(axis=0) - standings.score).max() < 3


def test_the_chosen_of_a_clear_field_are_stable():
    table = [[60 + 5 * i for i in range(8)]] * 5
    standings = fair_scores(*from_totals(table))

    chances = star_chances(standings, RULES, seed=1)

    assert chances.of_top(np.array([6, 7])) > 0.99
    assert chances.of(settle(hundredths(standings.score), RULES).star).min() > 0.5


def test_too_few_judges_leave_every_star_open():
    standings = fair_scores(*from_totals([[80, 74, 61]]))

    chances = star_chances(standings, RULES, seed=1)

    assert chances.of(settle(hundredths(standings.score), RULES).star).max() < 0.9
