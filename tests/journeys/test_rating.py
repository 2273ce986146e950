"""A star rating from the last sheet to the published stars: by keyboard on a desk, by touch on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Server, Visit
from tests.journeys.visitor import Visitor

MOST_TABS = 90


def tab_to(visitor: Visitor, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if target.evaluate("one => one === document.activeElement"):
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {target}")


def enter(visitor: Visitor, role: str, words: str | re.Pattern[str]) -> None:
    """Reach a link or button with Tab and press Enter; look at where it leads."""
    tab_to(visitor, visitor.page.get_by_role(role, name=words).first)  # type: ignore[arg-type]
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.look()


def type_into(visitor: Visitor, name: str, text: str) -> None:
    tab_to(visitor, visitor.field(name))
    visitor.page.keyboard.type(text)


def test_a_judge_marks_on_a_phone_by_touch(visit: Visit):
    judge = visit(390)
    judge.sign_in("judge2")
    judge.go("/scoring/")
    if judge.page.locator("h1").inner_text() == "评分表":
        judge.page.locator("tbody a").first.tap()
    judge.page.get_by_role("link", name=re.compile("^(开始|接着)评：")).tap()
    judge.page.get_by_role("checkbox", name=re.compile("志愿服务不足")).tap()
    judge.page.get_by_role("button", name="1.4 减半分").tap()
    expect(judge.page.locator("#mark-6\\.2")).to_have_value("8")
    expect(judge.page.locator("[data-sum]")).to_have_text("18.5")
    judge.look()
    judge.page.get_by_role("button", name="存好，看下一份").tap()
    expect(judge.page.locator(".ask")).to_contain_text("已确认 1 份")
    judge.look()

    assert judge.complaints == []


def test_a_rating_goes_from_a_sheet_to_the_published_stars_by_keyboard_only(visit: Visit, server: Server):
    judge, office, second = visit(1440), visit(1440), visit(1440)
    for visitor in (judge, office, second):
        visitor.page.on("dialog", lambda dialog: dialog.accept())
    ((cycle, year),) = server.ask("SELECT id, year FROM rating_cycle WHERE state = 'scoring'")
    judge.sign_in("judge5")
    mark_all_and_sign(judge, server)

    office.sign_in("office")
    enter(office, "link", "看下一步")
    enter(office, "link", "结束评分")
    tab_to(office, office.field("anyway"))
    office.page.keyboard.press("Space")
    enter(office, "button", "结束评分")
    expect(office.page.locator("h1")).to_have_text(f"{year}年度星级评定结果（公布前）")
    register_steps(office, str(cycle))

    second.sign_in("second")
    enter(second, "link", "去核对")
    enter(second, "link", re.compile(r"^核对\s*\d{4}年度"))
    type_into(second, "number", "厅党组纪要〔2026〕旅程8号")
    enter(second, "button", "与原件一致")

    office.go(f"/ratings/{cycle}")
    enter(office, "button", "公布结果")
    expect(office.alert()).to_have_text("已公布。结果和依据已封存，以后可以随时重算核对。")
    done = server.flask("ratings", "verify", str(year))
    assert (done.returncode, done.stdout.strip()[-6:]) == (0, "，重算一致。")
    secretary = visit(390)
    secretary.sign_in("secretary")
    secretary.go("/ratings/")
    secretary.follow("看本支部结果")
    expect(secretary.page.locator("h1")).to_contain_text(f"{year}年度星级评定结果")
    assert judge.complaints + office.complaints + second.complaints + secretary.complaints == []


def mark_all_and_sign(judge: Visitor, server: Server) -> None:
    """The first branch by arrows and a tapped case, all others as they are preset; then the signature."""
    page = judge.page
    enter(judge, "link", "开始评")
    enter(judge, "link", re.compile("^开始评："))
    total = page.locator("[data-sum]")
    tab_to(judge, page.locator("#mark-1\\.4"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#mark-1\\.4")).to_have_value("2.5")
    tab_to(judge, page.get_by_role("checkbox", name=re.compile("没有结对共建")))
    page.keyboard.press("Space")
    expect(page.locator("#mark-6\\.2")).to_have_value("8")
    expect(total).to_have_text("18.5")
    expect(page.locator("#save-state")).to_contain_text("已保存")
    count = len(
        server.ask(
            "SELECT s.id FROM sheet s JOIN person p ON p.id = s.person_id JOIN rating_cycle c ON"
            " c.panel_id = s.panel_id WHERE p.username = 'judge5' AND c.state = 'scoring'"
        )
    )
    for number in range(1, count + 1):
        expect(page.locator(".ask")).to_contain_text(f"第 {number} 份")
        tab_to(judge, page.locator("#mark-1\\.4"))
        page.keyboard.press("Enter")
    expect(judge.alert()).to_have_text("每一份都确认了，请核对后签名提交。")
    enter(judge, "button", re.compile("^签名提交"))
    expect(judge.alert()).to_contain_text("已签名提交")


def register_steps(office: Visitor, cycle: str) -> None:
    """Review, discipline opinion, a notice that has ended, approval."""
    for step, values in (
        ("机关党委初评", {"body": "机关党委会议", "held_on": "2025-12-01", "number": "旅程1号"}),
        ("纪检意见", {"body": "驻厅纪检监察组", "held_on": "2025-12-02", "number": "旅程2号"}),
        ("公示", {"held_on": "2025-12-01", "until": "2025-12-08", "place": "厅机关公告栏"}),
        ("党组审定", {"body": "厅党组会议", "held_on": "2025-12-09", "number": "厅党组纪要〔2026〕旅程8号"}),
    ):
        office.go(f"/ratings/{cycle}")
        enter(office, "link", f"登记{step}")
        for name, text in values.items():
            type_into(office, name, text)
        enter(office, "button", "登记")
        expect(office.alert()).to_have_text(f"{step}已登记。")
