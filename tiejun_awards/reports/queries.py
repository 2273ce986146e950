"""Finding reports: within whose reach, in which state, with what history; what can be counted from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..accounts import people
from ..files.rules import OwnerKind
from ..files.rules import Place as FilesPlace
from ..organisation.models import PartyOrganisation
from ..rulebook import services as rulebook
from ..shared.access import Actor, Permission, Reach, can, reach
from ..shared.clock import day_of
from ..shared.db import db, within
from ..shared.errors import Missing
from ..shared.periods import Quarter
from . import drafts, due, rules
from .drafts import Context, Draft
from .models import LifeRecord, Report, ReportReview, ReportRevision
from .rules import State
from .sections import RecordKind

_BRANCH, _REPORT = PartyOrganisation.__table__.c, Report.__table__.c


@lru_cache(maxsize=256)
def visible(writes: Reach, reads: Reach) -> sa.ColumnElement[bool]:
    """Which reports lie within reach: one's own to write, and others once they were submitted."""
    mine = within(writes, organiser=_REPORT.organiser_id, branch=_REPORT.branch_id)
    seen = within(reads, organiser=_REPORT.organiser_id, branch=_REPORT.branch_id)
    return sa.or_(mine, sa.and_(seen, _REPORT.first_submitted_at.is_not(None)))


def visible_to(actor: Actor) -> sa.Select[tuple[Report]]:
    """The reports this actor may see; those of others only once they were submitted."""
    return sa.select(Report).where(visible(*reaches(actor)))


def reaches(actor: Actor) -> tuple[Reach, Reach]:
    """How far the actor gets: (writing, reading)."""
    return reach(actor, Permission.WRITE_REPORT), reach(actor, Permission.READ_REPORT)


@lru_cache(maxsize=256)
def _one(writes: Reach, reads: Reach) -> sa.Select[tuple[Report]]:
    return (
        sa.select(Report)
        .where(visible(writes, reads), Report.id == sa.bindparam("report_id"))
        .options(joinedload(Report.branch), joinedload(Report.saver))
    )


def get_visible(actor: Actor, report_id: int) -> Report:
    """One report with its branch. Raises Missing."""
    report = db.session.scalar(_one(*reaches(actor)), {"report_id": report_id})
    if report is None:
        raise Missing
    return report


def of_branch(branch_id: int, quarter: Quarter) -> Report | None:
    """A branch's report on a quarter, if one was begun."""
    return db.session.scalar(sa.select(Report).where(Report.branch_id == branch_id, Report.quarter == quarter.code))


def revision(report: Report, number: int | None = None) -> ReportRevision | None:
    """One submission of a report; the latest when no number is given."""
    query = sa.select(ReportRevision).where(ReportRevision.report_id == report.id)
    if number is not None:
        query = query.where(ReportRevision.number == number)
    return db.session.scalar(
        query.order_by(ReportRevision.number.desc()).limit(1).options(joinedload(ReportRevision.submitter))
    )


def history(report: Report) -> list[ReportRevision | ReportReview]:
    """What happened to a report, oldest first: submissions and what the office said of them."""
    revisions = db.session.scalars(
        sa.select(ReportRevision)
        .where(ReportRevision.report_id == report.id)
        .options(joinedload(ReportRevision.submitter), sa.orm.defer(ReportRevision.content))
    )
    reviews = db.session.scalars(
        sa.select(ReportReview).where(ReportReview.report_id == report.id).options(joinedload(ReportReview.reviewer))
    )
    events: list[tuple[datetime, ReportRevision | ReportReview]] = [
        *((submission.submitted_at, submission) for submission in revisions),
        *((review.at, review) for review in reviews),
    ]
    return [event for _, event in sorted(events, key=lambda pair: pair[0])]


_REVISION = ReportRevision.__table__.c
_EARLIER = (
    sa.select(_REVISION.content)
    .select_from(ReportRevision.__table__.join(Report.__table__, _REPORT.id == _REVISION.report_id))
    .where(_REPORT.branch_id == sa.bindparam("branch_id"), _REPORT.quarter == sa.bindparam("quarter"))
    .order_by(_REVISION.number.desc())
    .limit(1)
)


