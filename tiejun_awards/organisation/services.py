"""Questions about units, party organisations and branches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from ..shared.access import Actor, Permission, reach
from ..shared.db import db, within
from ..shared.errors import Missing
from .models import BranchUnit, FormerName, PartyKind, PartyOrganisation, Unit
from .rules import Hanging, Post, PostsOf


def _nobody_holds(branch_id: int, at: datetime) -> Sequence[Post]:
    return ()


posts_of: PostsOf = _nobody_holds
"""Who holds the posts of a branch: known to accounts, which ``app.py`` hands in (accounts stands above us)."""


hanging: list[Hanging] = []
"""What other features know to hang on a unit or a party organisation; ``app.py`` hands them in."""


def visible_units(actor: Actor) -> sa.Select[tuple[Unit]]:
    """The units this actor may see, in unit order."""
    return (
        sa.select(Unit)
        .where(within(reach(actor, Permission.READ_ORGANISATION), organiser=Unit.organiser_id))
        .order_by(Unit.position, Unit.id)
    )


def visible_to(actor: Actor) -> sa.Select[tuple[PartyOrganisation]]:
    """The party organisations this actor may see, in the order of the tree."""
    return (
        sa.select(PartyOrganisation)
        .where(within(reach(actor, Permission.READ_ORGANISATION), organiser=PartyOrganisation.organiser_id))
        .order_by(PartyOrganisation.position, PartyOrganisation.id)
    )


def get_visible(actor: Actor, organisation_id: int) -> PartyOrganisation:
    """One party organisation with what it serves. Raises Missing."""
    found = db.session.scalar(
        visible_to(actor)
        .where(PartyOrganisation.id == organisation_id)
        .options(
            joinedload(PartyOrganisation.organiser),
            selectinload(PartyOrganisation.services).joinedload(BranchUnit.unit),
        )
    )
    if found is None:
        raise Missing
    return found


def get_visible_unit(actor: Actor, unit_id: int) -> Unit:
    """One unit. Raises Missing."""
    found = db.session.scalar(visible_units(actor).where(Unit.id == unit_id))
    if found is None:
        raise Missing
    return found


def get_branch(branch_id: int) -> PartyOrganisation:
    """One branch by id, whoever asks: the verb on it checks the permission. Raises Missing."""
    branch = db.session.get(PartyOrganisation, branch_id)
    if branch is None or branch.kind is not PartyKind.BRANCH:
        raise Missing
    return branch


def branches_of_unit(unit_id: int, today: date) -> Sequence[PartyOrganisation]:
    """The branches that serve a unit on that day."""
    return db.session.scalars(
        sa.select(PartyOrganisation)
        .join(BranchUnit, BranchUnit.branch_id == PartyOrganisation.id)
        .where(
            BranchUnit.unit_id == unit_id,
            BranchUnit.starts_on <= today,
            sa.or_(BranchUnit.ends_on.is_(None), BranchUnit.ends_on >= today),
        )
        .order_by(PartyOrganisation.position)
    ).all()


def unit_names(branch_ids: Sequence[int], today: date) -> dict[int, list[str]]:
    """Which units each branch serves on that day: branch id -> names in unit order."""
    rows = db.session.execute(
        sa.select(BranchUnit.branch_id, Unit.name)
        .join(Unit, Unit.id == BranchUnit.unit_id)
        .where(
            BranchUnit.branch_id.in_(branch_ids),
            BranchUnit.starts_on <= today,
            sa.or_(BranchUnit.ends_on.is_(None), BranchUnit.ends_on >= today),
        )
        .order_by(Unit.position)
    )
    names: dict[int, list[str]] = {}
    for branch_id, name in rows:
        names.setdefault(branch_id, []).append(name)
    return names


def names_of(ids: Collection[int]) -> dict[int, str]:
    """What party organisations are called, whoever asks: for lines about them."""
    return _names(PartyOrganisation.id, PartyOrganisation.name, ids)


def unit_names_of(ids: Collection[int]) -> dict[int, str]:
    """What units are called, whoever asks."""
    return _names(Unit.id, Unit.name, ids)


def _names(key: Any, name: Any, ids: Collection[int]) -> dict[int, str]:
    return dict(db.session.execute(sa.select(key, name).where(key.in_(sorted(ids)))).tuples().all())


def page_of_tree(actor: Actor, text: str, size: int, page: int) -> tuple[int, Sequence[PartyOrganisation]]:
    """(how many, one page of) the party organisations in tree order whose name holds the text."""
    return _page(visible_to(actor), PartyOrganisation.name, text, size, page)


def page_of_units(actor: Actor, text: str, size: int, page: int) -> tuple[int, Sequence[Unit]]:
    """(how many, one page of) the units in unit order whose name holds the text."""
    return _page(visible_units(actor), Unit.name, text, size, page)


def _page(query: sa.Select[tuple[Any]], name: Any, text: str, size: int, page: int) -> tuple[int, Sequence[Any]]:
    if text:
        query = query.where(name.contains(text, autoescape=True))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    last = max(1, -(-total // size))
    return total, db.session.scalars(query.offset((min(page, last) - 1) * size).limit(size)).all()


def parents(organisation: PartyOrganisation) -> list[PartyOrganisation]:
    """The organisations above, the top first."""
    above: list[PartyOrganisation] = []
    parent_id = organisation.parent_id
    while parent_id is not None and len(above) < 10:
        parent = db.session.get_one(PartyOrganisation, parent_id)
        above.insert(0, parent)
        parent_id = parent.parent_id
    return above


def below(actor: Actor, organisation: PartyOrganisation) -> Sequence[PartyOrganisation]:
    """The organisations directly below."""
    return db.session.scalars(visible_to(actor).where(PartyOrganisation.parent_id == organisation.id)).all()


def served_units(organisation: PartyOrganisation, today: date) -> list[Unit]:
    """The units a branch serves on that day."""
    return [
        service.unit
        for service in sorted(organisation.services, key=lambda service: service.unit.position)
        if service.starts_on <= today and (service.ends_on is None or service.ends_on >= today)
    ]


# What hangs on a row, and what it was called.


def hangs_on(row: Unit | PartyOrganisation, today: date) -> list[str]:
    """What still hangs on a row that is to end: shown as a warning, nothing of it is touched."""
    own = _below(row, today)
    return own + [line for ask in hanging for line in ask(row.__tablename__, row.id, today)]


def _below(row: Unit | PartyOrganisation, today: date) -> list[str]:
    lines = []
    if isinstance(row, Unit):
        below = sa.select(sa.func.count()).where(Unit.parent_id == row.id, Unit.ends_on.is_(None))
        served = sa.select(sa.func.count()).where(
            BranchUnit.unit_id == row.id, sa.or_(BranchUnit.ends_on.is_(None), BranchUnit.ends_on > today)
        )
        counted = (("个下级单位", below), ("个对应的党支部", served))
    else:
        below = sa.select(sa.func.count()).where(
            PartyOrganisation.parent_id == row.id, PartyOrganisation.ended_on.is_(None)
        )
        counted = (("个下级党组织", below),)  # type: ignore[assignment]
    for words, query in counted:
        number = db.session.scalar(query) or 0
        if number:
            lines.append(f"{number} {words}")
    return lines


def former_names(row: Unit | PartyOrganisation) -> Sequence[FormerName]:
    """The names it bore before, the latest first."""
    column = FormerName.unit_id if isinstance(row, Unit) else FormerName.organisation_id
    return db.session.scalars(sa.select(FormerName).where(column == row.id).order_by(FormerName.until.desc())).all()


# What forms offer.


def parent_options(
    actor: Actor, kind: type[Unit] | type[PartyOrganisation], without: int | None
) -> list[tuple[int, str]]:
    """The rows of the actor's own organiser something may hang below: all but itself and branches."""
    query = sa.select(kind.id, kind.name).where(kind.organiser_id == actor.organiser_id, kind.id != (without or 0))
    if kind is PartyOrganisation:
        query = query.where(PartyOrganisation.kind != PartyKind.BRANCH)
    return [(row.id, row.name) for row in db.session.execute(query.order_by(kind.position, kind.id))]


def unit_options(actor: Actor, today: date) -> list[tuple[int, str]]:
    """The units in use of the actor's own organiser."""
    query = sa.select(Unit.id, Unit.name).where(
        Unit.organiser_id == actor.organiser_id, sa.or_(Unit.ends_on.is_(None), Unit.ends_on >= today)
    )
    return [(row.id, row.name) for row in db.session.execute(query.order_by(Unit.position, Unit.id))]


def next_position(actor: Actor, kind: type[Unit] | type[PartyOrganisation]) -> int:
    """The place after all others of the actor's own organiser."""
    last = db.session.scalar(sa.select(sa.func.max(kind.position)).where(kind.organiser_id == actor.organiser_id))
    return (last or 0) + 10
