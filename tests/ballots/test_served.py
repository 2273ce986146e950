"""The box under load and under the axe, with a real gunicorn on both databases: V-07, V-08, killed processes, five thousand ballots."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import builders
from tests.ballots.polls import Made, begun, close, open_box, plan
from tests.builders import NOW, World, count
from tests.together import at_once
from tiejun_awards.accounts.models import Person
from tiejun_awards.ballots import casting, outcomes, queries, questions, services
from tiejun_awards.ballots.models import BallotKey, PollCount, PollEnvelope, PollVoter
from tiejun_awards.ballots.questions import Mark
from tiejun_awards.ballots.rules import State
from tiejun_awards.ballots.sealing import KeyMode, root_of, seal, tracker_of
from tiejun_awards.ballots.services import Ways
from tiejun_awards.shared.db import db, one_transaction, writing
from tiejun_awards.shared.errors import Refused

ROOT = Path(__file__).resolve().parents[2]
YES, NO = Mark.YES, Mark.NO


# In threads of one process: the quick ones.


def test_v07_the_same_vote_posted_many_times_at_once_is_one_envelope(app: Flask, world: World):
    made = begun(world, plan(key_mode=KeyMode.SERVER))
    seats = [casting.by_account(world.actor(name), made.poll_id)[1] for name in made.voters[:2]]
    actors = [world.actor(name) for name in made.voters[:2]]

    def post(place: int) -> str:
        return casting.cast(actors[place], seats[place], {"s0": "1", "s1": "2"})

    answers = at_once(app, *(lambda p=place: post(p) for place in (0, 1) for _ in range(4)))

    accepted = [answer for answer in answers if isinstance(answer, str)]
    refused = [answer.sentence for answer in answers if isinstance(answer, Refused)]
    stand = queries.numbers(made.poll_id)
    assert (len(accepted), len(refused), stand.voted, stand.envelopes) == (2, 6, 2, 2)
    assert {sentence[:6] for sentence in refused} == {"您已经投过票"}


def test_v08_closing_among_votes_counts_every_vote_that_was_accepted(app: Flask, world: World):
    storm(app, world, chance=random.Random(8))


@pytest.mark.slow
def test_v08_twenty_times(app: Flask, world: World):
    for run in range(20):
        storm(app, world, chance=random.Random(run))


def storm(app: Flask, world: World, *, chance: random.Random) -> None:
    """Ten vote and the office closes, all at the same moment; what was accepted is in the box that was closed, and nothing else."""
    made = begun(world, plan(ways=Ways(account=True), expected=10, key_mode=KeyMode.SERVER), voters=10)
    poll, office = made.poll, world.actor("office")
    version = poll.version
    ready = [(world.actor(name), casting.by_account(world.actor(name), made.poll_id)[1]) for name in made.voters]

    def vote(place: int) -> str:
        time.sleep(chance.random() / 50)
        return casting.cast(*ready[place], {"s0": "1", "s1": "2"})

    def end() -> str:
        time.sleep(chance.random() / 50)
        services.close(office, db.session.merge(poll), slips_issued=0, present=None, version=version)
        return "closed"

    answers = at_once(app, *(lambda p=place: vote(p) for place in range(10)), end)

    accepted = [answer for answer in answers if isinstance(answer, str) and answer != "closed"]
    strange = [answer for answer in answers if not isinstance(answer, str | Refused)]
    closed, stand = made.poll, queries.numbers(made.poll_id)
    assert (strange, closed.state) == ([], State.CLOSED)
    assert (closed.envelopes, stand.voted, stand.envelopes) == (len(accepted),) * 3
    assert closed.sealed_root == root_of(accepted)


# A real server.


class Served:
    """gunicorn with two workers on the test's database, and what it takes to ask it as many people at once."""

    def __init__(self, app: Flask) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        env = {**os.environ, "DATA_DIR": app.config["DATA_DIR"], "SECRET_KEY": app.config["SECRET_KEY"]}
        env |= {"DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "TIEJUN_MODE": "demo"}
        command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--workers", "2", "--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
        self.log = Path(app.config["DATA_DIR"]) / "served.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--log-level", "warning"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT
            )
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def workers(self) -> list[int]:
        """The processes of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in children.split()]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def ask(self, method: str, path: str, cookie: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        """(status, page) over a connection of its own; status 0 when the connection broke."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, urlencode(data) if data else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException):
            return 0, ""
        finally:
            connection.close()


