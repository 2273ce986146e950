"""The office's verbs on entries and on a call's registered steps; the list of entries."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..calls.models import Call
from ..calls.rules import State as CallState
from ..decisions import services as decisions
from ..decisions.models import RegisteredStep
from ..decisions.rules import Entry as StepEntry
from ..decisions.rules import Kind
from ..messages import services as messages
from ..messages.rules import Kind as MessageKind
from ..nominations import services as nominations
from ..nominations.models import Entry, Suggestion
from ..nominations.rules import EndReason, EntryState, name_key
from ..organisation.models import Unit
from ..shared.access import Actor, Permission, Reach, Role, reach
from ..shared.clock import day_of
from ..shared.db import db, within
from ..shared.errors import Missing, NotAllowed, Refused
from ..shared.use_case import tell, use_case
from ..shared.workflow import step
from . import rules
from .rules import Verb

_E, _U = Entry.__table__.c, Unit.__table__.c


# An entry.


@use_case(Permission.REVIEW_ENTRY)
def accept(actor: Actor, entry: Entry, *, version: int, key: str = "") -> Entry:
    """First review passed. Refused once the notice is registered: nobody is awarded who was not in it."""
    _refuse_own(actor, entry)
    _refuse_published(entry.call)
    state = step(rules.MOVES, entry.state, Verb.ACCEPT)
    _refuse_after_notice(entry.call)
    return _reviewed(actor, entry, state)


@use_case(Permission.REVIEW_ENTRY)
def end(actor: Actor, entry: Entry, *, reason: EndReason, ground: str, version: int, key: str = "") -> Entry:
    """不列入, with a reason from the closed list; ``ground`` is read by office and discipline only."""
    _refuse_own(actor, entry)
    _refuse_published(entry.call)
    if len(ground.strip()) > 500:
        raise Refused("内部说明最多 500 字，请删减一些。", field="ground")
    state = step(rules.MOVES, entry.state, Verb.END)
    entry.end_reason, entry.ground = reason, ground.strip()
    tell(db.session(), reason=reason.value)
    return _reviewed(actor, entry, state)


@use_case(Permission.REVIEW_ENTRY)
def reopen(actor: Actor, entry: Entry, *, version: int, key: str = "") -> Entry:
    """Take up again an entry that was ended by mistake."""
    _refuse_own(actor, entry)
    _refuse_published(entry.call)
    state = step(rules.MOVES, entry.state, Verb.REOPEN)
    _refuse_after_notice(entry.call)
    entry.end_reason, entry.ground = None, ""
    return _reviewed(actor, entry, state)


def _reviewed(actor: Actor, entry: Entry, state: EntryState) -> Entry:
    entry.state = state
    entry.reviewed_at, entry.reviewed_by = actor.at, actor.person_id
    text = f"{entry.call.title}：本单位推荐的一个候选对象有了审查结果（{state.label}）。"
    told = MessageKind.SELECTION, f"entry:{entry.id}:{state.value}", text, f"/recommendations/{entry.recommendation_id}"
    messages.tell_holders(db.session(), actor, *told, (Role.CLERK,), unit_id=entry.unit_id)
    same = Suggestion.unit_id == entry.unit_id, Suggestion.nominee_key == entry.nominee_key
    nominations.tell_nominators(db.session(), actor, Suggestion.call_id == entry.call_id, *same)
    return entry


def concerns(actor: Actor, entry: Entry) -> bool:
    """Whether the entry is the actor's own nomination: he is the nominee, or he suggested him."""
    if entry.nominee_key == name_key(actor.name):
        return True
    own = sa.select(Suggestion.id).where(
        Suggestion.nominator_id == actor.person_id,
        Suggestion.call_id == entry.call_id,
        Suggestion.unit_id == entry.unit_id,
        Suggestion.nominee_key == entry.nominee_key,
        Suggestion.gone == 0,
    )
    return db.session.scalar(own) is not None


def _refuse_own(actor: Actor, entry: Entry) -> None:
    if concerns(actor, entry):
        raise NotAllowed("这个候选对象与您本人有关（您是推荐人或者被推荐人），请由复核人审查。")


def _refuse_published(call: Call) -> None:
    if call.state is CallState.PUBLISHED:
        raise Refused("结果已经公布，不能再改。")


