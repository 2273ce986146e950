"""No form of another site, and none of another person, does anything here."""

from __future__ import annotations

import pytest
from flask import Flask

from tests import builders
from tests.builders import World
from tests.conftest import SignIn
from tests.pages import Browser
from tests.test_permissions import CASES, changed, tables
from tiejun_awards.home.models import Feedback

POSTS = sorted(
    {endpoint for endpoint, method in CASES if method == "POST"}
    | {"accounts.large_text", "accounts.sign_in", "accounts.slip", "accounts.panel_slip", "accounts.code"}
    | {"accounts.large_text", "accounts.sign_in", "setup.begin"}
)
WORDS = {"code": "2026Q3", "word": "notice", "kind": "report"}
HEADING = "这一步没有收到完整的内容"


def address(app: Flask, endpoint: str) -> str:
    [rule] = app.url_map.iter_rules(endpoint)
    return app.url_map.bind("localhost").build(endpoint, {name: WORDS.get(name, 1) for name in rule.arguments})


@pytest.mark.either
@pytest.mark.parametrize("endpoint", POSTS)
def test_a_form_without_its_token_does_nothing(app: Flask, world: World, sign_in: SignIn, endpoint: str):
    secretary, office = sign_in("secretary"), sign_in("office")
    foreign = office.csrf_token()
    visitor = Browser(app)
    before = tables()

    for token in ("", "x", foreign, visitor.csrf_token(), foreign[:-1]):
        page = secretary.send("POST", address(app, endpoint), data={"csrf_token": token, "text": "x", "version": "1"})
        assert (page.status, page.h1) == (400, HEADING)
    page = secretary.send("POST", address(app, endpoint), query_string={"csrf_token": secretary.csrf_token()})
    assert page.status == 400

    assert changed(before, tables()) == set()


def test_a_visitor_cannot_use_the_token_of_another_visitor(app: Flask):
    one, other = Browser(app), Browser(app)

    page = one.send("POST", "/sign-in", data={"csrf_token": other.csrf_token(), "username": "a", "password": "b"})

    assert page.status == 400


def test_a_token_from_before_signing_in_is_worth_nothing_after(world: World, visitor: Browser):
    before = visitor.csrf_token()

    visitor.sign_in("staff", builders.PASSWORD)
    page = visitor.send("POST", "/feedback", data={"csrf_token": before, "text": "x"})

    assert (page.status, builders.count(Feedback)) == (400, 0)


def test_a_token_of_a_session_that_ended_is_worth_nothing_in_the_next(world: World, visitor: Browser):
    visitor.sign_in("staff", builders.PASSWORD)
    earlier = visitor.csrf_token()
    visitor.get("/")
    visitor.sign_out()

    visitor.sign_in("staff", builders.PASSWORD)
    page = visitor.send("POST", "/feedback", data={"csrf_token": earlier, "text": "x"})

    assert page.status == 400


def test_the_token_may_come_in_a_header(staff: Browser):
    page = staff.send("POST", "/feedback", data={"text": "好用。"}, headers={"X-CSRFToken": staff.csrf_token()})

    assert (page.status, builders.count(Feedback)) == (303, 1)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_method_smuggled_in_changes_nothing(world: World, staff: Browser, method: str):
    before = tables()

    staff.send(method, "/feedback?_method=POST&text=x", headers={"X-HTTP-Method-Override": "POST"})

    assert changed(before, tables()) == set()
