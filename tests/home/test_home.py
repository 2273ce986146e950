"""The home page: what waits under which hat, the figures; and whether the system is up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from lxml.html import HtmlElement

from config import Config
from tests import builders
from tests.builders import NOW, World
from tests.conftest import SignIn
from tests.databases import Databases
from tests.pages import Browser, Page, said
from tiejun_awards.app import create_app
from tiejun_awards.panels.models import Panel
from tiejun_awards.reports import due
from tiejun_awards.reports.rules import State
from tiejun_awards.rulebook import services as rulebook
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.clock import SHANGHAI, day_of, stopped_at
from tiejun_awards.shared.dates import chinese_day
from tiejun_awards.shared.db import db


def todos(page: Page) -> list[tuple[str, str, str, str]]:
    """What waits: (when and how long, heading, text, button)."""

    def part(todo: HtmlElement, xpath: str) -> str:
        return said(todo.xpath(xpath)[0])

    return [
        (part(todo, "./div[1]"), part(todo, ".//h2"), part(todo, ".//p"), part(todo, "./a"))
        for todo in page.all("//div[@class='todo']")
    ]


def figures(page: Page) -> dict[str, str]:
    return {said(part.find("dt")): said(part.find("dd")) for part in page.all("//dl[@class='figures']/div")}


# What waits.


def test_a_secretary_finds_the_report_to_finish_and_one_button(world: World, secretary: Browser):
    page = secretary.get("/")

    assert page.h1 == "今天要办的 1 件事"
    assert todos(page) == [
        (
            "1月12日还有 36 个工作日",
            "填完并提交2026年第四季度书记抓党建报告",
            "水生态环境处党支部书记：已存有草稿，接着写就好。截止日暂按周一至周五推算。",
            "继续填写",
        )
    ]
    assert secretary.click("继续填写").path == f"/reports/{world.report('water', '2026Q4').id}/edit"


def test_what_was_due_before_the_organiser_began_here_waits_for_nobody(world: World, sign_in: SignIn, office: Browser):
    department = world.organiser("department")
    new = builders.branch(department, "new", parent_id=world.branch("committee").id)
    secretary = sign_in(builders.grant(builders.person("of_new", department), Role.SECRETARY, at=new).person)
    before = [heading for _, heading, _, _ in todos(secretary.get("/"))]

    due.remember_due_days(NOW)

    after = [heading for _, heading, _, _ in todos(secretary.get("/"))]
    assert before == [f"填完并提交2026年第{number}季度书记抓党建报告" for number in ("三", "四")]
    assert after == before[1:]
    assert "不再要求补报" in office.get("/quarters/2026Q3").main
    assert "不再要求补报" not in office.get("/quarters/2026Q4").main


def test_sheets_and_decisions_wait_until_the_days_the_rules_give(rated: World, sign_in: SignIn):
    opened = builders.only(Panel, closed_at=None).opened_at
    assert opened is not None
    table, step = rulebook.day_table(), builders.step_of(rated, "department")

    (sheets,) = [todo for todo in todos(sign_in("judge").get("/")) if "年度" in todo[1]]
    (decision,) = [todo for todo in todos(sign_in("second").get("/")) if todo[1].startswith("照原件核对")]

    assert sheets[0].startswith(chinese_day(table.nth_working_day(day_of(opened), 10).day))
    assert decision[0].startswith(chinese_day(table.nth_working_day(day_of(step.entered_at), 5).day))


def test_a_liaison_drafts_the_same_report(world: World, liaison: Browser):
    ((_, heading, text, _),) = todos(liaison.get("/"))

    assert (heading, text.split("：")[0]) == ("起草2026年第四季度书记抓党建报告", "水生态环境处党支部党建联络员")


def test_a_returned_report_waits_with_its_reason_beside_the_one_to_begin(world: World, sign_in: SignIn):
    browser = sign_in("air_secretary")

    page = browser.get("/")

    assert [(when, heading, button) for when, heading, _, button in todos(page)] == [
        ("1月12日还有 36 个工作日", "填完并提交2026年第四季度书记抓党建报告", "开始填写"),
        ("不限期已退回", "修改2026年第三季度报告，再交一次", "去修改"),
    ]
    assert todos(page)[1][2] == "大气环境处党支部：机关党委退回：请补充问题原因。"
    assert browser.click("去修改").path == f"/reports/{world.report('air', '2026Q3').id}/edit"


def test_who_is_secretary_of_two_branches_sees_both_the_nearest_first(world: World, sign_in: SignIn):
    builders.grant(world.person("secretary"), Role.SECRETARY, at=world.branch("air"))

    headings = [text.split("：")[0] for _, _, text, _ in todos(sign_in("secretary").get("/"))]

    assert headings == ["水生态环境处党支部书记", "大气环境处党支部书记", "大气环境处党支部"]


@pytest.mark.parametrize(
    ("today", "left"),
    [
        (datetime(2026, 10, 12, 9, tzinfo=SHANGHAI), "还有 4 个工作日"),
        (datetime(2026, 10, 16, 23, tzinfo=SHANGHAI), "今天截止"),
    ],
)
def test_a_report_of_the_ended_quarter_waits_until_it_is_due(world: World, sign_in: SignIn, today: datetime, left: str):
    branch = builders.branch(world.organiser("department"), "new", "新设党支部", founded_on=date(2026, 7, 1))
    person = builders.person("new_secretary", world.organiser("department"), Role.SECRETARY, branch=branch)
    with stopped_at(today):
        waiting = todos(sign_in(person).get("/"))

    assert ("10月16日" + left, "填完并提交2026年第三季度书记抓党建报告") in [todo[:2] for todo in waiting]


def test_what_was_handed_in_waits_for_nobody_in_the_branch(world: World, secretary: Browser):
    secretary.get(f"/reports/{world.report('water', '2026Q4').id}/edit")
    secretary.submit("检查并提交")

    page = secretary.get("/")

    assert (page.h1, todos(page)) == ("今天没有要办的事", [])


def test_the_office_finds_how_many_reports_wait_in_each_quarter_without_its_own(world: World, office: Browser):
    builders.report(
        world.branch("air"),
        "2026Q1",
        State.SUBMITTED,
        writer=world.person("air_secretary"),
        at=NOW - timedelta(days=200),
    )

    page = office.get("/")

    assert todos(page) == [
        ("不限期已提交", "审阅 1 份2026年第一季度报告", "机关党委经办：采用，或退回并写明改哪一句。", "审阅下一份"),
        ("不限期已提交", "审阅 1 份2026年第三季度报告", "机关党委经办：采用，或退回并写明改哪一句。", "审阅下一份"),
    ]


def test_the_second_hand_finds_the_report_of_the_offices_own_branch(world: World, second: Browser):
    ((_, heading, text, _),) = todos(second.get("/"))

    assert (heading, text.split("：")[0]) == ("审阅 1 份2026年第三季度报告", "复核人")
    assert second.click("审阅下一份").path == f"/reports/{world.report('own', '2026Q3').id}"


@pytest.mark.parametrize("who", ["staff", "instructor", "judge", "leader", "system_admin", "auditor"])
def test_nothing_waits_for_those_who_neither_write_nor_review(world: World, sign_in: SignIn, who: str):
    page = sign_in(who).get("/")

    assert (page.h1, todos(page)) == ("今天没有要办的事", [])


# Figures.


def test_the_office_sees_how_many_branches_stand_where(world: World, office: Browser):
    assert figures(office.get("/")) == {
        "未开始": "2 / 3",
        "草稿": "1 / 3",
        "已提交": "0 / 3",
        "已退回": "0 / 3",
        "已采用": "0 / 3",
    }


def test_a_secretary_sees_how_often_the_branch_met_and_how_far_the_quarter_is(world: World, secretary: Browser):
    page = secretary.get("/")

    assert [[row[0], row[2], row[3]] for row in page.rows()] == [
        ["党员大会", "1/1", "10月10日"],
        ["支委会", "1/3", "10月6日"],
        ["党小组会", "0/6", "还没有登记"],
        ["党课", "0/1", "还没有登记"],
        ["主题党日", "1/3", "10月21日"],
    ]
    assert [said(step) for step in page.all("//ol[@class='timeline']/li")] == [
        "10月1日四季度开始",
        "12月31日四季度结束",
        "1月12日四季度报告截止暂按周一至周五推算",
    ]


@pytest.mark.parametrize("who", ["staff", "instructor", "judge"])
def test_others_see_no_figures(world: World, sign_in: SignIn, who: str):
    page = sign_in(who).get("/")

    assert (figures(page), page.all("//main//table")) == ({}, [])


# Whether the system is up.


def test_healthz_tells_the_schema_version_and_nothing_else(app: Flask, visitor: Browser):
    page = visitor.send("GET", "/healthz")

    version = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    assert (page.status, page.response.get_json()) == (200, {"schema": version})
    assert page.headers.getlist("Set-Cookie") == []


def test_healthz_says_503_when_the_database_cannot_tell(all_databases: Databases, tmp_path: Path):
    config = Config(tmp_path, "demo", "of-the-tests-only-" * 3, all_databases.empty(), testing=True)
    unmigrated = create_app(config)

    answer = unmigrated.test_client().get("/healthz")

    with unmigrated.app_context():
        db.engine.dispose()
    assert (answer.status_code, answer.get_json()) == (503, {"schema": ""})
