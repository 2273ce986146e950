"""Panels, their seats, and recusals."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..shared.access import Place
from ..shared.db import Base, choice
from ..standards.models import Standard
from .rules import Ground


class Panel(Base):
    """Judges who mark the same things by the same standard; open for marking between two moments."""

    __tablename__ = "panel"
    __table_args__ = (sa.CheckConstraint("closed_at IS NULL OR opened_at IS NOT NULL", name="closed_panels_were_open"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"), index=True)
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"))
    title: Mapped[str] = mapped_column(sa.String(80))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    standard: Mapped[Standard] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)

    @property
    def is_open(self) -> bool:
        """Whether marks are taken now."""
        return self.opened_at is not None and self.closed_at is None


class Seat(Base):
    """A judge on a panel, under the number drawn by lot: 评委 1, 评委 2 …"""

    __tablename__ = "seat"
    __table_args__ = (
        sa.UniqueConstraint("panel_id", "person_id", name="one_seat_a_judge"),
        sa.UniqueConstraint("panel_id", "number", name="one_judge_a_number"),
        sa.CheckConstraint("number >= 1", name="seats_count_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(sa.ForeignKey("panel.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    number: Mapped[int]

    panel: Mapped[Panel] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies: it is the judge's own. Needs ``panel``."""
        return Place(self.panel.organiser_id, person_id=self.person_id)


class Recusal(Base):
    """A judge does not mark a branch, and why."""

    __tablename__ = "recusal"
    __table_args__ = (
        sa.UniqueConstraint("seat_id", "branch_id", name="one_recusal_a_branch"),
        sa.CheckConstraint("ground <> 'declared' OR reason <> ''", name="declared_recusals_say_why"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("seat.id"))
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("party_organisation.id"), index=True)
    ground: Mapped[Ground] = mapped_column(choice(Ground, "recusal_grounds"))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    at: Mapped[datetime]
