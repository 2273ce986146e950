"""Pilots: designated and ended by a document, never more than four at a time."""

from __future__ import annotations

from datetime import date

import pytest

from tests import builders, rating_builders
from tests.builders import World
from tests.pages import Browser
from tiejun_awards.shared.errors import Refused
from tiejun_awards.stars import services
from tiejun_awards.stars.models import Pilot


def test_the_office_designates_and_ends_a_pilot_by_documents(world: World, office: Browser):
    office.get("/stars/")
    office.click("确定和结束试点")
    empty = office.submit("确定试点", branch="", number="", started_on="")
    undated = office.submit("确定试点", branch=str(world.branch("water").id), number="", started_on="昨天")
    numberless = office.submit("确定试点", started_on="2026-01-05")
    done = office.submit("确定试点", number="测试党办〔2026〕3号")
    office.click("结束水生态环境处党支部")
    early = office.submit("结束试点", number="测试党办〔2026〕9号", ended_on="2025-12-31")
    ended = office.submit("结束试点", ended_on="2026-11-20")

    assert empty.errors == {"branch": "请选一个党支部。"}
    assert undated.errors == {"started_on": "看不懂日期“昨天”，请写成2026-03-26或2026年3月26日。"}
    assert numberless.errors == {"number": "请填写文号，最多 60 字。没有文号不能登记。"}
    assert done.alerts[:2] == ["已确定为试点支部。", "试点支部一般不少于 2 个，现在 1 个。"]
    assert early.errors == {"ended_on": "结束日应在2026年1月5日到今天之间。"}
    assert ended.alerts[0] == "试点已结束。"
    assert builders.rows_of(Pilot, "number", "ended_on", "end_number", "slot") == [
        ("测试党办〔2026〕3号", date(2026, 11, 20), "测试党办〔2026〕9号", None)
    ]


def test_a_fifth_pilot_is_refused_and_an_ended_one_makes_room(world: World, office: Browser):
    for number in range(2):
        builders.branch(world.organiser("department"), f"more{number}")
    first = rating_builders.pilot(world, "water")
    for code in ("air", "more0", "more1"):
        rating_builders.pilot(world, code)
    office.get("/stars/pilots")
    fifth = office.submit("确定试点", branch=str(world.branch("own").id), number="1号", started_on="2026-01-05")
    services.end_pilot(world.actor("office"), first, number="2号", ended_on=date(2026, 11, 1))
    again = office.submit("确定试点")

    assert fifth.errors == {"branch": "同时最多 4 个试点支部，现在已有 4 个；请先结束一个，再确定新的。"}
    assert again.alerts[0] == "已确定为试点支部。"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"branch_id": 999_999}, "branch"),
        ({"started_on": date(2027, 1, 1)}, "started_on"),
        ({"number": " "}, "number"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(world: World, values, field):
    filled = {"branch_id": world.branch("air").id, "number": "1号", "started_on": date(2026, 1, 5), **values}

    with pytest.raises(Refused) as refused:
        services.designate(world.actor("office"), world.organiser("department"), **filled)

    assert refused.value.field == field


def test_a_branch_is_a_pilot_once_and_one_of_another_organiser_never(world: World):
    pilot = rating_builders.pilot(world)
    for code in ("water", "city_branch", "committee"):
        with pytest.raises(Refused):
            rating_builders.pilot(world, code)
    services.end_pilot(world.actor("office"), pilot, number="2号", ended_on=date(2026, 11, 1))

    with pytest.raises(Refused, match=r"^这个支部的试点已在2026年11月1日结束。$"):
        services.end_pilot(world.actor("office"), pilot, number="2号", ended_on=date(2026, 11, 1))
