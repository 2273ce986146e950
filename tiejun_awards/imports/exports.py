"""The workbook of the opening data: empty with an example, or with what there is; the same sheets either way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..accounts import services as accounts
from ..documents.books import BookSheet, book
from ..organisers.models import Organiser
from ..shared import clock
from ..shared.access import Actor, Permission
from ..shared.db import db
from ..shared.importing import Sheet
from ..shared.jobs import Job, Product, ask_for, job_kind
from ..shared.use_case import tell, use_case
from .lines import NOTES_TITLE, SHEETS, may_bring

_GENERAL = (
    "第一行是表头，红字的列必须填。灰色斜体的示例行不会导入，可以留着，也可以删去。",
    "系统按代码或账号认行：已有的改成表里写的，没有的新建；表里没有写到的不动，不会删除。",
    "日期写 2020-03-01、2020/3/1、2020年3月1日都可以；不要合并单元格，不要写公式，不要隐藏行列。",
    "先检查，再预览，确认后才写入；有一处不对，整份都不写入。用不到的工作表空着或者删去。",
)


def template(actor: Actor, organiser_id: int) -> tuple[str, bytes]:
    """(file name, content) of the empty workbook with an example in each sheet."""
    brought = [sheet for sheet in SHEETS if may_bring(actor, organiser_id, sheet)]
    return "基础数据导入模板.xlsx", book([_notes(brought), *(_sheet(sheet, [sheet.example], 1) for sheet in brought)])


def _notes(sheets: list[Sheet]) -> BookSheet:
    rows: list[list[str]] = [["填写办法", "", "", line] for line in _GENERAL]
    for sheet in sheets:
        if sheet.note:
            rows.append([sheet.title, "", "", sheet.note])
        for column in sheet.columns:
            said = "；".join(part for part in (column.note, "、".join(column.options)) if part)
            must = "必填" if column.required else "可不填"
            rows.append([sheet.title, column.head, f"{must}，{column.kind.label}", said])
    return BookSheet(NOTES_TITLE, ("工作表", "列", "填法", "说明"), rows)


def _sheet(sheet: Sheet, rows: Any, pale: int = 0) -> BookSheet:
    return BookSheet(
        sheet.title,
        [column.head for column in sheet.columns],
        rows,
        {place: column.options for place, column in enumerate(sheet.columns) if column.options},
        frozenset(place for place, column in enumerate(sheet.columns) if column.required),
        pale,
    )


def data_file(actor: Actor, organiser_id: int, said: Callable[[int], None] = lambda percent: None) -> tuple[str, bytes]:
    """(file name, content) of the workbook with what there is: imported again it changes nothing."""
    sheets = []
    brought = [sheet for sheet in SHEETS if may_bring(actor, organiser_id, sheet)]
    for number, sheet in enumerate(brought):
        existing = sheet.existing(db.session(), organiser_id)
        sheets.append(_sheet(sheet, [_line(sheet, found.values) for found in existing.values()]))
        said(80 * (number + 1) // len(brought))
    return f"基础数据{clock.day_of(actor.at):%Y%m%d}.xlsx", book([_notes(brought), *sheets])


def _line(sheet: Sheet, values: Any) -> list[Any]:
    cells = []
    for column in sheet.columns:
        value = values[column.key]
        cells.append(column.shown(value) if isinstance(value, bool) else value)
    return cells


@use_case(Permission.IMPORT_DATA)
def ask_for_data(actor: Actor, organiser: Organiser, *, key: str = "") -> Job:
    """Have the workbook made by the work process."""
    job = ask_for(db.session(), actor, "imports.export", "导出基础数据", person=actor.person_id, organiser=organiser.id)
    tell(db.session(), organiser=organiser.code)
    return job


@job_kind("imports.export")
def _make(arguments: dict[str, Any], said: Callable[[int], None]) -> Product:
    actor = accounts.actor_of(arguments["person"], clock.now())
    name, content = data_file(actor, arguments["organiser"], said)
    return Product("文件已做好。改好后可以原样导入。", name, content)
