from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.judging.outcomes import (
    NO_BAR,
    NO_EARLIER_STAR,
    Rules,
    Standing,
    further_reading,
    settle,
    stability,
)
from tiejun_awards.judging.rounding import exact_hundredths, half_up, hundredths

P1 = Rules((6000, 7000, 8000, 9000), lowest=1)


def points(*totals: str) -> np.ndarray:
    return np.array([exact_hundredths(Decimal(total)) for total in totals])


def test_a_total_of_92_50_is_five_stars_when_nothing_stands_against_it():
    total = points("88.50") + points("6") - points("2")  # worked example K1

    outcome = settle(total, P1, Standing(previous=np.array([4])))

    assert (total.tolist(), outcome.star.tolist()) == ([9250], [5])


def test_bands_are_half_open_and_compared_to_two_places():
    totals = points("89.99", "90", "89.995", "89.994", "79.99", "80", "60", "59.99")  # K3

    assert settle(totals, P1).star.tolist() == [4, 5, 5, 4, 3, 4, 2, 1]


def test_the_quota_is_rounded_down_and_never_below_one():
    thirty, ten = Rules(P1.floors, quota=Fraction(30, 100)), Rules(P1.floors, quota=Fraction(10, 100))  # K4

    assert [thirty.places(35), ten.places(35), ten.places(9), ten.places(1)] == [10, 3, 1, 1]


def test_a_quota_is_exact_where_a_binary_fraction_is_not():
    assert Rules(P1.floors, quota=Fraction("0.29")).places(100) == 29
    assert int(0.29 * 100) == 28


@pytest.mark.parametrize(
    ("previous", "total", "star"),
    [(3, "96", 4), (5, "84", 4), (5, "72", 3), (0, "96", 1), (4, "96", 5), (NO_EARLIER_STAR, "96", 5)],
)
def test_a_branch_climbs_one_star_a_year_and_may_fall_several(previous, total, star):
    assert settle(points(total), P1, Standing(previous=np.array([previous]))).star.tolist() == [star]  # K5


def test_an_approved_exception_lifts_the_promotion_limit():
    standing = Standing(previous=np.array([3, 3]), exempt=np.array([True, False]))

    assert settle(points("96", "96"), P1, standing).star.tolist() == [5, 4]


def test_a_first_rating_follows_its_own_rule():
    capped = Rules(P1.floors, lowest=1, first=3)
    standing = Standing(previous=np.array([NO_EARLIER_STAR, 4]))

    assert settle(points("96", "96"), capped, standing).star.tolist() == [3, 5]
    assert settle(points("96", "96"), P1, standing).star.tolist() == [5, 5]


def test_every_step_is_named_so_that_a_changed_star_can_be_explained():
    rules = Rules(P1.floors, lowest=1, quota=Fraction(1, 4))
    standing = Standing(bar=np.array([2, NO_BAR, NO_BAR, NO_BAR]), previous=np.array([5, 3, 4, 5]))

    outcome = settle(points("95", "94", "93", "92"), rules, standing)

    assert outcome.by_total.tolist() == [5, 5, 5, 5]
    assert outcome.after_bars.tolist() == [2, 5, 5, 5]
    assert outcome.after_promotion.tolist() == [2, 4, 5, 5]
    assert outcome.star.tolist() == [2, 4, 5, 4]


def test_a_barred_or_capped_branch_holds_no_place_of_the_quota():
    rules = Rules(P1.floors, lowest=1, quota=Fraction(1, 3))
    standing = Standing(bar=np.array([4, NO_BAR, NO_BAR]), previous=np.array([5, 3, 5]))

    assert settle(points("99", "98", "90"), rules, standing).star.tolist() == [4, 4, 5]


def test_ties_at_the_quota_line_go_by_failed_indicators_then_heaviest_then_vote():
    rules = Rules(P1.floors, lowest=1, quota=Fraction(1, 4))
    totals = points("92", "92", "92", "80")

    failed = Standing(failed=np.array([1, 0, 1, 0]))
    heaviest = Standing(failed=np.array([0, 0, 0, 0]), heaviest=np.array([900, 950, 1000, 0]))
    vote = Standing(vote=np.array([1, 2, 3, 0]))

    assert settle(totals, rules, failed).star.tolist() == [4, 5, 4, 4]
    assert settle(totals, rules, heaviest).star.tolist() == [4, 4, 5, 4]
    assert settle(totals, rules, vote).star.tolist() == [5, 4, 4, 4]


