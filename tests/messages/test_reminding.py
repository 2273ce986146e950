"""Reminders as the work process and the office send them: three at most, in working hours, of what is open, to whose it is."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from time import process_time

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import builders, exemplars
from tests.builders import NOW, World, rows_of
from tests.conftest import SignIn, Statements
from tests.pages import Browser
from tests.together import at_once
from tiejun_awards.accounts.models import Person, RoleGrant
from tiejun_awards.home import reminders
from tiejun_awards.messages import reminding
from tiejun_awards.messages.models import Message, Reminder
from tiejun_awards.messages.rules import Kind, TaskKind
from tiejun_awards.organisation.models import BranchKind, PartyKind, PartyOrganisation
from tiejun_awards.reports.due import remember_due_days
from tiejun_awards.reports.rules import State
from tiejun_awards.shared import clock
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.clock import SHANGHAI
from tiejun_awards.shared.db import db, writing

FOURTH = "report-2026Q4"


def at(month: int, day: int, hour: int = 10, minute: int = 0, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def remind(moment: datetime) -> int:
    db.session.rollback()
    db.session().info.pop("remembered", None)
    with clock.stopped_at(moment):
        return reminding.remind(moment)


def reminded(batch: str = FOURTH) -> list[tuple[str, str]]:
    """(person, local time) of the messages of a batch's reminders."""
    rows = db.session.execute(
        sa.select(Person.username, Message.made_at)
        .join(Person, Person.id == Message.person_id)
        .where(Message.kind == Kind.REMINDER, Message.subject.startswith(batch))
        .order_by(Message.made_at, Person.username)
    )
    return [(row[0], f"{row[1].astimezone(SHANGHAI):%m-%d %H:%M}") for row in rows]


# By itself.


