"""A quarter as the office sees it: every branch, its report, how often it met; by unit order, never by rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ..organisation.models import BranchUnit, PartyKind, PartyOrganisation, Unit
from ..reports import rules as reports
from ..reports.due import due_day, usual_times
from ..reports.models import LifeRecord, Report
from ..reports.queries import to_review
from ..reports.rules import State
from ..reports.sections import RecordKind
from ..shared.access import Actor, Permission, reach
from ..shared.clock import day_of
from ..shared.db import db, within
from ..shared.labels import Labelled
from ..shared.periods import Quarter


class Progress(Labelled):
    """A branch's report as the overview filters it: the states of reports, and not begun."""

    NONE = "none", "未开始"
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    RETURNED = "returned", "已退回"
    ACCEPTED = "accepted", "已采用"


SORTS = ("unit", "state", "submitted")
COUNTED = (
    RecordKind.GENERAL_MEETING,
    RecordKind.COMMITTEE,
    RecordKind.GROUP_MEETING,
    RecordKind.LECTURE,
    RecordKind.PARTY_DAY,
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the office asked for; empty text means all."""

    branch: str = ""
    unit_id: int | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One branch of the overview."""

    branch_id: int
    name: str
    members: int
    report_id: int | None
    progress: Progress
    submitted_on: date | None
    late: bool
    counts: Mapping[RecordKind, int] = field(default_factory=dict)
    usual: Mapping[RecordKind, int] = field(default_factory=dict)


def due_day_here(actor: Actor, quarter: Quarter) -> date:
    """The due day of the organiser whose office is looking."""
    return due_day(actor.organiser_id, quarter).day


def _branches(actor: Actor, quarter: Quarter, filters: Filters) -> sa.Select[Any]:
    seen = within(
        reach(actor, Permission.READ_QUARTER), organiser=PartyOrganisation.organiser_id, branch=PartyOrganisation.id
    )
    query = (
        sa.select()
        .select_from(PartyOrganisation)
        .outerjoin(Report, sa.and_(Report.branch_id == PartyOrganisation.id, Report.quarter == quarter.code))
        .where(
            PartyOrganisation.kind == PartyKind.BRANCH,
            sa.or_(PartyOrganisation.founded_on.is_(None), PartyOrganisation.founded_on <= quarter.last_day),
            sa.or_(PartyOrganisation.ended_on.is_(None), PartyOrganisation.ended_on >= quarter.first_day),
            seen,
        )
    )
    if filters.branch:
        query = query.where(PartyOrganisation.name.contains(filters.branch, autoescape=True))
    if filters.unit_id is not None:
        served = sa.select(BranchUnit.branch_id).where(BranchUnit.unit_id == filters.unit_id)
        query = query.where(PartyOrganisation.id.in_(served))
    if filters.state == Progress.NONE.value:
        query = query.where(Report.id.is_(None))
    elif filters.state:
        query = query.where(Report.state == State(filters.state))
    return query


def tally(actor: Actor, quarter: Quarter, filters: Filters) -> dict[Progress, int]:
    """How many branches stand where, under the same filters."""
    rows = db.session.execute(
        _branches(actor, quarter, filters).add_columns(Report.state, sa.func.count()).group_by(Report.state)
    )
    counts = dict.fromkeys(Progress, 0)
    for state, number in rows:
        counts[Progress.NONE if state is None else Progress(state.value)] = number
    return counts


def lines(
    actor: Actor,
    quarter: Quarter,
    filters: Filters,
    *,
    due: date,
    sort: str = "unit",
    descending: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> list[Line]:
    """The branches of one page (or all of them), with their counts. Three statements, however many branches."""
    unit_order = (PartyOrganisation.position, PartyOrganisation.id)
    keys: dict[str, tuple[Any, ...]] = {
        "unit": unit_order,
        "state": (Report.state, *unit_order),
        "submitted": (Report.first_submitted_at, *unit_order),
    }
    first, *rest = keys[sort]
    query = _branches(actor, quarter, filters).add_columns(
        PartyOrganisation.id,
        PartyOrganisation.organiser_id,
        PartyOrganisation.name,
        (PartyOrganisation.members + PartyOrganisation.probationary).label("members"),
        PartyOrganisation.party_groups,
        Report.id.label("report_id"),
        Report.state,
        Report.first_submitted_at,
    )
    query = query.order_by(first.desc().nulls_last() if descending else first.asc().nulls_last(), *rest)
    rows = db.session.execute(query.offset(offset).limit(limit)).all()
    counts = _life_counts([row.report_id for row in rows if row.report_id is not None])
    usual = {organiser: usual_times(organiser) for organiser in {row.organiser_id for row in rows}}
    return [_line(row, counts, usual[row.organiser_id], due, actor.at) for row in rows]


def _line(row: Any, counts: Mapping[int, Mapping[RecordKind, int]], times: Any, due: date, at: datetime) -> Line:
    submitted = row.first_submitted_at and day_of(row.first_submitted_at)
    return Line(
        row.id,
        row.name,
        row.members,
        row.report_id,
        Progress.NONE if row.state is None else Progress(row.state.value),
        submitted,
        reports.is_late(due, submitted, day_of(at)),
        counts.get(row.report_id, {}),
        {usual.kind: usual.times for usual in reports.usual_counts(row.party_groups, times)},
    )


def _life_counts(report_ids: Sequence[int]) -> dict[int, dict[RecordKind, int]]:
    if not report_ids:
        return {}
    rows = db.session.execute(
        sa.select(LifeRecord.report_id, LifeRecord.kind, sa.func.count())
        .where(LifeRecord.report_id.in_(report_ids))
        .group_by(LifeRecord.report_id, LifeRecord.kind)
    )
    counts: dict[int, dict[RecordKind, int]] = {}
    for report_id, kind, number in rows:
        counts.setdefault(report_id, {})[kind] = number
    return counts


def next_to_review(actor: Actor, quarter: Quarter, after: int | None = None) -> int | None:
    """The id of the next submitted report of a quarter in unit order, after the given one; None when all are read."""
    ids = [
        report_id
        for (report_id,) in db.session.execute(
            to_review(actor)
            .where(Report.quarter == quarter.code)
            .join(PartyOrganisation, PartyOrganisation.id == Report.branch_id)
            .order_by(None)
            .order_by(PartyOrganisation.position, Report.id)
            .with_only_columns(Report.id)
        )
    ]
    if after in ids:
        place = ids.index(after)
        ids = ids[place + 1 :] + ids[:place]
    return ids[0] if ids else None


def units_of_branches(actor: Actor) -> list[tuple[int, str]]:
    """The units whose branches the actor sees here, for the filter, in unit order."""
    seen = within(
        reach(actor, Permission.READ_QUARTER), organiser=PartyOrganisation.organiser_id, branch=PartyOrganisation.id
    )
    rows = db.session.execute(
        sa.select(Unit.id, Unit.name)
        .where(
            Unit.id.in_(
                sa.select(BranchUnit.unit_id)
                .join(PartyOrganisation, PartyOrganisation.id == BranchUnit.branch_id)
                .where(seen)
            )
        )
        .order_by(Unit.position)
    )
    return [(row.id, row.name) for row in rows]


def quarters(actor: Actor) -> list[str]:
    """The quarters there are reports of, within reach, latest first."""
    seen = within(reach(actor, Permission.READ_QUARTER), organiser=Report.organiser_id, branch=Report.branch_id)
    return list(db.session.scalars(sa.select(Report.quarter).where(seen).distinct().order_by(Report.quarter.desc())))
