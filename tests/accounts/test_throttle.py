"""Guessing is slowed down, in all workers together, and nobody is locked out for good (S-15)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode

import argon2
import pytest
from flask import Flask

from tests import builders
from tests.ballots.test_served import Served, serving
from tests.builders import PASSWORD, World, rows_of
from tests.pages import Browser
from tests.together import at_once
from tiejun_awards.accounts import rules, services, signing_in
from tiejun_awards.accounts.live_sessions import Visitor
from tiejun_awards.accounts.models import Person, Throttle
from tiejun_awards.accounts.rules import Tries
from tiejun_awards.shared import clock
from tiejun_awards.shared.access import Trace
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import Refused, TooMany


def test_waits_begin_after_five_failures_double_and_stop_at_a_quarter_of_an_hour():
    waits = [rules.wait_after(Tries.ACCOUNT, failures).total_seconds() for failures in range(14)]

    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert rules.wait_after(Tries.ACCOUNT, 10**6) == timedelta(minutes=15)
    assert [rules.wait_after(Tries.ADDRESS, failures).total_seconds() for failures in (49, 50)] == [0, 30]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was compared with a hash."""
    tried: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(hasher: argon2.PasswordHasher, stored: str, password: str) -> bool:
        tried.append(password)
        return verify(hasher, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    return tried


def try_in(name: str, password: str, at: datetime, address: str = "10.0.0.1") -> str:
    try:
        signing_in.sign_in(name, password, visitor=Visitor(at, Trace("r", address)))
    except TooMany:
        return "wait"
    except Refused:
        return "wrong"
    return "in"


def test_the_sixth_try_waits_whatever_it_is_and_unhashed(world: World, hashed: list[str], now: datetime):
    tries = [try_in("staff", f"guess {number}", now) for number in range(5)]
    refused = [try_in("staff", PASSWORD, now + timedelta(seconds=seconds)) for seconds in (0, 29)]

    assert (tries, refused, len(hashed)) == (["wrong"] * 5, ["wait"] * 2, 5)
    assert try_in("staff", PASSWORD, now + timedelta(seconds=30)) == "in"


def test_names_nobody_has_wait_just_the_same(world: World, now: datetime):
    found = {name: [try_in(name, "guess", now) for _ in range(6)] for name in ("staff", "nobody", " ＳＴＡＦＦ2 ")}

    assert set(map(tuple, found.values())) == {("wrong",) * 5 + ("wait",)}


def test_a_number_is_one_however_it_is_written(world: World, now: datetime):
    with writing() as session:
        session.get_one(Person, world.person("staff").id).mobile = "13909510001"
    ways = [
        "13909510001",
        "139 0951 0001",
        "139-0951-0001",
        "+8613909510001",
        "１３９０９５１０００１",
        "+86 139 0951-0001",
    ]

    assert [try_in(way, "guess", now) for way in ways] == ["wrong"] * 5 + ["wait"]


def test_nothing_of_an_unknown_name_is_kept(world: World, now: datetime):
    try_in("hunter2 my password", "x", now)

    assert not any("hunter2" in repr(row) for row in rows_of(Throttle, "key_hash", order_by="key_hash"))
    [line] = rows_of(AuditEvent, "action", "actor_name", "detail")[-1:]
    assert line == (
        "accounts.sign_in_failed",
        "系统",
        {"known": False, "step": "password", "address": "10.0.0.1"},
    )


def test_a_failure_of_a_known_account_is_a_denied_line_of_its_own(world: World, now: datetime):
    try_in("staff", "guess", now)

    [line] = rows_of(AuditEvent, "action", "actor_id", "outcome", "address")[-1:]
    assert (line[0], line[1], line[2].value, line[3]) == (
        "accounts.sign_in_failed",
        world.person("staff").id,
        "denied",
        "10.0.0.1",
    )


def test_nobody_is_locked_out_for_longer_than_a_quarter_of_an_hour(world: World, now: datetime):
    at = now
    for _ in range(40):
        try_in("staff", "guess", at, "10.0.0.2")
        at += timedelta(minutes=15)

    assert try_in("staff", PASSWORD, at) == "in"


def test_others_at_the_same_address_still_get_in(world: World, now: datetime):
    for number in range(40):
        try_in("staff", f"guess {number}", now)

    assert try_in("liaison", PASSWORD, now) == "in"


def test_an_address_that_tries_many_names_waits_and_others_do_not(world: World, now: datetime):
    for number in range(50):
        try_in(f"name{number}", "guess", now, "10.9.9.9")

    assert [try_in("staff", PASSWORD, now, address) for address in ("10.9.9.9", "10.0.0.1")] == ["wait", "in"]
    assert try_in("staff", PASSWORD, now + timedelta(minutes=15), "10.9.9.9") == "in"


def test_who_gets_in_begins_anew(world: World, now: datetime):
    for _ in range(4):
        for number in range(4):
            try_in("staff", f"guess {number}", now)
        assert try_in("staff", PASSWORD, now) == "in"


def test_many_tries_at_once_do_not_slip_through(app: Flask, world: World, hashed: list[str], now: datetime):
    answers = at_once(
        app, *(lambda n=number: try_in("staff", f"guess {n}", now, f"10.0.1.{n}") for number in range(12))
    )

    assert (sorted(answers), len(hashed)) == (["wait"] * 7 + ["wrong"] * 5, 5)


def test_counts_are_forgotten_in_time(world: World, now: datetime):
    try_in("staff", "guess", now)
    kept = []
    for hours in (24, 25):
        services.forget_old(now + timedelta(hours=hours))
        kept.append(builders.count(Throttle))

    assert kept == [2, 0]


def test_the_page_says_when_to_come_again(world: World, visitor: Browser, now: datetime):
    for _ in range(5):
        visitor.sign_in("staff", "guess")
    page = visitor.sign_in("staff", PASSWORD)

    assert (page.status, page.headers["Retry-After"], page.h1) == (429, "30", "登录")
    assert page.alerts == ["输错的次数太多了，请在 10:01 以后再试。忘记密码可以请主办单位打印一张登录条。"]
    with clock.stopped_at(now + timedelta(seconds=30)):
        assert visitor.submit("登录", username="staff", password=PASSWORD).path == "/"


def test_an_address_somebody_claims_is_not_believed(world: World, visitor: Browser):
    for number in range(6):
        visitor.get("/sign-in")
        data = {"username": f"name{number}", "password": "guess"}
        visitor.post("/sign-in", data, csrf=True, headers={"X-Forwarded-For": f"203.0.113.{number}"})

    [address] = rows_of(Throttle, "kind", "failures", order_by="kind")[-1:]
    assert (address[0], address[1]) == (Tries.ADDRESS, 6)


def test_all_that_can_be_guessed_counts_together(world: World, visitor: Browser, staff: Browser):
    staff.get("/confirm")
    for _ in range(2):
        staff.submit("确认身份", password="guess")
    for _ in range(2):
        visitor.sign_in("staff", "guess")
    visitor.get("/slip")
    password = "Blue kettle 77 sings"
    visitor.submit("设好密码并登录", username="staff", code="AAAA", new_password=password, again=password)

    assert visitor.sign_in("staff", PASSWORD).status == 429
    staff.get("/confirm")
    assert staff.submit("确认身份", password=PASSWORD).status == 429


@pytest.mark.slow
def test_thirty_guesses_over_two_workers_with_forwarded_addresses_stay_few(app: Flask, world: World):
    with serving(app) as served:
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda number: guess(served, number), range(30)))
        other = guess(served, 99, username="liaison", password=PASSWORD)

    db.session.rollback()
    reached = [line for line in rows_of(AuditEvent, "action") if line == ("accounts.sign_in_failed",)]
    assert (set(answers), len(reached) <= 12, other) == ({422, 429}, True, 303)


def guess(served: Served, number: int, *, username: str = "staff", password: str = "guess") -> int:
    forwarded = {"X-Forwarded-For": f"198.51.100.{number}"}
    connection = HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request("GET", "/sign-in", headers=forwarded)
    answer = connection.getresponse()
    page, cookie = answer.read().decode(), str(answer.headers["Set-Cookie"]).split(";")[0]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    data = urlencode({"username": username, "password": password, "csrf_token": token[1]})
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request("POST", "/sign-in", data, {**forwarded, **kind})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status
