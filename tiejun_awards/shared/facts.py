"""Facts: numbers the system counts itself, with the rows they were counted from.

A feature that can count something hands in a ``Counter``; ratings ask for it by key and branch. A fact is
never typed by a judge, and a branch can always see which rows it stands on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Row:
    """One record a fact was counted from: the day, and a line a reader recognises."""

    on: date
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One counted number: what was counted, how many, how many are usual, and the rows behind it."""

    key: str
    label: str
    count: int
    usual: int | None
    rows: tuple[Row, ...] = ()

    @property
    def short(self) -> int:
        """How many are missing to the usual number; 0 when there is none or it is reached."""
        return 0 if self.usual is None else max(0, self.usual - self.count)


Counter = Callable[[int, date, date], tuple[Fact, ...]]
"""(branch id, first day, last day) -> the facts one feature can count for that branch in that time."""


def count_all(counters: Mapping[str, Counter], branch_id: int, first: date, last: date) -> dict[str, Fact]:
    """Ask every feature; the result is by key. A key counted twice is a mistake in the code: ValueError."""
    found: dict[str, Fact] = {}
    for counter in counters.values():
        for fact in counter(branch_id, first, last):
            if fact.key in found:
                raise ValueError(f"two features count {fact.key}")
            found[fact.key] = fact
    return found
