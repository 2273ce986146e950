"""What a vote costs: the ballot of a 测评码 and casting it, the latter besides the cryptography, against the bare view."""

from __future__ import annotations

import re
import statistics
import time
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from tiejun_awards.accounts.models import Person
from tiejun_awards.accounts.services import actor_of
from tiejun_awards.ballots import queries, questions, rolls, services
from tiejun_awards.ballots.models import BallotKey
from tiejun_awards.ballots.questions import Kind, Mark, Question
from tiejun_awards.ballots.rules import Base, Rule, Share
from tiejun_awards.ballots.sealing import KeyMode, seal
from tiejun_awards.ballots.services import Plan, Ways
from tiejun_awards.organisers.services import get
from tiejun_awards.shared import clock
from tiejun_awards.shared.db import db, writing

from .bare import bare_app

TIMES, TURN = 200, 20
QUESTION = Question(Kind.APPROVE, tuple(f"第{number}处党支部" for number in range(1, 11)))


@dataclass(frozen=True, slots=True)
class Cost:
    """Ratios to the bare view, and the milliseconds of sealing one envelope."""

    ballot: float
    vote: float
    sealing_ms: float
    pages: tuple[str, str]


def measure(app: Flask) -> Cost:
    """Two hundred ballots opened and cast by slips, in turns with the bare view."""
    with app.app_context():
        poll_id, codes, publics, bound = _poll()
        db.session.remove()
    client, bare = app.test_client(), bare_app().test_client()
    opened: list[float] = []
    cast: list[float] = []
    base: list[float] = []
    for place, code in enumerate(codes):
        if place % TURN == 0:
            base += [_cpu(lambda: bare.get("/")) for _ in range(TURN)]
        page: list[str] = []
        opened.append(_cpu(lambda c=code, p=page: p.append(client.get(f"/v/{c}").get_data(as_text=True))))
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page[0])
        assert found
        form = {"csrf_token": found[1], **{item.code: "1" for item in QUESTION.items}}
        answer: list[int] = []
        cast.append(_cpu(lambda c=code, f=form, a=answer: a.append(client.post(f"/v/{c}", data=f).status_code)))
        if answer != [200]:
            raise SystemExit(f"a vote was answered {answer}")
    packed = questions.pack(QUESTION, dict.fromkeys((i.code for i in QUESTION.items), Mark.YES), bytes(16), 256)
    sealing = statistics.median(_cpu(lambda: seal(packed, publics, bound)) for _ in range(TIMES))
    bare_cpu = statistics.median(base)
    return Cost(
        statistics.median(opened) / bare_cpu,
        (statistics.median(cast) - sealing) / bare_cpu,
        sealing * 1_000,
        ("/ballots/", f"/ballots/{poll_id}"),
    )


def _cpu(once: object) -> float:
    start = time.process_time()
    once()  # type: ignore[operator]
    return time.process_time() - start


def _poll() -> tuple[int, list[str], list[str], str]:
    office = db.session.scalars(sa.select(Person).where(Person.username == "office")).one()
    with writing() as session:
        watchers = [
            Person(
                organiser_id=office.organiser_id,
                username=name,
                username_key=name,
                name=name,
                password_hash="",
                made_at=office.made_at,
            )
            for name in ("watcher1", "watcher2")
        ]
        session.add_all(watchers)
        session.flush()
        ids = [watcher.id for watcher in watchers]
    now = clock.now()
    actor = actor_of(office.id, now)
    plan = Plan(
        title="先进党支部推荐票决",
        question=QUESTION,
        rule=Rule(Share.HALF, Share.OVER_HALF, Base.EXPECTED, 0, "工作条例"),
        ways=Ways(slip=True),
        key_mode=KeyMode.SERVER,
        expected=TIMES,
        opens_at=now - timedelta(hours=1),
        closes_at=now + timedelta(hours=3),
    )
    poll = services.draft(actor, get(office.organiser_id), plan)
    rolls.name_tellers(actor, poll, watchers=ids, counters=[], version=poll.version)
    codes = rolls.make_slips(actor, poll, number=TIMES, version=poll.version)
    poll = services.begin(actor, poll, version=poll.version)
    key = db.session.get_one(BallotKey, poll.key_id)
    assert queries.numbers(poll.id).slips == TIMES
    return poll.id, codes, key.publics, poll.bound_to
