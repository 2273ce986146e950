"""What waits for a person: one line, one button, under one hat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..shared.calendar import Counted
from ..shared.dates import chinese_day
from ..shared.periods import Quarter


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do. ``page`` and ``thing_id`` say where the button leads; the view makes an address of them."""

    heading: str
    text: str
    label: str
    page: str
    thing_id: int | str
    due: date | None = None
    left: str = ""
    hat: str = ""
    soon: bool = False

    @property
    def when(self) -> str:
        """The day in bold on the left."""
        return chinese_day(self.due) if self.due else "不限期"


def days_left(counted: Counted, due: date, today: date) -> str:
    """“还有 3 个工作日”, “今天截止”, “已过截止日”. Provisional counts say so."""
    if today > due:
        return f"已过 {-counted.days} 个工作日" if counted.days else "已过截止日"
    if counted.days == 0:
        return "今天截止" if today == due else "还有 0 个工作日"
    return f"还有 {counted.days} 个工作日"


def in_order(todos: Sequence[Todo]) -> list[Todo]:
    """The nearest due day first; what has none comes last."""
    return sorted(todos, key=lambda todo: (todo.due is None, todo.due or date.max))


def headline(count: int) -> str:
    """The title of the home page."""
    return f"今天要办的 {count} 件事" if count else "今天没有要办的事"


@dataclass(frozen=True, slots=True)
class Meetings:
    """How often one kind of meeting took place in a quarter, beside the usual number."""

    label: str
    count: int
    usual: int
    text: str


def meetings(label: str, days: Sequence[date], usual: int, quarter: Quarter, today: date) -> Meetings:
    """One line: the days, or what is still missing. Before the quarter is over nothing is missing yet."""
    text = "、".join(chinese_day(day) for day in days[:4]) + (" 等" if len(days) > 4 else "")
    if len(days) < usual and today > quarter.last_day:
        text = (text + "；" if text else "") + f"一般 {usual} 次，少 {usual - len(days)} 次"
    return Meetings(label, len(days), usual, text or "还没有登记")


def steps(moments: Sequence[tuple[date | None, str, str]], today: date) -> list[tuple[str, str, str, str]]:
    """Dated steps as a timeline: (state, day, text, note) in order of time; the first that is not past is “now”."""
    dated = sorted((day, text, note) for day, text, note in moments if day is not None)
    ahead = next((index for index, (day, _, _) in enumerate(dated) if day > today), None)
    return [
        ("done" if day <= today else "now" if index == ahead else "", chinese_day(day), text, note)
        for index, (day, text, note) in enumerate(dated)
    ]
