"""A quarter as the office sees it: every branch, its report, how often it met; by unit order, never by rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..organisation.models import BranchUnit, PartyKind, PartyOrganisation, Unit
from ..reports import rules as reports
from ..reports.due import due_day, usual_times
from ..reports.models import LifeRecord, Report
from ..reports.queries import to_review
from ..reports.rules import State
from ..reports.sections import RecordKind
from ..shared.access import Actor, Permission, Reach, reach
from ..shared.clock import day_of
from ..shared.dates import chinese_day
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


class Line(NamedTuple):
    """One branch of the overview. ``counts``, in ``COUNTED`` order: (“2/3”, whether that is less than usual);
    “—” where the kind does not apply."""

    branch_id: int
    name: str
    members: int
    report_id: int | None
    progress: Progress
    submitted_on: date | None
    late: bool
    submitted: str  # “10月12日，晚于截止日”
    counts: tuple[tuple[str, bool], ...]


def due_day_here(actor: Actor, quarter: Quarter) -> date:
    """The due day of the organiser whose office is looking."""
    return due_day(actor.organiser_id, quarter).day


_B, _R, _L = PartyOrganisation.__table__.c, Report.__table__.c, LifeRecord.__table__.c


@lru_cache(maxsize=256)
def _branches(reached: Reach, quarter: Quarter, filters: Filters) -> sa.Select[Any]:
    """The branches in reach with their report on a quarter; built once for each reach, on the tables themselves."""
    query = (
        sa.select()
        .select_from(
            PartyOrganisation.__table__.outerjoin(
                Report.__table__, sa.and_(_R.branch_id == _B.id, _R.quarter == quarter.code)
            )
        )
        .where(*_in_quarter(reached, quarter))
    )
    if filters.branch:
        query = query.where(_B.name.contains(filters.branch, autoescape=True))
    if filters.unit_id is not None:
        served = sa.select(BranchUnit.branch_id).where(BranchUnit.unit_id == filters.unit_id)
        query = query.where(_B.id.in_(served))
    if filters.state == Progress.NONE.value:
        query = query.where(_R.id.is_(None))
    elif filters.state:
        query = query.where(_R.state == State(filters.state))
    return query


@lru_cache(maxsize=256)
def _tally(reached: Reach, quarter: Quarter, filters: Filters) -> sa.Select[Any]:
    return _branches(reached, quarter, filters).add_columns(_R.state, sa.func.count()).group_by(_R.state)


# The kinds of a report's records as one text, read beside its row: a quarter of what grouping them costs SQLite.
_LIFE_KINDS = (
    sa.select(sa.func.aggregate_strings(sa.type_coerce(_L.kind, sa.String), ","))
    .where(_L.report_id == _R.id)
    .correlate(Report.__table__)
    .scalar_subquery()
    .label("life_kinds")
)


@lru_cache(maxsize=256)
def _page(
    reached: Reach, quarter: Quarter, filters: Filters, sort: str, descending: bool, offset: int, limit: int | None
) -> sa.Select[Any]:
    unit_order = (_B.position, _B.id)
    keys: dict[str, tuple[Any, ...]] = {
        "unit": unit_order,
        "state": (_R.state, *unit_order),
        "submitted": (_R.first_submitted_at, *unit_order),
    }
    first, *rest = keys[sort]
    if sort != "unit":  # names are never without a position; reports may be without a state
        first = first.desc().nulls_last() if descending else first.asc().nulls_last()
    elif descending:
        first = first.desc()
    query = _branches(reached, quarter, filters).add_columns(
        *(_B.id, _B.organiser_id, _B.name, (_B.members + _B.probationary).label("members"), _B.party_groups),
        *(_R.id.label("report_id"), _R.state, _R.first_submitted_at, _LIFE_KINDS),
    )
    return query.order_by(first, *rest).offset(offset).limit(limit)


_PROGRESS: dict[State | None, Progress] = {None: Progress.NONE, **{state: Progress(state.value) for state in State}}


def tally(actor: Actor, quarter: Quarter, filters: Filters) -> dict[Progress, int]:
    """How many branches stand where, under the same filters."""
    reached = reach(actor, Permission.READ_QUARTER)
    if filters.branch or filters.unit_id is not None:
        rows = db.session.execute(_tally(reached, quarter, filters)).all()
        return _as_tally({row[0]: row[1] for row in rows}, filters)
    # Over all branches: two counts that read one index each, instead of a join over every branch.
    found: dict[State | None, int] = {
        row[0]: row[1] for row in db.session.execute(_tally_of_all(reached, quarter)).all()
    }
    found[None] = found.get(None, 0) - sum(number for state, number in found.items() if state is not None)
    return _as_tally(found, filters)


def _as_tally(found: Mapping[State | None, int], filters: Filters) -> dict[Progress, int]:
    counts = dict.fromkeys(Progress, 0)
    for state, number in found.items():
        progress = _PROGRESS[state]
        if filters.state in ("", progress.value):
            counts[progress] = number
    return counts


@lru_cache(maxsize=256)
def _tally_of_all(reached: Reach, quarter: Quarter) -> sa.CompoundSelect[Any]:
    """Reports by state; and, without a state, all branches."""
    seen = within(reached, organiser=_R.organiser_id, branch=_R.branch_id)
    by_state = (
        sa.select(_R.state, sa.func.count())
        .where(_R.quarter == quarter.code, _R.state.in_([sa.literal(state, _R.state.type) for state in State]), seen)
        .group_by(_R.state)
    )
    branches = sa.select(sa.null(), sa.func.count()).select_from(_B.id.table).where(*_in_quarter(reached, quarter))
    return sa.union_all(by_state, branches)


def _in_quarter(reached: Reach, quarter: Quarter) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        within(reached, organiser=_B.organiser_id, branch=_B.id),
        _B.kind == PartyKind.BRANCH,
        sa.or_(_B.founded_on.is_(None), _B.founded_on <= quarter.last_day),
        sa.or_(_B.ended_on.is_(None), _B.ended_on >= quarter.first_day),
    )


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
    """The branches of one page (or all of them), with their counts. One statement, however many branches."""
    reached = reach(actor, Permission.READ_QUARTER)
    rows = db.session.execute(_page(reached, quarter, filters, sort, descending, offset, limit)).all()
    usual = {
        (organiser, groups): _usual(groups, organiser)
        for organiser, groups in {(row.organiser_id, row.party_groups) for row in rows}
    }
    today = day_of(actor.at)
    counted: dict[tuple[str | None, int, int], tuple[tuple[str, bool], ...]] = {}
    for row in rows:  # many branches met equally often: their counts are made once
        key = (row.life_kinds, row.organiser_id, row.party_groups)
        if key not in counted:
            counted[key] = _counts(row.life_kinds, usual[row.organiser_id, row.party_groups])
    return [_line(row, counted[row.life_kinds, row.organiser_id, row.party_groups], due, today) for row in rows]


_COUNTED_VALUES = tuple(kind.value for kind in COUNTED)
_DOES_NOT_APPLY = ("—", False)


def _usual(party_groups: int, organiser_id: int) -> Sequence[int]:
    numbers = {line.kind: line.times for line in reports.usual_numbers(party_groups, usual_times(organiser_id))}
    return [numbers.get(kind, 0) for kind in COUNTED]


def _counts(kinds: str | None, usual: Sequence[int]) -> tuple[tuple[str, bool], ...]:
    held = kinds.split(",") if kinds else []
    return tuple(
        (f"{(number := held.count(value))}/{usually}", number < usually) if usually else _DOES_NOT_APPLY
        for value, usually in zip(_COUNTED_VALUES, usual, strict=True)
    )


def _line(row: Any, counts: tuple[tuple[str, bool], ...], due: date, today: date) -> Line:
    submitted = row.first_submitted_at and day_of(row.first_submitted_at)
    late = reports.is_late(due, submitted, today)
    text = chinese_day(submitted) + ("，晚于截止日" if late else "") if submitted else "—"
    return Line(row.id, row.name, row.members, row.report_id, _PROGRESS[row.state], submitted, late, text, counts)


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


@lru_cache(maxsize=256)
def _units(reached: Reach) -> sa.Select[Any]:
    unit = Unit.__table__.c
    seen = within(reached, organiser=unit.organiser_id)
    if reached.branches:
        served = sa.select(BranchUnit.unit_id).where(BranchUnit.branch_id.in_(sorted(reached.branches)))
        seen = sa.or_(seen, unit.id.in_(served))
    return sa.select(unit.id, unit.name).where(seen).order_by(unit.position)


def units_of_branches(actor: Actor) -> list[tuple[int, str]]:
    """The units to filter by, in unit order."""
    rows = db.session.execute(_units(reach(actor, Permission.READ_QUARTER)))
    return [(row.id, row.name) for row in rows]
