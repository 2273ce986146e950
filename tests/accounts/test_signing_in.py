"""Signing in and out: who gets a session, how long it lasts, what its cookie is worth afterwards."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import argon2
import pytest
from flask import Flask

from config import Config
from tests import builders
from tests.accounts.test_rules import ELSEWHERE
from tests.builders import PASSWORD, World
from tests.conftest import SignIn
from tests.databases import Databases
from tests.pages import Browser, FreshClient, Page
from tiejun_awards.accounts import carrying, services
from tiejun_awards.accounts.models import CarriedForm, SignInSession
from tiejun_awards.app import create_app
from tiejun_awards.shared import clock
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing

WRONG = "账号或密码不对，请再试一次。"


def sessions() -> list[tuple[object, ...]]:
    return builders.rows_of(SignInSession, "person_id", "made_at", "end_reason", order_by="made_at")


# Getting in.


@pytest.mark.parametrize("typed", ["secretary", " Secretary ", "ＳＥＣＲＥＴＡＲＹ"])
def test_somebody_signs_in_and_is_at_home(world: World, visitor: Browser, typed: str, now: datetime):
    page = visitor.sign_in(typed, PASSWORD)

    person = world.person("secretary")
    assert (page.path, page.status, "水处党支部书记" in page.text) == ("/", 200, True)
    assert sessions() == [(person.id, now, "")]
    [line] = builders.rows_of(AuditEvent, "action", "actor_id", "address", "detail")[-1:]
    assert line == ("accounts.sign_in", person.id, "127.0.0.1", {})


def test_the_database_never_holds_what_the_cookie_holds(world: World, visitor: Browser):
    visitor.sign_in("secretary", PASSWORD)

    [row] = builders.rows_of(SignInSession, *SignInSession.__table__.columns.keys(), order_by="token_hash")
    assert (len(visitor.cookie()), visitor.cookie() in repr(row)) == (43, False)


def attempt(visitor: Browser, username: str, password: str = PASSWORD) -> tuple[int, str]:
    page = visitor.sign_in(username, password)
    return page.status, re.sub(r'(name="(csrf_token|key|carried)"[^>]*value=|value=)"[^"]*"', "", page.html)


def test_unknown_names_wrong_passwords_and_disabled_accounts_get_the_same_answer(world: World, visitor: Browser):
    builders.person("disabled", world.organiser("department"), disabled_at=world.now)

    answers = [
        attempt(visitor, *pair) for pair in (("nobody", PASSWORD), ("secretary", "wrong"), ("disabled", PASSWORD))
    ]

    assert answers[0] == answers[1] == answers[2]
    assert (answers[0][0], WRONG in answers[0][1]) == (422, True)
    assert sessions() == []


def test_unknown_names_cost_the_same_work(world: World, visitor: Browser, monkeypatch: pytest.MonkeyPatch):
    verified: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(hasher: argon2.PasswordHasher, stored: str, password: str) -> bool:
        verified.append(stored)
        return verify(hasher, stored, password)

    builders.person("disabled", world.organiser("department"), disabled_at=world.now)
    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    counts = []
    for username in ("nobody", "secretary", "disabled"):
        attempt(visitor, username, "wrong")
        counts.append(len(verified))

    costs = [argon2.extract_parameters(stored) for stored in (verified[0], services.hash_password("x"))]
    assert counts == [1, 2, 3]
    assert costs[0] == costs[1]
    assert (costs[0].type, costs[0].memory_cost >= 19_456, costs[0].time_cost >= 2) == (argon2.Type.ID, True, True)


@pytest.mark.parametrize("password", [" leading", "密码", "x" * 256, "e\u0301"])
def test_a_password_is_taken_as_it_is(password: str):
    stored = services.hash_password(password)

    assert services.password_is(stored, password)
    assert not services.password_is(stored, password.strip() + "x")


def test_a_hash_that_is_none_fits_no_password():
    assert [services.password_is(stored, "x") for stored in ("", "plain", "$argon2id$broken")] == [False, False, False]


def test_what_is_missing_is_said_beside_its_field(visitor: Browser):
    visitor.get("/sign-in")
    page = visitor.submit("登录", username="", password="")

    assert (page.status, page.errors) == (422, {"username": "请写账号或手机号。", "password": "请写密码。"})


def test_signing_in_leads_to_the_page_that_was_asked_for(world: World, visitor: Browser):
    asked = visitor.get("/organisation/?q=水")
    page = visitor.submit("登录", username="staff", password=PASSWORD)

    assert (asked.h1, page.status, page.path) == ("登录", 200, "/organisation/?q=%E6%B0%B4")


@pytest.mark.parametrize("path", [path for path in ELSEWHERE if "\x00" not in path])
def test_signing_in_never_leads_away(world: World, visitor: Browser, path: str):
    visitor.get("/sign-in", query_string={"next": path})
    page = visitor.submit("登录", username="staff", password=PASSWORD)

    assert (page.status, page.path) == (200, "/")


def test_whoever_is_signed_in_need_not_do_so_again(staff: Browser):
    assert staff.get("/sign-in?next=/organisation/").path == "/organisation/"


def test_each_signing_in_makes_a_cookie_of_its_own(world: World, visitor: Browser):
    visitor.hold("planted-by-somebody-else-before-signing-in-x")

    visitor.sign_in("staff", PASSWORD)
    first = visitor.cookie()
    visitor.sign_out()
    visitor.sign_in("staff", PASSWORD)

    assert len({"planted-by-somebody-else-before-signing-in-x", first, visitor.cookie()}) == 3


def test_two_people_signed_in_stay_two_people(office: Browser, secretary: Browser):
    names = [browser.get("/").one("//*[@class='hat']").text for browser in (office, secretary, office)]

    assert names == ["机关党委经办", "水处党支部书记", "机关党委经办"]


# Getting out.


def test_a_cookie_copied_before_signing_out_is_worth_nothing_afterwards(world: World, visitor: Browser, app: Flask):
    visitor.sign_in("secretary", PASSWORD)
    thief = Browser(app)
    thief.hold(visitor.cookie())
    token = thief.csrf_token()
    before = thief.get("/").h1

    out = visitor.sign_out()

    assert (out.path, out.alerts[0]) == ("/sign-in", "已退出登录。")
    assert (before, thief.get("/").h1) == ("今天要办的 1 件事", "登录")
    assert thief.send("POST", "/feedback", data={"text": "x", "csrf_token": token}).status == 400
    assert [reason for *_, reason in sessions()] == ["signed_out"]
    assert builders.rows_of(AuditEvent, "action")[-1] == ("accounts.sign_out",)


def test_signing_out_takes_the_cookie_back_and_empties_the_cache(staff: Browser):
    staff.get("/")
    page = staff.send("POST", "/sign-out", data={"csrf_token": staff.csrf_token()})

    assert (page.status, page.headers["Location"], page.headers["Clear-Site-Data"]) == (303, "/sign-in", '"cache"')
    assert staff.cookie() == ""


def test_signing_out_of_one_browser_leaves_the_other_signed_in(world: World, app: Flask):
    one, other = Browser(app), Browser(app)
    one.sign_in("staff", PASSWORD)
    other.sign_in("staff", PASSWORD)

    one.sign_out()

    assert (one.get("/").h1, other.get("/").h1) == ("登录", "今天没有要办的事")


# How long it lasts.


def at_home(browser: Browser, at: datetime) -> bool:
    with clock.stopped_at(at):
        return browser.get("/").h1 != "登录"


def test_a_session_nobody_used_for_half_an_hour_has_ended(staff: Browser, now: datetime):
    assert at_home(staff, now + timedelta(minutes=29, seconds=59))
    assert at_home(staff, now + timedelta(minutes=59))
    assert not at_home(staff, now + timedelta(minutes=59) + timedelta(minutes=30))


def test_a_session_in_constant_use_ends_after_eight_hours(staff: Browser, now: datetime):
    used = [at_home(staff, now + timedelta(minutes=minutes)) for minutes in range(0, 8 * 60 + 20, 20)]

    assert used == [True] * 24 + [False]


def test_an_ended_session_does_not_come_back(staff: Browser, now: datetime):
    assert not at_home(staff, now + timedelta(minutes=31))
    assert not at_home(staff, now + timedelta(minutes=32))


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 99, "x" * 3_000, "%00" * 20])
def test_a_cookie_nobody_was_given_is_nobodys(world: World, visitor: Browser, token: str):
    visitor.hold(token)

    assert visitor.get("/").h1 == "登录"


@pytest.mark.parametrize("visit", ["x", "eyJjc3JmX3Rva2VuIjoieCJ9.x", "W10.x", "%00"])
def test_a_small_cookie_somebody_made_himself_is_ignored(visitor: Browser, visit: str):
    visitor.hold(visit, "visit")

    assert visitor.get("/sign-in").status == 200


def test_sessions_and_carried_text_are_forgotten_in_time(world: World, sign_in: SignIn, now: datetime):
    sign_in("staff")
    carrying.carry(world.person("staff").id, "/feedback", [("text", "一句话")], at=now)
    left = []
    for later in (timedelta(hours=24), timedelta(hours=24, seconds=1), timedelta(hours=161)):
        services.forget_old(now + later)
        left.append((len(sessions()), builders.count(CarriedForm)))

    assert left == [(1, 1), (1, 0), (0, 0)]


# Cookies.


def flags(page: Page, name: str) -> set[str]:
    [cookie] = [cookie for cookie in page.headers.getlist("Set-Cookie") if cookie.startswith(f"{name}=")]
    return {part.strip() for part in cookie.split(";")[1:]}


def test_the_cookies_of_a_demo_are_the_browsers_own(world: World, visitor: Browser):
    page = visitor.get("/sign-in")
    data = {"username": "staff", "password": PASSWORD, "csrf_token": visitor.csrf_token()}
    signed = visitor.send("POST", "/sign-in", data=data)

    assert flags(page, "visit") == {"HttpOnly", "SameSite=Lax", "Path=/"}
    assert flags(signed, "session") == {"HttpOnly", "SameSite=Lax", "Path=/"}


def test_the_cookies_of_production_are_for_this_host_and_https_only(
    world: World, all_databases: Databases, tmp_path: Path
):
    config = Config(tmp_path, "production", "x" * 40, all_databases.url, "https://localhost", testing=True)
    production = create_app(config)
    production.test_client_class = FreshClient
    browser = Browser(production)
    https = {"base_url": "https://localhost"}

    page = browser.get("/sign-in", **https)
    token = str(page.all("//input[@name='csrf_token']/@value")[0])
    large = browser.send(
        "POST", "/large-text", data={"csrf_token": token}, headers={"Referer": "https://localhost/"}, **https
    )
    data = {"username": "staff", "password": PASSWORD, "csrf_token": token}
    signed = browser.send("POST", "/sign-in", data=data, headers={"Referer": "https://localhost/"}, **https)

    kept = {"HttpOnly", "SameSite=Lax", "Path=/", "Secure"}
    assert (flags(page, "__Host-visit"), flags(signed, "__Host-session")) == (kept, kept)
    assert flags(large, "large_text") - {"Max-Age=31536000"} >= kept
    assert (signed.status, "演示数据" in page.text) == (303, False)
    with production.app_context():
        db.engine.dispose()


# 大字版.


def is_large(page: Page) -> bool:
    return bool(page.tree.get("class") == "large-text")


def test_large_text_is_kept_for_a_person_wherever_he_signs_in(world: World, staff: Browser, app: Flask):
    before = staff.get("/organisation/")
    after = staff.submit("大字版")
    elsewhere = Browser(app)
    elsewhere.sign_in("staff", PASSWORD)

    assert (is_large(before), is_large(after), after.path) == (False, True, "/organisation/")
    assert is_large(elsewhere.get("/"))
    assert not is_large(elsewhere.submit("大字版"))
    assert builders.rows_of(AuditEvent, "action", "detail")[-1] == ("accounts.set_large_text", {"on": False})


def test_large_text_is_kept_for_a_visitor_in_his_browser(visitor: Browser):
    before = visitor.get("/sign-in?next=/rules/")
    after = visitor.submit("大字版")
    again = visitor.get("/sign-in")

    assert (is_large(before), is_large(after), is_large(again)) == (False, True, True)
    assert after.path == "/sign-in?next=/rules/"
    assert not is_large(visitor.submit("大字版"))


def test_the_switch_leads_nowhere_else(staff: Browser):
    page = staff.post("/large-text", {"next": "//evil.example"}, csrf=True)

    assert page.path == "/"


# A change of posts while somebody is signed in.


def test_a_person_whose_organiser_changed_sees_the_new_one_at_once(world: World, staff: Browser):
    before = staff.get("/organisation/").main

    with writing():
        world.person("staff").organiser_id = world.organiser("city").id

    after = staff.get("/organisation/").main
    assert ("银川" in before, "水生态" in before) == (False, True)
    assert ("银川" in after, "水生态" in after) == (True, False)
