"""A report on paper: printed blank, typed by the liaison, compared by the second hand, submitted as of the paper's own day."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect
from pypdfium2 import PdfDocument

from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor
from tests.journeys.writing import a_day, answer_problems
from tiejun_awards.shared import clock
from tiejun_awards.shared.dates import chinese_date

LIES_AT = "机关党委季度报告卷第 3 页"


def test_a_signed_paper_becomes_the_report_as_of_its_own_day(visit: Visit):
    liaison, second, office = visit(1440), visit(390), visit(1440)

    liaison.sign_in("liaison")
    liaison.follow("季度报告")
    liaison.follow("代录")
    liaison.follow("代录一份")
    liaison.page.get_by_role("button", name="打印空白表").first.click()
    code = liaison.page.locator(".paper-code .code").inner_text()
    liaison.look()
    printed = pages_of(liaison.page.pdf(prefer_css_page_size=True))
    assert [code in text for text in printed] == [True] * len(printed)
    assert [f"第 {number} 页，共 {len(printed)} 页" in text for number, text in enumerate(printed, 1)] == [True] * len(
        printed
    )
    assert ("十、需上级协调事项" in printed[-1], "签字日期" in printed[-1]) == (True, True)
    liaison.go("/papers/begin")
    liaison.field("code").fill(code.lower())
    liaison.press("打开")
    liaison.look()
    signed_on = write(liaison)
    expect(liaison.alert()).to_contain_text("已存好，等另一位复核。")
    liaison.look()

    second.sign_in("second")
    second.page.locator(".todo", has_text="待复核").get_by_role("link").click()
    second.look()
    second.page.locator("tbody th a").first.click()
    second.look()
    for box in second.page.locator("[name=alike]").all():
        box.check()
    second.field("signed_on").fill(signed_on.isoformat())
    second.press("与原件一样，复核通过")
    expect(second.alert()).to_contain_text("已复核，按纸上的日期算。")
    second.look()

    office.sign_in("office")
    office.go("/papers/?state=compared")
    office.page.locator("tbody th a").first.click()
    office.follow("看第 1 稿")
    expect(office.page.locator(".page-head")).to_contain_text(f"第 1 稿，{chinese_date(signed_on)}提交")
    expect(office.page.locator("main")).to_contain_text(f"原件存{LIES_AT}。")
    assert liaison.complaints + second.complaints + office.complaints == []


def pages_of(content: bytes) -> list[str]:
    """What each page of a PDF says."""
    document = PdfDocument(content)
    return [document[number].get_textpage().get_text_bounded() for number in range(len(document))]


def write(liaison: Visitor) -> date:
    """Type a whole report, signed today: the form was printed today, and no paper is signed earlier."""
    day, today = a_day(liaison), clock.day_of(clock.now())
    for name, text in {
        **{"members": "11", "probationary": "1", "dues_due": "12", "dues_paid": "12"},
        **{"problems": "1. 会前准备还不够。", "tasks": "纸上写的进展。", "lies_at": LIES_AT},
        "signed_on": today.isoformat(),
    }.items():
        liaison.field(name).fill(text)
    liaison.field("records-0-kind").select_option("committee")
    liaison.field("records-0-held_on").fill(day.isoformat())
    liaison.field("records-0-topic").fill("研究党建工作")
    answer_problems(liaison)
    liaison.press("存好，请人复核")
    return today
