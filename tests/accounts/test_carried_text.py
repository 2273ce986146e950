"""Typed text survives the end of a session: for the one who typed it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from tests import builders
from tests.builders import PASSWORD, World
from tests.pages import Browser, Page
from tiejun_awards.accounts.models import CarriedForm
from tiejun_awards.shared import clock

TYPED = "水源地整治全部完成，群众评价很好。"
KEPT = "登录已经过期。您写的内容已保留，登录后继续。"


@contextmanager
def later(now: datetime, **by: int) -> Iterator[None]:
    with clock.stopped_at(now + timedelta(**by)):
        yield


@pytest.fixture
def too_late(world: World, secretary: Browser, now: datetime) -> Page:
    """The secretary has typed into her report and saved after her session had ended."""
    number = world.report("water", "2026Q4").id
    secretary.get(f"/reports/{number}/edit")
    with later(now, minutes=31):
        return secretary.submit("存稿", tasks=TYPED)


def tasks(world: World) -> str:
    found: str = world.report("water", "2026Q4").draft["fields"]["tasks"]
    return found


def test_what_was_typed_is_saved_after_signing_in_again(
    world: World, secretary: Browser, too_late: Page, now: datetime
):
    assert (too_late.status, too_late.h1, too_late.alerts[0]) == (401, "登录", KEPT)
    assert tasks(world) != TYPED

    with later(now, minutes=35):
        resumed = secretary.submit("登录", username="secretary", password=PASSWORD)
        saved = secretary.submit("继续")

    assert (resumed.h1, saved.status, saved.alerts[0]) == ("您写的内容都在", 200, "已存好。")
    assert (tasks(world), saved.values["tasks"]) == (TYPED, TYPED)


def test_a_wrong_password_on_the_way_loses_nothing(world: World, secretary: Browser, too_late: Page, now: datetime):
    with later(now, minutes=35):
        page = secretary.submit("登录", username="secretary", password="wrong")
        secretary.submit("登录", username="secretary", password=PASSWORD)
        secretary.submit("继续")

    assert (page.status, page.alerts[0]) == (422, KEPT)
    assert tasks(world) == TYPED


def test_somebody_else_who_signs_in_gets_nothing_of_it_and_the_writer_still_does(
    world: World, secretary: Browser, too_late: Page, now: datetime
):
    token = secretary.page and secretary.page.values["carried"]
    with later(now, minutes=35):
        page = secretary.submit("登录", username="liaison", password=PASSWORD)
        secretary.sign_out()
        secretary.get("/sign-in")
        data = {"username": "secretary", "password": PASSWORD, "carried": token}
        resumed = secretary.post("/sign-in", data, csrf=True)

    told = "刚才没有交上来的内容是另一个账号写的，只有那个账号登录后才能继续。"
    assert (page.alerts[0], TYPED in page.html) == (told, False)
    assert (resumed.h1, TYPED in resumed.html) == ("您写的内容都在", True)
    assert tasks(world) != TYPED


def test_text_waits_a_day(world: World, secretary: Browser, too_late: Page, now: datetime):
    with later(now, hours=24, minutes=31):
        page = secretary.submit("登录", username="secretary", password=PASSWORD)

    assert (page.path, TYPED in page.html) == ("/", False)


def test_what_waits_lies_under_a_digest_and_holds_no_secret(world: World, too_late: Page):
    [row] = builders.rows_of(CarriedForm, "token_hash", "path", "fields", order_by="made_at")

    names = {name for name, _ in row[2]}
    assert len(row[0]) == 64
    assert row[0] != too_late.values["carried"]
    assert row[1] == f"/reports/{world.report('water', '2026Q4').id}/edit"
    assert {"tasks", "version"} <= names
    assert "csrf_token" not in names


def test_a_form_from_elsewhere_is_not_kept_for_anybody(world: World, secretary: Browser, now: datetime):
    with later(now, minutes=31):
        page = secretary.send("POST", "/feedback", data={"text": "从别处来的。", "csrf_token": "x"})

    assert (page.status, builders.count(CarriedForm)) == (400, 0)


def test_an_autosave_after_the_end_says_what_to_do(world: World, secretary: Browser, now: datetime):
    report = world.report("water", "2026Q4")
    token = secretary.csrf_token()
    with later(now, minutes=31):
        page = secretary.send(
            "POST",
            f"/reports/{report.id}/autosave",
            data={"tasks": TYPED, "version": str(report.version), "csrf_token": token},
            headers={"HX-Request": "true"},
        )

    assert (page.status, page.text) == (401, "登录已过期，写下的字还在本页。请点“存稿”，登录后接着写")
    assert (tasks(world) == TYPED, builders.count(CarriedForm)) == (False, 0)


def test_leaving_a_page_open_over_the_end_of_a_session_leads_back_to_it(
    world: World, secretary: Browser, now: datetime
):
    number = world.report("water", "2026Q4").id
    with later(now, minutes=31):
        asked = secretary.get(f"/reports/{number}/edit")
        page = secretary.submit("登录", username="secretary", password=PASSWORD)

    assert (asked.h1, page.path) == ("登录", f"/reports/{number}/edit")
