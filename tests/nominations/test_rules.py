"""Names, lengths, and what a unit has to say before it sends."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.exemplars import BRIEF, DEEDS, FIELDS, draft
from tiejun_awards.nominations.rules import (
    Draft,
    Limits,
    Relation,
    Suggested,
    UnitReason,
    characters,
    name_key,
    read,
    suggestion_faults,
)

WHOLE = Suggested(1, "某某（演示）", Relation.SAME_UNIT, DEEDS)


def faults(typed: Suggested, *, collective: bool = False) -> dict[str, str]:
    return suggestion_faults(
        typed, takes_part=typed.unit_id == 1, own_name="干部职工", collective=collective, least=100, most=600
    )


@pytest.mark.parametrize("other", ["ＺＨＡＯ 甲", "zhao甲", " Zhao　甲 ", "zhaO\u2003甲"])
def test_width_case_and_spaces_make_no_other_name(other: str):
    assert name_key(other) == name_key("ZHAO甲")


def test_the_length_of_a_text_is_counted_without_spaces():
    assert characters(" 一 二　三\n四 ") == 4


def test_a_whole_suggestion_has_no_faults_and_an_empty_one_four():
    assert faults(WHOLE) == {}
    assert set(faults(Suggested())) == {"unit_id", "nominee", "relation", "deeds"}


@pytest.mark.parametrize(
    ("length", "sentence"),
    [
        (99, "事迹写了 99 字，请写够 100 字：什么时候、遇到什么难处、怎么做的、结果怎样。"),
        (100, None),
        (600, None),
        (601, "事迹写了 601 字，最多 600 字，请删减 1 字。"),
    ],
)
def test_deeds_are_100_to_600_characters(length: int, sentence: str | None):
    typed = Suggested(1, "某某", Relation.OTHER, "字 " * length)

    assert faults(typed).get("deeds") == sentence


def test_nobody_suggests_himself_but_a_collective_may_bear_his_name():
    typed = Suggested(1, "干 部职工", Relation.OTHER, DEEDS)

    assert faults(typed) == {"nominee": "不能推荐自己。想参加的话，请直接和本单位的推荐经办说，由单位集体研究。"}
    assert faults(typed, collective=True) == {}


def test_a_name_is_forty_characters_at_most_also_when_it_unfolds():
    assert set(faults(Suggested(1, "名" * 41, Relation.OTHER, DEEDS))) == {"nominee"}
    assert set(faults(Suggested(1, "\ufdfa" * 40, Relation.OTHER, DEEDS))) == {"nominee"}


# A unit's recommendation.

LIMITS = Limits((), date(2026, 10, 19), date(2026, 11, 23), 2, 500, 5)


def read_faults(wanted: Draft, limits: Limits = LIMITS, hung: int = 5) -> dict[str, str]:
    return dict(read(wanted, limits, hung).faults)


def test_a_whole_draft_can_be_sent():
    found = read(draft(), LIMITS, 5)

    assert dict(found.faults) == {}
    assert [(row.nominee, row.post, row.deeds) for row in found.entries] == [("水处干部甲（演示）", "干部", BRIEF)]
    assert (found.studied_on, found.notice_to) == (date(2026, 11, 2), date(2026, 11, 9))


def test_nobody_put_forward_needs_the_study_only():
    assert read_faults(Draft({"studied_on": "11月2日"})) == {
        "studied_on": "“11月2日”没有写年份，请写成2026-03-26或2026年3月26日。"
    }
    assert read_faults(Draft({"studied_on": "2026年11月2日"})) == {}


@pytest.mark.parametrize(
    ("values", "hung", "field", "sentence"),
    [
        ({"notice_to": "2026-11-06"}, 4, "notice_to", "本单位公示不少于 5 个工作日，这样只有 4 个。"),
        ({"notice_to": "2026-11-02"}, 0, "notice_to", "公示的最后一天在第一天之前，请核对。"),
        ({"notice_to": "2026-11-24"}, 16, "notice_to", "本单位的公示还没有结束，结束以后再报送；现在可以先存稿。"),
        ({"notice_from": "2026-11-01"}, 5, "notice_from", "先集体研究，再公示；公示的第一天在研究之前，请核对。"),
        ({"studied_on": "2026-10-18"}, 5, "studied_on", "推荐从2026年10月19日开始，集体研究的日子在这之前，请核对。"),
        ({"notice_place": " "}, 5, "notice_place", "请填写公示在哪里，例如本单位公告栏。"),
        ({"notice_place": "栏" * 61}, 5, "notice_place", "最多 60 字，请删减一些。"),
        ({"agreed": False}, 5, "agreed", "请先请推荐对象看过简要事迹，同意推荐，再勾选。"),
    ],
)
def test_what_is_wrong_with_the_days_stands_beside_them(values: dict[str, Any], hung: int, field: str, sentence: str):
    assert read_faults(draft(**values), hung=hung) == {field: sentence}


def test_a_study_of_tomorrow_has_not_been_held():
    assert "studied_on" in read_faults(draft(studied_on="2026-11-24", notice_from="2026-11-24", notice_to="2026-11-30"))


def test_rows_say_what_they_lack_and_empty_ones_do_not_count():
    rows = (
        {"nominee": "", "post": "", "deeds": "有事迹没有名字"},
        {"nominee": "", "post": "", "deeds": " "},
        {"nominee": "名" * 41, "post": "职" * 41, "deeds": "字" * 501},
        {"nominee": "甲", "post": "", "deeds": ""},
        {"nominee": "甲 ", "post": "干部", "deeds": BRIEF},
    )

    assert read_faults(Draft(FIELDS, rows, {}, True)) == {
        "rows-0-nominee": "请填写姓名。",
        "rows-0-post": "请填写职务，没有职务写“干部”或“职工”。",
        "rows-2-nominee": "最多 40 字。",
        "rows-2-post": "最多 40 字。",
        "rows-2-deeds": "写了 501 字，最多 500 字，请删减 1 字。",
        "rows-3-post": "请填写职务，没有职务写“干部”或“职工”。",
        "rows-3-deeds": "请写简要事迹。",
        "rows-4-nominee": "前面已经写了这个名字，一个对象只写一次。",
        "rows": "每个单位最多推荐 2 个，现在写了 4 个，请清空多出的。",
    }


def test_whoever_was_suggested_is_put_forward_or_has_a_reason():
    limits = Limits((name_key("甲"), name_key("乙")), LIMITS.opens_on, LIMITS.today, 2, 500, 5)

    assert read_faults(draft([(" 甲", "干部")]), limits) == {"declined-乙": "请选一个原因；推荐的同事会看到它。"}
    assert read(draft([("甲", "干部")], {"乙": "term"}), limits, 5).declined == {"乙": UnitReason.TERM}
    assert "declined-乙" in read_faults(draft([("甲", "干部")], {"乙": "自己写的原因"}), limits)


def test_rows_are_taken_once_and_moved_up():
    begun = draft([("甲", "干部")]).taking("乙", "乙", DEEDS)

    assert [row["nominee"] for row in begun.rows] == ["甲", "乙"]
    assert begun.taking("甲", "甲", DEEDS) == begun
    assert [row["nominee"] for row in begun.moved_up(1).rows] == ["乙", "甲"]
    assert begun.moved_up(0).rows == begun.moved_up(7).rows == begun.rows
    assert Draft.from_json(begun.as_json()) == begun
