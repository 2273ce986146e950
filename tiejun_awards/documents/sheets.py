"""Rows in, an .xlsx file out: the door to ``xlsx``, which is opened only when somebody asks for a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Value = str | int | float | date | None


def workbook(title: str, heads: Sequence[str], rows: Iterable[Sequence[Value]], notes: Sequence[str] = ()) -> bytes:
    """One sheet: a head row that stays in view, the rows, and notes below them. Widths follow the texts."""
    # openpyxl brings numpy: a third of a worker's memory and of its start, for pages that write no sheet.
    from .xlsx import build

    return build(title, heads, rows, notes)
