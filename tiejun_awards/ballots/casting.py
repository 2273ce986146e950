"""Casting a vote: the voter or slip is marked and the envelope stored in one transaction, and nothing else is kept.

No idempotency key (the roll is the key), no request, address, hour or order on the envelope's side; the audit line says who voted and
the day. A refused attempt rolls everything back and does not use up the vote.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..shared import audit
from ..shared.access import Actor, Permission, Place
from ..shared.clock import here
from ..shared.db import db, writing
from ..shared.errors import Missing, Refused
from ..shared.use_case import untrace, use_case
from ..shared.vault import keyed_digest
from . import questions, sealing
from .models import BallotKey, Poll, PollEnvelope, PollSlip, PollVoter
from .questions import Question
from .rules import State


class Unfit(Refused):
    """A ballot that cannot be cast as it is; ``wrong``: item -> sentence."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(f"还有 {len(wrong)} 处要改，改好再投；这次没有投出去。", field="ballot")
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Seat:
    """A voter's place in one poll: the subject of casting. The audit trail names the poll."""

    __tablename__: ClassVar[str] = "poll"
    id: int
    organiser_id: int
    person_id: int
    recused: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where it lies: with its person."""
        return Place(self.organiser_id, person_id=self.person_id)


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a ballot, for the page."""

    poll_id: int
    title: str
    group: str
    question: Question
    closes_at: datetime
    refusal: str


# On tables and cached: casting is the one verb two hundred people do in the same minute.
_P = Poll.__table__.c
_HEAD = (
    *(_P.id, _P.organiser_id, _P.title, _P.group_name, _P.word, _P.state, _P.opens_at, _P.closes_at),
    *(_P.kind, _P.subjects, _P.aspects, _P.most, _P.recusal, _P.key_id),
)
_V, _S, _K, _E = PollVoter.__table__, PollSlip.__table__, BallotKey.__table__, PollEnvelope.__table__
_BY_ID = sa.select(*_HEAD).where(_P.id == sa.bindparam("poll_id"))
_BY_SLIP = (
    sa.select(*_HEAD, _S.c.used)
    .join_from(Poll.__table__, _S, _S.c.poll_id == _P.id)
    .where(_S.c.mac == sa.bindparam("mac"))
)
# Under a lock that votes share and closing does not; a poll votes are taken in has its key.
_KEYED = sa.select(*_HEAD, _K.c.first_public, _K.c.second_public).outerjoin_from(
    Poll.__table__, _K, _K.c.id == _P.key_id
)
_LOCK_BY_ID = _KEYED.where(_P.id == sa.bindparam("poll_id")).with_for_update(read=True, of=Poll.__table__)
_LOCK_BY_SLIP = (
    _KEYED.join(_S, _S.c.poll_id == _P.id)
    .where(_S.c.mac == sa.bindparam("mac"))
    .with_for_update(read=True, of=Poll.__table__)
)
_MINE = sa.select(_V.c.voted, _V.c.recused).where(
    _V.c.poll_id == sa.bindparam("poll_id"), _V.c.person_id == sa.bindparam("who")
)
_MARK_VOTER = (
    sa.update(_V)  # type: ignore[arg-type]
    .where(_V.c.poll_id == sa.bindparam("in_poll"), _V.c.person_id == sa.bindparam("who"), sa.not_(_V.c.voted))
    .values(voted=True)
    .returning(_V.c.recused)
)
_MARK_SLIP = (
    sa.update(_S)  # type: ignore[arg-type]
    .where(_S.c.mac == sa.bindparam("of_mac"), sa.not_(_S.c.used))
    .values(used=True)
    .returning(sa.literal(1))
)
_PUT_IN = sa.insert(_E)  # type: ignore[arg-type]


def slip_digest(code: str) -> str:
    """What is stored of a 测评码."""
    return keyed_digest("slip", code)


def _paper(row: Any, used: bool, used_sentence: str, at: datetime) -> Paper:
    refusal = used_sentence if used else _not_open(row, at)
    return Paper(row.id, row.title, row.group_name, _question(row), row.closes_at, refusal)


def _question(row: Any) -> Question:
    return Question(row.kind, tuple(row.subjects), tuple(row.aspects), row.most, row.recusal)


