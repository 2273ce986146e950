"""The verbs of attachments: attach, remove, fix at a submission; taking in what was uploaded; sweeping."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from ..rulebook import services as rulebook
from ..shared import audit
from ..shared.access import Actor, Permission
from ..shared.db import db, insert_if_absent, note, one_at_a_time, writing
from ..shared.errors import NotAllowed, Refused
from ..shared.jobs import ask_for
from ..shared.use_case import hush, tell, use_case
from . import queries, sandbox, scanning, store
from .models import Attachment, FilePreview
from .rules import MEGABYTE, OLD_FORMATS, FileKind, FileState, OwnerKind, PreviewState, clean_name, kind_of

_FILES_LOCK = 7_104
"""Naming a file and removing an orphan never happen at the same moment."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A checked file, on the disk of the store, waiting for its row."""

    name: str
    kind: FileKind
    size: int
    sha256: str
    waiting: str  # its key in the store
    virus: str = ""


@contextmanager
def taken_in(source: BinaryIO, raw_name: str, *, most: int, old_formats: bool, clamd: str) -> Iterator[Upload]:
    """Check what was uploaded and bring it to the store. Raises Refused; whatever happens, nothing half stays.

    ``most``: bytes. The child process looks into it; this one only copies, a block at a time.
    """
    name = clean_name(raw_name)
    kind = kind_of(name, old_formats=old_formats)
    with store.workplace() as folder:
        file = folder / "upload"
        _copy(source, file, most)
        answer = sandbox.run("check", file, kind, folder)
        with file.open("rb") as opened:
            virus = scanning.scan(opened, clamd) if clamd else ""
        if answer["cleaned"] and not virus:
            file = folder / "cleaned"
        with file.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
            waiting = store.store().bring(opened)
        try:
            yield Upload(name, kind, file.stat().st_size, sha256, waiting, virus)
        finally:
            store.store().drop(waiting)


def _copy(source: BinaryIO, target: Path, most: int) -> None:
    size = 0
    with target.open("wb") as written:
        while block := source.read(store.BLOCK):
            size += len(block)
            if size > most:
                raise Refused(f"文件超过 {most // MEGABYTE} MB。请压缩图片，或拆成几份再传。", field="file")
            written.write(block)
    if not size:
        raise Refused("这是一个空文件。", field="file")


@use_case(Permission.ATTACH_FILE)
def attach(actor: Actor, owner: Any, kind: OwnerKind, upload: Upload, *, key: str = "") -> Attachment:
    """Add a checked file to its owner. The same content once more is the one that is there; infected ones are shut away."""
    refuse_closed(actor, kind, owner)
    found = queries.same_content(kind.kind, owner.id, upload.sha256)
    if found is not None and found.removed_at is None:
        hush(db.session())
        return found
    _refuse_too_much(actor, kind, owner, upload)
    session = db.session()
    state = FileState.QUARANTINED if upload.virus else FileState.KEPT
    one_at_a_time(session, _FILES_LOCK)
    place = f"quarantine/{upload.sha256}" if upload.virus else store.content_key(upload.sha256)
    store.store().put(upload.waiting, place)
    if found is not None:  # part of an earlier submission, removed since
        found.removed_at = None
        attachment = found
    else:
        attachment = Attachment(
            owner_kind=kind.kind,
            owner_id=owner.id,
            name=upload.name,
            kind=upload.kind,
            size=upload.size,
            sha256=upload.sha256,
            state=state,
            added_at=actor.at,
            added_by=actor.person_id,
        )
        session.add(attachment)
    tell(session, owner=f"{kind.kind} {owner.id}", name=upload.name, sha256=upload.sha256, virus=upload.virus)
    if not upload.virus:
        _ask_for_preview(session, actor, upload)
    return attachment


def refuse_closed(actor: Actor, kind: OwnerKind, owner: Any) -> None:
    """Raises NotAllowed or Refused where the actor may not add or remove files now."""
    if not kind.may_attach(actor, owner):
        raise NotAllowed("您现在的身份不能在这里增减附件。")
    closed = kind.why_closed(owner)
    if closed:
        raise Refused(closed)


def _refuse_too_much(actor: Actor, kind: OwnerKind, owner: Any, upload: Upload) -> None:
    most = queries.most_files(kind, owner)
    if len(queries.kept(kind.kind, owner.id)) >= most:
        raise Refused(f"这里最多 {most} 个附件。要换的话，请先移除一个。", field="file")
    quota = rulebook.number(owner.place.organiser_id, "files.daily_megabytes")
    if queries.brought_since(actor.person_id, actor.at) + upload.size > quota * MEGABYTE:
        raise Refused(f"您一天最多传 {quota} MB，今天已经传满。请明天再传，或压缩后再传。", field="file")


