"""Star holdings and pilots: who holds what, and the verbs of pilots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from ..organisation.models import PartyKind, PartyOrganisation
from ..organisers.models import Organiser
from ..rulebook import services as rulebook
from ..shared.access import Actor, Permission, Reach, reach
from ..shared.clock import day_of
from ..shared.dates import chinese_date
from ..shared.db import db, within
from ..shared.errors import Missing, Refused
from ..shared.use_case import tell, use_case
from . import rules
from .models import Pilot, StarHolding

_P = PartyOrganisation.__table__.c
_H = StarHolding.__table__.c


def latest_stars(branches: Iterable[int], before_year: int) -> Mapping[int, int]:
    """The star each branch was given last before a year; branches never rated are not in it."""
    wanted = list(branches)
    rows = db.session.execute(
        sa.select(_H.branch_id, _H.star)
        .where(_H.branch_id.in_(wanted), _H.year < before_year)
        .order_by(_H.branch_id, _H.year)
    )
    return {row.branch_id: row.star for row in rows}


@dataclass(frozen=True, slots=True)
class Board:
    """What is published inside of one year: names from three stars on, in unit order; below only a count."""

    year: int
    pilots: Sequence[tuple[str, int]]  # name, star
    rest: Sequence[tuple[str, int]]  # one page of them
    rest_count: int
    below: int
    years: Sequence[int]


@lru_cache(maxsize=128)
def _board(reached: Reach) -> tuple[sa.Select[Any], sa.Select[Any], sa.Select[Any]]:
    """(years, counts by star and pilot, names) of what is published within reach."""
    seen = within(reached, organiser=_H.organiser_id)
    of_year = (seen, _H.year == sa.bindparam("year"))
    running = sa.select(Pilot.branch_id).where(Pilot.ended_on.is_(None))
    is_pilot = sa.case((_H.branch_id.in_(running), 1), else_=0)
    years = sa.select(_H.year).where(seen).group_by(_H.year).order_by(_H.year.desc())
    named = sa.case((_H.star >= rules.SHOWN_FROM, 1), else_=0)
    counts = sa.select(named, is_pilot, sa.func.count()).where(*of_year).group_by(named, is_pilot)
    names = (
        sa.select(_P.name, _H.star)
        .select_from(StarHolding.__table__.join(PartyOrganisation.__table__, _P.id == _H.branch_id))
        .where(*of_year, _H.star >= rules.SHOWN_FROM, is_pilot == sa.bindparam("pilot"))
        .order_by(_P.position)
    )
    return years, counts, names


def board(actor: Actor, year: int | None = None, *, page: int = 1, size: int = 50) -> Board | None:
    """The published stars of a year (the latest by default) within reach; None where nothing is published."""
    years, counts, names = _board(reach(actor, Permission.READ_STARS))
    found = [row[0] for row in db.session.execute(years)]
    if not found:
        return None
    chosen = year if year is not None and year in found else found[0]
    numbers = {(named, pilot): number for named, pilot, number in db.session.execute(counts, {"year": chosen})}
    rest_count = numbers.get((1, 0), 0)
    last = max(1, -(-rest_count // size))
    rest = names.offset((min(page, last) - 1) * size).limit(size)
    return Board(
        chosen,
        [(row.name, row.star) for row in db.session.execute(names, {"year": chosen, "pilot": 1})],
        [(row.name, row.star) for row in db.session.execute(rest, {"year": chosen, "pilot": 0})],
        rest_count,
        numbers.get((0, 0), 0) + numbers.get((0, 1), 0),
        found,
    )


def give(session: Session, organiser_id: int, year: int, stars: Mapping[int, int], number: str, on: date) -> None:
    """Write what was published into the branches' histories, within the verb under way."""
    session.execute(
        sa.insert(StarHolding),
        [
            {
                "organiser_id": organiser_id,
                "branch_id": branch,
                "year": year,
                "star": star,
                "number": number,
                "given_on": on,
            }
            for branch, star in stars.items()
        ],
    )


# Pilots.


