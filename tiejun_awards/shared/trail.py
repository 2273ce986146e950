"""Verifying the audit trail: every leaf, the whole chain, every signature, and what a copy kept elsewhere remembers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.orm import Session

from .audit import (
    CHAIN_START,
    SIGNED_COLUMNS,
    AuditCheckpoint,
    AuditEvent,
    AuditSeal,
    latest,
    leaf_of,
    leaf_of_values,
    link,
    signed_moment,
)
from .checkpoints import Checkpoint, is_signed
from .digests import canonical

SEAL_WITHIN = timedelta(seconds=60)
"""An event older than this without a seal is a finding."""

PORTION = 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found; ``first_bad`` is the id of the first event that does not hold, where one can be named.

    ``undecided``: why it cannot be said, though nothing bad was found.
    """

    events: int
    sealed: int
    first_bad: int | None = None
    reason: str = ""
    checkpoints: int = 0
    undecided: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing was found and nothing was left open."""
        return not self.reason and not self.undecided

    @property
    def code(self) -> int:
        """As the command ends: 0 holds, 2 tampered with, 3 cannot decide."""
        return 2 if self.reason else 3 if self.undecided else 0


class _Bad(Exception):
    def __init__(self, event: int | None, reason: str) -> None:
        super().__init__(reason)
        self.event, self.reason = event, reason


def verify(
    session: Session,
    now: datetime,
    *,
    key: Ed25519PublicKey | None = None,
    elsewhere: Sequence[Checkpoint] = (),
    since: int = 0,
) -> Verdict:
    """Recompute the trail after seal ``since`` (whose chain value is trusted) and compare it with every checkpoint.

    ``elsewhere`` are those of a copy outside the database. Without ``key`` signatures are left open.
    """
    events = session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) or 0
    kept = [
        Checkpoint(row.seq, row.chain, row.at, row.key_id, row.signature)
        for row in session.scalars(
            sa.select(AuditCheckpoint).where(AuditCheckpoint.seq > since).order_by(AuditCheckpoint.seq)
        )
    ]
    signed = [each for each in elsewhere if key is not None and is_signed(each, key)]
    chains: dict[int, set[str]] = {}
    for checkpoint in (*kept, *signed):
        chains.setdefault(checkpoint.seq, set()).add(checkpoint.chain)
    sealed = [since]
    try:
        _verify_chain(session, since, chains, sealed)
        _verify_tail(sealed[0], (*kept, *signed))
        _verify_signatures(kept, key)
        _verify_unsealed(session, now)
    except _Bad as bad:
        return Verdict(events, sealed[0], bad.event, bad.reason, len(kept))
    return Verdict(
        events, sealed[0], checkpoints=len(kept), undecided=_why_undecided(events, kept, elsewhere, signed, key)
    )


def _why_undecided(
    events: int,
    kept: Sequence[Checkpoint],
    elsewhere: Sequence[Checkpoint],
    signed: Sequence[Checkpoint],
    key: Ed25519PublicKey | None,
) -> str:
    if (kept or elsewhere) and key is None:
        return "没有检查点的公钥，签名没有核对"
    if len(signed) < len(elsewhere):
        return "给出的检查点文件里有签名不对的行，不能作依据"
    return "" if events or elsewhere else "库里还没有任何记录，也没有检查点可以比对"


def _verify_chain(session: Session, since: int, chains: Mapping[int, set[str]], sealed: list[int]) -> None:
    chain = CHAIN_START if not since else session.scalar(sa.select(AuditSeal.chain).where(AuditSeal.seq == since))
    if chain is None:
        raise _Bad(None, f"封存链没有第 {since} 环")
    for seq, event_id, written, leaf, recomputed in _links(session, since):
        if seq != sealed[0] + 1:
            raise _Bad(event_id, f"封存链第 {sealed[0] + 1} 环缺失")
        if leaf is None:
            raise _Bad(event_id, "已封存的事件不见了")
        if recomputed != leaf:
            raise _Bad(event_id, "事件内容被改动")
        chain = link(chain, leaf)
        if chain != written:
            raise _Bad(event_id, "封存链对不上")
        if seq in chains and chains[seq] != {chain}:
            raise _Bad(event_id, f"封存链第 {seq} 环与检查点不符")
        sealed[0] = seq


def _links(session: Session, since: int) -> Iterator[tuple[int, int, str, str | None, str]]:
    """(seq, event, chain, leaf, the leaf worked out again) seal by seal, read as plain columns: there may be a million."""
    event, seal = AuditEvent.__table__.c, AuditSeal.__table__.c
    is_text = (
        session.get_bind().dialect.name == "sqlite"
    )  # moments and JSON come as text there, and are cheaper read so
    raw: dict[str, Any] = {"outcome": sa.type_coerce(event.outcome, sa.String)}
    raw["detail"] = sa.type_coerce(event.detail, sa.String) if is_text else sa.cast(event.detail, sa.String)
    if is_text:
        raw["at"] = sa.type_coerce(event.at, sa.String)
    query = (
        sa.select(
            seal.seq, seal.event_id, seal.chain, event.leaf, *(raw.get(name, event[name]) for name in SIGNED_COLUMNS)
        )
        .select_from(AuditSeal.__table__.outerjoin(AuditEvent.__table__, event.id == seal.event_id))
        .where(seal.seq > since)
        .order_by(seal.seq)
        .execution_options(yield_per=PORTION)
    )
    for rows in session.execute(query).partitions():
        for seq, event_id, chain, leaf, at, *middle, detail in rows:
            if leaf is None:
                yield seq, event_id, chain, None, ""
            else:
                moment = at.replace(" ", "T") + "+00:00" if is_text else signed_moment(at)
                yield seq, event_id, chain, leaf, leaf_of_values((moment, *middle, _canonical_of(detail)))


@lru_cache(4_096)
def _canonical_of(detail: str) -> str:
    """Many events say the same of themselves. One that says a thing twice was never written by us: readers would differ on it."""
    return canonical(json.loads(detail, object_pairs_hook=_said_once))


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    return said if len(said) == len(pairs) else {"": pairs}


def _verify_tail(last: int, checkpoints: Sequence[Checkpoint]) -> None:
    furthest = max((checkpoint.seq for checkpoint in checkpoints), default=0)
    if furthest > last:
        raise _Bad(
            None, f"尾部被截断：检查点记到第 {furthest} 环，封存链只到第 {last} 环，少了第 {last + 1} 至 {furthest} 环"
        )


def _verify_signatures(kept: Sequence[Checkpoint], key: Ed25519PublicKey | None) -> None:
    bad = next((each for each in kept if key is not None and not is_signed(each, key)), None)
    if bad is not None:
        raise _Bad(None, f"第 {bad.seq} 环的检查点签名不对")


def _verify_unsealed(session: Session, now: datetime) -> None:
    without = (
        sa.select(AuditEvent)
        .where(~sa.exists().where(AuditSeal.event_id == AuditEvent.id))
        .order_by(AuditEvent.id)
        .execution_options(yield_per=PORTION)
    )
    for event in session.scalars(without):
        if latest(event) < now - SEAL_WITHIN:
            raise _Bad(event.id, "超过 60 秒没有封存")
        if leaf_of(event) != event.leaf:
            raise _Bad(event.id, "事件内容被改动")