def _not_open(row: Any, at: datetime) -> str:
    """Why no vote is taken now, in a sentence; empty while votes are."""
    if row.state is State.OPEN and row.opens_at <= at < row.closes_at:
        return ""
    if row.state is State.VOID:
        return "这次投票已经作废，请听工作人员安排。"
    if row.state is State.DRAFT or at < row.opens_at:
        return f"投票还没有开始，{here(row.opens_at):%-m月%-d日 %H:%M} 开始。"
    return "投票已经截止，这一票没有投进去。"


_VOTED = "您已经投过票了，每人一票；回执号只在投出时显示一次。"
_NO_SUCH_CODE = "没有这个测评码。请照票上的 8 位再输一次，不分大小写。"
_USED = "这个测评码已经投过票了，一码一票。"


def by_slip(code: str, at: datetime) -> Paper:
    """The ballot a 测评码 opens. Raises Missing for a code there is not."""
    row = db.session.execute(_BY_SLIP, {"mac": slip_digest(code)}).first()
    if row is None:
        raise Missing(_NO_SUCH_CODE)
    return _paper(row, row.used, _USED, at)


def by_account(actor: Actor, poll_id: int) -> tuple[Paper, Seat]:
    """The ballot of somebody on the roll, and his seat. Raises Missing for everybody else."""
    mine = db.session.execute(_MINE, {"poll_id": poll_id, "who": actor.person_id}).first()
    row = db.session.execute(_BY_ID, {"poll_id": poll_id}).first()
    if mine is None or row is None or row.state is State.DRAFT:
        raise Missing("这次投票的名单里没有您，或者没有这次投票。名单有误请联系机关党委。")
    seat = Seat(poll_id, row.organiser_id, actor.person_id, tuple(mine.recused))
    return _paper(row, mine.voted, _VOTED, actor.at), seat


@use_case(Permission.VOTE)
def cast(actor: Actor, seat: Seat, posted: Mapping[str, str]) -> str:
    """Vote by own account: the receipt, shown once. Raises Unfit, or Refused when late or for the second time."""
    session = db.session()
    poll = session.execute(_LOCK_BY_ID, {"poll_id": seat.id}).one()
    _refuse_unless_open(poll, actor.at)
    # First the mark, then the rest: whoever comes second waits here and finds it set.
    row = session.execute(_MARK_VOTER, {"in_poll": seat.id, "who": actor.person_id}).first()
    if row is None:
        raise Refused(_VOTED)
    untrace(session)
    return _into_the_box(session, poll, posted, row.recused)


def cast_slip(code: str, posted: Mapping[str, str], at: datetime) -> str:
    """Vote by 测评码: the receipt, shown once. Nobody is signed in, so this is a writing transaction of its own."""
    with writing() as session:
        mac = slip_digest(code)
        poll = session.execute(_LOCK_BY_SLIP, {"mac": mac}).first()
        if poll is None:
            raise Missing(_NO_SUCH_CODE)
        _refuse_unless_open(poll, at)
        if session.execute(_MARK_SLIP, {"of_mac": mac}).first() is None:
            raise Refused(_USED)
        tracker = _into_the_box(session, poll, posted, ())
        subject, organiser_id = Seat(poll.id, poll.organiser_id, 0), poll.organiser_id
        audit.record(
            session, None, "ballots.cast_slip", at=at, subject=subject, organiser_id=organiser_id, traced=False
        )
        return tracker


def _refuse_unless_open(poll: Any, at: datetime) -> None:
    refusal = _not_open(poll, at)
    if refusal:
        raise Refused(refusal)


def _into_the_box(session: Session, poll: Any, posted: Mapping[str, str], recused: list[str] | tuple[str, ...]) -> str:
    question = _question(poll)
    ballot, wrong = questions.read(question, posted, recused)
    if wrong:
        raise Unfit(wrong)
    packed = questions.pack(question, ballot, secrets.token_bytes(16), questions.length_of(question))
    publics = [public for public in (poll.first_public, poll.second_public) if public]
    sealed = sealing.seal(packed, publics, f"{poll.id}-{poll.word}")
    tracker = sealing.tracker_of(sealed)
    session.execute(_PUT_IN, {"poll_id": poll.id, "tracker": tracker, "sealed": sealed})
    return tracker
