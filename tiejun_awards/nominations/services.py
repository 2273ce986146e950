"""The verbs: suggest, keep what was begun, withdraw; a unit's recommendation begun, kept, sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..calls.models import Call
from ..calls.rules import Phase
from ..messages import services as messages
from ..messages.rules import Kind
from ..organisation.models import Unit
from ..rulebook import services as rulebook
from ..shared.access import Actor, Permission
from ..shared.clock import day_of
from ..shared.dates import chinese_day
from ..shared.db import db, insert_if_absent
from ..shared.digests import digest
from ..shared.errors import Refused
from ..shared.use_case import hush, tell, use_case
from ..shared.workflow import step
from . import queries, rules
from .models import Declined, Entry, Recommendation, Suggestion, SuggestionDraft
from .rules import Draft, State, Suggested, Verb

EDITING_SESSION = timedelta(minutes=30)
"""Savings of one person within this time of each other are one line of the audit trail."""


@use_case(Permission.SUGGEST)
def suggest(actor: Actor, call: Call, typed: Suggested, *, key: str = "") -> Suggestion:
    """Suggest somebody. Raises Refused beside the field that is wrong, the second suggestion of the same person included."""
    _refuse_closed(actor, call)
    before = queries.before(actor, call, typed.unit_id, typed.nominee)
    for name, sentence in _faults(actor, call, typed, before).items():
        raise Refused(sentence, field=name)
    assert typed.unit_id is not None
    assert typed.relation is not None
    assert before is not None
    nominee_key = rules.name_key(typed.nominee)
    suggestion = Suggestion(
        call_id=call.id,
        organiser_id=call.organiser_id,
        unit_id=typed.unit_id,
        nominator_id=actor.person_id,
        nominee=typed.nominee,
        nominee_key=nominee_key,
        relation=typed.relation,
        deeds=typed.deeds,
        code=digest([call.id, actor.person_id, actor.at.isoformat(), before.made])[:10],
        suggested_at=actor.at,
        gone=0,
    )
    db.session.add(suggestion)
    db.session.execute(sa.delete(SuggestionDraft).filter_by(call_id=call.id, person_id=actor.person_id))
    db.session.flush()
    db.session.expunge(
        suggestion
    )  # complete as it is: the page that follows needs its code only, and reads nothing again
    return suggestion


def faults(actor: Actor, call: Call, typed: Suggested) -> dict[str, str]:
    """What is wrong with a suggestion: field -> sentence."""
    return _faults(actor, call, typed, queries.before(actor, call, typed.unit_id, typed.nominee))


def _faults(actor: Actor, call: Call, typed: Suggested, before: queries.Before | None) -> dict[str, str]:
    found = rules.suggestion_faults(
        typed,
        takes_part=before is not None,
        own_name=actor.name,
        collective=call.about.subject.value == "collective",
        least=rulebook.number(call.organiser_id, "nominations.deeds_least", call.announced_at),
        most=rulebook.number(call.organiser_id, "nominations.deeds_most", call.announced_at),
    )
    if before is not None and before.sent:
        found["unit_id"] = f"{before.unit}已经集体研究并报送，这次不再接收对这个单位的推荐。"
    elif before is not None and before.again and "nominee" not in found:
        found["nominee"] = (
            "这次您已经推荐过这个对象，不用再推荐一次。可以在“我的推荐”里看走到哪一步；要改写的，先撤回再推荐。"
        )
    return found


def _refuse_closed(actor: Actor, call: Call) -> None:
    found = call.phase(day_of(actor.at))
    if found is Phase.SUGGESTING:
        return
    if found in (Phase.DRAFT, Phase.COMING):
        raise Refused(f"还没有开始，{chinese_day(call.opens_on)}起可以推荐。")
    raise Refused(f"群众推荐在{chinese_day(call.suggest_by)}截止了，写下的内容可先复制出来。")


@use_case(Permission.SUGGEST)
def keep(actor: Actor, call: Call, fields: dict[str, Any]) -> None:
    """Keep what was typed so far, whatever it is: one draft a person and call. Not part of the audit trail."""
    hush(db.session())
    values = {"fields": fields, "saved_at": actor.at}
    if not insert_if_absent(db.session(), SuggestionDraft, call_id=call.id, person_id=actor.person_id, **values):
        own = sa.update(SuggestionDraft).where(
            SuggestionDraft.call_id == call.id, SuggestionDraft.person_id == actor.person_id
        )
        db.session.execute(own.values(**values))


@use_case(Permission.TRACK_SUGGESTION)
def withdraw(actor: Actor, suggestion: Suggestion, *, key: str = "") -> Suggestion:
    """Take a suggestion back, as long as the unit has not decided."""
    if suggestion.withdrawn_at is not None:
        raise Refused("这份推荐已经撤回了。")
    if queries.has_sent(suggestion.call_id, suggestion.unit_id):
        raise Refused("单位已经集体研究并报送，不能再撤回。")
    suggestion.withdrawn_at = actor.at
    suggestion.gone = suggestion.id
    return suggestion


# The unit's recommendation.


@use_case(Permission.RECOMMEND)
def begin(actor: Actor, unit: Unit, call: Call, *, key: str = "") -> Recommendation:
    """Begin a unit's recommendation in a call, or give back the one that was begun."""
    _refuse_not_recommending(actor, call)
    if unit.organiser_id != call.organiser_id:
        raise Refused("这份通知不是发给这个单位的。")
    found = queries.of_unit(call.id, unit.id)
    if found is not None:
        hush(db.session())
        return found
    recommendation = Recommendation(
        call_id=call.id,
        organiser_id=call.organiser_id,
        unit_id=unit.id,
        draft={},
        saved_at=actor.at,
        saved_by=actor.person_id,
    )
    db.session.add(recommendation)
    return recommendation


