"""Reports: writing, submitting, reviewing; what is due and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..accounts import services as accounts
from ..organisation.models import PartyKind, PartyOrganisation
from ..organisers.models import Organiser
from ..rulebook import services as rulebook
from ..shared.access import Actor, Permission, reach
from ..shared.calendar import Dated, told
from ..shared.clock import day_of
from ..shared.db import db, insert_if_absent, within, writing
from ..shared.digests import digest
from ..shared.errors import Missing, Refused
from ..shared.facts import Fact, Row
from ..shared.periods import Quarter, reporting_quarter
from ..shared.use_case import hush, tell, use_case
from ..shared.workflow import step
from . import rules
from .models import LifeRecord, Report, ReportPeriod, ReportReview, ReportRevision
from .rules import Context, Draft, Reading, RecordKind, State, Verb

EDITING_SESSION = timedelta(minutes=30)
"""Autosaves of one person within this time of each other are one line of the audit trail."""


# What is due, and when.


def due_day(organiser_id: int, quarter: Quarter) -> Dated:
    """The last day on which a report of this quarter is in time (rule reports.due_working_day)."""
    promised = db.session.scalar(
        sa.select(ReportPeriod.told_due).where(
            ReportPeriod.organiser_id == organiser_id, ReportPeriod.quarter == quarter.code
        )
    )
    return told(promised, _computed_due(organiser_id, quarter))


def _computed_due(organiser_id: int, quarter: Quarter) -> Dated:
    days = rulebook.number(organiser_id, "reports.due_working_day")
    return rulebook.day_table().nth_working_day(quarter.last_day, days)


def quarter_to_report(organiser_id: int, at: datetime) -> Quarter:
    """The quarter a secretary should report on now: the ended one until it is due, then the current one."""
    return reporting_quarter(day_of(at), lambda quarter: due_day(organiser_id, quarter).day)


def remember_due_days(at: datetime) -> None:
    """Write down the due days people can see now, so that none of them ever gets earlier for them.

    Run daily by the work process, and whenever the office has entered a year's days.
    """
    current = Quarter.of(day_of(at))
    with writing() as session:
        for organiser_id in session.scalars(sa.select(Organiser.id)).all():
            for quarter in (current.previous(), current):
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
                    .values(told_due=due, told_at=at)
                )


# Finding reports.


def visible_to(actor: Actor) -> sa.Select[tuple[Report]]:
    """The reports this actor may see; those of others only once they were submitted."""
    mine = within(reach(actor, Permission.WRITE_REPORT), organiser=Report.organiser_id, branch=Report.branch_id)
    seen = within(reach(actor, Permission.READ_REPORT), organiser=Report.organiser_id, branch=Report.branch_id)
    return sa.select(Report).where(sa.or_(mine, sa.and_(seen, Report.first_submitted_at.is_not(None))))


def get_visible(actor: Actor, report_id: int) -> Report:
    """One report with its branch. Raises Missing."""
    report = db.session.scalar(
        visible_to(actor).where(Report.id == report_id).options(joinedload(Report.branch), joinedload(Report.saver))
    )
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


def earlier(report: Report) -> Draft | None:
    """What the branch submitted for the quarter before: shown beside, and the source of its problems."""
    previous = (
        sa.select(ReportRevision.content)
        .join(Report, Report.id == ReportRevision.report_id)
        .where(Report.branch_id == report.branch_id, Report.quarter == report.period.previous().code)
        .order_by(ReportRevision.number.desc())
        .limit(1)
    )
    content = db.session.scalar(previous)
    return None if content is None else Draft.from_json(content)


def context(report: Report, before: Draft | None, at: datetime) -> Context:
    """What the report's draft is read against."""
    problems = rules.lines(before.fields.get("problems", "")) if before else ()
    return Context(
        report.period,
        problems[: rules.MOST_FIXES],
        rulebook.number(report.organiser_id, "reports.most_characters"),
        day_of(at),
    )


