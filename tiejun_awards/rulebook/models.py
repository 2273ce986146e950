"""The office's own working days (notices of 放假 and 调休, and the days they name) and its changes of rules."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..organisers.models import Organiser
from ..shared.access import Place
from ..shared.db import Base, immutable


class DayNotice(Base):
    """A notice of days off, of a whole year or of some days, entered by the top organiser's office.

    Which of them hold is derived (arrangements.in_force); a withdrawn one holds no longer.
    """

    __tablename__ = "day_notice"
    __table_args__ = (
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name="notices_are_of_our_time"),
        sa.CheckConstraint("number <> ''", name="notices_have_a_number"),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_because = '')",
            name="withdrawals_have_a_reason",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    year: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(60))  # 文号
    whole_year: Mapped[bool]
    digest: Mapped[str] = mapped_column(sa.String(64))  # of the year and its days: tables are kept by it
    entered_at: Mapped[datetime]
    entered_by: Mapped[int]
    entered_name: Mapped[str] = mapped_column(sa.String(80))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None]
    withdrawn_because: Mapped[str] = mapped_column(sa.String(300), default="")

    organiser: Mapped[Organiser] = relationship()
    days: Mapped[list[SpecialDayRow]] = relationship(back_populates="notice", order_by="SpecialDayRow.day")

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)

    @property
    def kind(self) -> str:
        """What it arranges."""
        return "全年安排" if self.whole_year else "补充安排"


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


class RuleValue(Base):
    """One change of a rule by an organiser, or the confirmation of a suggested value. An empty value takes its own back."""

    __tablename__ = "rule_value"
    __table_args__ = (
        sa.CheckConstraint("key <> '' AND reason <> ''", name="rule_changes_say_why"),
        sa.CheckConstraint("value = '' OR source <> ''", name="rule_values_have_a_source"),
        sa.Index("rule_value_organiser_ix", "organiser_id", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    key: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[str] = mapped_column(sa.String(20))  # “8”, “2/3”
    source: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.String(300))
    since_on: Mapped[date]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int]
    entered_name: Mapped[str] = mapped_column(sa.String(80))

    organiser: Mapped[Organiser] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)


immutable(RuleValue.__table__)  # type: ignore[arg-type]