@contextmanager
def serving(app: Flask) -> Iterator[Served]:
    db.session.remove()
    served = Served(app)
    try:
        yield served
    finally:
        served.stop()


def electorate(world: World, people: int) -> tuple[Made, dict[str, str]]:
    """An open poll at the real time of day, and the cookie of each voter."""
    now = _real_now()
    asked = plan(
        ways=Ways(account=True),
        expected=people,
        key_mode=KeyMode.SERVER,
        opens_at=now - timedelta(hours=1),
        closes_at=now + timedelta(hours=3),
    )
    made = begun(world, asked, voters=people)
    cookies = {}
    with one_transaction():
        for name in made.voters:
            cookies[name] = f"session={builders.session_token(world.person(name), now)}"
    return made, cookies


def _real_now() -> datetime:
    """The server's clock does not stand still."""
    return datetime.now(UTC)


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page[:500]
    return found[1]


def receipts(pages: list[str]) -> list[str]:
    """The receipts shown on pages, without hyphens."""
    found = [re.search(r'<p class="code receipt">([A-Z2-9-]+)</p>', page) for page in pages]
    return [one[1].replace("-", "") for one in found if one]


@pytest.mark.slow
def test_v07_two_hundred_voters_post_five_times_each_on_sixteen_connections(app: Flask, world: World):
    made, cookies = electorate(world, 200)
    path = f"/ballots/{made.poll_id}/vote"
    with serving(app) as served, ThreadPoolExecutor(16) as pool:
        tokens = dict(
            zip(cookies, pool.map(lambda name: _token(served.ask("GET", path, cookies[name])[1]), cookies), strict=True)
        )
        posts = [name for name in cookies for _ in range(5)]
        random.Random(7).shuffle(posts)
        started = time.perf_counter()
        answers = list(
            pool.map(
                lambda name: served.ask(
                    "POST", path, cookies[name], {"csrf_token": tokens[name], "s0": "1", "s1": "2"}
                ),
                posts,
            )
        )
        took = time.perf_counter() - started

    statuses = [status for status, _ in answers]
    stand = queries.numbers(made.poll_id)
    sys.stdout.write(f"\n{len(posts)} posts in {took:.1f} s, {len(posts) / took:.0f}/s\n")
    assert (statuses.count(200), statuses.count(409)) == (200, 800)
    assert (len(set(receipts([page for _, page in answers]))), stand.voted, stand.envelopes) == (200, 200, 200)


@pytest.mark.slow
def test_workers_killed_while_people_vote_lose_no_acknowledged_ballot(app: Flask, world: World):
    made, cookies = electorate(world, 120)
    path = f"/ballots/{made.poll_id}/vote"
    over = threading.Event()
    with serving(app) as served:
        killed: list[int] = []

        def kill() -> None:
            while not over.wait(0.5):
                workers = served.workers()
                if workers:
                    os.kill(workers[len(killed) % len(workers)], signal.SIGKILL)
                    killed.append(1)

        def vote(name: str) -> tuple[str, bool]:
            """(the receipt if one was shown, whether the voter gave up knowing the vote is in)."""
            for _ in range(60):
                status, page = served.ask("GET", path, cookies[name])
                if status == 200 and "您已经投过票了" in page:
                    return "", True
                if status == 200:
                    status, page = served.ask(
                        "POST", path, cookies[name], {"csrf_token": _token(page), "s0": "1", "s1": "2"}
                    )
                    if status == 200:
                        return receipts([page])[0], True
                    if status == 409:
                        return "", True
                time.sleep(0.1)
            return "", False

        killer = threading.Thread(target=kill)
        killer.start()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(vote, cookies))
        over.set()
        killer.join()

    acknowledged = [receipt for receipt, _ in answers if receipt]
    stored = set(db.session.scalars(sa.select(PollEnvelope.tracker)))
    stand = queries.numbers(made.poll_id)
    sys.stdout.write(f"\n{len(killed)} workers killed, {len(acknowledged)} acknowledged, {stand.voted} in\n")
    assert len(killed) > 0
    assert all(done for _, done in answers)
    assert set(acknowledged) <= stored
    assert stand.voted == stand.envelopes == len(stored) == 120
    close(made, at=_real_now())
    open_box(made, at=_real_now())
    assert queries.counts(made.poll_id) == {"s0": {"1": 120}, "s1": {"2": 120}}