def usual(report: Report) -> tuple[rules.Usual, ...]:
    """The usual numbers of organisation life for the report's branch in its quarter."""
    return rules.usual_counts(report.branch.party_groups, usual_times(report.organiser_id))


_USUAL_RULES = {
    RecordKind.GENERAL_MEETING: "life.general_meeting",
    RecordKind.COMMITTEE: "life.committee",
    RecordKind.GROUP_MEETING: "life.group_meeting",
    RecordKind.LECTURE: "life.lecture",
    RecordKind.PARTY_DAY: "life.party_day",
}


def usual_times(organiser_id: int) -> dict[RecordKind, tuple[int, str]]:
    """How often each kind is usually held in a quarter, and by which article."""
    found = {kind: rulebook.rule(organiser_id, key) for kind, key in _USUAL_RULES.items()}
    return {kind: (int(rule.value), rule.source) for kind, rule in found.items()}


# The verbs.


@use_case(Permission.WRITE_REPORT)
def begin(actor: Actor, branch: PartyOrganisation, quarter: Quarter, *, key: str = "") -> Report:
    """Begin a branch's report on a quarter, or give back the one that was begun."""
    if branch.kind is not PartyKind.BRANCH or branch.ended_on is not None:
        raise Refused("只有在册的党支部写季度报告。")
    if quarter.first_day > day_of(actor.at):
        raise Refused(f"{quarter.label}还没有开始。")
    found = of_branch(branch.id, quarter)
    if found is not None:
        hush(db.session())
        return found
    report = Report(
        branch_id=branch.id,
        organiser_id=branch.organiser_id,
        quarter=quarter.code,
        draft={},
        saved_at=actor.at,
        saved_by=actor.person_id,
    )
    report.draft = _first_draft(branch, earlier(report)).as_json()
    db.session.add(report)
    tell(db.session(), quarter=quarter.code)
    return report


_STANDING = ("retired", "applicants", "activists", "candidates", "pledges_made", "brand", "project")
"""Fields that rarely change: taken over from the quarter before."""


def _first_draft(branch: PartyOrganisation, before: Draft | None) -> Draft:
    known = {
        "members": branch.members,
        "probationary": branch.probationary,
        "committee_size": branch.committee_size,
        "party_groups": branch.party_groups,
        "dues_due": branch.members + branch.probationary,
        "dues_paid": branch.members + branch.probationary,
    }
    fields = {name: str(value) for name, value in known.items()}
    if before is not None:
        fields |= {name: before.fields[name] for name in _STANDING if before.fields.get(name)}
    return Draft(fields)


@use_case(Permission.WRITE_REPORT)
def save(actor: Actor, report: Report, draft: Draft, *, version: int, key: str = "") -> Report:
    """Keep the draft exactly as typed; the records that can be read are counted from now on."""
    _refuse_unwritable(report)
    # The confirmation is the secretary's: what a liaison posts neither sets nor keeps it over a changed text.
    stored = Draft.from_json(report.draft)
    if not reach(actor, Permission.SUBMIT_REPORT).covers(report.place):
        same = replace(draft, confirmed=stored.confirmed) == stored
        draft = replace(draft, confirmed=stored.confirmed and same)
    if draft == stored:
        hush(db.session())
        return report
    if report.saved_by == actor.person_id and actor.at - report.saved_at < EDITING_SESSION:
        hush(db.session())
    report.draft = draft.as_json()
    report.saved_at = actor.at
    report.saved_by = actor.person_id
    if draft.records != stored.records:
        _keep_records(report, rules.read(draft, Context(report.period, today=day_of(actor.at))))
    return report


def _refuse_unwritable(report: Report) -> None:
    if report.state not in rules.WRITABLE:
        raise Refused(f"这份报告{report.state.label},不能再改。需要改时，请机关党委退回或重新打开。")


def _keep_records(report: Report, reading: Reading) -> None:
    db.session.execute(sa.delete(LifeRecord).where(LifeRecord.report_id == report.id))
    db.session.add_all(
        LifeRecord(
            report_id=report.id,
            branch_id=report.branch_id,
            kind=record.kind,
            held_on=record.held_on,
            topic=record.topic,
            attended=record.attended,
            expected=record.expected,
            page=record.page,
        )
        for record in reading.records
    )


