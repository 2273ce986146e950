"""The office's own working days: notices of 放假 and 调休, and the days they name."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..organisers.models import Organiser
from ..shared.access import Place
from ..shared.db import Base


class DayNotice(Base):
    """A year's notice of days off, entered by the top organiser's office. A later one for a year replaces the earlier."""

    __tablename__ = "day_notice"
    __table_args__ = (
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name="notices_are_of_our_time"),
        sa.CheckConstraint("number <> ''", name="notices_have_a_number"),
        sa.CheckConstraint("(replaced_at IS NULL) = (replaced_by IS NULL)", name="replacements_are_dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    year: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(60))  # 文号
    entered_at: Mapped[datetime]
    entered_by: Mapped[int]
    replaced_at: Mapped[datetime | None]
    replaced_by: Mapped[int | None] = mapped_column(sa.ForeignKey("day_notice.id"))

    organiser: Mapped[Organiser] = relationship()
    days: Mapped[list[SpecialDayRow]] = relationship(back_populates="notice", order_by="SpecialDayRow.day")

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)


class SpecialDayRow(Base):
    """One day of a notice that differs from its weekday, or is named."""

    __tablename__ = "special_day"
    __table_args__ = (sa.UniqueConstraint("notice_id", "day", name="one_line_a_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("day_notice.id"))
    day: Mapped[date]
    works: Mapped[bool]
    name: Mapped[str] = mapped_column(sa.String(30), default="")

    notice: Mapped[DayNotice] = relationship(back_populates="days")
