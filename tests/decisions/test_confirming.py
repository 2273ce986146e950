"""A decision is registered by one person and confirmed by another, who reads its number from the paper again."""

from __future__ import annotations

from datetime import date

import pytest

from tests import builders
from tests.builders import NUMBER, World
from tests.pages import Browser
from tiejun_awards.decisions import services
from tiejun_awards.decisions.models import RegisteredStep
from tiejun_awards.decisions.rules import Entry, Kind
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import Refused


def test_the_second_hand_confirms_with_the_number_read_again(world: World, second: Browser):
    step = builders.step_of(world, "department")
    second.get("/decisions/")

    second.click("核对厅机关党委的一件事党组审定")
    shown = second.page
    page = second.submit("与原件一致", number="厅党组纪要[2026] 8号")

    assert shown is not None
    assert NUMBER not in shown.html
    assert page.alerts == ["厅机关党委的一件事的党组审定已核对。"]
    db.session.refresh(step)
    assert (step.counts, step.confirmed_by) == (True, world.person("second").id)
    assert builders.rows_of(AuditEvent, "actor_name", "action")[-1] == ("复核人", "decisions.confirm")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请照着原件再填一次党组审定的文号。"),
        ("厅党组纪要〔2026〕9号", "和登记的文号不一样。请核对原件；确实登记错了，请经办撤下重登。"),
    ],
)
def test_another_number_confirms_nothing_and_stays_in_the_field(
    world: World, second: Browser, typed: str, sentence: str
):
    step = builders.step_of(world, "department")
    second.get(f"/decisions/{step.id}")

    page = second.submit("与原件一致", number=typed)

    assert (page.status, page.errors, page.values["number"]) == (422, {"number": sentence}, typed)
    db.session.refresh(step)
    assert step.confirmed_at is None


def test_who_entered_it_cannot_confirm_it_even_with_both_posts(world: World):
    step = builders.step_of(world, "department")
    builders.grant(world.person("office"), Role.SECOND)

    with pytest.raises(Refused, match=r"^登记和核对要由两个人来办，请另一位复核人核对。$"):
        services.confirm(world.actor("office"), step, number=NUMBER)
    assert services.to_confirm(world.actor("office")) == []


def test_what_is_confirmed_or_withdrawn_is_not_confirmed_again(world: World):
    step, second = builders.step_of(world, "department"), world.actor("second")
    services.confirm(second, step, number=NUMBER)

    with pytest.raises(Refused, match=r"^这次登记已经核对过了。$"):
        services.confirm(second, step, number=NUMBER)
    take_back(world, step)
    with pytest.raises(Refused, match=r"^经办已撤下这次登记，不用核对了。$"):
        services.confirm(second, step, number=NUMBER)


def take_back(world: World, step: RegisteredStep, reason: str = "文号登错了。") -> None:
    with writing() as session:
        session.info["detail"] = {}
        services.take_back(session, world.actor("office"), session.merge(step), reason)


def test_a_withdrawn_step_makes_room_for_the_right_one(world: World):
    first = builders.step_of(world, "department")
    with pytest.raises(Refused, match=r"^党组审定已经登记过了；登记错了请先撤下，再登一次。$"):
        enter(world, Kind.APPROVAL, Entry("厅党组会议", date(2026, 11, 20), number="2号"))

    take_back(world, first)
    again = enter(world, Kind.APPROVAL, Entry("厅党组会议", date(2026, 11, 20), number="2号"))

    assert services.steps_of(world.organiser("department"))[Kind.APPROVAL].id == again.id
    with pytest.raises(Refused, match=r"^这次党组审定登记已经撤下了。$"):
        take_back(world, first)


def enter(world: World, kind: Kind, entry: Entry) -> RegisteredStep:
    with writing() as session:
        session.info["detail"] = {}
        return services.enter(session, world.actor("office"), world.organiser("department"), "一件事", kind, entry)


def test_withdrawing_says_why(world: World):
    step = builders.step_of(world, "department")

    with pytest.raises(Refused) as refused:
        take_back(world, step, "  ")
    assert (refused.value.field, refused.value.sentence) == ("reason", "请写明为什么撤下，最多 300 字。")


def test_a_notice_without_an_end_hangs_five_working_days_the_first_one_counted(world: World):
    # 2026-11-23 is a Monday.
    step = enter(world, Kind.NOTICE, Entry(held_on=date(2026, 11, 23), place="公告栏"))

    assert step.until == date(2026, 11, 27)


def test_a_notice_over_a_holiday_is_counted_by_the_calendar(world: World):
    # 2020-04-30 counted, 5 May still a holiday, Saturday 9 May worked: domain K13.
    step = enter(world, Kind.NOTICE, Entry(held_on=date(2020, 4, 30), place="公告栏"))

    assert step.until == date(2020, 5, 9)


def test_a_notice_one_day_short_is_refused_beside_its_end(world: World):
    with pytest.raises(Refused) as refused:
        enter(world, Kind.NOTICE, Entry(held_on=date(2026, 11, 23), until=date(2026, 11, 26), place="公告栏"))

    assert refused.value.field == "until"


def test_the_list_shows_both_what_waits_and_what_is_done(world: World, second: Browser):
    empty = second.get("/decisions/").main
    step = builders.step_of(world, "department")
    waiting = second.get("/decisions/").main
    services.confirm(world.actor("second"), step, number=NUMBER)
    done = second.get("/decisions/").main

    assert "没有等您核对的登记" in empty
    assert ("1 件等您核对" in waiting, NUMBER in waiting) == (True, False)
    assert ("没有等您核对的登记" in done, NUMBER in done) == (True, True)
