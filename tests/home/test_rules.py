"""What waits, in words and in order: pure."""

from __future__ import annotations

from datetime import date

import pytest

from tiejun_awards.home.rules import Meetings, Todo, days_left, headline, in_order, meetings, steps
from tiejun_awards.shared.calendar import Counted
from tiejun_awards.shared.periods import Quarter

DUE = date(2026, 10, 16)
Q3 = Quarter(2026, 3)


def todo(heading: str, due: date | None) -> Todo:
    return Todo(heading, "", "", "edit", 1, due)


def test_the_nearest_comes_first_and_what_has_no_day_last_in_the_order_it_came():
    todos = [todo("慢", None), todo("远", date(2026, 12, 1)), todo("也慢", None), todo("近", DUE), todo("也近", DUE)]

    assert [each.heading for each in in_order(todos)] == ["近", "也近", "远", "慢", "也慢"]


@pytest.mark.parametrize(
    ("days", "today", "text"),
    [
        (3, date(2026, 10, 13), "还有 3 个工作日"),
        (0, DUE, "今天截止"),
        (0, date(2026, 10, 15), "还有 0 个工作日"),  # the due day is a day off that people were told
        (-1, date(2026, 10, 19), "已过 1 个工作日"),
        (0, date(2026, 10, 17), "已过截止日"),
    ],
)
def test_how_long_it_takes_to_the_due_day_is_said_in_working_days(days: int, today: date, text: str):
    assert days_left(Counted(days), DUE, today) == text


def test_the_day_stands_in_bold_or_that_there_is_none():
    assert (todo("", DUE).when, todo("", None).when) == ("10月16日", "不限期")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "今天没有要办的事"), (1, "今天要办的 1 件事"), (12, "今天要办的 12 件事")]
)
def test_the_title_counts(count: int, text: str):
    assert headline(count) == text


@pytest.mark.parametrize(
    ("days", "today", "text"),
    [
        ([], date(2026, 9, 30), "还没有登记"),
        ([], date(2026, 10, 1), "一般 3 次，少 3 次"),
        ([8], date(2026, 9, 30), "7月8日"),
        ([8], date(2026, 10, 1), "7月8日；一般 3 次，少 2 次"),
        ([1, 2, 3], date(2026, 10, 1), "7月1日、7月2日、7月3日"),
        ([1, 2, 3, 4, 5], date(2026, 10, 1), "7月1日、7月2日、7月3日、7月4日 等"),
    ],
)
def test_meetings_are_listed_and_nothing_is_missing_before_the_quarter_is_over(days: list[int], today: date, text: str):
    held = [date(2026, 7, day) for day in days]

    assert meetings("支委会", held, 3, Q3, today) == Meetings("支委会", len(days), 3, text)


def test_steps_stand_in_order_of_days_and_the_first_to_come_is_where_one_is():
    moments = [
        (date(2026, 10, 16), "截止", "工作日"),
        (date(2026, 7, 1), "开始", ""),
        (None, "采用", ""),
        (date(2026, 9, 30), "结束", ""),
    ]

    assert steps(moments, date(2026, 7, 1)) == [
        ("done", "7月1日", "开始", ""),
        ("now", "9月30日", "结束", ""),
        ("", "10月16日", "截止", "工作日"),
    ]
    assert [state for state, *_ in steps(moments, date(2026, 10, 16))] == ["done", "done", "done"]
    assert steps([], DUE) == []
