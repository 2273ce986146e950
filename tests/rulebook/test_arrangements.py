"""Which notices hold, the table they make, and what changes for people."""

from datetime import date

import pytest

from tiejun_awards.rulebook.arrangements import (
    PUBLISHED,
    Cell,
    Deadline,
    Notice,
    Stretch,
    clean_number,
    consequences,
    in_force,
    left_out,
    months,
    stretches,
    table_of,
)
from tiejun_awards.shared.calendar import Dated, DayTable, SpecialDay

OFF, WORKED = SpecialDay(works=False, name="元旦"), SpecialDay(works=True, name="元旦")


def notice(id: int, number: str, *, year: int = 2027, whole: bool = True) -> Notice:
    return Notice(id, year, number, whole)


@pytest.mark.parametrize(
    "typed",
    [
        "国办发明电〔2026〕7号",
        "国办发明电[2026]7号",
        " 国办发明电（2026） 7号",
        "国办发明电【２０２６】７号",
        "国办发明电﹝2026﹞7\u200b号",
    ],
)
def test_a_number_is_written_one_way(typed: str):
    assert clean_number(typed) == "国办发明电〔2026〕7号"


def test_a_whole_year_notice_takes_the_place_of_the_earlier_one_of_its_year_only():
    first, other_year, second = notice(1, "甲"), notice(2, "乙", year=2028), notice(3, "丙")

    assert in_force([first, other_year, second]) == [second, other_year]


def test_a_partial_notice_stands_beside_the_year_and_wins_whichever_came_first():
    partial, whole = notice(1, "甲", whole=False), notice(2, "乙")

    assert in_force([partial, whole]) == [whole, partial]


def test_the_same_number_takes_its_own_place():
    first, other, again = notice(1, "甲", whole=False), notice(2, "乙", whole=False), notice(3, "甲", whole=False)

    assert in_force([first, other, again]) == [other, again]


def test_without_the_latest_the_one_before_holds_again():
    first, second = notice(1, "甲"), notice(2, "乙")

    assert (in_force([first, second]), in_force([first])) == ([second], [first])


def test_only_whole_year_notices_make_a_year_known_and_partial_ones_win_on_their_days():
    day, other = date(2027, 3, 9), date(2028, 3, 1)
    standing = [notice(2, "乙"), notice(1, "甲", whole=False), notice(3, "丙", year=2028, whole=False)]
    days = {2: {day: WORKED}, 1: {day: OFF}, 3: {other: OFF}}

    table = table_of(DayTable(frozenset({2026})), standing, days)

    assert table == DayTable(frozenset({2026, 2027}), {day: OFF, other: OFF})


def test_days_in_a_row_that_have_everything_in_common_are_one_stretch():
    days = {date(2027, 1, number): OFF for number in (1, 2, 3)} | {date(2027, 1, 4): WORKED, date(2026, 12, 31): OFF}
    sources = {date(2027, 1, 3): "甲"}

    found = stretches(2027, days, sources)

    assert found == [
        Stretch(date(2027, 1, 1), date(2027, 1, 2), False, "元旦", PUBLISHED),
        Stretch(date(2027, 1, 3), date(2027, 1, 3), False, "元旦", "甲"),
        Stretch(date(2027, 1, 4), date(2027, 1, 4), True, "元旦", PUBLISHED),
    ]
    assert [(each.label, each.length) for each in found[:2]] == [
        ("1月1日（周五）至1月2日（周六）", 2),
        ("1月3日（周日）", 1),
    ]


def test_a_month_shows_its_special_days_and_counts_the_working_ones():
    table = DayTable(frozenset({2027}), {date(2027, 1, 1): OFF, date(2027, 1, 2): WORKED})

    january = months(2027, table)[0]

    assert (january.number, january.working_days, len(january.weeks)) == (1, 21, 5)
    assert january.weeks[0] == [
        *[None] * 4,
        Cell(1, False, "休", "元旦"),
        Cell(2, True, "班", "元旦"),
        Cell(3, False, "", ""),
    ]


D13, D15 = date(2027, 1, 13), date(2027, 1, 15)


@pytest.mark.parametrize(
    ("before", "after", "promised", "sentences"),
    [
        (Dated(D13, True), Dated(D15), None, ["截止日由2027年1月13日变为2027年1月15日。"]),
        (Dated(D13), Dated(D15, True), D13, ["截止日由2027年1月13日变为2027年1月15日（暂按周一至周五推算）。"]),
        (Dated(D15, True), Dated(D13), None, ["截止日由2027年1月15日变为2027年1月13日。"]),
        (Dated(D15, True), Dated(D13), D15, ["截止日仍为2027年1月15日：已通知的日期不会提前。"]),
        (Dated(D13, True), Dated(D13), D13, ["截止日仍为2027年1月13日，不再是暂定。"]),
        (Dated(D13), Dated(D13, True), D13, ["截止日仍为2027年1月13日，重新成为暂定。"]),
        (Dated(D13), Dated(D13), D15, []),
        (Dated(D13), Dated(D13), None, []),
    ],
)
def test_what_follows_is_said_in_a_sentence(before: Dated, after: Dated, promised: date | None, sentences: list[str]):
    assert consequences([Deadline("截止日", before, promised)], [Deadline("截止日", after, promised)]) == sentences


def test_published_days_a_notice_does_not_name_are_told():
    published = DayTable(frozenset({2027}), {date(2027, 1, 1): OFF, date(2027, 1, 2): OFF, date(2027, 1, 4): WORKED})

    assert left_out(2027, published, [date(2027, 1, 2)]) == ["1月1日（周五）放假", "1月4日（周一）上班"]
    assert left_out(2027, published, published.exceptions) == []
