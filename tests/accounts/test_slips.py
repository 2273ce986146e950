"""Printed slips: the first password and the next one (A-02, A-03); who prints them, for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests import builders, rating_builders
from tests.builders import PASSWORD, World, rows_of
from tests.conftest import SignIn
from tests.pages import Browser, Page
from tests.together import at_once
from tiejun_awards.accounts import signing_in, slips
from tiejun_awards.accounts.live_sessions import Visitor
from tiejun_awards.accounts.models import Person, SignInSession, SignInSlip, SlipKind
from tiejun_awards.scoring import queries
from tiejun_awards.scoring import services as scoring
from tiejun_awards.shared import clock
from tiejun_awards.shared.access import Trace
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import writing
from tiejun_awards.shared.errors import NotAllowed

NEW = "Blue kettle 77 sings"
WRONG = "账号和登录条对不上，或者登录条用过了、过期了。请核对后再试，不行就请主办单位重新打印。"


def slip_for(person: Person, at: datetime, kind: SlipKind = SlipKind.FIRST_USE) -> str:
    with writing() as session:
        return slips.issue_slip(session, session.get_one(Person, person.id), kind, by=None, at=at)


@pytest.fixture
def newcomer(world: World) -> Person:
    """An account as the office makes it: without a password."""
    made = builders.person("newcomer", world.organiser("department"), mobile="13909510001")
    with writing() as session:
        session.get_one(Person, made.id).password_hash = ""
    return made


def use(browser: Browser, code: str, name: str = "newcomer", password: str = NEW, again: str = "") -> Page:
    browser.get("/slip")
    return browser.submit("设好密码并登录", username=name, code=code, new_password=password, again=again or password)


# The first password.


def test_a_new_installation_has_no_account(app: Flask):
    assert builders.count(Person) == 0


def test_nobody_gets_in_before_a_password_is_set(newcomer: Person, visitor: Browser):
    pages = [visitor.sign_in("newcomer", password) for password in ("x", PASSWORD, "guess")]

    assert [page.status for page in pages] == [422, 422, 422]
    assert builders.count(SignInSession) == 0


@pytest.mark.parametrize("name", ["newcomer", " Newcomer ", "13909510001", "+86 139-0951-0001"])
def test_a_slip_sets_the_first_password_and_signs_in(newcomer: Person, visitor: Browser, now: datetime, name: str):
    code = slip_for(newcomer, now)

    page = use(visitor, code.lower().replace("-", " "), name)

    assert (page.path, page.status) == ("/", 200)
    assert rows_of(SignInSlip, "used_at", order_by="id") == [(now,)]
    actions = [action for (action,) in rows_of(AuditEvent, "action")[-2:]]
    assert actions == ["accounts.use_slip", "accounts.sign_in"]
    assert Browser(visitor._app).sign_in(name, NEW).path == "/"


def test_a_slip_is_used_once(newcomer: Person, visitor: Browser, app: Flask, now: datetime):
    code = slip_for(newcomer, now)
    use(visitor, code)

    page = use(Browser(app), code, password="Red lantern 55 hums")

    assert (page.status, page.errors) == (422, {"code": WRONG})


def test_a_slip_is_used_once_even_at_the_same_moment(app: Flask, newcomer: Person, now: datetime):
    code = slip_for(newcomer, now)

    def take() -> object:
        return signing_in.use_slip("newcomer", code, NEW, NEW, visitor=Visitor(now, Trace("r", "10.0.0.1")))

    answers = at_once(app, *[take] * 4)

    assert sorted(type(answer).__name__ for answer in answers) == ["Entered", "Refused", "Refused", "Refused"]


@pytest.mark.parametrize(
    "spoil", ["another's", "old", "withdrawn", "mistyped", "disabled"], ids=lambda word: word.strip("'s")
)
def test_a_slip_that_does_not_fit_says_the_same_whatever_is_wrong(
    world: World, newcomer: Person, visitor: Browser, now: datetime, spoil: str
):
    code, at = slip_for(newcomer, now), now
    if spoil == "withdrawn":
        slip_for(newcomer, now)
    if spoil == "old":
        at = now + timedelta(days=7)
    if spoil == "disabled":
        with writing() as session:
            session.get_one(Person, newcomer.id).disabled_at = now
    if spoil == "mistyped":
        code = code[:-1] + ("A" if code[-1] != "A" else "B")

    with clock.stopped_at(at):
        page = use(visitor, code, "staff" if spoil == "another's" else "newcomer")

    assert (page.status, page.errors) == (422, {"code": WRONG})
    assert builders.count(SignInSession) == 0


def test_what_is_wrong_with_a_password_stands_beside_it_and_the_slip_still_works(
    newcomer: Person, visitor: Browser, now: datetime
):
    code = slip_for(newcomer, now)

    weak = [use(visitor, code, password="short").errors, use(visitor, code, again="Blue kettle 77 sinks").errors]
    for _ in range(5):
        use(visitor, code, password="short")  # the code was right each time

    assert weak == [
        {"new_password": "密码至少 12 个字符，现在是 5 个。"},
        {"again": "两次写的密码不一样，请再写一次。"},
    ]
    assert use(visitor, code).path == "/"


def test_opening_the_printed_address_fills_the_code_in_and_does_nothing(
    newcomer: Person, visitor: Browser, now: datetime
):
    code = slip_for(newcomer, now)

    page = visitor.get(f"/slip?code={code}")

    assert (page.status, page.values["code"]) == (200, code)
    assert rows_of(SignInSlip, "used_at", order_by="id") == [(None,)]


# The next one.


def test_a_reset_ends_every_session(world: World, staff: Browser, visitor: Browser, now: datetime):
    code = slip_for(world.person("staff"), now, SlipKind.RESET)
    before = staff.get("/").h1

    use(visitor, code, "staff")

    assert (before == "登录", staff.get("/").h1) == (False, "登录")
    assert sorted(reason for (reason,) in rows_of(SignInSession, "end_reason", order_by="made_at")) == ["", "reset"]


# Printing.


def tick(browser: Browser, *names: str, world: World) -> Page:
    browser.get("/sign-ins/")
    people = [str(world.person(name).id) for name in names]
    page = browser.submit("打印勾选账号的登录条", people=people)
    if page.h1 == "请再输一次密码":
        browser.submit("确认身份", password=PASSWORD)
        page = browser.submit("继续")
    return page


def test_the_office_prints_slips_for_several_after_its_password(
    world: World, newcomer: Person, office: Browser, visitor: Browser
):
    page = tick(office, "newcomer", "staff", world=world)

    codes = [str(found.text) for found in page.all("//ol[contains(@class, 'slips')]//span")]
    lines = rows_of(AuditEvent, "action", "detail")[-3:]
    assert (page.h1, len(codes)) == ("登录条", 2)
    assert "newcomer · 首次登录" in page.text
    assert "干部职工 · 重设密码" in page.text
    assert lines == [
        ("accounts.issue_slip", {"kind": "first_use"}),
        ("accounts.issue_slip", {"kind": "reset"}),
        ("accounts.issue_slips", {"count": 2}),
    ]
    assert not any(code.replace("-", "") in repr(rows_of(AuditEvent, "detail")) for code in codes)
    assert use(visitor, codes[0]).path == "/"


def test_printing_again_withdraws_what_was_printed(world: World, newcomer: Person, office: Browser, visitor: Browser):
    first = tick(office, "newcomer", world=world).all("//ol[contains(@class, 'slips')]//span")[0].text
    tick(office, "newcomer", world=world)

    assert use(visitor, str(first)).errors == {"code": WRONG}


@pytest.mark.parametrize("who", ["second", "discipline", "auditor", "system_admin", "poll_watcher"])
def test_the_office_opens_no_account_that_stands_over_against_it(world: World, office: Browser, who: str):
    tick(office, "staff", world=world)  # his password is given now
    printed = builders.count(SignInSlip)

    page = office.post("/sign-ins/slips", {"people": str(world.person(who).id), "key": "one"}, csrf=True)

    [error] = page.alerts
    assert page.status == 422
    assert "登录条由系统管理员打印，请去掉后再打印。" in error
    assert builders.count(SignInSlip) == printed


def test_the_system_administrator_does(world: World, sign_in: SignIn):
    page = tick(sign_in("system_admin"), "second", "discipline", world=world)

    assert (page.h1, builders.count(SignInSlip)) == ("登录条", 2)


def test_nothing_ticked_prints_nothing(world: World, office: Browser):
    page = tick(office, world=world)

    assert (page.status, builders.count(SignInSlip)) == (422, 0)


def test_the_list_finds_who_has_no_password_yet(world: World, newcomer: Person, office: Browser):
    page = office.get("/sign-ins/?state=none")

    assert [row[1:3] for row in page.rows()] == [["newcomer", "newcomer"]]
    assert office.get("/sign-ins/?q=city").h1 == "登录管理"
    assert "没有符合条件的账号" in office.get("/sign-ins/?q=city").text


def test_the_list_and_its_file_are_under_the_same_filter(world: World, newcomer: Person, office: Browser):
    def rows_of_file() -> list[tuple[object, ...]]:
        [sheet] = load_workbook(BytesIO(office.click("导出 Excel").content)).worksheets
        return list(sheet.iter_rows(values_only=True))

    office.get("/sign-ins/?state=none")
    without = rows_of_file()
    office.get("/sign-ins/")

    assert [row[:4] for row in without[1:]] == [("newcomer", "newcomer", newcomer.where, "还没有设")]
    assert len(rows_of_file()) > 10


def test_whose_slips_the_administrator_prints_has_no_box_at_the_office(world: World, office: Browser, sign_in: SignIn):
    def boxes(browser: Browser) -> set[str]:
        return {str(box.get("value")) for box in browser.get("/sign-ins/").all("//input[@name='people']")}

    over_against = {str(world.person(who).id) for who in ("second", "discipline", "auditor", "system_admin")}
    assert over_against & boxes(office) == set()
    assert str(world.person("staff").id) in boxes(office)
    assert over_against <= boxes(sign_in("system_admin"))


def test_a_city_office_sees_its_own_accounts_only(world: World, city_office: Browser):
    names = {row[1] for row in city_office.get("/sign-ins/").rows()}

    assert names == {"city_staff", "city_liaison", "city_secretary", "city_office", "city_second", "city_own_secretary"}


# A judge's slip.


@pytest.fixture
def judge_code(rated: World, office: Browser) -> str:
    """What is printed for the world's judge on the panel of 2026."""
    panel = rating_builders.cycle_of(rated, 2026).panel_id
    office.get(f"/scoring/{panel}/slips")
    page = office.submit("打印今天的登录条")
    if page.h1 == "请再输一次密码":
        office.submit("确认身份", password=PASSWORD)
        page = office.submit("继续")
        name = rated.person("judge").name
    return str(page.one(f"//ol[contains(@class, 'slips')]/li[.//b[text()='{name}']]//span").text)


