"""What is due, and when; how often things are usually done. By the rulebook and the table of working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..organisers.models import Organiser
from ..rulebook import services as rulebook
from ..rulebook.arrangements import Deadline, consequences
from ..rulebook.rules import Rule
from ..shared.access import Actor
from ..shared.calendar import Dated, DayTable, told
from ..shared.clock import day_of
from ..shared.db import db, insert_if_absent, remembered, writing
from ..shared.periods import Quarter, reporting_quarter
from .models import ReportPeriod
from .sections import RecordKind


def due_day(organiser_id: int, quarter: Quarter) -> Dated:
    """The last day on which a report of this quarter is in time (rule reports.due_working_day)."""
    period = _told(organiser_id).get(quarter.code)
    return told(period.due if period else None, _computed_due(organiser_id, quarter))


def is_asked(organiser_id: int, quarter: Quarter) -> bool:
    """Whether reports on a quarter are asked for: from the first on whose due day people were told in time; what was due before the
    organiser began here may be written all the same."""
    periods = _told(organiser_id)
    in_time = [code for code, period in periods.items() if period.first_told <= period.due]
    return not periods or (bool(in_time) and quarter.code >= min(in_time))


@dataclass(frozen=True, slots=True)
class _Period:
    """What people were told of a quarter: until when, and on which day for the first time."""

    due: date
    first_told: date


_T = ReportPeriod.__table__.c
_TOLD = sa.select(_T.quarter, _T.told_due, _T.told_at).where(_T.organiser_id == sa.bindparam("organiser_id"))


def _told(organiser_id: int) -> dict[str, _Period]:
    """What people were told, by quarter."""
    return remembered(
        ("reports.told", organiser_id),
        lambda: {
            row.quarter: _Period(row.told_due, day_of(row.told_at))
            for row in db.session.execute(_TOLD, {"organiser_id": organiser_id})
        },
    )


def _computed_due(organiser_id: int, quarter: Quarter) -> Dated:
    return rulebook.day_table().nth_working_day(quarter.last_day, working_days_given(organiser_id))


def working_days_given(organiser_id: int) -> int:
    """On which working day after a quarter its reports are due."""
    return rulebook.number(organiser_id, "reports.due_working_day")


def quarter_to_report(organiser_id: int, at: datetime) -> Quarter:
    """The quarter a secretary should report on now: the ended one until it is due, then the current one."""
    return reporting_quarter(day_of(at), lambda quarter: due_day(organiser_id, quarter).day)


def remember_due_days(at: datetime) -> None:
    """Write down the due days people can see now, so that none of them ever gets earlier. Daily, by the work process."""
    with writing() as session:
        write_down_due_days(session, at)


def write_down_due_days(session: Session, at: datetime) -> None:
    """The same within a transaction under way: the rulebook asks for it before and after its days change."""
    for organiser_id in session.scalars(sa.select(Organiser.id)).all():
        for quarter in _quarters_shown(at):
            due = due_day(organiser_id, quarter).day
            row = {"organiser_id": organiser_id, "quarter": quarter.code}
            insert_if_absent(session, ReportPeriod, **row, told_due=due, told_at=at)
            session.execute(
                sa.update(ReportPeriod)
                .where(
                    ReportPeriod.organiser_id == organiser_id,
                    ReportPeriod.quarter == quarter.code,
                    ReportPeriod.told_due < due,
                )
                .values(told_due=due)
            )


def _quarters_shown(at: datetime) -> tuple[Quarter, Quarter]:
    """The quarters whose due days people can see."""
    current = Quarter.of(day_of(at))
    return current.previous(), current


def deadlines_under(actor: Actor, table: DayTable, year: int) -> list[Deadline]:
    """The due days of the reports that a year's days have to do with, as they would be under this table."""
    organiser_id = actor.organiser_id
    days = rulebook.number(organiser_id, "reports.due_working_day")
    promised = {code: period.due for code, period in _told(organiser_id).items()}
    promised |= {quarter.code: due_day(organiser_id, quarter).day for quarter in _quarters_shown(actor.at)}
    return [
        Deadline(
            f"{quarter.label}报告截止日", table.nth_working_day(quarter.last_day, days), promised.get(quarter.code)
        )
        for quarter in (Quarter(year - 1, 4), *(Quarter(year, number) for number in range(1, 5)))
    ]


def seen_to_change(actor: Actor, organiser_id: int, rule_key: str, value: Fraction) -> list[str]:
    """What a change of the due working day does to the due days people can see: none gets earlier."""
    if rule_key != "reports.due_working_day":
        return []
    table = rulebook.day_table()
    before, after = [], []
    for quarter in _quarters_shown(actor.at):
        told_day, title = due_day(organiser_id, quarter).day, f"{quarter.label}报告截止日"
        before.append(Deadline(title, _computed_due(organiser_id, quarter), told_day))
        after.append(Deadline(title, table.nth_working_day(quarter.last_day, int(value)), told_day))
    return consequences(before, after)


def left_to(due: Dated, at: datetime) -> int:
    """Working days left to a due day; negative when it is past."""
    return rulebook.day_table().working_days_between(day_of(at), due.day).days


_USUAL_RULES = {
    RecordKind.GENERAL_MEETING: "life.general_meeting",
    RecordKind.COMMITTEE: "life.committee",
    RecordKind.GROUP_MEETING: "life.group_meeting",
    RecordKind.LECTURE: "life.lecture",
    RecordKind.PARTY_DAY: "life.party_day",
}


def usual_times(organiser_id: int) -> dict[RecordKind, Rule]:
    """How often each kind is usually held in a quarter, and by which article."""
    return {kind: rulebook.rule(organiser_id, key) for kind, key in _USUAL_RULES.items()}
