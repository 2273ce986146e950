"""The list of reports within reach: filtered, sorted, paged; reads one index, however many reports there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..organisation.models import PartyOrganisation
from ..shared.access import Actor, Reach
from ..shared.db import db
from ..shared.periods import Quarter
from .due import due_day
from .models import Report
from .queries import reaches, visible
from .rules import State

_BRANCH, _REPORT = PartyOrganisation.__table__.c, Report.__table__.c


class ReportLine(NamedTuple):
    """One report of the list."""

    id: int
    quarter: str
    branch: str
    state: State
    first_submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One page of the list of reports."""

    total: int
    rows: Sequence[ReportLine]
    quarters: Sequence[str]
    due: Mapping[str, date]


@lru_cache(maxsize=256)
def _list(
    writes: Reach, reads: Reach, text: str, quarter: str, state: str, sort: str, descending: bool
) -> tuple[sa.Select[Any], sa.Select[Any], sa.Select[Any]]:
    """(how many, the rows, the first and last quarter): statements of the list of reports."""
    seen = visible(writes, reads)
    # The two ends of an index instead of a DISTINCT over all of it.
    ends = sa.select(
        sa.select(sa.func.min(_REPORT.quarter)).where(seen).scalar_subquery(),
        sa.select(sa.func.max(_REPORT.quarter)).where(seen).scalar_subquery(),
    )
    found = [seen]
    if quarter:
        found.append(_REPORT.quarter == quarter)
    if state in {each.value for each in State}:
        found.append(_REPORT.state == State(state))
    if text:
        named = sa.select(_BRANCH.id).where(_BRANCH.name.contains(text, autoescape=True))
        found.append(_REPORT.branch_id.in_(named))
    count = sa.select(sa.func.count()).select_from(Report.__table__).where(*found)
    by_time = _REPORT.quarter.asc() if descending else _REPORT.quarter.desc()  # at first the latest comes first
    by_branch = _REPORT.branch_id.desc() if sort == "branch" and descending else _REPORT.branch_id.asc()
    order = (by_branch, _REPORT.quarter.desc()) if sort == "branch" else (by_time, by_branch)
    rows = (
        sa.select(_REPORT.id, _REPORT.quarter, _BRANCH.name, _REPORT.state, _REPORT.first_submitted_at)
        .select_from(Report.__table__.join(PartyOrganisation.__table__, _BRANCH.id == _REPORT.branch_id))
        .where(*found)
        .order_by(*order)
    )
    return count, rows, ends


def page_of(actor: Actor, filters: Mapping[str, str], sort: str, descending: bool, size: int, page: int) -> ReportPage:
    """One page of the reports within reach, filtered by branch name, quarter and state."""
    writes, reads = reaches(actor)
    count, rows, ends = _list(writes, reads, filters["q"], filters["quarter"], filters["state"], sort, descending)
    total = db.session.scalar(count) or 0
    last = max(1, -(-total // size))
    found = [
        ReportLine(*row) for row in db.session.execute(rows.offset((min(page, last) - 1) * size).limit(size)).all()
    ]
    days = {code: due_day(actor.organiser_id, Quarter.from_code(code)).day for code in {row.quarter for row in found}}
    return ReportPage(total, found, _quarters_between(*db.session.execute(ends).one()), days)


def _quarters_between(first: str | None, last: str | None) -> list[str]:
    if first is None or last is None:
        return []
    found, quarter = [last], Quarter.from_code(last)
    while quarter.code > first:
        quarter = quarter.previous()
        found.append(quarter.code)
    return found
