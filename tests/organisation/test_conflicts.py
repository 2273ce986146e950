"""Two who change one thing at once: whoever saves later sees all that was saved before, field by field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import builders
from tests.builders import World
from tests.pages import Browser, Page
from tiejun_awards.organisation.models import PartyOrganisation, Unit
from tiejun_awards.shared.db import db, writing


def labels(page: Page) -> list[str]:
    """What the fields of the page's form are called."""
    found = page.all("//main//form[@method='post'][.//label]//*[self::label or self::legend]")
    return [label.text_content().replace("可不填", "").strip() for label in found]


def marked(page: Page) -> list[list[str]]:
    """The rows of the table of both versions that are marked as different."""
    return [[row[0].removesuffix("不同").strip(), *row[1:]] for row in page.rows() if row[0].endswith("不同")]


@pytest.mark.parametrize("what", ["unit", "party", "person"])
def test_every_field_of_the_form_is_a_row_of_both_versions(world: World, office: Browser, what: str):
    found: dict[str, tuple[Any, str]] = {
        "unit": (world.unit("air_unit"), f"/organisation/units/{world.unit('air_unit').id}/edit"),
        "party": (world.branch("air"), f"/organisation/{world.branch('air').id}/edit"),
        "person": (world.person("staff"), f"/people/{world.person('staff').id}/edit"),
    }
    row, path = found[what]
    opened = office.get(path)
    with writing():
        row.version += 1

    page = office.submit("保存")

    assert (page.status, sorted(row[0] for row in page.rows())) == (409, sorted(labels(opened)))
    assert len(labels(opened)) > 4
    assert office.submit("保存").status == 200


def test_a_parent_set_meanwhile_is_seen_before_it_is_lost(world: World, office: Browser):
    air, own = world.unit("air_unit"), world.unit("own_unit")
    office.get(f"/organisation/units/{air.id}/edit")
    with writing():
        row = db.session.get_one(Unit, air.id)
        row.parent_id, row.version = own.id, row.version + 1

    page = office.submit("保存", other_names="大气处")

    assert marked(page) == [["上级", "没有上级", own.name], ["又称", "大气处", "（没有填）"]]


def test_a_number_or_a_day_written_in_another_way_is_no_difference(world: World, office: Browser):
    air = world.branch("air")
    with writing():
        row = db.session.get_one(PartyOrganisation, air.id)
        row.founded_on, row.members = date(2020, 3, 1), 21
    office.get(f"/organisation/{air.id}/edit")
    with writing():
        row = db.session.get_one(PartyOrganisation, air.id)
        row.parent_id, row.version = None, row.version + 1

    page = office.submit("保存", founded_on="2020年3月1日", members="２１ 人")

    assert [row[0] for row in marked(page)] == ["上级"]


def test_a_persons_unit_is_never_called_by_the_name_of_a_branch(world: World, office: Browser):
    staff = world.person("staff")
    unit = builders.only(Unit, id=staff.branch_id)  # a branch has its number too
    office.get(f"/people/{staff.id}/edit")
    with writing():
        staff.version += 1

    page = office.submit("保存", unit=str(unit.id))

    assert marked(page) == [["单位", unit.name, world.unit("water_unit").name]]


def test_a_new_name_and_an_end_show_what_was_saved_meanwhile(world: World, office: Browser):
    air = world.unit("air_unit")
    office.get(f"/organisation/units/{air.id}/end")
    with writing():
        row = db.session.get_one(Unit, air.id)
        row.ends_on, row.version = date(2026, 12, 31), row.version + 1

    page = office.submit("停用", last_day="2026-12-15")

    assert (page.status, marked(page)) == (409, [["最后一天", "2026年12月15日", "2026年12月31日"]])
