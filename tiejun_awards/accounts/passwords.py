"""Passwords: hashed and compared, judged by the profile, set and remembered."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.orm import Session

from ..shared.db import db
from ..shared.errors import Refused
from . import password_rules
from .models import EarlierPassword, Person
from .password_rules import Profile
from .policy import policy

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _hasher.hash(secrets.token_urlsafe())  # verified for unknown names, so that they take as long
_at_once = threading.BoundedSemaphore(2)
"""Hashing is all processor and memory: a rush of sign-ins waits for itself, and pages go on being served."""

_COMMON = Path(__file__).with_name("common_passwords.txt")


def hash_password(password: str) -> str:
    """The argon2id hash that is stored."""
    with _at_once:
        return _hasher.hash(password_rules.same(password))


def password_is(password_hash: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    try:
        with _at_once:
            return _hasher.verify(password_hash, password_rules.same(password))
    except (Argon2Error, InvalidHashError):
        return False


def is_right_of(person: Person | None, password: str) -> bool:
    """Whether it is the password of an account in use. As much work for nobody, for a disabled and for an empty one."""
    usable = person if person is not None and person.disabled_at is None and person.password_hash else None
    right = password_is(usable.password_hash if usable else _NOBODY, password)
    return usable is not None and right


@cache
def common() -> frozenset[str]:
    """The common passwords and words that come with the system, in lower case."""
    return frozenset(_COMMON.read_text("utf-8").split())


def words_about(person: Person) -> list[str]:
    """What others know of somebody and would try first."""
    about = [person.username, person.name, person.organiser.name, person.mobile or ""]
    return about + [place.name for place in (person.unit, person.branch) if place is not None]


def why_not(
    password: str, *, profile: Profile | None = None, words: Sequence[str] = (), earlier_hashes: Sequence[str] = ()
) -> str | None:
    """Why a new password is not taken, in a sentence for beside the field; None when it is. By the installation's profile."""
    profile = profile or policy().profile
    why = password_rules.why_not(password, profile=profile, words=words, common=common())
    if why is None and profile is Profile.DENGBAO and any(password_is(old, password) for old in earlier_hashes):
        return f"这个密码最近 {password_rules.REMEMBERED} 次里用过，请换一个。"
    return why


def refuse_weak(person: Person, password: str, again: str) -> None:
    """Raise Refused beside ``new_password`` or ``again`` unless somebody may have this password from now on."""
    why = why_not(password, words=words_about(person), earlier_hashes=_earlier(person))
    if why:
        raise Refused(why, field="new_password")
    if password_rules.same(password) != password_rules.same(again):
        raise Refused("两次写的密码不一样，请再写一次。", field="again")


def set_password(session: Session, person: Person, password_hash: str, *, at: datetime) -> None:
    """Give an account its next password, already hashed; the old one is remembered for a while. A helper of verbs."""
    if person.password_hash:
        session.add(EarlierPassword(person_id=person.id, password_hash=person.password_hash, ended_at=at))
        session.flush()
    kept = (
        sa.select(EarlierPassword.id)
        .where(EarlierPassword.person_id == person.id)
        .order_by(EarlierPassword.id.desc())
        .limit(password_rules.REMEMBERED - 1)
    )
    session.execute(
        sa.delete(EarlierPassword).where(
            EarlierPassword.person_id == person.id, EarlierPassword.id.not_in(session.scalars(kept).all())
        )
    )
    person.password_hash, person.password_set_at, person.grace_used_at = password_hash, at, None


def _earlier(person: Person) -> list[str]:
    found = db.session.scalars(
        sa.select(EarlierPassword.password_hash)
        .where(EarlierPassword.person_id == person.id)
        .order_by(EarlierPassword.id.desc())
        .limit(password_rules.REMEMBERED - 1)
    )
    return [held for held in (person.password_hash, *found) if held]
