"""The matrix as a file: what it holds, nothing run as a formula, long ones as a job."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from tests import builders
from tests.builders import World, rows_of
from tests.pages import Browser, Page, said
from tiejun_awards.quarters import exports
from tiejun_awards.shared import jobs
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.jobs import Job, JobState

WATER, AIR, OWN = "水生态环境处党支部", "大气环境处党支部", "机关党委办公室党支部"
FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "＝HYPERLINK(1)"]
HEADS = ("党支部", "党员", "报告", "首次提交", "按时", "党员大会", "支委会", "党小组会", "党课", "主题党日")
NOTE = "应在 2026-10-16 前提交；次数写作“实际/一般”，一般次数是提醒，不是硬性要求。"


def sheet(content: bytes) -> Any:
    """The sheet of a workbook, with formulas as they are."""
    return load_workbook(BytesIO(content)).active


def table(content: bytes) -> list[tuple[object, ...]]:
    return [tuple(row) for row in sheet(content).iter_rows(values_only=True)]


def name_of_file(page: Page) -> str:
    return unquote(page.headers["Content-Disposition"].split("filename*=UTF-8''")[1])


def test_the_file_holds_what_the_page_shows(world: World, office: Browser):
    office.get("/quarters/2026Q3")

    page = office.click("导出 Excel")

    counts = ("1/1", "1/3", "0/6", "0/1", "1/3")
    day = datetime(2026, 10, 10)  # noqa: DTZ001 (a cell knows no time zone)
    assert name_of_file(page) == "2026年第三季度党支部报告情况.xlsx"
    assert table(page.content) == [
        HEADS,
        (WATER, 21, "已提交", day, "是", *counts),
        (AIR, 21, "已退回", day, "是", *counts),
        (OWN, 21, "已提交", day, "是", *counts),
        (NOTE, *[None] * 9),
    ]


def test_the_file_keeps_to_the_filters_of_the_page(world: World, office: Browser):
    office.get("/quarters/2026Q4")
    office.submit("筛选", state="none")

    page = office.click("导出 Excel")

    assert [row[:6] for row in table(page.content)[1:-1]] == [
        (AIR, 21, "未开始", None, None, "0/1"),
        (OWN, 21, "未开始", None, None, "0/1"),
    ]


def test_what_looks_like_a_formula_stays_text(world: World, office: Browser):
    for number, name in enumerate(FORMULAS):
        builders.branch(world.organiser("department"), f"formula{number}", name)

    page = office.get("/quarters/2026Q3/export")

    cells = [row[0] for row in sheet(page.content).iter_rows(min_row=5, max_row=4 + len(FORMULAS))]
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells] == [
        (name, "s", True) for name in FORMULAS
    ]


def test_a_leader_reads_but_does_not_take_the_file(world: World, sign_in: Any):
    leader = sign_in("leader")

    assert "导出 Excel" not in leader.get("/quarters/2026Q3").links
    assert leader.get("/quarters/2026Q3/export").status == 403


# Long ones.


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three branches are a long list."""
    monkeypatch.setattr(exports, "AT_ONCE", 2)


def ask_for_file(office: Browser, query: str = "") -> Page:
    office.get(f"/quarters/2026Q3/export{query}")
    return office.submit("开始导出")


@pytest.mark.usefixtures("long")
def test_a_long_file_is_made_by_the_work_process_and_fetched_from_its_page(world: World, office: Browser):
    waiting = ask_for_file(office)
    job = rows_of(Job, "id", "kind", "state", "title")[-1]
    jobs.do(job[0])
    done = office.get(waiting.path)
    file = office.click("下载 2026年第三季度党支部报告情况.xlsx")

    assert job[1:] == ("quarters.file", JobState.QUEUED, "导出2026年第三季度报告情况")
    assert said(waiting.by_id("job")).startswith("排队，已完成 0%。")
    assert said(done.by_id("job")).startswith("文件已做好。")
    assert name_of_file(file) == "2026年第三季度党支部报告情况.xlsx"
    assert [row[0] for row in table(file.content)] == ["党支部", WATER, AIR, OWN, NOTE]
    assert rows_of(AuditEvent, "action", "actor_name")[-1] == ("quarters.ask_for_quarter_file", "机关党委经办")


@pytest.mark.usefixtures("long")
def test_a_short_selection_of_a_long_list_comes_at_once(world: World, office: Browser):
    page = office.get("/quarters/2026Q3/export?state=submitted")

    assert [row[0] for row in table(page.content)] == ["党支部", WATER, OWN, NOTE]


@pytest.mark.usefixtures("long")
def test_a_job_keeps_the_filters_it_was_asked_with(world: World, office: Browser):
    builders.branch(world.organiser("department"), "more", "另一个环境处党支部")
    waiting = ask_for_file(office, "?q=环境处")
    jobs.do(rows_of(Job, "id")[-1][0])

    file = office.get(f"{waiting.path}/file")

    assert [row[0] for row in table(file.content)[1:-1]] == [WATER, AIR, "另一个环境处党支部"]


@pytest.mark.usefixtures("long")
def test_the_same_click_twice_asks_for_one_file(world: World, office: Browser):
    office.get("/quarters/2026Q3/export")
    asking = office.page
    first = office.submit("开始导出")
    office.page = asking

    second = office.submit("开始导出")

    assert (first.path, builders.count(Job)) == (second.path, 1)


@pytest.mark.usefixtures("long")
def test_somebody_elses_file_is_not_found(world: World, office: Browser, second: Browser, city_office: Browser):
    waiting = ask_for_file(office)
    jobs.do(rows_of(Job, "id")[-1][0])

    paths = [waiting.path, f"{waiting.path}/file"]
    assert [browser.get(path).status for browser in (second, city_office) for path in paths] == [404] * 4
