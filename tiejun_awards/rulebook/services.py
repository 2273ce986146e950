"""Questions about the rules, the table of working days, and entering the notices it is made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from ..organisers.models import Organiser
from ..shared import clock
from ..shared.access import Actor, Permission
from ..shared.calendar import DayTable, SpecialDay
from ..shared.clock import day_of
from ..shared.dates import chinese_date
from ..shared.db import db, remembered
from ..shared.digests import digest
from ..shared.errors import Missing, Refused
from ..shared.use_case import tell, use_case
from . import arrangements, rules
from .arrangements import Deadline, Notice
from .models import DayNotice, RuleValue, SpecialDayRow
from .notices_text import DayEntry, read_notice
from .official_days import official_days
from .rules import RULES, Change, Rule

# Rules.

_V, _O = RuleValue.__table__.c, Organiser.__table__.c
_CHANGES = (
    sa.select(_V.organiser_id, _V.key, _V.value, _V.source, _V.since_on, _V.entered_at, _V.id)
    .join(Organiser.__table__, _O.id == sa.bindparam("organiser_id"))
    .where(sa.or_(_V.organiser_id == _O.id, _V.organiser_id == _O.parent_id))
    .order_by(_V.id)
)

Changes = Mapping[str, Sequence[Change]]


def rule(organiser_id: int, key: str, at: datetime | None = None) -> Rule:
    """The rule in force for an organiser: today, or as it was known at a moment (when something was announced)."""
    changes = changes_of(organiser_id).get(key)
    if not changes:
        return RULES[key]
    return rules.in_force(RULES[key], changes, organiser_id, day_of(at or clock.now()), at)


def number(organiser_id: int, key: str, at: datetime | None = None) -> int:
    """The whole number of a rule in force for an organiser."""
    return int(rule(organiser_id, key, at).value)


def changes_of(organiser_id: int) -> Changes:
    """The changes that matter to an organiser (its own, and those of the one above), by key in the order they were made.

    Asked for once a transaction, in verbs too: within one they hold still. ``forget_changes`` after making one.
    """
    session = db.session()
    kept: dict[int, Changes]
    transaction, kept = session.info.get("rulebook.changes", (None, {}))
    if transaction is None or transaction is not session.get_transaction():
        kept = {}
    if organiser_id not in kept:
        found: dict[str, list[Change]] = {}
        for row in session.execute(_CHANGES, {"organiser_id": organiser_id}):
            found.setdefault(row.key, []).append(Change(*row))
        kept[organiser_id] = found
        session.info["rulebook.changes"] = (session.get_transaction(), kept)
    return kept[organiser_id]


def forget_changes(session: Session) -> None:
    """Ask for the changes again: one was just made."""
    session.info.pop("rulebook.changes", None)


# Working days.

_merged: dict[tuple[str, ...], DayTable] = {}
"""The last table built, by the digests of the notices in it: another worker's entry is seen at once."""


def day_table() -> DayTable:
    """The published days with the office's own over them. Built once for each set of notices in force."""
    return remembered("rulebook.day_table", lambda: table_with(in_force()))


def in_force() -> list[Notice]:
    """The notices that hold, in the order they are laid over each other."""
    return arrangements.in_force(not_withdrawn())


_N = DayNotice.__table__.c
_NOT_WITHDRAWN = sa.select(_N.id, _N.year, _N.number, _N.whole_year, _N.digest).where(_N.withdrawn_at.is_(None))


def not_withdrawn() -> list[Notice]:
    """All that were entered and not withdrawn, also those whose place another has taken."""
    return [Notice(*row) for row in db.session.execute(_NOT_WITHDRAWN)]


def table_with(standing: Sequence[Notice]) -> DayTable:
    """The published days with those of these notices over them."""
    if not standing:
        return official_days()
    key = tuple(notice.digest for notice in standing)
    table = _merged.get(key)
    if table is None:
        table = arrangements.table_of(official_days(), standing, days_of(standing))
        _merged.clear()
        _merged[key] = table
    return table


def days_of(notices: Sequence[Notice]) -> dict[int, dict[date, SpecialDay]]:
    """The days of each notice, by its id."""
    days: dict[int, dict[date, SpecialDay]] = {notice.id: {} for notice in notices}
    for row in db.session.execute(
        sa.select(SpecialDayRow.notice_id, SpecialDayRow.day, SpecialDayRow.works, SpecialDayRow.name).where(
            SpecialDayRow.notice_id.in_(list(days))
        )
    ):
        days[row.notice_id][row.day] = SpecialDay(row.works, row.name)
    return days


def first_unknown_year(this_year: int) -> int:
    """The first year from this one on whose days are not known."""
    known = day_table().known_years
    return next(year for year in range(this_year, arrangements.LAST_YEAR + 2) if year not in known)


def get_notice(notice_id: int) -> DayNotice:
    """One notice with its days. Raises Missing."""
    notice = db.session.get(DayNotice, notice_id, options=[selectinload(DayNotice.days)])
    if notice is None:
        raise Missing
    return notice


# What other features hand in (app.py).

before_and_after_days_change: list[Callable[[Actor], None]] = []
"""Called inside the verb's transaction, before the days change and after: what people can see is written down."""

