"""What somebody with the screen, the database, a copy of it or the logs can find out: V-01 to V-06 and V-09 of docs/ballots.md.

The attacks look at everything stored: row order, transaction numbers, times, sizes, raw files. Those that need statistics run at night.
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
import sqlalchemy as sa
from flask import Flask

from tests.ballots.polls import Made, begun, close, open_box, plan, posted
from tests.builders import NOW, World, count
from tests.conftest import SignIn
from tests.pages import Browser
from tests.test_permissions import changed, tables
from tiejun_awards.accounts.models import CarriedForm
from tiejun_awards.ballots import queries
from tiejun_awards.ballots.models import PollCount, PollEnvelope, PollSlip, PollTracker, PollVoter
from tiejun_awards.ballots.questions import Kind, Mark, Question
from tiejun_awards.ballots.sealing import KeyMode
from tiejun_awards.ballots.services import Ways
from tiejun_awards.shared import clock
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import Refused

ROOT = Path(__file__).resolve().parents[2]
YES, NO = Mark.YES, Mark.NO
BOX = (PollEnvelope, PollTracker, PollCount)
MARKERS = (b'"marks"',)


def full(world: World, people: int = 6, **values: object) -> Made:
    """A box with the votes of everybody on the roll, by chance."""
    chance = random.Random(1)
    made = begun(world, plan(ways=Ways(account=True), expected=people, **values), voters=people)
    for name in made.voters:
        made.vote(name, (chance.choice((YES, NO)), chance.choice((YES, NO))))
    return made


def raw_files(app: Flask) -> Iterator[tuple[str, bytes]]:
    """The database's own files, where it has any that can be read."""
    database = db.engine.url.database or ""
    for path in [Path(database), Path(database + "-wal"), *Path(app.config["DATA_DIR"]).rglob("*")]:
        if path.is_file():
            yield path.name, path.read_bytes()


def everything_stored() -> bytes:
    """Every row of every table, as text."""
    db.session.rollback()
    connection = db.session.connection()
    names = sa.inspect(connection).get_table_names()
    rows = [repr(row) for name in names for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]
    return "\n".join(rows).encode()


# V-01: joins, orders, transaction numbers.


def test_v01_the_boxs_tables_have_no_column_that_could_be_joined():
    columns = {model.__tablename__: [column.name for column in model.__table__.columns] for model in BOX}

    assert columns == {
        "poll_envelope": ["poll_id", "tracker", "sealed"],
        "poll_tracker": ["tracker", "poll_id"],
        "poll_count": ["poll_id", "item", "mark", "ballots"],
    }


def test_v01_rows_lie_by_their_key_and_not_as_they_came(world: World, database_kind: str):
    if database_kind != "sqlite":
        pytest.skip("SQLite's hidden row number")
    full(world)

    for model in (*BOX, PollVoter, PollSlip):
        with pytest.raises(sa.exc.OperationalError, match="rowid"):
            db.session.execute(sa.text(f"SELECT rowid FROM {model.__tablename__}"))
        db.session.rollback()


def test_v01_while_voting_every_envelope_is_as_long_and_after_opening_one_transaction_wrote_all(
    world: World, database_kind: str
):
    made = full(world)
    lengths = set(db.session.scalars(sa.select(sa.func.length(PollEnvelope.sealed))))
    close(made)

    open_box(made)

    assert len(lengths) == 1
    assert count(PollEnvelope) == 0
    if database_kind == "postgresql":
        one = {
            name: len(set(db.session.execute(sa.text(f"SELECT xmin::text FROM {name}")).scalars()))
            for name in ("poll_voter", "poll_tracker", "poll_count")
        }
        left = db.session.execute(sa.text("SELECT pg_relation_size('poll_envelope')")).scalar()
        assert (one, left) == ({"poll_voter": 1, "poll_tracker": 1, "poll_count": 1}, 0)


def linked(database_kind: str) -> list[tuple[int, str, bytes]]:
    """(who, receipt, envelope) as an attacker with the open box would pair them: by transaction, or by order of the rows."""
    if database_kind == "postgresql":
        asked = (
            "SELECT a.actor_id, e.tracker, e.sealed FROM audit_event a JOIN poll_envelope e ON a.xmin = e.xmin "
            "WHERE a.action = 'ballots.cast' ORDER BY a.id"
        )
        return [(row[0], row[1], bytes(row[2])) for row in db.session.execute(sa.text(asked))]
    who = db.session.scalars(sa.select(AuditEvent.actor_id).where(AuditEvent.action == "ballots.cast").order_by("id"))
    rows = db.session.execute(sa.text("SELECT tracker, sealed FROM poll_envelope"))
    return [(person or 0, row[0], bytes(row[1])) for person, row in zip(who, rows, strict=True)]


