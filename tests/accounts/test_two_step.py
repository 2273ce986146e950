"""The second step (A-04): taken up, asked for, used up, lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests import builders
from tests.accounts.test_slips import slip_for, use
from tests.builders import PASSWORD, World, rows_of
from tests.conftest import SignIn
from tests.pages import Browser, Page
from tests.together import at_once
from tiejun_awards.accounts import factors, signing_in, totp
from tiejun_awards.accounts.live_sessions import Visitor
from tiejun_awards.accounts.models import Person, RecoveryCode, SecondFactor, SignInSession, SlipKind
from tiejun_awards.accounts.password_rules import Profile
from tiejun_awards.accounts.policy import Policy
from tiejun_awards.accounts.signing_in import HalfWay
from tiejun_awards.shared import clock
from tiejun_awards.shared.access import Trace
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.vault import unseal

SEED = b"12345678901234567890"
WRONG = "验证码不对，或者已经用过，请等下一个再试。"


def code_at(at: datetime, off: int = 0) -> str:
    return totp.code_of(SEED, factors.step_at(at) + off)


@pytest.fixture
def codes(world: World, now: datetime) -> list[str]:
    """The staff member uses the second step; his recovery codes."""
    with writing() as session:
        return factors.enrol(session, world.person("staff").id, SEED, factors.step_at(now) - 10, now)


@pytest.fixture
def required(app: Flask) -> Iterator[None]:
    """The three administrators must."""
    kept = app.extensions["sign_in_policy"]
    app.extensions["sign_in_policy"] = Policy(two_step_required=True)
    yield
    app.extensions["sign_in_policy"] = kept


# Signing in.


def test_after_the_password_comes_the_code_and_then_a_session(codes: list[str], visitor: Browser, now: datetime):
    before = visitor.cookie("visit")
    half = visitor.sign_in("staff", PASSWORD)
    none_yet = visitor.cookie()
    page = visitor.submit("登录", code=code_at(now))

    assert (half.h1, half.path, none_yet) == ("两步登录", "/sign-in/code", "")
    assert (page.path, len(visitor.cookie())) == ("/", 43)
    assert visitor.cookie() not in (before, none_yet)
    assert rows_of(AuditEvent, "action", "detail")[-1] == ("accounts.sign_in", {"by": "code"})


def test_half_way_nothing_can_be_opened(codes: list[str], visitor: Browser):
    visitor.sign_in("staff", PASSWORD)

    assert [visitor.get(path).h1 for path in ("/", "/account/", "/reports/")] == ["登录"] * 3
    assert builders.count(SignInSession) == 0


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_may_be_half_a_minute_off(codes: list[str], visitor: Browser, now: datetime, off: int, taken: bool):
    visitor.sign_in("staff", PASSWORD)
    page = visitor.submit("登录", code=code_at(now, off))

    assert (page.path == "/", page.errors) == (taken, {} if taken else {"code": WRONG})


def test_a_code_is_taken_once(codes: list[str], visitor: Browser, app: Flask, now: datetime):
    visitor.sign_in("staff", PASSWORD)
    visitor.submit("登录", code=code_at(now))
    thief = Browser(app)
    thief.sign_in("staff", PASSWORD)

    assert thief.submit("登录", code=code_at(now)).errors == {"code": WRONG}


def test_what_waits_half_way_is_over_after_five_minutes_and_with_another_password(
    world: World, codes: list[str], visitor: Browser, now: datetime
):
    visitor.sign_in("staff", PASSWORD)
    with clock.stopped_at(now + timedelta(minutes=5)):
        late = visitor.submit("登录", code=code_at(now + timedelta(minutes=5)))
    visitor.sign_in("staff", PASSWORD)
    with writing() as session:
        session.get_one(Person, world.person("staff").id).password_hash = "another"
    other = visitor.submit("登录", code=code_at(now))

    assert (late.path, other.status, visitor.cookie()) == ("/sign-in", 422, "")


def test_codes_are_guessed_no_faster_than_passwords(codes: list[str], visitor: Browser, now: datetime):
    statuses = []
    for _ in range(3):  # giving the password again begins no new count
        visitor.sign_in("staff", PASSWORD)
        statuses += [visitor.submit("登录", code="000000").status for _ in range(2) if visitor.page.h1 == "两步登录"]  # type: ignore[union-attr]

    assert statuses[:5] == [422] * 5
    assert visitor.sign_in("staff", PASSWORD).status == 429


def test_a_recovery_code_works_once_of_twenty_tries_at_once(app: Flask, world: World, codes: list[str], now: datetime):
    person = world.person("staff").id

    def take() -> bool:
        with writing() as session:
            factor = factors.factor_of(person)
            return factor is not None and factors.use_code(session, factor, codes[0].lower(), now)

    assert sorted(at_once(app, *[take] * 20)) == [False] * 19 + [True]
    assert factors.recovery_codes_left(person) == 9


def test_the_same_code_of_the_app_works_once_of_many_at_once(app: Flask, world: World, codes: list[str], now: datetime):
    half = signing_in.sign_in("staff", PASSWORD, visitor=Visitor(now, Trace("r", "10.0.0.1")))
    assert isinstance(half, HalfWay)

    def take() -> bool:
        with writing() as session:
            factor = factors.factor_of(half.person_id)
            return factor is not None and factors.use_code(session, factor, code_at(now), now)

    assert sorted(at_once(app, *[take] * 8)) == [False] * 7 + [True]


def test_a_recovery_code_stands_in_for_the_phone(codes: list[str], visitor: Browser):
    visitor.sign_in("staff", PASSWORD)

    assert visitor.submit("登录", code=codes[3]).path == "/"


def test_neither_seed_nor_codes_can_be_read_in_the_database(world: World, codes: list[str]):
    person = world.person("staff").id
    [(alg, sealed)] = rows_of(SecondFactor, "alg", "seed", order_by="person_id")
    kept = rows_of(RecoveryCode, "code_hash", order_by="id")

    assert (alg, SEED.hex() in sealed, len(kept)) == ("aes256gcm-1", False, 10)
    assert not {code.replace("-", "") for code in codes} & {row[0] for row in kept}
    assert unseal("second factor", str(person), sealed) == SEED
    assert unseal("second factor", str(person + 1), sealed) is None


def test_a_seed_sealed_under_another_key_refuses_and_does_not_fail(
    app: Flask, codes: list[str], visitor: Browser, now: datetime
):
    visitor.sign_in("staff", PASSWORD)
    with writing() as session:
        session.execute(db.update(SecondFactor).values(seed="AAAA" * 20))

    assert visitor.submit("登录", code=code_at(now)).errors == {"code": WRONG}


def test_a_reset_slip_leaves_the_second_step_in_place(world: World, codes: list[str], visitor: Browser, now: datetime):
    code = slip_for(world.person("staff"), now, SlipKind.RESET)

    page = use(visitor, code, "staff")

    assert (page.h1, visitor.cookie(), builders.count(SecondFactor)) == ("两步登录", "", 1)
    assert visitor.submit("登录", code=code_at(now)).path == "/"


def test_the_password_once_more_asks_for_the_code_too(codes: list[str], staff: Browser, now: datetime):
    staff.get("/confirm?next=/organisation/")
    without = staff.submit("确认身份", password=PASSWORD)
    cookie = staff.cookie()
    page = staff.submit("确认身份", password=PASSWORD, code=code_at(now))

    assert (without.status, without.errors) == (422, {"code": WRONG})
    assert (page.path, staff.cookie() == cookie) == ("/organisation/", False)


# Taking it up.


def confirm(browser: Browser) -> None:
    browser.get("/confirm?next=/account/two-step")
    browser.submit("确认身份", password=PASSWORD)


def seed_on(page: Page) -> bytes:
    import base64

    text = page.one("//b[@class='code']").text.replace(" ", "")
    return base64.b32decode(text)


def test_somebody_takes_it_up_and_gets_his_recovery_codes_once(world: World, staff: Browser, app: Flask, now: datetime):
    confirm(staff)
    page = staff.submit("开始登记")
    wrong = staff.submit("登记", code="000000")
    shown = staff.submit("登记", code=totp.code_of(seed_on(page), factors.step_at(now)))

    assert (page.h1, wrong.status, shown.h1) == ("登记两步登录", 422, "备用码")
    assert len(shown.all("//ol[@class='recovery-codes']/li")) == 10
    assert staff.submit("已经收好").h1 == "两步登录"
    assert Browser(app).sign_in("staff", PASSWORD).h1 == "两步登录"


def test_without_the_password_once_more_nothing_of_it_changes(codes: list[str], staff: Browser):
    staff.get("/account/two-step")
    pages = [staff.submit("重新登记")]
    for button in ("重新生成备用码", "停用两步登录"):
        staff.get("/account/two-step")
        pages.append(staff.submit(button))

    assert [page.h1 for page in pages] == ["请再输一次密码"] * 3
    assert builders.count(SecondFactor) == 1


def test_a_seed_of_somebody_else_or_of_yesterday_is_not_taken(
    world: World, staff: Browser, liaison: Browser, now: datetime
):
    confirm(staff)
    page = staff.submit("开始登记")
    confirm(liaison)
    data = {"seed": page.values["seed"], "code": totp.code_of(seed_on(page), factors.step_at(now))}
    other = liaison.post("/account/two-step/enrol", data, csrf=True)
    with clock.stopped_at(now + timedelta(minutes=16)):
        late = staff.post("/account/two-step/enrol", data, csrf=True)

    assert (other.h1, late.h1 in ("两步登录", "请再输一次密码"), builders.count(SecondFactor)) == ("两步登录", True, 0)


def test_it_is_let_go_and_its_codes_renewed(codes: list[str], staff: Browser, now: datetime):
    staff.get("/confirm?next=/account/two-step")
    staff.submit("确认身份", password=PASSWORD, code=code_at(now))
    renewed = staff.submit("重新生成备用码")
    assert renewed.h1 == "备用码"
    assert codes[0] not in renewed.text

    staff.get("/account/two-step")
    staff.submit("停用两步登录")

    assert (builders.count(SecondFactor), builders.count(RecoveryCode)) == (0, 0)


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("who", ["system_admin", "security_admin", "auditor"])
def test_an_administrator_takes_it_up_before_anything_else(world: World, visitor: Browser, now: datetime, who: str):
    page = visitor.sign_in(who, PASSWORD)
    elsewhere = [visitor.get(path).path.split("?")[0] for path in ("/", "/organisation/", "/account/", "/sign-ins/")]
    refused = visitor.send("POST", "/feedback", data={"text": "x", "csrf_token": visitor.page.values.get("x", "")})  # type: ignore[union-attr]

    assert (page.path.split("?")[0], set(elsewhere)) == ("/account/two-step", {"/account/two-step"})
    assert refused.status in (400, 403)
    visitor.get("/account/two-step?next=/organisation/")
    scan = visitor.submit("开始登记")
    visitor.submit("登记", code=totp.code_of(seed_on(scan), factors.step_at(now)))
    assert visitor.submit("已经收好").path == "/organisation/"
    assert "停用两步登录" not in visitor.get("/account/two-step").buttons


@pytest.mark.usefixtures("required")
def test_others_need_not(world: World, visitor: Browser):
    assert visitor.sign_in("office", PASSWORD).path == "/"


# Losing it.


def test_two_administrators_let_go_a_lost_one(
    world: World, codes: list[str], sign_in: SignIn, staff: Browser, visitor: Browser
):
    system, security = sign_in("system_admin"), sign_in("security_admin")
    person = world.person("staff").id
    for browser in (system, security):
        browser.get("/confirm")
        browser.submit("确认身份", password=PASSWORD)

    alone = security.post(f"/sign-ins/{person}/reset", csrf=True)
    system.get(f"/sign-ins/{person}")
    asked = system.submit("申请解除两步登录")
    not_both = system.post(f"/sign-ins/{person}/reset", csrf=True)
    security.get(f"/sign-ins/{person}")
    done = security.submit("核准解除")

    assert (alone.status, asked.alerts[0], not_both.status) == (409, "申请已登记，请安全管理员在三天内核准。", 403)
    assert done.alerts[0] == "两步登录已解除，这个账号下次只用密码登录。"
    assert (builders.count(SecondFactor), staff.get("/").h1) == (0, "登录")
    assert visitor.sign_in("staff", PASSWORD).path == "/"
    assert {"accounts.ask_factor_reset", "accounts.reset_factor"} <= {row[0] for row in rows_of(AuditEvent, "action")}


def test_asking_lapses_after_three_days(world: World, codes: list[str], sign_in: SignIn, now: datetime):
    with writing() as session:
        factor = session.get_one(SecondFactor, world.person("staff").id)
        factor.asked_at, factor.asked_by = now - timedelta(hours=72), world.person("system_admin").id
    security = sign_in("security_admin")
    security.get("/confirm")
    security.submit("确认身份", password=PASSWORD)

    page = security.post(f"/sign-ins/{world.person('staff').id}/reset", csrf=True)

    assert (page.status, builders.count(SecondFactor)) == (409, 1)


def test_the_profile_of_this_installation_is_the_demos(app: Flask):
    assert app.extensions["sign_in_policy"] == Policy(Profile.DENGBAO, 180, 3, two_step_required=False)
