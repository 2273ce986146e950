"""One verb: one permission, one transaction, one audit line, once for each form."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import builders
from tests.builders import World
from tests.together import at_once
from tiejun_awards.organisation.models import PartyOrganisation
from tiejun_awards.organisers.models import Organiser
from tiejun_awards.reports import services as reports
from tiejun_awards.reports.models import Report
from tiejun_awards.shared.access import Actor, Permission, Trace
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import Missing, NotAllowed, Refused, Stale
from tiejun_awards.shared.periods import Quarter
from tiejun_awards.shared.use_case import IdempotencyKey, _earlier_result, forget_old_keys, hush, tell, use_case

done: list[str] = []


@use_case(Permission.ENTER_DAYS)
def rename(actor: Actor, organiser: Organiser, name: str, *, fail: bool = False, key: str = "") -> Organiser:
    """A verb of the tests."""
    done.append(name)
    organiser.name = name
    tell(db.session(), name=name)
    if fail:
        db.session.flush()
        raise Refused("不能改名。")
    return organiser


@use_case(Permission.ENTER_DAYS)
def count_names(actor: Actor, organiser: Organiser, *, key: str = "") -> int:
    """A verb that returns no row, and says nothing."""
    hush(db.session())
    return len(organiser.name)


@pytest.fixture
def department(world: World) -> Organiser:
    done.clear()
    return world.organiser("department")


def events() -> list[tuple[Any, ...]]:
    columns = ("action", "actor_name", "organiser_id", "object_type", "object_id", "request_id", "address", "detail")
    return [row for row in builders.rows_of(AuditEvent, *columns) if row[0].startswith("shared.")]


def test_a_verb_changes_its_thing_and_leaves_one_line_of_who_did_what(world: World, department: Organiser):
    office = world.actor("office")
    traced = Actor(
        office.person_id, office.name, office.organiser_id, office.at, office.grants, trace=Trace("r1", "::1")
    )

    rename(traced, department, "新名")

    assert world.organiser("department").name == "新名"
    line = ("shared.rename", "机关党委经办", department.id, "organiser", department.id, "r1", "::1", {"name": "新名"})
    assert events() == [line]


def test_a_verb_is_refused_to_those_without_the_right_on_this_very_thing(world: World, department: Organiser):
    sentence = "^您现在的身份不能在这里登记放假和调休。$"

    with pytest.raises(NotAllowed, match=sentence):
        rename(world.actor("staff"), department, "新名")
    with pytest.raises(NotAllowed, match=sentence):
        rename(world.actor("city_office"), department, "新名")

    assert (done, events(), world.organiser("department").name) == ([], [], "厅机关党委")


def test_what_a_verb_refuses_leaves_neither_a_change_nor_a_line_nor_a_key(world: World, department: Organiser):
    with pytest.raises(Refused, match=r"^不能改名。$"):
        rename(world.actor("office"), department, "新名", fail=True, key="one")

    assert (done, events(), world.organiser("department").name) == (["新名"], [], "厅机关党委")
    assert builders.count(IdempotencyKey) == 0


def test_a_hushed_verb_leaves_no_line(world: World, department: Organiser):
    assert count_names(world.actor("office"), department) == len("厅机关党委")
    assert events() == []


def test_verbs_do_not_call_each_other(world: World, department: Organiser):
    with pytest.raises(RuntimeError, match="use cases never call each other"), writing():
        rename(world.actor("office"), department, "新名")


# Once for each form.


def test_a_form_sent_twice_is_carried_out_once_and_answered_alike(world: World, department: Organiser):
    office = world.actor("office")

    first = rename(office, department, "新名", key="one")
    second = rename(office, department, "新名", key="one")

    assert (first, second, done, len(events())) == (department, department, ["新名"], 1)


def test_a_form_sent_by_two_threads_at_once_is_carried_out_once_and_answered_alike(world: World, app: Flask):
    branch, people = world.branch("air").id, world.actor("air_secretary")

    def begin() -> int:
        return reports.begin(people, db.session.get_one(PartyOrganisation, branch), Quarter(2026, 4), key="one").id

    found = at_once(app, *[begin] * 4)

    assert len(set(found)) == 1
    assert isinstance(found[0], int)
    assert [row for row in builders.rows_of(Report, "id", "quarter", "branch_id") if row[1:] == ("2026Q4", branch)] == [
        (found[0], "2026Q4", branch)
    ]


def test_other_words_under_the_same_key_are_a_verb_of_their_own(world: World, department: Organiser):
    office = world.actor("office")

    rename(office, department, "新名", key="one")
    rename(office, department, "更新的名", key="one")

    assert (done, world.organiser("department").name) == (["新名", "更新的名"], "更新的名")


def test_another_person_or_thing_under_the_same_key_is_a_verb_of_its_own(world: World, department: Organiser):
    city = world.organiser("city")

    rename(world.actor("office"), department, "新名", key="one")
    rename(world.actor("city_office"), city, "新名", key="one")

    assert [world.organiser(code).name for code in ("department", "city")] == ["新名", "新名"]


def test_a_verb_without_a_row_to_return_answers_its_second_form_with_nothing(world: World, department: Organiser):
    office = world.actor("office")

    found = [count_names(office, department, key="one"), count_names(office, department, key="one")]

    assert found == [len("厅机关党委"), None]


def test_forms_are_remembered_for_a_day(world: World, department: Organiser, now: datetime):
    rename(world.actor("office"), department, "新名", key="one")

    kept = forget_old_keys(now + timedelta(hours=24)), builders.count(IdempotencyKey)
    gone = forget_old_keys(now + timedelta(hours=24, seconds=1)), builders.count(IdempotencyKey)

    assert (kept, gone) == ((0, 1), (1, 0))


# Versions.


def test_a_form_opened_before_somebody_else_saved_is_stale_and_shows_what_he_saved(world: World):
    secretary, report = world.actor("secretary"), world.report("water", "2026Q4")
    opened = report.version
    reports.save(secretary, report, builders.draft(Quarter(2026, 4), {"tasks": "先存的。"}), version=opened)

    with pytest.raises(Stale) as stale:
        reports.save(secretary, report, builders.draft(Quarter(2026, 4), {"tasks": "后存的。"}), version=opened)

    assert stale.value.subject.draft["fields"]["tasks"] == "先存的。"
    assert world.report("water", "2026Q4").version == opened + 1


def test_of_two_who_save_at_the_same_moment_one_is_told_and_nothing_is_mixed(world: World, app: Flask):
    people = world.actor("secretary"), world.actor("liaison")
    number, opened = world.report("water", "2026Q4").id, world.report("water", "2026Q4").version

    def save(actor: Actor) -> str:
        draft = builders.draft(Quarter(2026, 4), {"tasks": actor.name})
        reports.save(actor, db.session.get_one(Report, number), draft, version=opened)
        return actor.name

    found = at_once(app, *[lambda actor=actor: save(actor) for actor in people])

    saved = [name for name in found if isinstance(name, str)]
    assert sorted(type(answer).__name__ for answer in found) == ["Stale", "str"]
    assert world.report("water", "2026Q4").draft["fields"]["tasks"] == saved[0]


def test_of_two_who_submit_at_the_same_moment_one_submission_is_made(world: World, app: Flask):
    secretary, report = world.actor("secretary"), world.report("water", "2026Q4")
    number, opened = report.id, report.version

    def submit() -> int:
        return reports.submit(secretary, db.session.get_one(Report, number), version=opened).revisions

    found = at_once(app, submit, submit)

    assert sorted(type(answer).__name__ for answer in found) == ["Stale", "int"]
    assert world.report("water", "2026Q4").revisions == 1


def test_a_thing_that_is_gone_by_now_is_missing(world: World):
    gone = builders.organiser("gone")
    with writing() as session:
        session.connection().execute(sa.text(f"DELETE FROM organiser WHERE id = {gone.id}"))

    with pytest.raises(Missing):
        rename(world.actor("office"), gone, "新名")


def test_a_key_whose_row_is_of_no_table_any_more_gives_nothing_back(world: World):
    with writing() as session:
        session.add(IdempotencyKey(key="old", made_at=world.now, entity="gone_table", entity_id=1))
        session.flush()

        assert _earlier_result(session, "old") is None
        assert _earlier_result(session, "unknown") is None