def earlier(report: Report) -> Draft | None:
    """What the branch submitted for the quarter before: shown beside, and the source of its problems."""
    return submitted_before(report.branch_id, report.period)


def submitted_before(branch_id: int, quarter: Quarter) -> Draft | None:
    """What a branch submitted for the quarter before this one, whether this one was begun or not."""
    content = db.session.scalar(_EARLIER, {"branch_id": branch_id, "quarter": quarter.previous().code})
    return None if content is None else Draft.from_json(content)


def context(report: Report, before: Draft | None, at: datetime) -> Context:
    """What the report's draft is read against."""
    return context_of(report.organiser_id, report.period, before, day_of(at))


def context_of(organiser_id: int, quarter: Quarter, before: Draft | None, day: date) -> Context:
    """The same for a report that may not have been begun, as of a day."""
    problems = drafts.lines(before.fields.get("problems", "")) if before else ()
    return Context(
        quarter,
        problems[: drafts.MOST_FIXES],
        rulebook.number(organiser_id, "reports.most_characters"),
        day,
    )


def usual(report: Report) -> list[rules.Usual]:
    """The usual numbers of organisation life for the report's branch in its quarter."""
    return rules.usual_numbers(report.branch.party_groups, due.usual_times(report.organiser_id))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one branch stands with one quarter: its report, begun or not."""

    branch_id: int
    branch: str
    party_groups: int
    quarter: Quarter
    report_id: int | None = None
    state: State | None = None
    return_reason: str = ""
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None


_OWN_REPORTS = (
    sa.select(
        *(_BRANCH.id, _BRANCH.name, _BRANCH.party_groups, _REPORT.quarter, _REPORT.id.label("report_id")),
        *(_REPORT.state, _REPORT.return_reason, _REPORT.submitted_at, _REPORT.accepted_at),
    )
    .select_from(
        PartyOrganisation.__table__.outerjoin(
            Report.__table__,
            sa.and_(
                _REPORT.branch_id == _BRANCH.id,
                sa.or_(_REPORT.quarter.in_(sa.bindparam("quarters", expanding=True)), _REPORT.state == State.RETURNED),
            ),
        )
    )
    .where(_BRANCH.id.in_(sa.bindparam("branches", expanding=True)), _BRANCH.ended_on.is_(None))
    .order_by(_BRANCH.position, _REPORT.quarter)
)


def own_standing(actor: Actor, *quarters: Quarter) -> list[Standing]:
    """Where the actor's own branches stand with these quarters, and whatever of theirs was returned."""
    branches = reach(actor, Permission.WRITE_REPORT).branches
    if not branches:
        return []
    asked = {"branches": sorted(branches), "quarters": [quarter.code for quarter in quarters]}
    rows = db.session.execute(_OWN_REPORTS, asked).all()
    found = [
        Standing(
            *(row.id, row.name, row.party_groups, Quarter.from_code(row.quarter), row.report_id),
            *(row.state, row.return_reason, row.submitted_at, row.accepted_at),
        )
        for row in rows
        if row.quarter
    ]
    begun = {(standing.branch_id, standing.quarter) for standing in found}
    for branch_id, name, groups in dict.fromkeys((row.id, row.name, row.party_groups) for row in rows):
        found += [
            Standing(branch_id, name, groups, quarter) for quarter in quarters if (branch_id, quarter) not in begun
        ]
    return found


def _waiting(reached: Reach) -> tuple[sa.ColumnElement[bool], ...]:
    inside = within(reached, organiser=Report.organiser_id, branch=Report.branch_id)
    return inside, Report.state == State.SUBMITTED


def to_review(actor: Actor) -> sa.Select[tuple[Report]]:
    """The submitted reports this actor may accept or return, the longest waiting first."""
    waiting = _waiting(reach(actor, Permission.REVIEW_REPORT))
    return sa.select(Report).where(*waiting).order_by(Report.quarter, Report.submitted_at, Report.id)


