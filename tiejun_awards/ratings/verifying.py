"""Recomputing published cycles years later: ``flask --app wsgi ratings verify YEAR``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..organisation.models import PartyOrganisation
from ..organisers.models import Organiser
from ..shared.db import db
from .models import RatingCycle, Standing
from .rules import State


@dataclass(frozen=True, slots=True)
class Verified:
    """A published cycle worked out again, and what differs from what was published."""

    organiser: str
    title: str
    branches: int
    differences: Sequence[str]


def verify(year: int, organiser_code: str = "") -> list[Verified]:
    """Work all published cycles of a year out again from the stored marks, values and entries."""
    query = (
        sa.select(RatingCycle, Organiser)
        .join(Organiser, Organiser.id == RatingCycle.organiser_id)
        .where(RatingCycle.year == year, RatingCycle.state == State.PUBLISHED)
        .order_by(Organiser.id)
        .options(joinedload(RatingCycle.standard))
    )
    if organiser_code:
        query = query.where(Organiser.code == organiser_code)
    return [_verified(cycle, organiser) for cycle, organiser in db.session.execute(query).all()]


_COMPARED = ("total", "judged", "given", "bonus", "deducted", "by_total", "star", "categories", "judged_lines", "why")


def _verified(cycle: RatingCycle, organiser: Organiser) -> Verified:
    from . import settling  # brings numpy: opened when it is needed

    inputs = settling.inputs_of(db.session(), cycle)
    rows = settling.settled(cycle, inputs)
    kept = {
        standing.branch_id: standing
        for standing in db.session.scalars(sa.select(Standing).where(Standing.cycle_id == cycle.id))
    }
    rows_of_names = db.session.execute(
        sa.select(PartyOrganisation.id, PartyOrganisation.name).where(PartyOrganisation.id.in_(list(kept)))
    )
    names: dict[int, str] = {row.id: row.name for row in rows_of_names}
    found = []
    for each, row in zip(inputs, rows, strict=True):
        name, standing = names.get(row["branch_id"], str(row["branch_id"])), kept.pop(row["branch_id"], None)
        if standing is None:
            found.append(f"{name}：没有公布的结果")
        elif standing.digest != each.fingerprint():
            found.append(f"{name}：评分表、核定分值或加减分和公布时不一样")
        elif any(getattr(standing, column) != row[column] for column in _COMPARED):
            found.append(f"{name}：重算的结果和公布的不一样")
    found += [f"{names[branch]}：已不在这一轮里" for branch in kept]
    if not found and settling.frozen(cycle, inputs, rows) != cycle.digest:
        found.append("公告的规则、计分方法或标准和公布时不一样")
    return Verified(organiser.name, cycle.title, len(rows), found)
