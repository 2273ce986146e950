"""The lines of a file as ours: which sheet is which, which head means what, which row is new, changed, or the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..accounts.post_sheets import POSTS
from ..accounts.sheets import PEOPLE
from ..honours.sheets import HONOURS
from ..organisation.sheets import PARTIES, SERVED, UNITS
from ..shared.access import Actor, Permission, Place, can
from ..shared.digests import digest
from ..shared.importing import Asked, Change, Column, Existing, Row, Sheet
from ..stars.sheets import STARS

SHEETS: tuple[Sheet, ...] = (UNITS, PARTIES, SERVED, PEOPLE, POSTS, STARS, HONOURS)
"""The sheets the features hand in, each after those its rows refer to."""

BY_KEY = {sheet.key: sheet for sheet in SHEETS}
NOTES_TITLE = "填写说明"
EXAMPLE = "示例"

Meanings = Mapping[tuple[str, str], str]
"""(sheet, head) -> the column it means, or "" where it is left out."""


@dataclass(frozen=True, slots=True)
class RawSheet:
    """A sheet as it was read: every cell a text. ``faults``: [cell, what, what to do]."""

    name: str
    rows: Sequence[tuple[int, Sequence[str]]]
    faults: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Something wrong, where a reader looks for it."""

    sheet: str
    cell: str
    what: str
    do: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A head nobody knows yet, with the first texts below it."""

    sheet: str
    head: str
    samples: Sequence[str]


@dataclass(slots=True)
class Part:
    """What one sheet would change."""

    sheet: Sheet
    new: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0


@dataclass(slots=True)
class Plan:
    """What a file would change. It can be applied when nothing is wrong, every head is known and something changes."""

    parts: list[Part] = field(default_factory=list)
    faults: list[Found] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many rows would be new or changed."""
        return sum(len(part.new) + len(part.changed) for part in self.parts)

    @property
    def digest(self) -> str:
        """Over all that would be written: what was looked at is what is written."""
        lines = [
            [part.sheet.key, change.existing.id if change.existing else None, _plain(change.row.values)]
            for part in self.parts
            for change in (*part.new, *part.changed)
        ]
        return digest(lines)


def _plain(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in sorted(values.items())}


def may_bring(actor: Actor, organiser_id: int, sheet: Sheet) -> bool:
    """Whether the actor may import and export a sheet of an organiser."""
    return can(actor, sheet.permission, _At(organiser_id)) and can(actor, Permission.IMPORT_DATA, _At(organiser_id))


@dataclass(frozen=True, slots=True)
class _At:
    organiser_id: int

    @property
    def place(self) -> Place:
        return Place(self.organiser_id)


def match(book: Sequence[RawSheet], only_sheet: str, found: Plan) -> dict[Sheet, RawSheet]:
    """Which sheet of the file is which of ours: by its title, or what its bringer says the only one is."""
    filled = [raw for raw in book if raw.rows and raw.name.strip() != NOTES_TITLE]
    matched: dict[Sheet, RawSheet] = {}
    for raw in filled:
        sheet = next((sheet for sheet in SHEETS if sheet.title == raw.name.strip()), None)
        if sheet is None and len(filled) == 1:
            sheet = BY_KEY.get(only_sheet) or _by_heads(raw)
        if sheet is None:
            titles = "、".join(sheet.title for sheet in SHEETS)
            do = f"请改成模板里的表名（{titles}），或者上传时选明这是哪张表；不用的请删去。"
            what = f"不认识的工作表“{raw.name}”。" if raw.name else "看不出这张表是哪一张。"
            if not raw.name:  # a csv has no name of a sheet, so there is none to change
                do = "请再上传一次，在“文件里是什么”里选明是哪张表；或者把表头改得和模板一样。"
            found.faults.append(Found(raw.name or "（表）", "A1", what, do))
        elif sheet in matched:
            found.faults.append(Found(raw.name, "A1", "同名的工作表有两张。", "请合并成一张。"))
        else:
            matched[sheet] = raw
            found.faults += [Found(sheet.title, *map(str, fault)) for fault in raw.faults]
    if not filled:
        found.faults.append(Found("（文件）", "A1", "文件里没有内容。", "请在模板里填好再传。"))
    return matched


def _by_heads(raw: RawSheet) -> Sheet | None:
    """The one sheet whose required heads all stand in the first line."""
    heads = {_head(text) for text in raw.rows[0][1]}
    fitting = [
        sheet
        for sheet in SHEETS
        if all(heads & {column.head, *column.also} for column in sheet.columns if column.required)
    ]
    best = max((sum(1 for column in sheet.columns if column.head in heads) for sheet in fitting), default=0)
    fitting = [sheet for sheet in fitting if sum(1 for column in sheet.columns if column.head in heads) == best]
    return fitting[0] if len(fitting) == 1 else None


def _head(text: str) -> str:
    return re.sub(r"[*＊]|（必填）|\s", "", text)


