"""What a feature hands in so that its rows can be brought in from a sheet and taken out into the same sheet.

A ``Sheet`` says its columns, finds the rows there are, checks what is asked for and writes it. Reading texts, comparing with what
is there, and all or nothing are the importer's (``imports.importing``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .access import Actor, Permission
from .dates import half_width, parse_date
from .labels import Labelled

Value = str | int | date | bool | None
Identity = tuple[Any, ...]


class Kind(Labelled):
    """How the texts of a column are read."""

    TEXT = "text", "文字"
    NUMBER = "number", "整数"
    DAY = "day", "日期"
    YES = "yes", "是或否"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, how it is read, what may stand in it."""

    key: str
    head: str
    kind: Kind = Kind.TEXT
    required: bool = False
    options: tuple[str, ...] = ()
    most: int = 60
    note: str = ""
    also: tuple[str, ...] = ()  # other heads it is known by
    keeps: bool = False  # an empty cell leaves what is there as it is
    code: bool = False  # full-width letters and digits are read as plain ones

    def read(self, text: str) -> Value:
        """What a cell's text means. What cannot be read is a ValueError whose text is a sentence for the page."""
        plain = half_width(text).strip() if self.code else text.strip()
        if not plain:
            if self.required:
                raise ValueError("没有填")
            return "" if self.kind is Kind.TEXT else False if self.kind is Kind.YES else None
        match self.kind:
            case Kind.NUMBER:
                number = half_width(plain).replace(",", "")
                if not re.fullmatch(r"[0-9]{1,9}", number):
                    raise ValueError(f"“{plain[:20]}”不是整数")
                return int(number)
            case Kind.DAY:
                return parse_date(plain)
            case Kind.YES:
                if plain in ("是", "对", "有", "Y", "y", "√", "1"):
                    return True
                if plain in ("否", "不", "无", "N", "n", "0", "×"):
                    return False
                raise ValueError(f"“{plain[:20]}”看不懂，请写“是”或“否”")
            case _:
                return self._text(plain)

    def _text(self, plain: str) -> str:
        if len(plain) > self.most:
            raise ValueError(f"超过 {self.most} 字")
        if self.options and plain not in self.options:
            same = [option for option in self.options if _loose(option) == _loose(plain)]
            if len(same) != 1:
                raise ValueError(f"“{plain[:20]}”不在可填的内容里：{'、'.join(self.options)}")
            return same[0]
        return plain

    def shown(self, value: Value) -> str:
        """A value as a reader writes it."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "是" if value else "否"
        return value.isoformat() if isinstance(value, date) else str(value)


def _loose(text: str) -> str:
    return re.sub(r"[\s（）()]", "", half_width(text))


@dataclass(slots=True)
class Row:
    """One line of a sheet, read. ``number`` is where it stands; ``values`` hold every column of the sheet."""

    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Existing:
    """A row there is, in the words of the sheet."""

    id: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line, and what to do about it; ``column`` by its key."""

    row: int
    column: str
    what: str
    do: str = "请改正后再传。"


@dataclass(slots=True)
class Change:
    """A line that asks for something: a new row, or others' values in one there is."""

    row: Row
    existing: Existing | None
    changed: dict[str, tuple[Value, Value]] = field(default_factory=dict)


@dataclass(slots=True)
class Asked:
    """An import as the sheets see it: for whom, by whom, and what all its sheets hold."""

    session: Any
    actor: Actor
    organiser_id: int
    writing: bool = False  # within the transaction that will write it: rows may be locked
    existing: dict[str, dict[Identity, Existing]] = field(default_factory=dict)
    coming: dict[str, dict[Identity, Row]] = field(default_factory=dict)

    def knows(self, sheet: str, *identity: Any) -> bool:
        """Whether a row is there, or comes with this import."""
        return identity in self.existing.get(sheet, {}) or identity in self.coming.get(sheet, {})

    def value(self, sheet: str, identity: Identity, column: str) -> Value:
        """What a row will say in a column once the import is done; None where there is no such row."""
        if identity in self.coming.get(sheet, {}):
            return self.coming[sheet][identity].values.get(column)
        found = self.existing.get(sheet, {}).get(identity)
        return found.values.get(column) if found else None

    def id_of(self, sheet: str, *identity: Any) -> int | None:
        """The number of a row that is there by now; None for an empty identity."""
        found = self.existing.get(sheet, {}).get(identity)
        return found.id if found else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a feature. ``fixed``: rows that are there are never changed by an import."""

    key: str
    title: str
    columns: tuple[Column, ...]
    permission: Permission
    example: tuple[str, ...]
    identify: Callable[[Mapping[str, Any]], Identity]
    existing: Callable[[Any, int], dict[Identity, Existing]]
    check: Callable[[Asked, Sequence[Change]], Iterable[Fault]]
    write: Callable[[Asked, Sequence[Change]], Sequence[Any]]
    note: str = ""
    fixed: bool = False
    needs: tuple[str, ...] = ()  # other sheets its rows refer to

    @property
    def by_key(self) -> dict[str, Column]:
        """The columns by key."""
        return {column.key: column for column in self.columns}
