"""A quarterly report from draft to accepted, on a desk and on a phone; afterwards the audit trail of it all."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Server, Visit
from tests.journeys.visitor import Visitor
from tests.journeys.writing import a_day, answer_problems, open_editor, rows, saved, topics

REASON = "第七节只写了一条，请再查一查。"


@pytest.mark.parametrize(("width", "username"), [(1440, "secretary01"), (390, "secretary04")])
def test_a_report_goes_from_draft_to_accepted(visit: Visit, server: Server, width: int, username: str):
    secretary, office = visit(width), visit(width)
    ((branch,),) = server.ask(
        "SELECT b.name FROM party_organisation b JOIN person p ON p.branch_id = b.id WHERE p.username = ?", username
    )

    secretary.sign_in(username)
    open_editor(secretary)
    write(secretary)
    hand_in_and_mend(secretary)
    expect(secretary.alert()).to_have_text("已提交给机关党委，这是第 1 稿。")
    secretary.look()

    office.sign_in("office")
    open_next_of(office, str(branch))
    office.field("reason").fill(REASON)
    office.press("退回")
    expect(office.alert()).to_have_text("已退回，支部会看到您写的理由。")
    office.look()

    secretary.follow("首页") if width > 500 else secretary.go("/")
    mend_and_hand_in_again(secretary)

    open_next_of(office, str(branch))
    office.press("采用")
    expect(office.alert()).to_have_text(f"已采用{branch}的报告。")
    office.look()
    secretary.page.reload()
    expect(secretary.page.locator(".timeline li").last).to_contain_text("采用")
    secretary.look()
    assert secretary.complaints + office.complaints == []


def write(secretary: Visitor) -> None:
    """Type, add a row by keyboard, paste two from Excel; everything is saved by itself."""
    page, day = secretary.page, a_day(secretary)
    secretary.field("tasks").fill("水源地整治完成八成，余下的列了清单。")
    saved(secretary)
    expect(page.locator("#tasks-count")).to_have_text(re.compile(r"^18 / 300 字$"))

    before = rows(secretary).count()
    last = rows(secretary).last.locator("input").nth(1)  # the topic
    last.focus()
    page.keyboard.press("Enter")  # on the last row it adds one
    expect(rows(secretary)).to_have_count(before + 1)
    page.keyboard.type("键盘添的一行")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type(f"{day.month}月{day.day}日")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")  # the first kind: 党员大会
    saved(secretary)

    secretary.press("加一行")
    expect(rows(secretary)).to_have_count(before + 2)
    secretary.paste(f"支委会\t{day:%Y/%m/%d}\t粘贴的第一行\t3/3\t第 8 页\r\n党课\t{day:%Y/%m/%d}\t粘贴的第二行\t\t\r\n")
    expect(rows(secretary)).to_have_count(before + 3)
    expect(page.locator("[data-grid-said]")).to_contain_text("已粘贴 2 行")
    saved(secretary)
    secretary.look()
    page.reload()
    assert topics(secretary)[-3:] == ["键盘添的一行", "粘贴的第一行", "粘贴的第二行"]
    assert [row.input_value() for row in page.locator("select[name$='-kind']").all()][-3:] == [
        *("general_meeting", "committee", "lecture")
    ]


def hand_in_and_mend(secretary: Visitor) -> None:
    """Try with something missing: the summary has the focus, its links lead to the fields; then mend it and hand in."""
    page = secretary.page
    secretary.refusals = {422}
    answer_problems(secretary)
    secretary.field("problems").fill("")
    secretary.field("talks").fill("几次")
    secretary.press("检查并提交")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(summary.locator("h2")).to_have_text(re.compile(r"^还差 [3-9] 处就能提交$"))
    secretary.look()

    summary.get_by_role("link", name="第 7 节：存在问题及原因还没有写。").click()
    expect(secretary.field("problems")).to_be_focused()
    expect(page.locator("#problems-error")).to_be_visible()
    page.keyboard.type("1. 会前准备还不够，材料发得晚。")
    secretary.field("talks").fill("6")
    mend_what_is_left(secretary)
    secretary.field("confirmed").check()
    saved(secretary)
    expect(page.locator("#remaining")).to_have_text("可以提交了")
    secretary.press("检查并提交")


def mend_what_is_left(secretary: Visitor) -> None:
    """Rows of the demo's own draft that are not whole go."""
    for cross in reversed(secretary.page.locator("tr:has([aria-invalid=true]) [data-grid-remove]").all()):
        cross.click()


def open_next_of(office: Visitor, branch: str) -> None:
    """From 季度情况 through the reports that wait to this branch's."""
    office.go("/quarters/")
    office.page.get_by_role("link", name="审阅下一份").click()
    for _ in range(12):
        expect(office.page.locator("h1")).to_contain_text("书记抓党建报告")
        if branch in office.page.locator(".page-head").inner_text():
            break
        office.page.get_by_role("link", name="下一份待审阅").click()
    expect(office.page.locator(".page-head")).to_contain_text(branch)
    office.look()


def mend_and_hand_in_again(secretary: Visitor) -> None:
    """From home, where the reason stands, to the editor and back to the office."""
    todo = secretary.page.locator(".todo", has_text=REASON)
    todo.get_by_role("link", name="去修改").click()
    expect(secretary.page.locator(".alert", has_text="机关党委退回，请改这里：")).to_contain_text(REASON)
    secretary.look()
    secretary.field("problems").fill("1. 会前准备还不够，材料发得晚。\n2. 青年党员发言少。")
    secretary.field("confirmed").check()
    secretary.press("检查并提交")
    expect(secretary.alert()).to_have_text("已提交给机关党委，这是第 2 稿。")
    secretary.look()


def test_the_trail_of_it_all_holds_until_a_row_is_changed_by_hand(server: Server, tmp_path: Path):
    held = server.flask("audit", "verify")

    copy = server.copy(tmp_path / "copy")
    with sqlite3.connect(copy / "app.db") as connection:
        ((event,),) = connection.execute("SELECT max(id) FROM audit_event WHERE action = 'reports.submit'").fetchall()
        connection.execute("DROP TRIGGER audit_event_no_update")
        connection.execute("UPDATE audit_event SET actor_name = '别人' WHERE id = ?", (event,))
    connection.close()
    changed = server.flask("audit", "verify", data_dir=copy)

    assert (held.returncode, held.stdout[:7]) == (0, "审计日志完好："), held.stderr
    assert (changed.returncode, changed.stderr.strip()) == (2, f"审计日志有问题：第 {event} 号事件，事件内容被改动。")
