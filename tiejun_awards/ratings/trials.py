"""Trials (试算) of a star rating. Open ones are run and forgotten; while marks are in, one is asked for, confirmed or refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..messages import services as messages
from ..messages.rules import Kind as MessageKind
from ..organisation import services as organisation
from ..panels.models import Seat
from ..shared.access import Actor, Permission, Reach, Role, reach
from ..shared.db import db, within
from ..shared.errors import Missing, Refused
from ..shared.use_case import tell, use_case
from ..shared.workflow import step
from . import rules, services, trial_rules
from .models import RatingCycle, RatingTrial
from .rules import State, Terms
from .trial_rules import Line, Outcome, Trial, TrialState, TrialVerb

# Running one.


def terms_now(cycle: RatingCycle) -> Terms:
    """The terms a trial of a cycle starts from: those announced, of a draft those that would be announced now."""
    return services.terms_of(cycle.organiser_id) if cycle.state is State.DRAFTED else cycle.announced_terms


def base_of(cycle: RatingCycle) -> RatingCycle | None:
    """The cycle whose sheets, values and entries a trial is run on: itself once it has marks, before that the last published one."""
    if cycle.state not in (State.DRAFTED, State.ANNOUNCED):
        return cycle
    return db.session.scalar(
        sa.select(RatingCycle)
        .where(RatingCycle.organiser_id == cycle.organiser_id, RatingCycle.state == State.PUBLISHED)
        .order_by(RatingCycle.year.desc())
        .limit(1)
        .options(joinedload(RatingCycle.standard))
    )


def run(base: RatingCycle, trial: Trial) -> Outcome:
    """What comes of a trial, by the lines that settle a cycle; nothing is written. Branches without a signed sheet are left out."""
    from . import settling  # brings numpy: opened when a trial is run, not with every worker

    inputs = settling.inputs_of(db.session(), base)
    marked = [each for each in inputs if each.sheets]
    judges, fewest = settling.judges_of(marked), settling.fewest_sheets(marked)
    method = base.chosen_method or rules.method_of(base.announced_terms, judges, fewest)
    trial_method = trial.method or rules.method_of(trial.terms, judges, fewest)
    before = settling.settled(base, marked, method=method)
    after = settling.settled(base, marked, trial.terms, trial_method)
    lines = [
        Line(old["branch_id"], *(row[name] for row in (old, new) for name in ("total", "star", "undecided")))
        for old, new in zip(before, after, strict=True)
    ]
    return Outcome(lines, [each.place.branch_id for each in inputs if not each.sheets], method, trial_method)


def names_in(outcome: Outcome) -> dict[int, str]:
    """The branches of an outcome, by name."""
    return organisation.names_of({*(line.branch_id for line in outcome.lines), *outcome.left_out})


# While marks are in.


def refuse_when_open(cycle: RatingCycle) -> None:
    """Raise Refused while a trial needs nobody's confirmation."""
    if not trial_rules.marks_are_in(cycle.state):
        raise Refused(f"现在是“{cycle.state.label}”，不用申请，可以直接试算。")


@use_case(Permission.RUN_RATING)
def ask_for_trial(actor: Actor, cycle: RatingCycle, trial: Trial, *, reason: str, key: str = "") -> RatingTrial:
    """Ask for a trial while marks are in: with a reason, and nothing is shown before a second person has confirmed it."""
    refuse_when_open(cycle)
    _refuse_judges(cycle, actor)
    said = _reason(reason, "请写明为什么要在评分期间试算。")
    row = RatingTrial(
        cycle_id=cycle.id,
        organiser_id=cycle.organiser_id,
        terms=trial.terms.as_json(),
        method=trial.method.value if trial.method else "",
        reason=said,
        asked_at=actor.at,
        asked_by=actor.person_id,
        outcome={},
    )
    db.session.add(row)
    db.session.flush()
    text, path = f"{cycle.title}：有一次评分期间的试算等您核准。", f"/ratings/trials/{row.id}"
    told, second = (MessageKind.CONFIRM, f"trial:{row.id}", text, path), (Role.SECOND,)
    messages.tell_holders(db.session(), actor, *told, second, organiser_id=cycle.organiser_id)
    tell(db.session(), reason=said, varied=trial_rules.differences(cycle.announced_terms, trial))
    return row


@use_case(Permission.CONFIRM_TRIAL)
def confirm_trial(actor: Actor, row: RatingTrial, *, key: str = "") -> RatingTrial:
    """核准: runs the trial on the sheets signed by now and keeps what comes of it, for the asker and the second person."""
    state = step(trial_rules.TRIAL_MOVES, row.state, TrialVerb.CONFIRM)
    cycle = _decided_on(actor, row)
    outcome = run(cycle, row.trial)
    if not outcome.lines:
        raise Refused("还没有签名的评分表，现在算不出结果，等有了签名再核准。")
    row.state, row.decided_at, row.decided_by = state, actor.at, actor.person_id
    row.outcome = outcome.as_json()
    _tell_asker(actor, row, cycle, "已核准，点开看结果")
    varied = trial_rules.differences(cycle.announced_terms, row.trial)
    tell(db.session(), reason=row.reason, asker=row.asker.name, varied=varied)
    return row


