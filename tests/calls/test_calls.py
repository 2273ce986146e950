"""Calls: what has to be known before they are announced, and who sees them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import builders, exemplars
from tests.builders import World
from tests.conftest import SignIn
from tests.pages import Browser
from tiejun_awards.calls import rules, services
from tiejun_awards.calls.models import Call
from tiejun_awards.calls.rules import PROGRAMMES, Form, Phase, Plan, State
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.errors import Refused


def test_the_two_programmes_of_measure_22_are_there_with_their_conditions():
    assert {key: (each.title, each.subject.label, each.form) for key, each in PROGRAMMES.items()} == {
        "good_team": ("干事创业好班子", "集体", Form.PRAISED),
        "good_cadre": ("担当作为好干部", "个人", Form.PRAISED),
    }
    assert [len(each.criteria) for each in PROGRAMMES.values()] == [5, 5]


def test_an_empty_call_says_beside_each_field_what_it_wants():
    wanted = {"title", "programme", "year", "quota", "per_unit", "opens_on", "suggest_by", "recommend_by"}

    assert set(rules.faults(Plan())) == wanted
    assert rules.faults(exemplars.plan()) == {}


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        (
            {"form": Form.COMMENDED},
            "approval_ref",
            "“表彰”须有批准文号；没有批准的，请用选树、推选或通报表扬。依据：《评比达标表彰活动管理办法》（中办发〔2018〕69号）。",
        ),
        ({"suggest_by": date(2026, 10, 18)}, "suggest_by", "群众推荐的截止日在开始日之前，请核对。"),
        ({"recommend_by": date(2026, 11, 26)}, "recommend_by", "单位报送的截止日在群众推荐截止日之前，请核对。"),
        ({"quota": 0}, "quota", "名额请填 1 至 999 的整数。"),
        ({"per_unit": 10}, "per_unit", "每个单位可推荐几个，请填 1 至 9 的整数。"),
        ({"title": "通" * 61}, "title", "最多 60 字，请删减一些。"),
        ({"year": 1999}, "year", "请填写年度，例如 2026。"),
    ],
)
def test_what_is_wrong_with_a_call_stands_beside_its_field(values: dict[str, Any], field: str, sentence: str):
    assert rules.faults(exemplars.plan(**values)) == {field: sentence}


@pytest.mark.parametrize(
    ("state", "today", "phase"),
    [
        (State.DRAFT, date(2026, 11, 1), Phase.DRAFT),
        (State.ANNOUNCED, date(2026, 10, 18), Phase.COMING),
        (State.ANNOUNCED, date(2026, 10, 19), Phase.SUGGESTING),
        (State.ANNOUNCED, date(2026, 11, 27), Phase.SUGGESTING),
        (State.ANNOUNCED, date(2026, 11, 28), Phase.RECOMMENDING),
        (State.ANNOUNCED, date(2026, 12, 4), Phase.RECOMMENDING),
        (State.ANNOUNCED, date(2026, 12, 5), Phase.SELECTING),
        (State.PUBLISHED, date(2026, 11, 1), Phase.PUBLISHED),
    ],
)
def test_a_limit_is_the_last_day_that_counts(state: State, today: date, phase: Phase):
    wanted = exemplars.plan()

    assert rules.phase(state, wanted.opens_on, wanted.suggest_by, wanted.recommend_by, today) is phase  # type: ignore[arg-type]


def test_a_call_is_announced_with_a_number_and_before_its_end():
    day = date(2026, 11, 23)

    assert rules.why_not_announced("", day, day) == ("number", "请填写通知的文号，没有文号不能发出。")
    assert rules.why_not_announced("1号", date(2026, 11, 22), day)[0] == "suggest_by"
    assert rules.why_not_announced("1号", day, day) == ("", "")


def test_bad_input_stays_in_the_form_with_a_sentence_beside_it(world: World, office: Browser):
    office.get("/calls/new")

    page = office.submit("存草稿", title="好干部", year="二〇二六", quota="3.5", opens_on="2月30日", suggest_by="随便")

    assert page.status == 422
    assert set(page.errors) == {"year", "quota", "opens_on", "suggest_by", "recommend_by"}
    assert (page.values["year"], page.values["opens_on"], page.values["title"]) == ("二〇二六", "2月30日", "好干部")
    assert builders.count(Call) == 0


def test_a_draft_is_seen_by_the_office_only_until_it_is_announced(world: World, office: Browser, staff: Browser):
    call = exemplars.call(world, announced=False)
    before = staff.get(f"/calls/{call.id}").status, call.title in staff.get("/calls/").main

    office.get(f"/calls/{call.id}")
    page = office.submit("发出通知")

    assert before == (404, False)
    assert page.alerts == ["通知已发出，全体干部职工和各单位经办都能看到。"]
    assert (staff.get(f"/calls/{call.id}").h1, staff.page.links.get("推荐一位同事")) == (  # type: ignore[union-attr]
        call.title,
        f"/calls/{call.id}/suggest",
    )
    assert builders.rows_of(AuditEvent, "actor_name", "action")[-1] == ("机关党委经办", "calls.announce")


def test_what_is_announced_stays_as_it_was(world: World, office: Browser):
    call = exemplars.call(world)

    with pytest.raises(Refused, match="通知已经发出，不能再改"):
        services.change(world.actor("office"), call, exemplars.plan(quota=9), version=call.version)
    assert office.get(f"/calls/{call.id}/edit").path == f"/calls/{call.id}"


def test_the_list_filters_and_sorts(world: World, office: Browser):
    exemplars.call(world)
    exemplars.call(world, title="好班子推荐", programme="good_team", year=2025)

    assert [row[2] for row in office.get("/calls/").rows()] == ["2026年", "2025年"]
    assert [row[2] for row in office.get("/calls/?sort=-year").rows()] == ["2025年", "2026年"]
    assert [row[2] for row in office.get("/calls/?programme=good_team").rows()] == ["2025年"]
    assert "没有符合条件的通知" in office.get("/calls/?year=1999").main


def test_a_citys_clerk_posted_with_the_department_sees_its_calls(world: World, sign_in: SignIn):
    call = exemplars.call(world)
    department = world.organiser("department")
    bureau = builders.unit(department, "bureau", "石嘴山市生态环境局")
    person = builders.person("bureau_clerk", world.organiser("city"))
    builders.grant(person, Role.CLERK, unit=bureau, organiser=department)

    page = sign_in(person).get(f"/calls/{call.id}")

    assert page.links["石嘴山市生态环境局的单位推荐"] == f"/calls/{call.id}/units/{bureau.id}"
    assert "推荐一位同事" not in page.links
