"""A colleague suggested by staff, put forward by the unit, reviewed, shown, decided, confirmed and published: on a desk and on a phone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Server, Visit
from tests.journeys.visitor import Visitor
from tiejun_awards.rulebook.official_days import official_days
from tiejun_awards.shared import clock

DEEDS = (
    "去年八月强降雨那几天，他在现场守了三个昼夜，第二天凌晨带两个人沿河走了十一公里，找到一处雨水混排口，当晚就协调封堵，下游取水口一直没有停。"
    * 2
)
NUMBER = "厅党组纪要〔2026〕31号"


@pytest.mark.parametrize("width", [1440, pytest.param(390, marks=pytest.mark.slow)])
def test_a_suggestion_becomes_an_honour(visit: Visit, server: Server, width: int):
    staff, clerk, office, second = visit(width), visit(width), visit(width), visit(width)
    title, nominee = f"{width}号好干部推荐", f"水质监测岗位干部{width}（演示）"
    for visitor, username in ((staff, "staff"), (clerk, "clerk"), (office, "office"), (second, "second")):
        visitor.sign_in(username)

    announce(office, title)
    suggest(staff, title, nominee)
    recommend(clerk, title, nominee)
    office.go("/calls/")
    office.follow(title)
    office.follow("候选对象")
    office.follow(nominee)
    office.press("通过初审")
    expect(office.alert()).to_have_text(f"{nominee}已通过初审。")
    register(office)

    second.go("/decisions/")
    second.page.locator("tr", has_text=title).get_by_role("link", name="核对").first.click()
    second.look()
    second.field("number").fill(NUMBER)
    second.press("与原件一致")
    expect(second.alert()).to_contain_text("已核对")

    office.go("/")
    office.page.locator(".todo", has_text=title).get_by_role("link", name="去公布").click()
    office.look()
    office.page.once("dialog", lambda dialog: dialog.accept())
    office.press("在系统内公布")
    expect(office.alert()).to_have_text("结果已在系统内公布。")
    office.look()

    staff.go("/suggestions/")
    staff.follow(nominee)
    expect(staff.page.locator(".ask")).to_contain_text("已经公布")
    staff.go("/honours/")
    staff.follow(nominee)
    expect(staff.page.locator("main")).to_contain_text(NUMBER)
    assert "审定" in staff.page.locator(".timeline").inner_text()
    assert staff.complaints + clerk.complaints + office.complaints + second.complaints == []


def back(count: int) -> date:
    """The working day that many before today."""
    day = clock.day_of(clock.now())
    while count:
        day -= timedelta(days=1)
        count -= official_days().is_working_day(day)
    return day


def announce(office: Visitor, title: str) -> None:
    today = clock.day_of(clock.now())
    office.go("/calls/new")
    office.field("title").fill(title)
    office.field("programme").select_option("good_cadre")
    office.field("year").fill(str(today.year))
    office.field("quota").fill("３")  # full width
    office.field("per_unit").fill("2")
    office.field("opens_on").fill(back(25).isoformat())
    office.field("suggest_by").fill(today.isoformat())
    office.field("recommend_by").fill((today + timedelta(days=3)).isoformat())
    office.press("存草稿")
    office.look()
    office.refusals = {422}
    office.page.once("dialog", lambda dialog: dialog.accept())
    office.press("发出通知")
    expect(office.page.locator("#number-error")).to_have_text("请填写通知的文号，没有文号不能发出。")
    office.look()
    office.field("number").fill("宁环党办〔2026〕40号")
    office.press("存草稿")
    office.page.once("dialog", lambda dialog: dialog.accept())
    office.press("发出通知")
    expect(office.alert()).to_contain_text("通知已发出")


def suggest(staff: Visitor, title: str, nominee: str) -> None:
    """Written, left, found again; refused once with everything kept, then sent."""
    staff.go("/calls/")
    staff.follow(title)
    staff.page.get_by_role("link", name="推荐一位同事").click()
    staff.look()
    staff.field("unit_id").select_option(label="自治区生态环境监测中心")
    staff.field("nominee").fill(nominee)
    staff.field("deeds").fill("写得太短。")
    expect(staff.page.locator("#save-state")).to_contain_text("已保存")
    staff.page.reload()
    expect(staff.field("deeds")).to_have_value("写得太短。")

    staff.refusals = {422}
    staff.press("提交推荐")
    expect(staff.page.locator("[data-error-summary]")).to_be_focused()
    expect(staff.page.locator("#deeds-error")).to_contain_text("请写够 100 字")
    staff.look()
    staff.field("relation").select_option("same_unit")
    staff.field("deeds").fill(DEEDS)
    expect(staff.page.locator("#deeds-count")).to_have_text(f"{len(DEEDS)} / 600 字")
    staff.press("提交推荐")
    expect(staff.alert()).to_have_text("推荐已提交，谢谢您。")
    staff.look()


def recommend(clerk: Visitor, title: str, nominee: str) -> None:
    clerk.go("/")
    clerk.page.locator(".todo", has_text=title).get_by_role("link", name="去推荐").click()
    clerk.look()
    clerk.press("开始写")
    clerk.look()
    expect(clerk.page.locator("main")).to_contain_text(nominee)
    assert "监测中心干部职工" not in clerk.page.content()  # who suggested stays with him
    clerk.page.get_by_role("button", name="列入推荐").click()
    expect(clerk.field("rows-0-nominee")).to_have_value(nominee)
    clerk.field("rows-0-post").fill("监测室干部")
    clerk.field("studied_on").fill(back(20).isoformat())
    clerk.field("notice_from").fill(back(19).isoformat())
    clerk.field("notice_to").fill(back(18).isoformat())
    clerk.field("notice_place").fill("本单位公告栏")
    clerk.field("agreed").check()
    clerk.refusals = {422}
    send(clerk)
    expect(clerk.page.locator("#notice_to-error")).to_have_text("本单位公示不少于 5 个工作日，这样只有 2 个。")
    clerk.look()
    clerk.field("notice_to").fill(back(15).isoformat())
    send(clerk)
    expect(clerk.alert()).to_have_text("已报送机关党委。")
    clerk.look()


def send(clerk: Visitor) -> None:
    clerk.page.once("dialog", lambda dialog: dialog.accept())
    clerk.press("检查并报送")


def register(office: Visitor) -> None:
    """The opinion, the notice, the decision; a decision without number is refused beside the field."""
    office.look()
    office.follow("登记纪检意见")
    office.field("body").fill("驻厅纪检监察组")
    office.field("held_on").fill(back(12).isoformat())
    office.field("number").fill("驻环纪函〔2026〕40号")
    office.press("登记")
    office.follow("登记公示")
    office.field("held_on").fill(back(10).isoformat())
    office.field("until").fill(back(4).isoformat())
    office.field("place").fill("厅机关公告栏")
    office.press("登记")
    office.follow("登记党组审定")
    office.field("body").fill("厅党组会议")
    office.field("held_on").fill(back(2).isoformat())
    office.press("登记")
    expect(office.page.locator("#number-error")).to_have_text("请填写文号或纪要编号，没有文号不能登记。")
    office.look()
    office.field("number").fill(NUMBER)
    office.press("登记")
    expect(office.alert()).to_have_text("党组审定已登记。")
    office.look()