def _refuse_not_recommending(actor: Actor, call: Call) -> None:
    found = call.phase(day_of(actor.at))
    if found in (Phase.DRAFT, Phase.COMING):
        raise Refused(f"还没有开始，{chinese_day(call.opens_on)}起可以推荐。")
    if found is Phase.PUBLISHED:
        raise Refused("结果已经公布，不能再改。")
    if found is Phase.SELECTING:
        raise Refused(f"单位报送在{chinese_day(call.recommend_by)}截止了；确有特殊情况，请联系机关党委。")


@use_case(Permission.RECOMMEND)
def save(actor: Actor, recommendation: Recommendation, draft: Draft, *, version: int, key: str = "") -> Recommendation:
    """Keep the draft exactly as typed."""
    if recommendation.state is not State.DRAFT:
        raise Refused("推荐已经报送，不能再改；确需更正的，请联系机关党委。")
    if draft.as_json() == recommendation.draft:
        hush(db.session())
        return recommendation
    if recommendation.saved_by == actor.person_id and actor.at - recommendation.saved_at < EDITING_SESSION:
        hush(db.session())
    recommendation.draft = draft.as_json()
    recommendation.saved_at = actor.at
    recommendation.saved_by = actor.person_id
    return recommendation


@use_case(Permission.RECOMMEND)
def submit(actor: Actor, recommendation: Recommendation, *, version: int, key: str = "") -> Recommendation:
    """Send the recommendation, or that there is none. Refused while anything has to be mended (field “faults”)."""
    call, today = recommendation.call, day_of(actor.at)
    _refuse_not_recommending(actor, call)
    state = step(rules.MOVES, recommendation.state, Verb.SUBMIT)
    suggested = queries.suggested_for(recommendation.unit_id, call.id)
    read = queries.reading(call, Draft.from_json(recommendation.draft), suggested, today)
    if read.faults:
        raise Refused(f"还差 {len(read.faults)} 处才能报送。", field="faults")
    recommendation.state = state
    recommendation.submitted_at = actor.at
    recommendation.studied_on = read.studied_on
    if read.entries:
        recommendation.notice_from, recommendation.notice_to = read.notice_from, read.notice_to
        recommendation.notice_place = read.notice_place
    db.session.add_all(
        Entry(
            recommendation_id=recommendation.id,
            call_id=call.id,
            organiser_id=call.organiser_id,
            unit_id=recommendation.unit_id,
            position=position,
            nominee=row.nominee,
            nominee_key=row.key,
            post=row.post,
            deeds=row.deeds,
        )
        for position, row in enumerate(read.entries, 1)
    )
    names = {named.key: named.nominee for named in suggested}
    db.session.add_all(
        Declined(recommendation_id=recommendation.id, nominee=names[key], nominee_key=key, reason=reason)
        for key, reason in read.declined.items()
    )
    tell_nominators(db.session(), actor, Suggestion.call_id == call.id, Suggestion.unit_id == recommendation.unit_id)
    tell(db.session(), entries=len(read.entries))
    return recommendation


def tell_nominators(session: Session, actor: Actor, *whose: sa.ColumnElement[bool]) -> None:
    """Tell the nominators of these suggestions that theirs has moved on, each his own and no more. A helper of verbs."""
    rows = session.execute(sa.select(Suggestion.code, Suggestion.nominator_id).where(*whose, Suggestion.gone == 0))
    text = "您的一份推荐有了新进展，点开看走到哪一步。"
    messages.write(
        session,
        actor.at,
        [
            (Kind.SUGGESTION, f"suggestion:{row.code}", text, f"/suggestions/{row.code}", row.nominator_id)
            for row in rows
        ],
    )
