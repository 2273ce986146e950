"""“全部附件”: every file of an owner in one zip, with a listing. And what the files hold of somebody."""

from __future__ import annotations

import tempfile
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import sqlalchemy as sa

from ..accounts.exports import shown
from ..accounts.rules import DataSheet
from ..shared.access import Actor
from ..shared.clock import here
from ..shared.db import db
from . import queries, services, store
from .models import Attachment
from .rules import OwnerKind, unique_names

LISTING = "附件清单.txt"


def all_of(actor: Actor, kind: OwnerKind, owner: Any) -> IO[bytes]:
    """The zip, in a file of its own. Raises Refused when one of the files is damaged."""
    writes = kind.read_at_once or queries.may_attach(actor, kind, owner)
    found = [each for each in queries.kept(kind.kind, owner.id) if writes or each.fixed_at is not None]
    names = unique_names([LISTING, *(each.name for each in found)])[1:]
    out: IO[bytes] = tempfile.TemporaryFile(dir=store.incoming())  # noqa: SIM115 (handed on open)
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for each, name in zip(found, names, strict=True):
            member = ZipInfo(name, here(each.added_at).timetuple()[:6])
            with services.opened(actor, each) as source, archive.open(member, "w") as target:
                while block := source.read(store.BLOCK):
                    target.write(block)
        rows = [
            f"{name}\t{each.size} 字节\t{here(each.added_at):%Y-%m-%d %H:%M}\t{each.adder.name}\tSHA-256 {each.sha256}"
            for each, name in zip(found, names, strict=True)
        ]
        archive.writestr(LISTING, "\ufeff" + "\r\n".join([kind.describe(owner).title, *rows, ""]))
    out.seek(0)
    return out


def my_data(actor: Actor) -> DataSheet:
    """The attachments he added, by name and digest; the files themselves stay with what they belong to."""
    found = db.session.scalars(
        sa.select(Attachment).where(Attachment.added_by == actor.person_id).order_by(Attachment.added_at)
    )
    rows = [(one.name, one.size, shown(one.added_at), shown(one.removed_at), one.sha256) for one in found]
    return DataSheet("附件", ("文件名", "字节", "上传", "删除", "SHA-256"), rows)
