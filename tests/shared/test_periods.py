from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.shared.periods import Quarter, last_ended_quarter, reporting_quarter

FIRST_2020 = Quarter(2020, 1)
QUARTERS = st.builds(Quarter, st.integers(2, 9998), st.integers(1, 4))


def due_of(quarter: Quarter) -> date:
    """The 13th of the month after, as for the first quarter of 2020."""
    return quarter.next().first_day.replace(day=13)


def test_a_quarter_says_its_name_and_its_days():
    quarter = Quarter(2026, 1)

    said = (quarter.label, quarter.short_label, quarter.code, quarter.months, quarter.first_day, quarter.last_day)
    assert said == ("2026年第一季度", "一季度", "2026Q1", (1, 2, 3), date(2026, 1, 1), date(2026, 3, 31))


def test_the_four_quarters_of_a_year_have_names_of_their_own():
    labels = [Quarter(2026, number).short_label for number in (1, 2, 3, 4)]

    assert labels == ["一季度", "二季度", "三季度", "四季度"]


@given(QUARTERS)
def test_a_quarter_is_followed_by_the_next_without_a_gap(quarter: Quarter):
    assert quarter.next().first_day == quarter.last_day + timedelta(days=1)


@given(QUARTERS)
def test_next_and_previous_undo_each_other(quarter: Quarter):
    assert (quarter.next().previous(), quarter.previous().next()) == (quarter, quarter)


@given(QUARTERS)
def test_a_code_is_read_back_as_the_quarter_it_was_written_for(quarter: Quarter):
    assert Quarter.from_code(quarter.code) == quarter


@given(QUARTERS, QUARTERS)
def test_quarters_and_their_codes_sort_in_time(one: Quarter, other: Quarter):
    in_time = one.first_day < other.first_day

    assert (one < other, one.code < other.code) == (in_time, in_time)


@given(st.dates())
def test_every_day_lies_in_exactly_the_quarter_it_belongs_to(day: date):
    quarter = Quarter.of(day)

    assert quarter.first_day <= day <= quarter.last_day
    assert [day in Quarter(day.year, number) for number in (1, 2, 3, 4)].count(True) == 1
    assert day.month in quarter.months


@pytest.mark.parametrize(
    ("year", "number", "sentence"),
    [
        (2026, 0, "一年只有四个季度，没有第0季度"),
        (2026, 5, "一年只有四个季度，没有第5季度"),
        (0, 1, "没有0年这个年度"),
        (10000, 1, "没有10000年这个年度"),
    ],
)
def test_an_impossible_quarter_is_refused_with_a_sentence(year: int, number: int, sentence: str):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        Quarter(year, number)


def test_the_calendar_ends_with_a_sentence_not_with_a_crash():
    with pytest.raises(ValueError, match="没有10000年这个年度"):
        Quarter(9999, 4).next()
    with pytest.raises(ValueError, match="没有0年这个年度"):
        Quarter(1, 1).previous()


@pytest.mark.parametrize(
    "code", ["", "2026", "2026Q5", "2026q1", " 2026Q1", "2026Q1\n", "２０２６Q1", "26Q1", "2026Q1" * 50]
)
def test_a_wrong_code_is_refused_with_a_short_sentence(code: str):
    with pytest.raises(ValueError, match="看不懂季度") as refusal:
        Quarter.from_code(code)

    assert len(str(refusal.value)) < 50


def test_year_nought_is_no_quarter_although_it_has_four_digits():
    with pytest.raises(ValueError, match="没有0年这个年度"):
        Quarter.from_code("0000Q1")


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2020, 4, 1), Quarter(2020, 1)),
        (date(2020, 4, 13), Quarter(2020, 1)),
        (date(2020, 4, 14), Quarter(2020, 2)),
        (date(2020, 6, 30), Quarter(2020, 2)),
        (date(2020, 7, 1), Quarter(2020, 2)),
        (date(2021, 1, 3), Quarter(2020, 4)),
    ],
)
def test_the_last_quarter_is_reported_until_its_due_day_has_passed(today: date, expected: Quarter):
    assert reporting_quarter(today, due_of) == expected


def test_a_quarter_has_not_ended_on_its_last_day():
    assert last_ended_quarter(date(2020, 3, 31)) == Quarter(2019, 4)
    assert last_ended_quarter(date(2020, 4, 1)) == FIRST_2020


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_the_reporting_quarter_never_goes_back_as_days_pass(today: date):
    assert reporting_quarter(today, due_of) <= reporting_quarter(today + timedelta(days=1), due_of)
