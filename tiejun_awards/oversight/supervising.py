"""The lines of the supervision page, read from the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ..shared.access import Actor, Permission, reach
from ..shared.audit import AuditEvent, Outcome
from ..shared.db import db, within
from .rules import TOLD, Kind
from .services import names_of_things, start_of


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the supervision page."""

    at: datetime
    kind: Kind
    about: str
    sentence: str
    who: str


def supervised(actor: Actor, kind: Kind | None, first: date, last: date) -> sa.Select[tuple[AuditEvent]]:
    """The events the supervision page tells this reader, between two days, the latest first."""
    asked = [action for action, told in TOLD.items() if kind in (None, told.kind)]
    plain = [action for action in asked if not TOLD[action].needs]
    ways: list[sa.ColumnElement[bool]] = [AuditEvent.action.in_(plain)]
    for action in asked:
        told = TOLD[action]
        if told.needs:
            held = AuditEvent.detail[told.needs].as_string()
            ways.append(sa.and_(AuditEvent.action == action, held.in_(told.among) if told.among else held.is_not(None)))
    return (
        sa.select(AuditEvent)
        .where(
            within(reach(actor, Permission.READ_SUPERVISION), organiser=AuditEvent.organiser_id),
            AuditEvent.outcome == Outcome.OK,
            AuditEvent.at >= start_of(first),
            AuditEvent.at < start_of(last + timedelta(days=1)),
            sa.or_(*ways),
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    )


def events_of(query: sa.Select[tuple[AuditEvent]]) -> Sequence[AuditEvent]:
    """The events of a query, or of a page of it."""
    return db.session.scalars(query).all()


def counts(actor: Actor, first: date, last: date) -> dict[Kind, int]:
    """How many lines of each kind there are between two days."""
    found = dict.fromkeys(Kind, 0)
    inner = supervised(actor, None, first, last).order_by(None).subquery()
    for action, number in db.session.execute(sa.select(inner.c.action, sa.func.count()).group_by(inner.c.action)):
        found[TOLD[action].kind] += number
    return found


def lines(events: Sequence[AuditEvent]) -> list[Line]:
    """The events in words, each with what it is about."""
    asked: list[tuple[str, Any]] = [(event.object_type, event.object_id) for event in events]
    asked += [(kind, event.detail.get(name)) for event in events for name, kind in _NUMBERS.items()]
    names = names_of_things([(kind, number) for kind, number in asked if isinstance(number, int)])
    found = []
    for event in events:
        told = TOLD[event.action]
        said = {f"{name}_name": names.get((kind, event.detail.get(name)), "") for name, kind in _NUMBERS.items()}
        about = said["branch_name"] or said["unit_name"] or names.get((event.object_type, event.object_id), "")
        found.append(Line(event.at, told.kind, about, told.sentence({**event.detail, **said}), event.actor_name))
    return found


_NUMBERS = {"branch": "party_organisation", "unit": "unit", "person": "person", "before": "person"}
"""Details that hold a number, and of what."""
