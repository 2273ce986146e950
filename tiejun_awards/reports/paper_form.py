"""The quarterly report as a form on paper (papers.rules.PaperForm): printed by section, typed from the paper, handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from ..organisation.models import PartyKind, PartyOrganisation
from ..papers import queries as papers
from ..papers.rules import Field, Grid, Offer, Section, Signed, Subject
from ..shared.access import Actor, Permission, Reach, Role, can, reach
from ..shared.clock import SHANGHAI, day_of
from ..shared.db import db, within
from ..shared.errors import Missing, Refused
from ..shared.periods import Quarter
from . import drafts, queries, services
from .drafts import Context, Draft
from .due import due_day, quarter_to_report
from .forms import read_draft
from .models import Report
from .rules import WRITABLE, State
from .sections import FIELDS, SECTIONS, Fixing, RecordKind

_KINDS = tuple((kind.value, kind.label) for kind in RecordKind)
_RECORDS = Grid(
    "records",
    "组织生活记录",
    (
        Field("kind", "类别", "choice", choices=_KINDS),
        Field("held_on", "日期", "text"),
        Field("topic", "主题或议题", "text", limit=60),
        Field("attendance", "到会/应到", "text"),
        Field("page", "记录本页码", "text", limit=20),
    ),
    drafts.MOST_RECORDS,
)
_FIXING = (
    Field("status", "结果", "choice", choices=tuple((each.value, each.label) for each in Fixing)),
    Field("how", "怎么改的", "text", limit=100),
)
_ON_PAPER = range(1, 11)
"""The sections that are written; attachments and the confirmation are the signature's."""


def sections(problems: Sequence[str]) -> tuple[Section, ...]:
    """The form, with last quarter's problems to be answered one by one."""
    return tuple(_section(number, tuple(problems)) for number in _ON_PAPER)


def _section(number: int, problems: tuple[str, ...]) -> Section:
    section = SECTIONS[number - 1]
    fields = tuple(Field(each.name, each.label, each.kind, each.unit, each.limit) for each in section.fields)
    grid = _RECORDS if number == 2 else None
    if number == 8 and problems:
        grid = Grid("fixes", "上季度问题整改", _FIXING, len(problems), problems, "上季度的问题")
    return Section(f"{section.numeral}、{section.title}", fields, grid)


def values_of(draft: Draft) -> dict[str, str]:
    """A draft as the values of the form, empty ones left out."""
    found = dict(draft.fields)
    for name, rows in (("records", draft.records), ("fixes", draft.fixes)):
        for index, row in enumerate(rows):
            found |= {f"{name}-{index}-{column}": str(value) for column, value in row.items()}
    return {name: value for name, value in found.items() if value.strip()}


class ReportPaper:
    """A branch's report on a quarter, by “branch-quarter”: “17-2026Q3”, whether it was begun or not."""

    kind = "report"
    title = "党支部书记抓党建季度报告表"

    def subject(self, key: str, actor: Actor) -> Subject:
        """What a key names. Raises Missing."""
        branch, quarter = _named(key)
        report = queries.of_branch(branch.id, quarter)
        draft = _draft_of(report)
        due = due_day(branch.organiser_id, quarter).day
        since = quarter.first_day
        closed = services.why_not_written(branch, quarter, day_of(actor.at))
        if report is not None and report.state not in WRITABLE:
            closed = f"{quarter.label}报告{report.state.label}，不用再代录。"
        elif report is not None and report.state is State.RETURNED and report.submitted_at is not None:
            since = max(since, day_of(report.submitted_at))  # what answers a return is signed after what was returned
        return Subject(
            self.kind,
            key,
            branch,
            f"{branch.name}{quarter.label}报告",
            quarter.code,
            since,
            due,
            papers.authors_of(Role.SECRETARY, branch.id, quarter.first_day),
            sections(_context(branch, quarter, day_of(actor.at)).earlier_problems),
            values_of(draft) if draft else {},
            closed,
            ("reports.show", {"report_id": report.id}) if report and report.revisions else None,
        )

    def offered(self, actor: Actor, text: str, most: int) -> Sequence[Offer]:
        """The reports of two quarters that are not submitted, branches in their order, the later quarter first."""
        quarter = quarter_to_report(actor.organiser_id, actor.at)
        return [
            Offer(f"{branch_id}-{each.code}", f"{name}{each.label}报告", due_day(organiser_id, each).day)
            for each in _quarters(quarter, day_of(actor.at))
            for branch_id, organiser_id, name in db.session.execute(
                _unwritten(reach(actor, Permission.TRANSCRIBE), each, text).limit(most)
            )
        ][:most]

    def may_write(self, actor: Actor, subject: Subject) -> bool:
        """Whether the actor writes this branch's reports."""
        return can(actor, Permission.WRITE_REPORT, subject.owner)

    def may_read(self, actor: Actor, subject: Subject) -> bool:
        """Drafts are read by those who write them; others read a report once it was submitted."""
        if self.may_write(actor, subject):
            return True
        report = _report(subject)
        submitted = report is not None and report.state not in WRITABLE
        return submitted and can(actor, Permission.READ_REPORT, subject.owner)

    def faults(self, subject: Subject, values: Mapping[str, str], signed_on: date) -> dict[str, str]:
        """What keeps it from being handed in, as of the paper's day. What the signed paper leaves blank stays blank."""
        if not values:
            return {"total": "一处也没有录，请照着纸上写的录。"}
        draft = _as_draft(values)
        found = drafts.read(draft, _context(*_named(subject.key), signed_on)).findings
        wrong = [finding for finding in found if finding.field in values or not _may_stay_blank(finding.field)]
        return {finding.field: finding.sentence for finding in reversed(wrong)}  # of two of one place the first

    def hand_in(self, actor: Actor, subject: Subject, paper: Signed) -> str:
        """The paper becomes the next revision, by its author, and counts from its own day on."""
        branch, quarter = _named(subject.key)
        report = _locked(actor, branch, quarter)
        if report.state not in WRITABLE:
            raise Refused(f"{quarter.label}报告刚刚变成“{report.state.label}”，代录留着备查。", field="closed")
        draft = _as_draft(paper.values)
        report.draft = draft.as_json()
        report.saved_at, report.saved_by = actor.at, actor.person_id
        services.keep_records(report, drafts.read(draft, _context(branch, quarter, paper.signed_on)))
        counts_from = datetime.combine(paper.signed_on, time(), SHANGHAI)
        services.hand_in(report, actor.at, paper.author_id, counts_from=counts_from, more={"paper": dict(paper.about)})
        return f"第 {report.revisions} 稿"


