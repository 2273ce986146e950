"""Trees and limits of party organisations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeVar


class InTree(Protocol):
    """A row that knows its parent."""

    @property
    def id(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...


class Post(NamedTuple):
    """A post of a branch and who holds it."""

    role: str
    name: str


PostsOf = Callable[[int, datetime], Sequence[Post]]
"""(branch id, moment) -> the posts held then."""

Hanging = Callable[[str, int, date], Sequence[str]]
"""(table, row, day) -> what still hangs on a unit or a party organisation on that day: “3 项任职”."""

T = TypeVar("T", bound=InTree)
K = TypeVar("K", int, str)


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something the regulation usually asks for; a reminder, never a bar."""

    sentence: str
    source: str


def as_tree(rows: Iterable[T]) -> list[tuple[int, T]]:
    """The rows with their depth, parents before children, the order of the rows kept among siblings.

    A row whose parent is not among the rows (another organiser's, or past) stands at the top.
    """
    found: Sequence[T] = list(rows)
    ids = {row.id for row in found}
    children: dict[int | None, list[T]] = {}
    for row in found:
        children.setdefault(row.parent_id if row.parent_id in ids else None, []).append(row)
    out: list[tuple[int, T]] = []
    pending = [(0, row) for row in reversed(children.get(None, []))]
    while pending:
        depth, row = pending.pop()
        out.append((depth, row))
        pending += [(depth + 1, child) for child in reversed(children.get(row.id, []))]
    return out


_REGULATION = "《中国共产党支部工作条例（试行）》"


def reminders(*, members: int, committee_size: int, units: int) -> list[Reminder]:
    """What the regulation usually asks of a branch's size (第四条、第五条、第二十条)."""
    found = []
    if members < 3:
        found.append(Reminder(f"正式党员 {members} 名，一般不少于 3 名才单独成立支部。", _REGULATION + "第五条"))
    if members > 50:
        found.append(Reminder(f"正式党员 {members} 名，一般不超过 50 名。", _REGULATION + "第四条"))
    if members >= 7 and not 3 <= committee_size <= 7:
        found.append(
            Reminder(
                f"正式党员 7 名以上设支委会，一般 3 至 5 人，最多 7 人；现在是 {committee_size} 人。",
                _REGULATION + "第二十条",
            )
        )
    if units > 5:
        found.append(Reminder(f"联合党支部覆盖 {units} 个单位，一般不超过 5 个。", _REGULATION + "第五条"))
    return found


def in_circle(row: K, parent: K | None, parents: Mapping[K, K | None]) -> bool:
    """Whether a row hung below that parent would hang below itself. Rows are named by number or by code."""
    seen: set[K] = set()
    while parent is not None and parent not in seen:
        if parent == row:
            return True
        seen.add(parent)
        parent = parents.get(parent)
    return False


_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")


def code_fault(code: str) -> str:
    """What is wrong with a code, or nothing."""
    return "" if _CODE.fullmatch(code) else "代码用字母和数字，最多 20 个，例如 OFF01。"


class Named(NamedTuple):
    """A name somebody bears between two days; None: from ever, or without an end."""

    code: str
    name: str
    begins: date | None
    ends: date | None

    @property
    def key(self) -> str:
        """Names that differ only in blanks or width are one."""
        return "".join(unicodedata.normalize("NFKC", self.name).split())

    def same_as(self, other: Named) -> bool:
        """Whether name and term are the same."""
        return (self.key, self.begins, self.ends) == (other.key, other.begins, other.ends)

    def meets(self, other: Named) -> bool:
        """Whether the two terms have a day in common."""
        return (self.begins or date.min) <= (other.ends or date.max) and (other.begins or date.min) <= (
            self.ends or date.max
        )


def called_the_same(wanted: Named, others: Iterable[Named]) -> Named | None:
    """Another that bears the same name on a day of the wanted term, or None."""
    return next((other for other in others if other.key == wanted.key and other.meets(wanted)), None)
