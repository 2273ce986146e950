"""Rows in, an .xlsx file out. Every text is stored as text: nothing a person typed is ever run as a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from .books import BookSheet

Value = str | int | float | date | None

_FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")
_HEAD_FONT, _HEAD_FILL = Font(bold=True), PatternFill("solid", fgColor="F1EEEA")


def build(title: str, heads: Sequence[str], rows: Iterable[Sequence[Value]], notes: Sequence[str] = ()) -> bytes:
    """One sheet: a head row that stays in view, the rows, and notes below them. Widths follow the texts."""
    book = Workbook(write_only=True)
    _fill(book, title, heads, rows, notes)
    return _saved(book)


def build_book(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Value]]]]) -> bytes:
    """Several sheets (title, heads, rows) in one file, each like ``build`` makes one."""
    book = Workbook(write_only=True)
    for title, heads, rows in sheets:
        _fill(book, title, heads, rows)
    return _saved(book)


def _fill(
    book: Workbook, title: str, heads: Sequence[str], rows: Iterable[Sequence[Value]], notes: Sequence[str] = ()
) -> None:
    sheet = book.create_sheet(title[:31])
    lines = [list(row) for row in rows]
    for column, head in enumerate(heads, start=1):
        longest = max([_width(head), *(_width(line[column - 1]) for line in lines)])
        sheet.column_dimensions[get_column_letter(column)].width = min(60, longest + 3)
    sheet.freeze_panes = "B2"
    sheet.append([_head(sheet, head) for head in heads])
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])
    if lines:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(lines) + 1}"
    for note in notes:
        sheet.append([_cell(sheet, note)])


def _saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Any, text: str) -> Cell:
    cell = _cell(sheet, text)
    cell.font, cell.fill = _HEAD_FONT, _HEAD_FILL
    return cell


def _cell(sheet: Any, value: Value) -> Cell:
    if not isinstance(value, str):
        return _plain(sheet, value)
    text = "".join(char for char in value if char in "\t\n\r" or ord(char) >= 32)
    cell = _plain(sheet, text)
    cell.data_type = "s"
    if text.lstrip().startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    if "\n" in text:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _plain(sheet: Any, value: Any) -> Cell:
    cell: Cell = WriteOnlyCell(sheet, value)  # type: ignore[assignment,unused-ignore]
    return cell


def _width(value: Value) -> int:
    text = "" if value is None else str(value)
    return max((sum(2 if ord(char) > 255 else 1 for char in line) for line in text.split("\n")), default=0)


_EXAMPLE_FONT = Font(italic=True, color="888888")
_REQUIRED_FONT = Font(bold=True, color="B3261E")
_LIST_FORMULA_MOST = 255  # characters Excel takes of a list written into the cell's rule


def build_forms(sheets: Sequence[BookSheet]) -> bytes:
    """Several sheets to be filled in: see ``books``."""
    book = Workbook(write_only=True)
    for each in sheets:
        sheet = book.create_sheet(each.title[:31])
        lines = [list(row) for row in each.rows]
        for column, head in enumerate(each.heads, start=1):
            longest = max([_width(head), *(_width(line[column - 1]) for line in lines[:500])])
            sheet.column_dimensions[get_column_letter(column)].width = min(60, longest + 4)
        sheet.freeze_panes = "A2"
        heads = [_head(sheet, head) for head in each.heads]
        for place in each.required:
            heads[place].font = _REQUIRED_FONT
        sheet.append(heads)
        for number, line in enumerate(lines):
            cells = [_cell(sheet, value) for value in line]
            if number < each.pale:
                for cell in cells:
                    cell.font = _EXAMPLE_FONT
            sheet.append(cells)
        for place, options in each.options.items():
            formula = '"' + ",".join(options) + '"'
            if len(formula) <= _LIST_FORMULA_MOST:
                rule = DataValidation(type="list", formula1=formula, allow_blank=True)
                rule.add(f"{get_column_letter(place + 1)}2:{get_column_letter(place + 1)}5001")
                sheet.data_validations.append(rule)
    return _saved(book)
