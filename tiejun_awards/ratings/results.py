"""Where the branches of a closed cycle stand: the list, the export, the medians, ties that wait for a vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..organisation.models import PartyOrganisation
from ..shared.db import db
from ..shared.listing import Listing
from ..standards.rules import points, two_places
from .models import CycleBranch, RatingCycle, Standing

_P, _ST = PartyOrganisation.__table__.c, Standing.__table__.c


class StandingLine(NamedTuple):
    """Where one branch stands, as the list shows it."""

    branch_id: int
    name: str
    pilot: bool
    previous: str
    given: str
    judged: str
    beside: str
    total: str
    star: int
    undecided: bool
    why: str


_SHORT = ("不定级", "一星", "二星", "三星", "四星", "五星")


def _line(row: Any) -> StandingLine:
    return StandingLine(
        branch_id=row.branch_id,
        name=row.name,
        pilot=row.pilot,
        previous=_SHORT[row.previous] if row.previous >= 0 else "首次",
        given=two_places(row.given),
        judged=two_places(row.judged),
        beside=points(row.bonus - row.deducted) if row.bonus or row.deducted else "—",
        total=two_places(row.total),
        star=row.star,
        undecided=row.undecided,
        why=row.why,
    )


@dataclass(frozen=True, slots=True)
class StandingPage:
    """One page of a closed cycle's standings."""

    total: int
    rows: Sequence[StandingLine]
    stars: Mapping[int, int]
    adjusted: int
    undecided: int


@lru_cache(maxsize=256)
def _standings(text: str, star: str, only: str, descending: bool) -> tuple[sa.Select[Any], sa.Select[Any]]:
    found = [_ST.cycle_id == sa.bindparam("cycle_id")]
    if star.isascii() and star.isdigit() and len(star) == 1:
        found.append(_ST.star == int(star))
    if only == "pilot":
        found.append(_ST.pilot.is_(True))
    elif only == "adjusted":
        found.append(_ST.star != _ST.by_total)
    elif only == "changed":
        found.append(sa.and_(_ST.previous >= 0, _ST.star != _ST.previous))
    joined = Standing.__table__.join(PartyOrganisation.__table__, _P.id == _ST.branch_id)
    if text:
        found.append(_P.name.contains(text, autoescape=True))
    count = sa.select(sa.func.count()).select_from(joined if text else Standing.__table__).where(*found)
    rows = (
        sa.select(
            *(_ST.branch_id, _P.name, _ST.pilot, _ST.previous, _ST.total, _ST.judged, _ST.given, _ST.bonus),
            *(_ST.deducted, _ST.by_total, _ST.star, _ST.undecided, _ST.why, _ST.sheets, _ST.kept),
        )
        .select_from(joined)
        .where(*found)
        .order_by(_ST.position.desc() if descending else _ST.position)
    )
    return count, rows


_BY_STAR = (
    sa.select(
        _ST.star,
        sa.func.count(),
        sa.func.sum(sa.case((_ST.star != _ST.by_total, 1), else_=0)),
        sa.func.sum(sa.case((_ST.undecided.is_(True), 1), else_=0)),
    )
    .where(_ST.cycle_id == sa.bindparam("cycle_id"))
    .group_by(_ST.star)
)


def standings(cycle: RatingCycle, listing: Listing) -> StandingPage:
    """A page of a closed cycle's standings in unit order, under the page's filters."""
    asked = {"cycle_id": cycle.id}
    by_star = db.session.execute(_BY_STAR, asked).all()
    filters = listing.filters
    count, rows = _standings(filters["q"], filters["star"], filters["only"], listing.descending)
    plain = not (filters["q"] or filters["star"] or filters["only"])
    total = sum(row[1] for row in by_star) if plain else db.session.scalar(count, asked) or 0
    last = max(1, -(-total // listing.per_page))
    offset = (min(listing.page, last) - 1) * listing.per_page
    found = db.session.execute(rows.offset(offset).limit(listing.per_page), asked).all()
    return StandingPage(
        total,
        [_line(row) for row in found],
        {star: number for star, number, _, _ in by_star},
        sum(int(row[2]) for row in by_star),
        sum(int(row[3]) for row in by_star),
    )


def all_standings(cycle: RatingCycle) -> Sequence[Any]:
    """All of them in unit order: for the export."""
    return db.session.execute(_standings("", "", "", False)[1], {"cycle_id": cycle.id}).all()


def standing_of(place: CycleBranch) -> Standing | None:
    """Where one branch stands, once the cycle is closed."""
    return db.session.scalar(sa.select(Standing).where(Standing.cycle_branch_id == place.id))


def medians(cycle: RatingCycle) -> tuple[Sequence[int], Sequence[Sequence[int]]]:
    """All totals, and all category values, of a closed cycle: for the medians a branch is shown."""
    rows = db.session.execute(sa.select(_ST.total, _ST.categories).where(_ST.cycle_id == cycle.id)).all()
    return [row.total for row in rows], [row.categories for row in rows]


def undecided(cycle: RatingCycle) -> Sequence[tuple[int, str]]:
    """The branches tied across the quota line that no written rule separates: (place id, name)."""
    rows = db.session.execute(
        sa.select(_ST.cycle_branch_id, _P.name)
        .join(PartyOrganisation.__table__, _P.id == _ST.branch_id)
        .where(_ST.cycle_id == cycle.id, _ST.undecided.is_(True))
        .order_by(_ST.position)
    )
    return [(row[0], row[1]) for row in rows]