def test_a_judges_slip_opens_the_panel_and_nothing_else(rated: World, visitor: Browser, judge_code: str):
    shown = visitor.get(f"/panel-slip?code={judge_code}")
    signed_in_by_looking = visitor.cookie()
    page = visitor.submit("进入评分表")

    others = ["/reports/", "/account/", "/calls/", "/organisation/", "/feedback", "/sign-ins/", "/confirm"]
    assert (shown.status, signed_in_by_looking, page.h1) == (200, "", "我的评分表")
    assert [visitor.get(path).status for path in others] == [403] * len(others)
    assert visitor.get("/").path == page.path
    assert visitor.submit("退出").h1 == "登录"


def test_on_another_panel_the_same_judge_is_nobody(rated: World, sign_in: SignIn, visitor: Browser, judge_code: str):
    earlier = rating_builders.cycle_of(rated, 2025).panel_id
    visitor.get(f"/panel-slip?code={judge_code}")
    visitor.submit("进入评分表")

    found = [sign_in("judge").get(f"/scoring/{earlier}").status, visitor.get(f"/scoring/{earlier}").status]
    assert found[1] == 404
    assert [panel.path for panel in [visitor.get("/scoring/")]] == [
        f"/scoring/{rating_builders.cycle_of(rated, 2026).panel_id}"
    ]


