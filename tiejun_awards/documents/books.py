"""Workbooks of several sheets to be filled in and read again: heads, drop-down lists, notes. Texts stay texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

Value = str | int | float | date | None


@dataclass(frozen=True, slots=True)
class BookSheet:
    """One sheet. ``options``: place of a column -> what may stand in it; ``required``: places of columns that must be filled."""

    title: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Value]]
    options: Mapping[int, Sequence[str]] = field(default_factory=dict)
    required: frozenset[int] = frozenset()
    pale: int = 0  # so many rows at the top are examples


def book(sheets: Sequence[BookSheet]) -> bytes:
    """The workbook as a file."""
    # As in sheets.py: openpyxl is opened only when somebody asks for a file.
    from .xlsx import build_forms

    return build_forms(sheets)
