"""Slips (登录条): printed one-time codes by which somebody sets his first or his next password."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

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


def issue_slip(session: Session, person: Person, kind: SlipKind, *, by: int | None, at: datetime) -> str:
    """Make a slip and withdraw the earlier ones of the account; the code, in groups of four. A helper of verbs.

    The code is nowhere stored: it is printed once.
    """
    session.execute(
        sa.update(SignInSlip)
        .where(SignInSlip.person_id == person.id, SignInSlip.used_at.is_(None), SignInSlip.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
    )
    letters = "".join(secrets.choice(ALPHABET) for _ in range(_LETTERS))
    session.add(
        SignInSlip(
            person=person,
            kind=kind,
            code_hash=code_hash(letters),
            issued_at=at,
            issued_by=by,
            expires_at=at + rules.SLIP_LASTS,
        )
    )
    return "-".join(letters[start : start + 4] for start in range(0, _LETTERS, 4))
