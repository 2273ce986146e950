"""Rules of accounts: names, sessions, what may be carried through signing in again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ..shared.rights import INSTALL_ROLES, Role

IDLE = timedelta(minutes=30)
"""A session nobody used this long has ended (GB/T 22239 身份鉴别: 登录连接超时自动退出)."""

ABSOLUTE = timedelta(hours=8)
"""A session ends after this, however busy it is."""

SEEN_EVERY = timedelta(minutes=1)
"""How often the last use is written down."""

REAUTH_LASTS = timedelta(minutes=10)
"""How long giving the password again counts, for the few verbs that ask for it."""

MOST_REAUTH_FAILURES = 5
"""So many wrong passwords in a row end the session."""

SLIP_LASTS = timedelta(days=7)
"""How long a printed slip opens its account."""

CARRIED_FOR = timedelta(hours=24)
"""How long typed text waits for its writer."""

MOST_CARRIED = 200_000
"""Characters of typed text that are carried at most."""

_NEVER_CARRIED = frozenset({"csrf_token", "password", "passphrase", "again"})


def username_key(name: str) -> str:
    """Names equal after NFKC, case folding and trimming are one account (full-width ＯＦＦＩＣＥ is office)."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def mobile_key(text: str) -> str:
    """A mainland mobile number as it is stored: eleven digits. Empty for what is none; full-width digits, blanks,
    dashes and the country's prefix are read."""
    plain = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).removeprefix("+86")
    return plain if re.fullmatch(r"1[3-9][0-9]{9}", plain) else ""


def not_together(held: Iterable[Role], wanted: Role) -> Role | None:
    """A post already held that excludes the wanted one, or None.

    The three administrators (系统三类管理员) exclude one another (GB/T 22239 8.1.4 访问控制, 8.1.5 系统管理、审计管理、安全管理).
    """
    if wanted not in INSTALL_ROLES:
        return None
    return next((role for role in held if role in INSTALL_ROLES and role is not wanted), None)


def session_state(*, made_at: datetime, seen_at: datetime, ended_at: datetime | None, now: datetime) -> str:
    """``live``, ``expired`` (idle or too old: typed text is carried) or ``ended`` (signed out or taken away)."""
    if ended_at is not None:
        return "ended"
    if now - seen_at >= IDLE or now - made_at >= ABSOLUTE:
        return "expired"
    return "live"


def is_fresh(reauth_at: datetime | None, now: datetime) -> bool:
    """Whether the password was given again a short while ago."""
    return reauth_at is not None and timedelta(0) <= now - reauth_at < REAUTH_LASTS


def carried_fields(fields: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The fields of a form worth carrying; empty when there is nothing or far too much."""
    kept = [[name, value] for name, value in fields if name not in _NEVER_CARRIED]
    if sum(len(name) + len(value) for name, value in kept) > MOST_CARRIED:
        return []
    return kept


def safe_next(path: str) -> str:
    """The path to go on to after signing in: only a path of this site, otherwise the home page."""
    strange = "\\" in path or any(ord(char) < 33 for char in path)
    here = path.startswith("/") and not path.startswith("//")
    return path if here and not strange and len(path) <= 200 else "/"
