"""Polls, who may vote and has, the sealed box, and what is left of it after the count.

Two sides that nothing joins. The roll's side (``poll_voter``, ``poll_slip``) says who may vote and who has. The box's side
(``poll_envelope``, then ``poll_tracker`` and ``poll_count``) holds no person, time, order, address, size, session or request.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..shared.access import Place
from ..shared.db import Base, choice, immutable
from ..shared.unordered import UNORDERED
from .questions import Kind, Question
from .rules import Duty, Rule, State
from .sealing import KeyMode


class BallotKey(Base):
    """The public side of one key ceremony; the private keys lie in files. Polls of one owner share it."""

    __tablename__ = "ballot_key"
    __table_args__ = (
        sa.CheckConstraint("mode = 'two' OR second_public = ''", name="servers_hold_one_key"),
        sa.CheckConstraint("(mode = 'two') = (first_person IS NOT NULL)", name="two_keys_have_holders"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"), index=True)
    owner_kind: Mapped[str] = mapped_column(sa.String(20), default="")
    owner_id: Mapped[int | None]
    mode: Mapped[KeyMode] = mapped_column(choice(KeyMode, "key_modes"))
    first_person: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    second_person: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    first_public: Mapped[str] = mapped_column(sa.String(60), default="")
    second_public: Mapped[str] = mapped_column(sa.String(60), default="")
    first_file: Mapped[str] = mapped_column(sa.String(20), default="")
    second_file: Mapped[str] = mapped_column(sa.String(20), default="")
    made_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)

    @property
    def publics(self) -> list[str]:
        """The public keys, innermost first; as many as have been made."""
        return [public for public in (self.first_public, self.second_public) if public]

    @property
    def ready(self) -> bool:
        """Whether ballots can be sealed to it."""
        return len(self.publics) == (2 if self.mode is KeyMode.TWO else 1) and self.destroyed_at is None

    def holder(self, person_id: int) -> int:
        """1 or 2: whose key of the two; 0 for nobody's."""
        return {self.first_person: 1, self.second_person: 2}.get(person_id, 0)


class Poll(Base):
    """One vote: what is asked, of how many, by which rule, and how far it has come."""

    __tablename__ = "poll"
    __table_args__ = (
        sa.CheckConstraint("opens_at < closes_at", name="polls_close_after_they_open"),
        sa.CheckConstraint("state IN ('draft', 'void') OR key_id IS NOT NULL", name="open_polls_have_a_key"),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'counted') OR closed_at IS NOT NULL", name="closed_polls_are_dated"
        ),
        sa.CheckConstraint("state <> 'counted' OR counted_at IS NOT NULL", name="counted_polls_are_dated"),
        sa.CheckConstraint("(state = 'void') = (void_reason <> '')", name="void_polls_say_why"),
        sa.CheckConstraint("state IN ('draft', 'void') OR expected >= 5", name="secrecy_needs_five"),
        sa.CheckConstraint("by_account OR by_slip OR by_paper", name="polls_have_a_way_in"),
        sa.Index("poll_organiser_ix", "organiser_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    owner_kind: Mapped[str] = mapped_column(
        sa.String(20), default=""
    )  # what hangs polls on itself: known above, not here
    owner_id: Mapped[int | None]
    owner_title: Mapped[str] = mapped_column(sa.String(120), default="")
    title: Mapped[str] = mapped_column(sa.String(120))
    word: Mapped[str] = mapped_column(sa.String(16))  # random: binds envelopes and key files to this poll
    state: Mapped[State] = mapped_column(choice(State, "poll_states"), default=State.DRAFT)
    version: Mapped[int] = mapped_column()
    kind: Mapped[Kind] = mapped_column(choice(Kind, "poll_kinds"))
    subjects: Mapped[list[Any]]
    aspects: Mapped[list[Any]]
    most: Mapped[int] = mapped_column(default=0)
    recusal: Mapped[bool] = mapped_column(default=False)
    rule: Mapped[dict[str, Any]]
    group_name: Mapped[str] = mapped_column(sa.String(60), default="")
    weight: Mapped[int] = mapped_column(default=0)  # hundredths of a per cent; 0: stands alone
    series: Mapped[str] = mapped_column(sa.String(16), default="", index=True)  # polls of one vote by weighted groups
    by_account: Mapped[bool] = mapped_column(default=False)
    by_slip: Mapped[bool] = mapped_column(default=False)
    by_paper: Mapped[bool] = mapped_column(default=False)
    key_mode: Mapped[KeyMode] = mapped_column(choice(KeyMode, "poll_key_modes"))
    key_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ballot_key.id"))
    runoff_of: Mapped[int | None] = mapped_column(sa.ForeignKey("poll.id"))
    expected: Mapped[int]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    slips_issued: Mapped[int] = mapped_column(default=0)
    present: Mapped[int | None]
    sealed_root: Mapped[str] = mapped_column(sa.String(64), default="")
    envelopes: Mapped[int] = mapped_column(default=0)
    confirmed_by: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id")
    )  # the 监票人 who came first to open the box
    confirmed_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(sa.String(300), default="")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    key: Mapped[BallotKey | None] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)

    @property
    def question(self) -> Question:
        """What it asks."""
        return Question(self.kind, tuple(self.subjects), tuple(self.aspects), self.most, self.recusal)

    @property
    def counted_by(self) -> Rule:
        """Its rule."""
        return Rule.from_json(self.rule)

    @property
    def bound_to(self) -> str:
        """What its envelopes are bound to."""
        return f"{self.id}-{self.word}"


