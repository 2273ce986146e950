"""Quarters, the rhythm of the secretaries' reports.

Source: 党支部书记抓党建季度报告, four a year, due some working days after the quarter (rulebook: reports.due_working_day).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date
from typing import Self

_CODE = re.compile(r"([0-9]{4})Q([1-4])")


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """A calendar quarter. Quarters sort in time."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not MINYEAR <= self.year <= MAXYEAR:
            raise ValueError(f"没有{self.year}年这个年度")
        if not 1 <= self.number <= 4:
            raise ValueError(f"一年只有四个季度，没有第{self.number}季度")

    @classmethod
    def of(cls, day: date) -> Self:
        """The quarter that holds this day."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def from_code(cls, code: str) -> Self:
        """Read back `code`; addresses and files carry it."""
        match = _CODE.fullmatch(code)
        if match is None:
            raise ValueError(f"看不懂季度“{code[:20]}”，应写成2026Q1这样")
        return cls(int(match[1]), int(match[2]))

    @property
    def code(self) -> str:
        """“2026Q1”: sorts as text in the same order as in time."""
        return f"{self.year:04d}Q{self.number}"

    @property
    def label(self) -> str:
        """“2026年第一季度”."""
        return f"{self.year}年第{self.short_label}"

    @property
    def short_label(self) -> str:
        """“一季度”."""
        return "一二三四"[self.number - 1] + "季度"

    @property
    def months(self) -> tuple[int, int, int]:
        """Its month numbers: what has to happen monthly is counted by them."""
        last = 3 * self.number
        return last - 2, last - 1, last

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, 3 * self.number, 31 if self.number in (1, 4) else 30)

    def __contains__(self, day: date) -> bool:
        return Quarter.of(day) == self

    def previous(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    def next(self) -> "Quarter":
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)


def last_ended_quarter(today: date) -> Quarter:
    """The latest quarter that is over today. On its own last day a quarter is not over yet."""
    return Quarter.of(today).previous()


def reporting_quarter(today: date, due_of: Callable[[Quarter], date]) -> Quarter:
    """The quarter a secretary should report on today.

    The last ended quarter up to and including its due day, then the current one. `due_of` gives the last day on which
    the report of a quarter is in time.
    """
    ended = last_ended_quarter(today)
    return ended if today <= due_of(ended) else Quarter.of(today)
