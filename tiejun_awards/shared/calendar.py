"""Working days: which days count, when a period of them ends, how many lie between.

Source: 全国年节及纪念日放假办法 and each year's 节假日安排 of the State Council; Ningxia adds 开斋节 and 古尔邦节 by a notice of
its own. So a table is the published arrangement plus what the office entered, and the office wins. A year known to
neither counts Monday to Friday and every result that looked at it says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from .dates import chinese_date

PROVISIONAL_NOTE = "暂按周一至周五推算"
MOST_WORKING_DAYS = 1000
_LONGEST_BREAK = 60


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that differs from its weekday, or is named: 放假 (works False) or 调休上班 (works True)."""

    works: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """A computed day. Provisional: a day was counted whose year's arrangement is not known yet."""

    day: date
    provisional: bool = False

    @property
    def note(self) -> str:
        """“暂按周一至周五推算”, or nothing."""
        return PROVISIONAL_NOTE if self.provisional else ""

    @property
    def label(self) -> str:
        """“2027年1月13日（暂按周一至周五推算）”."""
        return f"{chinese_date(self.day)}（{self.note}）" if self.provisional else chinese_date(self.day)


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of working days, negative backwards in time. Provisional as in Dated."""

    days: int
    provisional: bool = False

    @property
    def note(self) -> str:
        """“暂按周一至周五推算”, or nothing."""
        return PROVISIONAL_NOTE if self.provisional else ""


@dataclass(frozen=True)
class DayTable:
    """Which days are worked. Immutable: what was given is copied, a change is a new table."""

    known_years: frozenset[int] = frozenset()
    exceptions: Mapping[date, SpecialDay] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "exceptions", MappingProxyType(dict(self.exceptions)))

    def with_entries(self, entries: Mapping[date, SpecialDay], years: Iterable[int] = ()) -> "DayTable":
        """This table with the office's own days over it; `years` are those whose whole arrangement is now entered.

        A single day entered in a year still unknown is certain itself and leaves the rest of the year provisional.
        """
        return DayTable(self.known_years | frozenset(years), {**self.exceptions, **entries})

    def is_known(self, day: date) -> bool:
        return day.year in self.known_years or day in self.exceptions

    def is_working_day(self, day: date) -> bool:
        special = self.exceptions.get(day)
        return day.weekday() < 5 if special is None else special.works

    def nth_working_day(self, start: date, n: int, *, counting_start: bool = False) -> Dated:
        """The n-th working day after `start`; with `counting_start`, `start` is the first when it is worked itself.

        Reports are due on the 8th working day after the quarter's last day: not counting it. A public notice (公示) of
        five working days counts its first day.
        """
        if not 1 <= n <= MOST_WORKING_DAYS:
            raise ValueError(f"工作日天数应为1至{MOST_WORKING_DAYS}，不能是{n}")
        # Five in seven days are worked and no arrangement closes offices for two months: only a broken table has no answer.
        furthest = 2 * n + _LONGEST_BREAK
        left, provisional = n, False
        for day in _days(start, 0 if counting_start else 1, furthest):
            provisional = provisional or not self.is_known(day)
            left -= self.is_working_day(day)
            if left == 0:
                return Dated(day, provisional)
        raise ValueError(f"自{chinese_date(start)}起{furthest}天内没有{n}个工作日，请核对节假日安排")

    def working_days_between(self, earlier: date, later: date) -> Counted:
        """How many working days lie after `earlier`, up to and including `later`.

        The first end never counts, the second does. From today to the due day it is “还有 n 个工作日” (0: today is the last
        day). From the due day to the day something came it is how late that was: a report due on 13 April that came on
        14 April was one working day late. It is 0 for what came on the weekend after, which is late all the same:
        compare the dates to say whether, this to say by how much. With the ends the other way round it is negative.
        """
        if later < earlier:
            back = self.working_days_between(later, earlier)
            return Counted(-back.days, back.provisional)
        days = list(_days(earlier, 1, (later - earlier).days))
        return Counted(sum(map(self.is_working_day, days)), not all(map(self.is_known, days)))


def told(previous: Dated | date | None, computed: Dated) -> Dated:
    """The date to go by after a new computation: never earlier than the one people were already told.

    It stays provisional for as long as the computation is: a year entered later may still make it later.
    """
    if previous is None:
        return computed
    promised = previous.day if isinstance(previous, Dated) else previous
    return Dated(max(promised, computed.day), computed.provisional)


def _days(start: date, first: int, last: int) -> Iterator[date]:
    """The days from `first` to `last` days after `start`, both included."""
    number = start.toordinal()
    if number + last > date.max.toordinal():
        raise ValueError(f"{chinese_date(start)}之后的日期超出了日历")
    return map(date.fromordinal, range(number + first, number + last + 1))
