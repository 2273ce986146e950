"""Polls in any state, made through the services, and the ways to vote in them.

``ready(world, …)`` is a poll that only has to be begun: voters by account are people made for it (``voter0`` …), slips are printed, the
watchers (``poll_watcher`` of the world and ``watcher_b``) have their keys. ``begun``, ``closed`` and ``counted`` go further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from tests import builders
from tests.builders import NOW, World
from tiejun_awards.accounts.models import Person
from tiejun_awards.ballots import casting, queries, rolls, services, tellers
from tiejun_awards.ballots.models import Poll
from tiejun_awards.ballots.questions import WHOLE, Kind, Mark, Question
from tiejun_awards.ballots.rules import Base, Duty, Rule, Share
from tiejun_awards.ballots.sealing import KeyMode
from tiejun_awards.ballots.services import Owner, Plan, Ways
from tiejun_awards.shared.access import Actor
from tiejun_awards.shared.db import db, one_transaction

PASSPHRASES = {"poll_watcher": "铁军建设第一把钥匙，好记", "watcher_b": "铁军建设第二把钥匙，好记"}
RULE = Rule(Share.HALF, Share.OVER_HALF, Base.EXPECTED, 0, "党支部工作条例第十一条")
QUESTION = Question(Kind.APPROVE, ("水生态环境处党支部", "大气环境处党支部"))
BOTH = Ways(account=True, slip=True)


def plan(**values: object) -> Plan:
    """A poll of ten, from now for two hours."""
    base = Plan(
        title="先进党支部推荐票决",
        question=QUESTION,
        rule=RULE,
        ways=BOTH,
        key_mode=KeyMode.TWO,
        expected=10,
        opens_at=NOW,
        closes_at=NOW + timedelta(hours=2),
    )
    return replace(base, **values)  # type: ignore[arg-type]


@dataclass
class Made:
    """A poll with what tests need to know of it and the system does not."""

    world: World
    poll_id: int
    voters: list[str]
    codes: list[str]
    receipts: list[str] = field(default_factory=list)

    @property
    def poll(self) -> Poll:
        db.session.rollback()
        return db.session.get_one(Poll, self.poll_id)

    def vote(self, username: str, marks: Sequence[Mark], at: datetime = NOW) -> str:
        """One vote by own account."""
        actor = self.world.actor(username, at)
        _, seat = casting.by_account(actor, self.poll_id)
        receipt = casting.cast(actor, seat, posted(self.poll.question, marks))
        self.receipts.append(receipt)
        return receipt

    def vote_by_slip(self, code: str, marks: Sequence[Mark], at: datetime = NOW) -> str:
        """One vote by 测评码."""
        receipt = casting.cast_slip(code, posted(self.poll.question, marks), at)
        self.receipts.append(receipt)
        return receipt


def posted(question: Question, marks: Sequence[Mark]) -> dict[str, str]:
    """A form with these marks on the main items, presets elsewhere."""
    mains = [item for item in question.items if not item.aspect and item.code != WHOLE]
    found = {item.code: item.preset.value for item in question.items if item.preset}
    return {**found, **{item.code: mark.value for item, mark in zip(mains, marks, strict=True)}}


def person(world: World, username: str) -> Person:
    """Somebody of the department, made when first asked for."""
    found = db.session.scalar(sa.select(Person).where(Person.username == username))
    return found or builders.person(username, world.organiser("department"), name=username)


def as_teller(world: World, username: str, at: datetime = NOW) -> Actor:
    """A teller who has just given the password again."""
    return replace(world.actor(username, at), reauth_at=at)


def ready(
    world: World, asked: Plan | None = None, *, voters: int = 6, slips: int = 4, owner: Owner | None = None
) -> Made:
    """A poll that only has to be begun."""
    asked = asked or plan()
    office = world.actor("office")
    with one_transaction():
        names = [f"voter{number}" for number in range(voters if asked.ways.account else 0)]
        for name in (*names, "watcher_b", "counter_b"):
            person(world, name)
        poll = services.draft(office, world.organiser("department"), asked, owner=owner)
        if names:
            rolls.set_voters(office, poll, usernames=names, branches=[], version=poll.version)
    counters = ("vote_counter", "counter_b") if asked.ways.paper else ()
    rolls.name_tellers(
        office,
        poll,
        watchers=[person(world, name).id for name in PASSPHRASES],
        counters=[person(world, name).id for name in counters],
        version=poll.version,
    )
    codes = rolls.make_slips(office, poll, number=slips, version=poll.version) if asked.ways.slip else []
    if asked.key_mode is KeyMode.TWO and not (poll.key and poll.key.ready):
        for name, passphrase in PASSPHRASES.items():
            watcher = as_teller(world, name)
            tellers.make_key(watcher, queries.duty(watcher, poll.id, Duty.WATCHER), passphrase=passphrase)
    return Made(world, poll.id, names, codes)


def begun(world: World, asked: Plan | None = None, **values: int) -> Made:
    """A poll people can vote in."""
    made = ready(world, asked, **values)  # type: ignore[arg-type]
    services.begin(world.actor("office"), made.poll, version=made.poll.version)
    return made


def close(made: Made, *, at: datetime = NOW, present: int | None = None, issued: int | None = None) -> Poll:
    """End the voting."""
    handed = len(made.codes) if issued is None else issued
    office = made.world.actor("office", at)
    return services.close(office, made.poll, slips_issued=handed, present=present, version=made.poll.version)


def open_box(made: Made, *, at: datetime = NOW, passphrases: Mapping[str, str] = PASSPHRASES) -> Poll:
    """Both watchers, one after the other."""
    first, second = passphrases
    two = made.poll.key_mode is KeyMode.TWO
    actor = as_teller(made.world, first, at)
    tellers.confirm(
        actor, queries.duty(actor, made.poll_id, Duty.WATCHER), passphrase=passphrases[first] if two else ""
    )
    actor = as_teller(made.world, second, at)
    duty = queries.duty(actor, made.poll_id, Duty.WATCHER)
    return tellers.open_box(actor, duty, passphrase=passphrases[second] if two else "")


# Polls for the grid of rights: the same one each time.

TYPED_PLAN = {
    **{"title": "推荐票决", "kind": "approve", "subjects": "甲支部\n乙支部", "ways": "account", "expected": "10"},
    **{"attendance": "half", "majority": "over_half", "base": "expected", "source": "工作条例第十一条"},
    **{"opens_at": "2026-11-23 9:00", "closes_at": "2026-11-23 18:00", "key_mode": "two"},
}
NO_PAPER = dict.fromkeys(("issued", "returned", "invalid"), "0")


def for_the_grid(world: World, organiser: str, who: str, state: str) -> Poll:
    """A poll of an organiser in a state, in which one person has a duty (a teller) or a vote (staff)."""
    title = f"{organiser} {who} {state}"
    found = db.session.scalar(sa.select(Poll).where(Poll.title == title))
    if found is not None:
        return found
    if organiser == "city":
        return services.draft(world.actor("city_office"), world.organiser("city"), plan(title=title))
    ways = Ways(account=True, slip=True, paper=who == "vote_counter")
    made = ready(world, plan(title=title, ways=ways, rule=replace(RULE, seats=1), key_mode=KeyMode.SERVER))
    office = world.actor("office")
    if who == "vote_counter":
        others = [person(world, name).id for name in ("watcher_a", "watcher_b")]
        counters = [person(world, name).id for name in ("vote_counter", "counter_b")]
        rolls.name_tellers(office, made.poll, watchers=others, counters=counters, version=made.poll.version)
    if who == "staff":
        rolls.set_voters(office, made.poll, usernames=["staff", *made.voters], branches=[], version=made.poll.version)
    if state == "draft":
        return made.poll
    services.begin(office, made.poll, version=made.poll.version)
    if state == "open":
        return made.poll
    for name in made.voters:
        made.vote(name, (Mark.YES, Mark.YES))
    close(made)
    if state == "counted":
        open_box(made)
    return made.poll
