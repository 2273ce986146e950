"""What people signed in write to the organiser: 意见建议."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..shared.access import Place
from ..shared.db import Base, immutable


class Feedback(Base):
    """One opinion or suggestion about the system itself. Never changed."""

    __tablename__ = "feedback"
    __table_args__ = (sa.CheckConstraint("text <> ''", name="feedback_says_something"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"), index=True)
    text: Mapped[str] = mapped_column(sa.String(1_000))
    written_at: Mapped[datetime]
    written_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))  # None: the writer left the name out

    writer: Mapped[Person | None] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)


_FEEDBACK = immutable(Feedback.__table__)  # type: ignore[arg-type]
