"""What was typed when a session ended, or before the password was asked for once more: kept for its writer."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from ..shared.db import db, writing
from . import rules
from .live_sessions import sha256
from .models import CarriedForm


def carry(person_id: int, path: str, fields: Sequence[tuple[str, str]], *, at: datetime) -> str:
    """Keep a form for its writer; the token that gets it back, or "" when there is nothing to keep."""
    kept = rules.carried_fields(fields)
    if not kept:
        return ""
    token = secrets.token_urlsafe(32)
    with writing() as session:
        session.add(
            CarriedForm(token_hash=sha256(token), person_id=person_id, path=path[:200], fields=kept, made_at=at)
        )
    return token


def take_carried(token: str, *, person_id: int, at: datetime) -> CarriedForm | None:
    """The form kept under a token, if this person wrote it and it is not too old."""
    form = db.session.get(CarriedForm, sha256(token))
    if form is None or form.person_id != person_id or at - form.made_at >= rules.CARRIED_FOR:
        return None
    return form
