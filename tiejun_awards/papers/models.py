"""Printed forms with their codes, and what was transcribed from signed ones."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..shared.access import Place
from ..shared.db import Base, choice, immutable
from .rules import State


class PrintedForm(Base):
    """A form that was printed, under its code. ``content`` is what was printed into it; nothing in a blank one. Never changed."""

    __tablename__ = "paper_form"
    __table_args__ = (
        sa.UniqueConstraint("code", name="codes_are_unique"),
        sa.UniqueConstraint("kind", "subject", "digest", name="same_content_same_code"),
        sa.CheckConstraint("length(code) = 16", name="codes_have_sixteen_characters"),
        sa.CheckConstraint("digest = '' OR length(digest) = 64", name="blank_or_with_a_sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("party_organisation.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    subject: Mapped[str] = mapped_column(sa.String(40))
    code: Mapped[str] = mapped_column(sa.String(16))
    content: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(sa.String(64))  # SHA-256 of the content in canonical JSON; "" of a blank form
    printed_at: Mapped[datetime]
    printed_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id, self.branch_id)


class Transcription(Base):
    """A signed paper as somebody typed it. It counts when a second person has compared it; ``slot`` holds the place of the open one."""

    __tablename__ = "transcription"
    __table_args__ = (
        sa.UniqueConstraint("slot", name="one_transcription_a_paper"),
        sa.CheckConstraint("(state IN ('entered', 'returned')) = (slot IS NOT NULL)", name="open_ones_hold_a_slot"),
        sa.CheckConstraint("(state = 'compared') = (compared_at IS NOT NULL)", name="compared_papers_are_dated"),
        sa.CheckConstraint("(compared_at IS NULL) = (compared_by IS NULL)", name="comparers_are_known"),
        sa.CheckConstraint("compared_by IS NULL OR compared_by <> entered_by", name="two_people_compare"),
        sa.CheckConstraint("author_id <> entered_by", name="authors_do_not_transcribe"),
        sa.CheckConstraint("compared_by IS NULL OR compared_by <> author_id", name="authors_do_not_compare"),
        sa.CheckConstraint("(state IN ('returned', 'withdrawn')) = (reason <> '')", name="unfinished_papers_say_why"),
        sa.CheckConstraint("lies_at <> ''", name="originals_lie_somewhere"),
        sa.Index("transcription_state_ix", "state", "organiser_id", "branch_id"),
        sa.Index("transcription_subject_ix", "kind", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("party_organisation.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    subject: Mapped[str] = mapped_column(sa.String(40))
    about: Mapped[str] = mapped_column(sa.String(120))  # its title, as it was called then
    period: Mapped[str] = mapped_column(sa.String(10))
    slot: Mapped[str | None] = mapped_column(sa.String(64))
    form_id: Mapped[int | None] = mapped_column(sa.ForeignKey("paper_form.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    signed_on: Mapped[date]
    lies_at: Mapped[str] = mapped_column(sa.String(120))
    state: Mapped[State] = mapped_column(choice(State, "transcription_states"), default=State.ENTERED)
    version: Mapped[int] = mapped_column()
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    compared_at: Mapped[datetime | None]
    compared_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    became: Mapped[str] = mapped_column(sa.String(40), default="")
    # Last: what lists read stands before them in the row.
    content: Mapped[dict[str, Any]]  # what stands on the paper
    replaced: Mapped[dict[str, Any]]  # what the system held of it until then

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    enterer: Mapped[Person] = relationship(foreign_keys=[entered_by])
    comparer: Mapped[Person | None] = relationship(foreign_keys=[compared_by])
    form: Mapped[PrintedForm | None] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id, self.branch_id)


_FORMS = immutable(PrintedForm.__table__)  # type: ignore[arg-type]
