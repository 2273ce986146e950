"""What the first start is told in tests, and open questions in any state.

``answers(office_name="马建国")`` is a whole set of texts that can be done; ``fill_in(browser, code)`` sends them by the page,
``fill_in_chromium(page, code)`` in a real browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from tests.builders import NOW, World, add
from tests.pages import Browser, Page
from tiejun_awards.setup import services
from tiejun_awards.setup.models import OpenQuestion
from tiejun_awards.setup.rules import Paper, QuestionState
from tiejun_awards.setup.sections import DEFAULTS, QUESTIONS
from tiejun_awards.shared.db import db

FOUR = {
    "office_name": "经办（演示）",
    "office_username": "office",
    "office_mobile": "13900000001",
    "office_unit": "OFF03",
    "sysadmin_name": "系统管理员（演示）",
    "sysadmin_username": "sysadmin",
    "secadmin_name": "安全管理员（演示）",
    "secadmin_username": "secadmin",
    "auditor_name": "审计管理员（演示）",
    "auditor_username": "auditor",
}
"""Four people who can run an installation."""

PAPER = Paper("机关党委会议", NOW.date(), "测试党办〔2026〕8号")


def answers(**changed: str) -> dict[str, str]:
    """Texts of a first start: every default, the four people, and what is to be otherwise."""
    return {**DEFAULTS, **FOUR, **changed}


def fill_in(browser: Browser, code: str, texts: Mapping[str, str] | None = None) -> Page:
    """Fill the wizard's page in, from its defaults, and send it: the slips, or the page with its sentences."""
    browser.get("/first-run")
    typed: dict[str, object] = dict(FOUR if texts is None else texts)
    if "units_load" in typed:
        typed["units_load"] = typed["units_load"] == "yes"
    return browser.submit("启用并显示登录条", {"code": code, **typed})


def fill_in_chromium(page: Any, code: str, texts: Mapping[str, str] | None = None) -> dict[str, str]:
    """The same in a real browser (a Playwright page on /first-run): user name -> code of the slips it answers with."""
    for name, text in {"code": code, **(FOUR if texts is None else texts)}.items():
        field = page.locator(f"#{name}")
        kind = field.evaluate("field => field.type")
        if kind == "checkbox":
            field.set_checked(text == "yes")
        elif kind.startswith("select"):
            field.select_option(text)
        else:
            field.fill(text)
    page.get_by_role("button", name="启用并显示登录条").click()
    codes = page.locator(".sign-in-slips .code").all_text_contents()
    return dict(zip(codes[::2], codes[1::2], strict=True))


def slips_on(page: Page) -> dict[str, str]:
    """User name -> code, as the page of slips prints them."""
    codes = [str(text) for text in page.all("//*[@class='code']/text()")]
    return dict(zip(codes[::2], codes[1::2], strict=True))


def question_of(world: World, code: str, key: str = "opinions", *, confirmed: bool = False) -> OpenQuestion:
    """One open question of an organiser, in a state; the same one each time."""
    organiser = world.organiser(code)
    found = db.session.scalar(sa.select(OpenQuestion).filter_by(organiser_id=organiser.id, key=key))
    if found is None:
        found = add(
            OpenQuestion(
                organiser_id=organiser.id,
                key=key,
                answers=QUESTIONS[key].defaults,
                state=QuestionState.PROPOSED,
                written_at=NOW,
            )
        )
    if confirmed and found.state is QuestionState.PROPOSED:
        office = world.actor("office" if code == "department" else "city_office")
        services.confirm(replace(office, reauth_at=NOW), found, texts=found.answers, paper=PAPER, version=found.version)
    return found
