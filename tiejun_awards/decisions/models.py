"""Registered steps: entered by one person, some confirmed by another, withdrawn when entered by mistake."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..shared.access import Place
from ..shared.db import Base, choice
from .rules import CONFIRMED, Kind


class RegisteredStep(Base):
    """One step of one thing (a rating cycle, a call), as the paper says. ``slot`` is empty once it is withdrawn."""

    __tablename__ = "registered_step"
    __table_args__ = (
        sa.UniqueConstraint("slot", name="one_step_a_kind"),
        sa.CheckConstraint("(kind = 'notice') = (until IS NOT NULL)", name="notices_end"),
        sa.CheckConstraint("until IS NULL OR until >= held_on", name="notices_end_after_they_start"),
        sa.CheckConstraint("kind <> 'approval' OR (number <> '' AND body <> '')", name="approvals_have_a_number"),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmers_are_dated"),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> entered_by", name="two_people_confirm"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (slot IS NOT NULL)", name="withdrawn_steps_leave_a_slot"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_because = '')", name="withdrawn_steps_say_why"),
        sa.Index("registered_step_subject_ix", "subject", "subject_id"),
        sa.Index("registered_step_waiting_ix", "organiser_id", "kind", "confirmed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id", name="step_organiser_fk"))
    subject: Mapped[str] = mapped_column(sa.String(30))  # the table of the thing
    subject_id: Mapped[int]
    about: Mapped[str] = mapped_column(sa.String(80))  # its title, as it was called then
    slot: Mapped[str | None] = mapped_column(sa.String(80))
    kind: Mapped[Kind] = mapped_column(choice(Kind, "step_kinds"))
    body: Mapped[str] = mapped_column(sa.String(60), default="")
    held_on: Mapped[date]
    until: Mapped[date | None]
    place_name: Mapped[str] = mapped_column(sa.String(120), default="")
    number: Mapped[str] = mapped_column(sa.String(60), default="")
    result: Mapped[str] = mapped_column(sa.String(500), default="")
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", name="step_confirmer_fk"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str] = mapped_column(sa.String(300), default="")

    enterer: Mapped[Person] = relationship(foreign_keys=[entered_by])
    confirmer: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by])

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)

    @property
    def counts(self) -> bool:
        """Whether the step is done: registered, and confirmed where that is asked for."""
        return self.withdrawn_at is None and (self.kind not in CONFIRMED or self.confirmed_at is not None)
