"""Names that are one account, sessions that have ended, text that is carried, addresses to go on to, posts that are not whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from tiejun_awards.accounts import rules
from tiejun_awards.accounts.rules import Post
from tiejun_awards.shared.access import Role


@pytest.mark.parametrize("typed", ["office", " Office ", "OFFICE", "ｏｆｆｉｃｅ", "ＯＦＦＩＣＥ\u3000", "oﬃce"])
def test_names_that_look_alike_are_one_account(typed: str):
    assert rules.username_key(typed) == "office"


def state(seen: timedelta, made: timedelta = timedelta(), ended: datetime | None = None) -> str:
    return rules.session_state(made_at=NOW - made, seen_at=NOW - seen, ended_at=ended, now=NOW)


def test_a_session_ends_after_half_an_hour_of_silence_and_after_eight_hours_whatever_happens():
    second = timedelta(seconds=1)

    assert [state(rules.IDLE - second), state(rules.IDLE)] == ["live", "expired"]
    assert [state(second, rules.ABSOLUTE - second), state(second, rules.ABSOLUTE)] == ["live", "expired"]
    assert state(second, second, ended=NOW) == "ended"


def test_a_session_for_one_day_ends_with_it_however_busy():
    ended = rules.session_state(made_at=NOW, seen_at=NOW, ended_at=None, now=NOW, day_over=True)

    assert ended == "expired"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (" Office", "office"),
        ("139 0951-0001", "13909510001"),
        ("+8613909510001", "13909510001"),
        ("1390951000", "1390951000"),
    ],
)
def test_tries_are_counted_by_one_writing_of_a_name_or_number(typed: str, key: str):
    assert rules.name_key(typed) == key


def test_failures_are_forgotten_in_time():
    day, quarter = timedelta(hours=24), timedelta(minutes=15)
    second = timedelta(seconds=1)

    account = [rules.is_forgotten(rules.Tries.ACCOUNT, NOW - ago, NOW) for ago in (day - second, day)]
    address = [rules.is_forgotten(rules.Tries.ADDRESS, NOW - ago, NOW) for ago in (quarter - second, quarter)]
    assert (account, address) == ([False, True], [False, True])


def test_what_is_carried_is_everything_typed_but_secrets():
    typed = [("csrf_token", "x"), ("tasks", "一"), ("password", "y"), ("tasks", "二"), ("version", "3")]

    assert rules.carried_fields(typed) == [["tasks", "一"], ["tasks", "二"], ["version", "3"]]


def test_far_too_much_is_not_carried():
    most = rules.MOST_CARRIED - len("tasks")

    assert rules.carried_fields([("tasks", "字" * most)]) == [["tasks", "字" * most]]
    assert rules.carried_fields([("tasks", "字" * (most + 1))]) == []


@pytest.mark.parametrize("path", ["/", "/reports/3/edit", "/reports/?q=水&page=2", "/a//b", "/a:b@c"])
def test_a_path_of_this_site_is_gone_on_to(path: str):
    assert rules.safe_next(path) == path


ELSEWHERE = [
    *(
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\\/evil.example",
    ),
    *("https://evil.example", "http:evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", ""),
    *("/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example", "/\x00"),
    *("?next=//evil.example", "#x", "/" + "x" * 200),
]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_anything_else_leads_home(path: str):
    assert rules.safe_next(path) == "/"


@given(st.text(alphabet="/\\:@.?#%\t\n ab", max_size=12))
def test_what_is_gone_on_to_is_a_path_and_never_a_host(path: str):
    found = rules.safe_next(path)

    assert found.startswith("/")
    assert not found.replace("\\", "/").startswith("//")


SECRETARY = Post(Role.SECRETARY, organiser_id=1, starts_on=date(2026, 11, 1), branch_id=2)
ACTING = replace(SECRETARY, ends_on=date(2026, 12, 31), acting=True, reason="书记外出学习")
CLERK = Post(Role.CLERK, organiser_id=1, starts_on=date(2026, 11, 1), unit_id=3)
JUDGE = Post(Role.JUDGE, organiser_id=1, starts_on=date(2026, 11, 1))


@pytest.mark.parametrize("wanted", [SECRETARY, ACTING, CLERK, JUDGE, replace(JUDGE, ends_on=JUDGE.starts_on)])
def test_a_whole_post_is_given_to_one_who_holds_nothing(wanted: Post):
    assert rules.why_not_given("某人", None, [], wanted) is None


@pytest.mark.parametrize(
    ("wanted", "field", "sentence"),
    [
        (replace(SECRETARY, branch_id=None), "branch", "请选在哪个党支部任职。"),
        (replace(JUDGE, branch_id=2), "branch", "这个职务不分支部，请不要选党支部。"),
        (replace(CLERK, unit_id=None), "unit", "请选是哪个单位的经办。"),
        (replace(SECRETARY, unit_id=3), "unit", "这个职务不分单位，请不要选单位。"),
        (replace(JUDGE, ends_on=date(2026, 10, 31)), "ends_on", "任期的最后一天早于第一天，请核对。"),
        (replace(JUDGE, acting=True), "acting", "只有党支部书记可以代理。"),
        (replace(ACTING, ends_on=None), "ends_on", "代理书记要写代理到哪一天。"),
        (replace(ACTING, reason=""), "reason", "代理书记要写事由，例如“书记外出学习，由副书记代理”。"),
    ],
)
def test_a_post_that_is_not_whole_is_told_at_its_field(wanted: Post, field: str, sentence: str):
    assert rules.why_not_given("某人", None, [], wanted) == (field, sentence)


def test_a_supervisor_supervises_other_branches_than_his_own():
    wanted = replace(SECRETARY, role=Role.SUPERVISOR)

    told = rules.why_not_given("某人", 2, [], wanted)

    assert told == ("branch", "党建督导员不能督导自己所在的支部，请换一个支部或者换人（某人）。")
    assert rules.why_not_given("某人", 3, [], wanted) is None


def test_a_post_is_held_once_at_a_time():
    before = replace(SECRETARY, starts_on=date(2026, 1, 1), ends_on=date(2026, 10, 31))

    told = rules.why_not_given("某人", None, [replace(before, ends_on=date(2026, 11, 1))], SECRETARY)

    assert told is not None
    assert told[0] == "starts_on"
    assert rules.why_not_given("某人", None, [before], SECRETARY) is None
    assert rules.why_not_given("某人", None, [replace(SECRETARY, branch_id=9)], SECRETARY) is None
