"""Working days and office hours of the demo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ..shared.calendar import DayTable
from ..shared.clock import SHANGHAI

_LIKELY_OFF = (((1, 1), (1, 3)), ((2, 4), (2, 14)), ((5, 1), (5, 5)), ((10, 1), (10, 7)))
"""Days nobody meets on in a year whose arrangement is not known yet."""


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """That time of day in Ningxia, in UTC as everything that acts carries it."""
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Workdays:
    """The days on which demo people work."""

    table: DayTable

    def works(self, day: date) -> bool:
        """Whether anybody would meet on that day."""
        if not self.table.is_working_day(day):
            return False
        return self.table.is_known(day) or not any(a <= (day.month, day.day) <= b for a, b in _LIKELY_OFF)

    def of_month(self, year: int, month: int) -> list[date]:
        """The working days of a month."""
        first = date(year, month, 1)
        days = (first + timedelta(number) for number in range(31))
        return [day for day in days if day.month == month and self.works(day)]

    def ahead(self, day: date, count: int) -> date:
        """The working day that many after ``day``."""
        return self._step(day, count, 1)

    def back(self, day: date, count: int) -> date:
        """The working day that many before ``day``: with 0 the day itself, or the one before it when it is free."""
        if count == 0:
            return day if self.works(day) else self._step(day, 1, -1)
        return self._step(day, count, -1)

    def _step(self, day: date, count: int, by: int) -> date:
        found = (each for each in self._walk(day, by) if self.works(each))
        for _ in range(count):
            day = next(found)
        return day

    @staticmethod
    def _walk(day: date, by: int) -> Iterator[date]:
        while True:
            day += timedelta(by)
            yield day