@pytest.mark.slow
def test_v01_pairing_by_everything_stored_guesses_no_better_than_chance(world: World, database_kind: str):
    right = whole = 0
    for election in range(20):
        chance = random.Random(election)
        with_box = begun(world, plan(ways=Ways(account=True), expected=60, key_mode=KeyMode.SERVER), voters=60)
        truth: dict[int, Mark] = {}
        order = with_box.voters[:]
        chance.shuffle(order)
        for name in order:
            mark = chance.choice((YES, NO))
            truth[world.person(name).id] = mark
            with_box.vote(name, (mark, NO))
        pairs = linked(database_kind)[-60:] if database_kind == "postgresql" else _of_last(database_kind)
        right += sum((sealed[-1] & 1 == 0) == (truth[who] is YES) for who, _, sealed in pairs)
        whole += len(pairs)
        close(with_box)
        open_box(with_box)

    assert whole == 1_200
    assert abs(right - 600) <= 45, f"{right} of {whole}"  # 2.6 standard deviations


def _of_last(database_kind: str) -> list[tuple[int, str, bytes]]:
    who = list(
        db.session.scalars(sa.select(AuditEvent.actor_id).where(AuditEvent.action == "ballots.cast").order_by("id"))
    )[-60:]
    rows = db.session.execute(sa.text("SELECT tracker, sealed FROM poll_envelope")).all()
    return [(person or 0, row[0], bytes(row[1])) for person, row in zip(who, rows, strict=True)]


# V-02: times, and what else is written.


def test_v02_the_boxs_side_holds_no_time():
    kinds = {
        column.type.__class__.__name__ for model in (*BOX, PollVoter, PollSlip) for column in model.__table__.columns
    }

    assert kinds.isdisjoint({"UTCDateTime", "DateTime", "Date"})


@pytest.mark.parametrize("way", ["account", "slip"])
def test_v02_casting_writes_the_mark_the_envelope_one_line_of_the_trail_and_nothing_else(
    app: Flask, world: World, sign_in: SignIn, visitor: Browser, way: str
):
    made = begun(world)
    browser = sign_in("voter0") if way == "account" else visitor
    path = f"/ballots/{made.poll_id}/vote" if way == "account" else f"/v/{made.codes[0]}"
    browser.get(path)
    before, files, lines = tables(), _files(app), count(AuditEvent)

    page = browser.submit("投出", s0="1", s1="2")

    roll = "poll_voter" if way == "account" else "poll_slip"
    assert (page.h1, changed(before, tables())) == ("已投出", {roll, "poll_envelope"})
    assert (count(AuditEvent) - lines, _files(app)) == (1, files)


def test_v02_a_ballot_sent_after_the_session_ended_is_not_kept_for_its_writer(world: World, sign_in: SignIn):
    made = begun(world)
    browser = sign_in("voter0")
    browser.get(f"/ballots/{made.poll_id}/vote")

    with clock.stopped_at(NOW + timedelta(minutes=31)):
        page = browser.submit("投出", s0="1", s1="2")

    assert (page.status, page.alerts, count(CarriedForm)) == (401, ["登录已经过期，请重新登录。"], 0)


def _files(app: Flask) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in Path(app.config["DATA_DIR"]).rglob("*") if path.is_file()}


# V-03: logs and sizes.

