"""Finding cycles, their branches and values; how far a cycle has come; where the branches stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..decisions.models import RegisteredStep
from ..decisions.rules import Kind
from ..organisation.models import PartyOrganisation
from ..reports import counts
from ..rulebook.rules import UnderWay
from ..scoring import panel_queries as panel_sheets
from ..scoring.rules import State as SheetState
from ..shared.access import Actor, Permission, Reach, reach
from ..shared.db import db, within
from ..shared.errors import Missing
from ..shared.facts import Fact, count_all
from ..standards import services as standards
from ..standards.rules import Scheme
from .models import BranchEntry, CycleBranch, LineValue, RatingCycle, Standing
from .rules import State

COUNTERS = (counts.count,)
"""The features that count facts."""


def visible_to(actor: Actor) -> sa.Select[tuple[RatingCycle]]:
    """The cycles of the organisers in reach; drafts only to those who run them."""
    seen = within(reach(actor, Permission.READ_RATINGS), organiser=RatingCycle.organiser_id)
    runs = within(reach(actor, Permission.RUN_RATING), organiser=RatingCycle.organiser_id)
    return sa.select(RatingCycle).where(sa.or_(runs, sa.and_(seen, RatingCycle.state != State.DRAFTED)))


def cycles(actor: Actor) -> Sequence[RatingCycle]:
    """Them, the latest first."""
    return db.session.scalars(visible_to(actor).order_by(RatingCycle.year.desc(), RatingCycle.id)).all()


def get_visible(actor: Actor, cycle_id: int) -> RatingCycle:
    """One of them, with its standard and panel. Raises Missing."""
    found = db.session.scalar(
        visible_to(actor)
        .where(RatingCycle.id == cycle_id)
        .options(joinedload(RatingCycle.standard), joinedload(RatingCycle.panel))
    )
    if found is None:
        raise Missing
    return found


def scheme_of(cycle: RatingCycle) -> Scheme:
    """The standard a cycle was announced with."""
    return standards.scheme_with(cycle.standard_id, cycle.standard.digest)


FOR_CYCLES = frozenset({"rating", "panel", "notice"})
"""The groups of rules a cycle goes by."""


def under_way(rule_key: str, organiser_ids: Sequence[int]) -> list[UnderWay]:
    """The cycles of these organisers a rule matters to: drafts, and announced ones that are not yet published."""
    if rule_key.split(".")[0] not in FOR_CYCLES:
        return []
    found = db.session.scalars(
        sa.select(RatingCycle)
        .where(RatingCycle.organiser_id.in_(organiser_ids), RatingCycle.state != State.PUBLISHED)
        .order_by(RatingCycle.id)
    )
    return [UnderWay(cycle.title, cycle.state is not State.DRAFTED) for cycle in found]


# Branches of a cycle.


def get_branch(actor: Actor, cycle_id: int, branch_id: int, *permissions: Permission) -> CycleBranch:
    """A branch's place in a cycle, for those whom one of the permissions takes there. Raises Missing."""
    place = db.session.scalar(
        sa.select(CycleBranch)
        .where(CycleBranch.cycle_id == cycle_id, CycleBranch.branch_id == branch_id)
        .options(joinedload(CycleBranch.branch), joinedload(CycleBranch.cycle).joinedload(RatingCycle.standard))
    )
    if place is None or not any(reach(actor, permission).covers(place.place) for permission in permissions):
        raise Missing
    return place


@dataclass(frozen=True, slots=True)
class Value:
    """An agreed value of a line."""

    value: int
    times: Mapping[str, int]
    reason: str
    rows: Sequence[tuple[str, str]]


_V = LineValue.__table__.c
_VALUES = sa.select(_V.line, _V.value, _V.times, _V.reason, _V.rows).where(_V.cycle_branch_id == sa.bindparam("place"))


def values_of(place: CycleBranch) -> dict[str, Value]:
    """The agreed values of a branch, by line."""
    return values_of_place(place.id)


def values_of_place(place_id: int) -> dict[str, Value]:
    """The same by the id of its place."""
    return {
        row.line: Value(row.value, row.times, row.reason, [tuple(each) for each in row.rows])
        for row in db.session.execute(_VALUES, {"place": place_id})
    }


def entries_of(place: CycleBranch) -> Sequence[BranchEntry]:
    """Bonuses, deductions, bars and exemptions of a branch."""
    return db.session.scalars(
        sa.select(BranchEntry)
        .where(BranchEntry.cycle_branch_id == place.id)
        .order_by(BranchEntry.kind, BranchEntry.code)
    ).all()