def test_no_verb_takes_a_sheet_of_another_panel(rated: World):
    panel = rating_builders.cycle_of(rated, 2026).panel_id or 0
    seat = queries.seat_of(rated.actor("judge"), panel)

    with pytest.raises(NotAllowed, match="凭评委登录条登录"):
        scoring.unsign(replace(rated.actor("judge"), only_panel=panel + 1), seat, reason="改一项。")


def test_it_works_all_day_and_ends_with_it(rated: World, app: Flask, judge_code: str, now: datetime):
    def enter(hours: int) -> tuple[int, str]:
        browser = Browser(app)
        with clock.stopped_at(now + timedelta(hours=hours)):
            browser.get(f"/panel-slip?code={judge_code}")
            page = browser.submit("进入评分表")
            return page.status, page.h1

    assert [enter(0), enter(5), enter(13)] == [(200, "我的评分表")] * 2 + [(200, "我的评分表")]  # 10:00, 15:00, 23:00
    assert enter(14)[0] == 422


def test_a_session_by_a_judges_slip_ends_at_midnight(rated: World, visitor: Browser, judge_code: str, now: datetime):
    with clock.stopped_at(now + timedelta(hours=13, minutes=50)):
        visitor.get(f"/panel-slip?code={judge_code}")
        panel = visitor.submit("进入评分表").path
    with clock.stopped_at(now + timedelta(hours=14, minutes=1)):
        page = visitor.get(panel)

    assert page.h1 == "登录"


def test_a_judges_slip_sets_no_password(rated: World, visitor: Browser, judge_code: str):
    assert use(visitor, judge_code, "judge").errors == {"code": WRONG}


def test_the_one_that_prints_is_the_office_and_each_judge_is_named(rated: World, judge_code: str):
    lines = [detail for action, detail in rows_of(AuditEvent, "action", "detail") if action == "scoring.print_slip"]

    assert rated.person("judge").id in {detail["judge"] for detail in lines}
