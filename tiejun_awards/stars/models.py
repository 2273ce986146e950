"""Star holdings, by year; pilots, from one document to another."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..organisation.models import PartyOrganisation
from ..shared.access import Place
from ..shared.db import Base


class StarHolding(Base):
    """The star a branch was given for a year, and the paper it stands on."""

    __tablename__ = "star_holding"
    __table_args__ = (
        sa.UniqueConstraint("branch_id", "year", name="one_star_a_year"),
        sa.CheckConstraint("star >= 0 AND star <= 5", name="stars_go_to_five"),
        sa.CheckConstraint("number <> ''", name="holdings_have_a_number"),
        sa.Index("star_holding_year_ix", "organiser_id", "year", "star"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("party_organisation.id"))
    year: Mapped[int]
    star: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(60))
    given_on: Mapped[date]

    branch: Mapped[PartyOrganisation] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies: with its branch."""
        return Place(self.organiser_id, self.branch_id)


class Pilot(Base):
    """A branch is a pilot between two documents. ``slot`` is empty once it has ended: one running spell a branch."""

    __tablename__ = "pilot"
    __table_args__ = (
        sa.UniqueConstraint("slot", name="one_spell_a_branch"),
        sa.CheckConstraint("number <> ''", name="pilots_have_a_number"),
        sa.CheckConstraint("(ended_on IS NULL) = (end_number = '')", name="ended_pilots_have_a_number"),
        sa.CheckConstraint("(ended_on IS NULL) = (slot IS NOT NULL)", name="ended_pilots_leave_their_slot"),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="pilots_end_after_they_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"), index=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("party_organisation.id"))
    slot: Mapped[int | None]
    number: Mapped[str] = mapped_column(sa.String(60))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    end_number: Mapped[str] = mapped_column(sa.String(60), default="")
    entered_at: Mapped[datetime]

    branch: Mapped[PartyOrganisation] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies: with its branch."""
        return Place(self.organiser_id, self.branch_id)
