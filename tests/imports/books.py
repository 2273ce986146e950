"""Workbooks as offices make them, good and bad, for the tests of importing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from tiejun_awards.imports.lines import BY_KEY

Lines = Mapping[str, Sequence[Sequence[Any]]]


def workbook(lines: Lines, change: Callable[[Workbook], None] = lambda book: None) -> bytes:
    """A workbook with our heads and these lines below them: sheet key -> lines."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for key, rows in lines.items():
        sheet = book.create_sheet(BY_KEY[key].title)
        sheet.append([column.head for column in BY_KEY[key].columns])
        for row in rows:
            sheet.append(list(row))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


UNIT = ("NEW01", "新设处", "厅机关处室", "", "", None, "否", "2020-01-01", "")
PERSON = ("zhang.san", "张三", "13800000001", "water_unit", "water")


def units(*rows: Sequence[Any], change: Callable[[Workbook], None] = lambda book: None) -> bytes:
    """A workbook of units."""
    return workbook({"units": rows or [UNIT]}, change)


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with one member more, or another in its place."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, part)
    return out.getvalue()


def part(content: bytes, name: str) -> bytes:
    """One member of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)
