"""Reading the audit trail: the auditor's list, who saw what of a person, the lines of the supervision page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.orm import Session

from ..accounts.models import Person
from ..accounts.rules import username_key
from ..shared import audit, trail
from ..shared.access import Actor, Permission, reach
from ..shared.audit import AuditCheckpoint, AuditEvent, AuditSeal, Outcome
from ..shared.clock import SHANGHAI, day_of
from ..shared.db import db, note, one_at_a_time, within, writing
from ..shared.errors import Missing
from ..shared.use_case import ACTIONS
from . import rules
from .rules import TOLD, Kind

NOTED_AGAIN = timedelta(hours=1)
"""Somebody who looks at the same thing again within this is noted once."""

_VERIFIER_LOCK = 7_103

titles: dict[str, Callable[[Collection[int]], Mapping[int, str]]] = {}
"""Kind of thing -> what its rows are called: handed in by ``app.py``, since the features above know them."""


def label_of(action: str) -> str:
    """An action in a reader's words."""
    return rules.action_label(action, ACTIONS)


def all_actions() -> list[tuple[str, str]]:
    """(action, label) of everything that can stand in the trail, by label."""
    return sorted(((action, label_of(action)) for action in {*rules.ACTIONS, *ACTIONS}), key=lambda each: each[1])


# The auditor's list.


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty means all. Days are of Shanghai, both included."""

    person: str = ""
    action: str = ""
    thing: str = ""
    outcome: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of events, the latest first; ``older`` and ``newer`` are what the next page begins at, where there is one."""

    events: Sequence[AuditEvent]
    older: str = ""
    newer: str = ""


def page_of_trail(filters: Filters, *, size: int, before: str = "", after: str = "") -> Found:
    """A page by the place it begins at, not by its number: a million events are never counted.

    ``before`` and ``after`` are ``Found.older`` and ``newer``.
    """
    query, key = narrowed(filters), sa.tuple_(AuditEvent.at, AuditEvent.id)
    mark = _read_mark(after or before)
    if mark and after:
        rows = list(db.session.scalars(query.where(key > mark).order_by(AuditEvent.at, AuditEvent.id).limit(size + 1)))
        more_newer, rows = len(rows) > size, rows[:size][::-1]
        return Found(rows, _mark(rows[-1]) if rows else "", _mark(rows[0]) if rows and more_newer else "")
    if mark:
        query = query.where(key < mark)
    rows = list(db.session.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(size + 1)))
    more_older, rows = len(rows) > size, rows[:size]
    return Found(rows, _mark(rows[-1]) if more_older else "", _mark(rows[0]) if mark and rows else "")


def narrowed(filters: Filters) -> sa.Select[tuple[AuditEvent]]:
    """The events under the filters, in no order."""
    query = sa.select(AuditEvent)
    if filters.person:
        people = _people_called(filters.person)
        query = query.where(AuditEvent.actor_id.in_(people) if people else AuditEvent.actor_name == filters.person)
    if filters.action:
        query = query.where(AuditEvent.action == filters.action)
    if filters.thing:
        kind, _, number = filters.thing.partition(" ")
        query = query.where(AuditEvent.object_type == kind)
        if number.isascii() and number.isdigit() and len(number) < 10:
            query = query.where(AuditEvent.object_id == int(number))
    if filters.outcome in {outcome.value for outcome in Outcome}:
        query = query.where(AuditEvent.outcome == Outcome(filters.outcome))
    if filters.first:
        query = query.where(AuditEvent.at >= _start_of(filters.first))
    if filters.last:
        query = query.where(AuditEvent.at < _start_of(filters.last + timedelta(days=1)))
    return query


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _people_called(text: str, most: int = 50) -> list[int]:
    named = sa.or_(Person.username_key == username_key(text), Person.name.contains(text, autoescape=True))
    return list(db.session.scalars(sa.select(Person.id).where(named).order_by(Person.id).limit(most)))


def _mark(event: AuditEvent) -> str:
    return f"{event.at.timestamp():.6f}-{event.id}"


def _read_mark(text: str) -> tuple[datetime, int] | None:
    seconds, _, number = text.partition("-")
    try:
        return datetime.fromtimestamp(float(seconds), SHANGHAI), int(number)
    except (ValueError, OverflowError, OSError):
        return None


def get_event(event_id: int) -> AuditEvent:
    """One event. Raises Missing."""
    event = db.session.get(AuditEvent, event_id)
    if event is None:
        raise Missing
    return event


@dataclass(frozen=True, slots=True)
class Sealed:
    """How far the trail is sealed and signed, and what the last verification by the work process said."""

    seq: int
    checkpoint: AuditCheckpoint | None
    verified: AuditEvent | None


