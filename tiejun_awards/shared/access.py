"""Who may do what: one table guards the page, the verb, the button, and draws the page in the docs.

A person holds grants (a role within a scope, for a term). ``TABLE`` says, for each permission, how far
each role reaches. Everything else asks ``reach`` or ``can``; nothing in the system compares roles itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .rights import (
    BRANCH_ROLES,
    INSTALL_ROLES,
    NOT_ON_OWN_BRANCH,
    NOT_ON_OWN_UNIT,
    TABLE,
    UNIT_ROLES,
    Permission,
    Role,
    Scope,
)

__all__ = [
    "BRANCH_ROLES",
    "INSTALL_ROLES",
    "NOT_ON_OWN_BRANCH",
    "NOT_ON_OWN_UNIT",
    "TABLE",
    "UNIT_ROLES",
    "Actor",
    "Grant",
    "Permission",
    "Place",
    "Placed",
    "Reach",
    "Role",
    "Scope",
    "Trace",
    "can",
    "reach",
    "table_as_text",
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing lies: what a scope is compared with."""

    organiser_id: int
    branch_id: int | None = None
    unit_ids: frozenset[int] = frozenset()
    person_id: int | None = None  # whose own thing it is, where that matters


class Placed(Protocol):
    """Anything a permission can be asked about."""

    @property
    def place(self) -> Place: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """One role a person holds now. ``branch_ids``: the branch named by the grant; for the second hand,
    the branches to which the organiser's officers belong."""

    role: Role
    organiser_id: int
    branch_ids: frozenset[int] = frozenset()
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a request came from, for the audit trail."""

    request_id: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, under which grants, and when (``at``: aware, UTC, taken once at the start of the request)."""

    person_id: int
    name: str
    organiser_id: int
    at: datetime
    grants: tuple[Grant, ...] = ()
    branch_id: int | None = None  # the branch he belongs to as a member
    unit_id: int | None = None
    large_text: bool = False
    trace: Trace = field(default=Trace(), compare=False)
    reauth_at: datetime | None = field(default=None, compare=False)  # when he last gave his password again
    only_panel: int | None = None  # signed in by a judge's slip: for this panel and nothing else

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """The person's id as text, as Flask-Login wants it."""
        return str(self.person_id)

    def holds(self, role: Role) -> bool:
        """Whether he holds the role now. For wording only: rights are asked with ``can``."""
        return any(grant.role is role for grant in self.grants)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one actor gets with one permission; ``bool`` is False when nowhere."""

    everywhere: bool = False
    organisers: frozenset[int] = frozenset()
    branches: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()
    person: int | None = None  # what is his own
    except_branch: int | None = None
    except_unit: int | None = None

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.organisers or self.branches or self.units or self.person)

    def covers(self, place: Place) -> bool:
        """Whether a thing at ``place`` lies within reach."""
        if self.except_branch is not None and place.branch_id == self.except_branch:
            return False
        if self.except_unit is not None and self.except_unit in place.unit_ids:
            return False
        return (
            self.everywhere
            or place.organiser_id in self.organisers
            or place.branch_id in self.branches
            or (self.person is not None and place.person_id == self.person)
            or not self.units.isdisjoint(place.unit_ids)
        )


def reach(actor: Actor, permission: Permission) -> Reach:
    """How far the actor's grants take him with this permission."""
    everywhere = False
    person: int | None = None
    organisers: set[int] = set()
    branches: set[int] = set()
    units: set[int] = set()
    row = TABLE[permission]
    for grant in actor.grants:
        match row.get(grant.role):
            case Scope.INSTALL:
                everywhere = True
            case Scope.ORGANISER:
                organisers.add(grant.organiser_id)
            case Scope.BRANCH | Scope.STANDING_IN:
                branches |= grant.branch_ids
            case Scope.UNIT if grant.unit_id is not None:
                units.add(grant.unit_id)
            case Scope.SELF:
                person = actor.person_id
            case _:
                pass
    return Reach(
        everywhere,
        frozenset(organisers),
        frozenset(branches),
        frozenset(units),
        person,
        actor.branch_id if permission in NOT_ON_OWN_BRANCH else None,
        actor.unit_id if permission in NOT_ON_OWN_UNIT else None,
    )


def can(actor: Actor, permission: Permission, subject: Placed | None = None) -> bool:
    """Whether the actor may use the permission: on ``subject``, or anywhere at all when it is None."""
    got = reach(actor, permission)
    return bool(got) if subject is None else got.covers(subject.place)


def table_as_text() -> str:
    """The permission table, one line for each permission and role, in the order of the code."""
    lines = []
    for permission, row in TABLE.items():
        own = "；不含本人所在支部" if permission in NOT_ON_OWN_BRANCH else ""
        own += "；不含本人所在单位" if permission in NOT_ON_OWN_UNIT else ""
        for role in Role:
            if role in row:
                lines.append(f"{permission.value:20} {role.value:16} {row[role].value:12} {permission.label}{own}")
    return "\n".join(lines) + "\n"
