"""Sheets and marks. A sheet is one judge's for one branch; a mark is whole hundredths within its line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..organisation.models import PartyOrganisation
from ..panels.models import Panel, Seat
from ..shared.access import Place
from ..shared.db import Base, choice
from .rules import State


class Sheet(Base):
    """One judge's sheet for one branch. ``person_id`` is the judge: it is his own."""

    __tablename__ = "sheet"
    __table_args__ = (
        sa.UniqueConstraint("seat_id", "branch_id", name="one_sheet_a_judge_and_branch"),
        sa.CheckConstraint("(state = 'open') = (confirmed_at IS NULL)", name="confirmed_sheets_are_dated"),
        sa.CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name="signed_sheets_are_dated"),
        sa.Index("sheet_panel_ix", "panel_id", "branch_id", "state"),
        sa.Index("sheet_person_ix", "person_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(sa.ForeignKey("panel.id"))
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("seat.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("party_organisation.id"))
    position: Mapped[int]
    state: Mapped[State] = mapped_column(choice(State, "sheet_states"), default=State.OPEN)
    version: Mapped[int] = mapped_column()
    saved_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(sa.String(200), default="")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    panel: Mapped[Panel] = relationship()
    seat: Mapped[Seat] = relationship()
    branch: Mapped[PartyOrganisation] = relationship()
    marks: Mapped[list[Mark]] = relationship(back_populates="sheet", cascade="all, delete-orphan")

    @property
    def place(self) -> Place:
        """Where it lies: with the judge whose own it is."""
        return Place(self.organiser_id, self.branch_id, person_id=self.person_id)


class Mark(Base):
    """What a judge gave one line: whole hundredths, and the 扣分情形 he chose."""

    __tablename__ = "mark"
    __table_args__ = (
        sa.UniqueConstraint("sheet_id", "line", name="one_mark_a_line"),
        sa.CheckConstraint("value >= 0 AND value <= most", name="marks_fit_their_line"),
        sa.CheckConstraint("value % 50 = 0", name="marks_are_half_points"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("sheet.id"))
    line: Mapped[str] = mapped_column(sa.String(10))
    value: Mapped[int]
    most: Mapped[int]
    cases: Mapped[list[Any]]

    sheet: Mapped[Sheet] = relationship(back_populates="marks")
