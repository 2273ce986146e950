"""When somebody may be reminded: pure, by an invented week."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from tiejun_awards.messages import rules
from tiejun_awards.messages.rules import MOST, NEVER, Sent, Task, TaskKind, Terms
from tiejun_awards.shared.calendar import DayTable, SpecialDay

# Monday 4 May is 放假, Saturday 9 May is worked instead; the due day is Friday 15 May.
TABLE = DayTable(frozenset({2026}), {date(2026, 5, 4): SpecialDay(False), date(2026, 5, 9): SpecialDay(True)})
TERMS = Terms(first=5, second=1, after=1)
SINCE, DUE = date(2026, 4, 30), date(2026, 5, 15)
TASK = Task(TaskKind.REPORT, "report-2026Q1", 7, 1, "一季度报告", "水处党支部", DUE, SINCE, "/reports/7/edit")


def may(day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(date(2026, 5, day), time(hour, minute))


def stage(day: date) -> int:
    return rules.stage(SINCE, DUE, day, TABLE, TERMS)


@pytest.mark.parametrize(
    ("day", "reached"),
    [(1, 0), (7, 0), (8, 0), (9, 1), (11, 1), (13, 1), (14, 2), (15, 2), (16, 2), (17, 2), (18, 3), (29, 3)],
)
def test_the_three_moments_are_five_and_one_working_days_before_and_one_after(day: int, reached: int):
    assert stage(date(2026, 5, day)) == reached


def test_nobody_is_reminded_on_the_day_a_thing_was_asked_for():
    assert rules.stage(date(2026, 5, 14), DUE, date(2026, 5, 14), TABLE, TERMS) == 0
    assert rules.stage(date(2026, 5, 13), DUE, date(2026, 5, 14), TABLE, TERMS) == 2


@pytest.mark.parametrize(
    ("moment", "open_now"),
    [
        (may(8, 8, 29), False),
        (may(8, 8, 30), True),
        (may(8, 17, 29), True),
        (may(8, 17, 30), False),
        (may(9), True),  # a Saturday that is worked
        (may(10), False),  # a Sunday
        (may(4), False),  # a Monday that is free
    ],
)
def test_people_are_reminded_in_working_hours_of_working_days_only(moment: datetime, open_now: bool):
    assert rules.in_hours(moment, TABLE) == open_now


def by_itself(days: range, start: Sent = NEVER) -> list[int]:
    """The days of May on which a reminder goes out by itself when every working day is looked at."""
    sent, gone = start, []
    for number in days:
        day = date(2026, 5, number)
        if TABLE.is_working_day(day) and rules.is_due(stage(day), sent, day):
            after = sent.by_itself(stage(day))
            sent = Sent(after.times, after.used, day)
            gone.append(number)
    return gone


def test_a_thing_nobody_does_is_reminded_of_three_times_and_never_again():
    assert by_itself(range(1, 32)) == [9, 14, 18]


def test_a_moment_that_was_missed_is_not_made_up_for():
    assert by_itself(range(13, 32)) == [13, 14, 18]
    assert by_itself(range(21, 32)) == [21]


def test_one_by_hand_takes_the_place_of_the_next_moment():
    early = Sent(1, 1, date(2026, 5, 6))

    assert NEVER.by_hand(0) == Sent(1, 1, None)
    assert NEVER.by_hand(3) == Sent(1, 3, None)
    assert by_itself(range(7, 32), early) == [14, 18]
    assert by_itself(range(7, 32), Sent(3, 2, date(2026, 5, 6))) == []


@pytest.mark.parametrize(
    ("sent", "moment", "why"),
    [
        ([], may(8), "都办完了，不用提醒。"),
        ([NEVER], may(8), ""),
        ([NEVER, Sent(3, 3, date(2026, 5, 8))], may(8), ""),
        (
            [Sent(3, 3, date(2026, 5, 7))],
            may(8),
            "每件事最多提醒 3 次，已经用完了。可以把下面的话发给本人，或者打个电话。",
        ),
        ([NEVER], may(8, 20), "只在工作日 08:30—17:30 提醒，5月9日（周六） 08:30 起可以。"),
        ([NEVER], may(8, 7), "只在工作日 08:30—17:30 提醒，5月8日（周五） 08:30 起可以。"),
        ([NEVER], may(10), "只在工作日 08:30—17:30 提醒，5月11日（周一） 08:30 起可以。"),
        (
            [Sent(1, 1, date(2026, 5, 8))],
            may(8),
            "今天已经提醒过了，一天最多一次；5月9日（周六） 08:30 起可以再提醒。",
        ),
    ],
)
def test_a_refusal_says_why_and_when_it_is_possible_again(sent: list[Sent], moment: datetime, why: str):
    assert rules.why_not_now(sent, moment, TABLE) == why


@pytest.mark.parametrize(
    ("sent", "today", "following"),
    [
        (NEVER, date(2026, 5, 5), date(2026, 5, 9)),
        (NEVER, date(2026, 5, 10), date(2026, 5, 11)),
        (Sent(1, 1, date(2026, 5, 9)), date(2026, 5, 9), date(2026, 5, 14)),
        (Sent(2, 2, date(2026, 5, 14)), date(2026, 5, 14), date(2026, 5, 18)),
        (Sent(1, 3, date(2026, 5, 18)), date(2026, 5, 18), None),
        (Sent(3, 2, date(2026, 5, 14)), date(2026, 5, 14), None),
    ],
)
def test_the_office_is_told_when_the_next_one_goes(sent: Sent, today: date, following: date | None):
    assert rules.next_day(SINCE, DUE, sent, today, TABLE, TERMS) == following


def test_nothing_is_promised_further_than_can_be_counted():
    far = date(2030, 5, 15)

    assert rules.next_day(SINCE, far, NEVER, date(2026, 5, 5), TABLE, TERMS) is None


# Words.


def test_a_text_for_a_group_says_what_and_how_many_and_names_nobody():
    early = rules.group_text(TaskKind.REPORT, "一季度报告", DUE, date(2026, 5, 8), 5, "https://x/")
    late = rules.group_text(TaskKind.SHEETS, "2026年度评分", DUE, date(2026, 5, 18), 2, "https://x/")

    assert early == (
        "各位书记、联络员：一季度报告，请在5月15日（周五）前提交。现在还有 5 件没有办完，请看一下自己的待办；已经提交的不用理会。https://x/"
    )
    assert late == (
        "各位评委：2026年度评分，截止日是5月15日（周五），还没有办的请尽快评完并签名。"
        "现在还有 2 件没有办完，请看一下自己的待办；已经签名的不用理会。https://x/"
    )


def test_a_personal_line_says_who_where_what_by_when_and_the_link():
    assert rules.personal_line(TASK, "张书记", date(2026, 5, 8), "https://x/7") == (
        "张书记，您好：水处党支部，一季度报告，请在5月15日前提交。https://x/7"
    )
    assert rules.personal_line(TASK, "张书记", date(2026, 5, 18), "https://x/7") == (
        "张书记，您好：水处党支部，一季度报告，截止日是5月15日，请尽快提交。https://x/7"
    )
    assert rules.reminder_text(TASK) == "水处党支部：一季度报告，5月15日（周五）前提交。"


def test_how_often_is_said_as_a_span():
    assert [rules.times(counts) for counts in ([], [2, 2], [0, 2, 1])] == ["0 次", "2 次", "0—2 次"]


# E-mail.


@pytest.mark.parametrize("address", ["zhang.san+party@sthjt.nx.gov.cn", "a@b.cn"])
def test_addresses_of_letters_and_digits_are_taken(address: str):
    assert rules.address_fault(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@b",
        "a@b.cn\nBcc: x@y.cn",
        "a@b.cn\r\n",
        "a b@c.cn",
        "<a@b.cn>",
        "a@b..cn",
        "张@b.cn",
        "a,b@c.cn",
        "a" * 120 + "@b.cn",
    ],
)
def test_what_is_no_address_or_could_end_a_header_is_refused(address: str):
    assert rules.address_fault(address) == "邮箱地址读不懂，应当像 name@example.cn 这样，用英文字母和数字。"


def test_a_mail_that_fails_waits_twice_as_long_each_time_and_six_hours_at_most():
    waits = [rules.wait(tries) for tries in range(8)]

    assert waits == [timedelta(minutes=minutes) for minutes in (5, 10, 20, 40, 80, 160, 320, 360)]
    assert rules.wait(10_000) == timedelta(hours=6)


def test_three_is_the_most_and_hours_are_the_offices():
    assert (3, time(8, 30), time(17, 30)) == (MOST, rules.OPENS, rules.CLOSES)
