"""Finding people: the list, one person with all posts, who can take over, accounts nobody uses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..organisation.models import PartyKind, PartyOrganisation, Unit
from ..organisers.models import Organiser
from ..shared import audit
from ..shared.access import Actor, Permission, Role, reach
from ..shared.clock import day_of
from ..shared.db import db, within
from ..shared.errors import Missing
from . import rules
from .models import Person, RoleGrant, SignInSession

SORTS = ("unit", "name", "username")
FILTERS = ("q", "unit", "branch", "role", "state")

_P, _U, _B = Person.__table__.c, Unit.__table__.c, PartyOrganisation.__table__.c
_G, _O = RoleGrant.__table__.c, Organiser.__table__.c


def visible_to(actor: Actor) -> sa.Select[tuple[Person]]:
    """The people of the organisers in reach, and those of others who hold a post there."""
    got = reach(actor, Permission.READ_PEOPLE)
    posted = sa.select(RoleGrant.person_id).where(within(got, organiser=RoleGrant.organiser_id))
    return sa.select(Person).where(sa.or_(within(got, organiser=Person.organiser_id), Person.id.in_(posted)))


def get_visible(actor: Actor, person_id: int) -> Person:
    """One person. Raises Missing."""
    query = visible_to(actor).where(Person.id == person_id)
    found = db.session.scalar(
        query.options(joinedload(Person.organiser), joinedload(Person.unit), joinedload(Person.branch))
    )
    if found is None:
        raise Missing
    return found


def get_post(actor: Actor, grant_id: int) -> RoleGrant:
    """One post within reach. Raises Missing."""
    got = reach(actor, Permission.READ_PEOPLE)
    query = sa.select(RoleGrant).where(RoleGrant.id == grant_id, within(got, organiser=RoleGrant.organiser_id))
    found = db.session.scalar(
        query.options(joinedload(RoleGrant.person), joinedload(RoleGrant.branch), joinedload(RoleGrant.unit))
    )
    if found is None:
        raise Missing
    return found


def posts(actor: Actor, person: Person) -> Sequence[RoleGrant]:
    """A person's posts within reach, the latest first: those held now, those to come, and the history."""
    got = reach(actor, Permission.READ_PEOPLE)
    own = sa.true() if got.everywhere or person.organiser_id in got.organisers else sa.false()
    seen = sa.or_(within(got, organiser=RoleGrant.organiser_id), own)
    return db.session.scalars(
        sa.select(RoleGrant)
        .where(RoleGrant.person_id == person.id, seen)
        .options(joinedload(RoleGrant.branch), joinedload(RoleGrant.unit))
        .order_by(RoleGrant.ends_on.is_not(None), RoleGrant.starts_on.desc(), RoleGrant.id.desc())
    ).all()


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the list."""

    id: int
    name: str
    username: str
    mobile: str
    unit: str
    branch: str
    posts: Sequence[str]
    disabled: bool


def page_of(
    actor: Actor, filters: Mapping[str, str], sort: str, descending: bool, size: int | None = None, page: int = 1
) -> tuple[int, list[Line]]:
    """(how many, one page of) the people under the filters; all of them without a size."""
    today = day_of(actor.at)
    got = reach(actor, Permission.READ_PEOPLE)
    posted = sa.select(_G.person_id).where(within(got, organiser=_G.organiser_id), *_holds_on(today))
    found = [sa.or_(within(got, organiser=_P.organiser_id), _P.id.in_(posted)), *_wanted(filters, today)]
    joined = Person.__table__.outerjoin(Unit.__table__, _U.id == _P.unit_id).outerjoin(
        PartyOrganisation.__table__, _B.id == _P.branch_id
    )
    total = db.session.scalar(sa.select(sa.func.count()).select_from(joined).where(*found)) or 0
    keys: dict[str, Any] = {"unit": sa.func.coalesce(_U.position, 2**30), "name": _P.name, "username": _P.username_key}
    order = keys[sort].desc() if descending else keys[sort].asc()
    query = (
        sa.select(
            *(_P.id, _P.name, _P.username, _P.mobile, _P.disabled_at),
            *(_U.name.label("unit"), _B.name.label("branch")),
        )
        .select_from(joined)
        .where(*found)
        .order_by(order, _P.id)
    )
    if size is not None:
        query = query.offset((min(page, max(1, -(-total // size))) - 1) * size).limit(size)
    rows = db.session.execute(query).all()
    held = _titles([row.id for row in rows], today)
    return total, [
        Line(
            row.id,
            row.name,
            row.username,
            rules.masked(row.mobile or ""),
            row.unit or "",
            row.branch or "",
            held.get(row.id, ()),
            row.disabled_at is not None,
        )
        for row in rows
    ]


def _holds_on(day: date) -> tuple[sa.ColumnElement[bool], ...]:
    return _G.starts_on <= day, sa.or_(_G.ends_on.is_(None), _G.ends_on >= day)


def _wanted(filters: Mapping[str, str], today: date) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    text = filters["q"]
    if text:
        number = rules.mobile_key(text) or (text if text.isascii() and text.isdigit() and len(text) == 4 else "")
        found.append(
            sa.or_(
                _P.name.contains(text, autoescape=True),
                _P.username_key.contains(rules.username_key(text), autoescape=True),
                _P.mobile.endswith(number) if number else sa.false(),
            )
        )
    for name, column in (("unit", _P.unit_id), ("branch", _P.branch_id)):
        if filters[name].isascii() and filters[name].isdigit() and len(filters[name]) < 10:
            found.append(column == int(filters[name]))
    if filters["role"] in {role.value for role in Role}:
        held = sa.select(_G.person_id).where(_G.role == Role(filters["role"]), *_holds_on(today))
        found.append(_P.id.in_(held))
    if filters["state"] in ("used", "disabled"):
        found.append(_P.disabled_at.is_(None) if filters["state"] == "used" else _P.disabled_at.is_not(None))
    return found


def _titles(person_ids: Sequence[int], today: date) -> dict[int, list[str]]:
    """What each of these people holds on a day: “党支部书记（水生态环境处党支部）”."""
    order = list(Role)
    titles: dict[int, list[str]] = {}
    for start in range(0, len(person_ids), 500):
        rows = db.session.execute(
            sa.select(_G.person_id, _G.role, _G.acting, _B.name.label("branch"), _U.name.label("unit"))
            .select_from(
                RoleGrant.__table__.outerjoin(PartyOrganisation.__table__, _B.id == _G.branch_id).outerjoin(
                    Unit.__table__, _U.id == _G.unit_id
                )
            )
            .where(_G.person_id.in_(person_ids[start : start + 500]), *_holds_on(today))
        ).all()
        for row in sorted(rows, key=lambda row: (order.index(row.role), row.branch or "")):
            where = row.branch or row.unit
            title = rules.post_title(row.role, acting=row.acting)
            titles.setdefault(row.person_id, []).append(f"{title}（{where}）" if where else title)
    return titles


# What forms offer.


def organisers(actor: Actor, permission: Permission) -> list[tuple[int, str]]:
    """The organisers within reach of a permission, the top one first."""
    rows = db.session.execute(
        sa.select(_O.id, _O.name)
        .where(within(reach(actor, permission), organiser=_O.id))
        .order_by(_O.parent_id.is_not(None), _O.id)
    )
    return [(row.id, row.name) for row in rows]


def units_of(organiser_ids: Sequence[int], today: date) -> list[tuple[int, str]]:
    """The units in use of these organisers, in unit order."""
    rows = db.session.execute(
        sa.select(_U.id, _U.name)
        .where(_U.organiser_id.in_(organiser_ids), sa.or_(_U.ends_on.is_(None), _U.ends_on >= today))
        .order_by(_U.organiser_id, _U.position, _U.id)
    )
    return [(row.id, row.name) for row in rows]


def branches_of(organiser_ids: Sequence[int], today: date) -> list[tuple[int, str]]:
    """The branches of these organisers that have not ended, in the order of the tree."""
    rows = db.session.execute(
        sa.select(_B.id, _B.name)
        .where(
            _B.organiser_id.in_(organiser_ids),
            _B.kind == PartyKind.BRANCH,
            sa.or_(_B.ended_on.is_(None), _B.ended_on >= today),
        )
        .order_by(_B.organiser_id, _B.position, _B.id)
    )
    return [(row.id, row.name) for row in rows]


def by_username(organiser_id: int, username: str) -> Person | None:
    """The account of an organiser under a user name, however it was typed."""
    return db.session.scalar(
        sa.select(Person).where(
            Person.organiser_id == organiser_id, Person.username_key == rules.username_key(username)
        )
    )


def successors(actor: Actor, grant: RoleGrant) -> list[tuple[str, str]]:
    """(user name, name) of people near a post: of the branch or the unit it belongs to."""
    near = sa.or_(
        _P.branch_id == (grant.branch_id or grant.person.branch_id or 0),
        _P.unit_id == (grant.unit_id or grant.person.unit_id or 0),
    )
    rows = db.session.execute(
        sa.select(_P.username, _P.name)
        .where(
            near,
            _P.organiser_id == grant.person.organiser_id,
            _P.disabled_at.is_(None),
            _P.id.not_in((grant.person_id, actor.person_id)),
        )
        .order_by(_P.name, _P.id)
        .limit(100)
    )
    return [(row.username, row.name) for row in rows]


# Accounts nobody uses.


@dataclass(frozen=True, slots=True)
class Unused:
    """An account nobody used for a long time. ``last``: the last day of which there is any trace, or None."""

    id: int
    name: str
    username: str
    organiser: str
    made_on: date
    last: date | None
    posts: Sequence[str]


def unused(actor: Actor, size: int | None = None, page: int = 1) -> tuple[int, list[Unused]]:
    """(how many, one page of) the accounts in use by which nothing was done for ninety days, the longest unused first."""
    since = actor.at - rules.UNUSED_AFTER
    event, session = audit.AuditEvent.__table__.c, SignInSession.__table__.c
    found = (
        within(reach(actor, Permission.READ_UNUSED_ACCOUNTS), organiser=_P.organiser_id),
        _P.disabled_at.is_(None),
        _P.made_at < since,
        ~sa.exists().where(event.actor_id == _P.id, event.at >= since),
        ~sa.exists().where(session.person_id == _P.id, session.seen_at >= since),
    )
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Person.__table__).where(*found)) or 0
    last = sa.select(sa.func.max(event.at)).where(event.actor_id == _P.id).scalar_subquery()
    query = (
        sa.select(_P.id, _P.name, _P.username, _P.made_at, _O.name.label("organiser"), last.label("last"))
        .select_from(Person.__table__.join(Organiser.__table__, _O.id == _P.organiser_id))
        .where(*found)
        .order_by(sa.func.coalesce(last, _P.made_at), _P.id)
    )
    if size is not None:
        query = query.offset((min(page, max(1, -(-total // size))) - 1) * size).limit(size)
    rows = db.session.execute(query).all()
    held = _titles([row.id for row in rows], day_of(actor.at))
    return total, [
        Unused(
            row.id,
            row.name,
            row.username,
            row.organiser,
            day_of(row.made_at),
            _day(row.last),
            held.get(row.id, ()),
        )
        for row in rows
    ]


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else day_of(moment)


def post_titles_of(ids: Collection[int]) -> dict[int, str]:
    """Who holds which post, whoever asks: “某某任评委”."""
    rows = db.session.execute(
        sa.select(RoleGrant.id, Person.name, RoleGrant.role, RoleGrant.acting)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.id.in_(sorted(ids)))
    )
    return {number: f"{name}任{rules.post_title(role, acting=acting)}" for number, name, role, acting in rows}