def _ask_for_preview(session: Session, actor: Actor, upload: Upload) -> None:
    state = PreviewState.NONE if upload.kind in OLD_FORMATS else PreviewState.WAITING
    is_new = insert_if_absent(session, FilePreview, sha256=upload.sha256, state=state, outline=[], **_NOTHING_DRAWN)
    if is_new and state is PreviewState.WAITING:
        ask_for(session, actor, "files.preview", "生成附件预览", sha256=upload.sha256, file_kind=upload.kind.value)


_NOTHING_DRAWN: dict[str, Any] = {"pages": 0, "total": 0, "media": "", "cut": False}


@use_case(Permission.ATTACH_FILE)
def remove(actor: Actor, owner: Any, kind: OwnerKind, attachment_id: int, *, key: str = "") -> None:
    """Take a file from its owner; what was part of a submission stays readable there."""
    refuse_closed(actor, kind, owner)
    found = db.session.get(Attachment, attachment_id)
    if found is None or (found.owner_kind, found.owner_id) != (kind.kind, owner.id) or found.removed_at is not None:
        hush(db.session())
        return
    tell(db.session(), owner=f"{kind.kind} {owner.id}", name=found.name, sha256=found.sha256)
    if found.fixed_at is None:
        db.session.delete(found)  # its bytes go with the next sweep, unless something else stands on them
    else:
        found.removed_at = actor.at


def fix(kind: str, owner_id: int, at: datetime) -> list[dict[str, Any]]:
    """Within the owner's own verb: what it has now belongs to its submission. What the submission writes down of each."""
    attachments = queries.kept(kind, owner_id)
    for attachment in attachments:
        attachment.fixed_at = attachment.fixed_at or at
    return [{"id": each.id, "name": each.name, "size": each.size, "sha256": each.sha256} for each in attachments]


# Reading.


def opened(actor: Actor, attachment: Attachment) -> Any:
    """The bytes of an attachment, their hash just verified. Raises Refused, and notes it, when they are not what came in."""
    try:
        return store.store().checked(attachment.sha256)
    except store.Damaged as error:
        detail = {"name": attachment.name, "sha256": attachment.sha256}
        subject = attachment.id

        def tell_of_it(session: Session) -> None:
            found = session.get(Attachment, subject)
            audit.record(
                session, actor, "files.damaged", at=actor.at, subject=found, detail=detail, outcome=audit.Outcome.DENIED
            )

        note(tell_of_it)
        raise Refused(
            "文件校验失败：存着的内容和传上来时不一样，没有发出。这件事已记入审计日志，请联系系统管理员。"
        ) from error


def stripped_copy(actor: Actor, attachment: Attachment) -> bytes:
    """A copy that does not tell who made it: for objections. Raises Refused."""
    with store.workplace() as folder:
        file = folder / "original"
        with opened(actor, attachment) as source, file.open("wb") as target:
            while block := source.read(store.BLOCK):
                target.write(block)
        sandbox.run("strip", file, attachment.kind, folder)
        return (folder / "stripped").read_bytes()


# Housekeeping.


def sweep(now: datetime) -> int:
    """Remove what no row stands on and what broken uploads left, older than an hour; the number removed."""
    place, removed = store.store(), 0
    for path in store.incoming().glob("*"):
        if path.stat().st_mtime < (now - store.ORPHAN_AFTER).timestamp():
            _remove_local(path)
            removed += 1
    for key, _ in list(place.old("incoming", now)):
        place.drop(key)
        removed += 1
    suspects = {name: key for key, name in place.old("content", now)}
    orphans = suspects.keys() - queries.in_use(suspects)
    db.session.rollback()
    for sha256 in sorted(orphans):
        with writing() as session:  # nobody names a file meanwhile
            one_at_a_time(session, _FILES_LOCK)
            if sha256 in queries.in_use([sha256]) or suspects[sha256] not in dict(
                place.old(f"content/{sha256[:2]}", now)
            ):
                continue
            place.drop(suspects[sha256])
            place.drop(store.preview_key(sha256))
            preview = session.get(FilePreview, sha256)
            if preview is not None:
                session.delete(preview)
            removed += 1
    return removed


def _remove_local(path: Path) -> None:
    if path.is_dir():
        for inner in path.iterdir():
            inner.unlink(missing_ok=True)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def damaged() -> tuple[int, list[str]]:
    """Read every stored content: (how many, the hashes of those that are not what they should be)."""
    hashes = queries.all_kept()
    bad = []
    for sha256 in hashes:
        try:
            store.store().checked(sha256).close()
        except store.Damaged:
            bad.append(sha256)
    return len(hashes), bad
