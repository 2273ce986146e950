"""What has to be known of a step, and what confirms it."""

from __future__ import annotations

from datetime import date

import pytest

from tiejun_awards.decisions.rules import NUMBERED, Entry, Kind, faults, squeezed, why_not_confirmed

TODAY = date(2026, 3, 18)
YESTERDAY, TOMORROW = date(2026, 3, 17), date(2026, 3, 19)
WHOLE = Entry("厅党组会议", YESTERDAY, None, "厅机关公告栏", "宁环党纪〔2026〕3号", "同意。")


@pytest.mark.parametrize("kind", Kind)
def test_a_whole_entry_can_be_registered(kind: Kind):
    assert faults(kind, WHOLE, today=TODAY) == {}


@pytest.mark.parametrize("kind", Kind)
def test_an_empty_entry_says_beside_each_field_what_it_wants(kind: Kind):
    wanted = {"held_on"} | ({"number"} if kind in NUMBERED else set())
    wanted |= {"body"} if kind in NUMBERED else set()
    wanted |= {"result"} if kind is Kind.SURVEY else {"place"} if kind is Kind.NOTICE else set()

    assert set(faults(kind, Entry(), today=TODAY)) == wanted


def test_a_decision_without_a_number_is_refused_beside_the_number():
    entry = Entry("厅党组会议", YESTERDAY)

    assert faults(Kind.APPROVAL, entry, today=TODAY) == {"number": "请填写文号或纪要编号，没有文号不能登记。"}


def test_what_has_not_happened_yet_is_not_registered_but_a_notice_may_begin_tomorrow():
    meeting = Entry("厅党组会议", TOMORROW, number="1号")
    notice = Entry(held_on=TOMORROW, place="公告栏")

    assert faults(Kind.APPROVAL, meeting, today=TODAY) == {"held_on": "2026年3月19日还没有到，办完以后再登记。"}
    assert faults(Kind.NOTICE, notice, today=TODAY) == {}


@pytest.mark.parametrize(
    ("until", "hung", "sentence"),
    [
        (date(2026, 3, 16), 0, "截止日在开始日之前，请核对。"),
        (date(2026, 3, 20), 4, "公示不少于 5 个工作日，这样只有 4 个；截止日留空会按 5 个工作日自动算。"),
    ],
)
def test_a_notice_hangs_long_enough_and_ends_after_it_began(until: date, hung: int, sentence: str):
    entry = Entry(held_on=YESTERDAY, until=until, place="公告栏")

    assert faults(Kind.NOTICE, entry, today=TODAY, hung=hung, least=5) == {"until": sentence}


def test_a_notice_of_five_working_days_is_enough():
    entry = Entry(held_on=YESTERDAY, until=date(2026, 3, 23), place="公告栏")

    assert faults(Kind.NOTICE, entry, today=TODAY, hung=5, least=5) == {}


def test_texts_too_long_say_so():
    entry = Entry("会" * 61, YESTERDAY, None, "栏" * 121, "号" * 61, "字" * 501)

    assert faults(Kind.APPROVAL, entry, today=TODAY) == {
        "body": "机构最多 60 字，请删减一些。",
        "place": "地点最多 120 字，请删减一些。",
        "number": "文号最多 60 字，请删减一些。",
        "result": "内容最多 500 字，请删减一些。",
    }


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("宁环党纪〔2026〕3号", ""),
        (" 宁环党纪[2026] 3号", ""),
        ("宁环党纪（2026）3号", ""),
        ("", "请照着原件再填一次党组审定的文号。"),
        ("宁环党纪〔2026〕4号", "和登记的文号不一样。请核对原件；确实登记错了，请经办撤下重登。"),
    ],
)
def test_only_the_same_number_read_again_confirms(typed: str, why: str):
    assert why_not_confirmed(Kind.APPROVAL, WHOLE.number, typed) == why


def test_brackets_and_spaces_make_no_other_number():
    assert {squeezed(text) for text in ("宁〔2026〕1号", "宁[2026]1号", "宁【2026】 1 号", "宁(2026)1号")} == {
        "宁〔2026〕1号"
    }
