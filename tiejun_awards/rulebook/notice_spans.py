"""Find the days in a statement of a notice: “1月31日（周五）至2月6日”, “9月15日、16日”, “2027-01-01”."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ..shared.dates import check_weekday, chinese_date, date_of

LONGEST_SPAN = 31
_DAY = r"""(?: (?:(?P<{0}y1>[0-9]+)年)?(?P<{0}m1>[0-9]+)月(?P<{0}d1>[0-9]+)(?:[日号]|(?=[-~至到]))
             | (?P<{0}y2>[0-9]+)(?P<{0}mark>[-/.])(?P<{0}m2>[0-9]+)(?P={0}mark)(?P<{0}d2>[0-9]+)(?!(?P={0}mark)|[0-9])
             | (?P<{0}m3>[0-9]{{1,2}})[-/](?P<{0}d3>[0-9]{{1,2}})(?![-/.0-9日号])
             | (?P<{0}d4>[0-9]+)[日号]
           )(?P<{0}weekday>\([^()]*\)|\s*(?:周|星期|礼拜)[一二三四五六日天])?"""
_SPAN = re.compile(
    rf"(?<![-/.0-9年月]){_DAY.format('a_')}(?P<to>\s*(?:至|到|~|--?)\s*{_DAY.format('b_')})?", re.VERBOSE
)
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")


@dataclass(frozen=True, slots=True)
class Span:
    """A day or a range of days, where it stands in the statement, and what is wrong with it (then it has no days)."""

    start: int
    end: int
    days: tuple[date, ...]
    error: str = ""
    stated_year: str = ""
    has_month: bool = True


def find_spans(text: str, year: int, name: str) -> Iterator[Span]:
    """The spans of a statement in an arrangement of `year`, for the festival `name`."""
    before: date | None = None
    for match in _SPAN.finditer(text):
        days: tuple[date, ...] = ()
        error = ""
        try:
            days = _days(match, year, name, before)
            before = days[-1]
        except ValueError as problem:
            error = str(problem)
        stated_year = match["a_y1"] or match["a_y2"] or ""
        yield Span(match.start(), match.end(), days, error, stated_year, has_month=match["a_d4"] is None)


def _days(match: re.Match[str], year: int, name: str, before: date | None) -> tuple[date, ...]:
    first = _one_day(match, "a_", year, before)
    if match["to"]:
        # 元旦 may begin in the old year: “12月31日至1月2日” in the arrangement of the new one.
        if "元旦" in name and first.month == 12 and not (match["a_y1"] or match["a_y2"]):
            first = date_of(first.year - 1, first.month, first.day)
        last = _one_day(match, "b_", first.year, first)
        # “12月31日至1月2日” runs into the next year.
        if last < first and (first.month, last.month) == (12, 1) and not (match["b_y1"] or match["b_y2"]):
            last = date_of(last.year + 1, last.month, last.day)
    else:
        last = first
    for day, words in ((first, match["a_weekday"]), (last, match["b_weekday"])):
        for stated in _WEEKDAY.findall(words or ""):
            check_weekday(day, stated)
    if not 0 <= (last - first).days < LONGEST_SPAN:
        raise ValueError(f"从{chinese_date(first)}到{chinese_date(last)}不像一段假期，请核对")
    for day in (first, last):
        # The days around New Year belong to either arrangement: that of 2019 named 2018年12月29日.
        if not date(year - 1, 12, 21) <= day <= date(year + 1, 1, 10):
            raise ValueError(f"{chinese_date(day)}不在{year}年")
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def _one_day(match: re.Match[str], end: str, year: int, before: date | None) -> date:
    """The day at one end of a span. A bare “16日” takes its month from the day before it in the statement."""
    stated_year = match[end + "y1"] or match[end + "y2"]
    month = match[end + "m1"] or match[end + "m2"] or match[end + "m3"]
    day = match[end + "d1"] or match[end + "d2"] or match[end + "d3"] or match[end + "d4"]
    if month is not None:
        return date_of(_number(stated_year) if stated_year else year, _number(month), _number(day))
    if before is None:
        raise ValueError(f"“{day}日”没有写月份")
    return date_of(before.year, before.month, _number(day))


def _number(digits: str) -> int:
    # Six digits are wrong enough for every part of a date; int() refuses endless ones with a sentence of its own.
    return int(digits[:6])
