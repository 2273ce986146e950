"""Suggestions of staff, recommendations of units, and the entries these put forward."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..calls.models import Call
from ..organisation.models import Unit
from ..shared.access import Place
from ..shared.db import Base, choice
from .rules import EndReason, EntryState, Relation, State, UnitReason


class Suggestion(Base):
    """One colleague's suggestion (群众推荐). Who suggested is read by himself only; the unit's queries never select it.

    ``gone`` is 0 while it stands and its own id once withdrawn, so that another one can be made. ``code`` stands in addresses:
    row numbers would tell how many there are.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        sa.UniqueConstraint(
            "call_id", "nominator_id", "unit_id", "nominee_key", "gone", name="one_suggestion_a_colleague"
        ),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (gone = 0)", name="withdrawn_ones_make_room"),
        sa.CheckConstraint("nominee_key <> ''", name="suggestions_name_somebody"),
        sa.Index("suggestion_unit_ix", "call_id", "unit_id", "nominee_key"),
        sa.Index("suggestion_nominator_ix", "nominator_id", "call_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("award_call.id"))
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    nominator_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    nominee: Mapped[str] = mapped_column(sa.String(40))
    nominee_key: Mapped[str] = mapped_column(sa.String(80))
    relation: Mapped[Relation] = mapped_column(choice(Relation, "relations"))
    deeds: Mapped[str] = mapped_column(sa.String(2_000))
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    suggested_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    gone: Mapped[int] = mapped_column(default=0)

    call: Mapped[Call] = relationship()
    unit: Mapped[Unit] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies: with its nominator alone."""
        return Place(self.organiser_id, person_id=self.nominator_id)


class SuggestionDraft(Base):
    """What somebody has begun to write for a call, as typed; gone when it is sent."""

    __tablename__ = "suggestion_draft"
    __table_args__ = (sa.UniqueConstraint("call_id", "person_id", name="one_draft_a_person"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("award_call.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class Recommendation(Base):
    """One unit's recommendation (组织推荐) in one call. ``draft`` is what is being written; submitting makes rows of it."""

    __tablename__ = "recommendation"
    __table_args__ = (
        sa.UniqueConstraint("call_id", "unit_id", name="one_recommendation_a_unit"),
        sa.CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="sent_recommendations_are_dated"),
        sa.CheckConstraint("state = 'draft' OR studied_on IS NOT NULL", name="units_study_before_they_send"),
        sa.CheckConstraint("(notice_from IS NULL) = (notice_to IS NULL)", name="unit_notices_end"),
        sa.CheckConstraint("notice_to IS NULL OR notice_to >= notice_from", name="unit_notices_end_later"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("award_call.id"))
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    state: Mapped[State] = mapped_column(choice(State, "recommendation_states"), default=State.DRAFT)
    version: Mapped[int] = mapped_column()
    saved_at: Mapped[datetime]
    saved_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    studied_on: Mapped[date | None]
    notice_from: Mapped[date | None]
    notice_to: Mapped[date | None]
    notice_place: Mapped[str] = mapped_column(sa.String(60), default="")
    submitted_at: Mapped[datetime | None]
    draft: Mapped[dict[str, Any]]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    call: Mapped[Call] = relationship()
    unit: Mapped[Unit] = relationship()
    entries: Mapped[list[Entry]] = relationship(back_populates="recommendation", order_by="Entry.position")
    declined: Mapped[list[Declined]] = relationship(order_by="Declined.nominee_key")

    @property
    def place(self) -> Place:
        """Where it lies: with its unit."""
        return Place(self.organiser_id, unit_ids=frozenset({self.unit_id}))


class Entry(Base):
    """Somebody a unit puts forward. Its state is moved on by the selection."""

    __tablename__ = "nomination_entry"
    __table_args__ = (
        sa.UniqueConstraint("recommendation_id", "position", name="entries_are_ordered"),
        sa.UniqueConstraint("recommendation_id", "nominee_key", name="entries_name_somebody_once"),
        sa.CheckConstraint("position >= 1", name="orders_begin_with_one"),
        sa.CheckConstraint("(state = 'ended') = (end_reason IS NOT NULL)", name="ended_entries_say_why"),
        sa.CheckConstraint("state = 'recommended' OR reviewed_at IS NOT NULL", name="reviews_are_dated"),
        sa.CheckConstraint("(reviewed_at IS NULL) = (reviewed_by IS NULL)", name="reviews_have_a_reviewer"),
        sa.Index("entry_call_ix", "call_id", "organiser_id", "state", "unit_id", "position"),
        sa.Index("entry_waiting_ix", "organiser_id", "state", "call_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(sa.ForeignKey("recommendation.id", name="entry_recommendation_fk"))
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("award_call.id"))
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id", name="entry_organiser_fk"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    position: Mapped[int]  # the unit's order
    nominee: Mapped[str] = mapped_column(sa.String(40))
    nominee_key: Mapped[str] = mapped_column(sa.String(80))
    post: Mapped[str] = mapped_column(sa.String(40), default="")
    state: Mapped[EntryState] = mapped_column(choice(EntryState, "entry_states"), default=EntryState.RECOMMENDED)
    version: Mapped[int] = mapped_column()
    end_reason: Mapped[EndReason | None] = mapped_column(choice(EndReason, "end_reasons"))
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", name="entry_reviewer_fk"))
    ground: Mapped[str] = mapped_column(sa.String(500), default="")  # the true one: office and discipline only
    deeds: Mapped[str] = mapped_column(sa.String(1_500))

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    recommendation: Mapped[Recommendation] = relationship(back_populates="entries")
    call: Mapped[Call] = relationship()
    unit: Mapped[Unit] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies: with the unit that put it forward."""
        return Place(self.organiser_id, unit_ids=frozenset({self.unit_id}))


class Declined(Base):
    """Somebody who was suggested and whom the unit did not put forward, with its reason."""

    __tablename__ = "declined_suggestion"
    __table_args__ = (sa.UniqueConstraint("recommendation_id", "nominee_key", name="one_reason_a_nominee"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("recommendation.id", name="declined_recommendation_fk")
    )
    nominee: Mapped[str] = mapped_column(sa.String(40))
    nominee_key: Mapped[str] = mapped_column(sa.String(80))
    reason: Mapped[UnitReason] = mapped_column(choice(UnitReason, "unit_reasons"))
