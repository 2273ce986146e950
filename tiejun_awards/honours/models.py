"""What was awarded, frozen when it was published."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..calls.models import Call
from ..calls.rules import PROGRAMMES, Form, Programme
from ..organisation.models import Unit
from ..shared.access import Place
from ..shared.db import Base, choice, immutable


class Honour(Base):
    """One entry as it was published: a copy, so that later changes elsewhere do not touch it.

    One that was awarded before this system came in by import: it has no call, no entry and no notice.
    """

    __tablename__ = "honour"
    __table_args__ = (
        sa.CheckConstraint("number <> '' AND body <> ''", name="honours_have_a_decision"),
        sa.CheckConstraint(
            "(call_id IS NULL) = (entry_id IS NULL) AND (call_id IS NULL) = (notice_from IS NULL) "
            "AND (call_id IS NULL) = (notice_to IS NULL)",
            name="honours_come_from_an_entry",
        ),
        sa.Index("honour_list_ix", "organiser_id", "year", "programme", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    call_id: Mapped[int | None] = mapped_column(sa.ForeignKey("award_call.id"))
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("nomination_entry.id"), unique=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    programme: Mapped[str] = mapped_column(sa.String(30))
    form: Mapped[Form] = mapped_column(choice(Form, "honour_forms"))
    year: Mapped[int]
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)  # 表扬编号
    nominee: Mapped[str] = mapped_column(sa.String(40))
    post: Mapped[str] = mapped_column(sa.String(40), default="")
    body: Mapped[str] = mapped_column(sa.String(60))
    decided_on: Mapped[date]
    number: Mapped[str] = mapped_column(sa.String(60))
    notice_from: Mapped[date | None]
    notice_to: Mapped[date | None]
    published_at: Mapped[datetime]
    published_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    deeds: Mapped[str] = mapped_column(sa.String(1_500))

    call: Mapped[Call | None] = relationship()
    unit: Mapped[Unit] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)

    @property
    def about(self) -> Programme:
        """Its programme."""
        return PROGRAMMES[self.programme]


_HONOURS = immutable(Honour.__table__)  # type: ignore[arg-type]
