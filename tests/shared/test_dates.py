from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.shared.dates import (
    Attendance,
    chinese_date,
    chinese_day,
    chinese_day_weekday,
    chinese_time,
    half_width,
    parse_attendance,
    parse_count,
    parse_date,
)

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
TO_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
MARCH_26 = date(2026, 3, 26)


def refusal_of(parse, *arguments) -> str:
    with pytest.raises(ValueError, match=r".") as refusal:
        parse(*arguments)
    return str(refusal.value)


def test_dates_are_written_as_in_official_documents():
    day = date(2020, 4, 13)

    said = (chinese_date(date(2026, 4, 2)), chinese_day(day), chinese_day_weekday(day), chinese_time(time(9, 5, 59)))
    assert said == ("2026年4月2日", "4月13日", "4月13日（周一）", "09:05")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-26",
        "2026-3-26",
        "2026/3/26",
        "2026.3.26",
        "2026。3。26",
        "20260326",
        "2026年3月26日",
        "2026年03月26号",
        "2026年3月26",
        " 2026 年 3 月 26 日 ",
        "　２０２６年３月２６日",
        "２０２６－０３－２６",
        "2026–03–26",
        "2026/3/26 0:00",
        "2026-03-26 00:00:00",
        "2026-03-26T00:00:00",
        "2026年3月26日（周四）",
        "2026年3月26日 星期四",
    ],
)
def test_a_date_is_read_in_every_form_people_type(text: str):
    assert parse_date(text) == MARCH_26


@pytest.mark.parametrize("text", ["3月26日", "3月26号", "3-26", "3/26", "3.26", "３月２６日（周四）", "03-26"])
def test_a_date_without_a_year_lies_in_the_default_year(text: str):
    assert parse_date(text, default_year=2026) == MARCH_26


def test_a_year_that_was_typed_wins_over_the_default_year():
    assert parse_date("2026-3-26", default_year=2020) == MARCH_26


@given(DAYS)
def test_what_the_system_writes_it_reads_back(day: date):
    assert parse_date(chinese_date(day)) == day
    assert parse_date(day.isoformat()) == day
    assert parse_date(chinese_date(day).translate(TO_FULL_WIDTH)) == day
    assert parse_date(chinese_day_weekday(day), default_year=day.year) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  ", "请填写日期"),
        ("3月26日", "“3月26日”没有写年份，请写成2026-03-26或2026年3月26日"),
        ("2026-13-01", "没有13月，月份是1至12"),
        ("2026-0-1", "没有0月，月份是1至12"),
        ("2026-02-30", "2026年2月没有30日"),
        ("2026-02-00", "2026年2月没有0日"),
        ("26-3-26", "年份“26”不对，请写四位数，例如2026"),
        ("12026-3-26", "年份“12026”不对，请写四位数，例如2026"),
        ("0206-3-26", "年份“206”不对，请写1900至2100之间的四位数"),
        ("2026年3月26日（周五）", "2026年3月26日是周四，不是周五，请核对"),
        ("2026年3月28日（星期天）", "2026年3月28日是周六，不是周日，请核对"),
        ("昨天", "看不懂日期“昨天”，请写成2026-03-26或2026年3月26日"),
        ("2026-3/26", "看不懂日期“2026-3/26”，请写成2026-03-26或2026年3月26日"),
        ("2026-03-26 10:30", "看不懂日期“2026-03-26 10:30”，请写成2026-03-26或2026年3月26日"),
        ("٢٠٢٦-٠٣-٢٦", "看不懂日期“٢٠٢٦-٠٣-٢٦”，请写成2026-03-26或2026年3月26日"),
    ],
)
def test_a_wrong_date_is_refused_with_a_sentence(text: str, sentence: str):
    assert refusal_of(parse_date, text) == sentence


