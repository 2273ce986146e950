"""Finding suggestions, recommendations and entries: each reader sees his part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from ..calls.models import Call
from ..calls.rules import State as CallState
from ..organisation.models import Unit
from ..rulebook import services as rulebook
from ..shared.access import Actor, Permission, reach
from ..shared.clock import day_of
from ..shared.db import db, within
from ..shared.errors import Missing
from . import rules
from .models import Declined, Entry, Recommendation, Suggestion, SuggestionDraft
from .rules import Draft, EntryState, Limits, Reading, State

_S, _E, _U = Suggestion.__table__.c, Entry.__table__.c, Unit.__table__.c
_R, _D = Recommendation.__table__.c, Declined.__table__.c


# What somebody suggested himself.


def own_suggestions(actor: Actor) -> sa.Select[tuple[Suggestion]]:
    """The actor's own suggestions, the latest first."""
    person = reach(actor, Permission.TRACK_SUGGESTION).person
    return (
        sa.select(Suggestion)
        .where(Suggestion.nominator_id == person)
        .order_by(Suggestion.id.desc())
        .options(joinedload(Suggestion.call), joinedload(Suggestion.unit))
    )


def page_of_own(actor: Actor, size: int, page: int) -> tuple[int, Sequence[Suggestion]]:
    """(how many, one page of) the actor's own suggestions."""
    own = own_suggestions(actor)
    total = db.session.scalar(sa.select(sa.func.count()).where(_S.nominator_id == actor.person_id)) or 0
    last = max(1, -(-total // size))
    return total, db.session.scalars(own.offset((min(page, last) - 1) * size).limit(size)).all()


def own_suggestion(actor: Actor, code: str) -> Suggestion:
    """One of the actor's own suggestions. Raises Missing."""
    found = db.session.scalar(own_suggestions(actor).where(Suggestion.code == code))
    if found is None:
        raise Missing
    return found


class Fate(NamedTuple):
    """What has become of a suggestion: of the unit's recommendation, and of the entry made of it."""

    decided_on: date | None = None
    state: EntryState | None = None
    reason: str = ""
    reviewed_on: date | None = None


def fates(suggestions: Sequence[Suggestion]) -> dict[int, Fate]:
    """What has become of each suggestion, by its id. One statement."""
    rows = db.session.execute(
        sa.select(
            *(_S.id, _R.submitted_at, _E.state, _E.end_reason, _E.reviewed_at),
            _D.reason.label("declined_because"),
        )
        .select_from(Suggestion.__table__)
        .join(
            Recommendation.__table__,
            sa.and_(_R.call_id == _S.call_id, _R.unit_id == _S.unit_id, _R.state == State.SUBMITTED),
        )
        .outerjoin(Entry.__table__, sa.and_(_E.recommendation_id == _R.id, _E.nominee_key == _S.nominee_key))
        .outerjoin(Declined.__table__, sa.and_(_D.recommendation_id == _R.id, _D.nominee_key == _S.nominee_key))
        .where(_S.id.in_([each.id for each in suggestions]))
    )
    found = {}
    for row in rows:
        reason = row.end_reason or row.declined_because
        found[row.id] = Fate(
            day_of(row.submitted_at),
            row.state,
            reason.label if reason else "",
            row.reviewed_at and day_of(row.reviewed_at),
        )
    return {each.id: found.get(each.id, Fate()) for each in suggestions}


def entries_about(actor: Actor) -> Sequence[Entry]:
    """The entries that name the actor himself, by his name and unit: a nominee may read what became of it."""
    return db.session.scalars(
        sa.select(Entry)
        .where(Entry.nominee_key == rules.name_key(actor.name), Entry.unit_id == actor.unit_id)
        .order_by(Entry.id.desc())
        .limit(20)
        .options(joinedload(Entry.call))
    ).all()


def begun(actor: Actor, call: Call) -> SuggestionDraft | None:
    """What the actor has begun to write for a call."""
    return db.session.scalar(sa.select(SuggestionDraft).filter_by(call_id=call.id, person_id=actor.person_id))


def has_sent(call_id: int, unit_id: int) -> bool:
    """Whether a unit has sent its recommendation in a call: from then on nothing is suggested or withdrawn there."""
    sent = sa.select(_R.id).where(_R.call_id == call_id, _R.unit_id == unit_id, _R.state == State.SUBMITTED)
    return db.session.scalar(sent) is not None


class Before(NamedTuple):
    """What is there already when somebody suggests: the unit, whether it has sent, whether he suggested the same person, how
    many he made in the call (withdrawn ones too)."""

    unit: str
    sent: bool
    again: bool
    made: int


_SENT = sa.select(_R.id).where(_R.call_id == sa.bindparam("call_id"), _R.unit_id == _U.id, _R.state == State.SUBMITTED)
_OWN = sa.and_(_S.call_id == sa.bindparam("call_id"), _S.nominator_id == sa.bindparam("person_id"))
_SAME = sa.and_(_S.unit_id == _U.id, _S.nominee_key == sa.bindparam("nominee_key"), _S.gone == 0)
_BEFORE = sa.select(
    _U.name,
    _SENT.correlate(Unit.__table__).exists(),
    sa.select(_S.id).where(_OWN, _SAME).correlate(Unit.__table__).exists(),
    sa.select(sa.func.count(_S.id)).where(_OWN).scalar_subquery(),
).where(
    _U.id == sa.bindparam("unit_id"),
    _U.organiser_id == sa.bindparam("organiser_id"),
    _U.parent_id.is_(None),
    _U.starts_on <= sa.bindparam("today"),
    sa.or_(_U.ends_on.is_(None), _U.ends_on >= sa.bindparam("today")),
)


def before(actor: Actor, call: Call, unit_id: int | None, nominee: str) -> Before | None:
    """What is there already; None when the unit takes no part in the call. One statement."""
    asked: dict[str, Any] = {
        "call_id": call.id,
        "person_id": actor.person_id,
        "organiser_id": call.organiser_id,
        "unit_id": unit_id or 0,
    }
    asked |= {"nominee_key": rules.name_key(nominee), "today": day_of(actor.at)}
    row = db.session.execute(_BEFORE, asked).one_or_none()
    return Before(row[0], bool(row[1]), bool(row[2]), row[3]) if row else None


# What the unit's clerk works with.


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who was suggested for a unit: all that was told of him in one text, without who told it or how many did."""

    key: str
    nominee: str
    deeds: str
    first: str  # the first of the texts: what a row of the recommendation begins with


def suggested_for(unit_id: int, call_id: int) -> list[Named]:
    """Who was suggested for a unit in a call, by name. The nominators are not read from the database at all."""
    rows = db.session.execute(
        sa.select(_S.nominee_key, _S.nominee, _S.deeds)
        .where(_S.call_id == call_id, _S.unit_id == unit_id, _S.withdrawn_at.is_(None))
        .order_by(_S.nominee_key, _S.deeds)  # not by time: who wrote when is nobody's business
    )
    found: dict[str, Named] = {}
    for row in rows:
        named = found.get(row.nominee_key)
        if named is None:
            found[row.nominee_key] = Named(row.nominee_key, row.nominee, row.deeds, row.deeds)
        else:
            found[row.nominee_key] = Named(named.key, named.nominee, f"{named.deeds}\n{row.deeds}", named.first)
    return list(found.values())


def own_unit(actor: Actor, unit_id: int) -> Unit:
    """A unit whose recommendation the actor writes. Raises Missing."""
    unit = db.session.get(Unit, unit_id)
    if unit is None or unit_id not in reach(actor, Permission.RECOMMEND).units:
        raise Missing
    return unit


def of_unit(call_id: int, unit_id: int) -> Recommendation | None:
    """A unit's recommendation in a call, if it has begun one."""
    return db.session.scalar(sa.select(Recommendation).filter_by(call_id=call_id, unit_id=unit_id))


def limits(call: Call, suggested: Sequence[Named], today: date) -> Limits:
    """What a unit's draft is read against."""
    return Limits(
        [named.key for named in suggested],
        call.opens_on,
        today,
        call.per_unit,
        rulebook.number(call.organiser_id, "nominations.brief_most", call.announced_at),
        rulebook.number(call.organiser_id, "notice.working_days", call.announced_at),
        call.about.subject.value == "collective",
    )


def reading(call: Call, draft: Draft, suggested: Sequence[Named], today: date) -> Reading:
    """A unit's draft as it reads today, its notice counted by the calendar."""
    against = limits(call, suggested, today)
    first = rules.read(draft, against)
    hung = 0
    if first.notice_from and first.notice_to and first.notice_to >= first.notice_from:
        table = rulebook.day_table()
        days = table.working_days_between(first.notice_from, first.notice_to).days
        hung = days + table.is_working_day(first.notice_from)
    return rules.read(draft, against, hung)


# What others see of a recommendation: once it is sent.


def visible_to(actor: Actor) -> sa.Select[tuple[Recommendation]]:
    """The recommendations within reach: drafts are the unit's own."""
    read, write = reach(actor, Permission.READ_RECOMMENDATION), reach(actor, Permission.RECOMMEND)
    where = {"organiser": Recommendation.organiser_id, "unit": Recommendation.unit_id}
    sent = sa.and_(Recommendation.state == State.SUBMITTED, within(read, **where))
    return sa.select(Recommendation).where(sa.or_(sent, within(write, **where)))


def get_visible(actor: Actor, recommendation_id: int) -> Recommendation:
    """One recommendation with its entries. Raises Missing."""
    found = db.session.scalar(
        visible_to(actor)
        .where(Recommendation.id == recommendation_id)
        .options(
            joinedload(Recommendation.call),
            joinedload(Recommendation.unit),
            selectinload(Recommendation.entries),
            selectinload(Recommendation.declined),
        )
    )
    if found is None:
        raise Missing
    return found


def sent_by_units(call_id: int) -> dict[int, int]:
    """The units that have sent: unit id -> recommendation id."""
    rows = db.session.execute(sa.select(_R.unit_id, _R.id).where(_R.call_id == call_id, _R.state == State.SUBMITTED))
    return {row.unit_id: row.id for row in rows}


# What waits at home.


def recommendations_due(actor: Actor) -> Sequence[Any]:
    """Of the actor's units: what is still to be sent in calls that are open today. One statement; drafts tell their id."""
    units = reach(actor, Permission.RECOMMEND).units
    if not units:
        return []
    c, u, today = Call.__table__.c, Unit.__table__.c, day_of(actor.at)
    return db.session.execute(
        sa.select(*(c.id, c.title, c.recommend_by), u.id.label("unit_id"), u.name.label("unit"), _R.id.label("begun"))
        .select_from(Call.__table__)
        .join(Unit.__table__, sa.and_(u.id.in_(sorted(units)), u.organiser_id == c.organiser_id))
        .outerjoin(Recommendation.__table__, sa.and_(_R.call_id == c.id, _R.unit_id == u.id))
        .where(
            c.state == CallState.ANNOUNCED,
            c.opens_on <= today,
            c.recommend_by >= today,
            sa.or_(_R.id.is_(None), _R.state == State.DRAFT),
        )
        .order_by(c.recommend_by, c.id, u.position)
    ).all()