QUESTIONS = (
    Question(Kind.APPROVE, ("甲支部", "乙支部"), recusal=True),
    Question(Kind.CHOOSE, ("甲支部", "乙支部", "丙支部"), most=2),
    Question(Kind.GRADE, ("甲支部",), ("政治建设",)),
)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.kind.value)
def test_v03_what_is_sent_and_answered_is_equally_long_whatever_is_chosen_and_nothing_is_logged(
    world: World, visitor: Browser, question: Question, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    made = begun(world, plan(question=question, ways=Ways(slip=True), key_mode=KeyMode.SERVER), slips=4)
    choices = _some_ballots(question)
    sent, answered = set(), set()
    for code, choice in zip(made.codes, choices, strict=False):
        visitor.get(f"/v/{code}")
        page = visitor.submit("投出", choice)
        sent.add(len(urlencode(choice)))
        answered.add(len(page.content))
        assert page.h1 == "已投出"

    written = "\n".join(record.getMessage() for record in caplog.records if record.name != "sqlalchemy.engine.Engine")
    assert (len(sent), len(answered)) == (1, 1)
    assert not [code for code in made.codes if code in written]
    assert not re.search(r"[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){3}", written)


def _some_ballots(question: Question) -> list[dict[str, str]]:
    marks: dict[Kind, list[tuple[Mark, ...]]] = {
        Kind.APPROVE: [(YES, YES), (NO, Mark.ABSTAIN), (Mark.RECUSED, NO)],
        Kind.CHOOSE: [
            (Mark.CHOSEN, Mark.CHOSEN, Mark.PASSED_OVER),
            (Mark.PASSED_OVER, Mark.PASSED_OVER, Mark.CHOSEN),
        ],
        Kind.GRADE: [(Mark.GOOD,), (Mark.POOR,)],
    }
    return [posted(question, chosen) for chosen in marks[question.kind]]


def test_v03_the_shipped_nginx_file_logs_nothing_where_votes_are_cast():
    conf = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")

    for place in (r"location ~ ^/v(/|$) {", r"location ~ ^/ballots/[0-9]+/vote$ {"):
        block = conf.split(place)[1].split("}")[0]
        assert "access_log off;" in block
        assert "error_log /dev/null" in block


# V-04 and V-06: raw files.


def test_v04_no_choice_can_be_read_in_any_file_or_row_while_the_box_is_shut(app: Flask, world: World):
    made = full(world)

    seen = [*raw_files(app), ("rows", everything_stored())]

    assert [(name, marker) for name, content in seen for marker in MARKERS if marker in content] == []
    assert queries.numbers(made.poll_id).envelopes == 6


def test_v06_after_opening_no_envelope_is_left_in_any_file(app: Flask, world: World):
    made = full(world)
    envelopes = [bytes(sealed) for sealed in db.session.scalars(sa.select(PollEnvelope.sealed))]
    db.session.rollback()
    close(made)

    open_box(made)

    seen = [*raw_files(app), ("rows", everything_stored())]
    cores = [sealed[40:72] for sealed in envelopes]
    assert [(name, core) for name, content in seen for core in cores if core in content] == []
    assert [(name, marker) for name, content in seen for marker in MARKERS if marker in content] == []


# V-05: a machine learns from everything on the roll's side.


@pytest.mark.slow
def test_v05_a_model_trained_on_all_that_is_stored_does_not_learn_the_choices(world: World, database_kind: str):
    chance = random.Random(5)
    features, labels = [], []
    for _ in range(200):
        made = begun(world, plan(ways=Ways(account=True), expected=10, key_mode=KeyMode.SERVER), voters=10)
        truth: dict[int, bool] = {}
        order = made.voters[:]
        chance.shuffle(order)
        for name in order:
            yes = chance.random() < 0.5
            truth[world.person(name).id] = yes
            made.vote(name, (YES if yes else NO, NO))
        events = db.session.execute(
            sa.select(AuditEvent.actor_id, AuditEvent.id).where(
                AuditEvent.action == "ballots.cast", AuditEvent.object_id == made.poll_id
            )
        ).all()
        as_stored = db.session.execute(
            sa.text(f"SELECT tracker, sealed FROM poll_envelope WHERE poll_id = {made.poll_id}")
        ).all()
        in_order: list[Any] = sorted(events, key=_second)
        for place, ((who, event), (tracker, sealed)) in enumerate(zip(in_order, as_stored, strict=True)):
            body = bytes(sealed)
            features.append([place, who % 17, event % 7, len(body), *body[:8], *body[-8:], *map(ord, tracker[:4])])
            labels.append(truth[who])
        with writing() as session:  # the box is not opened: only what lies about while voting is attacked here
            session.execute(sa.delete(PollEnvelope).where(PollEnvelope.poll_id == made.poll_id))

    auc, p = _learn(np.array(features, float), np.array(labels, float))

    assert abs(auc - 0.5) <= 0.05, auc
    assert p > 0.01, p


def _second(pair: Any) -> int:
    return int(pair[1])


def _learn(features: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """(AUC on the half it was not trained on, p of a permutation test on it) of a logistic regression."""
    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    half = len(labels) // 2
    weights = np.zeros(scaled.shape[1])
    for _ in range(500):
        guess = 1 / (1 + np.exp(-scaled[:half] @ weights))
        weights += 0.5 * (scaled[:half].T @ (labels[:half] - guess) / half - 0.01 * weights)
    scores, truth = scaled[half:] @ weights, labels[half:]
    auc = _auc(scores, truth)
    shuffled = np.random.default_rng(1)
    others = [_auc(scores, shuffled.permutation(truth)) for _ in range(500)]
    return auc, float(np.mean([abs(other - 0.5) >= abs(auc - 0.5) for other in others]))


def _auc(scores: np.ndarray, truth: np.ndarray) -> float:
    ranks = scores.argsort().argsort() + 1
    good, bad = truth.sum(), (1 - truth).sum()
    return float((ranks[truth == 1].sum() - good * (good + 1) / 2) / (good * bad))


# V-09: tampering.


def _flip(session: object, tracker: str) -> None:
    db.session.execute(sa.update(PollEnvelope).where(PollEnvelope.tracker == tracker).values(sealed=b"\x00" * 352))


def _drop(session: object, tracker: str) -> None:
    db.session.execute(sa.delete(PollEnvelope).where(PollEnvelope.tracker == tracker))


def _add(session: object, tracker: str) -> None:
    row = db.session.execute(sa.select(PollEnvelope.poll_id, PollEnvelope.sealed)).first()
    assert row is not None
    db.session.execute(sa.insert(PollEnvelope).values(poll_id=row.poll_id, tracker="A" * 16, sealed=row.sealed))


def _unmark(session: object, tracker: str) -> None:
    voter = db.session.scalars(sa.select(PollVoter.person_id)).first()
    db.session.execute(sa.update(PollVoter).where(PollVoter.person_id == voter).values(voted=False))


@pytest.mark.parametrize("when", ["before closing", "after closing"])
@pytest.mark.parametrize("tamper", [_flip, _drop, _add, _unmark], ids=["flip", "drop", "add", "unmark"])
def test_v09_a_box_that_was_touched_is_never_counted(world: World, tamper: Callable[[object, str], None], when: str):
    made = full(world, people=7, key_mode=KeyMode.SERVER)
    if when == "after closing":
        close(made)
    with writing() as session:
        tamper(session, made.receipts[0])
    if when == "before closing":
        close(made)

    with pytest.raises(Refused, match="票箱和名册对不上"):
        open_box(made)

    assert (count(PollCount), count(PollTracker)) == (0, 0)


def test_v09_every_receipt_is_on_the_board_after_the_count(world: World, visitor: Browser):
    made = full(world)
    close(made)
    assert queries.poll_of_tracker(made.receipts[0]) is None

    open_box(made, at=NOW + timedelta(hours=1))

    assert sorted(made.receipts) == queries.trackers(made.poll_id)
    page = visitor.get(f"/v/receipt?tracker={made.receipts[0].lower()}")
    assert page.alerts == ["“先进党支部推荐票决”的箱里有这个信封，已经计入。箱里共 6 个信封，全部计入。"]


# Nobody sees an interim result, nor who has not voted.


def test_pages_show_a_number_of_votes_and_neither_choices_nor_who_has_not_voted(
    world: World, office: Browser, sign_in: SignIn
):
    made = begun(world)
    made.vote("voter0", (YES, NO))
    made.vote("voter1", (NO, NO))

    for browser in (office, sign_in("poll_watcher")):
        page = browser.get(f"/ballots/{made.poll_id}")
        assert "已投 2 票 应到 10 人" in page.main
        assert not re.search(r"voter[0-5]", page.main)
        result = browser.get(f"/ballots/{made.poll_id}/result")
        assert result.path == f"/ballots/{made.poll_id}"
    assert "已投" not in office.get(f"/ballots/{made.poll_id}/voters").main


def test_a_box_opened_while_another_is_voted_in_is_wiped_and_the_other_stays_whole(world: World):
    opened, other = full(world, key_mode=KeyMode.SERVER), begun(world, plan(key_mode=KeyMode.SERVER))
    other.vote("voter0", (YES, NO))
    close(opened)

    open_box(opened)

    assert (queries.numbers(opened.poll_id).envelopes, queries.numbers(other.poll_id).envelopes) == (0, 1)
