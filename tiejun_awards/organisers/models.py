"""The bodies that run ratings, reports and selections (主办党组织)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ..shared.access import Place
from ..shared.db import Base, choice
from ..shared.labels import Labelled


class Level(Labelled):
    """At which level an organiser stands; what it may run depends on it."""

    DEPARTMENT = "department", "厅级"
    CITY = "city", "设区市级"


class Organiser(Base):
    """One body that runs things of its own. Organisers see nothing of each other but what is sent up."""

    __tablename__ = "organiser"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    level: Mapped[Level] = mapped_column(choice(Level, "organiser_levels"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organiser.id"))
    filing_number: Mapped[str] = mapped_column(sa.String(40), default="")
    contact: Mapped[str] = mapped_column(sa.String(60), default="")

    @property
    def place(self) -> Place:
        """Where it lies: in itself."""
        return Place(self.id)
