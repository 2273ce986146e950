"""Quarterly reports, their immutable revisions, the records of organisation life, the quarters of an organiser."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..organisation.models import PartyOrganisation
from ..shared.access import Place
from ..shared.clock import day_of
from ..shared.db import Base, choice, immutable
from ..shared.periods import Quarter
from .rules import State
from .sections import RecordKind


class ReportPeriod(Base):
    """A quarter of one organiser: the due day people were told, so that it never gets earlier for them; and when for the first time."""

    __tablename__ = "report_period"
    __table_args__ = (
        sa.UniqueConstraint("organiser_id", "quarter", name="one_period_a_quarter"),
        sa.CheckConstraint("length(quarter) = 6", name="quarters_are_codes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    quarter: Mapped[str] = mapped_column(sa.String(6))
    told_due: Mapped[date]
    told_at: Mapped[datetime]

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)


class Report(Base):
    """One branch's report on one quarter. ``draft`` is what is being written; submissions are revisions."""

    __tablename__ = "report"
    __table_args__ = (
        sa.UniqueConstraint("branch_id", "quarter", name="one_report_a_quarter"),
        sa.CheckConstraint("length(quarter) = 6", name="report_quarters_are_codes"),
        sa.CheckConstraint("(state = 'draft') = (submitted_at IS NULL)", name="submitted_reports_are_dated"),
        sa.CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_reports_are_dated"),
        sa.CheckConstraint("(state = 'returned') = (return_reason <> '')", name="returned_reports_say_why"),
        sa.CheckConstraint("(submitted_at IS NULL) = (revisions = 0)", name="submissions_are_revisions"),
        sa.CheckConstraint("submitted_at IS NULL OR submitted_at >= first_submitted_at", name="first_comes_first"),
        sa.Index("report_state_ix", "state", "organiser_id", "quarter", "branch_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("party_organisation.id"))
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    quarter: Mapped[str] = mapped_column(sa.String(6))
    state: Mapped[State] = mapped_column(choice(State, "report_states"), default=State.DRAFT)
    version: Mapped[int] = mapped_column()
    revisions: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime]
    saved_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    first_submitted_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    draft: Mapped[dict[str, Any]]  # last: what lists read stands before it in the row

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    branch: Mapped[PartyOrganisation] = relationship()
    saver: Mapped[Person] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies: with its branch."""
        return Place(self.organiser_id, self.branch_id)

    @property
    def period(self) -> Quarter:
        """Its quarter."""
        return Quarter.from_code(self.quarter)


class ReportRevision(Base):
    """A report as it was submitted: never changed."""

    __tablename__ = "report_revision"
    __table_args__ = (sa.UniqueConstraint("report_id", "number", name="revisions_are_numbered"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(sa.String(64))  # SHA-256 of the content in canonical JSON
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id", name="revision_submitter_fk"))

    submitter: Mapped[Person] = relationship()

    @property
    def paper(self) -> Mapping[str, Any] | None:
        """The signed paper it was transcribed from (papers.services.compare says what is kept of it), or nothing."""
        return self.content.get("paper")

    @property
    def counts_from(self) -> date:
        """The day it counts as submitted on: the paper's own, where there was one."""
        return date.fromisoformat(self.paper["signed_on"]) if self.paper else day_of(self.submitted_at)


class ReportReview(Base):
    """What the office said of a revision: returned with a reason, accepted, reopened. Never changed."""

    __tablename__ = "report_review"
    __table_args__ = (
        sa.CheckConstraint("verdict IN ('accept', 'return', 'reopen')", name="verdicts"),
        sa.CheckConstraint("verdict = 'accept' OR reason <> ''", name="refusals_give_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    revision: Mapped[int]
    verdict: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    reviewer: Mapped[Person] = relationship()


class LifeRecord(Base):
    """One line of organisation life: what, when, about what, who came, on which page of the minute book."""

    __tablename__ = "life_record"
    __table_args__ = (
        sa.CheckConstraint("attended IS NULL OR (attended >= 0 AND attended <= expected)", name="attendance_fits"),
        sa.Index("life_record_branch_ix", "branch_id", "held_on"),
        sa.Index("life_record_report_ix", "report_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"))
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("party_organisation.id"))
    kind: Mapped[RecordKind] = mapped_column(choice(RecordKind, "record_kinds"))
    held_on: Mapped[date]
    topic: Mapped[str] = mapped_column(sa.String(120))
    attended: Mapped[int | None]
    expected: Mapped[int | None]
    page: Mapped[str] = mapped_column(sa.String(40), default="")


# Lists and counts read only this index, in the order they show: latest quarter first, branches as they were founded.
sa.Index(
    "report_list_ix",
    Report.quarter.desc(),
    Report.branch_id,
    Report.organiser_id,
    Report.state,
    Report.first_submitted_at,
)

_REVISIONS = immutable(ReportRevision.__table__)  # type: ignore[arg-type]
_REVIEWS = immutable(ReportReview.__table__)  # type: ignore[arg-type]
