"""Attachments, each of one owner; what was drawn of each content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..shared.db import Base, choice
from .rules import FileKind, FileState, PreviewState


class Attachment(Base):
    """A file at its owner. Its bytes lie in the store under their SHA-256; ``fixed_at``: part of a submission since then."""

    __tablename__ = "attachment"
    __table_args__ = (
        sa.UniqueConstraint("owner_kind", "owner_id", "sha256", name="same_file_once_an_owner"),
        sa.CheckConstraint("size > 0", name="no_file_is_empty"),
        sa.CheckConstraint("length(sha256) = 64", name="contents_have_a_sha256"),
        sa.CheckConstraint("removed_at IS NULL OR fixed_at IS NOT NULL", name="only_fixed_ones_are_kept"),
        sa.CheckConstraint("state = 'kept' OR fixed_at IS NULL", name="infected_ones_are_not_fixed"),
        sa.Index("attachment_sha256_ix", "sha256"),
        sa.Index("attachment_quota_ix", "added_by", "added_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_kind: Mapped[str] = mapped_column(sa.String(20))
    owner_id: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(150))
    kind: Mapped[FileKind] = mapped_column(choice(FileKind, "file_kinds"))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[FileState] = mapped_column(choice(FileState, "file_states"), default=FileState.KEPT)
    added_at: Mapped[datetime]
    added_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    fixed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    adder: Mapped[Person] = relationship()


class FilePreview(Base):
    """What a reader sees of a content without opening it: drawn pages in the store, or lines of text."""

    __tablename__ = "file_preview"
    __table_args__ = (
        sa.CheckConstraint("pages BETWEEN 0 AND total", name="drawn_pages_are_of_the_total"),
        sa.CheckConstraint("pages = 0 OR state = 'made'", name="pages_are_of_made_ones"),
    )

    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    state: Mapped[PreviewState] = mapped_column(choice(PreviewState, "preview_states"))
    pages: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    media: Mapped[str] = mapped_column(sa.String(20), default="")
    cut: Mapped[bool] = mapped_column(default=False)
    outline: Mapped[list[Any]]  # [“h”, “p” or “r”, words]
