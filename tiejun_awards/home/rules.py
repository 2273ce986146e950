"""What waits for a person: one line, one button, under one hat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..shared.calendar import Counted
from ..shared.dates import chinese_day


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
