"""The verbs of a report: begin, save, submit; accept, send back, reopen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ..files import services as files
from ..messages import services as messages
from ..messages.rules import Kind
from ..organisation.models import PartyKind, PartyOrganisation
from ..shared.access import Actor, Permission, reach
from ..shared.clock import day_of
from ..shared.db import db
from ..shared.digests import digest
from ..shared.errors import Refused
from ..shared.periods import Quarter
from ..shared.use_case import hush, tell, use_case
from ..shared.workflow import step
from . import drafts, queries, rules
from .drafts import Context, Draft, Reading
from .models import LifeRecord, Report, ReportReview, ReportRevision
from .rules import Verb

EDITING_SESSION = timedelta(minutes=30)
"""Autosaves of one person within this time of each other are one line of the audit trail."""


@use_case(Permission.WRITE_REPORT)
def begin(actor: Actor, branch: PartyOrganisation, quarter: Quarter, *, key: str = "") -> Report:
    """Begin a branch's report on a quarter, or give back the one that was begun."""
    why = why_not_written(branch, quarter, day_of(actor.at))
    if why:
        raise Refused(why)
    found = queries.of_branch(branch.id, quarter)
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
    report.draft = _first_draft(branch, queries.earlier(report)).as_json()
    db.session.add(report)
    tell(db.session(), quarter=quarter.code)
    return report


def why_not_written(branch: PartyOrganisation, quarter: Quarter, today: date) -> str:
    """Why a branch writes no report on a quarter, or nothing."""
    if branch.kind is not PartyKind.BRANCH or branch.ended_on is not None:
        return "只有在册的党支部写季度报告。"
    if quarter.first_day > today:
        return f"{quarter.label}还没有开始。"
    if branch.founded_on is not None and branch.founded_on > quarter.last_day:
        return f"{quarter.label}时这个支部还没有成立，不用写。"
    return ""


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
        keep_records(report, drafts.read(draft, Context(report.period, today=day_of(actor.at))))
    return report


def _refuse_unwritable(report: Report) -> None:
    if report.state not in rules.WRITABLE:
        raise Refused(f"这份报告{report.state.label}，不能再改。需要改时，请机关党委退回或重新打开。")


def keep_records(report: Report, reading: Reading) -> None:
    """The records that can be read are those that are counted from now on."""
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
    reading = drafts.read(Draft.from_json(report.draft), queries.context(report, queries.earlier(report), actor.at))
    if reading.findings:
        raise Refused(f"还差 {len(reading.findings)} 处才能提交。", field="findings")
    hand_in(report, actor.at, actor.person_id, counts_from=actor.at)
    return report


def hand_in(
    report: Report, at: datetime, author_id: int, *, counts_from: datetime, more: Mapping[str, Any] | None = None
) -> None:
    """Within a verb: the draft becomes the next revision, submitted by its author.

    ``counts_from``: the moment it counts as submitted, earlier than now where a signed paper came first; ``more`` is
    written down with the revision.
    """
    report.state = step(rules.MOVES, report.state, Verb.SUBMIT)
    report.revisions += 1
    report.first_submitted_at = report.first_submitted_at or counts_from
    report.submitted_at = max(counts_from, report.first_submitted_at)
    report.return_reason = ""
    attachments = files.fix("report", report.id, at)
    content = {**report.draft, **({"attachments": attachments} if attachments else {}), **(more or {})}
    db.session.add(
        ReportRevision(
            report_id=report.id,
            number=report.revisions,
            content=content,
            digest=digest(content),
            submitted_at=at,
            submitted_by=author_id,
        )
    )
    tell(db.session(), revision=report.revisions, digest=digest(content))


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
    messages.tell_holders(
        db.session(),
        actor,
        Kind.REPORT,
        f"report:{report.id}:{verdict}",
        f"{report.period.label}报告{_BECAME[verdict]}",
        f"/reports/{report.id}",
        branch_id=report.branch_id,
    )
    tell(db.session(), revision=report.revisions, branch=report.branch_id, **({"reason": reason} if reason else {}))


_BECAME = {
    "accept": "已采用。",
    "return": "退回了，请按机关党委写的意见修改后再提交。",
    "reopen": "重新打开了，请按写明的原因修改后再提交。",
}
