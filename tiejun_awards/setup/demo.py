"""Demo data: an installation as it would look on one day, a pure function of the moment and the password."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from ..accounts.models import Person
from ..accounts.services import hash_password
from ..organisers.models import Organiser
from ..rulebook.services import day_table
from ..shared import audit
from ..shared.db import db, one_transaction, writing
from . import demo_data
from .demo_days import Workdays
from .demo_people import settle
from .demo_story import Story
from .first_run import first_answers
from .models import Installation
from .sections import DEFAULTS

ACCOUNTS: tuple[tuple[str, str], ...] = tuple((account.username, account.post) for account in demo_data.accounts())
"""(user name, post) of the accounts to try things out with; all have the same password."""


def seed(at: datetime, *, password: str) -> bool:
    """Fill an empty database as of a moment, all of it or nothing. False when it already holds anything."""
    with one_transaction():
        if _holds_anything():
            return False
        with writing() as session:
            session.add(Installation(id=1, demo=True, seeded_at=at))
            cast = settle(session, at=at, password_hash=hash_password(password))
            first_answers(session, cast.organisers["department"], DEFAULTS, at=at - timedelta(days=60))
        Story(cast, at, Workdays(day_table())).tell()
        while audit.seal_pending():
            pass
    return True


def is_demo() -> bool:
    """Whether the database holds demo data."""
    if not sa.inspect(db.engine).has_table(Installation.__tablename__):
        return False  # not even migrated yet
    return bool(db.session.scalar(sa.select(Installation.demo)))


def _holds_anything() -> bool:
    return any(
        db.session.scalar(sa.select(sa.exists().select_from(model))) for model in (Installation, Organiser, Person)
    )
