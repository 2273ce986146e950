"""Publishing the results of a call, and the list of what was awarded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..calls import rules as calls
from ..calls.models import Call
from ..decisions import services as decisions
from ..decisions.rules import Kind
from ..nominations import services as nominations
from ..nominations.models import Entry, Suggestion
from ..nominations.rules import EntryState
from ..organisation.models import Unit
from ..selection import services as selection
from ..selection.rules import MOVES, Verb
from ..shared.access import Actor, Permission, Reach, reach
from ..shared.db import db, within
from ..shared.errors import Missing, Refused
from ..shared.use_case import tell, use_case
from ..shared.workflow import step
from .models import Honour

_H, _U = Honour.__table__.c, Unit.__table__.c


@use_case(Permission.PUBLISH_HONOURS)
def publish(actor: Actor, call: Call, *, version: int, key: str = "") -> Call:
    """Publish inside what was decided: every shortlisted entry becomes an honour, in unit order. Raises Refused with what is missing."""
    state = step(calls.MOVES, call.state, calls.Verb.PUBLISH)
    steps = decisions.steps_of(call)
    missing = selection.obstacles(actor, call, steps, selection.tally(actor, call))
    if missing:
        raise Refused("还不能公布：" + "".join(missing))
    approval, notice = steps[Kind.APPROVAL], steps[Kind.NOTICE]
    entries = db.session.scalars(
        sa.select(Entry)
        .join(Unit, Unit.id == Entry.unit_id)
        .where(Entry.call_id == call.id, Entry.state == EntryState.SHORTLISTED)
        .order_by(Unit.position, Unit.id, Entry.position)
    ).all()
    for number, entry in enumerate(entries, 1):
        entry.state = step(MOVES, entry.state, Verb.AWARD)
        db.session.add(
            Honour(
                organiser_id=call.organiser_id,
                call_id=call.id,
                entry_id=entry.id,
                unit_id=entry.unit_id,
                programme=call.programme,
                form=call.form,
                year=call.year,
                code=f"TJ-{call.about.short}-{call.year}-{call.id}-{number:03d}",
                nominee=entry.nominee,
                post=entry.post,
                body=approval.body,
                decided_on=approval.held_on,
                number=approval.number,
                notice_from=notice.held_on,
                notice_to=notice.until,
                published_at=actor.at,
                published_by=actor.person_id,
                deeds=entry.deeds,
            )
        )
    call.state = state
    call.published_at = actor.at
    nominations.tell_nominators(db.session(), actor, Suggestion.call_id == call.id)
    tell(db.session(), honours=len(entries), number=approval.number)
    return call


def visible_to(actor: Actor) -> sa.Select[tuple[Honour]]:
    """The honours within reach."""
    return sa.select(Honour).where(within(reach(actor, Permission.READ_HONOUR), organiser=Honour.organiser_id))


def get_visible(actor: Actor, honour_id: int) -> Honour:
    """One honour. Raises Missing."""
    query = visible_to(actor).where(Honour.id == honour_id)
    found = db.session.scalar(query.options(joinedload(Honour.call), joinedload(Honour.unit)))
    if found is None:
        raise Missing
    return found


SORTS = ("year", "unit")


@lru_cache(maxsize=256)
def _list(
    read: Reach, text: str, programme: str, year: str, sort: str, descending: bool
) -> tuple[sa.Select[Any], sa.Select[Any]]:
    found = [within(read, organiser=_H.organiser_id)]
    if text:
        found.append(sa.or_(_H.nominee.contains(text, autoescape=True), _U.name.contains(text, autoescape=True)))
    if programme:
        found.append(_H.programme == programme)
    if year.isascii() and year.isdigit() and len(year) < 6:
        found.append(_H.year == int(year))
    joined = Honour.__table__.join(Unit.__table__, _U.id == _H.unit_id)
    by_year = _H.year.asc() if descending else _H.year.desc()  # at first the latest comes first
    by_unit = _U.position.desc() if descending else _U.position.asc()
    order = (by_unit, _H.year.desc(), _H.programme) if sort == "unit" else (by_year, _H.programme, _U.position)
    rows = (
        sa.select(
            *(_H.id, _H.year, _H.programme, _H.form, _H.nominee, _H.post, _H.number, _H.code, _H.decided_on, _H.body),
            _U.name.label("unit"),
        )
        .select_from(joined)
        .where(*found)
        .order_by(*order, _H.code)
    )
    return sa.select(sa.func.count()).select_from(joined).where(*found), rows


def page_of(
    actor: Actor, filters: Mapping[str, str], sort: str, descending: bool, size: int | None = None, page: int = 1
) -> tuple[int, Sequence[Any]]:
    """(how many, one page of) the honours, the latest year first, in unit order; all of them without a size."""
    read = reach(actor, Permission.READ_HONOUR)
    count, rows = _list(read, filters["q"], filters["programme"], filters["year"], sort, descending)
    total = db.session.scalar(count) or 0
    if size is not None:
        last = max(1, -(-total // size))
        rows = rows.offset((min(page, last) - 1) * size).limit(size)
    return total, db.session.execute(rows).all()