def _named(key: str) -> tuple[PartyOrganisation, Quarter]:
    number, _, code = key.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Missing
    try:
        quarter = Quarter.from_code(code)
    except ValueError:
        raise Missing from None
    branch = db.session.get(PartyOrganisation, int(number))
    if branch is None or branch.kind is not PartyKind.BRANCH or key != f"{branch.id}-{quarter.code}":
        raise Missing
    return branch, quarter


def _report(subject: Subject) -> Report | None:
    branch, quarter = _named(subject.key)
    return queries.of_branch(branch.id, quarter)


def _draft_of(report: Report | None) -> Draft | None:
    return None if report is None else Draft.from_json(report.draft)


def _context(branch: PartyOrganisation, quarter: Quarter, day: date) -> Context:
    before = queries.submitted_before(branch.id, quarter)
    return queries.context_of(branch.organiser_id, quarter, before, day)


def _may_stay_blank(name: str) -> bool:
    """Whether a place of the paper may be left blank: all but the columns of a record, which would not be counted."""
    return name in FIELDS or name.startswith("fixes-")


def _as_draft(values: Mapping[str, str]) -> Draft:
    """What stands on a signed paper: the signature confirms it."""
    return read_draft({**values, "confirmed": "yes"})


def _locked(actor: Actor, branch: PartyOrganisation, quarter: Quarter) -> Report:
    """The report, begun now if it was not, as it is in the database at this moment."""
    query = sa.select(Report).where(Report.branch_id == branch.id, Report.quarter == quarter.code)
    found = db.session.scalar(query.with_for_update(of=Report).execution_options(populate_existing=True))
    if found is not None:
        return found
    report = Report(
        branch_id=branch.id,
        organiser_id=branch.organiser_id,
        quarter=quarter.code,
        state=State.DRAFT,
        revisions=0,
        draft={},
        saved_at=actor.at,
        saved_by=actor.person_id,
    )
    db.session.add(report)
    db.session.flush()
    return report


def _quarters(asked: Quarter, today: date) -> Iterator[Quarter]:
    if asked.next().first_day <= today:
        yield asked.next()
    yield asked
    yield asked.previous()


_B, _R = PartyOrganisation.__table__.c, Report.__table__.c


@lru_cache(maxsize=64)
def _unwritten(reached: Reach, quarter: Quarter, text: str) -> sa.Select[Any]:
    """The branches in reach that have not submitted a quarter's report."""
    found = [
        within(reached, organiser=_B.organiser_id, branch=_B.id),
        *(_B.kind == PartyKind.BRANCH, _B.ended_on.is_(None)),
        sa.or_(_B.founded_on.is_(None), _B.founded_on <= quarter.last_day),
        sa.or_(_R.id.is_(None), _R.state.in_(WRITABLE)),
    ]
    if text:
        found.append(_B.name.contains(text, autoescape=True))
    joined = PartyOrganisation.__table__.outerjoin(
        Report.__table__, sa.and_(_R.branch_id == _B.id, _R.quarter == quarter.code)
    )
    return sa.select(_B.id, _B.organiser_id, _B.name).select_from(joined).where(*found).order_by(_B.position)