def is_allowed(actor: Actor, organiser_id: int, sheet: Sheet, found: Plan) -> bool:
    """Whether the actor may bring the sheet; otherwise that is said."""
    if may_bring(actor, organiser_id, sheet):
        return True
    do = "请删去这张表，由机关党委经办导入。"
    found.faults.append(Found(sheet.title, "A1", f"您现在的身份不能导入“{sheet.title}”。", do))
    return False


def rows(
    sheet: Sheet, raw: RawSheet, meanings: Meanings, asked: Asked, found: Plan
) -> tuple[list[Row], dict[str, int]]:
    """(the lines read, column -> where it stands). Lines whose cells cannot be read are named and left out."""
    head_row, heads = raw.rows[0]
    places = _places(sheet, raw, head_row, heads, meanings, found)
    if not places:
        return [], {}
    rows = []
    coming = asked.coming.setdefault(sheet.key, {})
    for number, cells in raw.rows[1:]:
        texts = {key: cells[place] if place < len(cells) else "" for key, place in places.items()}
        if (cells and cells[0].startswith(EXAMPLE)) or not any(texts.values()):
            continue
        row = _row(sheet, number, texts, places, found)
        if row is None:
            continue
        identity = sheet.identify(row.values)
        if identity in coming:
            first = next(column.key for column in sheet.columns if column.required)
            what = f"和第 {coming[identity].number} 行重复。"
            found.faults.append(Found(sheet.title, cell(places, first, number), what, "请只留一行。"))
            continue
        coming[identity] = row
        rows.append(row)
    return rows, places


def _places(
    sheet: Sheet, raw: RawSheet, head_row: int, heads: Sequence[str], meanings: Meanings, found: Plan
) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, text in enumerate(heads):
        head = _head(text)[:60]
        if not head:
            continue
        key = meanings.get((sheet.key, head))
        if key is None:
            named = next((column for column in sheet.columns if head in (column.head, *column.also)), None)
            key = named.key if named else None
        if key is None:
            samples = [cells[place] for _, cells in raw.rows[1:] if place < len(cells) and cells[place]][:3]
            found.unknown.append(Unknown(sheet.key, head, samples))
        elif key and key in places:
            what = f"“{head}”和另一列说的是同一项。"
            found.faults.append(Found(sheet.title, f"{_letters(place)}{head_row}", what, "请只留一列。"))
        elif key in sheet.by_key:
            places[key] = place
    missing = [column.head for column in sheet.columns if column.required and column.key not in places]
    if missing:
        do = "请用下载的模板填写，第一行是表头；表头的叫法不同，可以在下面对应。"
        heads_missing = "、".join(f"“{head}”" for head in missing)
        found.faults.append(Found(sheet.title, f"A{head_row}", f"没有{heads_missing}这样的列。", do))
        return {}
    return places


def _row(sheet: Sheet, number: int, texts: Mapping[str, str], places: dict[str, int], found: Plan) -> Row | None:
    values: dict[str, Any] = {}
    good = True
    for column in sheet.columns:
        try:
            values[column.key] = column.read(texts.get(column.key, ""))
        except ValueError as error:
            good = False
            found.faults.append(
                Found(sheet.title, cell(places, column.key, number), f"“{column.head}”{error}。", _advice(column))
            )
    return Row(number, values) if good else None


def _advice(column: Column) -> str:
    if column.options:
        return "请照下拉清单里的词填写。"
    return f"请补上或改正。{column.note}。" if column.note else "请补上或改正。"


def compare(sheet: Sheet, rows: Iterable[Row], places: Mapping[str, int], asked: Asked, found: Plan) -> Part:
    """Each line beside the row there is: new, changed (old and new), or the same."""
    part = Part(sheet)
    for row in rows:
        existing = asked.existing[sheet.key].get(sheet.identify(row.values))
        if existing is None:
            part.new.append(Change(row, None))
            continue
        _keep_what_is_not_said(sheet, row, existing, places)
        changed = {
            column.key: (existing.values[column.key], row.values[column.key])
            for column in sheet.columns
            if _same(existing.values[column.key]) != _same(row.values[column.key])
        }
        if not changed:
            part.unchanged += 1
        elif sheet.fixed:
            key, (old, _) = next(iter(changed.items()))
            shown = sheet.by_key[key].shown(old)
            what = f"已经登记过，“{sheet.by_key[key].head}”是“{shown}”，不能在这里改。"
            found.faults.append(
                Found(sheet.title, cell(places, key, row.number), what, "请改成一样的，或者删去这一行。")
            )
        else:
            part.changed.append(Change(row, existing, changed))
    return part


def _keep_what_is_not_said(sheet: Sheet, row: Row, existing: Existing, places: Mapping[str, int]) -> None:
    for column in sheet.columns:
        if column.key not in places or (column.keeps and row.values[column.key] is None):
            row.values[column.key] = existing.values[column.key]


def _same(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def cell(places: Mapping[str, int], column: str, row: int) -> str:
    """“C12”: where a reader finds it."""
    return f"{_letters(places.get(column, 0))}{row}"


def _letters(place: int) -> str:
    text, number = "", place + 1
    while number:
        number, left = divmod(number - 1, 26)
        text = chr(65 + left) + text
    return text
