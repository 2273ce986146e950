"""A new installation in production, from the setup code to the first accepted report of people who were imported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.imports.books import workbook
from tests.journeys.conftest import Server, installation, serving
from tests.journeys.visitor import Visitor
from tests.journeys.writing import a_day
from tests.setup.answers import fill_in_chromium

PASSWORD = "Qv7.tulou-Kanbai"
BRANCH = "综合处党支部"
PEOPLE: dict[str, list[tuple[Any, ...]]] = {
    "units": [("NEW01", "新设处（演示）", "厅机关处室", "", "", "", "否", "2020-01-01", "")],
    "parties": [
        ("P1", "机关党委", "机关党委", "", "", "", "2018-03-01", "", "", "", "", ""),
        ("P2", BRANCH, "党支部", "在职党支部", "P1", "", "2018-03-01", "", 11, 1, 3, 0),
    ],
    "served": [("P2", "OFF02", "2018-03-01", ""), ("P2", "NEW01", "2020-01-01", "")],
    "people": [
        ("shuji", "支部书记（演示）", "13900000011", "OFF02", "P2"),
        ("lianluo", "联络员（演示）", "", "NEW01", "P2"),
    ],
    "posts": [
        ("shuji", "党支部书记", "P2", "", "2024-01-01", "", "", ""),
        ("lianluo", "党建联络员", "P2", "", "2024-01-01", "", "", ""),
    ],
}


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Server]:
    running = installation(
        tmp_path,
        **{"TIEJUN_MODE": "production", "SECRET_KEY": "of-this-journey-only-" * 3, "PUBLIC_URL": "https://localhost"},
    )
    with serving(running):
        yield running


def test_an_empty_installation_comes_to_its_first_accepted_report(chromium: Browser, new: Server, tmp_path: Path):
    office, secretary = (Visitor(chromium, new.url, PASSWORD, width, javascript=True) for width in (1440, 390))

    office.page.on("dialog", lambda dialog: dialog.accept())

    code = re.search(r"安装码 (\S+)", new.flask("first-run", "--code").stdout)
    assert code is not None
    office.go("/first-run")
    slips = fill_in_chromium(office.page, code[1])
    assert list(slips) == ["office", "sysadmin", "secadmin", "auditor"]
    office.look()
    first_sign_in(office, "office", slips["office"])
    bring_people(office, tmp_path)
    first_sign_in(secretary, "shuji", print_slips(office, "shuji", "lianluo")["shuji"])

    write_and_hand_in(secretary)
    office.go("/")
    office.page.locator(".todo", has_text="审阅").get_by_role("link").click()
    expect(office.page.locator(".page-head")).to_contain_text(BRANCH)
    office.look()
    office.press("采用")
    expect(office.alert()).to_contain_text("已采用")

    secretary.refusals = {404}
    secretary.go("/first-run")  # never again
    expect(secretary.page.locator("h1")).to_have_text("没有这一页")
    done = new.flask("audit", "verify")
    assert (done.returncode, done.stdout[:6]) == (0, "审计日志完好")
    for visitor in (office, secretary):
        visitor.close()
        assert visitor.complaints == []


def first_sign_in(visitor: Visitor, username: str, code: str) -> None:
    """Set the first password by a slip, and arrive at home."""
    visitor.go("/slip")
    visitor.field("username").fill(username)
    visitor.field("code").fill(code.lower())
    visitor.field("new_password").fill(PASSWORD)
    visitor.field("again").fill(PASSWORD)
    visitor.press("设好密码并登录")
    expect(visitor.page.locator("h1")).to_contain_text("今天")
    visitor.look()


def bring_people(office: Visitor, folder: Path) -> None:
    """Upload a workbook, look at the preview, have it written."""
    book = folder / "名单.xlsx"
    book.write_bytes(workbook(PEOPLE))
    office.follow("去导入")
    office.page.locator("#file").set_input_files(book)
    office.press("上传并检查")
    confirm_identity(office)
    expect(office.page.locator(".alert")).to_contain_text("检查过了，没有发现问题")
    counts, new = table(office)[:5], table(office)[5:]
    assert counts == [
        *(["单位", "1", "0", "0"], ["党组织", "2", "0", "0"], ["支部所在单位", "2", "0", "0"]),
        *(["人员", "2", "0", "0"], ["任职", "2", "0", "0"]),
    ]
    assert len(new) == 9  # each new line is there to be looked at
    office.look()
    office.press("确认导入")
    confirm_identity(office)
    expect(office.page.locator(".alert-good")).to_contain_text("已导入。")
    office.look()


def table(visitor: Visitor) -> list[list[str]]:
    """What stands in the rows of the import's table."""
    rows = visitor.page.locator("#import tbody tr").all()
    return [row.locator("th, td").all_inner_texts() for row in rows]


def print_slips(office: Visitor, *usernames: str) -> dict[str, str]:
    """From what was imported to a sheet of printed slips: user name -> code."""
    office.follow("打印首次登录条")
    expect(office.page.get_by_role("checkbox", name="（office）")).to_have_count(0)  # has a password
    for username in usernames:
        office.page.locator("tr", has_text=username).get_by_role("checkbox").check()
    office.press("打印勾选账号的登录条")
    confirm_identity(office)
    slips = office.page.locator(".slips li")
    expect(slips).to_have_count(len(usernames))
    office.look()
    return {name: slips.filter(has_text=f"账号：{name}").locator(".code").inner_text() for name in usernames}


def confirm_identity(visitor: Visitor) -> None:
    """Give the password again where it is asked for, and go on with what was typed."""
    visitor.page.wait_for_load_state()
    if visitor.page.locator("h1").inner_text() != "请再输一次密码":
        return
    visitor.look()
    visitor.field("password").fill(PASSWORD)
    visitor.press("确认身份")  # what was typed goes on by itself
    expect(visitor.page.locator("h1")).not_to_have_text("请再输一次密码")


def write_and_hand_in(secretary: Visitor) -> None:
    """A quiet quarter's report, from home."""
    secretary.page.locator(".todo").first.get_by_role("link").click()
    if "/begin/" in secretary.page.url:
        secretary.look()
        secretary.press("开始写")
    expect(secretary.page.locator("form.editor")).to_be_visible()
    secretary.look()
    day = a_day(secretary)
    for name, text in {
        **{"members": "11", "probationary": "1", "dues_due": "12", "dues_paid": "12", "talks": "6"},
        **{"problems": "1. 会前准备还不够。", "tasks": "按计划推进。"},
    }.items():
        secretary.field(name).fill(text)
    secretary.field("records-0-kind").select_option("committee")
    secretary.field("records-0-held_on").fill(day.isoformat())
    secretary.field("records-0-topic").fill("研究党建工作")
    secretary.field("confirmed").check()
    secretary.press("检查并提交")
    expect(secretary.alert()).to_have_text("已提交给机关党委，这是第 1 稿。")
    secretary.look()