def state_of_seal() -> Sealed:
    """The head of the chain, its last checkpoint, the last verification."""
    return Sealed(
        db.session.scalar(sa.select(sa.func.max(AuditSeal.seq))) or 0,
        db.session.scalar(sa.select(AuditCheckpoint).order_by(AuditCheckpoint.seq.desc()).limit(1)),
        _last_verification(db.session()),
    )


def seal_of(event: AuditEvent) -> tuple[AuditSeal | None, AuditCheckpoint | None]:
    """The link of an event and the first checkpoint that covers it."""
    seal = db.session.scalar(sa.select(AuditSeal).where(AuditSeal.event_id == event.id))
    if seal is None:
        return None, None
    covering = sa.select(AuditCheckpoint).where(AuditCheckpoint.seq >= seal.seq).order_by(AuditCheckpoint.seq)
    return seal, db.session.scalar(covering.limit(1))


# Noting who looked.


def saw(actor: Actor, action: str = "oversight.saw", *, subject: object = None, about: str = "") -> None:
    """Note that somebody looked at something about a person: once an hour for the same thing. Views call it.

    ``about`` is the person's name where he has no account; never anything of what was seen.
    """

    def write(session: Session) -> None:
        kind, number = getattr(subject, "__tablename__", ""), getattr(subject, "id", None)
        lately = sa.select(AuditEvent.id).where(
            AuditEvent.actor_id == actor.person_id,
            AuditEvent.at > actor.at - NOTED_AGAIN,
            AuditEvent.action == action,
            AuditEvent.object_type == kind,
            AuditEvent.object_id.is_(None) if number is None else AuditEvent.object_id == number,
        )
        if session.scalar(lately.limit(1)) is None:
            audit.record(
                session, actor, action, at=actor.at, subject=subject, detail={"about": about} if about else None
            )

    note(write)


def who_saw(person: str, since: date) -> Sequence[AuditEvent]:
    """Who looked at pages about a person since a day, the latest first: by account, user name or the name on a nomination."""
    accounts = _people_called(person)
    about = sa.and_(AuditEvent.object_type == "person", AuditEvent.object_id.in_(accounts))
    named = AuditEvent.detail["about"].as_string() == person
    query = sa.select(AuditEvent).where(
        AuditEvent.action == "oversight.saw", AuditEvent.at >= _start_of(since), sa.or_(about, named)
    )
    return db.session.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(2_000)).all()


# The supervision page.


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
            AuditEvent.at >= _start_of(first),
            AuditEvent.at < _start_of(last + timedelta(days=1)),
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
    names = _names([(event.object_type, event.object_id) for event in events])
    branches = _names([("party_organisation", event.detail.get("branch")) for event in events])
    return [
        Line(
            event.at,
            TOLD[event.action].kind,
            (branches[("party_organisation", event.detail["branch"])] if event.detail.get("branch") else "")
            or names.get((event.object_type, event.object_id), ""),
            TOLD[event.action].sentence(event.detail),
            event.actor_name,
        )
        for event in events
    ]


def names_of(events: Sequence[AuditEvent]) -> dict[tuple[str, int | None], str]:
    """What the things of the events are called, where a feature says so."""
    return _names([(event.object_type, event.object_id) for event in events])


def _names(things: Sequence[tuple[str, Any]]) -> dict[tuple[str, int | None], str]:
    found: dict[tuple[str, int | None], str] = {
        (kind, number): f"{rules.THINGS.get(kind, kind)} {number or ''}".strip() for kind, number in things if kind
    }
    for kind, title in titles.items():
        numbers = {number for each, number in things if each == kind and isinstance(number, int)}
        if numbers:
            found |= {(kind, number): words for number, words in title(numbers).items()}
    return found


# Verification by the work process.


def _last_verification(session: Session) -> AuditEvent | None:
    of_verification = sa.select(AuditEvent).where(AuditEvent.action == "oversight.verified")
    return session.scalar(of_verification.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(1))


def verify_daily(now: datetime, key: Ed25519PublicKey | None) -> trail.Verdict | None:
    """Once a day, from two in the morning on: verify the whole trail and write down what came of it."""
    last = _last_verification(db.session())
    db.session.rollback()
    if now.astimezone(SHANGHAI).hour < 2 or (last is not None and day_of(last.at) >= day_of(now)):
        return None
    verdict = trail.verify(db.session(), now, key=key)
    with writing() as session:
        one_at_a_time(session, _VERIFIER_LOCK)
        said: dict[str, Any] = {"code": verdict.code, "events": verdict.events, "sealed": verdict.sealed}
        if not verdict.holds:
            said |= {"event": verdict.first_bad, "reason": verdict.reason or verdict.undecided}
        audit.record(session, None, "oversight.verified", at=now, detail=said)
    return verdict
