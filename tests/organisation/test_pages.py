"""The two trees, and the pages of their members."""

from __future__ import annotations

from datetime import date

import pytest

from tests import builders
from tests.builders import World
from tests.pages import Browser
from tiejun_awards.organisation import services
from tiejun_awards.organisation.models import BranchKind, BranchUnit
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.errors import Missing


def names(browser: Browser, path: str) -> list[str]:
    browser.get(path)
    assert browser.page is not None
    return [row[0] for row in browser.page.rows()]


def test_the_tree_shows_the_organisers_party_organisations_from_the_top_down(world: World, staff: Browser):
    assert names(staff, "/organisation/") == [
        "厅党组",
        "厅机关党委",
        "水生态环境处党支部",
        "大气环境处党支部",
        "机关党委办公室党支部",
    ]


def test_a_search_keeps_what_holds_its_words(world: World, staff: Browser):
    assert names(staff, "/organisation/?q=水生态") == ["水生态环境处党支部"]
    assert names(staff, "/organisation/units?q=大气") == ["大气环境处"]


@pytest.mark.parametrize("text", ["%", "_", "没有这个名字", "' OR 1=1 --"])
def test_a_search_that_finds_nothing_says_so(world: World, staff: Browser, text: str):
    page = staff.get("/organisation/", query_string={"q": text})

    assert (page.status, page.all("//main//tbody/tr")) == (200, [])


def test_a_branch_shows_what_it_serves_where_it_hangs_and_who_holds_its_posts(world: World, staff: Browser):
    page = staff.get(f"/organisation/{world.branch('water').id}")

    assert page.h1 == "水生态环境处党支部"
    assert [
        word
        for word in ("厅党组", "厅机关党委", "水生态环境处", "水处党支部书记", "党建联络员")
        if word not in page.main
    ] == []


def test_a_joint_branch_serves_several_units_and_a_past_service_is_not_shown(world: World, staff: Browser):
    department = world.organiser("department")
    former = builders.unit(department, "former", "原固废处")
    joint = builders.branch(
        department,
        "joint",
        "联合党支部",
        units=[world.unit("water_unit"), world.unit("air_unit")],
        branch_kind=BranchKind.JOINT,
    )
    builders.add(
        BranchUnit(branch_id=joint.id, unit_id=former.id, starts_on=date(2020, 1, 1), ends_on=date(2026, 11, 22))
    )

    served = services.served_units(services.get_visible(world.actor("staff"), joint.id), world.now.date())

    assert [unit.name for unit in served] == ["水生态环境处", "大气环境处"]
    assert services.branches_of_unit(former.id, world.now.date()) == []
    assert services.unit_names([joint.id], world.now.date()) == {joint.id: ["水生态环境处", "大气环境处"]}


def test_a_unit_shows_the_branches_that_serve_it(world: World, staff: Browser):
    page = staff.get(f"/organisation/units/{world.unit('water_unit').id}")

    assert (page.h1, "水生态环境处党支部" in page.main) == ("水生态环境处", True)


def test_a_small_branch_is_reminded_with_the_article(world: World, staff: Browser):
    small = builders.branch(world.organiser("department"), "small", "新设党支部", members=2)

    page = staff.get(f"/organisation/{small.id}")

    assert "正式党员 2 名，一般不少于 3 名才单独成立支部。" in page.main


@pytest.mark.parametrize("path", ["/organisation/units/new", "/organisation/new", "/people/new"])
def test_going_back_to_a_form_brings_all_of_it_back_or_nothing(world: World, office: Browser, path: str):
    page = office.get(path)

    assert [form.get("autocomplete") for form in page.all("//main//form")] == ["off"]
    assert page.all("//main//form//*[@autocomplete]") == []


@pytest.mark.parametrize(
    ("path", "button", "missing"),
    [
        ("/organisation/units/new", "保存", ["code", "name", "starts_on"]),
        ("/organisation/new", "保存", ["code", "name"]),
        ("/people/new", "建立账号", ["name", "username"]),
    ],
)
def test_an_empty_form_is_told_all_that_is_missing_at_once(
    world: World, office: Browser, path: str, button: str, missing: list[str]
):
    office.get(path)

    page = office.submit(button)

    assert (page.status, sorted(page.errors)) == (422, missing)


def test_posts_are_told_in_the_order_of_the_roles_and_only_while_they_last(world: World):
    water = world.branch("water")
    builders.grant(world.person("staff"), Role.LIAISON, at=water, ends_on=date(2026, 11, 22))

    assert [tuple(post) for post in services.posts_of(water.id, world.now)] == [
        ("党建联络员", "党建联络员"),
        ("党支部书记", "水处党支部书记"),
        ("党建指导员", "党建指导员"),
        ("党建督导员", "党建督导员"),
    ]


def test_a_branch_is_found_by_its_number_and_nothing_else_is_a_branch(world: World):
    assert services.get_branch(world.branch("water").id) == world.branch("water")
    for number in (world.branch("committee").id, 999):
        with pytest.raises(Missing):
            services.get_branch(number)
