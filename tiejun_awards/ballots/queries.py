"""Finding polls and what may be known of them. Who has voted is counted here and never listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ..accounts.models import Person
from ..shared.access import Actor, Permission, reach
from ..shared.db import db, within
from ..shared.errors import Missing
from .models import PaperCount, Poll, PollCount, PollEnvelope, PollSlip, PollTeller, PollTracker, PollVoter
from .rules import Duty, State, differences


def visible_to(actor: Actor) -> sa.Select[tuple[Poll]]:
    """The polls the actor may see: the office its organiser's, tellers their own."""
    got = reach(actor, Permission.READ_POLL)
    mine = sa.select(PollTeller.poll_id).where(PollTeller.person_id == got.person)
    inside = within(got, organiser=Poll.organiser_id)
    return sa.select(Poll).where(sa.or_(inside, Poll.id.in_(mine)) if got.person else inside)


def get_visible(actor: Actor, poll_id: int) -> Poll:
    """One of them. Raises Missing."""
    poll = db.session.scalar(visible_to(actor).where(Poll.id == poll_id))
    if poll is None:
        raise Missing
    return poll


def page_of(actor: Actor, page: int, per_page: int) -> tuple[list[Poll], int]:
    """A page of the list, latest first, and how many there are."""
    asked = visible_to(actor)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(asked.subquery())) or 0
    latest = asked.order_by(Poll.id.desc()).limit(per_page).offset((page - 1) * per_page)
    return list(db.session.scalars(latest)), total


# Built once: the page of a poll is opened often while it runs.
_TELLERS = (
    sa.select(PollTeller)
    .where(PollTeller.poll_id == sa.bindparam("poll_id"))
    .order_by(PollTeller.id)
    .options(sa.orm.joinedload(PollTeller.person))
)


def tellers(poll: Poll) -> dict[Duty, list[PollTeller]]:
    """The 监票人 and 计票人 of a poll, in the order they were named."""
    rows = db.session.scalars(_TELLERS, {"poll_id": poll.id})
    found: dict[Duty, list[PollTeller]] = {Duty.WATCHER: [], Duty.COUNTER: []}
    for row in rows:
        found[row.role].append(row)
    return found


def duty(actor: Actor, poll_id: int, role: Duty) -> PollTeller:
    """The actor's own duty at a poll. Raises Missing for people who have none."""
    row = db.session.scalar(
        sa.select(PollTeller).where(
            PollTeller.poll_id == poll_id, PollTeller.person_id == actor.person_id, PollTeller.role == role
        )
    )
    if row is None:
        raise Missing
    return row


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many may vote and have, each way: numbers only."""

    voters: int
    voted: int
    slips: int
    slips_used: int
    envelopes: int

    @property
    def cast(self) -> int:
        """Votes that were accepted, whichever way."""
        return self.voted + self.slips_used


def numbers(poll_id: int) -> Numbers:
    """The numbers of a poll in one statement."""
    return Numbers(*db.session.execute(_NUMBERS, {"poll_id": poll_id}).one())


def _count(table: sa.FromClause, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    asked = sa.select(sa.func.count()).select_from(table)
    return asked.where(table.c.poll_id == sa.bindparam("poll_id"), *where).scalar_subquery()


_ROLL, _SLIPS = PollVoter.__table__, PollSlip.__table__
_NUMBERS = sa.select(
    *(_count(_ROLL), _count(_ROLL, _ROLL.c.voted)),
    *(_count(_SLIPS), _count(_SLIPS, _SLIPS.c.used)),
    _count(PollEnvelope.__table__),
)


def voters(poll: Poll) -> list[Person]:
    """Who stands on the roll (not: who has voted)."""
    asked = sa.select(Person).join(PollVoter, PollVoter.person_id == Person.id).where(PollVoter.poll_id == poll.id)
    return list(db.session.scalars(asked.order_by(Person.username_key)))


def trackers(poll_id: int) -> list[str]:
    """The board: receipts of the envelopes counted, sorted."""
    asked = sa.select(PollTracker.tracker).where(PollTracker.poll_id == poll_id).order_by(PollTracker.tracker)
    return list(db.session.scalars(asked))


def poll_of_tracker(tracker: str) -> Poll | None:
    """The poll in whose box an envelope was counted."""
    asked = sa.select(Poll).join(PollTracker, PollTracker.poll_id == Poll.id).where(PollTracker.tracker == tracker)
    return db.session.scalars(asked).first()


def counts(poll_id: int) -> dict[str, dict[str, int]]:
    """Item -> mark -> ballots, of the box."""
    found: dict[str, dict[str, int]] = {}
    for row in db.session.execute(
        sa.select(PollCount.item, PollCount.mark, PollCount.ballots).where(PollCount.poll_id == poll_id)
    ):
        found.setdefault(row.item, {})[row.mark] = row.ballots
    return found


@dataclass(frozen=True, slots=True)
class Paper:
    """Where the counting on paper stands: ``numbers`` only once two entries agree."""

    entered_by: frozenset[int]
    differing: Sequence[str]
    numbers: Mapping[str, int] | None


def paper(poll_id: int) -> Paper:
    """The two entries of a poll's paper count, compared."""
    rows = list(db.session.scalars(sa.select(PaperCount).where(PaperCount.poll_id == poll_id)))
    entered = frozenset(row.person_id for row in rows)
    if len(rows) < 2:
        return Paper(entered, (), None)
    differing = differences(rows[0].numbers, rows[1].numbers)
    return Paper(entered, differing, None if differing else rows[0].numbers)


def series(poll: Poll) -> list[Poll]:
    """The polls of one vote by weighted groups, this one included; empty for a poll that stands alone."""
    if not poll.series:
        return []
    return list(db.session.scalars(sa.select(Poll).where(Poll.series == poll.series).order_by(Poll.id)))


@dataclass(frozen=True, slots=True)
class ToVote:
    """A poll that waits for the actor's vote by own account."""

    poll_id: int
    title: str
    closes_at: datetime


_TO_VOTE = (
    sa.select(Poll.id, Poll.title, Poll.closes_at)
    .join(PollVoter, PollVoter.poll_id == Poll.id)
    .where(
        PollVoter.person_id == sa.bindparam("person_id"),
        sa.not_(PollVoter.voted),
        Poll.state == State.OPEN,
        Poll.opens_at <= sa.bindparam("now"),
        Poll.closes_at > sa.bindparam("now"),
    )
    .order_by(Poll.closes_at)
)


def to_vote(actor: Actor) -> list[ToVote]:
    """The open polls in whose roll the actor stands and has not voted."""
    rows = db.session.execute(_TO_VOTE, {"person_id": actor.person_id, "now": actor.at})
    return [ToVote(*row) for row in rows]
