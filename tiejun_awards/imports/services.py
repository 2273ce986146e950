"""The verbs of an import: upload, say what heads mean, confirm, drop. The work process reads, checks and writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ..accounts import services as accounts
from ..organisers.models import Organiser
from ..shared import clock
from ..shared.access import Actor, Permission, reach
from ..shared.db import db, within, writing
from ..shared.errors import Missing, Refused
from ..shared.jobs import Job, Product, ask_for, job_kind
from ..shared.use_case import hush, tell, use_case
from . import importing
from .lines import BY_KEY, SHEETS, Plan, RawSheet, may_bring
from .models import HeadMapping, ImportRun, ImportState

MOST_BYTES = 10 * 2**20
KEPT = timedelta(days=7)
MOST_SHOWN = 200
MOST_NEW, MOST_NEW_COLUMNS = 20, 6
ENDINGS = (".xlsx", ".csv")


# Finding.


def visible_to(actor: Actor) -> sa.Select[tuple[ImportRun]]:
    """The imports of the organisers in reach, the latest first."""
    got = reach(actor, Permission.IMPORT_DATA)
    return sa.select(ImportRun).where(within(got, organiser=ImportRun.organiser_id)).order_by(ImportRun.id.desc())


def get_visible(actor: Actor, run_id: int) -> ImportRun:
    """One import. Raises Missing."""
    found = db.session.scalar(visible_to(actor).where(ImportRun.id == run_id).options(_WITHOUT_FILE))
    if found is None:
        raise Missing
    return found


_WITHOUT_FILE = sa.orm.defer(ImportRun.content)


def latest(actor: Actor, most: int = 10) -> Sequence[ImportRun]:
    """The latest imports."""
    return db.session.scalars(visible_to(actor).limit(most).options(_WITHOUT_FILE)).all()


def job_of(run: ImportRun) -> Job | None:
    """The work under way, or done last, for an import."""
    return db.session.get(Job, run.job_id) if run.job_id else None


def sources(actor: Actor) -> list[str]:
    """The sources whose heads are known."""
    got = reach(actor, Permission.IMPORT_DATA)
    rows = sa.select(HeadMapping.source).where(within(got, organiser=HeadMapping.organiser_id)).distinct()
    return sorted(db.session.scalars(rows))


def sheets_for(actor: Actor, organiser_id: int) -> list[tuple[str, str]]:
    """(key, title) of the sheets the actor may bring."""
    return [(sheet.key, sheet.title) for sheet in SHEETS if may_bring(actor, organiser_id, sheet)]


# Verbs.


@use_case(Permission.IMPORT_DATA)
def upload(
    actor: Actor,
    organiser: Organiser,
    *,
    file_name: str,
    content: bytes,
    source: str = "",
    only_sheet: str = "",
    key: str = "",
) -> ImportRun:
    """Hand in a file to be checked. Nothing of it is opened here."""
    name = file_name.rpartition("/")[2].rpartition("\\")[2][-120:]
    if not content:
        raise Refused("请选一个有内容的文件。", field="file")
    if len(content) > MOST_BYTES:
        raise Refused(f"文件超过 {MOST_BYTES // 2**20} MB，请分几次导入。", field="file")
    if not name.lower().endswith(ENDINGS):
        raise Refused("只能导入 .xlsx 和 .csv 文件；.xls 和带宏的 .xlsm 请另存为 .xlsx。", field="file")
    if len(source.strip()) > 60:
        raise Refused("来源最多 60 字。", field="source")
    run = ImportRun(
        organiser_id=organiser.id,
        person_id=actor.person_id,
        file_name=name,
        source=source.strip() or "模板",
        only_sheet=only_sheet if only_sheet in BY_KEY else "",
        content=content,
        state=ImportState.CHECKING,
        preview={},
        made_at=actor.at,
    )
    db.session.add(run)
    db.session.flush()
    _have_checked(actor, run)
    tell(db.session(), file=name, size=len(content))
    return run


@use_case(Permission.IMPORT_DATA)
def map_heads(actor: Actor, run: ImportRun, *, meanings: Mapping[tuple[str, str], str], key: str = "") -> ImportRun:
    """Say what unknown heads mean, for this source from now on; the file is checked again."""
    if run.state is not ImportState.CHECKED:
        raise Refused("这份文件现在不能改对应关系，请刷新页面再看。")
    for (sheet, head), meaning in meanings.items():
        if sheet not in BY_KEY or (meaning and meaning not in BY_KEY[sheet].by_key) or not 0 < len(head) <= 60:
            raise Refused("请从列表里选对应的列。")
        of_head = {"organiser_id": run.organiser_id, "source": run.source, "sheet": sheet, "head": head}
        known = db.session.scalar(sa.select(HeadMapping).filter_by(**of_head))
        if known is None:
            db.session.add(HeadMapping(**of_head, meaning=meaning))
        else:
            known.meaning = meaning
    _have_checked(actor, run)
    tell(db.session(), source=run.source, heads=[head for _, head in meanings])
    return run


def _have_checked(actor: Actor, run: ImportRun) -> None:
    run.state = ImportState.CHECKING
    job = ask_for(
        db.session(), actor, "imports.check", f"检查{run.file_name}"[:120], run=run.id, person=actor.person_id
    )
    run.job_id = job.id


@use_case(Permission.IMPORT_DATA)
def confirm(actor: Actor, run: ImportRun, *, key: str = "") -> ImportRun:
    """确认导入 what the preview shows: the work process writes it, whole or not at all."""
    if run.state is not ImportState.CHECKED or not run.preview.get("ready"):
        raise Refused("这份文件还不能导入，请刷新页面看看还差什么。")
    run.state = ImportState.WRITING
    job = ask_for(
        db.session(), actor, "imports.write", f"导入{run.file_name}"[:120], run=run.id, person=actor.person_id
    )
    run.job_id = job.id
    tell(db.session(), file=run.file_name)
    return run


@use_case(Permission.IMPORT_DATA)
def drop(actor: Actor, run: ImportRun, *, key: str = "") -> ImportRun:
    """放弃 an import: its file is deleted."""
    if run.state in (ImportState.DONE, ImportState.DROPPED):
        raise Refused("这次导入已经结束了。")
    job = job_of(run)
    if run.state is ImportState.WRITING and job is not None and job.ended_at is None:
        raise Refused("正在写入，请等它做完。")
    run.state, run.content, run.ended_at = ImportState.DROPPED, None, actor.at
    run.preview = {}
    tell(db.session(), file=run.file_name)
    return run


# What the work process does.


@use_case(Permission.IMPORT_DATA)
def note_checked(actor: Actor, run: ImportRun, *, preview: dict[str, Any]) -> ImportRun:
    """Keep what a check has found."""
    hush(db.session())
    if run.state in (ImportState.CHECKING, ImportState.WRITING):
        run.state, run.preview = ImportState.CHECKED, preview
    return run


@use_case(Permission.IMPORT_DATA)
def import_data(actor: Actor, run: ImportRun, *, book: Sequence[RawSheet], looked_at: str) -> ImportRun:
    """Write a checked file: planned once more under the lock, and only what was looked at."""
    session = db.session()
    session.execute(sa.select(Organiser.id).where(Organiser.id == run.organiser_id).with_for_update()).all()
    if run.state is not ImportState.WRITING:
        raise Refused("这次导入已经结束了。")
    asked, planned = importing.plan(
        session,
        actor,
        run.organiser_id,
        book,
        meanings=meanings_of(run),
        only_sheet=run.only_sheet,
        writing=True,
    )
    if planned.digest != looked_at:
        raise Refused("预览之后，系统里的数据有了变化，请重新核对预览再确认。")
    done = importing.apply(asked, planned)
    run.state, run.content, run.ended_at = ImportState.DONE, None, actor.at
    run.preview = {"done": done}
    tell(session, file=run.file_name, sheets={title: [new, changed] for title, new, changed in done})
    return run


@job_kind("imports.check")
def _check(arguments: dict[str, Any], said: Callable[[int], None]) -> Product:
    actor = accounts.actor_of(arguments["person"], clock.now())
    run = get_visible(actor, arguments["run"])
    preview = _preview(actor, run, said)
    note_checked(actor, get_visible(actor, run.id), preview=preview)
    return Product("检查完了。")


@job_kind("imports.write")
def _write(arguments: dict[str, Any], said: Callable[[int], None]) -> Product:
    actor = accounts.actor_of(arguments["person"], clock.now())
    run = get_visible(actor, arguments["run"])
    looked_at, content = str(run.preview.get("digest", "")), run.content or b""
    said(5)
    try:
        book = importing.read(content, run.file_name)
        said(30)
        import_data(actor, get_visible(actor, arguments["run"]), book=book, looked_at=looked_at)
    except Refused as refused:
        preview = _preview(actor, get_visible(actor, arguments["run"]), said)
        note_checked(
            actor, get_visible(actor, arguments["run"]), preview={**preview, "refused_before": refused.sentence}
        )
        return Product("没有导入，数据没有改变。")
    return Product("已导入。")


def meanings_of(run: ImportRun) -> dict[tuple[str, str], str]:
    """What the heads of the run's source mean."""
    rows = sa.select(HeadMapping).where(HeadMapping.organiser_id == run.organiser_id, HeadMapping.source == run.source)
    return {(row.sheet, row.head): row.meaning for row in db.session.scalars(rows)}


