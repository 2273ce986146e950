"""Notices of days off beside each other: which hold, which table they make, and what changes for people when one comes."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from ..shared.calendar import Dated, DayTable, SpecialDay, told
from ..shared.dates import chinese_date, chinese_day_weekday, half_width

FIRST_YEAR, LAST_YEAR = 2004, 2100
"""The published arrangements begin with 2004."""

PUBLISHED = "国务院办公厅"

Days = Mapping[date, SpecialDay]


@dataclass(frozen=True, slots=True)
class Notice:
    """What decides whether a notice holds. ``id`` rises with time; ``digest`` is that of its days."""

    id: int
    year: int
    number: str
    whole_year: bool
    digest: str = ""


def clean_number(text: str) -> str:
    """A document number as GB/T 9704 writes it: “国办发明电〔2025〕7号”, whatever brackets and spaces were typed."""
    plain = "".join(char for char in half_width(text) if char.isprintable() and not char.isspace())
    return re.sub(r"[\[(【﹝〔]([0-9]{4})[\])】﹞〕]", r"〔\1〕", plain)


def in_force(notices: Iterable[Notice]) -> list[Notice]:
    """The notices that hold, of those not withdrawn: those of whole years first, so that the partial ones win.

    A whole-year notice takes the place of the earlier whole-year one of its year; a partial one (the region's 开斋节 and
    古尔邦节) stands beside it. The same number again takes its own place.
    """
    latest = {(notice.year, notice.number): notice for notice in sorted(notices, key=lambda notice: notice.id)}
    standing = sorted(latest.values(), key=lambda notice: notice.id)
    whole = {notice.year: notice for notice in standing if notice.whole_year}
    return [*(whole[year] for year in sorted(whole)), *(notice for notice in standing if not notice.whole_year)]


def table_of(published: DayTable, standing: Sequence[Notice], days: Mapping[int, Days]) -> DayTable:
    """The published days with those of the standing notices over them, in their order; ``days`` by notice id."""
    entries: dict[date, SpecialDay] = {}
    for notice in standing:
        entries |= days.get(notice.id, {})
    return published.with_entries(entries, [notice.year for notice in standing if notice.whole_year])


# The days of a year, as a page shows them.


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in a row that have everything in common."""

    first: date
    last: date
    works: bool
    name: str
    source: str

    @property
    def length(self) -> int:
        """In days."""
        return (self.last - self.first).days + 1

    @property
    def label(self) -> str:
        """“5月1日（周五）至5月5日（周二）”."""
        first = chinese_day_weekday(self.first)
        return first if self.first == self.last else f"{first}至{chinese_day_weekday(self.last)}"


def stretches(year: int, days: Days, sources: Mapping[date, str]) -> list[Stretch]:
    """The special days of a year in order, days in a row as one line."""
    found: list[Stretch] = []
    for day in sorted(day for day in days if day.year == year):
        special = days[day]
        same = (special.works, special.name, sources.get(day, PUBLISHED))
        before = found[-1] if found else None
        if before and before.last + timedelta(days=1) == day and (before.works, before.name, before.source) == same:
            found[-1] = Stretch(before.first, day, *same)
        else:
            found.append(Stretch(day, day, *same))
    return found


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month's table. ``sign`` is 休 or 班 where the day differs from its weekday or is named."""

    number: int
    works: bool
    sign: str
    name: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month by weeks from Monday; None outside it."""

    number: int
    weeks: list[list[Cell | None]]
    working_days: int


def months(year: int, table: DayTable) -> list[Month]:
    """The twelve months of a year."""
    found = []
    for number in range(1, 13):
        weeks = [
            [_cell(date(year, number, day), table) if day else None for day in week]
            for week in calendar.monthcalendar(year, number)
        ]
        worked = sum(cell is not None and cell.works for week in weeks for cell in week)
        found.append(Month(number, weeks, worked))
    return found


def _cell(day: date, table: DayTable) -> Cell:
    special = table.exceptions.get(day)
    sign = "" if special is None else "班" if special.works else "休"
    return Cell(day.day, table.is_working_day(day), sign, special.name if special else "")


# What changes for people.


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day something is due under some table. ``promised``: the one people were told, or can see now."""

    title: str
    computed: Dated
    promised: date | None = None

    @property
    def day(self) -> Dated:
        """The day to go by: never earlier than the promised one."""
        return told(self.promised, self.computed)


def consequences(before: Sequence[Deadline], after: Sequence[Deadline]) -> list[str]:
    """A sentence for each deadline that is another one, or is certain now, or no longer."""
    sentences = []
    for old, new in zip(before, after, strict=True):
        if new.day.day != old.day.day:
            sentences.append(f"{new.title}由{chinese_date(old.day.day)}变为{new.day.label}。")
        elif new.computed.day < new.day.day and new.computed != old.computed:
            sentences.append(f"{new.title}仍为{new.day.label}：已通知的日期不会提前。")
        elif old.day.provisional and not new.day.provisional:
            sentences.append(f"{new.title}仍为{chinese_date(new.day.day)}，不再是暂定。")
        elif new.day.provisional and not old.day.provisional:
            sentences.append(f"{new.title}仍为{chinese_date(new.day.day)}，重新成为暂定。")
    return sentences


def left_out(year: int, published: DayTable, read: Iterable[date]) -> list[str]:
    """Published days of a year that its notice does not name: they go on as published. As stretches, in words."""
    missing = {day: special for day, special in published.exceptions.items() if day.year == year}
    for day in read:
        missing.pop(day, None)
    lines = stretches(year, missing, {})
    return [
        f"{'、'.join(line.label for line in group)}{'上班' if works else '放假'}"
        for works, group in groupby(sorted(lines, key=lambda line: line.works), key=lambda line: line.works)
    ]