deadlines_under: list[Callable[[Actor, DayTable, int], Sequence[Deadline]]] = []
"""(actor, table, year) -> the deadlines a year's days have to do with, as they would be under the table."""


# Entering and withdrawing.


def why_not(new: Notice, before: Sequence[Notice], days: Mapping[int, Mapping[date, SpecialDay]]) -> Refused | None:
    """Why a notice cannot be entered beside those in force, or None."""
    same = next((each for each in before if (each.year, each.number) == (new.year, new.number)), None)
    if same is None:
        return None
    if same.whole_year and not new.whole_year:
        return Refused(
            f"{new.number}已登记为{new.year}年的全年安排，这次只读到几天。更正请粘贴通知全文；补充个别日子请填写那份通知自己的文号。",
            field="number",
        )
    if days[same.id] == days[new.id]:
        return Refused(f"{new.number}已经登记过，读到的日子和这次一样，不必再登。", field="number")
    return None


def special_days(entries: Iterable[DayEntry]) -> dict[date, SpecialDay]:
    """The days of a reading as the table takes them."""
    return {entry.day: SpecialDay(entry.works, entry.name[:30]) for entry in entries}


def refuse_gone(notice: DayNotice) -> None:
    """Raise Refused for a notice that does not hold: there is nothing to withdraw."""
    if notice.withdrawn_at is not None:
        raise Refused(f"{notice.number}已经在{chinese_date(day_of(notice.withdrawn_at))}撤下了。")
    if notice.id not in {each.id for each in in_force()}:
        raise Refused(f"{notice.number}的这次登记已经不用了，不必撤下。")


@use_case(Permission.ENTER_DAYS)
def enter_days(actor: Actor, organiser: Organiser, *, year: int, number: str, text: str, key: str = "") -> DayNotice:
    """Enter a notice from its text, read again here. What it is (whole year or not) the text says."""
    if organiser.parent_id is not None:
        raise Refused("全区的放假和调休由厅机关党委登记，各市不必另登。")
    if not arrangements.FIRST_YEAR <= year <= arrangements.LAST_YEAR:
        raise Refused(f"年度应在{arrangements.FIRST_YEAR}至{arrangements.LAST_YEAR}之间。", field="year")
    number = arrangements.clean_number(number)
    if not 0 < len(number) <= 60:
        raise Refused("请填写通知的文号，最多 60 字。", field="number")
    reading = read_notice(text, year)
    if not reading.can_be_saved:
        raise Refused("通知还有没读懂的地方，请按提示改正后再登记。", field="text")
    before, days = in_force(), special_days(reading.entries)
    obstacle = why_not(Notice(0, year, number, reading.is_whole_year), before, {**days_of(before), 0: days})
    if obstacle is not None:
        raise obstacle
    write_down_dates(actor)
    notice = DayNotice(
        organiser_id=organiser.id,
        year=year,
        number=number,
        whole_year=reading.is_whole_year,
        digest=_digest(year, reading.is_whole_year, days),
        entered_at=actor.at,
        entered_by=actor.person_id,
        entered_name=actor.name,
    )
    notice.days = [SpecialDayRow(day=day, works=special.works, name=special.name) for day, special in days.items()]
    db.session.add(notice)
    write_down_dates(actor)
    tell(db.session(), year=year, number=number, days=len(days), whole_year=notice.whole_year)
    return notice


@use_case(Permission.ENTER_DAYS)
def withdraw(actor: Actor, notice: DayNotice, *, reason: str, key: str = "") -> DayNotice:
    """撤下 a notice entered by mistake, with every entry of its number. What it had taken the place of holds again."""
    reason = reason.strip()
    refuse_gone(notice)
    if not 0 < len(reason) <= 300:
        raise Refused("请写明为什么撤下，最多 300 字。", field="reason")
    write_down_dates(actor)
    db.session.execute(
        sa.update(DayNotice)
        .where(DayNotice.year == notice.year, DayNotice.number == notice.number, DayNotice.withdrawn_at.is_(None))
        .values(withdrawn_at=actor.at, withdrawn_by=actor.person_id, withdrawn_because=reason)
    )
    write_down_dates(actor)
    tell(db.session(), year=notice.year, number=notice.number, reason=reason)
    return notice


def write_down_dates(actor: Actor) -> None:
    """Have what people can see written down, within the verb under way: before something changes, and after."""
    db.session.flush()
    for write_down in before_and_after_days_change:
        write_down(actor)


def _digest(year: int, whole_year: bool, days: Mapping[date, SpecialDay]) -> str:
    lines = [[day.isoformat(), special.works, special.name] for day, special in sorted(days.items())]
    return digest({"year": year, "whole_year": whole_year, "days": lines})


def titles_of(ids: Collection[int]) -> dict[int, str]:
    """Which rules changes are of, whoever asks: for lines about them."""
    rows = db.session.execute(sa.select(RuleValue.id, RuleValue.key).where(RuleValue.id.in_(sorted(ids))))
    return {number: RULES[key].title if key in RULES else key for number, key in rows}


def notice_titles_of(ids: Collection[int]) -> dict[int, str]:
    """What notices of days off are called, whoever asks."""
    rows = db.session.execute(sa.select(DayNotice.id, DayNotice.number).where(DayNotice.id.in_(sorted(ids))))
    return {row_id: f"{number}放假通知" for row_id, number in rows}
