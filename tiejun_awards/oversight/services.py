"""Reading the audit trail: the auditor's list, who saw what of a person, the lines of the supervision page."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ..accounts.models import Person
from ..accounts.rules import username_key
from ..shared import audit, trail
from ..shared.audit import AuditCheckpoint, AuditEvent, AuditSeal, Outcome
from ..shared.checkpoints import Checkpoint
from ..shared.clock import SHANGHAI, day_of, here
from ..shared.db import db, one_at_a_time, writing
from ..shared.errors import Missing
from ..shared.use_case import ACTIONS
from . import words

_VERIFIER_LOCK = 7_103

# Built once: the list is opened often, and building a statement costs more than asking it.
_E, _C = AuditEvent.__table__.c, AuditCheckpoint.__table__.c
_HEAD = sa.select(sa.func.max(AuditSeal.seq))
_CHECKPOINT = sa.select(*_C).order_by(_C.seq.desc()).limit(1)
_VERIFIED = (
    sa.select(_E.at, _E.detail).where(_E.action == "oversight.verified").order_by(_E.at.desc(), _E.id.desc()).limit(1)
)

titles: dict[str, Callable[[Collection[int]], Mapping[int, str]]] = {}
"""Kind of thing -> what its rows are called: handed in by ``app.py``, since the features above know them."""


def label_of(action: str) -> str:
    """An action in a reader's words."""
    return words.action_label(action, ACTIONS)


@cache
def all_actions() -> list[tuple[str, str]]:
    """(action, label) of everything that can stand in the trail, by label."""
    return sorted(((action, label_of(action)) for action in {*words.ACTIONS, *ACTIONS}), key=lambda each: each[1])


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

    events: Sequence[Any]  # rows of audit_event
    older: str = ""
    newer: str = ""


def page_of_trail(filters: Filters, *, size: int, before: str = "", after: str = "") -> Found:
    """A page by the place it begins at, not by its number: a million events are never counted.

    ``before`` and ``after`` are ``Found.older`` and ``newer``.
    """
    mark = _read_mark(after or before)
    if mark and after:
        rows = _first(filters, size + 1, mark < _PLACE, oldest=True)
        more_newer, rows = len(rows) > size, rows[:size][::-1]
        return Found(rows, _mark(rows[-1]) if rows else "", _mark(rows[0]) if rows and more_newer else "")
    rows = _first(filters, size + 1, mark > _PLACE if mark else sa.true())
    more_older, rows = len(rows) > size, rows[:size]
    return Found(rows, _mark(rows[-1]) if more_older else "", _mark(rows[0]) if mark and rows else "")


_PLACE = sa.tuple_(_E.at, _E.id)
MOST_WAYS = 60


def _first(filters: Filters, most: int, place: Any, *, oldest: bool = False) -> list[Any]:
    """The latest so many events, or the oldest. Several people or actions are asked for one by one, each along its index,
    and the first of all of them taken: one question with a list would sort all that match."""
    ways = narrowed(filters)
    ways = ways if len(ways) <= MOST_WAYS else [sa.or_(*ways)]

    def in_order(columns: Any) -> list[Any]:
        return [column if oldest else column.desc() for column in (columns.at, columns.id)]

    parts = [sa.select(*_E).where(place, way).order_by(*in_order(_E)).limit(most) for way in ways]
    if len(parts) == 1:
        return list(db.session.execute(parts[0]))
    all_of = sa.union_all(*(sa.select(part.subquery()) for part in parts)).subquery()
    return list(db.session.execute(sa.select(all_of).order_by(*in_order(all_of.c)).limit(most)))