@use_case(Permission.CONFIRM_TRIAL)
def refuse_trial(actor: Actor, row: RatingTrial, *, reason: str, key: str = "") -> RatingTrial:
    """退回: the trial is not run."""
    state = step(trial_rules.TRIAL_MOVES, row.state, TrialVerb.REFUSE)
    cycle = _decided_on(actor, row)
    row.refused_because = _reason(reason, "请写明为什么不同意。")
    row.state, row.decided_at, row.decided_by = state, actor.at, actor.person_id
    _tell_asker(actor, row, cycle, "没有同意，点开看原因")
    tell(db.session(), reason=row.refused_because)
    return row


def _reason(text: str, missing: str) -> str:
    said = text.strip()
    if not 0 < len(said) <= trial_rules.MOST_REASON:
        sentence = missing if not said else f"最多 {trial_rules.MOST_REASON} 字，请删减一些。"
        raise Refused(sentence, field="reason")
    return said


def _decided_on(actor: Actor, row: RatingTrial) -> RatingCycle:
    """The cycle of a trial, once it is sure that this person may decide on it now."""
    if row.asked_by == actor.person_id:
        raise Refused("申请和核准要由两个人来办，请另一位复核人核准。")
    cycle = db.session.get_one(RatingCycle, row.cycle_id)
    if not trial_rules.marks_are_in(cycle.state):
        raise Refused(f"现在是“{cycle.state.label}”，不用核准了，可以直接试算。")
    _refuse_judges(cycle, actor)
    return cycle


def _refuse_judges(cycle: RatingCycle, actor: Actor) -> None:
    """Whoever marks in this cycle sees nothing of where it stands, whatever other post he holds."""
    if is_judge(cycle, actor):
        raise Refused("您是本轮评委，评分期间不能申请、也不能核准试算。")


def is_judge(cycle: RatingCycle, actor: Actor) -> bool:
    """Whether somebody sits on the panel of a cycle."""
    seat = sa.select(Seat.id).where(Seat.panel_id == cycle.panel_id, Seat.person_id == actor.person_id)
    return db.session.scalar(seat) is not None


def _tell_asker(actor: Actor, row: RatingTrial, cycle: RatingCycle, words: str) -> None:
    text = f"{cycle.title}评分期间的试算{words}。"
    path = f"/ratings/trials/{row.id}"
    messages.tell_people(db.session(), actor, MessageKind.RATING, f"trial:{row.id}:decided", text, path, [row.asked_by])


# Finding them.


def visible_to(actor: Actor) -> sa.Select[tuple[RatingTrial]]:
    """The trials that were asked for, of the organisers in reach."""
    got = reach(actor, Permission.READ_TRIALS)
    return sa.select(RatingTrial).where(within(got, organiser=RatingTrial.organiser_id))


def get_visible(actor: Actor, trial_id: int) -> RatingTrial:
    """One of them, with its cycle and people. Raises Missing."""
    found = db.session.scalar(
        visible_to(actor)
        .where(RatingTrial.id == trial_id)
        .options(joinedload(RatingTrial.cycle), joinedload(RatingTrial.asker), joinedload(RatingTrial.decider))
    )
    if found is None:
        raise Missing
    return found


def asked_in(actor: Actor, cycle: RatingCycle, most: int = 50) -> Sequence[RatingTrial]:
    """What was asked for in a cycle, the latest first."""
    return db.session.scalars(
        visible_to(actor)
        .where(RatingTrial.cycle_id == cycle.id)
        .order_by(RatingTrial.id.desc())
        .limit(most)
        .options(joinedload(RatingTrial.asker), joinedload(RatingTrial.decider))
    ).all()


def titles_of(ids: Collection[int]) -> dict[int, str]:
    """What trials are about, whoever asks: for lines about them."""
    found = db.session.scalars(
        sa.select(RatingTrial).where(RatingTrial.id.in_(sorted(ids))).options(joinedload(RatingTrial.cycle))
    )
    return {row.id: row.cycle.title for row in found}


def outcome_for(actor: Actor, row: RatingTrial) -> Outcome | None:
    """What came of a trial: for whoever asked and whoever confirmed only, and not before that."""
    return row.kept_outcome if actor.person_id in (row.asked_by, row.decided_by) else None


_T, _C = RatingTrial.__table__.c, RatingCycle.__table__.c


@lru_cache(maxsize=256)
def _waiting(reached: Reach) -> sa.Select[Any]:
    return (
        sa.select(_T.id, _C.year, _T.reason)
        .join(RatingCycle.__table__, _C.id == _T.cycle_id)
        .where(
            within(reached, organiser=_T.organiser_id),
            _T.state == TrialState.ASKED,
            _T.asked_by != sa.bindparam("person_id"),
            _C.state.in_(trial_rules.MARKS_ARE_IN),
        )
        .order_by(_T.id)
    )


def waiting_for(actor: Actor) -> Sequence[Any]:
    """The trials that wait for this person to confirm them: id, year, reason."""
    got = reach(actor, Permission.CONFIRM_TRIAL)
    return db.session.execute(_waiting(got), {"person_id": actor.person_id}).all() if got else ()
