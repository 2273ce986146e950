"""What waits for the actor in star ratings: sheets, branches to verify, words to write, a cycle to run, decisions and trials to confirm.

One statement for each hat, built once for each reach, and none for hats he does not wear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from ..decisions.models import RegisteredStep
from ..decisions.rules import CONFIRMED
from ..organisation.models import PartyOrganisation
from ..ratings import trials
from ..ratings.models import CycleBranch, RatingCycle
from ..ratings.rules import State
from ..scoring import queries as scoring
from ..shared.access import Actor, Permission, Reach, reach
from ..shared.clock import day_of
from ..shared.db import db, within
from .reminders import due_within
from .rules import Todo

_C, _B, _P, _S = (
    RatingCycle.__table__.c,
    CycleBranch.__table__.c,
    PartyOrganisation.__table__.c,
    RegisteredStep.__table__.c,
)


def rating_todos(actor: Actor, left: Callable[[date], str]) -> Iterator[Todo]:
    """Everything of ratings that waits for the actor; ``left`` says in words how long a day is off."""
    yield from _sheets(actor, left)
    yield from _to_verify(actor)
    yield from _words(actor)
    yield from _to_confirm(actor, left)
    yield from _trials(actor)
    yield from _cycles(actor)


def _sheets(actor: Actor, left: Callable[[date], str]) -> Iterator[Todo]:
    for panel, done, total in scoring.my_panels(actor):
        opened = panel.opened_at
        due = due_within(panel.organiser_id, day_of(opened), "reminders.mark_within") if opened else None
        yield Todo(
            heading=f"{panel.title}：评 {total} 个支部" if done < total else f"{panel.title}：签名提交",
            text=f"已确认 {done} 份，还有 {total - done} 份。" if done < total else "每一份都确认了，签名后提交。",
            label=("接着评" if done else "开始评") if done < total else "去签名",
            page="sheets",
            thing_id=panel.id,
            hat="评委",
            due=due,
            left=left(due) if due else "评分中",
        )


@lru_cache(maxsize=256)
def _unverified(reached: Reach) -> sa.Select[Any]:
    return (
        sa.select(_C.id, _C.year, sa.func.count())
        .join(CycleBranch.__table__, _B.cycle_id == _C.id)
        .where(
            within(reached, organiser=_B.organiser_id, branch=_B.branch_id),
            _C.state == State.ANNOUNCED,
            _B.verified_at.is_(None),
        )
        .group_by(_C.id, _C.year)
    )


def _to_verify(actor: Actor) -> Iterator[Todo]:
    got = reach(actor, Permission.VERIFY_BRANCH)
    if not got:
        return
    for cycle_id, year, number in db.session.execute(_unverified(got)):
        yield Todo(
            heading=f"核定 {number} 个支部的{year}年度星级评定分值",
            text="系统数得出的已经填好，没有扣分情形的直接存。",
            label="去核定",
            page="verify",
            thing_id=cycle_id,
            hat="党建督导员",
        )


def _words(actor: Actor) -> Iterator[Todo]:
    branches = reach(actor, Permission.SELF_ASSESS).branches
    if not branches:
        return
    rows = db.session.execute(
        sa.select(_C.id, _C.year, _B.branch_id, _P.name)
        .join(CycleBranch.__table__, _B.cycle_id == _C.id)
        .join(PartyOrganisation.__table__, _P.id == _B.branch_id)
        .where(_C.state == State.ANNOUNCED, _B.branch_id.in_(sorted(branches)), _B.own_words == "")
        .order_by(_B.position)
    )
    for cycle_id, year, branch_id, name in rows:
        yield Todo(
            heading=f"{year}年度星级评定：写支部自述",
            text="写给评委看，可不写；次数系统已经数好，请看一眼对不对。",
            label="去看看",
            page="words",
            thing_id=f"{cycle_id}-{branch_id}",
            hat=name,
        )


@lru_cache(maxsize=256)
def _unconfirmed(reached: Reach) -> sa.Select[tuple[int, datetime]]:
    return (
        sa.select(sa.func.count(), sa.func.min(_S.entered_at))
        .select_from(RegisteredStep.__table__)
        .where(
            within(reached, organiser=_S.organiser_id),
            _S.kind.in_(CONFIRMED),
            _S.confirmed_at.is_(None),
            _S.withdrawn_at.is_(None),
            _S.entered_by != sa.bindparam("person_id"),
        )
    )


def _to_confirm(actor: Actor, left: Callable[[date], str]) -> Iterator[Todo]:
    got = reach(actor, Permission.CONFIRM_STEP)
    if not got:
        return
    number, first = db.session.execute(_unconfirmed(got), {"person_id": actor.person_id}).one()
    if number:
        due = due_within(actor.organiser_id, day_of(first), "reminders.confirm_within")
        yield Todo(
            heading=f"照原件核对 {number} 件登记的决定",
            text="登记和核对由两个人来办，核对以后才算数。",
            label="去核对",
            page="confirm",
            thing_id="",
            due=due,
            left=left(due),
            hat="复核人",
        )


def _trials(actor: Actor) -> Iterator[Todo]:
    for trial_id, year, reason in trials.waiting_for(actor):
        yield Todo(
            heading=f"核准{year}年度星级评定评分期间的一次试算",
            text=f"原因：{reason}",
            label="去核准",
            page="trial",
            thing_id=trial_id,
            hat="复核人",
        )


_NOW = {
    State.DRAFTED: "还没有公告",
    State.ANNOUNCED: "正在核定",
    State.SCORING: "评委正在评分",
    State.CLOSED: "评分结束，等初评、公示、审定",
}


@lru_cache(maxsize=256)
def _unpublished(reached: Reach) -> sa.Select[Any]:
    return (
        sa.select(_C.id, _C.year, _C.state)
        .where(within(reached, organiser=_C.organiser_id), _C.state != State.PUBLISHED)
        .order_by(_C.year)
    )


def _cycles(actor: Actor) -> Iterator[Todo]:
    got = reach(actor, Permission.RUN_RATING)
    if not got:
        return
    for cycle_id, year, state in db.session.execute(_unpublished(got)):
        yield Todo(
            heading=f"{year}年度党支部星级评定",
            text=f"{_NOW[state]}。",
            label="看下一步",
            page="cycle",
            thing_id=cycle_id,
            hat="机关党委经办",
            left=state.label,
        )