def test_three_reminders_in_working_hours_and_no_more_however_often_the_work_process_looks(world: World):
    moment = at(1, 4, 0, 15)
    while moment < at(1, 17):
        remind(moment)
        moment += timedelta(hours=3, minutes=30)

    mine = [when for who, when in reminded() if who == "air_secretary"]
    days = [datetime.strptime(f"2027-{when}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI) for when in mine]
    assert [when[:5] for when in mine] == ["01-05", "01-11", "01-13"]  # due on 12 January
    assert {day.weekday() < 5 and (8, 30) <= (day.hour, day.minute) < (17, 30) for day in days} == {True}


def test_secretary_and_liaison_of_what_is_not_handed_in_are_reminded_and_nobody_else(world: World):
    builders.report(world.branch("own"), "2026Q4", State.SUBMITTED, writer=world.person("own_secretary"), at=at(1, 4))

    count = remind(at(1, 5))

    assert count == 4
    assert [who for who, _ in reminded()] == [
        *("air_secretary", "city_liaison", "city_own_secretary", "city_secretary", "liaison", "secretary")
    ]


def test_nobody_is_reminded_of_what_was_due_before_the_organiser_began_here(world: World):
    builders.branch(world.organiser("department"), "new", parent_id=world.branch("committee").id)
    before = list(reminders.reports(db.session(), NOW, None))

    remember_due_days(NOW)

    assert {task.batch for task in before} == {"report-2026Q3"}
    assert list(reminders.reports(db.session(), NOW, None)) == []
    assert list(reminders.reports(db.session(), at(1, 4), None))


def test_a_round_is_one_line_of_the_audit_trail_for_each_organiser_with_the_count_and_no_name(world: World):
    remind(at(1, 5))

    lines = [
        row[1:]
        for row in rows_of(AuditEvent, "action", "actor_name", "organiser_id", "detail")
        if row[0] == "messages.remind"
    ]
    assert sorted(lines, key=lambda line: line[1]) == [
        ("系统", world.organiser("department").id, {"batch": FOURTH, "count": 3}),
        ("系统", world.organiser("city").id, {"batch": FOURTH, "count": 2}),
    ]


def test_what_nobody_holds_a_post_for_uses_up_no_reminder(world: World):
    with writing() as session:
        session.execute(sa.update(RoleGrant).where(RoleGrant.role == Role.SECRETARY).values(ends_on=date(2026, 12, 31)))

    assert (remind(at(1, 5)), builders.count(Reminder)) == (2, 2)  # those with a liaison


@pytest.mark.parametrize("moment", [at(1, 5, 8, 29), at(1, 5, 17, 30), at(1, 9), at(1, 1)])
def test_nothing_goes_out_at_other_times(world: World, moment: datetime):
    assert (remind(moment), builders.count(Reminder)) == (0, 0)


def test_two_work_processes_at_once_make_no_double(app: Flask, world: World):
    at_once(app, lambda: remind(at(1, 5)), lambda: remind(at(1, 5)))

    assert (builders.count(Reminder), len(reminded())) == (5, 7)
    assert set(Counter(reminded()).values()) == {1}


def test_a_reminder_says_what_is_asked_and_leads_there(world: World):
    remind(at(1, 5))

    found = {
        row.person_id: (row.text, row.path)
        for row in db.session.scalars(sa.select(Message).filter_by(kind=Kind.REMINDER))
    }
    report, air = world.report("water", "2026Q4").id, world.branch("air").id
    assert found[world.person("secretary").id] == (
        "水生态环境处党支部：2026年第四季度报告，1月12日（周二）前提交。",
        f"/reports/{report}/edit",
    )
    assert found[world.person("air_secretary").id][1] == f"/reports/begin/{air}/2026Q4"


# The kinds of tasks.


def test_judges_units_and_second_hands_are_reminded_of_theirs(rated: World):
    exemplars.call(rated, recommend_by=date(2026, 12, 4))
    builders.step_of(rated, "department")
    with db.session.no_autoflush:
        found = reminding.open_tasks(db.session(), NOW)

    people = {
        (task.kind, task.where): sorted(name for _, name in found.people_of(task))
        for task in found.tasks
        if task.organiser_id == rated.organiser("department").id
    }
    sheets = {where: names for (kind, where), names in people.items() if kind is TaskKind.SHEETS}
    assert people[TaskKind.RECOMMEND, "水生态环境处"] == ["推荐单位经办"]
    assert people[TaskKind.RECOMMEND, "大气环境处"] == []
    assert people[TaskKind.CONFIRM, "登记的决定"] == ["复核人"]
    assert all(len(names) == 1 for names in sheets.values())
    assert len(sheets) >= 1


def test_whoever_entered_a_decision_is_not_reminded_to_compare_it(world: World):
    builders.grant(world.person("office"), Role.SECOND)
    builders.step_of(world, "department")

    found = reminding.open_tasks(db.session(), NOW)

    [task] = [task for task in found.tasks if task.kind is TaskKind.CONFIRM]
    assert [name for _, name in found.people_of(task)] == ["复核人"]


def test_every_path_of_a_task_is_a_page(rated: World, app: Flask):
    exemplars.call(rated)
    builders.step_of(rated, "department")
    urls = app.url_map.bind("localhost")

    tasks = [*reminding.open_tasks(db.session(), at(1, 5)).tasks, *reminding.open_tasks(db.session(), NOW).tasks]

    assert {task.kind for task in tasks} == set(TaskKind)
    for task in tasks:  # raises NotFound for what is none
        urls.match(task.path)


# The office.


def test_the_office_pastes_a_text_without_names_and_has_one_line_for_each(world: World, sign_in: SignIn):
    with clock.stopped_at(at(1, 6)):
        office = sign_in("office")
        group = office.get("/reminders/")
        lines = office.click("给个人的话")

    text = str(group.all("//textarea/text()")[0]).strip()
    names = ["水处党支部书记", "大气处党支部书记", "党委办党支部书记", "水生态环境处", "大气环境处"]
    assert text.startswith("各位书记、联络员：2026年第四季度报告，请在1月12日（周二）前提交。现在还有 3 件没有办完")
    assert [name for name in names if name in group.main] == []
    assert [row[0] for row in lines.rows()] == [
        *("水生态环境处党支部", "水生态环境处党支部", "大气环境处党支部", "机关党委办公室党支部")
    ]
    assert (
        f"大气处党支部书记，您好：大气环境处党支部，2026年第四季度报告，请在1月12日前提交。"
        f"http://localhost/reports/begin/{world.branch('air').id}/2026Q4"
    ) in lines.main


def test_the_office_sends_one_at_once_and_the_next_on_another_day(world: World, sign_in: SignIn):
    with clock.stopped_at(at(1, 4)):
        office = sign_in("office")
        office.get("/reminders/")
        done = office.submit("现在提醒")
        again = office.post(f"/reminders/{FOURTH}/now", csrf=True)
    after = remind(at(1, 5))  # its moment has been used
    with clock.stopped_at(at(1, 6)):
        page = sign_in("office").get("/reminders/")

    assert done.alerts[0] == "提醒已经发到每个人的消息里。"
    assert (again.status, "今天已经提醒过了，一天最多一次；1月5日（周二） 08:30 起可以再提醒。" in again.main) == (
        409,
        True,
    )
    assert [who for who, when in reminded() if when.startswith("01-04")] == [
        *("air_secretary", "liaison", "own_secretary", "secretary")
    ]
    assert after == 2  # the city's
    assert "1 次" in page.main
    assert "1月11日（周一）" in page.main


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (at(1, 9), "只在工作日 08:30—17:30 提醒，1月11日（周一） 08:30 起可以。"),
        (at(1, 4, 19), "只在工作日 08:30—17:30 提醒，1月5日（周二） 08:30 起可以。"),
    ],
)
def test_the_office_is_refused_outside_working_hours(world: World, sign_in: SignIn, moment: datetime, sentence: str):
    with clock.stopped_at(moment):
        office = sign_in("office")
        page = office.post(f"/reminders/{FOURTH}/now", csrf=True)
        shown = office.get("/reminders/")

    assert (page.status, page.reason, builders.count(Reminder)) == (409, sentence, 0)
    assert ("现在提醒" in shown.buttons, sentence in shown.main) == (False, True)


