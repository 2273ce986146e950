"""The audit trail: events written in the business transaction, a hash chain sealed over them afterwards.

No event, no change; a rollback removes both. The chain is appended by one sealer (``flask work``) so that no
two verbs ever wait for each other. An event deleted before it is sealed is not missed by the chain: the
sealer runs every few seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from .access import Actor
from .clock import SHANGHAI, day_of
from .db import Base, choice, immutable, one_at_a_time, writing
from .digests import canonical
from .labels import Labelled

CHAIN_START = "0" * 64
SEAL_WITHIN = timedelta(seconds=60)
"""An event older than this without a seal is a finding."""

_SEALER_LOCK = 7_101


class Outcome(Labelled):
    """How the attempt ended."""

    OK = "ok", "成功"
    DENIED = "denied", "被拒绝"


class AuditEvent(Base):
    """One line of the trail: who did what to which thing, when, under which request. Never changed."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    organiser_id: Mapped[int | None]
    actor_id: Mapped[int | None] = mapped_column(index=True)
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


_EVENTS = immutable(AuditEvent.__table__)  # type: ignore[arg-type]
_SEALS = immutable(AuditSeal.__table__)  # type: ignore[arg-type]
_SIGNED_COLUMNS = tuple(column.name for column in _EVENTS.columns if column.name not in ("id", "leaf"))


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


def _latest(event: AuditEvent) -> datetime:
    """The latest moment an event can be of: an untraced one says only its day."""
    untraced = not event.request_id and event.at == _beginning_of_day(event.at)
    return event.at + timedelta(days=1) if untraced else event.at


def leaf_of(event: Any) -> str:
    """SHA-256 over the event's columns in canonical JSON (all but id and leaf)."""
    content = {name: _plain(getattr(event, name)) for name in _SIGNED_COLUMNS}
    return hashlib.sha256(b"\x00" + canonical(content).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")  # as it comes back from the database
    return value.value if isinstance(value, Outcome) else value


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found; ``first_bad`` is the id of the first event that does not hold."""

    events: int
    sealed: int
    first_bad: int | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.reason


def verify(session: Session, now: datetime) -> Verdict:
    """Recompute every leaf and the whole chain, and look for gaps and events left unsealed."""
    events = session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) or 0
    seals = session.execute(sa.select(AuditSeal.seq, AuditSeal.event_id, AuditSeal.chain).order_by(AuditSeal.seq))
    rows = session.scalars(
        sa.select(AuditEvent)
        .join(AuditSeal, AuditSeal.event_id == AuditEvent.id)
        .order_by(AuditSeal.seq)
        .execution_options(yield_per=1_000)
    )
    verdict = _verify_chain(seals, rows, events)
    if not verdict.holds:
        return verdict
    unsealed = session.scalars(
        sa.select(AuditEvent)
        .where(~sa.exists().where(AuditSeal.event_id == AuditEvent.id), AuditEvent.at < now - SEAL_WITHIN)
        .order_by(AuditEvent.id)
        .execution_options(yield_per=1_000)
    )
    forgotten = next((event for event in unsealed if _latest(event) < now - SEAL_WITHIN), None)
    if forgotten is not None:
        return Verdict(events, verdict.sealed, forgotten.id, "超过 60 秒没有封存")
    return _verify_unsealed(session, events, verdict.sealed)


def _verify_chain(seals: Iterable[Any], rows: Iterable[AuditEvent], events: int) -> Verdict:
    chain, count = CHAIN_START, 0
    pending = iter(rows)
    for seal in seals:
        count += 1
        if seal.seq != count:
            return Verdict(events, count - 1, seal.event_id, f"封存链第 {count} 环缺失")
        event = next(pending, None)
        if event is None or event.id != seal.event_id:
            return Verdict(events, count - 1, seal.event_id, "已封存的事件不见了")
        if leaf_of(event) != event.leaf:
            return Verdict(events, count - 1, event.id, "事件内容被改动")
        chain = link(chain, event.leaf)
        if chain != seal.chain:
            return Verdict(events, count - 1, event.id, "封存链对不上")
    return Verdict(events, count)


def _verify_unsealed(session: Session, events: int, sealed: int) -> Verdict:
    for event in session.scalars(sa.select(AuditEvent).where(~sa.exists().where(AuditSeal.event_id == AuditEvent.id))):
        if leaf_of(event) != event.leaf:
            return Verdict(events, sealed, event.id, "事件内容被改动")
    return Verdict(events, sealed)
