"""The audit trail: what was changed by hand afterwards is found, and the first bad event is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.builders import World
from tests.together import at_once
from tiejun_awards.shared import audit, clock
from tiejun_awards.shared import trail as trails
from tiejun_awards.shared.audit import AuditEvent, AuditSeal, Outcome
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.digests import canonical
from tiejun_awards.shared.trail import Verdict


@pytest.fixture
def trail(app: Flask, now: datetime) -> int:
    """Five events, the first four sealed; the number of the first."""
    for number in range(5):
        happen(f"event.{number}", now)
        if number == 3:
            audit.seal_pending()
    return db.session.scalars(sa.select(sa.func.min(AuditEvent.id))).one()


def happen(action: str, at: datetime) -> None:
    with writing() as session:
        audit.record(session, None, action, at=at, detail={"词": "值"})


def by_hand(*statements: str) -> None:
    """What somebody with the database in his hands can do: no trigger and no foreign key stops him."""
    db.session.rollback()
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA query_only = 0")
            driver.execute("PRAGMA foreign_keys = 0")
            for table in ("audit_event", "audit_seal", "audit_checkpoint"):
                for verb in ("update", "delete"):
                    driver.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            for statement in statements:
                driver.execute(statement)
            driver.execute("PRAGMA foreign_keys = 1")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
            for statement in statements:
                connection.exec_driver_sql(statement)
            connection.commit()
            connection.exec_driver_sql("SET session_replication_role = origin")
            connection.commit()


def verdict(now: datetime) -> Verdict:
    db.session.rollback()
    return trails.verify(db.session(), now)


def test_a_trail_nobody_touched_holds(trail: int, now: datetime):
    assert verdict(now) == Verdict(events=5, sealed=4)
    assert verdict(now).holds


def test_of_an_empty_trail_nothing_can_be_said(app: Flask, now: datetime):
    assert verdict(now) == Verdict(events=0, sealed=0, undecided="库里还没有任何记录，也没有检查点可以比对")


def test_sealing_goes_on_where_it_stopped(trail: int, now: datetime):
    assert (audit.seal_pending(), audit.seal_pending()) == (1, 0)
    assert verdict(now) == Verdict(events=5, sealed=5)
    assert [seq for (seq,) in builders.rows_of(AuditSeal, "seq", order_by="seq")] == [1, 2, 3, 4, 5]


def test_a_long_trail_is_sealed_in_portions(trail: int, now: datetime):
    for number in range(4):
        happen(f"more.{number}", now)

    assert [audit.seal_pending(most=2) for _ in range(4)] == [2, 2, 1, 0]
    assert verdict(now) == Verdict(events=9, sealed=9)


def test_two_sealers_at_once_make_one_chain(trail: int, now: datetime, app: Flask):
    for number in range(20):
        happen(f"more.{number}", now)

    sealed = at_once(app, *[audit.seal_pending] * 3)

    assert sum(sealed) == 21
    assert verdict(now) == Verdict(events=25, sealed=25)


TAMPERED = {
    "an edited text": (["UPDATE audit_event SET actor_name = '别人' WHERE id = {1}"], 1, 1, "事件内容被改动"),
    "an edited detail": (["UPDATE audit_event SET detail = '{{}}' WHERE id = {2}"], 2, 2, "事件内容被改动"),
    "an edited moment": (["UPDATE audit_event SET at = '2026-11-23 01:00:00' WHERE id = {0}"], 0, 0, "事件内容被改动"),
    "an edited leaf": (["UPDATE audit_event SET leaf = '" + "0" * 64 + "' WHERE id = {1}"], 1, 1, "事件内容被改动"),
    "an edited event not yet sealed": (["UPDATE audit_event SET action = 'x' WHERE id = {4}"], 4, 4, "事件内容被改动"),
    "a deleted event": (["DELETE FROM audit_event WHERE id = {1}"], 1, 1, "已封存的事件不见了"),
    "the last sealed event deleted": (["DELETE FROM audit_event WHERE id = {3}"], 3, 3, "已封存的事件不见了"),
    "a deleted event with its seal": (
        ["DELETE FROM audit_event WHERE id = {1}", "DELETE FROM audit_seal WHERE event_id = {1}"],
        2,
        1,
        "封存链第 2 环缺失",
    ),
    "a deleted event with its seal, the rest renumbered": (
        [
            "DELETE FROM audit_event WHERE id = {1}",
            "DELETE FROM audit_seal WHERE event_id = {1}",
            "UPDATE audit_seal SET seq = 2 WHERE seq = 3",
            "UPDATE audit_seal SET seq = 3 WHERE seq = 4",
        ],
        2,
        1,
        "封存链对不上",
    ),
    "two events in another order": (
        [
            "UPDATE audit_seal SET seq = 9 WHERE seq = 2",
            "UPDATE audit_seal SET seq = 2 WHERE seq = 3",
            "UPDATE audit_seal SET seq = 3 WHERE seq = 9",
        ],
        2,
        1,
        "封存链对不上",
    ),
    "an edited seal": (["UPDATE audit_seal SET chain = '" + "0" * 64 + "' WHERE seq = 3"], 2, 2, "封存链对不上"),
    "an edited event with its leaf made anew": (
        ["UPDATE audit_event SET actor_name = '别人', leaf = '{leaf}' WHERE id = {1}"],
        1,
        1,
        "封存链对不上",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_done_by_hand_is_found_and_the_first_bad_event_named(trail: int, now: datetime, what: str):
    statements, bad, sealed, reason = TAMPERED[what]
    event = db.session.get_one(AuditEvent, trail + 1)
    event.actor_name = "别人"
    leaf = audit.leaf_of(event)
    db.session.rollback()
    by_hand(*(statement.format(*range(trail, trail + 5), leaf=leaf) for statement in statements))

    found = verdict(now)

    assert (found.holds, found.first_bad, found.sealed, found.reason) == (False, trail + bad, sealed, reason)


def test_an_event_slipped_in_between_is_found_once_it_should_have_been_sealed(trail: int, now: datetime):
    by_hand("DELETE FROM audit_seal WHERE seq = 4")
    found = [verdict(now + timedelta(seconds=seconds)) for seconds in (60, 61)]

    assert [(each.holds, each.first_bad, each.reason) for each in found] == [
        (True, None, ""),
        (False, trail + 3, "超过 60 秒没有封存"),
    ]


def test_every_column_of_an_event_is_under_its_seal():
    assert set(audit.SIGNED_COLUMNS) == {column.name for column in AuditEvent.__table__.columns} - {"id", "leaf"}


@given(
    name=st.text(max_size=12),
    number=st.none() | st.integers(1, 2**31),
    detail=st.dictionaries(
        st.text(max_size=6), st.none() | st.integers() | st.text() | st.lists(st.text()), max_size=3
    ),
)
def test_a_leaf_is_over_the_canonical_form_of_its_columns(name: str, number: int | None, detail: dict[str, object]):
    columns = {
        "at": builders.NOW,
        **dict.fromkeys(("organiser_id", "actor_id", "object_id"), number),
        **dict.fromkeys(("actor_name", "request_id", "address", "action", "object_type"), name),
        "outcome": Outcome.DENIED,
        "detail": detail,
    }
    signed = {**columns, "at": "2026-11-23T02:00:00.000000+00:00", "outcome": "denied"}

    written = hashlib.sha256(b"\x00" + canonical(signed).encode("utf-8", "surrogatepass")).hexdigest()

    assert audit.leaf_of(SimpleNamespace(**columns)) == written


def test_an_event_of_the_system_has_no_actor_and_one_of_a_person_has_his_name(world: World, now: datetime):
    with writing() as session:
        audit.record(session, None, "system.tidied", at=now)
        staff = world.actor("staff")
        audit.record(session, staff, "web.denied", at=now, subject=world.branch("water"), outcome=Outcome.DENIED)

    columns = ("actor_id", "actor_name", "organiser_id", "object_type", "object_id", "outcome")
    assert builders.rows_of(AuditEvent, *columns)[-2:] == [
        (None, "系统", None, "", None, Outcome.OK),
        (
            staff.person_id,
            "干部职工",
            staff.organiser_id,
            "party_organisation",
            world.branch("water").id,
            Outcome.DENIED,
        ),
    ]


# The commands.

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(app: Flask) -> Run:
    def invoke(*words: str) -> tuple[int, str, str]:
        db.session.rollback()
        result = app.test_cli_runner().invoke(args=words)
        return result.exit_code, result.stdout, result.stderr

    return invoke


def test_the_command_says_that_the_trail_holds(trail: int, run: Run):
    assert run("audit", "seal") == (0, "封存了 1 条。\n", "")
    assert run("audit", "verify") == (0, "审计日志完好：5 条，已封存 5 条，检查点 0 个。\n", "")


def test_the_command_ends_with_2_and_names_the_first_bad_event(trail: int, run: Run):
    by_hand(f"UPDATE audit_event SET action = 'x' WHERE id = {trail + 2}")

    assert run("audit", "verify") == (2, "", f"审计日志有问题：第 {trail + 2} 号事件，事件内容被改动。\n")


def test_the_command_goes_by_the_clock(trail: int, run: Run, now: datetime):
    with clock.stopped_at(now + timedelta(minutes=2)):
        code, _, said = run("audit", "verify")

    assert (code, said) == (2, f"审计日志有问题：第 {trail + 4} 号事件，超过 60 秒没有封存。\n")
