"""Slips (登录条): printed one-time codes by which somebody sets his first or his next password."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..shared.clock import SHANGHAI, day_of
from . import rules
from .models import Person, SignInSlip, SlipKind

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Nothing on paper that can be read as something else: no I, L, O, U, 0, 1."""

_LETTERS = 28  # 137 bits


def code_key(code: str) -> str:
    """A code as it was made, however it was typed: blanks, dashes and small letters do not matter."""
    return "".join(char for char in code.upper() if char in ALPHABET)


def code_hash(code: str) -> str:
    """What is stored of a code."""
    return hashlib.sha256(code_key(code).encode()).hexdigest()


def letters(count: int) -> str:
    """So many letters at random."""
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def in_fours(code: str) -> str:
    """A code in groups of four, as it is printed."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def issue_slip(session: Session, person: Person, kind: SlipKind, *, by: int | None, at: datetime) -> str:
    """Make a slip and withdraw the earlier ones of the account; the code, in groups of four. A helper of verbs.

    The code is nowhere stored: it is printed once.
    """
    _withdraw(session, at, SignInSlip.person_id == person.id, SignInSlip.kind != SlipKind.PANEL)
    return _add(session, person, kind, by=by, at=at, expires_at=at + rules.SLIP_LASTS)


def issue_panel_slip(session: Session, person: Person, panel_id: int, *, by: int, at: datetime) -> str:
    """Make a judge's slip for a panel and the rest of the day (in Shanghai); his earlier one for it is withdrawn. A helper of verbs."""
    _withdraw(session, at, SignInSlip.person_id == person.id, SignInSlip.panel_id == panel_id)
    midnight = datetime.combine(day_of(at) + timedelta(days=1), time(), SHANGHAI)
    return _add(session, person, SlipKind.PANEL, by=by, at=at, expires_at=midnight, panel_id=panel_id)


def find_slip(session: Session, code: str, at: datetime, *, lock: bool = False) -> SignInSlip | None:
    """The slip of a code, if it still opens something."""
    found = sa.select(SignInSlip).where(
        SignInSlip.code_hash == code_hash(code),
        SignInSlip.used_at.is_(None),
        SignInSlip.withdrawn_at.is_(None),
        SignInSlip.expires_at > at,
    )
    return session.scalar(found.with_for_update(of=SignInSlip) if lock else found)


def _add(session: Session, person: Person, kind: SlipKind, **values: Any) -> str:
    code, at = letters(_LETTERS), values.pop("at")
    slip = SignInSlip(person=person, kind=kind, code_hash=code_hash(code), issued_at=at, issued_by=values.pop("by"))
    for name, value in values.items():
        setattr(slip, name, value)
    session.add(slip)
    return in_fours(code)


def _withdraw(session: Session, at: datetime, *which: sa.ColumnElement[bool]) -> None:
    session.execute(
        sa.update(SignInSlip)
        .where(SignInSlip.used_at.is_(None), SignInSlip.withdrawn_at.is_(None), *which)
        .values(withdrawn_at=at)
    )
