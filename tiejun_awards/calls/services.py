"""The verbs of a call (draft, change, announce) and questions about calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..organisation.models import Unit
from ..organisers import services as organisers
from ..organisers.models import Level, Organiser
from ..rulebook.rules import UnderWay
from ..shared.access import Actor, Permission, Reach, reach
from ..shared.clock import day_of
from ..shared.db import db, within
from ..shared.errors import Missing, Refused
from ..shared.use_case import tell, use_case
from ..shared.workflow import step
from . import rules
from .models import Call
from .rules import Phase, Plan, State, Verb

_C, _U = Call.__table__.c, Unit.__table__.c


@use_case(Permission.WRITE_CALL)
def draft(actor: Actor, organiser: Organiser, plan: Plan, *, key: str = "") -> Call:
    """Keep a new call as a draft: only the office sees it. Raises Refused beside the field that is wrong."""
    _refuse_faults(plan, organiser)
    call = Call(organiser_id=organiser.id, saved_at=actor.at, saved_by=actor.person_id, **asdict(plan))
    db.session.add(call)
    tell(db.session(), title=plan.title)
    return call


@use_case(Permission.WRITE_CALL)
def change(actor: Actor, call: Call, plan: Plan, *, version: int, key: str = "") -> Call:
    """Change a draft. What is announced stays as it was announced."""
    _refuse_announced(call)
    _refuse_faults(plan, organisers.get(call.organiser_id))
    for name, value in asdict(plan).items():
        setattr(call, name, value)
    call.saved_at, call.saved_by = actor.at, actor.person_id
    return call


@use_case(Permission.WRITE_CALL)
def announce(actor: Actor, call: Call, *, version: int, key: str = "") -> Call:
    """Show the call to everybody of the organiser; from now on it stays as it is."""
    department = is_department(organisers.get(call.organiser_id))
    call.state = step(rules.MOVES, call.state, Verb.ANNOUNCE)
    for field, sentence in (
        rules.why_not_this_form(call.form, call.approval_ref, department=department),
        rules.why_not_announced(call.number, call.suggest_by, day_of(actor.at)),
    ):
        if sentence:
            raise Refused(sentence, field=field)
    call.announced_at = actor.at
    tell(db.session(), number=call.number, quota=call.quota)
    return call


def _refuse_announced(call: Call) -> None:
    if call.state is not State.DRAFT:
        raise Refused("通知已经发出，不能再改。确需调整的，请另发补充通知，在系统里新建一份。")


def is_department(organiser: Organiser) -> bool:
    """Whether an organiser stands at the level that may commend."""
    return organiser.level is Level.DEPARTMENT


def _refuse_faults(plan: Plan, organiser: Organiser) -> None:
    for name, sentence in rules.faults(plan, department=is_department(organiser)).items():
        raise Refused(sentence, field=name)


# Questions.


FOR_CALLS = frozenset({"nominations", "selection", "penalty", "notice"})
"""The groups of rules a call goes by."""


def under_way(rule_key: str, organiser_ids: Sequence[int]) -> list[UnderWay]:
    """The calls of these organisers a rule matters to: drafts, and announced ones that are not yet published."""
    if rule_key.split(".")[0] not in FOR_CALLS:
        return []
    found = db.session.execute(
        sa.select(_C.title, _C.state)
        .where(_C.organiser_id.in_(organiser_ids), _C.state != State.PUBLISHED)
        .order_by(_C.id)
    )
    return [UnderWay(row.title, row.state is not State.DRAFT) for row in found]


def visible(read: Reach, write: Reach) -> sa.ColumnElement[bool]:
    """Which calls can be seen: announced ones within reach, drafts by those who write them."""
    announced = sa.and_(_C.state != State.DRAFT, within(read, organiser=_C.organiser_id))
    return sa.or_(announced, within(write, organiser=_C.organiser_id))


def visible_to(actor: Actor) -> sa.Select[tuple[Call]]:
    """The calls the actor may see, the latest year first."""
    seen = visible(reach(actor, Permission.READ_CALL), reach(actor, Permission.WRITE_CALL))
    return sa.select(Call).where(seen).order_by(Call.year.desc(), Call.programme, Call.id.desc())


def get_visible(actor: Actor, call_id: int) -> Call:
    """One call. Raises Missing."""
    seen = _one(reach(actor, Permission.READ_CALL), reach(actor, Permission.WRITE_CALL))
    found = db.session.scalar(seen, {"call_id": call_id})
    if found is None:
        raise Missing
    return found


@lru_cache(maxsize=256)
def _one(read: Reach, write: Reach) -> sa.Select[tuple[Call]]:
    return sa.select(Call).where(Call.id == sa.bindparam("call_id"), visible(read, write))


def get_announced(actor: Actor, call_id: int) -> Call:
    """One call that is no draft any more. Raises Missing."""
    found = get_visible(actor, call_id)
    if found.state is State.DRAFT:
        raise Missing
    return found


class CallLine(NamedTuple):
    """One call of the list."""

    id: int
    title: str
    programme: str
    year: int
    phase: Phase
    suggest_by: date
    recommend_by: date
    quota: int
    number: str


SORTS = ("year", "programme", "recommend_by")


@lru_cache(maxsize=256)
def _list(
    read: Reach, write: Reach, text: str, programme: str, year: str, sort: str, descending: bool
) -> tuple[sa.Select[Any], sa.Select[Any]]:
    found = [visible(read, write)]
    if text:
        found.append(_C.title.contains(text, autoescape=True))
    if programme:
        found.append(_C.programme == programme)
    if year.isascii() and year.isdigit() and len(year) < 6:
        found.append(_C.year == int(year))
    key = {"year": _C.year, "programme": _C.programme, "recommend_by": _C.recommend_by}[sort]
    latest_first = (sort == "programme") is descending
    rows = (
        sa.select(
            *(_C.id, _C.title, _C.programme, _C.year, _C.state, _C.opens_on, _C.suggest_by, _C.recommend_by),
            *(_C.quota, _C.number),
        )
        .where(*found)
        .order_by(key.desc() if latest_first else key.asc(), _C.year.desc(), _C.id.desc())
    )
    return sa.select(sa.func.count()).select_from(Call.__table__).where(*found), rows


def page_of(
    actor: Actor, filters: Mapping[str, str], sort: str, descending: bool, size: int, page: int
) -> tuple[int, list[CallLine]]:
    """(how many, one page of) the calls within reach, filtered by title, programme and year."""
    read, write = reach(actor, Permission.READ_CALL), reach(actor, Permission.WRITE_CALL)
    count, rows = _list(read, write, filters["q"], filters["programme"], filters["year"], sort, descending)
    total = db.session.scalar(count) or 0
    last = max(1, -(-total // size))
    today = day_of(actor.at)
    found = db.session.execute(rows.offset((min(page, last) - 1) * size).limit(size))
    return total, [
        CallLine(
            *(row.id, row.title, row.programme, row.year),
            rules.phase(row.state, row.opens_on, row.suggest_by, row.recommend_by, today),
            *(row.suggest_by, row.recommend_by, row.quota, row.number),
        )
        for row in found
    ]


def units_of(organiser_id: int, today: date) -> Sequence[tuple[int, str]]:
    """The units that may recommend in an organiser's calls, in unit order: (id, name). Parts of units belong to theirs."""
    return [(row.id, row.name) for row in db.session.execute(_UNITS, {"organiser_id": organiser_id, "today": today})]


