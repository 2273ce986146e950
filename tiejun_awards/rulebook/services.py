"""Questions about the rules, and the table of working days."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from ..organisers.models import Organiser
from ..shared.access import Actor, Permission
from ..shared.calendar import DayTable, SpecialDay
from ..shared.db import db
from ..shared.errors import Refused
from ..shared.use_case import tell, use_case
from .models import DayNotice, SpecialDayRow
from .notices_text import DayEntry
from .official_days import official_days
from .rules import RULES, Rule


def rule(organiser_id: int, key: str) -> Rule:
    """The rule in force for an organiser."""
    return RULES[key]


def number(organiser_id: int, key: str) -> int:
    """The whole number of a rule in force for an organiser."""
    return int(rule(organiser_id, key).value)


_merged: dict[tuple[int, ...], DayTable] = {}


def day_table() -> DayTable:
    """The published days with the office's own over them. Built once for each set of notices in force."""
    notices = db.session.execute(
        sa.select(DayNotice.id, DayNotice.year).where(DayNotice.replaced_at.is_(None)).order_by(DayNotice.id)
    ).all()
    if not notices:
        return official_days()
    key = (id(db.engine), *(notice.id for notice in notices))
    if key not in _merged:
        rows = db.session.execute(
            sa.select(SpecialDayRow.day, SpecialDayRow.works, SpecialDayRow.name)
            .where(SpecialDayRow.notice_id.in_([notice.id for notice in notices]))
            .order_by(SpecialDayRow.notice_id)
        )
        entries = {row.day: SpecialDay(row.works, row.name) for row in rows}
        _merged.clear()
        _merged[key] = official_days().with_entries(entries, [notice.year for notice in notices])
    return _merged[key]


def notices() -> Sequence[DayNotice]:
    """The notices in force, latest year first."""
    return db.session.scalars(
        sa.select(DayNotice).where(DayNotice.replaced_at.is_(None)).order_by(DayNotice.year.desc())
    ).all()


after_days_entered: list[Callable[[Actor], None]] = []
"""What else has to happen once a year's days are known: features append here, ``app.py`` passes them in."""


@use_case(Permission.ENTER_DAYS)
def _enter_days(
    actor: Actor, organiser: Organiser, *, year: int, number: str, days: Sequence[DayEntry], key: str = ""
) -> DayNotice:
    if organiser.parent_id is not None:
        raise Refused("全区的放假和调休由厅机关党委登记，各市不必另登。")
    if not days:
        raise Refused("没有读到放假或调休的日子。", field="text")
    notice = DayNotice(organiser_id=organiser.id, year=year, number=number, entered_at=actor.at, entered_by=actor.person_id)
    notice.days = [SpecialDayRow(day=day.day, works=day.works, name=day.name) for day in days]
    earlier = db.session.scalar(
        sa.select(DayNotice).where(DayNotice.year == year, DayNotice.replaced_at.is_(None)).with_for_update()
    )
    db.session.add(notice)
    db.session.flush()
    if earlier is not None:
        earlier.replaced_at, earlier.replaced_by = actor.at, notice.id
    tell(db.session(), year=year, number=number, days=len(days))
    return notice


def enter_days(
    actor: Actor, organiser: Organiser, *, year: int, number: str, days: Sequence[DayEntry], key: str = ""
) -> DayNotice:
    """Enter a year's notice; an earlier one for the year is kept and replaced. Then dates are computed again."""
    notice = _enter_days(actor, organiser, year=year, number=number, days=days, key=key)
    for recompute in after_days_entered:
        recompute(actor)
    return notice
