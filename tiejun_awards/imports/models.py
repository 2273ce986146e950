"""Imports, and how the heads of a source's tables are read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ..shared.access import Place
from ..shared.db import Base, choice
from ..shared.labels import Labelled


class ImportState(Labelled):
    """How far an import is."""

    CHECKING = "checking", "正在检查"
    CHECKED = "checked", "等您确认"
    WRITING = "writing", "正在写入"
    DONE = "done", "已导入"
    DROPPED = "dropped", "已放弃"


class ImportRun(Base):
    """One file on its way in: checked, looked at, then written whole or not at all. The file goes when it is over."""

    __tablename__ = "import_run"
    __table_args__ = (
        sa.CheckConstraint("(state IN ('done', 'dropped')) = (ended_at IS NOT NULL)", name="ended_imports_are_dated"),
        sa.CheckConstraint("(state IN ('done', 'dropped')) = (content IS NULL)", name="ended_imports_keep_no_file"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    file_name: Mapped[str] = mapped_column(sa.String(120))
    source: Mapped[str] = mapped_column(sa.String(60))  # where such files come from: mappings are kept by it
    only_sheet: Mapped[str] = mapped_column(sa.String(20), default="")  # what a file of one unknown sheet is
    content: Mapped[bytes | None]
    state: Mapped[ImportState] = mapped_column(choice(ImportState, "import_states"))
    preview: Mapped[dict[str, Any]]
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("job.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def place(self) -> Place:
        """Where it lies: with the organiser whose data it brings."""
        return Place(self.organiser_id)


class HeadMapping(Base):
    """How a head of a source's table is read; an empty column means that it is left out."""

    __tablename__ = "head_mapping"
    __table_args__ = (sa.UniqueConstraint("organiser_id", "source", "sheet", "head", name="one_meaning_a_head"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    source: Mapped[str] = mapped_column(sa.String(60))
    sheet: Mapped[str] = mapped_column(sa.String(20))
    head: Mapped[str] = mapped_column(sa.String(60))
    meaning: Mapped[str] = mapped_column(sa.String(20))
