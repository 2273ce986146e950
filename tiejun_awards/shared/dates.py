"""Dates and counts as people here write and type them.

Shown as in 党政机关公文格式 (GB/T 9704-2012): 2026年4月2日, Arabic numerals, no leading zeros. Read generously: full-width
digits, spaces, the usual separators, what Excel leaves behind. What cannot be read is a ValueError whose text is a
sentence for the page.
"""

import re
from datetime import date, datetime, time
from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Nobody types a date outside these years on purpose; the oldest are birthdays."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys((0x00A0, 0x2002, 0x2003, 0x2009, 0x3000), " ")
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), "-")
_PLAIN = _FULL_WIDTH | _SPACES | _DASHES

_DATE = re.compile(
    r"""(?: (?P<y1>[0-9]+)\s*年\s*(?P<m1>[0-9]{1,2})\s*月\s*(?P<d1>[0-9]{1,2})\s*[日号]?
          | (?P<y2>[0-9]+)\s*(?P<mark>[-/.])\s*(?P<m2>[0-9]{1,2})\s*(?P=mark)\s*(?P<d2>[0-9]{1,2})
          | (?P<y3>[0-9]{4})(?P<m3>[0-9]{2})(?P<d3>[0-9]{2})
          | (?P<m4>[0-9]{1,2})\s*月\s*(?P<d4>[0-9]{1,2})\s*[日号]?
          | (?P<m5>[0-9]{1,2})\s*[-/.]\s*(?P<d5>[0-9]{1,2})
        )
        (?: \s*\(?\s*(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])\s*\)? )?
        (?: [ T]0?0:00(?::00)? )?""",
    re.VERBOSE,
)
_COUNT = re.compile(r"([0-9]+) *[次人名个]?")
_ATTENDANCE = re.compile(r"([0-9]{1,6}) *人? */ *([0-9]{1,6}) *人?")


class Attendance(NamedTuple):
    """Who came and who should have come: “11/12”."""

    attended: int
    expected: int


def half_width(text: str) -> str:
    """The same text with full-width letters, digits, signs and spaces, and every dash, as plain ASCII."""
    return text.translate(_PLAIN)


def chinese_date(day: date) -> str:
    """“2026年4月2日”."""
    return f"{day.year}年{chinese_day(day)}"


def chinese_day(day: date) -> str:
    """“4月13日”."""
    return f"{day.month}月{day.day}日"


def chinese_weekday(day: date) -> str:
    """“周一”."""
    return "周" + "一二三四五六日"[day.weekday()]


def chinese_day_weekday(day: date) -> str:
    """“4月13日（周一）”."""
    return f"{chinese_day(day)}（{chinese_weekday(day)}）"


def chinese_time(moment: time | datetime) -> str:
    """“09:05”, to the minute: columns of times stay aligned. The caller has already turned it into local time."""
    return f"{moment.hour:02d}:{moment.minute:02d}"


def date_of(year: int, month: int, day: int) -> date:
    """A date, or a ValueError that says in Chinese what is impossible about it."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"年份“{year}”不对，请写{FIRST_YEAR}至{LAST_YEAR}之间的四位数")
    if not 1 <= month <= 12:
        raise ValueError(f"没有{month}月，月份是1至12")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"{year}年{month}月没有{day}日") from None


def parse_date(text: str, default_year: int | None = None) -> date:
    """Read one date as typed or pasted.

    Accepts 2026-03-26, 2026/3/26, 2026.3.26, 20260326, 2026年3月26日 and, with a default year, 3月26日, 3-26, 3/26, 3.26;
    a weekday behind it is checked against the date, a midnight behind it (Excel) is ignored.
    """
    # A Chinese keyboard types 。 where a full stop was meant.
    plain = half_width(text).replace("。", ".").strip()
    if not plain:
        raise ValueError("请填写日期")
    match = _DATE.fullmatch(plain)
    if match is None:
        raise ValueError(f"看不懂日期“{_shortened(text)}”，请写成2026-03-26或2026年3月26日")
    year = match["y1"] or match["y2"] or match["y3"]
    month = match["m1"] or match["m2"] or match["m3"] or match["m4"] or match["m5"]
    day = match["d1"] or match["d2"] or match["d3"] or match["d4"] or match["d5"]
    if year is None and default_year is None:
        raise ValueError(f"“{_shortened(text)}”没有写年份，请写成2026-03-26或2026年3月26日")
    if year is not None and len(year) != 4:
        raise ValueError(f"年份“{_shortened(year)}”不对，请写四位数，例如2026")
    found = date_of(int(year) if year else default_year or 0, int(month), int(day))
    check_weekday(found, match["weekday"])
    return found


def check_weekday(day: date, stated: str | None) -> None:
    """Refuse a date whose weekday was stated otherwise; `stated` is one of 一二三四五六日天, or None when none was."""
    if stated and stated.replace("天", "日") not in chinese_weekday(day):
        raise ValueError(f"{chinese_date(day)}是{chinese_weekday(day)}，不是周{stated.replace('天', '日')}，请核对")


def parse_count(text: str, most: int = 99_999) -> int:
    """Read a number of times or people: 0 to `most`. “3次”, “12人” are read too; a sign, a fraction or a word is not."""
    plain = half_width(text).strip()
    if not plain:
        raise ValueError("请填写数字，没有就填0")
    match = _COUNT.fullmatch(plain)
    if match is None:
        raise ValueError(_why_no_count(plain, text))
    digits = match[1].lstrip("0") or "0"
    # Compare lengths first: int() refuses endless rows of digits with a sentence of its own.
    if len(digits) > len(str(most)) or int(digits) > most:
        raise ValueError(f"“{_shortened(text)}”太大了，最多{most}，请核对")
    return int(digits)


def _why_no_count(plain: str, text: str) -> str:
    shown = _shortened(text)
    if re.fullmatch(r"-\s*[0-9].*", plain):
        return f"“{shown}”是负数，请填0或正整数"
    if re.fullmatch(r"[0-9]*\.[0-9]+", plain):
        return f"“{shown}”带小数，请填整数"
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+", plain):
        return f"“{shown}”里有逗号，请只写数字"
    return f"“{shown}”不是整数，请用阿拉伯数字填写，例如3"


def parse_attendance(text: str) -> Attendance:
    """Read “11/12” or “11人/12人”: came / should have come.

    “11-12” is refused: it may as well mean eleven to twelve people. A date is refused with the reason: Excel turns 11/12
    into 11月12日 by itself.
    """
    plain = half_width(text).strip()
    if not plain:
        raise ValueError("请填写到会和应到人数，例如11/12")
    match = _ATTENDANCE.fullmatch(plain)
    if match is None:
        if re.fullmatch(r"[0-9]+ *人? *[-~至到] *[0-9]+ *人?", plain):
            raise ValueError(f"“{_shortened(text)}”像是一个范围，请写成到会/应到，例如11/12")
        if _DATE.fullmatch(plain):
            raise ValueError(f"“{_shortened(text)}”成了日期（Excel会把11/12改成日期），请把单元格设为文本，写成11/12")
        raise ValueError(f"看不懂“{_shortened(text)}”，请写成到会/应到，例如11/12")
    attended, expected = int(match[1]), int(match[2])
    if expected == 0:
        raise ValueError("应到人数不能是0")
    if attended > expected:
        raise ValueError(f"到会{attended}人多于应到{expected}人，请核对（先写到会，后写应到）")
    return Attendance(attended, expected)


def _shortened(text: str) -> str:
    kept = text.strip()
    return kept if len(kept) <= 20 else kept[:20] + "…"
