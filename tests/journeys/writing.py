"""What secretaries do in the editor, step by step: shared by the journeys."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import Locator, expect

from tests.journeys.visitor import Visitor
from tiejun_awards.shared import clock
from tiejun_awards.shared.periods import Quarter

SAVED = re.compile(r"已保存 \d\d:\d\d")


def open_editor(visitor: Visitor) -> None:
    """From home by the first thing to do, begun or not, into the editor."""
    todo = visitor.page.locator(".todo").first
    expect(todo).to_contain_text("书记抓党建报告")
    todo.get_by_role("link").click()
    if "/begin/" in visitor.page.url:
        visitor.look()
        visitor.press("开始写")
    expect(visitor.page.locator("form.editor")).to_be_visible()
    visitor.look()


def a_day(visitor: Visitor) -> date:
    """A day of the report's quarter that has been."""
    label = visitor.page.locator("h1").inner_text()
    year, number = re.search(r"(\d{4})年第(.)季度", label).groups()  # type: ignore[union-attr]
    quarter = Quarter(int(year), "一二三四".index(number) + 1)
    return max(quarter.first_day, min(quarter.last_day, clock.day_of(clock.now()) - timedelta(days=1)))


def rows(visitor: Visitor) -> Locator:
    """The rows of the grid of records."""
    return visitor.page.locator("[data-grid=records] tbody tr")


def topics(visitor: Visitor) -> list[str]:
    """What stands in the column of topics."""
    return [row.input_value() for row in visitor.page.locator("[name^='records-'][name$='-topic']").all()]


def saved(visitor: Visitor) -> None:
    """Wait until everything typed is saved."""
    expect(visitor.page.locator("body.is-dirty")).to_have_count(0)
    expect(visitor.page.locator("#save-state")).to_have_text(SAVED)


def answer_problems(visitor: Visitor) -> None:
    """Say of each of last quarter's problems that it is mended, and how."""
    for status in visitor.page.locator("select[name^='fixes-']").all():
        status.select_option("done")
    for how in visitor.page.locator("input[name^='fixes-']").all():
        how.fill("已经改好，下季度看效果。")