def _refuse_after_notice(call: Call) -> None:
    if Kind.NOTICE in decisions.steps_of(call):
        raise Refused(
            "公示已经登记，名单里没有公示过的对象不能再列入。确需列入的，先撤下公示的登记，改好名单重新公示。"
        )


# A call's steps.


@use_case(Permission.REGISTER_SELECTION)
def register(actor: Actor, call: Call, kind: Kind, entry: StepEntry, *, key: str = "") -> RegisteredStep:
    """Register an opinion, the notice or the decision from its paper. Raises Refused beside the field that is wrong."""
    _refuse_published(call)
    if kind not in rules.STEPS:
        raise Refused("选树没有这一步。")
    steps = decisions.steps_of(call)
    if kind is Kind.APPROVAL and Kind.NOTICE not in steps:
        raise Refused("先登记公示，再登记审定。", field="held_on")
    notice = steps.get(Kind.NOTICE)
    wrong = rules.order_fault(kind, entry.held_on, notice.until if notice else None)
    if wrong:
        raise Refused(wrong, field="held_on")
    if kind is Kind.NOTICE and tally(actor, call).get(EntryState.RECOMMENDED):
        raise Refused("还有候选对象没有初审，名单定下以后再公示。", field="held_on")
    return decisions.enter(db.session(), actor, call, call.title, kind, entry)


@use_case(Permission.REGISTER_SELECTION)
def take_back(actor: Actor, call: Call, registered: RegisteredStep, *, reason: str, key: str = "") -> Call:
    """Withdraw a registered step entered by mistake."""
    _refuse_published(call)
    if (registered.subject, registered.subject_id) != (call.__tablename__, call.id):
        raise Missing
    if registered.kind is Kind.NOTICE and Kind.APPROVAL in decisions.steps_of(call):
        raise Refused("审定已经登记，要撤下公示，先撤下审定的登记。")
    decisions.take_back(db.session(), actor, registered, reason)
    return call


def faults(actor: Actor, call: Call, kind: Kind, entry: StepEntry) -> dict[str, str]:
    """What is wrong with a step's entry: field -> sentence."""
    return decisions.faults(call.organiser_id, kind, entry, day_of(actor.at), call.announced_at)


def obstacles(
    actor: Actor, call: Call, steps: Mapping[Kind, RegisteredStep], counts: Mapping[EntryState, int]
) -> list[str]:
    """What keeps the results of a call from being published."""
    notice = steps.get(Kind.NOTICE)
    return rules.obstacles(
        counts,
        {kind: row.counts for kind, row in steps.items()},
        quota=call.quota,
        notice_until=notice.until if notice else None,
        today=day_of(actor.at),
    )


# The list of entries.


def visible_to(actor: Actor) -> sa.Select[tuple[Entry]]:
    """The entries within reach."""
    seen = within(reach(actor, Permission.READ_SELECTION), organiser=Entry.organiser_id, unit=Entry.unit_id)
    return sa.select(Entry).where(seen)


def get_visible(actor: Actor, entry_id: int) -> Entry:
    """One entry with its call, unit and recommendation. Raises Missing."""
    found = db.session.scalar(
        visible_to(actor)
        .where(Entry.id == entry_id)
        .options(joinedload(Entry.call), joinedload(Entry.unit), joinedload(Entry.recommendation))
    )
    if found is None:
        raise Missing
    return found


class EntryLine(NamedTuple):
    """One entry of the list."""

    id: int
    unit: str
    position: int
    nominee: str
    post: str
    state: EntryState
    reason: str
    recommendation_id: int
    deeds: str


SORTS = ("unit", "state")


@lru_cache(maxsize=256)
def _where(read: Reach, call_id: int, text: str, unit: str, state: str) -> tuple[sa.ColumnElement[bool], ...]:
    found = [within(read, organiser=_E.organiser_id, unit=_E.unit_id), _E.call_id == call_id]
    if text:
        found.append(_E.nominee.contains(text, autoescape=True))
    if unit.isascii() and unit.isdigit() and len(unit) < 10:
        found.append(_E.unit_id == int(unit))
    if state in {each.value for each in EntryState}:
        found.append(_E.state == EntryState(state))
    return tuple(found)