def visible_to(actor: Actor) -> sa.Select[tuple[Pilot]]:
    """The pilots of the organisers in reach, ended spells too."""
    return sa.select(Pilot).where(within(reach(actor, Permission.READ_STARS), organiser=Pilot.organiser_id))


def pilots(actor: Actor) -> Sequence[Pilot]:
    """Them with their branches: running ones first, in unit order."""
    return db.session.scalars(
        visible_to(actor)
        .join(Pilot.branch)
        .options(sa.orm.contains_eager(Pilot.branch))
        .order_by(Pilot.ended_on.is_not(None), PartyOrganisation.position, Pilot.id)
    ).all()


def active_pilots(organiser_id: int) -> frozenset[int]:
    """The branches that are pilots now."""
    return frozenset(
        db.session.scalars(
            sa.select(Pilot.branch_id).where(Pilot.organiser_id == organiser_id, Pilot.ended_on.is_(None))
        )
    )


def candidates(actor: Actor) -> Sequence[tuple[int, str]]:
    """The branches that could become pilots, in unit order."""
    running = sa.select(Pilot.branch_id).where(Pilot.ended_on.is_(None))
    rows = db.session.execute(
        sa.select(_P.id, _P.name)
        .where(
            within(reach(actor, Permission.RUN_PILOTS), organiser=_P.organiser_id),
            _P.kind == PartyKind.BRANCH,
            _P.ended_on.is_(None),
            _P.id.not_in(running),
        )
        .order_by(_P.position)
    )
    return [(row.id, row.name) for row in rows]


@use_case(Permission.RUN_PILOTS)
def designate(
    actor: Actor, organiser: Organiser, *, branch_id: int, number: str, started_on: date, key: str = ""
) -> Pilot:
    """确定 a branch as a pilot, by a document. More than the rulebook's number at a time is refused."""
    branch = db.session.get(PartyOrganisation, branch_id)
    if branch is None or branch.organiser_id != organiser.id or branch.kind is not PartyKind.BRANCH or branch.ended_on:
        raise Refused("请选一个本单位在册的党支部。", field="branch")
    number = _numbered(number)
    if started_on > day_of(actor.at):
        raise Refused(f"{chinese_date(started_on)}还没有到。", field="started_on")
    db.session.refresh(organiser, with_for_update=True)  # two officers at once must not make a fifth
    running = active_pilots(organiser.id)
    if branch.id in running:
        raise Refused("这个支部已经是试点支部。", field="branch")
    why = rules.why_no_more(len(running), rulebook.number(organiser.id, "pilots.most"))
    if why:
        raise Refused(why, field="branch")
    pilot = Pilot(
        organiser_id=organiser.id,
        branch_id=branch.id,
        slot=branch.id,
        number=number,
        started_on=started_on,
        entered_at=actor.at,
    )
    db.session.add(pilot)
    tell(db.session(), branch=branch.id, number=number)
    return pilot


@use_case(Permission.RUN_PILOTS)
def end_pilot(actor: Actor, pilot: Pilot, *, number: str, ended_on: date, key: str = "") -> Pilot:
    """结束 a pilot's spell, by a document."""
    if pilot.ended_on is not None:
        raise Refused(f"这个支部的试点已在{chinese_date(pilot.ended_on)}结束。")
    number = _numbered(number)
    if not pilot.started_on <= ended_on <= day_of(actor.at):
        raise Refused(f"结束日应在{chinese_date(pilot.started_on)}到今天之间。", field="ended_on")
    pilot.ended_on = ended_on
    pilot.end_number = number
    pilot.slot = None
    tell(db.session(), branch=pilot.branch_id, number=number)
    return pilot


def _numbered(number: str) -> str:
    number = number.strip()
    if not 0 < len(number) <= 60:
        raise Refused("请填写文号，最多 60 字。没有文号不能登记。", field="number")
    return number


def get_pilot(actor: Actor, pilot_id: int) -> Pilot:
    """One pilot within reach. Raises Missing."""
    found = db.session.scalar(visible_to(actor).where(Pilot.id == pilot_id).options(joinedload(Pilot.branch)))
    if found is None:
        raise Missing
    return found