def test_a_tie_nothing_decides_stays_below_the_top_until_the_committee_votes():
    rules = Rules(P1.floors, lowest=1, quota=Fraction(2, 4))

    outcome = settle(points("95", "92", "92", "80"), rules)

    assert outcome.star.tolist() == [5, 4, 4, 4]
    assert outcome.undecided.tolist() == [False, True, True, False]


def test_a_tie_that_fits_inside_the_quota_needs_no_vote():
    outcome = settle(points("92", "92", "80", "80"), Rules(P1.floors, lowest=1, quota=Fraction(2, 4)))

    assert (outcome.star.tolist(), outcome.undecided.any()) == ([5, 5, 4, 4], False)


def test_totals_that_are_not_whole_hundredths_are_refused():
    with pytest.raises(TypeError, match="whole hundredths"):
        settle(np.array([90.0]), P1)


def test_floors_that_do_not_rise_are_refused():
    with pytest.raises(ValueError, match="rise"):
        Rules((7000, 6000))


@given(
    totals=st.lists(st.integers(5000, 10000), min_size=1, max_size=12),
    percent=st.integers(1, 100),
    seed=st.integers(0, 2**32 - 1),
)
def test_many_draws_are_settled_as_each_alone_and_by_nobodys_place_in_the_list(totals, percent, seed):
    random = np.random.default_rng(seed)
    rules = Rules(P1.floors, lowest=1, quota=Fraction(percent, 100), first=4)
    count = len(totals)
    draws = np.array([totals, random.permutation(totals), random.integers(8800, 9200, count)])
    standing = Standing(
        bar=random.choice([2, 4, NO_BAR], count),
        previous=random.integers(-1, 6, count),
        failed=random.integers(0, 2, count),
    )
    order = random.permutation(count)
    moved = Standing(
        *(None if v is None else v[order] for v in (standing.bar, standing.previous, None, standing.failed))
    )

    together = settle(draws, rules, standing)

    for draw, star in zip(draws, together.star, strict=True):
        assert settle(draw, rules, standing).star.tolist() == star.tolist()
    assert settle(draws[:, order], rules, moved).star.tolist() == together.star[:, order].tolist()
    assert ((together.star == 5).sum(axis=1) <= rules.places(count)).all()
    assert (together.star <= together.after_promotion).all()
    better_out = (together.after_promotion == 5) & (together.star == 4)
    for draw, star, out in zip(draws, together.star, better_out, strict=True):
        if out.any() and (star == 5).any():
            assert draw[star == 5].min() >= draw[out].max()


def test_stability_is_the_chance_of_the_chosen_to_be_among_the_best():
    draws = np.array([[3, 2, 1], [3, 1, 2], [1, 2, 3], [3, 2, 2]])

    assert stability(draws, [0, 1]) == pytest.approx((1.0 + 0.5 + 0.5 + 0.75) / 4)


def test_branches_for_a_further_reading_are_those_near_a_floor_or_disputed():
    totals = points("90.30", "85", "79.70", "60.31")

    reading = further_reading(np.array([5, 4, 3, 2]), np.array([5, 3, 3, 2]), totals, P1, band=30)

    assert (reading.disagree, reading.in_band, reading.branches) == ([1], [0, 2], [0, 1, 2])


def test_without_a_band_only_disputed_branches_are_read_again():
    reading = further_reading(np.array([5]), np.array([5]), points("90"), P1, band=0)

    assert reading.branches == []


@given(st.decimals(0, 120, places=4))
def test_measured_and_exact_rounding_agree(value):
    assert hundredths(np.array([float(value)])).tolist() == [exact_hundredths(value)]


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**4))
def test_half_up_is_exact(numerator, denominator):
    shared = Fraction(numerator, denominator)

    assert abs(Fraction(int(half_up(numerator, denominator))) - shared) <= Fraction(1, 2)
    assert Fraction(int(half_up(numerator, denominator))) - shared > -Fraction(1, 2)
