"""Due days: by the table of working days, told once and never earlier afterwards; lateness."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.builders import NOW, World, report, rows_of
from tests.conftest import SignIn
from tiejun_awards.reports import due, rules, services
from tiejun_awards.reports.drafts import Draft
from tiejun_awards.reports.models import ReportPeriod
from tiejun_awards.reports.rules import State
from tiejun_awards.reports.sections import RecordKind
from tiejun_awards.rulebook import services as rulebook
from tiejun_awards.rulebook.arrangements import Deadline
from tiejun_awards.shared.calendar import Dated, SpecialDay
from tiejun_awards.shared.clock import SHANGHAI, day_of, stopped_at
from tiejun_awards.shared.periods import Quarter

# 清明 2020: Saturday 4 to Monday 6 April, no make-up day. The working days after 31 March: 1, 2, 3, 7, 8, 9, 10, 13 April.
Q1_2020 = Quarter(2020, 1)
DUE = date(2020, 4, 13)
Q4_2026 = Quarter(2026, 4)


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("quarter", "day"),
    [
        (Q1_2020, Dated(DUE)),
        (Quarter(2025, 3), Dated(date(2025, 10, 17))),  # 国庆 1–8 October, worked on Saturday 11
        (Quarter(2026, 3), Dated(date(2026, 10, 16))),  # 国庆 1–7 October, worked on Saturday 10
        (Q4_2026, Dated(date(2027, 1, 12), provisional=True)),
    ],
)
def test_a_report_is_due_on_the_eighth_working_day_after_its_quarter(world: World, quarter: Quarter, day: Dated):
    assert due.due_day(world.organiser("department").id, quarter) == day


@pytest.mark.parametrize(
    ("moment", "late", "by"),
    [
        (at(2020, 4, 10), False, -1),
        (at(2020, 4, 13, 23), False, 0),
        (at(2020, 4, 14, 0), True, 1),
        (at(2020, 4, 17), True, 4),
        (at(2020, 4, 18), True, 4),
    ],
)
def test_how_late_a_report_of_the_first_quarter_of_2020_came(world: World, moment: datetime, late: bool, by: int):
    made = report(world.branch("water"), Q1_2020, State.SUBMITTED, writer=world.person("secretary"), at=moment)
    assert made.first_submitted_at is not None
    submitted, today = day_of(made.first_submitted_at), date(2020, 7, 1)

    assert rules.is_late(DUE, submitted, today) is late
    assert rulebook.day_table().working_days_between(DUE, submitted).days == by


def test_being_returned_and_handed_in_again_never_makes_a_report_late(world: World, sign_in: SignIn):
    in_time, later = at(2020, 4, 13), at(2020, 4, 28)
    secretary, office = world.person("secretary"), world.person("office")
    made = report(world.branch("water"), Q1_2020, State.RETURNED, writer=secretary, office=office, at=in_time)
    actor = world.actor("secretary", later)
    made = services.save(actor, made, replace(Draft.from_json(made.draft), confirmed=True), version=made.version)
    made = services.submit(actor, made, version=made.version)

    with stopped_at(later):
        page = sign_in("office").get(f"/reports/{made.id}")
        quarter = sign_in("office").get("/quarters/2020Q1")

    assert (made.first_submitted_at, made.submitted_at) == (in_time, later)
    assert "逾期提交" not in page.main
    assert [row[:4] for row in quarter.rows() if row[0] == "水生态环境处党支部"] == [
        ["水生态环境处党支部", "21", "已提交", "4月13日"]
    ]


def test_a_late_report_says_so_to_its_branch_and_to_the_office(world: World, sign_in: SignIn):
    late = at(2020, 4, 14)
    made = report(world.branch("water"), Q1_2020, State.SUBMITTED, writer=world.person("secretary"), at=late)

    with stopped_at(late):
        page = sign_in("secretary").get(f"/reports/{made.id}")
        row = next(row for row in sign_in("office").get("/quarters/2020Q1").rows() if row[0] == "水生态环境处党支部")

    assert "截止 4月13日（周一）逾期提交" in page.main
    assert row[3] == "4月14日，晚于截止日"


def test_the_quarter_to_report_on_is_the_ended_one_until_its_due_day_is_over(world: World):
    organiser = world.organiser("department").id
    days = [at(2020, 3, 31), at(2020, 4, 1), at(2020, 4, 13, 23), at(2020, 4, 14, 0)]

    assert [due.quarter_to_report(organiser, day).code for day in days] == ["2020Q1", "2020Q1", "2020Q1", "2020Q2"]


def test_days_left_are_working_days_and_negative_when_it_is_over(world: World):
    days = [at(2020, 4, 3), at(2020, 4, 10), at(2020, 4, 12), at(2020, 4, 13), at(2020, 4, 15)]

    assert [due.left_to(Dated(DUE), day) for day in days] == [5, 1, 1, 0, -2]


# What people were told.


def periods() -> list[tuple[object, ...]]:
    return sorted(rows_of(ReportPeriod, "organiser_id", "quarter", "told_due", "told_at"))


def test_the_due_days_of_the_last_and_the_running_quarter_are_written_down_for_every_organiser(world: World):
    due.remember_due_days(NOW)

    department, city = world.organiser("department").id, world.organiser("city").id
    assert periods() == [
        (department, "2026Q3", date(2026, 10, 16), NOW),
        (department, "2026Q4", date(2027, 1, 12), NOW),
        (city, "2026Q3", date(2026, 10, 16), NOW),
        (city, "2026Q4", date(2027, 1, 12), NOW),
    ]


def test_writing_them_down_again_changes_nothing(world: World):
    due.remember_due_days(NOW)
    before = periods()

    due.remember_due_days(at(2026, 12, 1))

    assert periods() == before


def test_a_quarter_that_was_due_before_the_organiser_began_is_not_asked_for(world: World):
    department, quarters = world.organiser("department").id, [Quarter(2026, number) for number in (2, 3, 4)]
    before = [due.is_asked(department, quarter) for quarter in quarters]

    due.remember_due_days(NOW)

    assert before == [True, True, True]
    assert [due.is_asked(department, quarter) for quarter in quarters] == [False, False, True]


def test_who_begins_on_the_due_day_is_asked_for_the_quarter(world: World):
    department, last_day = world.organiser("department").id, date(2026, 10, 16)

    due.remember_due_days(at(2026, 10, 16))
    due.remember_due_days(NOW)

    assert due.due_day(department, Quarter(2026, 3)).day == last_day
    assert due.is_asked(department, Quarter(2026, 3))
    assert not due.is_asked(department, Quarter(2026, 1))


@pytest.mark.parametrize(
    ("entered", "day"),
    [(at(2026, 6, 30), date(2026, 10, 15)), (at(2026, 7, 1), date(2026, 10, 16)), (NOW, date(2026, 10, 16))],
)
def test_a_due_day_gets_earlier_only_before_its_quarter_when_nobody_could_see_it(
    world: World, entered: datetime, day: date
):
    department = world.organiser("department")
    office = world.actor("office", entered)

    rulebook.enter_days(office, department, year=2026, number="宁政办发〔2026〕1号", text="10月7日上班")

    assert rulebook.day_table().nth_working_day(date(2026, 9, 30), 8) == Dated(date(2026, 10, 15))
    assert due.due_day(department.id, Quarter(2026, 3)) == Dated(day)


def test_the_due_days_a_years_days_have_to_do_with_are_foretold_beside_what_was_promised(world: World):
    table = rulebook.day_table().with_entries({date(2027, 1, 4): SpecialDay(False, "元旦")}, [2027])

    assert due.deadlines_under(world.actor("office"), table, 2027) == [
        Deadline("2026年第四季度报告截止日", Dated(date(2027, 1, 13)), date(2027, 1, 12)),
        Deadline("2027年第一季度报告截止日", Dated(date(2027, 4, 12)), None),
        Deadline("2027年第二季度报告截止日", Dated(date(2027, 7, 12)), None),
        Deadline("2027年第三季度报告截止日", Dated(date(2027, 10, 12)), None),
        Deadline("2027年第四季度报告截止日", Dated(date(2028, 1, 12), provisional=True), None),
    ]


def test_a_day_counted_by_weekdays_only_is_marked_wherever_it_is_shown(world: World, sign_in: SignIn):
    draft, air = world.report("water", "2026Q4"), world.branch("air")
    secretary, office = sign_in("secretary"), sign_in("office")

    pages = [
        sign_in("air_secretary").get(f"/reports/begin/{air.id}/2026Q4"),
        secretary.get(f"/reports/{draft.id}/edit"),
        secretary.get("/"),
        office.get("/"),
        office.get("/quarters/2026Q4"),
    ]

    assert [page.path for page in pages if "暂按周一至周五推算" not in page.main] == []
    assert "暂按周一至周五推算" not in office.get("/quarters/2026Q3").main


def test_how_often_is_usual_comes_with_its_article(world: World):
    usual = due.usual_times(world.organiser("department").id)

    assert {kind: int(rule.value) for kind, rule in usual.items()} == {
        RecordKind.GENERAL_MEETING: 1,
        RecordKind.COMMITTEE: 3,
        RecordKind.GROUP_MEETING: 3,
        RecordKind.LECTURE: 1,
        RecordKind.PARTY_DAY: 3,
    }
    assert usual[RecordKind.COMMITTEE].source == "《中国共产党支部工作条例（试行）》第十二条，一般每月召开1次"
