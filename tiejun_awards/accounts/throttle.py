"""Back-off after failed tries, counted in the database: in all workers together, and over restarts.

One count for everything that can be tried out on an account (password, code, 备用码, 登录条, the password once more), one for
failures of an address. The try of an account is counted before any hashing, so that many at once do not slip through;
whoever turns out right gives it back. During a wait even the right password is refused, unhashed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..shared import audit
from ..shared.access import Actor, Trace
from ..shared.clock import here
from ..shared.dates import chinese_time
from ..shared.db import insert_if_absent, writing
from ..shared.errors import TooMany
from ..shared.vault import keyed_digest
from . import rules
from .models import Throttle
from .rules import Tries


def reserve(name_key: str, trace: Trace, at: datetime) -> None:
    """Count a try of an account. Raises TooMany, saying from when on, while the account or the address has to wait."""
    with writing() as session:
        found = [_row(session, Tries.ADDRESS, trace.address, at), _row(session, Tries.ACCOUNT, name_key, at)]
        until = max((row.until for row in found if row.until is not None), default=at)
        if until > at:
            raise TooMany(_wait(until), until=until)
        _count(found[1], at)


def failed(trace: Trace, at: datetime, *, step: str, known: Actor | None) -> None:
    """Count the failure of the address, and write it into the audit trail: never what was typed, which may be a password."""
    with writing() as session:
        _count(_row(session, Tries.ADDRESS, trace.address, at), at)
        detail = {"known": known is not None, "step": step, "address": trace.address}
        audit.record(session, known, "accounts.sign_in_failed", at=at, outcome=audit.Outcome.DENIED, detail=detail)


def give_back(session: Session, name_key: str, at: datetime) -> None:
    """Take one try back: it was right, but is not the last step."""
    row = _row(session, Tries.ACCOUNT, name_key, at)
    row.failures, row.until = max(0, row.failures - 1), None


def forget(session: Session, name_keys: Iterable[str]) -> None:
    """Forget the failures of an account: its owner is in."""
    hashes = [_hash(Tries.ACCOUNT, name_key) for name_key in name_keys if name_key]
    session.execute(sa.delete(Throttle).where(Throttle.kind == Tries.ACCOUNT, Throttle.key_hash.in_(hashes)))


def forget_old(session: Session, now: datetime) -> None:
    """Housekeeping: drop counts nobody needs."""
    longest = max(rules.FORGOTTEN.values())
    session.execute(sa.delete(Throttle).where(Throttle.since < now - longest))


def _row(session: Session, kind: Tries, key: str, at: datetime) -> Throttle:
    key_hash = _hash(kind, key)
    insert_if_absent(session, Throttle, kind=kind, key_hash=key_hash, failures=0, since=at, until=None)
    row = session.get_one(Throttle, (kind, key_hash), with_for_update=True, populate_existing=True)
    if rules.is_forgotten(kind, row.since, at):
        row.failures, row.since, row.until = 0, at, None
    return row


def _count(row: Throttle, at: datetime) -> None:
    row.failures += 1
    if row.kind is Tries.ACCOUNT:
        row.since = at
    wait = rules.wait_after(row.kind, row.failures)
    row.until = at + wait if wait else None


def _hash(kind: Tries, key: str) -> str:
    return keyed_digest(f"throttle {kind.value}", key)


def _wait(until: datetime) -> str:
    shown = chinese_time(here(until + timedelta(seconds=59)))
    return f"输错的次数太多了，请在 {shown} 以后再试。忘记密码可以请主办单位打印一张登录条。"