def narrowed(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """The filters as conditions, one for each person and action they mean; together they are what is asked for."""
    common = _common(filters)
    people: list[Any] = [sa.true()]
    if filters.person:
        people = [_E.actor_id == number for number in _people_called(filters.person)]
        if filters.person == "系统":
            people = [_E.actor_id.is_(None)]
    actions: list[Any] = [sa.true()]
    if filters.action:
        actions = [_E.action == action for action in _actions_called(filters.action)]
    return [sa.and_(*common, person, action) for person in people for action in actions] or [sa.false()]


def _common(filters: Filters) -> list[Any]:
    wanted: list[Any] = []
    if filters.thing:
        kind, _, number = unicodedata.normalize("NFKC", filters.thing).strip().partition(" ")
        wanted.append(_E.object_type == _KINDS.get(kind, kind))
        if number.isascii() and number.isdigit() and len(number) < 10:
            wanted.append(_E.object_id == int(number))
    if filters.outcome in {outcome.value for outcome in Outcome}:
        wanted.append(_E.outcome == Outcome(filters.outcome))
    if filters.first:
        wanted.append(_E.at >= start_of(filters.first))
    if filters.last:
        wanted.append(_E.at < start_of(filters.last + timedelta(days=1)))
    return wanted


def start_of(day: date) -> datetime:
    """The first moment of a day in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def _people_called(text: str, most: int = 20) -> list[int]:
    named = sa.or_(Person.username_key == username_key(text), Person.name.contains(text, autoescape=True))
    return list(db.session.scalars(sa.select(Person.id).where(named).order_by(Person.id).limit(most)))


def _actions_called(text: str) -> list[str]:
    """The actions whose word or code holds the text; the text itself, where none does."""
    found = [action for action, label in all_actions() if text in label or text == action]
    return found or [text]


@dataclass(frozen=True, slots=True)
class Row:
    """An event as the list shows it."""

    id: int
    when: str
    who: str
    action: str
    thing: str
    denied: str


def rows_of(events: Sequence[Any]) -> list[Row]:
    """The events in words, worked out here: a page shows fifty of them."""
    names = names_of(events)
    return [
        Row(
            event.id,
            f"{here(event.at):%Y-%m-%d %H:%M:%S}",
            event.actor_name,
            label_of(event.action),
            names.get((event.object_type, event.object_id), "—"),
            "" if event.outcome is Outcome.OK else event.outcome.label,
        )
        for event in events
    ]


def _mark(event: Any) -> str:
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
    checkpoint: Any  # a row of audit_checkpoint, or None
    verified: Any  # (at, detail) of the last verification, or None


def state_of_seal() -> Sealed:
    """The head of the chain, its last checkpoint, the last verification."""
    return Sealed(
        db.session.scalar(_HEAD) or 0, db.session.execute(_CHECKPOINT).first(), db.session.execute(_VERIFIED).first()
    )


def seal_of(event: AuditEvent) -> tuple[AuditSeal | None, AuditCheckpoint | None]:
    """The link of an event and the first checkpoint that covers it."""
    seal = db.session.scalar(sa.select(AuditSeal).where(AuditSeal.event_id == event.id))
    if seal is None:
        return None, None
    covering = sa.select(AuditCheckpoint).where(AuditCheckpoint.seq >= seal.seq).order_by(AuditCheckpoint.seq)
    return seal, db.session.scalar(covering.limit(1))


_KINDS = {label: kind for kind, label in words.THINGS.items()}
"""What a reader calls a kind of thing -> its table."""


# Who looked.

MOST_WHO_SAW = 2_000
"""Lines shown of who looked at one person's pages: who needs more asks from a later day on."""


def who_saw(person: str, since: date, until: date | None = None) -> Sequence[AuditEvent]:
    """Who looked at pages about a person between two days, the latest first: by account, user name or the name on a nomination."""
    accounts = _people_called(person)
    about = sa.and_(AuditEvent.object_type == "person", AuditEvent.object_id.in_(accounts))
    named = AuditEvent.detail["about"].as_string() == person
    lists = AuditEvent.action == "oversight.saw_list"  # who took a whole list away may have seen him in it
    query = sa.select(AuditEvent).where(
        AuditEvent.at >= start_of(since),
        AuditEvent.at < start_of(until + timedelta(days=1)) if until else sa.true(),
        sa.or_(lists, sa.and_(AuditEvent.action == "oversight.saw", sa.or_(about, named))),
    )
    return db.session.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(MOST_WHO_SAW)).all()


# What things are called.


def names_of(events: Sequence[Any]) -> dict[tuple[str, int | None], str]:
    """What the things of the events are called, where a feature says so."""
    return names_of_things([(event.object_type, event.object_id) for event in events])


def names_of_things(things: Sequence[tuple[str, Any]]) -> dict[tuple[str, int | None], str]:
    """(kind of thing, number) -> what it is called: its title where a feature above says it."""
    found: dict[tuple[str, int | None], str] = {
        (kind, number): f"{words.THINGS.get(kind, kind)} {number or ''}".strip() for kind, number in things if kind
    }
    for kind, title in titles.items():
        numbers = {number for each, number in things if each == kind and isinstance(number, int)}
        if numbers:
            found |= {(kind, number): words for number, words in title(numbers).items()}
    return found


# Verification by the work process.


def verify_daily(
    now: datetime, key: Ed25519PublicKey | None, elsewhere: Sequence[Checkpoint] = ()
) -> trail.Verdict | None:
    """Once a day, from two in the morning on: verify the whole trail and write down what came of it."""
    last = db.session.execute(_VERIFIED).first()
    db.session.rollback()
    if now.astimezone(SHANGHAI).hour < 2 or (last is not None and day_of(last.at) >= day_of(now)):
        return None
    verdict = trail.verify(db.session(), now, key=key, elsewhere=elsewhere)
    with writing() as session:
        one_at_a_time(session, _VERIFIER_LOCK)
        said: dict[str, Any] = {"code": verdict.code, "events": verdict.events, "sealed": verdict.sealed}
        if not verdict.holds:
            said |= {"event": verdict.first_bad, "reason": verdict.reason or verdict.undecided}
        audit.record(session, None, "oversight.verified", at=now, detail=said)
    return verdict
