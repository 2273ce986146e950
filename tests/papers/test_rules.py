"""Codes that notice a slip of the pen, and what has to be known of a signed paper."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.oversight.rules import TOLD
from tiejun_awards.papers import codes, rules
from tiejun_awards.papers.codes import ALPHABET, in_fours, read_code, with_check
from tiejun_awards.papers.rules import MOVES, OPEN, Author, Entry, Field, Grid, Section, State, Subject, Verb

bodies = st.text(ALPHABET, min_size=15, max_size=15)
WRONG = "这个编码有字抄错了，请照表右上角再看一遍（编码里没有 0、1、I、L、O）。"


# Codes.


@given(bodies)
def test_a_code_is_read_however_it_is_typed(body: str):
    code = with_check(body)

    shown = in_fours(code)
    assert (len(code), len(shown)) == (16, 19)
    wide = "".join(chr(ord(char) + 0xFEE0) for char in code)
    assert {read_code(typed) for typed in (code, shown, code.lower(), f" {shown.replace('-', ' ')}", wide)} == {code}


@given(bodies, st.integers(0, 15), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(body: str, place: int, other: str):
    code = with_check(body)
    typed = code[:place] + other + code[place + 1 :]

    if other == code[place]:
        assert read_code(typed) == code
    else:
        with pytest.raises(ValueError, match=r"^这个编码有字抄错了"):
            read_code(typed)


@given(bodies, st.integers(0, 15), st.integers(0, 15))
def test_every_swap_of_two_characters_is_noticed(body: str, one: int, other: int):
    code = list(with_check(body))
    if code[one] == code[other]:
        return
    code[one], code[other] = code[other], code[one]

    with pytest.raises(ValueError, match=r"^这个编码有字抄错了"):
        read_code("".join(code))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请填写表右上角的编码，或在下面选一份。"),
        (" - ", "请填写表右上角的编码，或在下面选一份。"),
        ("2345", "编码是 16 个字母和数字，这里有 4 个，请照表右上角再看一遍。"),
        ("O" * 16, WRONG),
        ("党" * 16, WRONG),
    ],
)
def test_what_is_no_code_is_told_what_to_do(typed: str, sentence: str):
    with pytest.raises(ValueError, match=rf"^{re.escape(sentence)}$"):
        read_code(typed)


def test_no_character_of_a_code_is_mistaken_for_another():
    assert set("0O1IL") & set(ALPHABET) == set()
    assert codes.CODE_LENGTH == 16


# Forms.

GRID = Grid("g", "表", (Field("a", "甲", "choice", choices=(("x", "是"),)), Field("b", "乙", "text")), 5)
FIXED = Grid("h", "表", (Field("a", "甲", "text"),), 2, ("头一条。", "第二条"), "条")
SECTION = Section("一、节", (Field("n", "数", unit="次"), Field("t", "文", "long", limit=200)), GRID)


def test_a_section_tells_its_numbers_from_its_texts():
    assert ([each.name for each in SECTION.counts], [each.name for each in SECTION.texts]) == (["n"], ["t"])


def test_rows_that_say_nothing_are_left_out_unless_they_have_a_head():
    values = {"g-0-a": "x", "g-3-b": "写了"}

    assert GRID.rows(values) == [{"a": "x", "b": ""}, {"a": "", "b": "写了"}]
    assert FIXED.rows({"h-1-a": "改了"}) == [{"a": ""}, {"a": "改了"}]


def test_what_was_written_is_read_line_by_line():
    values = {"n": "3", "t": "一句话。", "g-0-a": "x", "g-0-b": "乙", "g-1-b": "只有乙"}
    fixed = Section("二、节", (), FIXED)

    assert list(SECTION.lines(values)) == [
        *(("数", "3 次"), ("文", "一句话。"), ("第 1 行", "是　乙"), ("第 2 行", "—　只有乙")),
    ]
    assert list(fixed.lines({"h-0-a": "改了"})) == [("头一条", "改了"), ("第二条", "—")]
    assert list(SECTION.lines({})) == list(Section("三、节").lines({"n": "3"})) == []


@pytest.mark.parametrize(
    ("field", "space"),
    [
        (Field("a", "甲", "text", limit=60), "line"),
        (Field("a", "甲", "long", limit=200), "few"),
        (Field("a", "甲", "long", limit=300), "some"),
        (Field("a", "甲", "long", limit=500), "many"),
    ],
)
def test_a_blank_form_leaves_room_for_as_much_as_may_be_written(field: Field, space: str):
    assert field.space == space


def test_a_period_is_a_quarter_or_a_year():
    assert [rules.period_label(code) for code in ("2026Q4", "2026")] == ["2026年第四季度", "2026年度"]


# A signed paper.

TODAY = date(2026, 11, 23)
AUTHOR = Author(7, "张三", date(2026, 10, 5), date(2026, 11, 20))
SUBJECT = Subject("report", "1-2026Q4", None, "报告", "2026Q4", date(2026, 10, 1), date(2027, 1, 13), (AUTHOR,), (), {})


def faults(*, enterer: int = 1, printed_on: date | None = None, **changed: Any) -> dict[str, str]:
    typed: dict[str, Any] = {
        "signed_on": date(2026, 11, 18),
        "author_id": 7,
        "lies_at": "柜子",
        "values": {},
        **changed,
    }
    return rules.faults(Entry(**typed), SUBJECT, enterer=enterer, today=TODAY, printed_on=printed_on)


def test_a_paper_with_its_day_its_signer_and_its_place_is_in_order():
    assert faults() == {}
    assert faults(printed_on=date(2026, 11, 18)) == {}


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"signed_on": None}, "signed_on", "请照着表填写签字日期，例如 2026-10-09。"),
        ({"signed_on": date(2026, 11, 24)}, "signed_on", "2026年11月24日还没有到，请核对。"),
        ({"signed_on": date(2026, 9, 30)}, "signed_on", "这份表最早从2026年10月1日算起，请核对日期。"),
        ({"printed_on": date(2026, 11, 19)}, "signed_on", "这张表是2026年11月19日才印的，签字不会更早，请核对日期。"),
        ({"author_id": None}, "author", "请选是谁签的字。"),
        ({"author_id": 8}, "author", "请选是谁签的字。"),
        ({"enterer": 7}, "author", "自己签的表不能自己代录：请直接在系统里提交，或请别人代录。"),
        ({"signed_on": date(2026, 10, 4)}, "author", "2026年10月4日张三不在任，请核对日期或签字人。"),
        ({"signed_on": date(2026, 11, 21)}, "author", "2026年11月21日张三不在任，请核对日期或签字人。"),
        ({"lies_at": ""}, "lies_at", "请写明原件存在哪里，例如机关党委 2026 年季度报告卷。"),
        ({"lies_at": "长" * 121}, "lies_at", "最多 120 字，请删减一些。"),
    ],
)
def test_what_is_missing_or_cannot_be_is_said_beside_its_field(changed: dict[str, Any], field: str, sentence: str):
    found = faults(**changed)

    assert found == {field: sentence}


def test_somebody_still_in_office_held_it_on_any_later_day():
    author = AUTHOR._replace(until=None)

    assert [author.held_on(day) for day in (date(2026, 10, 4), date(2026, 10, 5), date(2030, 1, 1))] == [
        False,
        True,
        True,
    ]


# The second person.


def test_the_date_is_read_from_the_paper_once_more():
    day = date(2026, 11, 18)

    assert rules.why_not_alike(day, day) == ""
    assert rules.why_not_alike(day, None) == "请照着原件再填一次签字日期。"
    assert rules.why_not_alike(day, TODAY) == "和代录的日期不一样。请再看一眼原件；确实代录错了，请退回改正。"


def test_neither_the_writer_nor_the_signer_compares():
    assert rules.why_not_by(3, enterer=1, author=2) == ""
    assert rules.why_not_by(1, enterer=1, author=2) == "代录和复核要由两个人来办，请另一位来复核。"
    assert rules.why_not_by(2, enterer=1, author=2) == "这是您自己签的表，请别人来复核。"


@pytest.mark.parametrize(
    ("days", "signed_on", "due", "lag"),
    [
        (5, date(2026, 11, 16), None, (5, False, False)),
        (6, date(2026, 11, 13), date(2026, 11, 20), (6, True, True)),
        (1, date(2026, 11, 20), date(2026, 11, 19), (1, False, False)),  # late on paper is late
        (1, date(2026, 11, 20), TODAY, (1, False, False)),
    ],
)
def test_supervision_learns_how_long_a_paper_lay_and_whether_its_day_made_it_timely(
    days: int, signed_on: date, due: date | None, lag: tuple[int, bool, bool]
):
    assert rules.lag(days, 5, signed_on=signed_on, due=due, today=TODAY) == lag


def test_nothing_leads_out_of_what_is_compared_or_withdrawn():
    assert {state for state, _ in MOVES} == OPEN
    assert [verb for state, verb in MOVES if state is State.RETURNED] == [Verb.CORRECT, Verb.WITHDRAW]


def test_supervision_reads_how_long_a_paper_lay_and_that_its_day_made_it_timely():
    told = {"signed_on": "2026-10-10", "working_days": 31, "over": True, "counts_in_time": True}

    assert TOLD["papers.transcribe"].sentence(told) == (
        "代录纸质件，纸上日期 2026-10-10，过了 31 个工作日才录入；截止日之后录入，按纸上日期算按时"
    )
    quick = {"signed_on": "2026-11-18", "working_days": 3, "over": False, "counts_in_time": False}
    assert TOLD["papers.compare"].sentence(quick) == "复核代录的纸质件，纸上日期 2026-11-18"
