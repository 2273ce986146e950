"""Reading tables, saying what they would change, changing it: ``read``, ``plan``, ``apply``.

No upload, page or job is needed: the first-run wizard takes the same way. All or nothing: a plan with a fault is not applied.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from ..files import sandbox
from ..files.rules import FileKind
from ..shared import audit
from ..shared.access import Actor
from ..shared.errors import Refused
from ..shared.importing import Asked
from .lines import BY_KEY, SHEETS, Found, Meanings, Plan, RawSheet, cell, compare, is_allowed, match, rows

READ_SECONDS = 60


NO_WORKBOOK = "这个文件打不开：名字是 .xlsx，里面不是 Excel 表格。请用表格软件另存为 .xlsx 再传；本来就是 .csv 的，请把名字改回 .csv。"


def read(file: bytes, name: str = "") -> list[RawSheet]:
    """The sheets of a file, read by a process that may die of it. Raises Refused.

    Plain text is read as .csv, unless its name says that it is a workbook.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "table"
        place.write_bytes(file)
        answer = sandbox.run("tables", place, FileKind.XLSX, Path(folder), seconds=READ_SECONDS)
    if name.lower().endswith(".xlsx") and any(not sheet["name"] for sheet in answer["sheets"]):
        raise Refused(NO_WORKBOOK)
    return [
        RawSheet(sheet["name"], [(number, cells) for number, cells in sheet["rows"]], sheet["faults"])
        for sheet in answer["sheets"]
    ]


def plan(
    session: Session,
    actor: Actor,
    organiser_id: int,
    book: Sequence[RawSheet],
    *,
    meanings: Meanings | None = None,
    only_sheet: str = "",
    writing: bool = False,
) -> tuple[Asked, Plan]:
    """What a file would change, compared with what is there now; nothing is written."""
    asked, found = Asked(session, actor, organiser_id, writing), Plan()
    matched = match(book, only_sheet, found)
    needed = {raw_sheet.key for raw_sheet in matched} | {key for sheet in matched for key in sheet.needs}
    for sheet in SHEETS:
        if sheet.key in needed:
            asked.existing[sheet.key] = sheet.existing(session, organiser_id)
    read_in = {
        sheet.key: rows(sheet, raw, meanings or {}, asked, found)
        for sheet, raw in sorted(matched.items(), key=lambda item: SHEETS.index(item[0]))
        if is_allowed(actor, organiser_id, sheet, found)
    }
    for key, (lines, places) in read_in.items():
        sheet = BY_KEY[key]
        part = compare(sheet, lines, places, asked, found)
        found.parts.append(part)
        for fault in sheet.check(asked, [*part.new, *part.changed]):
            found.faults.append(Found(sheet.title, cell(places, fault.column, fault.row), fault.what, fault.do))
    return asked, found


def apply(asked: Asked, planned: Plan, *, said: Callable[[str], None] | None = None) -> list[tuple[str, int, int]]:
    """Write what was planned, within the verb under way: (title, new, changed) of each sheet.

    One audit line for each row. Raises Refused for a plan that cannot be applied.
    """
    if planned.faults or planned.unknown:
        raise Refused("文件里还有没改好的地方，没有导入。")
    done = []
    for part in planned.parts:
        changes = [*part.new, *part.changed]
        written = part.sheet.write(asked, changes) if changes else []
        asked.session.flush()
        for change, row in zip(changes, written, strict=True):
            detail = {"new": True} if change.existing is None else {"changed": sorted(change.changed)}
            audit.record(
                asked.session,
                asked.actor,
                f"imports.import_{part.sheet.key}",
                at=asked.actor.at,
                subject=row,
                organiser_id=asked.organiser_id,
                detail=detail,
            )
        done.append((part.sheet.title, len(part.new), len(part.changed)))
        if said is not None:
            said(part.sheet.title)
    return done