_UNITS = (
    sa.select(_U.id, _U.name)
    .where(
        _U.organiser_id == sa.bindparam("organiser_id"),
        _U.parent_id.is_(None),
        _U.starts_on <= sa.bindparam("today"),
        sa.or_(_U.ends_on.is_(None), _U.ends_on >= sa.bindparam("today")),
    )
    .order_by(_U.position, _U.id)
)


def recommending(actor: Actor, call: Call) -> Sequence[Any]:
    """The units (id, name) for which the actor may recommend in a call."""
    units = reach(actor, Permission.RECOMMEND).units
    if not units:
        return ()
    found = sa.select(_U.id, _U.name).where(_U.id.in_(sorted(units)), _U.organiser_id == call.organiser_id)
    return db.session.execute(found.order_by(_U.position)).all()


def suggesting(actor: Actor) -> Sequence[Any]:
    """The calls (id, title, suggest_by) in which the actor can suggest today, the nearest end first."""
    return db.session.execute(_suggesting(reach(actor, Permission.SUGGEST)), {"today": day_of(actor.at)}).all()


@lru_cache(maxsize=256)
def _suggesting(got: Reach) -> sa.Select[Any]:
    today = sa.bindparam("today", type_=sa.Date())
    open_today = sa.and_(_C.state == State.ANNOUNCED, _C.opens_on <= today, _C.suggest_by >= today)
    found = sa.select(_C.id, _C.title, _C.suggest_by).where(within(got, organiser=_C.organiser_id), open_today)
    return found.order_by(_C.suggest_by, _C.id).limit(5)
