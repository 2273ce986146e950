"""Changing units and party organisations: names with days, moves, ends, which units a branch serves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from tests import builders
from tests.builders import NOW, World
from tests.pages import Browser
from tests.together import at_once
from tiejun_awards.organisation import editing, services
from tiejun_awards.organisation.editing import PartyFacts, UnitFacts
from tiejun_awards.organisation.models import (
    BranchKind,
    BranchUnit,
    FormerName,
    PartyKind,
    PartyOrganisation,
    Unit,
    UnitKind,
)
from tiejun_awards.organisation.rules import in_circle
from tiejun_awards.organisers.models import Organiser
from tiejun_awards.shared.db import db
from tiejun_awards.shared.errors import NotAllowed, Refused

UNIT = UnitFacts("N1", "新设处", UnitKind.OFFICE, 90, date(2020, 1, 1))
PARTY = PartyFacts("P1", "新设党支部", PartyKind.BRANCH, 90, BranchKind.SERVING, founded_on=date(2020, 1, 1))


def refused(verb: Any) -> str | None:
    """The field a refusal names."""
    with pytest.raises(Refused) as found:
        verb()
    return found.value.field


def test_a_circle_is_seen_through_any_number_of_rows():
    parents: dict[int, int | None] = {1: None, 2: 1, 3: 2, 7: 8, 8: 7}

    assert [in_circle(row, parent, parents) for row, parent in ((1, 3), (3, 1), (1, 1), (2, None), (1, 7))] == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_a_unit_is_entered_changed_and_moved(world: World):
    office, department = world.actor("office"), world.organiser("department")
    unit = editing.add_unit(office, department, replace(UNIT, kind_unconfirmed=True))
    own = world.unit("own_unit")

    editing.change_unit(office, unit, replace(UNIT, name="新处", parent_id=own.id), version=1)

    assert (unit.name, unit.parent_id, unit.kind_unconfirmed, unit.version) == ("新处", own.id, False, 2)
    assert refused(lambda: editing.change_unit(office, unit, replace(UNIT, parent_id=unit.id), version=2)) == "parent"


def test_what_is_wrong_with_a_unit_or_a_branch_stands_beside_its_field(world: World):
    office, department = world.actor("office"), world.organiser("department")
    city = world.unit("city_unit")
    units = [
        replace(UNIT, code="处"),
        replace(UNIT, code="water_unit"),
        replace(UNIT, name=""),
        replace(UNIT, position=100_000),
        replace(UNIT, parent_id=city.id),
        replace(UNIT, other_names="x" * 201),
    ]
    parties = [replace(PARTY, branch_kind=None), replace(PARTY, kind=PartyKind.GROUP), replace(PARTY, members=10_000)]

    found = [refused(lambda facts=facts: editing.add_unit(office, department, facts)) for facts in units]
    found += [refused(lambda facts=facts: editing.add_party(office, department, facts)) for facts in parties]

    assert found == [
        *("code", "code", "name", "position", "parent", "other_names"),
        *("branch_kind", "branch_kind", "members"),
    ]
    assert builders.count(Unit) == 4


def test_two_units_or_branches_never_have_one_name_at_one_time(world: World):
    office, department, city = world.actor("office"), world.organiser("department"), world.organiser("city")
    water, branch = world.unit("water_unit"), world.branch("water")
    same = replace(UNIT, name=" 水生态 环境处")
    party = replace(PARTY, name=branch.name)
    air, air_branch = world.unit("air_unit"), world.branch("air")
    since = date(2026, 3, 1)

    found = [
        refused(lambda: editing.add_unit(office, department, same)),
        refused(lambda: editing.add_party(office, department, party)),
        refused(lambda: editing.rename_unit(office, air, name=water.name, since=since, version=1)),
        refused(lambda: editing.rename_party(office, air_branch, name=branch.name, since=since, version=1)),
    ]
    editing.add_unit(world.actor("city_office"), city, replace(same, code="C1"))
    editing.end_unit(office, water, last_day=date(2026, 6, 30), version=1)
    editing.add_unit(office, department, replace(same, starts_on=date(2026, 7, 1)))
    found.append(refused(lambda: editing.end_unit(office, water, last_day=None, version=2)))

    assert found == ["name", "name", "name", "name", "last_day"]
    assert builders.count(Unit) == 6


def test_a_name_entered_twice_before_holds_up_no_other_change(world: World):
    office, air = world.actor("office"), world.unit("air_unit")
    builders.unit(world.organiser("department"), "twin", air.name)
    facts = UnitFacts(air.code, air.name, air.kind, air.position, air.starts_on, other_names="大气处")

    editing.change_unit(office, air, facts, version=1)

    assert world.unit("air_unit").other_names == "大气处"


def test_of_two_who_enter_one_name_at_once_one_is_refused(world: World, app: Flask):
    office, number = world.actor("office"), world.organiser("department").id

    def enter(code: str) -> Unit:
        return editing.add_unit(office, db.session.get_one(Organiser, number), replace(UNIT, code=code))

    found = at_once(app, lambda: enter("N1"), lambda: enter("N2"))

    assert sorted(type(each).__name__ for each in found) == ["Refused", "Unit"]


def test_a_new_name_from_a_day_keeps_the_old_one(world: World):
    office, unit, branch = world.actor("office"), world.unit("water_unit"), world.branch("water")

    editing.rename_unit(office, unit, name="水环境处", since=date(2026, 3, 1), version=1)
    editing.rename_party(office, branch, name="水环境处党支部", since=date(2026, 3, 1), version=1)
    early = refused(lambda: editing.rename_unit(office, unit, name="再改", since=date(2026, 2, 1), version=2))
    late = refused(lambda: editing.rename_unit(office, unit, name="再改", since=date(2027, 2, 1), version=2))

    rows = builders.rows_of(FormerName, "name", "until")
    assert rows == [("水生态环境处", date(2026, 2, 28)), ("水生态环境处党支部", date(2026, 2, 28))]
    assert (world.unit("water_unit").name, early, late) == ("水环境处", "since", "since")


def test_an_end_keeps_everything_names_what_hangs_on_it_and_can_be_taken_back(world: World):
    office, branch, unit = world.actor("office"), world.branch("water"), world.unit("water_unit")
    hanging = (services.hangs_on(branch, NOW.date()), services.hangs_on(unit, NOW.date()))

    editing.end_party(office, branch, last_day=date(2026, 11, 1), version=1)
    editing.end_unit(office, unit, last_day=date(2026, 11, 1), version=1)
    ended = (world.branch("water").ended_on, world.unit("water_unit").ends_on)
    editing.end_party(office, branch, last_day=None, version=2)

    assert hanging == (
        ["4 个在用的账号", "4 项没有结束的任职", "2 份没有采用的季度报告"],
        ["1 个对应的党支部", "4 个在用的账号", "1 项没有结束的任职"],
    )
    assert ended == (date(2026, 11, 1), date(2026, 11, 1))
    assert world.branch("water").ended_on is None
    assert refused(lambda: editing.end_unit(office, unit, last_day=date(2001, 1, 1), version=2)) == "last_day"


def test_a_branch_serves_units_from_day_to_day(world: World):
    office, branch, own = world.actor("office"), world.branch("water"), world.unit("own_unit")
    since = date(2026, 1, 1)

    editing.serve_unit(office, branch, unit_id=own.id, starts_on=since)
    again = refused(lambda: editing.serve_unit(office, branch, unit_id=own.id, starts_on=date(2026, 6, 1)))
    service = builders.only(BranchUnit, branch_id=branch.id, unit_id=own.id)
    editing.stop_serving(office, branch, service_id=service.id, last_day=date(2026, 5, 31))
    editing.serve_unit(office, branch, unit_id=own.id, starts_on=date(2026, 6, 1))

    assert again == "unit"
    assert [unit.name for unit in services.served_units(services.get_visible(office, branch.id), NOW.date())] == [
        "水生态环境处",
        "机关党委办公室",
    ]


def test_the_city_office_edits_its_own_and_nothing_else(world: World):
    city = world.actor("city_office")

    made = editing.add_party(city, world.organiser("city"), PARTY)
    with pytest.raises(NotAllowed):
        editing.add_party(city, world.organiser("department"), replace(PARTY, code="P2"))
    with pytest.raises(NotAllowed):
        editing.end_party(city, world.branch("water"), last_day=None, version=1)

    assert builders.only(PartyOrganisation, code="P1").organiser_id == made.organiser_id


def test_the_pages_change_what_they_show(world: World, office: Browser):
    unit = world.unit("air_unit")
    office.get("/organisation/units/new")
    page = office.submit("保存", code="N2", name="新设科", starts_on="2020-1-1", kind_unconfirmed=True)
    assert (page.h1, "待厅人事部门确认" in page.main) == ("新设科", True)

    office.click("修改")
    page = office.submit("保存", kind_unconfirmed=False)
    assert "待厅人事部门确认" not in page.main

    office.get(f"/organisation/units/{unit.id}/rename")
    page = office.submit("更名", name="大气处", since="2026年3月1日")
    assert "大气环境处（用到2026年2月28日）" in page.main

    office.get(f"/organisation/units/{unit.id}/end")
    wrong = office.submit("停用", last_day="")
    assert (wrong.status, wrong.errors) == (422, {"last_day": "请填写最后一天，例如 2026-03-18。"})

    branch = world.branch("air")
    office.get(f"/organisation/{branch.id}/edit")
    page = office.submit("保存", members="二十")
    assert page.errors["members"]
    page = office.submit("保存", members="２１ 人")
    assert "正式 21 名" in page.main

    office.get(f"/organisation/{branch.id}/units")
    page = office.submit("登记", within="登记一个单位", unit=str(world.unit("own_unit").id), starts_on="2026-01-01")
    assert page.alerts[0] == "已登记。"
    bad = [office.submit("结束机关党委办公室", last_day=day) for day in ("去年", "", "2025-12-31")]
    assert [(page.status, page.errors, page.values["last_day"]) for page in bad] == [
        (422, {"last_day": "看不懂日期“去年”，请写成2026-03-26或2026年3月26日。"}, "去年"),
        (422, {"last_day": "请填写最后一天，例如 2026-03-18。"}, ""),
        (422, {"last_day": "最后一天早于开始日期，请核对。"}, "2025-12-31"),
    ]
    page = office.submit("结束机关党委办公室", last_day="2026-10-31")
    assert page.alerts[0] == "已登记，以往的对应关系保留。"


def test_two_who_change_a_branch_at_once_see_each_others_words(world: World, office: Browser):
    branch = world.branch("air")
    office.get(f"/organisation/{branch.id}/edit")
    editing.rename_party(world.actor("office"), branch, name="别人改的名", since=date(2026, 3, 1), version=1)

    page = office.submit("保存", members="30")
    again = office.submit("保存")

    assert (page.status, "别人改的名" in page.main) == (409, True)
    assert (again.status, world.branch("air").members) == (200, 30)


def test_a_new_branch_says_since_when_it_is_there(world: World):
    with pytest.raises(Refused) as refused:
        editing.add_party(world.actor("office"), world.organiser("department"), replace(PARTY, founded_on=None))

    assert refused.value.field == "founded_on"
    committee = replace(
        PARTY, code="P2", name="新设总支", kind=PartyKind.GENERAL_BRANCH, branch_kind=None, founded_on=None
    )
    assert editing.add_party(world.actor("office"), world.organiser("department"), committee).id
