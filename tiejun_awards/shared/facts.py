"""Facts: numbers the system counts itself, with the rows they were counted from.

A feature that can count something hands in a ``Counter``; ratings ask for it by key and branch, all branches at once. A
fact is never typed by a judge, and a branch can always see which rows it stands on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .periods import Quarter


@dataclass(frozen=True, slots=True)
class Row:
    """One record a fact was counted from: the day, and a line a reader recognises."""

    on: date
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One counted number of a branch: what was counted, how many, and the rows behind it."""

    key: str
    label: str
    count: int
    rows: tuple[Row, ...] = ()


Counted = Mapping[int, Mapping[str, Fact]]
"""branch -> key -> fact. What could not be counted whole (a quarter without a report) is not in it."""

Counter = Callable[[Sequence[int], Sequence[Quarter]], Counted]
"""(branches, quarters) -> what one feature can count of them."""


def count_all(
    counters: Iterable[Counter], branches: Sequence[int], quarters: Sequence[Quarter]
) -> dict[int, dict[str, Fact]]:
    """Ask every feature. A key counted twice for a branch is a mistake in the code: ValueError."""
    found: dict[int, dict[str, Fact]] = {branch: {} for branch in branches}
    for counter in counters:
        for branch, facts in counter(branches, quarters).items():
            again = found[branch].keys() & facts.keys()
            if again:
                raise ValueError(f"two features count {sorted(again)[0]}")
            found[branch].update(facts)
    return found
