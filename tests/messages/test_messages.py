"""Who is told what by which verb; one's own messages, read by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import builders, exemplars, rating_builders
from tests.builders import NOW, World, rows_of
from tests.conftest import SignIn, Statements
from tests.pages import Browser
from tiejun_awards.accounts.models import Person
from tiejun_awards.decisions import services as decisions
from tiejun_awards.messages import services
from tiejun_awards.messages.models import Mail, Message, Reminder
from tiejun_awards.messages.rules import Kind
from tiejun_awards.nominations.rules import EntryState
from tiejun_awards.reports import services as reports
from tiejun_awards.reports.rules import State
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing


def told(since: int = 0) -> list[tuple[str, str, str, str]]:
    """(to whom, kind, text, path) of every message after a number, by person."""
    rows = db.session.execute(
        sa.select(Person.username, Message.kind, Message.text, Message.path)
        .join(Person, Person.id == Message.person_id)
        .where(Message.id > since)
        .order_by(Person.username, Message.id)
    )
    return [(row[0], row[1].value, row[2], row[3]) for row in rows]


def last() -> int:
    return db.session.scalar(sa.select(sa.func.max(Message.id))) or 0


# Which verbs tell whom.


def test_a_branch_is_told_what_became_of_its_report(world: World):
    report, office, before = world.report("water", "2026Q3"), world.actor("office"), last()

    report = reports.send_back(office, report, reason="请补充。", version=report.version)
    returned, path = "2026年第三季度报告退回了，请按机关党委写的意见修改后再提交。", f"/reports/{report.id}"
    assert told(before) == [("liaison", "report", returned, path), ("secretary", "report", returned, path)]

    before = last()
    report = reports.submit(world.actor("secretary"), report, version=_confirmed(world, report))
    report = reports.accept(office, report, version=report.version)
    accepted = "2026年第三季度报告已采用。"
    assert told(before) == [("liaison", "report", accepted, path), ("secretary", "report", accepted, path)]

    before = last()
    reports.reopen(office, report, reason="数字有误。", version=report.version)
    reopened = "2026年第三季度报告重新打开了，请按写明的原因修改后再提交。"
    assert told(before) == [("liaison", "report", reopened, path), ("secretary", "report", reopened, path)]


def _confirmed(world: World, report: Any) -> int:
    """The draft ticked again by the secretary, as it must be after a return; its version."""
    with writing():
        report.draft = {**report.draft, "confirmed": True}
    return int(report.version)


def test_the_second_hand_is_told_of_a_decision_to_compare_and_whoever_entered_it_is_not(world: World):
    before = last()
    builders.grant(world.person("office"), Role.SECOND)

    builders.step_of(world, "department")

    assert told(before) == [
        ("second", "confirm", "厅机关党委的一件事的党组审定已登记，等您照原件核对。", "/decisions/")
    ]


def test_a_nominator_is_told_that_his_own_suggestion_moved_and_not_of_whom(world: World):
    suggestion = exemplars.suggestion(world, "staff")
    code, before = suggestion.code, last()

    exemplars.recommendation(world, wanted=exemplars.draft())

    text = "您的一份推荐有了新进展，点开看走到哪一步。"
    assert [row for row in told(before) if row[1] == "suggestion"] == [
        ("staff", "suggestion", text, f"/suggestions/{code}")
    ]


def test_the_units_clerk_is_told_of_a_review_without_its_ground(world: World):
    before = last()

    entry = exemplars.entry(world, "water_unit", EntryState.ENDED)

    found = [row for row in told(before) if row[1] == "selection"]
    path = f"/recommendations/{entry.recommendation_id}"
    assert [(row[0], row[3]) for row in found] == [("clerk", path)]
    assert entry.nominee not in found[0][2]
    assert "审查结果（未列入）" in found[0][2]


def test_branches_are_told_that_their_stars_are_published(rated: World):
    found = [row for row in told() if row[1] == "rating"]

    cycle = rating_builders.cycle_of(rated, 2025)
    water = rated.branch("water").id
    text = "2025年度党支部星级评定结果公布了，点开看本支部的结果。"
    assert ("secretary", "rating", text, f"/ratings/{cycle.id}/branches/{water}") in found
    assert {row[0] for row in found} == {"air_secretary", "liaison", "own_secretary", "secretary"}


def test_the_same_thing_is_told_once_a_day_however_often_it_is_said(world: World):
    actor, reader, before = world.actor("office"), world.person("staff").id, last()

    def say(at: Any) -> None:
        with writing() as session:
            services.write(session, at, [(Kind.REPORT, "report:1", "一句话。", "/", reader)] * 2)

    say(actor.at)
    say(actor.at + timedelta(hours=1))
    say(actor.at + timedelta(days=1))

    assert len(told(before)) == 2


def test_a_message_is_cut_to_what_its_column_holds(world: World):
    before = last()

    with writing() as session:
        services.write(session, NOW, [(Kind.REPORT, "report:1", "长" * 300, "/", world.person("staff").id)])

    assert [len(row[2]) for row in told(before)] == [200]


def test_every_path_a_message_or_reminder_leads_to_is_a_page(rated: World, app: Flask):
    exemplars.suggestion(rated, "staff")
    exemplars.recommendation(rated, wanted=exemplars.draft())
    exemplars.entry(rated, "water_unit", EntryState.ENDED)
    builders.step_of(rated, "department")
    urls = app.url_map.bind("localhost")

    paths = {row[3] for row in told()}

    assert {row[1] for row in told()} >= {"report", "rating", "selection", "suggestion", "confirm"}
    for path in paths:  # raises NotFound for what is none
        urls.match(path)


# One's own.


def test_messages_are_listed_unread_first_and_opened_by_a_button(world: World, staff: Browser):
    reader = world.person("staff")
    builders.message(reader, "看过的一句。", read_at=NOW, made_at=NOW + timedelta(hours=1))
    builders.message(reader, "没看的一句。", path="/rules/")

    unread = staff.get("/messages/")
    everything = staff.get("/messages/?state=all")
    opened = staff.submit("打开（未读）")

    assert ("没看的一句。" in unread.main, "看过的一句。" in unread.main) == (True, False)
    assert everything.main.index("没看的一句。") < everything.main.index("看过的一句。")
    assert opened.path == "/rules/"
    assert rows_of(Message, "text", "read_at")[-2:] == [("看过的一句。", NOW), ("没看的一句。", NOW)]


def test_the_head_of_each_page_says_how_many_are_unread(world: World, staff: Browser):
    def head() -> str:
        return str(staff.get("/").all("//a[starts-with(@aria-label, '消息')]/@aria-label")[0])

    none = head()
    builders.message(world.person("staff"), "一。")
    builders.message(world.person("staff"), "二。")
    two = head()
    staff.get("/messages/")
    staff.submit("全部标为已读")

    assert (none, two, head()) == ("消息", "消息，2 条未读", "消息")


def test_the_number_in_the_head_costs_no_statement(world: World, staff: Browser, statements: Statements):
    staff.get("/rules/")
    with statements() as before:
        staff.get("/rules/")
    builders.message(world.person("staff"))
    with statements() as after:
        staff.get("/rules/")

    assert len(after) == len(before)


def test_messages_are_filtered_by_kind_and_paged(world: World, staff: Browser):
    reader = world.person("staff")
    for number in range(52):
        builders.message(reader, f"第{number}句。", kind=Kind.RATING)
    builders.message(reader, "别的。")

    assert "共 53 条，第 1 / 2 页" in staff.get("/messages/").main
    assert "共 1 条" in staff.get("/messages/?kind=report").main
    assert "别的。" not in staff.get("/messages/?kind=rating&page=2").main
    assert "没有这样的消息" in staff.get("/messages/?kind=confirm").main


def test_looking_at_messages_reads_none_of_them(world: World, staff: Browser):
    builders.message(world.person("staff"))

    staff.get("/messages/")

    assert rows_of(Message, "read_at")[-1] == (None,)


def test_nobody_learns_who_read_what(world: World, staff: Browser, sign_in: SignIn):
    message = builders.message(world.person("staff"), path="/rules/")
    lines = builders.count(AuditEvent)

    staff.get("/messages/")
    staff.submit("打开（未读）")
    staff.post("/messages/read", csrf=True)
    foreign = [
        sign_in(who).post(f"/messages/{message.id}/open", csrf=True).status
        for who in ("office", "auditor", "system_admin")
    ]

    assert rows_of(AuditEvent, "action")[lines:] == []
    assert foreign == [404, 404, 404]


# E-mail, yes or no.


def test_a_person_says_where_e_mail_goes_and_takes_it_back(world: World, staff: Browser):
    staff.get("/messages/email")
    kept = staff.submit("存好", address=" zhang@example.cn ", wanted=True)
    on = (world.person("staff").email, world.person("staff").email_since)
    staff.get("/messages/email")
    staff.submit("存好", wanted=False)
    off = (world.person("staff").email, world.person("staff").email_since)

    assert kept.alerts[0] == "存好了，有新消息会发邮件告诉您。"
    assert (on, off) == (("zhang@example.cn", NOW), ("zhang@example.cn", None))
    assert "zhang" not in str(rows_of(AuditEvent, "detail"))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("zhang", "邮箱地址读不懂，应当像 name@example.cn 这样，用英文字母和数字。"),
        ("", "要用邮件提醒，请先填邮箱地址。"),
    ],
)
def test_what_is_no_address_is_said_beside_the_field(world: World, staff: Browser, address: str, sentence: str):
    staff.get("/messages/email")
    page = staff.submit("存好", address=address, wanted=True)

    assert (page.status, sentence in page.main) == (422, True)
    assert world.person("staff").email is None


# What is kept.


def test_read_messages_go_after_half_a_year_and_all_after_a_year(world: World):
    reader = world.person("staff")
    for text, days, read in (("新", 1, True), ("旧读", 181, True), ("旧未读", 181, False), ("老", 366, False)):
        made = NOW - timedelta(days=days)
        builders.message(reader, text, made_at=made, read_at=made if read else None)
    place = {"organiser_id": reader.organiser_id, "batch": "b", "number": 1, "stage": 1, "day": NOW.date()}
    builders.add(Reminder(thing_id=1, sent_at=NOW - timedelta(days=731), **place))
    builders.add(Reminder(thing_id=2, sent_at=NOW - timedelta(days=729), **place))
    old = NOW - timedelta(days=181)
    builders.add(Mail(person_id=reader.id, day=old.date(), made_at=old, next_at=old, sent_at=old))

    services.forget_old(NOW)

    assert [text for (text,) in rows_of(Message, "text") if text in ("新", "旧读", "旧未读", "老")] == ["新", "旧未读"]
    assert rows_of(Reminder, "thing_id") == [(2,)]
    assert builders.count(Mail) == 0


def test_the_database_refuses_a_fourth_reminder_and_a_second_one_a_day(world: World):
    place = {"organiser_id": world.organiser("department").id, "batch": "b", "thing_id": 1, "sent_at": NOW}
    builders.add(Reminder(number=3, stage=3, day=NOW.date(), **place))

    for more in ({"number": 4, "day": NOW.date() + timedelta(1)}, {"number": 2, "day": NOW.date()}):
        with pytest.raises(sa.exc.IntegrityError):
            builders.add(Reminder(stage=3, **more, **place))


def test_a_confirmed_decision_tells_nobody_again(world: World):
    step = builders.step_of(world, "department")
    before = last()

    decisions.confirm(world.actor("second"), step, number=builders.NUMBER)

    assert told(before) == []


def test_a_draft_report_tells_nobody(world: World):
    before = last()
    branch = world.branch("air")

    builders.report(branch, "2026Q4", State.DRAFT, writer=world.person("air_secretary"))

    assert told(before) == []
