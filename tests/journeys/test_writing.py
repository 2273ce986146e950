"""Writing under trying circumstances: two at once, a session that ends, no JavaScript, large letters, no mouse."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Server, Visit
from tests.journeys.visitor import Visitor
from tests.journeys.writing import a_day, answer_problems, open_editor, rows, saved, topics


def open_as(visitor: Visitor, username: str) -> Visitor:
    visitor.sign_in(username)
    open_editor(visitor)
    return visitor


def test_two_browsers_in_one_draft_see_both_versions_and_keep_the_best_of_each(visit: Visit):
    office, home = open_as(visit(1440), "secretary05"), open_as(visit(390), "secretary05")
    office.refusals = {409}
    home.field("support").fill("请协调水质自动站的电源。")
    home.field("brand").fill("在家写的品牌")
    saved(home)

    office.field("tasks").fill("在办公室写的进展。")
    office.field("brand").fill("在办公室写的品牌")
    expect(office.page.locator("#save-state")).to_contain_text("有人先存了一稿，您写的还在本页")
    office.look()
    office.press("看两份的不同")
    expect(office.page.locator("h1")).to_have_text("两个人同时改了这份报告")
    office.look()
    office.page.locator("[name=pick-brand][value=theirs]").check()
    office.press("按上面的选择保存")

    expect(office.alert()).to_have_text("已存好。")
    home.page.reload()
    for visitor in (office, home):
        kept = {name: visitor.field(name).input_value() for name in ("tasks", "brand", "support")}
        assert kept == {
            "tasks": "在办公室写的进展。",
            "brand": "在家写的品牌",
            "support": "请协调水质自动站的电源。",
        }


def test_a_session_that_ends_loses_nothing_typed(visit: Visit, server: Server):
    secretary = open_as(visit(1440), "secretary07")
    secretary.refusals = {401}
    expire = "UPDATE sign_in_session SET seen_at = '2020-01-01 00:00:00.000000' WHERE person_id = (SELECT id FROM person WHERE username = ?)"
    server.ask(expire, "secretary07")

    secretary.field("tasks").fill("会话结束时正在写的一句。")
    expect(secretary.page.locator("#save-state")).to_contain_text("登录已过期，写下的字还在本页")
    secretary.press("存稿")
    expect(secretary.page.locator(".alert")).to_contain_text("您写的内容已保留，登录后继续。")
    secretary.look()
    secretary.fill_in_sign_in("secretary07")

    expect(secretary.alert()).to_have_text("已存好。")
    expect(secretary.field("tasks")).to_have_value("会话结束时正在写的一句。")
    secretary.page.reload()
    expect(secretary.field("tasks")).to_have_value("会话结束时正在写的一句。")


def test_without_javascript_a_report_is_written_and_handed_in(visit: Visit):
    secretary = open_as(visit(1440, javascript=False), "secretary08")
    secretary.refusals = {422}
    page, day = secretary.page, a_day(secretary)

    secretary.field("tasks").fill("没有脚本也能写。")
    for number, topic in enumerate(["研究工作", "讨论发展对象"], start=1):
        expect(rows(secretary)).to_have_count(number)
        rows(secretary).last.locator("select").select_option("committee")
        typed = [f"{day:%Y-%m-%d}", topic, "3/3", f"第 {number} 页"]
        for field, text in zip(rows(secretary).last.locator("input").all(), typed, strict=True):
            field.fill(text)
        secretary.press("加一行")
    assert topics(secretary) == ["研究工作", "讨论发展对象", ""]
    rows(secretary).first.locator("button").click()
    assert topics(secretary) == ["讨论发展对象"]
    secretary.press("检查并提交")
    expect(page.locator("[data-error-summary] h2")).to_have_text(re.compile("^还差 . 处就能提交$"))
    secretary.look()
    expect(page.locator("#problems-error")).to_have_text("存在问题及原因还没有写。")

    secretary.field("problems").fill("1. 学习还不够深。")
    answer_problems(secretary)
    secretary.field("confirmed").check()
    secretary.press("检查并提交")

    expect(secretary.alert()).to_have_text("已提交给机关党委，这是第 1 稿。")
    expect(page.locator("main")).to_contain_text("没有脚本也能写。")
    secretary.look()


def test_large_letters_are_larger_stay_on_every_page_and_break_none(visit: Visit):
    phone, desk = visit(390), visit(1440)
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    sizes = []
    for visitor in (phone, desk):
        visitor.sign_in("secretary09")
        sizes.append(visitor.page.evaluate(size))
        if visitor is phone:
            with visitor.page.expect_response("**/large-text"):
                visitor.press("大字版")
        sizes.append(visitor.page.evaluate(size))
        expect(visitor.page.locator("html")).to_have_class("large-text")
        visitor.look()
        open_editor(visitor)
        expect(visitor.page.locator("html")).to_have_class("large-text")
        visitor.go("/reports/")

    normal, large, at_once, still = sizes
    assert normal < large
    assert (at_once, still) == (large, large)


def test_the_editor_is_gone_through_by_keyboard_alone(visit: Visit):
    secretary = visit(1440)
    secretary.go("/sign-in")
    keyboard = secretary.page.keyboard
    secretary.field("username").focus()
    keyboard.type("secretary11")
    keyboard.press("Tab")
    keyboard.type(secretary.password)
    keyboard.press("Enter")
    open_editor(secretary)

    keyboard.press("Tab")
    first = secretary.focused()
    stops = [first]
    while stops[-1]["words"] != "检查并提交" and len(stops) < 400:
        keyboard.press("Tab")
        stops.append(secretary.focused())

    assert first["words"] == "跳到正文"
    assert [stop for stop in stops if not stop["seen"]] == []
    assert [stop["order"] for stop in stops] == sorted(stop["order"] for stop in stops)
    names = {stop["name"] for stop in stops}
    script = "Array.from(document.querySelectorAll('#report [name]:not([type=hidden])'), (one) => one.name)"
    assert set(secretary.page.evaluate(script)) <= names
    assert [stop["words"] for stop in stops[-2:]] == ["存稿", "检查并提交"]

    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect(secretary.alert()).to_have_text("已存好。")