def facts_of(place: CycleBranch) -> Mapping[str, Fact]:
    """What the system counts of a branch in the period of its cycle, by key."""
    return count_all(COUNTERS, [place.branch_id], place.cycle.quarters)[place.branch_id]


@dataclass(frozen=True, slots=True)
class BranchLine:
    """A branch of a cycle in the list of those who verify or run it."""

    branch_id: int
    name: str
    pilot: bool
    verified: bool
    own_words: bool
    sheets: int
    signed: int


_CB, _P, _ST = CycleBranch.__table__.c, PartyOrganisation.__table__.c, Standing.__table__.c


@lru_cache(maxsize=128)
def _branches(reached: Reach) -> sa.Select[Any]:
    from_all = CycleBranch.__table__.join(PartyOrganisation.__table__, _P.id == _CB.branch_id)
    return (
        sa.select(_CB.branch_id, _P.name, _CB.pilot, _CB.verified_at, _CB.own_words)
        .select_from(from_all)
        .where(
            _CB.cycle_id == sa.bindparam("cycle_id"), within(reached, organiser=_CB.organiser_id, branch=_CB.branch_id)
        )
        .order_by(_CB.position)
    )


_C, _STEP = RatingCycle.__table__.c, RegisteredStep.__table__.c
_ON_PANEL = (
    sa.select(
        *(_CB.id, _CB.pilot, _CB.own_words, _P.party_groups, (_P.members + _P.probationary).label("members")),
        sa.select(_STEP.result)
        .where(
            _STEP.subject == RatingCycle.__tablename__,
            _STEP.subject_id == _C.id,
            _STEP.kind == Kind.SURVEY,
            _STEP.withdrawn_at.is_(None),
        )
        .limit(1)
        .scalar_subquery()
        .label("survey"),
    )
    .select_from(
        CycleBranch.__table__.join(RatingCycle.__table__, _C.id == _CB.cycle_id).join(
            PartyOrganisation.__table__, _P.id == _CB.branch_id
        )
    )
    .where(_C.panel_id == sa.bindparam("panel_id"), _CB.branch_id == sa.bindparam("branch_id"))
)


def place_on_panel(panel_id: int, branch_id: int) -> Any:
    """What a panel's judges may know of a branch: id, pilot, own_words, party_groups, members, survey. Raises Missing."""
    row = db.session.execute(_ON_PANEL, {"panel_id": panel_id, "branch_id": branch_id}).first()
    if row is None:
        raise Missing
    return row


def branches(actor: Actor, cycle: RatingCycle) -> list[BranchLine]:
    """The branches of a cycle within reach, in unit order, with how far their values and sheets are."""
    reached = reach(actor, Permission.READ_RATED_BRANCHES)
    rows = db.session.execute(_branches(reached), {"cycle_id": cycle.id}).all()
    counts: dict[int, tuple[int, int]] = {}
    if cycle.panel_id is not None:
        counts = {branch: (number, signed) for branch, number, signed in panel_sheets.counts_by_branch(cycle.panel_id)}
    return [
        BranchLine(
            row.branch_id,
            row.name,
            row.pilot,
            row.verified_at is not None,
            bool(row.own_words),
            *counts.get(row.branch_id, (0, 0)),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a cycle has come."""

    branches: int
    verified: int
    sheets: Mapping[SheetState, int]

    @property
    def sheets_in_all(self) -> int:
        """All sheets of the panel."""
        return sum(self.sheets.values())


def progress(cycle: RatingCycle) -> Progress:
    """How many branches are verified, how many sheets stand where."""
    count, verified = db.session.execute(
        sa.select(sa.func.count(), sa.func.count(_CB.verified_at)).where(_CB.cycle_id == cycle.id)
    ).one()
    sheets = panel_sheets.progress(cycle.panel_id) if cycle.panel_id is not None else dict.fromkeys(SheetState, 0)
    return Progress(count, verified, sheets)


def own_places(actor: Actor) -> Sequence[tuple[CycleBranch, RatingCycle]]:
    """The actor's own branches in running and published cycles, the latest first: for his links and to-dos."""
    got = reach(actor, Permission.READ_RESULT)
    if not got.branches:
        return []
    rows = db.session.execute(
        sa.select(CycleBranch, RatingCycle)
        .join(RatingCycle, RatingCycle.id == CycleBranch.cycle_id)
        .where(CycleBranch.branch_id.in_(sorted(got.branches)), RatingCycle.state != State.DRAFTED)
        .order_by(RatingCycle.year.desc(), CycleBranch.position)
        .options(joinedload(CycleBranch.branch))
    )
    return [(row[0], row[1]) for row in rows]
