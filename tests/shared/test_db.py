"""The database refuses what the code must not do: writing while reading, changing what only grows, half a transaction."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from tests import builders, exemplars, schema
from tests.ballots import polls
from tests.builders import World
from tests.conftest import SignIn
from tests.papers import made as papers
from tests.together import at_once
from tiejun_awards.accounts.models import SignInSession
from tiejun_awards.organisers.models import Level, Organiser
from tiejun_awards.shared import audit, checkpoints, clock
from tiejun_awards.shared import db as database
from tiejun_awards.shared.access import Place, Reach
from tiejun_awards.shared.db import IMMUTABLE_TABLES, Base, db, insert_if_absent, note, remembered, within, writing
from tiejun_awards.shared.errors import Stale
from tiejun_awards.shared.use_case import IdempotencyKey


def codes() -> list[str]:
    return list(db.session.scalars(sa.select(Organiser.code).order_by(Organiser.id)))


def organiser(code: str) -> Organiser:
    return Organiser(code=code, name=code, level=Level.DEPARTMENT)


# Reading and writing.


def test_a_session_that_reads_cannot_write(app: Flask):
    with pytest.raises(DBAPIError, match=r"read-?only"):
        db.session.execute(sa.insert(Organiser).values(code="a", name="a", level="department"))

    db.session.rollback()
    assert codes() == []


def test_a_page_that_reads_cannot_write_even_through_an_object_it_changed(world: World):
    world.branch("water").name = "改了名"

    with pytest.raises(DBAPIError, match=r"read-?only"):
        db.session.flush()


def test_what_is_written_is_there_and_the_session_reads_again(app: Flask):
    with writing() as session:
        session.add(organiser("a"))

    assert codes() == ["a"]
    with pytest.raises(DBAPIError, match=r"read-?only"):
        db.session.execute(sa.delete(Organiser))


def write_and_fail(error: BaseException) -> None:
    with writing() as session:
        session.add(organiser("a"))
        session.flush()
        raise error


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt()], ids=["error", "interruption"])
def test_what_is_raised_undoes_what_was_written(app: Flask, error: BaseException):
    with pytest.raises(type(error)):
        write_and_fail(error)

    assert codes() == []
    assert not db.session().info["writing"]


def test_a_writing_transaction_never_lies_in_another(app: Flask):
    with pytest.raises(RuntimeError, match="use cases never call each other"), writing(), writing():
        pass

    assert codes() == []


def test_what_was_read_before_is_read_again_when_writing_begins(world: World, app: Flask):
    branch = world.branch("water")
    before = branch.name

    def rename() -> None:
        with writing():
            World(builders.NOW).branch("water").name = "新名"

    at_once(app, rename)
    with writing():
        meanwhile = branch.name

    assert (before, meanwhile) == ("水生态环境处党支部", "新名")


def test_a_row_somebody_else_changed_meanwhile_is_stale(world: World):
    report = world.report("water", "2026Q4")

    def change_behind_its_back() -> None:
        with writing() as session:
            stale = session.get_one(type(report), report.id)
            session.connection().exec_driver_sql("UPDATE report SET version = version + 1")
            stale.return_reason = ""
            stale.saved_at = stale.saved_at + timedelta(seconds=1)

    with pytest.raises(Stale):
        change_behind_its_back()


def test_a_rivals_lock_is_waited_for_a_few_seconds_and_then_called_busy(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "BUSY_SECONDS", 1)
    db.engine.dispose()
    world.branch("water")

    def hold() -> None:
        with writing():
            World(builders.NOW).branch("water").name = "甲"
            db.session.flush()
            time.sleep(2)

    def want() -> None:
        time.sleep(0.3)
        with writing():
            World(builders.NOW).branch("water").name = "乙"

    _, found = at_once(app, hold, want)

    assert (type(found), database.is_busy(found)) == (OperationalError, True)
    assert world.branch("water").name == "甲"


@pytest.mark.parametrize(
    ("text", "busy"),
    [("database is locked", True), ("canceling statement due to lock timeout", True), ("disk I/O error", False)],
)
def test_busy_is_only_what_patience_helps_against(text: str, busy: bool):
    assert database.is_busy(OperationalError("", {}, Exception(text))) is busy


# Notes.


def test_a_note_outside_a_request_is_written_at_once(app: Flask):
    note(lambda session: session.add(organiser("a")))

    assert codes() == ["a"]


def test_a_note_of_a_request_is_written_after_its_own_transaction(app: Flask):
    with app.test_request_context("/"):
        note(lambda session: session.add(organiser("a")))
        note(lambda session: session.add(organiser("b")))
        before = codes()
        database.write_pending_notes()
        after = codes()

    assert (before, after) == ([], ["a", "b"])


def test_a_page_writes_down_that_its_reader_was_seen_at_most_once_a_minute(
    world: World, sign_in: SignIn, now: datetime
):
    staff = sign_in("staff")
    seen = []

    for seconds in (30, 59, 60, 90, 119, 120):
        with clock.stopped_at(now + timedelta(seconds=seconds)):
            staff.get("/")
        [(at,)] = builders.rows_of(SignInSession, "seen_at", order_by="token_hash")
        seen.append((at - now).total_seconds())

    assert seen == [0, 0, 60, 60, 60, 120]


def test_a_note_that_cannot_be_written_spoils_no_page(world: World, sign_in: SignIn, now: datetime, app: Flask):
    staff = sign_in("staff")
    with writing() as session:
        refuse_updates(session, "sign_in_session")

    with clock.stopped_at(now + timedelta(minutes=5)):
        page = staff.get("/")

    with writing() as session:
        allow_updates(session, "sign_in_session")
    assert (page.status, page.h1) == (200, "今天没有要办的事")


def refuse_updates(session: Any, table: str) -> None:
    for statement in database.immutability_ddl(session.get_bind().dialect.name, table):
        session.connection().exec_driver_sql(statement.replace("%", "%%") if "plpgsql" in statement else statement)


def allow_updates(session: Any, table: str) -> None:
    found = schema.triggers(session.connection(), table)
    for name, _ in found:
        of_table = f" ON {table}" if session.get_bind().dialect.name == "postgresql" else ""
        session.connection().exec_driver_sql(f"DROP TRIGGER {name}{of_table}")


# Asking once.


def test_the_database_is_asked_once_a_request_and_always_while_writing(app: Flask):
    asked: list[str] = []

    def ask() -> int:
        asked.append("asked")
        return len(asked)

    reading = [remembered("key", ask), remembered("key", ask)]
    with writing():
        changing = [remembered("key", ask), remembered("key", ask)]

    assert (reading, changing, remembered("key", ask)) == ([1, 1], [2, 3], 4)


# Once and only once.


def test_a_row_is_inserted_once(app: Flask):
    row = {"key": "a", "made_at": builders.NOW, "entity": ""}
    with writing() as session:
        found = [insert_if_absent(session, IdempotencyKey, **row) for _ in range(2)]

    assert (found, builders.count(IdempotencyKey)) == ([True, False], 1)


def test_of_rivals_one_inserts_the_row_and_the_others_wait_for_it(app: Flask):
    def insert() -> bool:
        with writing() as session:
            mine = insert_if_absent(session, IdempotencyKey, key="a", made_at=builders.NOW, entity="")
            time.sleep(0.05)
            return mine

    assert sorted(at_once(app, *[insert] * 4)) == [False, False, False, True]


def test_the_row_of_a_rival_that_gives_up_is_inserted_by_the_next(app: Flask):
    def insert(give_up: bool) -> bool:
        with writing() as session:
            mine = insert_if_absent(session, IdempotencyKey, key="a", made_at=builders.NOW, entity="")
            time.sleep(0.1)
            if give_up:
                raise ValueError
            return mine

    def later() -> bool:
        time.sleep(0.03)
        return insert(give_up=False)

    found = at_once(app, lambda: insert(give_up=True), later)

    assert (type(found[0]), found[1], builders.count(IdempotencyKey)) == (ValueError, True, 1)


# Tables that only grow.


@pytest.mark.parametrize("verb", ["UPDATE {table} SET {key} = {key}", "DELETE FROM {table}"], ids=["update", "delete"])
@pytest.mark.parametrize("table", sorted(IMMUTABLE_TABLES))
def test_the_database_itself_keeps_what_only_grows(rated: World, tmp_path: Path, table: str, verb: str):
    builders.feedback(rated.person("staff"))
    exemplars.honour(rated)
    if table.startswith("poll_"):
        polls.for_the_grid(rated, "department", "poll_watcher", "counted")
    audit.seal_pending()
    checkpoints.sign_if_due(rated.now, key_file=tmp_path / "audit.key", copy_to=tmp_path / "checkpoints.txt")
    builders.change_rule(rated, "rating.quota", "10")
    if table == "paper_form":
        papers.printed(rated)
    key = next(iter(Base.metadata.tables[table].primary_key)).name

    def change() -> None:
        with writing() as session:
            session.execute(sa.text(verb.format(table=table, key=key)))

    before = rows(table)
    with pytest.raises(DBAPIError, match=f"{table} only grows"):
        change()
    assert rows(table) == before != []


def rows(table: str) -> list[Any]:
    return list(db.session.execute(sa.select(Base.metadata.tables[table])).all())


def test_a_server_does_not_empty_at_a_stroke_what_only_grows(world: World, database_kind: str):
    if database_kind != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")

    def empty() -> None:
        with writing() as session:
            session.execute(sa.text("TRUNCATE audit_event CASCADE"))

    with pytest.raises(DBAPIError, match="only grows"):
        empty()


# What a row may hold.


def test_a_row_never_points_nowhere(app: Flask):
    with pytest.raises(IntegrityError):
        builders.add(Organiser(code="a", name="a", level=Level.CITY, parent_id=999))


def test_a_word_that_is_no_choice_is_refused_by_the_database(app: Flask):
    statement = sa.text(
        "INSERT INTO organiser (code, name, level, filing_number, contact) VALUES ('a', 'a', 'DEPARTMENT', '', '')"
    )

    def insert() -> None:
        with writing() as session:
            session.execute(statement)

    with pytest.raises(IntegrityError, match="organiser_levels"):
        insert()


def test_moments_come_back_in_utc_whatever_zone_they_were_given_in(app: Flask):
    moment = datetime(2026, 3, 31, 23, 59, 59, 123456, tzinfo=clock.SHANGHAI)
    builders.add(IdempotencyKey(key="a", made_at=moment))

    [(found,)] = builders.rows_of(IdempotencyKey, "made_at", order_by="key")

    assert (found, found.tzinfo) == (moment, UTC)


def test_a_moment_without_a_zone_is_a_mistake(app: Flask):
    with pytest.raises(sa.exc.StatementError, match="a moment without a time zone"):
        builders.add(IdempotencyKey(key="a", made_at=datetime(2026, 3, 31)))  # noqa: DTZ001


# The scope of a list is the scope of its things.

SOME = st.frozensets(st.integers(1, 4), max_size=3)
REACHES = st.builds(
    Reach,
    everywhere=st.booleans(),
    organisers=SOME,
    branches=SOME,
    units=SOME,
    except_branch=st.none() | st.integers(1, 4),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(
    reach=REACHES, organiser=st.integers(1, 4), branch=st.none() | st.integers(1, 4), unit=st.none() | st.integers(1, 4)
)
def test_a_list_shows_exactly_the_things_its_reader_may_see(
    app: Flask, reach: Reach, organiser: int, branch: int | None, unit: int | None
):
    columns = sa.select(
        *(
            sa.cast(sa.literal(value, sa.Integer), sa.Integer).label(name)
            for name, value in (("organiser", organiser), ("branch", branch), ("unit", unit))
        )
    ).subquery()
    listed = sa.select(columns).where(
        within(reach, organiser=columns.c.organiser, branch=columns.c.branch, unit=columns.c.unit)
    )

    place = Place(organiser, branch, frozenset() if unit is None else frozenset({unit}))
    assert bool(db.session.execute(listed).all()) == reach.covers(place)


def test_a_reach_of_branches_lists_nothing_that_lies_at_no_branch():
    reach = Reach(branches=frozenset({1}), units=frozenset({2}))

    assert str(within(reach, organiser=sa.column("organiser"))) == "false"


# Copies.


def test_a_running_database_is_copied_whole(world: World, tmp_path: Path, database_kind: str):
    target = tmp_path / "copy.db"
    if database_kind == "postgresql":
        with pytest.raises(RuntimeError, match="pg_dump"):
            database.back_up(target)
        return

    database.back_up(target)

    with sqlite3.connect(target) as copy:
        assert copy.execute("SELECT code FROM organiser ORDER BY id").fetchall() == [("department",), ("city",)]
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_server_may_hang_up_and_a_file_does_not():
    urls = ("sqlite:///app.db", "postgresql+psycopg://app@db/app")

    assert [database.engine_options(url) for url in urls] == [
        {"pool_pre_ping": False, "hide_parameters": True},
        {"pool_pre_ping": True, "hide_parameters": True},
    ]