@use_case(Permission.SUBMIT_REPORT)
def submit(actor: Actor, report: Report, *, version: int, key: str = "") -> Report:
    """Hand the draft in: it becomes the next revision. Refused while anything has to be mended."""
    reading = rules.read(Draft.from_json(report.draft), context(report, earlier(report), actor.at))
    if reading.findings:
        raise Refused(f"还差 {len(reading.findings)} 处才能提交。", field="findings")
    report.state = step(rules.MOVES, report.state, Verb.SUBMIT)
    report.revisions += 1
    report.submitted_at = actor.at
    report.first_submitted_at = report.first_submitted_at or actor.at
    report.return_reason = ""
    db.session.add(
        ReportRevision(
            report_id=report.id,
            number=report.revisions,
            content=report.draft,
            digest=digest(report.draft),
            submitted_at=actor.at,
            submitted_by=actor.person_id,
        )
    )
    tell(db.session(), revision=report.revisions, digest=digest(report.draft))
    return report


@use_case(Permission.REVIEW_REPORT)
def accept(actor: Actor, report: Report, *, version: int, key: str = "") -> Report:
    """The office finds the report 合格."""
    report.state = step(rules.MOVES, report.state, Verb.ACCEPT)
    report.accepted_at = actor.at
    _review(actor, report, "accept")
    return report


@use_case(Permission.REVIEW_REPORT)
def send_back(actor: Actor, report: Report, *, reason: str, version: int, key: str = "") -> Report:
    """The office asks for changes, saying which."""
    report.state = step(rules.MOVES, report.state, Verb.RETURN)
    _return(actor, report, reason, "return")
    return report


@use_case(Permission.REOPEN_REPORT)
def reopen(actor: Actor, report: Report, *, reason: str, version: int, key: str = "") -> Report:
    """Open an accepted report again, with a reason; the branch may write and submit once more."""
    report.state = step(rules.MOVES, report.state, Verb.REOPEN)
    report.accepted_at = None
    _return(actor, report, reason, "reopen")
    return report


def _return(actor: Actor, report: Report, reason: str, verdict: str) -> None:
    if not reason.strip():
        raise Refused("请写明要改哪里、为什么。", field="reason")
    report.return_reason = reason.strip()
    report.draft = {**report.draft, "confirmed": False}
    _review(actor, report, verdict, reason.strip())


def _review(actor: Actor, report: Report, verdict: str, reason: str = "") -> None:
    db.session.add(
        ReportReview(
            report_id=report.id,
            revision=report.revisions,
            verdict=verdict,
            reason=reason,
            at=actor.at,
            by=actor.person_id,
        )
    )
    tell(db.session(), revision=report.revisions)


# What waits, and what can be counted.


def open_reports(actor: Actor, quarter: Quarter) -> Sequence[tuple[PartyOrganisation, Report | None]]:
    """The actor's own branches with their report on a quarter, begun or not."""
    mine = reach(actor, Permission.WRITE_REPORT)
    if not mine:
        return []
    rows = db.session.execute(
        sa.select(PartyOrganisation, Report)
        .outerjoin(Report, sa.and_(Report.branch_id == PartyOrganisation.id, Report.quarter == quarter.code))
        .where(within(mine, organiser=PartyOrganisation.organiser_id, branch=PartyOrganisation.id))
        .order_by(PartyOrganisation.position)
    )
    return [(branch, report) for branch, report in rows]


def returned_reports(actor: Actor) -> Sequence[Report]:
    """The actor's own branches' reports that were returned and wait to be mended."""
    mine = reach(actor, Permission.WRITE_REPORT)
    if not mine:
        return []
    return db.session.scalars(
        sa.select(Report)
        .where(
            within(mine, organiser=Report.organiser_id, branch=Report.branch_id), Report.state == State.RETURNED
        )
        .order_by(Report.quarter, Report.id)
        .options(joinedload(Report.branch))
    ).all()


