"""One's own sessions, password and data: what ends what (A-05, S-02)."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests import builders
from tests.builders import PASSWORD, World, rows_of
from tests.conftest import SignIn
from tests.pages import Browser
from tiejun_awards.accounts.live_sessions import end_sessions
from tiejun_awards.accounts.models import Person, SignInSession
from tiejun_awards.shared import clock
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import writing

NEW = "Blue kettle 77 sings"


def reasons() -> list[str]:
    return [reason for (reason,) in rows_of(SignInSession, "end_reason", order_by="made_at")]


def confirmed(browser: Browser, path: str) -> Browser:
    browser.get(f"/confirm?next={path}")
    browser.submit("确认身份", password=PASSWORD)
    return browser


def test_a_fourth_sign_in_ends_the_oldest(world: World, app: Flask, now: datetime):
    browsers = [Browser(app) for _ in range(4)]
    for minute, browser in enumerate(browsers):
        with clock.stopped_at(now + timedelta(minutes=minute)):
            browser.sign_in("staff", PASSWORD)

    assert [browser.get("/").h1 == "登录" for browser in browsers] == [True, False, False, False]
    assert reasons() == ["too_many", "", "", ""]


def test_signing_in_again_in_one_browser_ends_its_earlier_session(world: World, staff: Browser):
    earlier = staff.cookie()
    staff.hold("x" * 43, "session_planted")
    data = {"username": "liaison", "password": PASSWORD}
    staff.post("/sign-in", data, csrf=True)

    assert (staff.cookie() == earlier, reasons()) == (False, ["replaced", ""])


def test_a_cookie_planted_before_signing_in_is_not_the_session(world: World, visitor: Browser):
    visitor.hold("p" * 43)
    visitor.sign_in("staff", PASSWORD)

    assert visitor.cookie() != "p" * 43


def test_the_password_once_more_gives_a_new_cookie_and_the_old_one_is_worth_nothing(
    world: World, staff: Browser, app: Flask
):
    thief = Browser(app)
    thief.hold(staff.cookie())

    confirmed(staff, "/")

    assert (thief.get("/").h1, staff.get("/").h1 == "登录") == ("登录", False)


def test_somebody_sees_where_he_is_signed_in_and_ends_one(world: World, staff: Browser, app: Flask):
    other = Browser(app)
    other.sign_in("staff", PASSWORD)
    page = staff.get("/account/sessions")
    asked = staff.submit("结束", within="结束")
    staff.submit("确认身份", password=PASSWORD)
    done = staff.submit("继续")

    assert [("本机" in row[0], row[0].startswith("127.0.0.1")) for row in page.rows()] in (
        [(True, True), (False, True)],
        [(False, True), (True, True)],
    )
    assert (asked.h1, done.alerts[0]) == ("请再输一次密码", "那一处登录已结束。")
    assert (other.get("/").h1, staff.get("/").h1 == "登录") == ("登录", False)


def test_or_all_others_at_once(world: World, staff: Browser, app: Flask):
    others = [Browser(app) for _ in range(2)]
    for other in others:
        other.sign_in("staff", PASSWORD)
    confirmed(staff, "/account/sessions")

    page = staff.submit("结束别处的登录")

    assert page.alerts[0] == "别处的 2 个登录已结束。"
    assert [browser.get("/").h1 == "登录" for browser in (staff, *others)] == [False, True, True]


def test_of_others_nobody_ends_a_session_but_the_system_administrator(
    world: World, staff: Browser, liaison: Browser, sign_in: SignIn
):
    from tiejun_awards.accounts.live_sessions import key_of
    from tiejun_awards.shared.db import db

    row = db.session.scalars(db.select(SignInSession).where(SignInSession.person_id == world.person("staff").id)).one()
    confirmed(liaison, "/")
    page = liaison.post("/account/sessions/end", {"session": key_of(row)}, csrf=True)
    still = staff.get("/").h1
    admin = confirmed(sign_in("system_admin"), f"/sign-ins/{world.person('staff').id}")
    done = admin.submit("结束全部登录")

    assert (page.status, still == "登录") == (409, False)
    assert (done.alerts[0], staff.get("/").h1) == ("1 处登录已结束。", "登录")


def test_disabling_ends_them_in_the_same_transaction(world: World, staff: Browser):
    with writing() as session:
        person = session.get_one(Person, world.person("staff").id)
        person.disabled_at = world.now
        ended = end_sessions(session, person.id, "disabled", at=world.now)

    assert (ended, reasons(), staff.get("/").h1) == (1, ["disabled"], "登录")


# The password.


def change(browser: Browser, **fields: str):
    browser.get("/account/password")
    return browser.submit("改好密码", {"password": PASSWORD, "new_password": NEW, "again": NEW, **fields})


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(world: World, staff: Browser, app: Flask):
    other = Browser(app)
    other.sign_in("staff", PASSWORD)
    cookie = staff.cookie()

    page = change(staff)

    assert page.alerts[0] == "密码已经改好，别处的登录都已结束。"
    assert (staff.cookie() == cookie, other.get("/").h1) == (False, "登录")
    assert other.sign_in("staff", PASSWORD).status == 422
    assert other.sign_in("staff", NEW).path == "/"
    [line] = [row for row in rows_of(AuditEvent, "action", "detail") if row[0] == "accounts.change_password"]
    assert line[1] == {"ended": 1}


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"password": "guess"}, {"password": "现在的密码不对，请再试一次。"}),
        ({"again": "Blue kettle 77 sinks"}, {"again": "两次写的密码不一样，请再写一次。"}),
        ({"new_password": "Kettle"}, {"new_password": "密码至少 12 个字符，现在是 6 个。"}),
        (
            {"new_password": "Staff kettle 77"},
            {"new_password": "密码里不要有姓名、账号、手机号、单位名或本系统的名称，别人最先猜这些。"},
        ),
        (
            {"new_password": PASSWORD, "again": PASSWORD},
            {"new_password": "密码里不要有姓名、账号、手机号、单位名或本系统的名称，别人最先猜这些。"},
        ),
        ({"new_password": ""}, {"new_password": "请写新密码。"}),
    ],
    ids=["present one", "twice", "short", "own name", "product", "empty"],
)
def test_what_is_wrong_stands_beside_its_field(staff: Browser, fields: dict[str, str], errors: dict[str, str]):
    page = change(staff, **fields)

    assert (page.status, page.errors) == (422, errors)


def test_an_old_password_lets_in_once_more_and_then_has_to_be_changed_first(world: World, app: Flask, now: datetime):
    with writing() as session:
        session.get_one(Person, world.person("staff").id).password_set_at = now - timedelta(days=180)

    grace = Browser(app).sign_in("staff", PASSWORD)
    browser = Browser(app)
    browser.get("/sign-in?next=/organisation/")
    forced = browser.submit("登录", username="staff", password=PASSWORD)
    elsewhere = browser.get("/calls/").path
    browser.get("/account/password?next=/organisation/")
    after = browser.submit("改好密码", password=PASSWORD, new_password=NEW, again=NEW)

    assert (grace.path, "您的密码已经用了 180 天以上" in grace.alerts[0]) == ("/", True)
    assert (forced.h1, forced.alerts[0]) == ("修改密码", "密码已经过了有效期，请先换一个再接着办。")
    assert elsewhere == "/account/password?next=/calls/"
    assert (after.path, browser.get("/calls/").path) == ("/organisation/", "/calls/")


# What is asked again keeps what was typed.


def test_what_asks_for_the_password_keeps_what_was_ticked(world: World, office: Browser):
    office.get("/sign-ins/")
    asked = office.submit("打印勾选账号的登录条", people=[str(world.person("staff").id)])
    resumed = office.submit("确认身份", password=PASSWORD)

    assert (asked.h1, resumed.h1) == ("请再输一次密码", "您写的内容都在")
    assert office.submit("继续").h1 == "登录条"


# 我的数据.


def sheets(content: bytes) -> dict[str, list[tuple[object, ...]]]:
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(BytesIO(content))}


def test_my_data_holds_what_is_mine_and_nothing_of_others(rated: World, sign_in: SignIn):
    judge = sheets(sign_in("judge").get("/account/data.xlsx").content)
    secretary = sheets(sign_in("secretary").get("/account/data.xlsx").content)

    assert list(judge) == [
        *(
            "账号",
            "任职",
            "登录记录",
            "登录条",
            "季度报告",
            "我的评分",
            "推荐",
            "受表扬",
            "附件",
            "意见建议",
            "操作记录",
        ),
    ]
    assert ("账号", "judge") in judge["账号"]
    assert len(judge["我的评分"]) > 1
    assert all(len(str(row[2]).split(" ", 1)[1]) > 2 for row in judge["我的评分"][1:])
    actions = {str(row[1]) for row in secretary["操作记录"][1:]}
    assert len(actions) > 0
    assert [action for action in actions if "." in action] == []
    assert len(secretary["我的评分"]) == 1
    assert {row[0] for row in secretary["季度报告"][1:]} <= {"提交", "存稿"}
    assert {row[1] for row in secretary["季度报告"][1:]} == {rated.branch("water").name}
    assert len(judge["季度报告"]) == 1
    assert rows_of(AuditEvent, "action", "actor_name")[-1] == ("accounts.my_data", rated.person("secretary").name)


def test_the_settings_say_how_things_stand(staff: Browser):
    page = staff.get("/account/")

    assert (page.h1, "现在有 1 处登录着您的账号。" in page.text, "登录管理" in page.text) == ("个人设置", True, False)
    assert builders.count(SignInSession) == 1
