"""Working days. The two worked examples of 2020 were computed by hand from that year's arrangement."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tiejun_awards.shared.calendar import MOST_WORKING_DAYS, Counted, Dated, DayTable, SpecialDay, told

QINGMING = {date(2020, 4, day): SpecialDay(works=False, name="清明节") for day in (4, 5, 6)}
LABOUR_DAY = {date(2020, 5, day): SpecialDay(works=False, name="劳动节") for day in (1, 2, 3, 4, 5)}
MADE_UP = {day: SpecialDay(works=True, name="劳动节") for day in (date(2020, 4, 26), date(2020, 5, 9))}
IN_2020 = DayTable(frozenset({2020}), QINGMING | LABOUR_DAY | MADE_UP)
NOTHING_KNOWN = DayTable()

DAYS = st.dates(date(2020, 1, 1), date(2023, 12, 31))
TABLES = st.builds(
    DayTable,
    st.frozensets(st.integers(2020, 2023)),
    st.dictionaries(DAYS, st.builds(SpecialDay, st.booleans()), max_size=40),
)
FEW = st.integers(1, 60)


def test_a_notice_of_five_working_days_counts_its_first_day_and_the_made_up_saturday():
    assert IN_2020.nth_working_day(date(2020, 4, 30), 5, counting_start=True) == Dated(date(2020, 5, 9))


def test_the_report_of_the_first_quarter_of_2020_is_due_on_13_april():
    assert IN_2020.nth_working_day(date(2020, 3, 31), 8) == Dated(date(2020, 4, 13))


def test_a_report_of_14_april_is_one_working_day_late():
    assert IN_2020.working_days_between(date(2020, 4, 13), date(2020, 4, 14)) == Counted(1)


def test_on_friday_a_thing_due_on_wednesday_has_three_working_days_left():
    friday, wednesday = date(2020, 4, 17), date(2020, 4, 22)

    assert IN_2020.working_days_between(friday, wednesday) == Counted(3)


def test_on_the_due_day_no_working_day_is_left():
    assert IN_2020.working_days_between(date(2020, 4, 13), date(2020, 4, 13)) == Counted(0)


def test_what_comes_on_the_weekend_after_a_friday_is_late_by_no_working_day():
    assert IN_2020.working_days_between(date(2020, 4, 17), date(2020, 4, 19)) == Counted(0)


def test_after_the_due_day_the_working_days_left_are_negative():
    assert IN_2020.working_days_between(date(2020, 4, 15), date(2020, 4, 13)) == Counted(-2)


def test_a_first_day_that_is_not_worked_is_not_counted():
    saturday = date(2020, 4, 11)

    assert IN_2020.nth_working_day(saturday, 1, counting_start=True) == Dated(date(2020, 4, 13))


def test_in_a_year_nobody_knows_monday_to_friday_count_and_the_date_says_so():
    due = IN_2020.nth_working_day(date(2026, 12, 31), 8)

    assert due == Dated(date(2027, 1, 12), provisional=True)
    assert (due.label, due.note) == ("2027年1月12日（暂按周一至周五推算）", "暂按周一至周五推算")


def test_a_date_in_a_known_year_says_nothing_more():
    due = Dated(date(2020, 4, 13))

    assert (due.label, due.note) == ("2020年4月13日", "")


def test_one_unknown_day_on_the_way_makes_a_count_provisional():
    new_year_eve, new_year = date(2020, 12, 31), date(2021, 1, 1)

    assert IN_2020.working_days_between(date(2020, 12, 30), new_year_eve) == Counted(1)
    assert IN_2020.working_days_between(date(2020, 12, 30), new_year) == Counted(2, provisional=True)
    assert IN_2020.working_days_between(new_year, date(2020, 12, 30)) == Counted(-2, provisional=True)
    assert (Counted(2, provisional=True).note, Counted(2).note) == ("暂按周一至周五推算", "")


def test_the_start_that_is_not_counted_is_not_looked_at():
    assert IN_2020.nth_working_day(date(2019, 12, 31), 1) == Dated(date(2020, 1, 1))
    assert IN_2020.nth_working_day(date(2019, 12, 31), 1, counting_start=True) == Dated(
        date(2019, 12, 31), provisional=True
    )


def test_the_offices_own_days_win_and_make_their_year_known():
    new_year = {date(2021, 1, 1): SpecialDay(works=False, name="元旦"), date(2020, 5, 9): SpecialDay(works=False)}

    table = IN_2020.with_entries(new_year, years=[2021])

    assert table.known_years == {2020, 2021}
    assert table.nth_working_day(date(2020, 12, 31), 1) == Dated(date(2021, 1, 4))
    assert not table.is_working_day(date(2020, 5, 9))
    assert IN_2020.is_working_day(date(2020, 5, 9))


def test_a_single_day_entered_is_certain_and_leaves_its_year_unknown():
    table = NOTHING_KNOWN.with_entries({date(2027, 1, 4): SpecialDay(works=True)})

    assert (table.is_known(date(2027, 1, 4)), table.is_known(date(2027, 1, 5))) == (True, False)
    assert table.nth_working_day(date(2027, 1, 3), 1) == Dated(date(2027, 1, 4))
    assert table.nth_working_day(date(2027, 1, 3), 2) == Dated(date(2027, 1, 5), provisional=True)


def test_a_table_does_not_change_with_what_it_was_made_from():
    days = {date(2020, 4, 6): SpecialDay(works=False)}
    table = DayTable(frozenset({2020}), days)

    days.clear()

    assert not table.is_working_day(date(2020, 4, 6))
    with pytest.raises(TypeError):
        table.exceptions[date(2020, 4, 7)] = SpecialDay(works=False)  # type: ignore[index]
    assert hash(table) == hash(DayTable(frozenset({2020})))


@pytest.mark.parametrize("n", [0, -1, MOST_WORKING_DAYS + 1, 10**9])
def test_a_senseless_number_of_working_days_is_refused(n: int):
    with pytest.raises(ValueError, match=f"^工作日天数应为1至1000，不能是{n}$"):
        IN_2020.nth_working_day(date(2020, 4, 1), n)


def test_a_table_on_which_nobody_ever_works_ends_the_search_with_a_sentence():
    never = {date(2020, 1, 1) + timedelta(days=n): SpecialDay(works=False) for n in range(1000)}

    with pytest.raises(ValueError, match="自2020年1月1日起76天内没有8个工作日，请核对节假日安排"):
        DayTable(frozenset(), never).nth_working_day(date(2020, 1, 1), 8)


def test_the_end_of_the_calendar_is_a_sentence_too():
    with pytest.raises(ValueError, match="9999年12月31日之后的日期超出了日历"):
        NOTHING_KNOWN.nth_working_day(date.max, 1)


def test_the_longest_period_allowed_is_found():
    found = NOTHING_KNOWN.nth_working_day(date(2021, 1, 1), MOST_WORKING_DAYS)

    assert NOTHING_KNOWN.working_days_between(date(2021, 1, 1), found.day).days == MOST_WORKING_DAYS


@given(TABLES, DAYS, FEW, st.booleans())
def test_a_later_working_day_is_a_later_date(table: DayTable, start: date, n: int, counting_start: bool):
    first = table.nth_working_day(start, n, counting_start=counting_start)
    second = table.nth_working_day(start, n + 1, counting_start=counting_start)

    assert first.day < second.day
    assert first.provisional <= second.provisional


@given(TABLES, DAYS, FEW)
def test_counting_to_the_nth_working_day_gives_n(table: DayTable, start: date, n: int):
    found = table.nth_working_day(start, n)

    assert table.working_days_between(start, found.day) == Counted(n, found.provisional)
    assert table.is_working_day(found.day)


@given(TABLES, DAYS, FEW)
def test_counting_the_start_is_the_same_as_starting_a_day_earlier(table: DayTable, start: date, n: int):
    the_day_before = start - timedelta(days=1)

    assert table.nth_working_day(start, n, counting_start=True) == table.nth_working_day(the_day_before, n)


@given(TABLES, DAYS, DAYS, DAYS)
def test_working_days_add_up_and_turn_round(table: DayTable, one: date, two: date, three: date):
    between = table.working_days_between

    assert between(one, two).days + between(two, three).days == between(one, three).days
    assert between(one, two).days == -between(two, one).days


@given(TABLES, DAYS, DAYS)
def test_nothing_known_means_monday_to_friday(table: DayTable, one: date, two: date):
    assume(one < two)
    days = [one + timedelta(days=n + 1) for n in range((two - one).days)]

    assert NOTHING_KNOWN.working_days_between(one, two) == Counted(sum(day.isoweekday() <= 5 for day in days), True)
    assert table.with_entries({}, years=range(2020, 2024)).working_days_between(one, two).provisional is False


DATED = st.builds(Dated, DAYS, st.booleans())


@given(st.none() | DAYS | DATED, DATED)
def test_a_date_people_were_told_never_comes_earlier(previous: Dated | date | None, computed: Dated):
    now = told(previous, computed)

    promised = previous.day if isinstance(previous, Dated) else previous or date.min
    assert now.day >= promised
    assert now.day in {promised, computed.day}
    assert now.provisional == computed.provisional
    assert told(now, computed) == now


def test_when_the_year_is_entered_a_told_date_may_only_come_later():
    promised = Dated(date(2027, 1, 12), provisional=True)

    assert told(None, promised) == promised
    assert told(promised, Dated(date(2027, 1, 11))) == Dated(date(2027, 1, 12))
    assert told(promised.day, Dated(date(2027, 1, 13))) == Dated(date(2027, 1, 13))
