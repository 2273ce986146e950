"""What follows from the table of rights, whatever the table says and whatever somebody holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.shared.access import (
    BRANCH_ROLES,
    INSTALL_ROLES,
    NOT_ON_OWN_BRANCH,
    TABLE,
    UNIT_ROLES,
    Actor,
    Grant,
    Permission,
    Place,
    Reach,
    Role,
    Scope,
    can,
    reach,
    table_as_text,
)

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NUMBERS = st.integers(1, 4)
GRANTS = st.builds(Grant, st.sampled_from(Role), NUMBERS, st.frozensets(NUMBERS, max_size=2), st.none() | NUMBERS)
ACTORS = st.builds(
    Actor,
    person_id=NUMBERS,
    name=st.just("某人"),
    organiser_id=NUMBERS,
    at=st.just(AT),
    grants=st.lists(GRANTS, max_size=4).map(tuple),
    branch_id=st.none() | NUMBERS,
)
PERMISSIONS = st.sampled_from(Permission)
PLACES = st.builds(Place, NUMBERS, st.none() | NUMBERS, st.frozensets(NUMBERS, max_size=2), st.none() | NUMBERS)


class At:
    """A thing somewhere."""

    def __init__(self, place: Place) -> None:
        self.place = place


@given(ACTORS, PERMISSIONS)
def test_whoever_may_open_the_page_reaches_something(actor: Actor, permission: Permission):
    assert can(actor, permission) == bool(reach(actor, permission))


@given(ACTORS, PERMISSIONS, PLACES)
def test_whoever_reaches_nothing_may_do_nothing(actor: Actor, permission: Permission, place: Place):
    assert not can(actor, permission, At(place)) or can(actor, permission)


@given(ACTORS, PERMISSIONS)
def test_only_roles_of_the_table_open_anything(actor: Actor, permission: Permission):
    useless = all(grant.role not in TABLE[permission] for grant in actor.grants)

    assert not (useless and can(actor, permission))


@given(ACTORS, GRANTS, PERMISSIONS, PLACES)
def test_a_further_post_never_takes_a_right_away(actor: Actor, grant: Grant, permission: Permission, place: Place):
    richer = replace(actor, grants=(*actor.grants, grant))

    assert can(actor, permission, At(place)) <= can(richer, permission, At(place))


@given(ACTORS, PERMISSIONS, PLACES)
def test_the_order_of_posts_means_nothing(actor: Actor, permission: Permission, place: Place):
    turned = replace(actor, grants=actor.grants[::-1])

    assert reach(actor, permission) == reach(turned, permission)


@given(ACTORS, st.sampled_from(sorted(NOT_ON_OWN_BRANCH, key=lambda each: each.value)), PLACES)
def test_nobody_reviews_the_branch_he_belongs_to(actor: Actor, permission: Permission, place: Place):
    own = replace(place, branch_id=actor.branch_id)

    assert actor.branch_id is None or not can(actor, permission, At(own))


@given(ACTORS, PERMISSIONS, PLACES)
def test_a_post_at_one_organiser_reaches_nothing_of_another(actor: Actor, permission: Permission, place: Place):
    elsewhere = replace(place, organiser_id=9, branch_id=9, unit_ids=frozenset({9}), person_id=9)
    install = any(TABLE[permission].get(grant.role) is Scope.INSTALL for grant in actor.grants)

    assert can(actor, permission, At(elsewhere)) == install


@given(ACTORS, PERMISSIONS, PLACES)
def test_each_scope_reaches_what_it_names(actor: Actor, permission: Permission, place: Place):
    reached = {
        Scope.SELF: lambda grant: place.person_id == actor.person_id,
        Scope.BRANCH: lambda grant: place.branch_id in grant.branch_ids,
        Scope.STANDING_IN: lambda grant: place.branch_id in grant.branch_ids,
        Scope.UNIT: lambda grant: grant.unit_id in place.unit_ids,
        Scope.ORGANISER: lambda grant: place.organiser_id == grant.organiser_id,
        Scope.INSTALL: lambda grant: True,
    }
    own = permission in NOT_ON_OWN_BRANCH and actor.branch_id is not None and place.branch_id == actor.branch_id
    held = [(grant, TABLE[permission].get(grant.role)) for grant in actor.grants]

    assert can(actor, permission, At(place)) == (
        not own and any(scope and reached[scope](grant) for grant, scope in held)
    )


def test_a_unit_in_reach_covers_what_serves_it():
    got = Reach(units=frozenset({2}))

    assert [got.covers(Place(1, unit_ids=units)) for units in (frozenset({2, 3}), frozenset({3}), frozenset())] == [
        True,
        False,
        False,
    ]


def test_a_right_over_units_reaches_the_unit_of_the_post(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(TABLE[Permission.READ_REPORT], Role.CLERK, Scope.UNIT)
    clerk = Actor(1, "某人", 1, AT, (Grant(Role.CLERK, 1, unit_id=2), Grant(Role.CLERK, 1)))

    assert reach(clerk, Permission.READ_REPORT) == Reach(units=frozenset({2}))


def test_roles_have_one_kind_of_place_each():
    assert frozenset() == BRANCH_ROLES & UNIT_ROLES == BRANCH_ROLES & INSTALL_ROLES == UNIT_ROLES & INSTALL_ROLES


def test_somebody_holds_the_posts_he_was_granted():
    actor = Actor(7, "某人", 1, AT, (Grant(Role.JUDGE, 1),))

    assert [role for role in Role if actor.holds(role)] == [Role.JUDGE]
    assert (actor.get_id(), actor.is_authenticated, actor.is_anonymous) == ("7", True, False)


def test_the_table_as_text_names_every_right_and_says_what_is_not_for_the_own_branch():
    lines = table_as_text().splitlines()

    assert len(lines) == sum(len(row) for row in TABLE.values())
    assert {line.split()[0] for line in lines if line.endswith("；不含本人所在支部")} == {
        *("review_report", "reopen_report", "verify_branch", "record_entry", "compare_paper"),
    }
