"""Reading marks as they are typed, and sheets as they are posted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.scoring.rules import Given, Typed, read_mark, read_sheet
from tiejun_awards.standards import services
from tiejun_awards.standards.rules import points, read

LINES = read(services.default_content()).judged
LINE = LINES[0]  # 1.4, three points


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 300),
        ("2.5", 250),
        ("0", 0),
        ("３", 300),
        ("２．５", 250),
        ("2。5", 250),
        (" 2.50 ", 250),
        ("3.0分", 300),
        ("1.500", 150),
    ],
)
def test_marks_are_read_as_people_type_them(text: str, value: int):
    assert read_mark(text, LINE) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "请填写分数，没有扣分就填满分。"),
        ("NaN", "“NaN”不是分数，请用数字填写，例如 3.5。"),
        ("inf", "“inf”不是分数，请用数字填写，例如 3.5。"),
        ("1e2", "“1e2”不是分数，请用数字填写，例如 3.5。"),
        ("满分", "“满分”不是分数，请用数字填写，例如 3.5。"),
        ("٣", "“٣”不是分数，请用数字填写，例如 3.5。"),
        ("2,5", "“2,5”里有逗号，小数点请用“.”，例如 3.5。"),
        ("２，５", "“２，５”里有逗号，小数点请用“.”，例如 3.5。"),
        ("-1", "“-1”是负数，最低 0 分。"),
        ("－1", "“－1”是负数，最低 0 分。"),
        ("3.5", "最多 3 分，现在是 3.5。"),
        ("3.001", "最多 3 分，现在是 3.001。"),
        ("9999", "最多 3 分，现在是 9999。"),
        ("99999999999999", "“999999999999…”不是分数，请用数字填写，例如 3.5。"),
        ("2.3", "按 0.5 分一档打分，2.3 不在档上。"),
        ("2.505", "按 0.5 分一档打分，2.505 不在档上。"),
    ],
)
def test_what_is_no_mark_gets_a_sentence(text: str, sentence: str):
    with pytest.raises(ValueError, match=r"。$") as refused:
        read_mark(text, LINE)

    assert str(refused.value) == sentence


@given(st.integers(0, 6))
def test_every_half_point_of_the_line_is_read_back(steps: int):
    assert read_mark(points(steps * 50), LINE) == steps * 50


@given(st.text(max_size=12))
def test_any_text_is_a_mark_of_the_line_or_a_sentence(text: str):
    reading = read_sheet([LINE], {LINE.code: Typed(text)}, {})

    values = [given.value for given in reading.given.values()]
    assert [0 <= value <= LINE.most for value in values] or [
        sentence.endswith("。") for sentence in reading.faults.values()
    ] == [True]


FULL = {line.code: Typed(points(line.most), (), points(line.most)) for line in LINES}


def test_a_sheet_left_as_it_was_shown_is_full_marks():
    reading = read_sheet(LINES, FULL, {})

    assert (reading.given, reading.faults) == ({line.code: Given(line.most) for line in LINES}, {})


def test_cases_tapped_without_javascript_take_their_points_off():
    reading = read_sheet(LINES, {**FULL, "6.2": Typed("10", ("a", "b"), "10")}, {})

    assert reading.given["6.2"] == Given(600, ("a", "b"))


def test_a_typed_mark_counts_whatever_is_tapped():
    reading = read_sheet(LINES, {**FULL, "6.2": Typed("9", ("a",), "10")}, {})

    assert reading.given["6.2"] == Given(900, ("a",))


def test_a_case_taken_back_gives_its_points_back():
    kept = {"6.2": Given(800, ("a",))}

    reading = read_sheet(LINES, {**FULL, "6.2": Typed("8", (), "8")}, kept)

    assert reading.given["6.2"] == Given(1000)


def test_a_line_that_is_missing_or_cannot_be_read_keeps_the_others():
    typed = {code: entry for code, entry in FULL.items() if code != "4.3"} | {"1.4": Typed("x", (), "3")}

    reading = read_sheet(LINES, typed, {})

    assert sorted(reading.given) == ["6.1b", "6.2"]
    assert reading.faults == {"4.3": "请填写分数，没有扣分就填满分。", "1.4": "“x”不是分数，请用数字填写，例如 3.5。"}


def test_cases_the_line_does_not_have_are_left_out():
    assert read_sheet(LINES, {**FULL, "1.4": Typed("2", ("a", "zz"), "")}, {}).given["1.4"] == Given(200, ("a",))
