"""The one clock. UTC is stored, Asia/Shanghai is shown; nothing else in the system asks for the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_fixed: ContextVar[datetime | None] = ContextVar("fixed", default=None)


def now() -> datetime:
    """The time now, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def here(moment: datetime) -> datetime:
    """The same moment as people in Ningxia read it."""
    return moment.astimezone(SHANGHAI)


def day_of(moment: datetime) -> date:
    """The calendar day of a moment, in Asia/Shanghai."""
    return here(moment).date()


@contextmanager
def stopped_at(moment: datetime) -> Iterator[datetime]:
    """Within the block the clock stands still. For demo data of a given day, and for tests."""
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield moment
    finally:
        _fixed.reset(token)
