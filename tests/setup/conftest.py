"""Fixtures of the demo: seeded once for each moment, put back before each test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask

from tests.builders import PASSWORD
from tests.databases import Databases
from tiejun_awards.setup import demo
from tiejun_awards.shared import clock
from tiejun_awards.shared.clock import SHANGHAI
from tiejun_awards.shared.db import db

MOMENTS = [
    datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)
    for year, month, day, hour, minute in (
        *((2026, 1, 3, 0, 0), (2026, 3, 31, 10, 0), (2026, 6, 30, 23, 59), (2026, 11, 23, 8, 30)),
        *((2027, 1, 3, 23, 59), (2027, 3, 31, 0, 0), (2027, 6, 30, 6, 0), (2027, 11, 23, 18, 0)),
    )
]

TODAY = MOMENTS[3]


def _word(moment: datetime) -> str:
    return f"demo_{moment:%Y%m%d}"


def _marks(moment: datetime) -> list[pytest.MarkDecorator]:
    """One worker seeds a moment once, one of them on both databases; the second year's are for the night."""
    marks = [pytest.mark.xdist_group(_word(moment))]
    if moment != TODAY:
        marks.append(pytest.mark.either)
    if moment.year > 2026:
        marks.append(pytest.mark.slow)
    return marks


@pytest.fixture(
    scope="session",
    params=[pytest.param(moment, id=_word(moment), marks=_marks(moment)) for moment in MOMENTS],
)
def kept_demo(request: pytest.FixtureRequest, application: Flask, all_databases: Databases) -> datetime:
    """The moment of a demo that is kept under its word."""
    moment: datetime = request.param
    all_databases.start_from("nothing")
    with application.app_context():
        assert demo.seed(moment, password=PASSWORD)
        db.session.remove()
        all_databases.let_go(db.engine)
    all_databases.keep_as(_word(moment))
    return moment


@pytest.fixture
def at(kept_demo: datetime, application: Flask, all_databases: Databases) -> Iterator[datetime]:
    """The moment the demo is of; an application context with its database is pushed, the clock stands still."""
    with application.app_context(), clock.stopped_at(kept_demo):
        all_databases.let_go(db.engine)
        all_databases.start_from(_word(kept_demo))
        yield kept_demo
        db.session.remove()
        all_databases.let_go(db.engine)
