"""Standards as they were adopted: a version never changes; a cycle keeps the one it was announced with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ..shared.access import Place
from ..shared.db import Base, immutable


class Standard(Base):
    """One version of an organiser's standard, whole."""

    __tablename__ = "standard"
    __table_args__ = (
        sa.UniqueConstraint("organiser_id", "version", name="standards_are_numbered"),
        sa.CheckConstraint("version >= 1", name="versions_start_at_one"),
        sa.CheckConstraint("length(digest) = 64", name="standards_have_a_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(80))
    suggested: Mapped[bool]  # 建议稿: the product's proposal
    digest: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)


_STANDARDS = immutable(Standard.__table__)  # type: ignore[arg-type]
