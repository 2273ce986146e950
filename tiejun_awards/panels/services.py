"""Setting up panels, within the verbs of those who need one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..accounts.models import Person, RoleGrant
from ..organisation.models import BranchUnit
from ..rulebook import services as rulebook
from ..shared.access import Role
from ..shared.clock import day_of
from ..shared.db import db
from ..shared.errors import Refused
from . import rules
from .models import Panel, Recusal, Seat


def judges_of(organiser_id: int, at: datetime) -> Sequence[Person]:
    """Those who hold the post of a judge with the organiser on that day, by account."""
    today = day_of(at)
    return db.session.scalars(
        sa.select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role == Role.JUDGE,
            RoleGrant.organiser_id == organiser_id,
            RoleGrant.starts_on <= today,
            sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.username)
    ).all()


def seat_judges(
    session: Session, organiser_id: int, standard_id: int, title: str, order: Sequence[int], at: datetime
) -> Panel:
    """Make a panel of the organiser's judges; ``order`` is their ids as the lot was drawn. Raises Refused."""
    known = {person.id for person in judges_of(organiser_id, at)}
    if len(set(order)) != len(order) or not set(order) <= known:
        raise Refused("评委名单里有人现在不是评委，请刷新页面重选。", field="judges")
    why = rules.why_no_panel(len(order), fewest=rulebook.number(organiser_id, "panel.fewest"))
    if why:
        raise Refused(why, field="judges")
    panel = Panel(organiser_id=organiser_id, standard_id=standard_id, title=title)
    session.add(panel)
    session.flush()
    session.add_all(Seat(panel_id=panel.id, person_id=person, number=number) for number, person in enumerate(order, 1))
    session.flush()
    return panel


def recuse_by_rule(session: Session, panel: Panel, branches: Collection[int], at: datetime) -> None:
    """Write down who is recused from his own branch and his own unit. Within a verb."""
    served = units_of(branches)
    for seat in session.scalars(
        sa.select(Seat).where(Seat.panel_id == panel.id).options(sa.orm.joinedload(Seat.person))
    ):
        for branch in branches:
            ground = rules.ground_of(seat.person.branch_id, seat.person.unit_id, branch, served.get(branch, ()))
            if ground is not None:
                session.add(Recusal(seat_id=seat.id, branch_id=branch, ground=ground, at=at))


def units_of(branches: Collection[int]) -> Mapping[int, Collection[int]]:
    """The units each branch serves."""
    found: dict[int, list[int]] = {}
    rows = db.session.execute(
        sa.select(BranchUnit.branch_id, BranchUnit.unit_id).where(
            BranchUnit.branch_id.in_(branches), BranchUnit.ends_on.is_(None)
        )
    )
    for branch, unit in rows:
        found.setdefault(branch, []).append(unit)
    return found


def seats(panel_id: int) -> Sequence[Seat]:
    """The seats of a panel by their numbers, with their judges."""
    return db.session.scalars(
        sa.select(Seat).where(Seat.panel_id == panel_id).order_by(Seat.number).options(sa.orm.joinedload(Seat.person))
    ).all()


def recusals(panel_id: int) -> Sequence[Recusal]:
    """Who is recused from what on a panel."""
    return db.session.scalars(
        sa.select(Recusal).join(Seat, Seat.id == Recusal.seat_id).where(Seat.panel_id == panel_id).order_by(Recusal.id)
    ).all()