def _preview(actor: Actor, run: ImportRun, said: Callable[[int], None]) -> dict[str, Any]:
    organiser_id, only_sheet, content, meanings = run.organiser_id, run.only_sheet, run.content or b"", meanings_of(run)
    name = run.file_name
    said(5)
    try:
        book = importing.read(content, name)
    except Refused as refused:
        return {"refused": refused.sentence, "ready": False}
    said(50)
    _, planned = importing.plan(db.session(), actor, organiser_id, book, meanings=meanings, only_sheet=only_sheet)
    said(90)
    return as_preview(planned)


def as_preview(planned: Plan) -> dict[str, Any]:
    """A plan as the page shows it, and as it is kept: at most so many lines of each."""
    return {
        "ready": bool(planned.changes) and not planned.faults and not planned.unknown,
        "digest": planned.digest,
        "faults": [[fault.sheet, fault.cell, fault.what, fault.do] for fault in planned.faults[:MOST_SHOWN]],
        "fault_count": len(planned.faults),
        "unknown": [[each.sheet, each.head, list(each.samples)] for each in planned.unknown],
        "sheets": [
            {
                "title": part.sheet.title,
                "new": len(part.new),
                "changed": len(part.changed),
                "unchanged": part.unchanged,
                "heads": [column.head for column in part.sheet.columns[:MOST_NEW_COLUMNS]],
                "added": [_added(part.sheet, change) for change in part.new[:MOST_NEW]],
                "changes": [_shown(part.sheet, change) for change in part.changed[:MOST_SHOWN]],
            }
            for part in planned.parts
        ],
    }


def _added(sheet: Any, change: Any) -> list[Any]:
    """A new line: where it stands, and its first columns, which say what it is."""
    values = change.row.values
    return [change.row.number, [column.shown(values[column.key]) for column in sheet.columns[:MOST_NEW_COLUMNS]]]


def _shown(sheet: Any, change: Any) -> list[Any]:
    first = sheet.columns[0]
    name = sheet.by_key.get("name", first)
    label = change.row.values[name.key] or change.row.values[first.key]
    lines = [
        [sheet.by_key[key].head, sheet.by_key[key].shown(old), sheet.by_key[key].shown(new)]
        for key, (old, new) in change.changed.items()
    ]
    return [change.row.number, label, lines]


def forget_old(now: datetime) -> None:
    """Drop imports nobody confirmed within a week: their files go."""
    with writing() as session:
        session.execute(
            sa.update(ImportRun)
            .where(ImportRun.made_at < now - KEPT, ImportRun.ended_at.is_(None))
            .values(state=ImportState.DROPPED, content=None, ended_at=now, preview={})
        )