def test_a_leap_day_exists_only_in_a_leap_year():
    assert parse_date("2月29日", default_year=2028) == date(2028, 2, 29)
    assert refusal_of(parse_date, "2月29日", 2026) == "2026年2月没有29日"


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_a_short_chinese_sentence(text: str):
    try:
        answer = chinese_date(parse_date(text, 2026))
    except ValueError as refusal:
        answer = str(refusal)

    assert len(answer) < 80
    assert any("一" <= letter <= "鿿" for letter in answer)


@pytest.mark.parametrize(
    ("text", "count"), [("0", 0), (" 12 ", 12), ("１２", 12), ("007", 7), ("000000000", 0), ("3次", 3), ("12 人", 12)]
)
def test_a_count_is_read_with_full_width_digits_and_a_measure_word(text: str, count: int):
    assert parse_count(text) == count


@given(st.integers(0, 99_999))
def test_every_count_is_read_back_in_either_width(count: int):
    assert parse_count(str(count)) == parse_count(str(count).translate(TO_FULL_WIDTH)) == count


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "请填写数字，没有就填0"),
        ("-3", "“-3”是负数，请填0或正整数"),
        ("－３次", "“－３次”是负数，请填0或正整数"),
        ("3.5", "“3.5”带小数，请填整数"),
        (".5", "“.5”带小数，请填整数"),
        ("1,200", "“1,200”里有逗号，请只写数字"),
        ("abc", "“abc”不是整数，请用阿拉伯数字填写，例如3"),
        ("三次", "“三次”不是整数，请用阿拉伯数字填写，例如3"),
        ("1e3", "“1e3”不是整数，请用阿拉伯数字填写，例如3"),
        ("٣", "“٣”不是整数，请用阿拉伯数字填写，例如3"),
        ("100000", "“100000”太大了，最多99999，请核对"),
        ("9" * 5000, "“99999999999999999999…”太大了，最多99999，请核对"),
    ],
)
def test_a_wrong_count_is_refused_with_a_sentence(text: str, sentence: str):
    assert refusal_of(parse_count, text) == sentence


def test_a_field_may_set_a_lower_bound_for_its_counts():
    assert parse_count("31", most=31) == 31
    assert refusal_of(parse_count, "32", 31) == "“32”太大了，最多31，请核对"


@pytest.mark.parametrize(
    "text", ["11/12", "11／12", " 11 / 12 ", "１１／１２", "11人/12人", "11/12人", "11 人 / 12 人"]
)
def test_attendance_is_read_as_came_and_should_have_come(text: str):
    assert parse_attendance(text) == Attendance(attended=11, expected=12)


@given(st.integers(1, 999_999).flatmap(lambda expected: st.tuples(st.integers(0, expected), st.just(expected))))
def test_attendance_never_exceeds_those_expected(numbers: tuple[int, int]):
    attended, expected = numbers

    assert parse_attendance(f"{attended}/{expected}") == (attended, expected)
    if attended < expected:
        assert "多于应到" in refusal_of(parse_attendance, f"{expected}/{attended}") or attended == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "请填写到会和应到人数，例如11/12"),
        ("11-12人", "“11-12人”像是一个范围，请写成到会/应到，例如11/12"),
        ("11～12", "“11～12”像是一个范围，请写成到会/应到，例如11/12"),
        ("11月12日", "“11月12日”成了日期（Excel会把11/12改成日期），请把单元格设为文本，写成11/12"),
        ("2026/11/12", "“2026/11/12”成了日期（Excel会把11/12改成日期），请把单元格设为文本，写成11/12"),
        ("12", "看不懂“12”，请写成到会/应到，例如11/12"),
        ("0/0", "应到人数不能是0"),
        ("13/12", "到会13人多于应到12人，请核对（先写到会，后写应到）"),
        ("1/1000000", "看不懂“1/1000000”，请写成到会/应到，例如11/12"),
    ],
)
def test_wrong_attendance_is_refused_with_a_sentence(text: str, sentence: str):
    assert refusal_of(parse_attendance, text) == sentence


@given(st.text())
def test_half_width_text_keeps_its_length_and_is_not_changed_twice(text: str):
    once = half_width(text)

    assert (len(once), half_width(once)) == (len(text), once)