@lru_cache(maxsize=256)
def _count(where: tuple[sa.ColumnElement[bool], ...]) -> sa.Select[Any]:
    return sa.select(_E.state, sa.func.count()).where(*where).group_by(_E.state)


@lru_cache(maxsize=256)
def _rows(
    where: tuple[sa.ColumnElement[bool], ...], sort: str, descending: bool, offset: int, limit: int | None
) -> sa.Select[Any]:
    """One page: first the ids from an index alone, then their rows; deeds are long and need not be sorted."""
    in_order = (_U.position.desc() if descending else _U.position.asc(), _U.id, _E.position)
    by_state = (_E.state.desc() if descending else _E.state.asc(), _U.position, _U.id, _E.position)
    order = by_state if sort == "state" else in_order
    joined = Entry.__table__.join(Unit.__table__, _U.id == _E.unit_id)
    ids = sa.select(_E.id).select_from(joined).where(*where).order_by(*order).offset(offset).limit(limit)
    return (
        sa.select(
            *(_E.id, _U.name.label("unit"), _E.position, _E.nominee, _E.post, _E.state, _E.end_reason),
            *(_E.recommendation_id, _E.deeds),
        )
        .select_from(joined)
        .where(_E.id.in_(ids.subquery().select()))
        .order_by(*order)
    )


def tally(actor: Actor, call: Call, filters: Mapping[str, str] | None = None) -> dict[EntryState, int]:
    """How many entries stand where, under the filters."""
    asked = filters or {}
    read = reach(actor, Permission.READ_SELECTION)
    where = _where(read, call.id, asked.get("q", ""), asked.get("unit", ""), asked.get("state", ""))
    return {row[0]: row[1] for row in db.session.execute(_count(where))}


def lines(
    actor: Actor,
    call: Call,
    filters: Mapping[str, str],
    *,
    sort: str = "unit",
    descending: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> list[EntryLine]:
    """One page of a call's entries (or all), in unit order and the units' own."""
    where = _where(reach(actor, Permission.READ_SELECTION), call.id, filters["q"], filters["unit"], filters["state"])
    rows = db.session.execute(_rows(where, sort, descending, offset, limit))
    return [
        EntryLine(
            *(row.id, row.unit, row.position, row.nominee, row.post, row.state),
            row.end_reason.label if row.end_reason else "",
            *(row.recommendation_id, row.deeds),
        )
        for row in rows
    ]


# What waits at home.


class Waits(NamedTuple):
    """A call that waits for the office: with entries to review, or with results to publish."""

    call_id: int
    title: str
    to_review: bool


def waiting(actor: Actor) -> list[Waits]:
    """What waits in the calls under way for those who review and publish. One statement."""
    reviews, publishes = reach(actor, Permission.REVIEW_ENTRY), reach(actor, Permission.PUBLISH_HONOURS)
    if not reviews or not publishes:
        return []
    return [Waits(row[0], row[1], bool(row[2])) for row in db.session.execute(_waiting(reviews, publishes))]


_C, _S = Call.__table__.c, RegisteredStep.__table__.c


@lru_cache(maxsize=256)
def _waiting(reviews: Reach, publishes: Reach) -> sa.CompoundSelect[Any]:
    entries = sa.select(_E.id).where(
        _E.call_id == _C.id,
        within(reviews, organiser=_E.organiser_id, unit=_E.unit_id),
        _E.state == EntryState.RECOMMENDED,
    )
    under_way = sa.and_(within(publishes, organiser=_C.organiser_id), _C.state == CallState.ANNOUNCED)
    to_review = sa.select(_C.id, _C.title, sa.literal(1)).where(under_way, entries.correlate(Call.__table__).exists())
    to_publish = (
        sa.select(_C.id, _C.title, sa.literal(0))
        .join_from(Call.__table__, RegisteredStep.__table__, _S.subject_id == _C.id)
        .where(
            under_way,
            _S.subject == Call.__tablename__,
            _S.kind == Kind.APPROVAL,
            _S.withdrawn_at.is_(None),
            _S.confirmed_at.is_not(None),
        )
    )
    return to_review.union_all(to_publish)
