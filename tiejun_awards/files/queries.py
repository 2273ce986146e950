"""Finding attachments: those of an owner, through the owner's own ``visible_to``; how much somebody has brought today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..accounts.models import Person
from ..rulebook import services as rulebook
from ..rulebook.rules import Rule
from ..shared.access import Actor, Permission, can
from ..shared.clock import here
from ..shared.dates import chinese_day, chinese_time
from ..shared.db import db
from ..shared.errors import Missing
from .models import Attachment, FilePreview
from .rules import OLD_FORMATS, FileKind, FileState, OwnerKind, PreviewState, size_label, suffixes

owners: dict[str, OwnerKind] = {}
"""The kinds of owners, by their word; app.py hands them in."""


@dataclass(frozen=True, slots=True)
class Line:
    """One attachment in a list."""

    id: int
    name: str
    kind: FileKind
    size: str
    when: str
    adder: str
    shut_away: bool
    fixed: bool
    preview: PreviewState


def owner_of(actor: Actor, kind: str, owner_id: int) -> tuple[OwnerKind, Any]:
    """The owner, if the actor may see it. Raises Missing."""
    found = owners.get(kind)
    if found is None:
        raise Missing
    return found, found.find(actor, owner_id)


def may_attach(actor: Actor, kind: OwnerKind, owner: Any) -> bool:
    """Whether the actor may add and remove files here, as far as rights go."""
    return can(actor, Permission.ATTACH_FILE, owner) and kind.may_attach(actor, owner)


_A, _P, _PERSON = Attachment.__table__.c, FilePreview.__table__.c, Person.__table__.c
_LINES = (
    sa.select(
        *(_A.id, _A.name, _A.kind, _A.size, _A.added_at, _A.state, _A.fixed_at, _A.sha256),
        *(_PERSON.name.label("adder"), _P.state.label("preview")),
    )
    .select_from(
        Attachment.__table__.join(Person.__table__, _PERSON.id == _A.added_by).outerjoin(
            FilePreview.__table__, _P.sha256 == _A.sha256
        )
    )
    .where(
        _A.owner_kind == sa.bindparam("kind"),
        _A.owner_id == sa.bindparam("owner"),
        _A.removed_at.is_(None),
        sa.or_(sa.bindparam("all", type_=sa.Boolean) == sa.true(), _A.fixed_at.is_not(None)),
    )
    .order_by(_A.id)
)


def lines_of(kind: str, owner_id: int, *, writer: bool) -> list[Line]:
    """The attachments of an owner as they are now; those not yet submitted only for who may write."""
    rows = db.session.execute(_LINES, {"kind": kind, "owner": owner_id, "all": writer})
    return [
        Line(
            *(row.id, row.name, row.kind, size_label(row.size), _when(row.added_at), row.adder),
            row.state is FileState.QUARANTINED,
            row.fixed_at is not None,
            row.preview or (PreviewState.NONE if row.kind in OLD_FORMATS else PreviewState.WAITING),
        )
        for row in rows
    ]


def _when(moment: datetime) -> str:
    local = here(moment)
    return f"{chinese_day(local.date())} {chinese_time(local)}"


def kept(kind: str, owner_id: int) -> Sequence[Attachment]:
    """What an owner has now, quarantined ones left out."""
    return db.session.scalars(
        sa.select(Attachment)
        .where(
            *(Attachment.owner_kind == kind, Attachment.owner_id == owner_id, Attachment.removed_at.is_(None)),
            Attachment.state == FileState.KEPT,
        )
        .order_by(Attachment.id)
        .options(joinedload(Attachment.adder))
    ).all()


def same_content(kind: str, owner_id: int, sha256: str) -> Attachment | None:
    """The attachment of an owner with this content, removed or not."""
    return db.session.scalar(
        sa.select(Attachment).where(
            Attachment.owner_kind == kind, Attachment.owner_id == owner_id, Attachment.sha256 == sha256
        )
    )


def get_visible(actor: Actor, attachment_id: int) -> tuple[Attachment, OwnerKind, Any]:
    """An attachment with its owner, if the actor may see both. Raises Missing."""
    found = db.session.get(Attachment, attachment_id, options=[joinedload(Attachment.adder)])
    if found is None:
        raise Missing
    kind, owner = owner_of(actor, found.owner_kind, found.owner_id)
    if found.fixed_at is None and not (kind.read_at_once or may_attach(actor, kind, owner)):
        raise Missing
    return found, kind, owner


def readable(actor: Actor, attachment_id: int) -> tuple[Attachment, OwnerKind, Any]:
    """The same, for its bytes: those of a quarantined one are nobody's. Raises Missing."""
    found = get_visible(actor, attachment_id)
    if found[0].state is not FileState.KEPT:
        raise Missing
    return found


def preview_of(sha256: str) -> FilePreview | None:
    """What was drawn of a content."""
    return db.session.get(FilePreview, sha256)


def brought_since(person_id: int, at: datetime) -> int:
    """How many bytes somebody has attached in the last 24 hours."""
    total = db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Attachment.size), 0)).where(
            Attachment.added_by == person_id, Attachment.added_at > at - timedelta(days=1)
        )
    )
    return int(total or 0)


def most_files(kind: OwnerKind, owner: Any) -> int:
    """How many files this owner may have."""
    return rulebook.number(owner.place.organiser_id, kind.most)


def most_bytes(organiser_id: int) -> int:
    """How large one file may be."""
    return rulebook.number(organiser_id, "files.most_megabytes") * 2**20


def in_use(hashes: Iterable[str]) -> set[str]:
    """Those of these contents that some attachment stands on."""
    asked = sorted(set(hashes))
    found: set[str] = set()
    for at in range(0, len(asked), 500):
        chunk = sa.select(Attachment.sha256).where(Attachment.sha256.in_(asked[at : at + 500])).distinct()
        found |= set(db.session.scalars(chunk))
    return found


def all_kept() -> Sequence[str]:
    """Every content some attachment stands on, quarantined ones left out."""
    asked = sa.select(Attachment.sha256).where(Attachment.state == FileState.KEPT).distinct()
    return db.session.scalars(asked.order_by(Attachment.sha256)).all()


@dataclass(frozen=True, slots=True)
class Uploader:
    """What a file field says: how many, how large, which endings."""

    kind: str
    owner_id: int
    most_files: int
    most_bytes: int
    suffixes: str
    rules: Sequence[Rule]

    @property
    def words(self) -> str:
        """The limits in a sentence."""
        return f"最多 {self.most_files} 个，每个不超过 {size_label(self.most_bytes)}；可以是图片（jpg、png）、PDF、docx 和 xlsx。"


def uploader(kind: OwnerKind, owner: Any, *, old_formats: bool = False) -> Uploader:
    """The file field of an owner's page."""
    organiser_id = owner.place.organiser_id
    by = [rulebook.rule(organiser_id, key) for key in (kind.most, "files.most_megabytes", "files.daily_megabytes")]
    most = most_bytes(organiser_id)
    return Uploader(kind.kind, owner.id, most_files(kind, owner), most, ",".join(suffixes(old_formats)), by)
