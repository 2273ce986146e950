"""The total, the method, new branches, medians, and the sentence beside a star: pure."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.decisions.rules import Kind
from tiejun_awards.judging.outcomes import Rules, settle
from tiejun_awards.ratings import rules
from tiejun_awards.ratings.rules import Method, Parts, Shape, State, Terms, total
from tiejun_awards.shared.errors import Refused
from tiejun_awards.shared.periods import Quarter

TERMS = Terms((6000, 7000, 8000, 9000), 30, 1, 5, 12, 1000, 7, 5)


def test_worked_example_k1_points_with_bonus_and_deduction_gives_five_stars():
    found = total(Parts(judged=Fraction(1850), given=7000, bonus=600, deducted=200), bonus_cap=1000)

    assert found == 9250
    assert settle_one(found, previous=4) == 5


def test_worked_example_k2_seventy_thirty():
    parts = Parts(given=9500, survey=Fraction(9000), deducted=300)

    assert total(parts, bonus_cap=1000, shape=Shape.WEIGHTED) == 9140
    assert settle_one(9140, previous=4) == 5


def settle_one(points: int, *, previous: int) -> int:
    import numpy as np

    from tiejun_awards.judging.outcomes import Standing

    rules_ = Rules(TERMS.floors, lowest=rules.LOWEST, climb=1)
    return int(settle(np.array([points]), rules_, Standing(previous=np.array([previous]))).star[0])


@pytest.mark.parametrize(
    ("points", "previous", "star"), [(8999, 4, 4), (9000, 4, 5), (9600, 3, 4), (8400, 5, 4), (7200, 5, 3)]
)
def test_worked_examples_k3_and_k5_bands_are_half_open_and_stars_climb_one_a_year(points, previous, star):
    assert settle_one(points, previous=previous) == star


def test_a_bonus_is_capped_and_a_total_never_falls_below_nothing():
    assert total(Parts(given=8000, bonus=1500), bonus_cap=1000) == 9000
    assert total(Parts(given=100, deducted=500), bonus_cap=1000) == 0


def test_the_total_is_rounded_half_up_once():
    # 1850 + 1/2 hundredth: the judged part alone would be rounded to the same; the sum is rounded, not the parts.
    assert total(Parts(judged=Fraction(3701, 2), given=1), bonus_cap=0) == 1852
    assert total(Parts(judged=Fraction(3699, 2)), bonus_cap=0) == 1850
    assert rules.half_up(Fraction(1, 3)) == 0


@given(st.lists(st.fractions(0, 1000), min_size=1, max_size=8))
def test_parts_rounded_to_add_up_stay_within_one_of_themselves(parts):
    whole = rules.half_up(sum(parts, Fraction(0)))

    rounded = rules.adding_up(parts, whole)

    assert sum(rounded) == whole or whole < sum(part.numerator // part.denominator for part in parts)
    assert all(abs(part - number) <= 1 for part, number in zip(parts, rounded, strict=True))


def test_parts_that_add_up_give_the_rest_to_the_largest_remainder():
    assert rules.adding_up([Fraction(5, 3), Fraction(4, 3), Fraction(3)], 6) == [2, 1, 3]


@pytest.mark.parametrize(
    ("judges", "sheets", "method"),
    [(7, 5, Method.TRIMMED), (6, 6, Method.MEAN), (7, 4, Method.MEAN), (9, 9, Method.TRIMMED)],
)
def test_the_method_needs_both_enough_judges_and_enough_sheets_for_every_branch(judges, sheets, method):
    assert rules.method_of(TERMS, judges, sheets) is method


def test_the_page_says_which_method_holds_and_why():
    assert rules.method_sentence(TERMS, 7, 4) == (
        "公告的规则：评委不少于 7 名、且每个支部至少有 5 份已签名评分表时，去掉最高、最低各一份再平均；否则全部平均。"
        "本轮评委 7 名，评分表最少的支部有 4 份，所以全部评分表平均，所有支部一样。"
    )


def test_terms_are_read_back_as_they_were_frozen():
    assert Terms.from_json(TERMS.as_json()) == TERMS


@pytest.mark.parametrize(
    ("values", "middle"), [([], 0), ([5], 5), ([1, 9, 5], 5), ([1, 2], 2), ([8800, 8811], 8806), ([1, 2, 3, 4], 3)]
)
def test_the_median_of_two_is_rounded_half_up(values, middle):
    assert rules.median(values) == middle


@pytest.mark.parametrize(
    ("founded", "new"),
    [
        (None, False),
        (date(2025, 10, 1), True),
        (date(2025, 9, 30), False),
        (date(2026, 9, 1), True),
        (date(2020, 1, 1), False),
    ],
)
def test_a_branch_younger_than_twelve_months_at_the_end_is_new(founded, new):
    assert rules.is_new(founded, date(2026, 9, 30), 12) is new
    assert rules.is_new(founded, date(2026, 9, 30), 0) is False


def test_an_indicator_below_sixty_percent_is_failed():
    assert [rules.failed(got, 400) for got in (239, 240, 241)] == [True, False, False]


def test_a_cycle_looks_at_four_quarters():
    assert [quarter.code for quarter in rules.quarters_of(Quarter(2026, 1))] == ["2025Q2", "2025Q3", "2025Q4", "2026Q1"]


@pytest.mark.parametrize(
    ("kind", "state", "sentence"),
    [
        (Kind.NOTICE, State.SCORING, "公示在“评分结束”以后登记，现在是“评分中”。"),
        (Kind.SURVEY, State.DRAFTED, "党员群众测评在“已公告”以后登记，现在是“起草”。"),
        (Kind.NOTICE, State.PUBLISHED, "结果已经公布，不能再登记或撤下。"),
        (Kind.PERSONNEL, State.CLOSED, "星级评定里没有这一步。"),
    ],
)
def test_steps_are_registered_in_their_time(kind, state, sentence):
    with pytest.raises(Refused) as refused:
        rules.not_before(kind, state)

    assert refused.value.sentence == sentence
    rules.not_before(Kind.SURVEY, State.SCORING)


def why(**values):
    filled = {
        **{"total": "92.50", "by_total": 5, "after_bars": 5, "after_promotion": 5, "star": 5},
        **{"previous": 5, "bar": "", "undecided": False},
        **values,
    }
    return rules.why_star(**filled)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "按档线。"),
        ({"by_total": 3, "after_bars": 3, "after_promotion": 3, "star": 3}, "按档线，比上年降2星。"),
        (
            {"after_bars": 2, "after_promotion": 2, "star": 2, "bar": "被认定为软弱涣散党组织（1号）"},
            "92.50 分达到五星级；被认定为软弱涣散党组织（1号），最高评二星级。",
        ),
        ({"after_bars": 0, "after_promotion": 0, "star": 0, "bar": "弄虚作假（1号）"}, "弄虚作假（1号），不定级。"),
        (
            {"after_promotion": 4, "star": 4, "previous": 3},
            "92.50 分达到五星级，上年三星级，一年最多升一星，评四星级。",
        ),
        ({"after_promotion": 3, "star": 3, "previous": -1}, "首次评定，最高评三星级。"),
        ({"star": 4}, "达到五星级，但五星级名额已满，评四星级。"),
        ({"star": 4, "undecided": True}, "与名额线上的支部同分，书面规则分不出先后，待机关党委表决。"),
    ],
)
def test_the_sentence_beside_a_star_names_the_rule_that_changed_it(values, sentence):
    assert why(**values) == sentence