def to_review(actor: Actor) -> sa.Select[tuple[Report]]:
    """The submitted reports this actor may accept or return, the longest waiting first."""
    return (
        sa.select(Report)
        .where(
            within(reach(actor, Permission.REVIEW_REPORT), organiser=Report.organiser_id, branch=Report.branch_id),
            Report.state == State.SUBMITTED,
        )
        .order_by(Report.quarter, Report.submitted_at, Report.id)
    )


def count_life(branch_id: int, first: date, last: date) -> tuple[Fact, ...]:
    """The facts of organisation life of a branch between two days, with the records they were counted from."""
    records = db.session.scalars(
        sa.select(LifeRecord)
        .where(LifeRecord.branch_id == branch_id, LifeRecord.held_on.between(first, last))
        .order_by(LifeRecord.held_on)
    ).all()
    return tuple(
        Fact(
            f"life.{kind.value}",
            kind.label,
            sum(record.kind is kind for record in records),
            None,
            tuple(Row(record.held_on, record.topic) for record in records if record.kind is kind),
        )
        for kind in RecordKind
    )


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One page of the list of reports."""

    total: int
    rows: Sequence[Report]
    quarters: Sequence[str]
    due: Mapping[str, date]


def page_of(
    actor: Actor, filters: Mapping[str, str], sort: str, latest_first: bool, size: int, page: int
) -> ReportPage:
    """One page of the reports within reach, filtered by branch name, quarter and state."""
    query = visible_to(actor).join(PartyOrganisation, PartyOrganisation.id == Report.branch_id)
    quarters = db.session.scalars(
        query.with_only_columns(Report.quarter).distinct().order_by(Report.quarter.desc())
    ).all()
    if filters["q"]:
        query = query.where(PartyOrganisation.name.contains(filters["q"], autoescape=True))
    if filters["quarter"]:
        query = query.where(Report.quarter == filters["quarter"])
    if filters["state"] in {state.value for state in State}:
        query = query.where(Report.state == State(filters["state"]))
    total = db.session.scalar(query.with_only_columns(sa.func.count())) or 0
    by_time = Report.quarter.desc() if latest_first else Report.quarter.asc()
    by_unit = PartyOrganisation.position.asc() if latest_first else PartyOrganisation.position.desc()
    order = (by_time, by_unit) if sort == "quarter" else (by_unit, by_time)
    last = max(1, -(-total // size))
    rows = db.session.scalars(
        query.order_by(*order, Report.id)
        .offset((min(page, last) - 1) * size)
        .limit(size)
        .options(joinedload(Report.branch), sa.orm.defer(Report.draft))
    ).all()
    due = {code: due_day(actor.organiser_id, Quarter.from_code(code)).day for code in {row.quarter for row in rows}}
    return ReportPage(total, rows, quarters, due)


def not_begun(actor: Actor) -> list[tuple[PartyOrganisation, Quarter]]:
    """The actor's own branches that have not begun the quarter to report on."""
    if not reach(actor, Permission.WRITE_REPORT):
        return []
    quarter = quarter_to_report(actor.organiser_id, actor.at)
    return [(branch, quarter) for branch, report in open_reports(actor, quarter) if report is None]


def own_branch(actor: Actor, branch_id: int) -> PartyOrganisation:
    """A branch whose report the actor may write. Raises Missing for all others."""
    branch = db.session.get(PartyOrganisation, branch_id)
    if branch is None or not reach(actor, Permission.WRITE_REPORT).covers(branch.place):
        raise Missing
    return branch


def left_to(due: Dated, at: datetime) -> int:
    """Working days left to a due day; negative when it is past."""
    return rulebook.day_table().working_days_between(day_of(at), due.day).days


def posts(report: Report, at: datetime) -> dict[str, str]:
    """Who holds the posts of the report's branch: role label -> name."""
    return {post.role: post.name for post in accounts.posts_of(report.branch_id, at)}
