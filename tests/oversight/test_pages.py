"""The auditor reads the trail; those who supervise read the exceptions, one line each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests import builders, exemplars
from tests.builders import World
from tests.conftest import SignIn
from tests.pages import Browser
from tests.papers import made as signed
from tests.shared.test_audit import Run, run  # noqa: F401
from tiejun_awards.accounts import posts
from tiejun_awards.accounts.posts import Term
from tiejun_awards.oversight import exports, services, supervising
from tiejun_awards.oversight.rules import TOLD, Kind
from tiejun_awards.oversight.services import Filters
from tiejun_awards.oversight.words import ACTIONS, action_label, in_words
from tiejun_awards.shared import audit
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.audit import AuditEvent, Outcome
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.seen import saw
from tiejun_awards.shared.use_case import ACTIONS as VERBS


def happen(world: World, who: str, action: str, at: datetime, subject: object = None, **detail: object) -> None:
    with writing() as session:
        audit.record(session, world.actor(who), action, at=at, subject=subject, detail=detail)


@pytest.fixture
def auditor(sign_in: SignIn) -> Browser:
    return sign_in("auditor")


def actions_of(filters: Filters, **asked: object) -> list[str]:
    return [event.action for event in services.page_of_trail(filters, size=50, **asked).events]  # type: ignore[arg-type]


# The trail.


def test_every_verb_of_the_code_is_called_by_a_word_and_no_word_is_of_a_verb_that_is_gone():
    written = {
        "accounts.sign_in",
        "accounts.sign_in_failed",
        "accounts.use_slip",
        "accounts.issue_slip",
        "accounts.my_data",
    }
    written |= {
        "accounts.slip_by_console",
        "accounts.drop_factor_by_console",
        "scoring.print_slip",
        "web.denied",
        "setup.begin",
    }
    written |= {
        name for name in ACTIONS if name.startswith(("oversight.", "imports.import_"))
    }  # by audit.record itself

    assert {action_label(action, VERBS) for action in VERBS} & set(VERBS) == set()
    assert set(ACTIONS) - set(VERBS) - written == set()


def test_the_list_is_narrowed_by_person_verb_thing_outcome_and_day(world: World, now: datetime):
    happen(world, "staff", "one", now - timedelta(days=2), world.branch("water"))
    happen(world, "staff", "two", now)
    happen(world, "office", "one", now)
    with writing() as session:
        audit.record(session, None, "web.denied", at=now, outcome=Outcome.DENIED)
    day = now.date()

    assert actions_of(Filters(action="one")) == ["one", "one"]
    assert actions_of(Filters(person="STAFF"))[:2] == ["two", "one"]
    assert actions_of(Filters(person="干部职工", action="one")) == ["one"]
    assert actions_of(Filters(thing=f"party_organisation {world.branch('water').id}")) == ["one"]
    assert actions_of(Filters(thing=f"党组织　{world.branch('water').id}")) == ["one"]
    assert actions_of(Filters(outcome="denied")) == ["web.denied"]
    assert actions_of(Filters(action="one", first=day, last=day)) == ["one"]
    assert actions_of(Filters(action="one", last=day - timedelta(days=1))) == ["one"]
    assert actions_of(Filters(person="没有这个人")) == []


def test_pages_are_turned_by_place_there_and_back(world: World, now: datetime):
    for number in range(7):
        happen(world, "staff", f"step.{number}", now, world.branch("air"))
    mine = Filters(thing="party_organisation")

    first = services.page_of_trail(mine, size=3)
    second = services.page_of_trail(mine, size=3, before=first.older)
    third = services.page_of_trail(mine, size=3, before=second.older)
    back = services.page_of_trail(mine, size=3, after=third.newer)

    words = [[event.action[-1] for event in found.events] for found in (first, second, third, back)]
    assert words == [["6", "5", "4"], ["3", "2", "1"], ["0"], ["3", "2", "1"]]
    assert (first.newer, third.older, bool(back.newer), bool(back.older)) == ("", "", True, True)


@pytest.mark.parametrize("mark", ["x", "-", "1e400-1", "nan-1", "99999999999999-1", "1-x"])
def test_a_place_that_is_none_begins_at_the_top(auditor: Browser, mark: str):
    assert auditor.get(f"/audit/?before={mark}").status == 200
    assert auditor.get(f"/audit/?after={mark}").status == 200


def test_reading_the_trail_is_in_the_trail_once_an_hour(auditor: Browser, now: datetime):
    auditor.get("/audit/")
    auditor.get("/audit/?action=accounts.sign_in")

    assert actions_of(Filters(action="oversight.read")) == ["oversight.read"]


def test_the_page_shows_the_seal_the_words_and_one_event(world: World, auditor: Browser, now: datetime):
    happen(world, "office", "ratings.record", now, world.branch("water"), basis="测试\r\n<b>号</b>" + "长" * 300)
    audit.seal_pending()

    page = auditor.get("/audit/?action=ratings.record")
    number = db.session.query(AuditEvent).filter_by(action="ratings.record").one().id
    found = auditor.get(f"/audit/{number}")

    assert "登记加分、减分、例外" in page.text
    assert "封存链" in found.text
    assert "<b>号</b>" in found.text


def test_the_file_holds_the_events_and_is_noted(world: World, auditor: Browser, now: datetime):
    happen(world, "office", "ballots.void", now, reason="=cmd|x")

    page = auditor.send("GET", "/audit/export?action=ballots.void")
    sheet = load_workbook(BytesIO(page.content)).active
    assert sheet is not None

    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_row=2)]
    assert rows[0][2:5] == [world.person("office").name, "作废投票", "ballots.void"]
    assert rows[0][7] == "原因：=cmd|x"
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert actions_of(Filters(action="oversight.exported")) == ["oversight.exported"]


# Who saw.


def test_who_saw_says_who_looked_at_a_person_since_a_day(world: World, now: datetime, run: Run):  # noqa: F811
    for _ in range(2):
        saw(world.actor("office"), subject=world.person("staff"))
    saw(world.actor("second"), about="推荐的人")

    assert [event.actor_name for event in services.who_saw("staff", now.date())] == [world.person("office").name]
    assert [event.actor_name for event in services.who_saw("推荐的人", now.date())] == [world.person("second").name]
    assert services.who_saw("staff", now.date() + timedelta(days=1)) == []
    assert services.who_saw("staff", now.date() - timedelta(days=9), now.date() - timedelta(days=1)) == []
    code, said, _ = run("audit", "who-saw", "--person", "staff", "--since", f"{now:%Y-%m-%d}")
    assert (code, world.person("office").name in said) == (0, True)


def test_opening_a_candidates_page_is_noted_by_the_name_on_it(world: World, sign_in: SignIn, now: datetime):
    entry = exemplars.entry(world)

    for _ in range(2):
        sign_in("office").get(f"/selection/entries/{entry.id}")
    db.session.rollback()

    assert [event.actor_name for event in services.who_saw(entry.nominee, now.date())] == [world.person("office").name]


def test_the_page_says_when_nobody_looked(auditor: Browser):
    assert "没有人打开过" in auditor.get("/audit/who-saw?person=staff").text


# Supervision.


def test_each_exception_is_one_line_in_words_and_what_is_usual_is_none(world: World, now: datetime):
    water = world.branch("water").id
    happen(world, "supervisor", "ratings.verify", now, changed=3)
    happen(world, "supervisor", "ratings.verify", now, changed=1, late="补交了记录本")
    happen(world, "office", "ratings.record", now, entry="bonus", branch=water, basis="文1")
    happen(world, "office", "ratings.record", now, entry="exempt", branch=water, basis="文2")
    happen(world, "judge", "scoring.unsign", now, sheets=2, reason="看错了一行")
    happen(world, "city_office", "ballots.void", now, reason="别家的")

    found = supervising.lines(
        supervising.events_of(supervising.supervised(world.actor("discipline"), None, now.date(), now.date()))
    )

    assert [(line.kind, line.about, line.sentence) for line in found] == [
        (Kind.MARK, "", "评委撤回签名，2 张评分表可以再改：看错了一行"),
        (Kind.OVERRIDE, world.branch("water").name, "登记破格晋升，依据：文2"),
        (Kind.LATE, "", "核定改在评分开始以后：补交了记录本"),
    ]
    assert supervising.counts(world.actor("discipline"), now.date(), now.date())[Kind.MARK] == 1
    everywhere = supervising.supervised(world.actor("auditor"), Kind.VOID, now.date(), now.date())
    assert [line.sentence for line in supervising.lines(supervising.events_of(everywhere))] == ["作废投票：别家的"]


@pytest.mark.parametrize("action", TOLD)
def test_every_line_can_be_said_whatever_the_detail_holds(action: str):
    for detail in (
        {},
        {"late": True, "early": "x", "reason": "因为", "old": 1, "new": 2, "role": "office", "key": "k"},
    ):
        if TOLD[action].needs and TOLD[action].needs not in detail:
            continue
        assert TOLD[action].sentence(detail)


def test_the_supervision_page_is_for_those_who_supervise(world: World, sign_in: SignIn, now: datetime):
    happen(world, "office", "reports.reopen", now, world.report("water", "2026Q2"), reason="数字有误")

    for who in ("discipline", "office", "leader", "auditor"):
        assert "重新打开已采用的报告：数字有误" in sign_in(who).get("/supervision/").text
    sheet = load_workbook(BytesIO(sign_in("discipline").send("GET", "/supervision/export?kind=mark").content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][1:4] == [
        "改分、更正",
        "水生态环境处党支部2026年第二季度报告",
        "重新打开已采用的报告：数字有误",
    ]


def test_a_file_of_too_many_lines_is_refused_and_says_how_to_get_it(
    world: World, sign_in: SignIn, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(exports, "MOST", 1)
    for reason in ("一", "二"):
        happen(world, "office", "reports.reopen", now, world.report("water", "2026Q2"), reason=reason)

    page = sign_in("discipline").get("/supervision/export?kind=mark")

    assert page.alerts == ["这段时间超过 1 行，请缩小日期范围再导出。"]
    assert page.h1 == "监督页"


def test_posts_are_told_by_name_and_title_and_never_by_numbers_or_codes(world: World, sign_in: SignIn, now: datetime):
    department, own = world.organiser("department"), world.branch("own")
    new, next_one = (builders.person(name, department, name=name, branch=own) for name in ("新来的人", "接任的人"))
    office = replace(world.actor("office"), reauth_at=now)
    acting = Term(Role.SECRETARY, now.date(), now.date() + timedelta(days=9), own.id, acting=True, reason="外出学习")
    posts.grant_post(office, new, acting)
    liaison = posts.grant_post(office, new, Term(Role.LIAISON, now.date(), None, own.id))
    posts.hand_over_post(office, liaison, to=next_one.id, from_day=now.date() + timedelta(days=1))
    judge = posts.grant_post(office, new, Term(Role.JUDGE, now.date()))
    posts.end_post(office, judge, last_day=now.date())

    rows = sign_in("discipline").get("/supervision/?kind=post").rows()

    assert [row[2:4] for row in rows] == [
        ["新来的人任评委", "免去新来的人的评委，任期到2026年11月23日"],
        ["新来的人任评委", "任命新来的人为评委，任期开始于2026年11月23日"],
        ["机关党委办公室党支部", "党建联络员由新来的人交接给接任的人，任期开始于2026年11月24日"],
        ["机关党委办公室党支部", "任命新来的人为党建联络员，任期开始于2026年11月23日"],
        [
            "机关党委办公室党支部",
            "任命新来的人为党支部书记（代理），任期开始于2026年11月23日，到2026年12月2日：外出学习",
        ],
    ]


def test_a_paper_is_told_by_what_it_is_about(world: World, sign_in: SignIn, now: datetime):
    row = signed.row(world, world.branch("water"))
    happen(world, "office", "papers.transcribe", now, row, signed_on="2026-11-18")

    assert f"{row.about}的代录" in sign_in("discipline").get("/supervision/").main


@pytest.mark.parametrize("path", ["/supervision/", "/audit/"])
def test_days_the_wrong_way_round_are_turned_and_said(world: World, sign_in: SignIn, now: datetime, path: str):
    happen(world, "office", "reports.reopen", now, world.report("water", "2026Q2"), reason="数字有误")
    browser = sign_in("auditor" if path == "/audit/" else "discipline")

    page = browser.get(path, query_string={"first": f"{now.date() + timedelta(days=3)}", "last": f"{now.date()}"})

    assert "已经对调" in page.alerts[0]
    assert "重新打开" in page.main


def test_a_day_that_is_none_is_said_and_not_used(sign_in: SignIn):
    page = sign_in("discipline").get("/supervision/?first=2026-02-31&last=x")

    assert "2026年2月没有31日" in page.text


def test_details_are_shown_as_words():
    assert in_words({"a": True, "b": [1, "二"], "c": {"x": None}, "d": ""}) == [
        ("a", "是"),
        ("b", "1、二"),
        ("c", "x：—"),
        ("d", "—"),
    ]


# The nightly verification.


def test_the_trail_is_verified_once_a_day_after_two(world: World, now: datetime):
    audit.seal_pending()
    night = now.replace(hour=1, minute=30)

    early = services.verify_daily(night, None)
    first = services.verify_daily(night.replace(hour=2), None)
    again = services.verify_daily(now, None)

    assert (early, first and first.code, again) == (None, 0, None)
    assert db.session.query(AuditEvent).filter_by(action="oversight.verified").one().detail["code"] == 0