class PollTeller(Base):
    """One 监票人 or 计票人 of one poll: the right itself, for that poll only."""

    __tablename__ = "poll_teller"
    __table_args__ = (sa.UniqueConstraint("poll_id", "person_id", name="one_duty_a_teller"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    poll_id: Mapped[int] = mapped_column(sa.ForeignKey("poll.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    role: Mapped[Duty] = mapped_column(choice(Duty, "tellers_watch_or_count"))

    poll: Mapped[Poll] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies: with its person."""
        return Place(self.poll.organiser_id, person_id=self.person_id)


class PollVoter(Base):
    """One line of the roll: may vote by own account, and has or has not. No time, no address."""

    __tablename__ = "poll_voter"
    __table_args__ = UNORDERED

    poll_id: Mapped[int] = mapped_column(sa.ForeignKey("poll.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    voted: Mapped[bool] = mapped_column(default=False)
    recused: Mapped[list[Any]]  # codes of items this voter is recused from


class PollSlip(Base):
    """One printed 测评码, by its keyed digest only, and whether it was used. Who drew which is written nowhere."""

    __tablename__ = "poll_slip"
    __table_args__ = UNORDERED

    mac: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    poll_id: Mapped[int] = mapped_column(sa.ForeignKey("poll.id"), index=True)
    used: Mapped[bool] = mapped_column(default=False)


class PollEnvelope(Base):
    """One sealed ballot, under its receipt. Wiped when the box is opened."""

    __tablename__ = "poll_envelope"
    __table_args__ = UNORDERED

    poll_id: Mapped[int] = mapped_column(sa.ForeignKey("poll.id"), primary_key=True)
    tracker: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)


class PollTracker(Base):
    """The board: the receipt of an envelope that was opened and counted. Never changed."""

    __tablename__ = "poll_tracker"
    __table_args__ = UNORDERED

    tracker: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    poll_id: Mapped[int] = mapped_column(sa.ForeignKey("poll.id"), primary_key=True, index=True)


class PollCount(Base):
    """How many opened ballots gave an item a mark: all that is kept of them. Never changed."""

    __tablename__ = "poll_count"
    __table_args__ = (sa.CheckConstraint("ballots > 0", name="counts_are_of_something"), UNORDERED)

    poll_id: Mapped[int] = mapped_column(sa.ForeignKey("poll.id"), primary_key=True)
    item: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    mark: Mapped[str] = mapped_column(sa.String(1), primary_key=True)
    ballots: Mapped[int]


class PaperCount(Base):
    """What one 计票人 counted on paper; two of these that agree are the count."""

    __tablename__ = "paper_count"

    poll_id: Mapped[int] = mapped_column(sa.ForeignKey("poll.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    numbers: Mapped[dict[str, Any]]  # issued, returned, invalid, and “item:mark” -> papers


_TRACKERS = immutable(PollTracker.__table__)  # type: ignore[arg-type]
_COUNTS = immutable(PollCount.__table__)  # type: ignore[arg-type]
