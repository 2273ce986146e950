"""What the pages of days show: a year, a notice before it is entered, what withdrawing one would bring."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from ..shared.access import Actor
from ..shared.calendar import DayTable
from ..shared.dates import chinese_date, chinese_day
from ..shared.db import db
from ..shared.errors import Refused
from . import arrangements, services
from .arrangements import Deadline, Month, Notice, Stretch
from .models import DayNotice
from .notices_text import NoticeReading, read_notice
from .official_days import official_days


@dataclass(frozen=True, slots=True)
class YearOfDays:
    """What the page of a year shows."""

    year: int
    known: bool
    working_days: int
    months: list[Month]
    stretches: list[Stretch]
    notices: list[Line]


@dataclass(frozen=True, slots=True)
class Line:
    """A notice in a year's history: whether it holds, and if not, why."""

    notice: DayNotice
    days: int
    holds: bool
    fate: str


def year_of_days(year: int) -> YearOfDays:
    """A year's days, where each comes from, and every notice entered for it."""
    standing = services.in_force()
    table, days = services.table_with(standing), services.days_of(standing)
    sources = {day: notice.number for notice in standing for day in days[notice.id]}
    months = arrangements.months(year, table)
    return YearOfDays(
        year,
        year in table.known_years,
        sum(month.working_days for month in months),
        months,
        arrangements.stretches(year, table.exceptions, sources),
        _lines(year, standing),
    )


def _lines(year: int, standing: Sequence[Notice]) -> list[Line]:
    notices = db.session.scalars(
        sa.select(DayNotice)
        .where(DayNotice.year == year)
        .order_by(DayNotice.id.desc())
        .options(selectinload(DayNotice.days))
    ).all()
    holding = {notice.id for notice in standing}
    return [Line(each, len(each.days), each.id in holding, _fate(each, notices, holding)) for each in notices]


def _fate(notice: DayNotice, all_of_year: Sequence[DayNotice], holding: Collection[int]) -> str:
    if notice.id in holding:
        return "在用"
    if notice.withdrawn_at is not None:
        return "已撤下"
    if any(each.number == notice.number and each.id > notice.id for each in all_of_year):
        return "已重新登记"
    return "已被代替"


# What a change would bring.


def _deadlines(actor: Actor, table: DayTable, year: int) -> list[Deadline]:
    return [deadline for ask in services.deadlines_under for deadline in ask(actor, table, year)]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change of the days would bring: sentences, and the days under “改为上班” and “改为休息”."""

    sentences: list[str]
    changed: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Understood:
    """A day read from a notice. ``changes``: it counts otherwise now. ``other_year``: it is not of the notice's year."""

    day: date
    works: bool
    name: str
    line_number: int
    changes: bool
    other_year: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """A problem of the reading beside the line it is about (0: the text as a whole)."""

    line_number: int
    line: str
    sentence: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What was understood of a text, and what entering it would bring. ``obstacle``: why it would be refused."""

    number: str
    reading: NoticeReading
    entries: list[Understood]
    problems: list[Doubt]
    outlook: Outlook
    obstacle: Refused | None


def preview(actor: Actor, *, year: int, number: str, text: str) -> Preview:
    """Read a notice without entering it."""
    reading = read_notice(text, year)
    number = arrangements.clean_number(number)
    before = services.in_force()
    table = services.table_with(before)
    entries = [
        Understood(
            each.day,
            each.works,
            each.name,
            each.line_number,
            changes=table.is_working_day(each.day) != each.works,
            other_year=each.day.year != year,
        )
        for each in reading.entries
    ]
    lines = ["", *text.splitlines()]
    problems = [
        Doubt(each.line_number, lines[each.line_number].strip(), each.sentence, each.blocks)
        for each in reading.problems
    ]
    if not reading.can_be_saved:
        return Preview(number, reading, entries, problems, Outlook([], []), None)
    new = Notice(sys.maxsize, year, number, reading.is_whole_year)
    after = arrangements.in_force([*before, new])
    days = {**services.days_of(before), new.id: services.special_days(reading.entries)}
    sentences = _what_it_is(new, before, after, table)
    if new.whole_year:
        sentences += [
            f"国务院办公厅公布的{year}年安排里还有{words}，这份通知没有写，仍按公布的计算。"
            for words in arrangements.left_out(year, official_days(), days[new.id])
        ]
    outlook = _outlook(actor, year, table, arrangements.table_of(official_days(), after, days), sentences)
    return Preview(number, reading, entries, problems, outlook, services.why_not(new, before, days))


def _what_it_is(new: Notice, before: Sequence[Notice], after: Sequence[Notice], table: DayTable) -> list[str]:
    gone = [notice.number for notice in before if notice not in after]
    sentences = [f"登记后代替已登记的{each}，原来的登记留着备查。" for each in gone if each != new.number]
    sentences += ["登记后代替同一文号的上一次登记，原来的登记留着备查。" for each in gone if each == new.number]
    if not new.whole_year:
        rest = "全年安排不变" if new.year in table.known_years else "其余日子仍暂按周一至周五推算"
        return [f"这是补充安排，只管读到的这些日子；{new.year}年的{rest}。", *sentences]
    if new.year not in table.known_years:
        return [f"这是全年安排，登记后{new.year}年的日期不再是暂定。", *sentences]
    return ["这是全年安排。", *sentences]


def _outlook(actor: Actor, year: int, now: DayTable, then: DayTable, sentences: Iterable[str]) -> Outlook:
    days = sorted({*now.exceptions, *then.exceptions})
    days = [day for day in days if now.is_working_day(day) != then.is_working_day(day)]
    changed = [
        (
            words,
            [
                chinese_day(day) if day.year == year else chinese_date(day)
                for day in days
                if then.is_working_day(day) is works
            ],
        )
        for words, works in (("改为上班", True), ("改为休息", False))
    ]
    follows = arrangements.consequences(_deadlines(actor, now, year), _deadlines(actor, then, year))
    return Outlook([*sentences, *follows], [group for group in changed if group[1]])


def outlook_without(actor: Actor, notice: DayNotice) -> Outlook:
    """What withdrawing a notice would bring. Raises Refused where there is nothing to withdraw."""
    services.refuse_gone(notice)
    entered = services.not_withdrawn()
    before = arrangements.in_force(entered)
    gone = (notice.year, notice.number)
    after = arrangements.in_force(each for each in entered if (each.year, each.number) != gone)
    days = services.days_of([*before, *after])
    then = arrangements.table_of(official_days(), after, days)
    sentences = [f"撤下后改按{each.number}计算。" for each in after if each not in before]
    if notice.whole_year and notice.year not in then.known_years:
        sentences.append(f"撤下后{notice.year}年重新暂按周一至周五推算，直到登记正确的通知。")
    return _outlook(actor, notice.year, services.table_with(before), then, sentences)
