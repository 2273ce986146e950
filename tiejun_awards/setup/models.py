"""What kind of installation this is."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ..shared.db import Base


class Installation(Base):
    """The one row that says how the database was begun. Demo data cannot be turned into real data."""

    __tablename__ = "installation"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_installation"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    demo: Mapped[bool]
    seeded_at: Mapped[datetime]
