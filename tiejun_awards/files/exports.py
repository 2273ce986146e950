"""“全部附件”: every file of an owner in one zip, with a listing."""

from __future__ import annotations

import tempfile
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from ..shared.access import Actor
from ..shared.clock import here
from . import queries, services, store
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