def test_after_three_by_hand_nothing_more_goes_out(world: World, sign_in: SignIn):
    for day in (4, 5, 6):
        with clock.stopped_at(at(1, day)):
            office = sign_in("office")
            office.get("/reminders/")
            office.submit("现在提醒")
    with clock.stopped_at(at(1, 7)):
        page = sign_in("office").post(f"/reminders/{FOURTH}/now", csrf=True)

    assert (page.status, page.reason) == (
        409,
        "每件事最多提醒 3 次，已经用完了。可以把下面的话发给本人，或者打个电话。",
    )
    department = world.organiser("department").id
    remind(at(1, 11))
    remind(at(1, 13))
    assert (
        Counter(row for row in rows_of(Reminder, "organiser_id", "thing_id"))[department, world.branch("air").id] == 3
    )


def test_a_batch_that_is_done_or_of_another_organiser_is_not_there(world: World, office: Browser):
    builders.step_of(world, "city")

    done = office.post("/reminders/report-2020Q1/now", csrf=True)
    foreign = office.get(f"/reminders/confirm-{builders.step_of(world, 'city').id}")

    assert (done.status, done.reason) == (409, "都办完了，不用提醒。")
    assert (foreign.status, office.get("/reminders/").status) == (404, 200)


def test_no_page_of_reminders_tells_who_was_punctual_or_read_anything(world: World, sign_in: SignIn):
    remind(at(1, 5))
    with clock.stopped_at(at(1, 6)):
        office = sign_in("office")
        pages = office.get("/reminders/").main + office.get(f"/reminders/{FOURTH}").main

    assert [word for word in ("已读", "未读", "按时", "排名", "次数") if word in pages] == []


# Many branches.


def many(world: World, count: int) -> None:
    department, made = world.organiser("department").id, []
    with writing() as session:
        for number in range(count):
            made.append(
                PartyOrganisation(
                    organiser_id=department,
                    code=f"m{number}",
                    name=f"第{number}党支部",
                    kind=PartyKind.BRANCH,
                    branch_kind=BranchKind.SERVING,
                    position=1000 + number,
                )
            )
        session.add_all(made)
        session.flush()
        secretary = world.person("secretary")
        session.add_all(
            RoleGrant(
                person_id=secretary.id,
                role=Role.SECRETARY,
                organiser_id=department,
                branch_id=branch.id,
                starts_on=builders.LONG_AGO,
            )
            for branch in made
        )


@pytest.mark.either
def test_a_hundred_branches_more_cost_no_statement_more(world: World, statements: Statements):
    db.session.rollback()
    with statements() as few:
        reminding.open_tasks(db.session(), at(1, 5))
    many(world, 100)
    db.session().info.pop("remembered", None)
    with statements() as said:
        count = remind(at(1, 5))

    assert count == 105
    assert len(said) <= 3 * len(few) + 6


@pytest.mark.slow
def test_three_thousand_branches_are_worked_out_in_two_seconds_of_work(world: World):
    many(world, 3_000)

    begun = process_time()
    found = reminding.open_tasks(db.session(), at(1, 5))
    due = reminding.due_now(found)
    worked_out = process_time() - begun
    begun = process_time()
    count = remind(at(1, 5))
    sent = process_time() - begun

    assert (len(due), count) == (3_005, 3_005)
    assert (worked_out < 2.0, sent < 2.0) == (True, True), f"{worked_out:.2f} s, {sent:.2f} s"


def test_the_providers_are_these():
    assert [provider.__name__ for provider in reminders.PROVIDERS] == [
        *("reports", "sheets", "recommendations", "confirmations")
    ]
