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
from .models import BranchUnit, PartyKind, PartyOrganisation, Unit
from .rules import Post, PostsOf


def _nobody_holds(branch_id: int, at: datetime) -> Sequence[Post]:
    return ()


posts_of: PostsOf = _nobody_holds
"""Who holds the posts of a branch: known to accounts, which ``app.py`` hands in (accounts stands above us)."""


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
