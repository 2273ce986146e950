"""Calls: the office asks units and staff whom they recommend for one programme in one year."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ..shared.access import Place
from ..shared.db import Base, choice
from . import rules
from .rules import PROGRAMMES, Form, Phase, Programme, State


class Call(Base):
    """One call (推荐通知). Dates are the last days that still count."""

    __tablename__ = "award_call"
    __table_args__ = (
        sa.CheckConstraint("(state = 'draft') = (announced_at IS NULL)", name="announced_calls_are_dated"),
        sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_calls_are_dated"),
        sa.CheckConstraint("opens_on <= suggest_by AND suggest_by <= recommend_by", name="call_days_are_in_order"),
        sa.CheckConstraint("quota BETWEEN 1 AND 999 AND per_unit BETWEEN 1 AND 9", name="calls_have_seats"),
        sa.CheckConstraint("state = 'draft' OR number <> ''", name="announced_calls_are_numbered"),
        sa.CheckConstraint(
            "form NOT IN ('commended', 'demonstrated') OR approval_ref <> ''", name="commendations_are_approved"
        ),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name="calls_are_of_our_time"),
        sa.Index("award_call_list_ix", "organiser_id", "year", "programme"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    programme: Mapped[str] = mapped_column(sa.String(30))
    form: Mapped[Form] = mapped_column(choice(Form, "recognition_forms"))
    title: Mapped[str] = mapped_column(sa.String(60))
    year: Mapped[int]
    opens_on: Mapped[date]
    suggest_by: Mapped[date]  # staff
    recommend_by: Mapped[date]  # units
    quota: Mapped[int]
    per_unit: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(60), default="")
    approval_ref: Mapped[str] = mapped_column(sa.String(60), default="")
    state: Mapped[State] = mapped_column(choice(State, "call_states"), default=State.DRAFT)
    version: Mapped[int] = mapped_column()
    saved_at: Mapped[datetime]
    saved_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    announced_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)

    @property
    def about(self) -> Programme:
        """Its programme."""
        return PROGRAMMES[self.programme]

    def phase(self, today: date) -> Phase:
        """What it is about on that day."""
        return rules.phase(self.state, self.opens_on, self.suggest_by, self.recommend_by, today)
