"""Telling people something, within the verb that makes it so; a person's own messages; whether he wants e-mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..accounts import people
from ..accounts.models import Person
from ..shared.access import Actor, Permission, Role, reach
from ..shared.clock import day_of
from ..shared.db import db, insert_all_absent, writing
from ..shared.errors import Missing, Refused
from ..shared.listing import Listing
from ..shared.use_case import hush, tell, use_case
from . import rules
from .models import Mail, Message, Reminder
from .rules import Kind

BRANCH = (Role.SECRETARY, Role.LIAISON)
"""Who is told what becomes of a branch's things."""


# Telling: helpers of verbs.


def tell_people(
    session: Session, actor: Actor, kind: Kind, subject: str, text: str, path: str, person_ids: Iterable[int]
) -> None:
    """Tell people something, except the one who does it. Once a person, kind, subject and day, however often it is said."""
    write(session, actor.at, [(kind, subject, text, path, each) for each in person_ids if each != actor.person_id])


def tell_holders(
    session: Session,
    actor: Actor,
    kind: Kind,
    subject: str,
    text: str,
    path: str,
    roles: Sequence[Role] = BRANCH,
    *,
    organiser_id: int | None = None,
    branch_id: int | None = None,
    unit_id: int | None = None,
) -> None:
    """Tell whoever holds a post today at an organiser, a branch or a unit."""
    found = people.holders(session, roles, actor.at, organiser_id=organiser_id, branch_id=branch_id, unit_id=unit_id)
    tell_people(session, actor, kind, subject, text, path, [holder.person_id for holder in found])


def write(session: Session, at: datetime, messages: Iterable[tuple[Kind, str, str, str, int]]) -> None:
    """Write messages: (kind, subject, text, path, person). Those there already today are left as they are."""
    rows = {
        (person_id, kind, subject): {
            "person_id": person_id,
            "kind": kind,
            "subject": subject,
            "day": day_of(at),
            "path": path,
            "text": text if len(text) <= 200 else text[:199] + "…",
            "made_at": at,
        }
        for kind, subject, text, path, person_id in messages
    }
    insert_all_absent(session, Message, list(rows.values()), Message.id)


# A person's own.


def visible_to(actor: Actor) -> sa.Select[tuple[Message]]:
    """The actor's own messages: nobody sees another's, nor whether they were read."""
    got = reach(actor, Permission.READ_MESSAGES)
    return sa.select(Message).where(sa.false() if got.person is None else Message.person_id == got.person)


def get_visible(actor: Actor, message_id: int) -> Message:
    """One of the actor's messages. Raises Missing."""
    found = db.session.scalar(visible_to(actor).where(Message.id == message_id))
    if found is None:
        raise Missing
    return found


def _where(listing: Listing) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if listing.filters["state"] != "all":
        found.append(Message.read_at.is_(None))
    if listing.filters["kind"] in {kind.value for kind in Kind}:
        found.append(Message.kind == Kind(listing.filters["kind"]))
    return found


def my_messages(actor: Actor, listing: Listing) -> tuple[Listing, Sequence[Message]]:
    """One page of the actor's messages, the unread first, then the latest."""
    asked = visible_to(actor).where(*_where(listing))
    total: Any = db.session.scalar(sa.select(sa.func.count()).select_from(asked.subquery()))
    counted = listing.counted(total)
    page = asked.order_by(Message.read_at.is_not(None), Message.made_at.desc(), Message.id.desc())
    return counted, db.session.scalars(page.offset(counted.offset).limit(counted.per_page)).all()


@use_case(Permission.READ_MESSAGES)
def open_one(actor: Actor, message: Message, *, key: str = "") -> Message:
    """Mark a message as read. No line of the audit trail: who reads what is nobody's business."""
    hush(db.session())
    message.read_at = message.read_at or actor.at
    return message


@use_case(Permission.READ_MESSAGES)
def read_all(actor: Actor, person: Person, *, key: str = "") -> None:
    """Mark all one's messages as read; likewise without a line."""
    hush(db.session())
    unread = sa.update(Message).where(Message.person_id == person.id, Message.read_at.is_(None))
    db.session.execute(unread.values(read_at=actor.at))


@use_case(Permission.READ_MESSAGES)
def set_email(actor: Actor, person: Person, *, address: str, wanted: bool, key: str = "") -> Person:
    """Where one's e-mail goes, and whether one wants any. The address itself stays out of the audit trail."""
    address = address.strip()
    wrong = rules.address_fault(address) if address else "要用邮件提醒，请先填邮箱地址。" if wanted else ""
    if wrong:
        raise Refused(wrong, field="address")
    person.email = address or None
    person.email_since = (person.email_since or actor.at) if wanted else None
    tell(db.session(), wanted=wanted)
    return person


def forget_old(now: datetime) -> None:
    """Delete read messages after half a year, any after a year, and what else tells of reminders that are long over."""
    old = sa.and_(Message.read_at.is_not(None), Message.made_at < now - rules.READ_KEPT)
    with writing() as session:
        session.execute(sa.delete(Message).where(sa.or_(Message.made_at < now - rules.KEPT, old)))
        session.execute(sa.delete(Reminder).where(Reminder.sent_at < now - rules.REMINDERS_KEPT))
        session.execute(sa.delete(Mail).where(Mail.made_at < now - rules.READ_KEPT))
