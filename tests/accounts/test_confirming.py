"""The password once more, for the few verbs that ask for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import NOW, PASSWORD, World, rows_of
from tests.pages import Browser
from tiejun_awards.accounts import rules
from tiejun_awards.accounts.models import SignInSession
from tiejun_awards.shared.audit import AuditEvent


@pytest.mark.parametrize(
    ("minutes", "fresh"), [(0, True), (9, True), (10, False), (-1, False)], ids=["now", "nine", "ten", "to come"]
)
def test_a_confirmation_lasts_ten_minutes(minutes: int, fresh: bool):
    assert rules.is_fresh(NOW - timedelta(minutes=minutes), NOW) == fresh


def test_without_one_nothing_is_confirmed():
    assert not rules.is_fresh(None, NOW)


def test_the_right_password_is_noted_and_leads_on(world: World, staff: Browser):
    staff.get("/confirm?next=/organisation/")

    page = staff.submit("确认身份", password=PASSWORD)

    assert (page.path, page.status) == ("/organisation/", 200)
    assert rows_of(SignInSession, "reauth_at", "reauth_failures", order_by="token_hash") == [(NOW, 0)]
    assert rows_of(AuditEvent, "action", "detail")[-1] == ("accounts.note_confirmation", {"right": True})


def test_five_wrong_passwords_end_the_session(world: World, staff: Browser):
    staff.get("/confirm")
    for _ in range(4):
        page = staff.submit("确认身份", password="guessed")
        assert (page.status, page.errors) == (422, {"password": "密码不对，请再试一次。连错五次会退出登录。"})

    staff.submit("确认身份", password="guessed")

    assert staff.get("/").h1 == "登录"
    assert rows_of(SignInSession, "end_reason", order_by="token_hash") == [("reauth_failures",)]


def test_a_right_password_forgets_the_wrong_ones(world: World, staff: Browser):
    staff.get("/confirm")
    for password in ("guessed", "guessed", PASSWORD):
        staff.submit("确认身份", password=password)
        staff.get("/confirm")

    assert rows_of(SignInSession, "reauth_failures", order_by="token_hash") == [(0,)]
