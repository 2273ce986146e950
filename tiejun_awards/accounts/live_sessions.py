"""Session rows: opened, listed, ended. Helpers of the verbs that do."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..shared import clock
from ..shared.access import Trace
from ..shared.db import db
from . import rules
from .models import SignInSession
from .policy import policy


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser that signs in: when, from where; ``token``: of the session it had until now."""

    at: datetime
    trace: Trace
    agent: str = ""
    token: str = ""


def sha256(text: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def open_session(
    session: Session, person_id: int, visitor: Visitor, *, duty: str = "", panel_id: int | None = None
) -> tuple[str, str]:
    """A new session: (token for the cookie, csrf secret). The browser's earlier one ends, and the oldest beyond the most."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    if visitor.token:
        _end(session, visitor.at, "replaced", SignInSession.token_hash == sha256(visitor.token))
    keep = policy().most_sessions - 1
    surplus = [row.token_hash for row in _live(session, person_id, visitor.at)[keep:]]
    if surplus:
        _end(session, visitor.at, "too_many", SignInSession.token_hash.in_(surplus))
    session.add(
        SignInSession(
            token_hash=sha256(token),
            person_id=person_id,
            csrf=csrf,
            made_at=visitor.at,
            seen_at=visitor.at,
            address=visitor.trace.address,
            agent=sha256(visitor.agent),
            duty=duty,
            panel_id=panel_id,
        )
    )
    return token, csrf


def renew(row: SignInSession) -> tuple[str, str]:
    """The same session under a new token and csrf secret: after each step of proving who one is. A helper of verbs."""
    token, row.csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    row.token_hash = sha256(token)
    return token, row.csrf


def sessions_of(person_id: int, at: datetime) -> Sequence[SignInSession]:
    """The sessions somebody is signed in by now, the latest first."""
    return _live(db.session(), person_id, at)


def end_sessions(
    session: Session, person_id: int, reason: str, *, at: datetime | None = None, except_token: str = ""
) -> int:
    """End somebody's sessions, all or all but one; how many. A helper of verbs: disabling, a new password, a reset.

    ``reason`` is one word of at most 20 letters: ``disabled``, ``password``, ``reset``, ``ended`` …
    """
    others = [SignInSession.person_id == person_id]
    if except_token:
        others.append(SignInSession.token_hash != sha256(except_token))
    return _end(session, at or clock.now(), reason, *others)


def end_one(session: Session, person_id: int, key: str, *, at: datetime, reason: str = "ended") -> bool:
    """End the session of somebody that goes by this key on pages (``key_of``); whether there was one."""
    found = next((row for row in _live(session, person_id, at) if key_of(row) == key), None)
    return found is not None and bool(_end(session, at, reason, SignInSession.token_hash == found.token_hash))


def key_of(row: SignInSession) -> str:
    """What a session goes by on pages: enough of the digest to tell a few apart, worth nothing elsewhere."""
    return row.token_hash[:16]


def _live(session: Session, person_id: int, at: datetime) -> Sequence[SignInSession]:
    return session.scalars(
        sa.select(SignInSession)
        .where(
            SignInSession.person_id == person_id,
            SignInSession.ended_at.is_(None),
            SignInSession.made_at > at - rules.ABSOLUTE,
            SignInSession.seen_at > at - rules.IDLE,
        )
        .order_by(SignInSession.made_at.desc(), SignInSession.token_hash)
    ).all()


def _end(session: Session, at: datetime, reason: str, *which: sa.ColumnElement[bool]) -> int:
    ended = session.execute(
        sa.update(SignInSession)
        .where(SignInSession.ended_at.is_(None), *which)
        .values(ended_at=at, end_reason=reason)
        .returning(SignInSession.token_hash),
        execution_options={"synchronize_session": False},
    )
    return len(ended.all())
