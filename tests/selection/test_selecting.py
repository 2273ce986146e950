"""From first review to the confirmed decision; nobody reviews his own nomination or his own unit's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests import builders, exemplars
from tests.builders import World
from tests.exemplars import STEPS
from tests.pages import Browser
from tiejun_awards.decisions.rules import Kind
from tiejun_awards.honours import services as honours
from tiejun_awards.nominations.rules import EndReason, EntryState, name_key
from tiejun_awards.selection import rules, services
from tiejun_awards.selection.rules import MOVES
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.errors import NotAllowed, Refused
from tiejun_awards.shared.workflow import mermaid

TODAY = date(2026, 11, 23)
DONE = dict.fromkeys(rules.NEEDED, True)


def test_the_moves_can_be_read_aloud():
    assert mermaid(MOVES).splitlines()[1:] == [
        "    单位已推荐 --> 通过初审: 通过初审",
        "    单位已推荐 --> 未列入: 不列入",
        "    通过初审 --> 未列入: 不列入",
        "    未列入 --> 单位已推荐: 重新审查",
        "    通过初审 --> 已公布: 公布",
    ]


@pytest.mark.parametrize(
    ("counts", "done", "until", "sentences"),
    [
        ({EntryState.SHORTLISTED: 3}, DONE, date(2026, 11, 22), []),
        (
            {EntryState.SHORTLISTED: 4},
            DONE,
            date(2026, 11, 22),
            ["通过初审的有 4 个，名额 3 个，多出的请写明原因不列入。"],
        ),
        ({EntryState.ENDED: 1}, DONE, date(2026, 11, 22), ["还没有通过初审的对象。"]),
        ({EntryState.SHORTLISTED: 1}, DONE, TODAY, ["公示还没有结束。"]),
        ({EntryState.SHORTLISTED: 1}, {**DONE, Kind.APPROVAL: False}, None, ["党组审定已登记，等复核人核对。"]),
        (
            {EntryState.SHORTLISTED: 1, EntryState.RECOMMENDED: 2},
            {},
            None,
            ["还有 2 个候选对象没有初审。", "还没有登记纪检意见。", "还没有登记公示。", "还没有登记党组审定。"],
        ),
    ],
)
def test_what_keeps_results_from_being_published(counts, done, until, sentences):
    assert rules.obstacles(counts, done, quota=3, notice_until=until, today=TODAY) == sentences


def test_the_body_decides_after_the_notice_has_ended():
    assert rules.order_fault(Kind.APPROVAL, date(2026, 11, 16), date(2026, 11, 16)) != ""
    assert rules.order_fault(Kind.APPROVAL, date(2026, 11, 17), date(2026, 11, 16)) == ""
    assert rules.order_fault(Kind.DISCIPLINE, date(2026, 11, 1), date(2026, 11, 16)) == ""


def test_the_office_accepts_and_ends_with_a_reason_from_the_list(world: World, office: Browser):
    entry = exemplars.entry(world)
    office.get(f"/selection/entries/{entry.id}")
    without = office.submit("不列入", ground="材料里有一处和考核结果不一致。")

    ended = office.submit("不列入", reason="conditions")
    again = office.get(f"/selection/entries/{entry.id}")
    office.submit("重新审查")
    accepted = office.submit("通过初审")

    assert (without.status, without.errors) == (422, {"reason": "请选一个原因；推荐人和被推荐人会看到它。"})
    assert without.values["ground"] == "材料里有一处和考核结果不一致。"
    assert ended.alerts == ["已登记，推荐人和被推荐人会看到原因。"]
    assert "材料里有一处和考核结果不一致。" in again.main
    assert accepted.alerts == ["water_unit干部（演示）已通过初审。"]
    assert [action for (action,) in builders.rows_of(AuditEvent, "action")][-3:] == [
        *("selection.end", "selection.reopen", "selection.accept"),
    ]


def test_the_true_ground_is_read_by_office_and_discipline_only(world: World, sign_in):
    entry = exemplars.entry(world, state=EntryState.ENDED)
    read = {
        who: "内部说明一句。" in sign_in(who).get(f"/selection/entries/{entry.id}").html
        for who in ("office", "second", "discipline", "leader")
    }

    assert read == {"office": True, "second": True, "discipline": True, "leader": False}
    assert "内部说明一句。" not in sign_in("clerk").get(f"/recommendations/{entry.recommendation_id}").html


def test_an_officer_reviews_nothing_of_his_own_unit_the_second_hand_does(
    world: World, office: Browser, second: Browser
):
    entry = exemplars.entry(world, "own_unit")
    page = office.post(f"/selection/entries/{entry.id}/accept", {"version": str(entry.version)}, csrf=True)
    shown = office.get(f"/selection/entries/{entry.id}")

    second.get(f"/selection/entries/{entry.id}")
    taken = second.submit("通过初审")

    assert (page.status, page.reason) == (403, "您现在的身份不能在这里审查候选对象。")
    assert "通过初审" not in shown.buttons
    assert taken.alerts == ["own_unit干部（演示）已通过初审。"]


@pytest.mark.parametrize("how", ["nominator", "nominee"])
def test_an_officer_reviews_nothing_he_suggested_or_that_names_him(world: World, how: str):
    office = world.actor("office")
    if how == "nominator":
        exemplars.suggestion(world, "office", nominee="water_unit干部（演示）")
        entry = exemplars.entry(world)
    else:
        entry = exemplars.recommendation(world, wanted=exemplars.draft([("机关党委 经办", "干部")])).entries[0]

    sentence = r"^这个候选对象与您本人有关（您是推荐人或者被推荐人），请由复核人审查。$"
    with pytest.raises(NotAllowed, match=sentence):
        services.accept(office, entry, version=entry.version)
    assert services.accept(world.actor("second"), entry, version=entry.version).state is EntryState.SHORTLISTED
    assert name_key("机关党委　经办") == name_key(office.name)


def test_a_decision_without_number_is_refused_beside_the_number(world: World, office: Browser):
    call = exemplars.call(world)
    exemplars.entry(world, state=EntryState.SHORTLISTED)
    exemplars.step(world, call, Kind.NOTICE)
    office.get(f"/selection/{call.id}/steps/approval")

    page = office.submit("登记", body="厅党组会议", held_on="2026-11-18", result="同意。")

    assert (page.status, page.errors) == (422, {"number": "请填写文号或纪要编号，没有文号不能登记。"})
    assert (page.values["body"], page.values["result"]) == ("厅党组会议", "同意。")


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        (Kind.NOTICE, {"until": date(2026, 11, 13)}, "until"),
        (Kind.NOTICE, {"place": ""}, "place"),
        (Kind.APPROVAL, {"held_on": date(2026, 11, 16)}, "held_on"),
        (Kind.DISCIPLINE, {"number": ""}, "number"),
    ],
)
def test_a_step_with_something_wrong_is_refused_beside_its_field(world: World, kind: Kind, values, field: str):
    call = exemplars.call(world)
    if kind is Kind.APPROVAL:
        exemplars.step(world, call, Kind.NOTICE)

    with pytest.raises(Refused) as refused:
        services.register(world.actor("office"), call, kind, replace(STEPS[kind], **values))
    assert refused.value.field == field


def test_steps_come_in_their_order(world: World):
    call, office = exemplars.call(world), world.actor("office")
    entry = exemplars.entry(world)

    with pytest.raises(Refused, match="先登记公示，再登记审定"):
        services.register(office, call, Kind.APPROVAL, STEPS[Kind.APPROVAL])
    with pytest.raises(Refused, match="还有候选对象没有初审"):
        services.register(office, call, Kind.NOTICE, STEPS[Kind.NOTICE])
    services.end(office, entry, reason=EndReason.STUDIED, ground="", version=entry.version)
    services.register(office, call, Kind.NOTICE, STEPS[Kind.NOTICE])
    with pytest.raises(Refused, match="公示已经登记"):
        services.reopen(office, entry, version=entry.version)


def test_a_step_registered_by_mistake_is_taken_back_with_a_reason(world: World, office: Browser):
    call = exemplars.call(world)
    exemplars.step(world, call, Kind.DISCIPLINE)
    office.get(f"/selection/{call.id}/steps/discipline/withdraw")
    without = office.submit("撤下")

    page = office.submit("撤下", reason="登成了另一份函。")

    assert without.errors == {"reason": "请写明为什么撤下，最多 300 字。"}
    assert page.alerts == ["纪检意见的登记已撤下。"]
    assert "登记纪检意见" in page.links


def test_results_are_published_after_the_second_hand_confirmed(world: World, office: Browser, second: Browser):
    call = exemplars.call(world)
    exemplars.entry(world, state=EntryState.SHORTLISTED)
    for kind in STEPS:
        step = exemplars.step(world, call, kind)
    with pytest.raises(Refused, match=r"^还不能公布：党组审定已登记，等复核人核对。$"):
        honours.publish(world.actor("office"), call, version=call.version)
    before = office.get(f"/selection/{call.id}")

    second.get(f"/decisions/{step.id}")
    second.submit("与原件一致", number=builders.NUMBER)
    home = office.get("/")
    office.click("去公布")
    page = office.submit("在系统内公布")

    assert "在系统内公布" not in before.buttons
    assert f"公布{call.title}的结果" in home.main
    assert page.alerts == ["结果已在系统内公布。"]
    assert [row[1] for row in page.rows()] == ["水生态环境处"]
    with pytest.raises(Refused, match="结果已经公布，不能再改"):
        services.register(world.actor("office"), call, Kind.PERSONNEL, STEPS[Kind.DISCIPLINE])


def test_the_list_is_in_unit_order_filters_and_is_exported_as_shown(world: World, office: Browser):
    exemplars.entry(world, "air_unit", EntryState.ENDED)
    exemplars.entry(world, "water_unit")
    call = exemplars.call(world)

    rows = office.get(f"/selection/{call.id}").rows()
    filtered = office.get(f"/selection/{call.id}?state=ended")
    book = load_workbook(BytesIO(office.get(f"/selection/{call.id}/export?state=ended").content))

    assert [row[0] for row in rows] == ["水生态环境处", "大气环境处"]
    assert [row[0] for row in filtered.rows()] == ["大气环境处"]
    [head, line, *_] = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert head == ("单位", "推荐顺序", "姓名或名称", "职务", "简要事迹", "状态", "未列入原因")
    assert line[:4] == ("大气环境处", 1, "air_unit干部（演示）", "干部")
    assert "没有符合条件的对象" in office.get(f"/selection/{call.id}?q=没有这个人").main


def test_what_waits_stands_at_home(world: World, office: Browser, staff: Browser, sign_in):
    call = exemplars.call(world)
    clerk = sign_in("clerk").get("/")
    entry = exemplars.entry(world)
    before = office.get("/").main
    services.accept(world.actor("office"), entry, version=entry.version)

    assert f"报送{call.title}" in clerk.main
    assert "水生态环境处推荐经办" in clerk.main
    assert ("审查候选对象" in before, "审查候选对象" in office.get("/").main) == (True, False)
    assert f"11月27日（周五）前可以推荐，还有 4 个工作日：{call.title}" in staff.get("/").main
    assert f"报送{call.title}" not in sign_in("clerk").get("/").main
