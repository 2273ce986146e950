"""The audit trail: events written in the business transaction, a hash chain sealed over them afterwards.

No event, no change; a rollback removes both. The chain is appended by one sealer (``flask work``) so that no
two verbs ever wait for each other. An event deleted before it is sealed is not missed by the chain: the
sealer runs every few seconds. ``checkpoints`` signs the chain now and then, ``trail`` verifies all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from json.encoder import encode_basestring
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from .access import Actor
from .clock import SHANGHAI, day_of
from .db import Base, choice, immutable, one_at_a_time, writing
from .digests import canonical
from .labels import Labelled

CHAIN_START = "0" * 64
_SEALER_LOCK = 7_101


class Outcome(Labelled):
    """How the attempt ended."""

    OK = "ok", "成功"
    DENIED = "denied", "被拒绝"


class AuditEvent(Base):
    """One line of the trail: who did what to which thing, when, under which request. Never changed."""

    __tablename__ = "audit_event"
    __table_args__ = (  # as the pages of the trail ask: each filter, latest first
        sa.Index("audit_event_actor_ix", "actor_id", "at"),
        sa.Index("audit_event_did_ix", "actor_id", "action", "at"),
        sa.Index("audit_event_action_ix", "action", "at"),
        sa.Index("audit_event_object_ix", "object_type", "object_id", "at"),
        sa.Index("audit_event_organiser_ix", "organiser_id", "at"),
        sa.Index("audit_event_outcome_ix", "outcome", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    organiser_id: Mapped[int | None]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(sa.String(80))
    request_id: Mapped[str] = mapped_column(sa.String(40))
    address: Mapped[str] = mapped_column(sa.String(45))
    action: Mapped[str] = mapped_column(sa.String(60))
    object_type: Mapped[str] = mapped_column(sa.String(40))
    object_id: Mapped[int | None]
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "audit_outcomes"))
    detail: Mapped[dict[str, Any]]
    leaf: Mapped[str] = mapped_column(sa.String(64))


class AuditSeal(Base):
    """One link of the chain: ``chain = SHA-256(0x01 + previous chain + leaf)``. Never changed."""

    __tablename__ = "audit_seal"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_event.id"), unique=True)
    chain: Mapped[str] = mapped_column(sa.String(64))


class AuditCheckpoint(Base):
    """A signature over the chain as far as a seal: who cannot sign cannot make another past. Never changed.

    The same line goes to a file outside the database; copied to another machine it shows a cut tail.
    """

    __tablename__ = "audit_checkpoint"

    seq: Mapped[int] = mapped_column(sa.ForeignKey("audit_seal.seq"), primary_key=True, autoincrement=False)
    chain: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    algorithm: Mapped[str] = mapped_column(sa.String(20))
    key_id: Mapped[str] = mapped_column(sa.String(16))
    signature: Mapped[str] = mapped_column(sa.String(128))


_EVENTS = immutable(AuditEvent.__table__)  # type: ignore[arg-type]
immutable(AuditSeal.__table__)  # type: ignore[arg-type]
immutable(AuditCheckpoint.__table__)  # type: ignore[arg-type]
_quoted = encode_basestring
SIGNED_COLUMNS = tuple(column.name for column in _EVENTS.columns if column.name not in ("id", "leaf"))
_AT, _OUTCOME, _DETAIL = (SIGNED_COLUMNS.index(name) for name in ("at", "outcome", "detail"))


def record(
    session: Session,
    actor: Actor | None,
    action: str,
    *,
    at: datetime,
    subject: object = None,
    organiser_id: int | None = None,
    outcome: Outcome = Outcome.OK,
    detail: dict[str, Any] | None = None,
    traced: bool = True,
) -> None:
    """Add one event to the transaction under way. ``detail`` holds no secret, choice or file content.

    Untraced, it says the day and neither hour, request nor address: who voted is known, nothing that ties it to an envelope.
    """
    event = AuditEvent(
        at=at if traced else _beginning_of_day(at),
        organiser_id=organiser_id if organiser_id is not None else actor and actor.organiser_id,
        actor_id=actor and actor.person_id,
        actor_name=actor.name if actor else "系统",
        request_id=actor.trace.request_id if actor and traced else "",
        address=actor.trace.address if actor and traced else "",
        action=action,
        object_type=getattr(subject, "__tablename__", ""),
        object_id=getattr(subject, "id", None),
        outcome=outcome,
        detail=detail or {},
    )
    event.leaf = leaf_of(event)
    session.add(event)


def _beginning_of_day(at: datetime) -> datetime:
    return datetime.combine(day_of(at), time(), SHANGHAI)


def latest(event: AuditEvent) -> datetime:
    """The latest moment an event can be of: an untraced one says only its day."""
    untraced = not event.request_id and event.at == _beginning_of_day(event.at)
    return event.at + timedelta(days=1) if untraced else event.at


def leaf_of(event: Any) -> str:
    """SHA-256 over the event's columns in canonical JSON (all but id and leaf)."""
    values = [getattr(event, name) for name in SIGNED_COLUMNS]
    values[_AT] = signed_moment(event.at)
    values[_OUTCOME] = event.outcome.value
    values[_DETAIL] = canonical(event.detail)
    return leaf_of_values(values)


def leaf_of_values(values: Sequence[Any]) -> str:
    """The same over the columns in the order of SIGNED_COLUMNS: the moment as signed, the outcome's value, the detail as
    canonical JSON. Written out, since a million of them are verified at a time; it is what ``canonical`` makes of them."""
    at, organiser, actor, actor_name, request, address, action, object_type, object_id, outcome, detail = values
    text = (
        f'{{"action":{_quoted(action)},"actor_id":{_number(actor)},"actor_name":{_quoted(actor_name)},'
        f'"address":{_quoted(address)},"at":"{at}","detail":{detail},"object_id":{_number(object_id)},'
        f'"object_type":{_quoted(object_type)},"organiser_id":{_number(organiser)},"outcome":"{outcome}",'
        f'"request_id":{_quoted(request)}}}'
    )
    return hashlib.sha256(b"\x00" + text.encode()).hexdigest()


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def signed_moment(at: datetime) -> str:
    """A moment as it is signed, and as it comes back from the database."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def link(previous: str, leaf: str) -> str:
    """The next chain value."""
    return hashlib.sha256(b"\x01" + bytes.fromhex(previous) + bytes.fromhex(leaf)).hexdigest()


def seal_pending(most: int = 2_000) -> int:
    """Append up to ``most`` unsealed events to the chain; the number sealed."""
    with writing() as session:
        one_at_a_time(session, _SEALER_LOCK)
        last = session.execute(
            sa.select(AuditSeal.seq, AuditSeal.chain).order_by(AuditSeal.seq.desc()).limit(1)
        ).first()
        seq, chain = (last.seq, last.chain) if last else (0, CHAIN_START)
        # An anti-join, not “id above the last”: identity values may commit out of order.
        unsealed = sa.select(AuditEvent.id, AuditEvent.leaf).where(
            ~sa.exists().where(AuditSeal.event_id == AuditEvent.id)
        )
        seals = []
        for event_id, leaf in session.execute(unsealed.order_by(AuditEvent.id).limit(most)):
            seq, chain = seq + 1, link(chain, leaf)
            seals.append({"seq": seq, "event_id": event_id, "chain": chain})
        if seals:
            session.execute(sa.insert(AuditSeal), seals)
        return len(seals)
