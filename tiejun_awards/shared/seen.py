"""Noting in the audit trail who looked at what is personal."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from . import audit
from .access import Actor
from .audit import AuditEvent
from .db import db, note

NOTED_AGAIN = timedelta(hours=1)
"""Somebody who looks at the same thing again within this is noted once."""


_E = AuditEvent.__table__.c
_LATELY = (
    sa.select(_E.id)
    .where(
        *(_E.actor_id == sa.bindparam("actor"), _E.at > sa.bindparam("since"), _E.action == sa.bindparam("action")),
        *(_E.object_type == sa.bindparam("kind"), sa.func.coalesce(_E.object_id, 0) == sa.bindparam("number")),
    )
    .limit(1)
)


def saw(actor: Actor, action: str = "oversight.saw", *, subject: object = None, about: str = "") -> None:
    """Note that somebody looked at something about a person: once an hour for the same thing. Views call it.

    ``about`` is the person's name where he has no account; never anything of what was seen.
    """
    kind, number = getattr(subject, "__tablename__", ""), getattr(subject, "id", None)
    asked = {
        "actor": actor.person_id,
        "since": actor.at - NOTED_AGAIN,
        "action": action,
        "kind": kind,
        "number": number or 0,
    }
    # Two at the same moment may both be noted: that loses nothing.
    if db.session.execute(_LATELY, asked).first() is None:
        detail = {"about": about} if about else None
        note(lambda session: audit.record(session, actor, action, at=actor.at, subject=subject, detail=detail))
