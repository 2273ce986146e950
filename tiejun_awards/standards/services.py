"""Finding standards, and taking the product's proposal into an organiser's own shelf."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..shared.access import Actor, Permission, reach
from ..shared.db import db, within
from ..shared.digests import digest
from ..shared.errors import Missing
from . import rules
from .models import Standard
from .rules import Scheme


@cache
def default_content() -> dict[str, Any]:
    """The product's proposal: 6 categories, 25 indicators, 100 points."""
    return tomllib.loads((Path(__file__).with_name("data") / "default.toml").read_text("utf-8"))


@lru_cache(maxsize=64)
def _scheme(standard_id: int, fingerprint: str) -> Scheme:
    return rules.read(db.session.get_one(Standard, standard_id).content)


def scheme_of(standard_id: int) -> Scheme:
    """The scheme of a stored standard. A stored version never changes, so it is read once."""
    fingerprint = db.session.scalar(sa.select(Standard.digest).where(Standard.id == standard_id))
    return _scheme(standard_id, fingerprint or "")


def scheme_with(standard_id: int, fingerprint: str) -> Scheme:
    """The same where the digest is known already: no statement."""
    return _scheme(standard_id, fingerprint)


def line_title(standard_id: int, fingerprint: str, code: str) -> str:
    """What a scoring line says, with its code: “6.1b 支部书记履职”."""
    found = next((line for line in scheme_with(standard_id, fingerprint).lines if line.code == code), None)
    return f"{code} {found.title}" if found else code


def newest(session: Session, organiser_id: int, at: datetime) -> Standard:
    """The organiser's newest standard; the product's proposal becomes its first where it has none. Within a verb."""
    found = session.scalar(
        sa.select(Standard).where(Standard.organiser_id == organiser_id).order_by(Standard.version.desc()).limit(1)
    )
    if found is not None:
        return found
    content = default_content()
    scheme = rules.read(content)
    made = Standard(
        organiser_id=organiser_id,
        version=1,
        title=scheme.title,
        suggested=True,
        digest=digest(content),
        made_at=at,
        content=content,
    )
    session.add(made)
    session.flush()
    return made


def visible_to(actor: Actor) -> sa.Select[tuple[Standard]]:
    """The standards of the organisers in reach."""
    got = reach(actor, Permission.READ_STANDARDS)
    return sa.select(Standard).where(within(got, organiser=Standard.organiser_id))


def all_visible(actor: Actor) -> Sequence[Standard]:
    """Them, the newest first."""
    return db.session.scalars(visible_to(actor).order_by(Standard.organiser_id, Standard.version.desc())).all()


def get_visible(actor: Actor, standard_id: int) -> Standard:
    """One of them. Raises Missing."""
    found = db.session.scalar(visible_to(actor).where(Standard.id == standard_id))
    if found is None:
        raise Missing
    return found