def to_review_by_quarter(actor: Actor) -> Sequence[Any]:
    """How many submitted reports wait for this actor, by the code of the quarter."""
    return db.session.execute(_to_review_by_quarter(reach(actor, Permission.REVIEW_REPORT))).all()


@lru_cache(maxsize=256)
def _to_review_by_quarter(reached: Reach) -> sa.Select[Any]:
    return (
        sa.select(Report.quarter, sa.func.count())
        .where(*_waiting(reached))
        .group_by(Report.quarter)
        .order_by(Report.quarter)
    )


_LIFE = LifeRecord.__table__.c
_LIFE_OF_QUARTER = (
    sa.select(_LIFE.kind, _LIFE.held_on)
    .where(
        _LIFE.branch_id == sa.bindparam("branch_id"), _LIFE.held_on.between(sa.bindparam("first"), sa.bindparam("last"))
    )
    .order_by(_LIFE.held_on)
)


def life_days(branch_id: int, quarter: Quarter) -> dict[RecordKind, list[date]]:
    """On which days of a quarter a branch met, by kind."""
    asked = {"branch_id": branch_id, "first": quarter.first_day, "last": quarter.last_day}
    days: dict[RecordKind, list[date]] = {}
    for kind, held_on in db.session.execute(_LIFE_OF_QUARTER, asked):
        days.setdefault(kind, []).append(held_on)
    return days


def not_begun(actor: Actor) -> list[Standing]:
    """The actor's own branches that have not begun the quarter to report on."""
    if not reach(actor, Permission.WRITE_REPORT):
        return []
    quarter = due.quarter_to_report(actor.organiser_id, actor.at)
    return [standing for standing in own_standing(actor, quarter) if standing.report_id is None]


def own_branch(actor: Actor, branch_id: int) -> PartyOrganisation:
    """A branch whose report the actor may write. Raises Missing for all others."""
    branch = db.session.get(PartyOrganisation, branch_id)
    if branch is None or not reach(actor, Permission.WRITE_REPORT).covers(branch.place):
        raise Missing
    return branch


def posts(report: Report, at: datetime) -> dict[str, str]:
    """Who holds the posts of the report's branch: role label -> name."""
    return {post.role: post.name for post in people.posts_of(report.branch_id, at)}


def hangs_on(table: str, row_id: int, _today: date) -> list[str]:
    """The reports of a branch that are not accepted: what organisation says when the branch is to end."""
    if table != PartyOrganisation.__tablename__:
        return []
    query = sa.select(sa.func.count()).where(Report.branch_id == row_id, Report.state != State.ACCEPTED)
    number = db.session.scalar(query) or 0
    return [f"{number} 份没有采用的季度报告"] if number else []


# What the attachments of reports are told about them (files.rules.OwnerKind).


def _why_closed(report: Report) -> str:
    return "" if report.state in rules.WRITABLE else f"这份报告{report.state.label}，附件不能再增减。"


def _describe(report: Report) -> FilesPlace:
    page = "reports.edit" if report.state in rules.WRITABLE else "reports.show"
    own = (f"{report.branch.name}{report.period.label}", page, {"report_id": report.id})
    return FilesPlace(f"{report.period.label}报告的附件", (("季度报告", "reports.index", {}), own))


FILES = OwnerKind(
    "report",
    "files.most_a_report",
    get_visible,
    lambda actor, report: can(actor, Permission.WRITE_REPORT, report),
    _why_closed,
    _describe,
)


def titles_of(ids: Collection[int]) -> dict[int, str]:
    """What reports are called, whoever asks: for lines about them."""
    rows = db.session.execute(
        sa.select(Report.id, Report.quarter, PartyOrganisation.name)
        .join(PartyOrganisation, PartyOrganisation.id == Report.branch_id)
        .where(Report.id.in_(sorted(ids)))
    )
    return {number: f"{branch}{Quarter.from_code(quarter).label}报告" for number, quarter, branch in rows}