OPEN = """
import sys
from tests.ballots import polls
from tests.builders import World
from tests.ballots.polls import as_teller
from tiejun_awards.ballots import queries, tellers
from tiejun_awards.ballots.rules import Duty
from tiejun_awards.shared import clock
from wsgi import app
with app.app_context():
    world, poll = World(clock.now()), int(sys.argv[1])
    actors = [as_teller(world, name, clock.now()) for name in polls.PASSPHRASES]
    duties = [queries.duty(actor, poll, Duty.WATCHER) for actor in actors]
    words = list(polls.PASSPHRASES.values())
    print("ready", flush=True)
    tellers.confirm(actors[0], duties[0], passphrase=words[0])
    print("confirmed", flush=True)
    tellers.open_box(actors[1], duties[1], passphrase=words[1])
    print("opened", flush=True)
"""


@pytest.mark.slow
def test_an_opening_that_is_killed_counts_everything_once_or_nothing(app: Flask, world: World):
    made = fill(world, 600)
    close(made)
    env = {**os.environ, "DATA_DIR": app.config["DATA_DIR"], "SECRET_KEY": app.config["SECRET_KEY"]}
    env |= {"DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "TIEJUN_MODE": "demo", "PYTHONPATH": str(ROOT)}
    db.session.remove()
    chance, tries = random.Random(9), 0
    while queries.numbers(made.poll_id).envelopes and tries < 12:
        db.session.remove()
        tries += 1
        process = subprocess.Popen(
            [sys.executable, "-c", OPEN, str(made.poll_id)], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for line in process.stdout:
            if line == "confirmed\n":
                break
        if tries < 8:  # after that it may finish
            time.sleep(0.3 * chance.random())
            process.kill()
        process.wait(60)
        stand = queries.numbers(made.poll_id)
        counted = sum(queries.counts(made.poll_id).get("s0", {}).values())
        assert (stand.envelopes, counted) in ((600, 0), (0, 600))

    sys.stdout.write(f"\nopened at try {tries}\n")
    assert made.poll.state is State.COUNTED
    assert queries.counts(made.poll_id)["s0"] == {"1": 200, "2": 400}


def fill(world: World, people: int) -> Made:
    """A poll with two keys and so many ballots put into the box directly: a third for, two thirds against."""
    made = begun(world, plan(ways=Ways(account=True), expected=people), voters=6)
    poll = made.poll
    key = db.session.get_one(BallotKey, poll.key_id)
    question, bound, publics = poll.question, poll.bound_to, key.publics
    person = {"organiser_id": poll.organiser_id, "password_hash": "", "made_at": NOW, "large_text": False}
    names = [f"p{number}" for number in range(people)]
    with writing() as session:
        session.execute(sa.delete(PollVoter))
        session.execute(
            sa.insert(Person), [{**person, "username": name, "username_key": name, "name": name} for name in names]
        )
        ids = session.scalars(sa.select(Person.id).order_by(Person.id.desc()).limit(people)).all()
        marked = [{"poll_id": made.poll_id, "person_id": one, "voted": True, "recused": []} for one in ids]
        session.execute(sa.insert(PollVoter), marked)
        sealed = []
        for number in range(people):
            ballot = {"s0": YES if number % 3 == 0 else NO, "s1": YES}
            packed = questions.pack(question, ballot, number.to_bytes(16, "big"), questions.length_of(question))
            envelope = seal(packed, publics, bound)
            sealed.append({"poll_id": made.poll_id, "tracker": tracker_of(envelope), "sealed": envelope})
        session.execute(sa.insert(PollEnvelope), sealed)
    return made


@pytest.mark.slow
def test_five_thousand_ballots_are_opened_and_counted_within_five_seconds(world: World):
    made = fill(world, 5_000)
    close(made)
    started = time.perf_counter()

    open_box(made)

    took = time.perf_counter() - started
    result = outcomes.result_of(made.poll)
    sys.stdout.write(f"\n5,000 ballots opened and counted in {took:.2f} s\n")
    assert result is not None
    assert [line.votes for line in result.lines] == [1_667, 5_000]
    assert (count(PollEnvelope), len(queries.trackers(made.poll_id))) == (0, 5_000)
    assert took <= 5
    assert count(PollCount) == 3
