"""Saving is cheap: no verb of a nomination says more than ten statements."""

from __future__ import annotations

from collections.abc import Mapping

from tests import exemplars
from tests.builders import World
from tests.conftest import SignIn, Statements
from tests.exemplars import DEEDS, FIELDS
from tests.pages import Browser

MOST = 10


def said_by(browser: Browser, statements: Statements, path: str, values: Mapping[str, str]) -> tuple[int, int]:
    """(status, statements) of one POST, its redirect not followed."""
    data = {**values, "csrf_token": browser.csrf_token()}
    with statements() as said:
        page = browser.send("POST", path, data=data, headers={"HX-Request": "true"} if path.endswith("keep") else {})
    return page.status, len(said)


def test_a_suggestion_is_kept_and_sent_in_ten_statements(world: World, staff: Browser, statements: Statements):
    path = f"/calls/{exemplars.call(world).id}/suggest"
    values = {"unit_id": str(world.unit("water_unit").id), "nominee": "某某", "relation": "across", "deeds": DEEDS}

    kept = said_by(staff, statements, f"{path}/keep", {**values, "key": "a"})
    sent = said_by(staff, statements, path, {**values, "key": "b"})

    assert (kept[0], sent[0]) == (200, 303)
    assert max(kept[1], sent[1]) <= MOST, (kept, sent)


def test_a_recommendation_is_saved_in_ten_statements(world: World, sign_in: SignIn, statements: Statements):
    made = exemplars.recommendation(world, sent=False)
    path = f"/calls/{made.call_id}/units/{made.unit_id}"
    values = {**FIELDS, "version": str(made.version), "key": "a", "do": "save"}

    status, number = said_by(sign_in("clerk"), statements, path, values)

    assert (status, number <= MOST) == (303, True), number


def test_an_entry_is_reviewed_in_ten_statements_and_three_that_tell_people(
    world: World, office: Browser, statements: Statements
):
    entry = exemplars.entry(world)
    values = {"version": str(entry.version), "key": "c", "reason": "studied", "ground": ""}

    status, number = said_by(office, statements, f"/selection/entries/{entry.id}/end", values)

    assert (status, number <= MOST + 3) == (303, True), number
