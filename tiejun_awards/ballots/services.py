"""The office's verbs on a poll: draft, roll, tellers, slips, open, close, void, run-off, destroying the key."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..organisers.models import Organiser
from ..shared import audit
from ..shared.access import Actor, Permission
from ..shared.clock import here
from ..shared.db import db, note
from ..shared.errors import Refused
from ..shared.use_case import tell, use_case
from ..shared.workflow import step
from . import outcomes, queries, rules, sealing
from .models import BallotKey, Poll, PollEnvelope, PollTeller, PollVoter
from .questions import Question
from .rolls import drop_key, refuse_unless_draft
from .rules import Duty, Group, Rule, State, Verb
from .sealing import KeyMode
from .tellers import keys


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways into the box."""

    account: bool = False
    slip: bool = False
    paper: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What the office writes of a poll before it opens."""

    title: str
    question: Question
    rule: Rule
    ways: Ways
    key_mode: KeyMode
    expected: int
    opens_at: datetime
    closes_at: datetime
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """What a poll belongs to, for the features above: a cycle, a debrief, a call. Opaque here."""

    kind: str = ""
    id: int | None = None
    title: str = ""


@use_case(Permission.RUN_POLL)
def draft(actor: Actor, organiser: Organiser, plan: Plan, *, owner: Owner | None = None, key: str = "") -> Poll:
    """Begin a poll, or one for each weighted group: groups under five are merged first. The first of them."""
    if not plan.groups:
        poll = _new(actor, organiser.id, plan, owner or Owner())
        db.session.add(poll)
        return poll
    groups, said = rules.merge_small(plan.groups)
    if not groups:
        raise Refused(said[0], field="groups")
    series = secrets.token_hex(8)
    polls = []
    for group in groups:
        poll = _new(actor, organiser.id, replace(plan, expected=group.size), owner or Owner())
        poll.title = f"{plan.title}（{group.name}）"
        poll.series, poll.group_name, poll.weight = series, group.name, group.weight
        polls.append(poll)
    db.session.add_all(polls)
    db.session.flush()
    tell(db.session(), groups=len(polls), merged=said)
    return polls[0]


def _new(actor: Actor, organiser_id: int, plan: Plan, owner: Owner) -> Poll:
    poll = Poll(
        organiser_id=organiser_id,
        owner_kind=owner.kind,
        owner_id=owner.id,
        owner_title=owner.title,
        word=secrets.token_hex(8),
        made_by=actor.person_id,
        made_at=actor.at,
    )
    _write(poll, plan)
    return poll


def _write(poll: Poll, plan: Plan) -> None:
    question = plan.question
    poll.title, poll.expected = plan.title, plan.expected
    poll.kind, poll.most, poll.recusal = question.kind, question.most, question.recusal
    poll.subjects, poll.aspects = list(question.subjects), list(question.aspects)
    poll.rule = plan.rule.as_json()
    poll.by_account, poll.by_slip, poll.by_paper = plan.ways.account, plan.ways.slip, plan.ways.paper
    poll.key_mode, poll.opens_at, poll.closes_at = plan.key_mode, plan.opens_at, plan.closes_at


@use_case(Permission.RUN_POLL)
def change(actor: Actor, poll: Poll, plan: Plan, *, version: int, key: str = "") -> Poll:
    """Write a poll anew while it is being prepared. Changing who holds the keys makes the keys anew."""
    refuse_unless_draft(poll)
    if plan.key_mode is not poll.key_mode:
        drop_key(poll)
    _write(poll, plan)
    return poll


# Opening, closing, and what follows.


@use_case(Permission.RUN_POLL)
def begin(actor: Actor, poll: Poll, *, version: int, key: str = "") -> Poll:
    """Begin the voting: from now on nothing of the poll changes."""
    state = step(rules.MOVES, poll.state, Verb.OPEN)
    missing = lacks(poll, actor.at)
    if missing:
        raise Refused(f"还差 {len(missing)} 项：{missing[0]}")
    if poll.key_mode is KeyMode.SERVER:
        public, name = keys().make()
        poll.key = BallotKey(
            organiser_id=poll.organiser_id,
            owner_kind=poll.owner_kind,
            owner_id=poll.owner_id,
            mode=KeyMode.SERVER,
            first_public=public,
            first_file=name,
            made_at=actor.at,
        )
    poll.state, poll.opened_at = state, actor.at
    return poll


def lacks(poll: Poll, at: datetime) -> list[str]:
    """What a poll lacks before voting can begin, in sentences."""
    stand, tellers = queries.numbers(poll.id), queries.tellers(poll)
    found = []
    if poll.expected < rules.FEWEST:
        found.append(f"应到只有 {poll.expected} 人，不足 {rules.FEWEST} 人保不住秘密：请并入别的组，或改用其他方式。")
    if poll.by_account and not stand.voters:
        found.append("用账号投票的名单还是空的。")
    if stand.voters > poll.expected:
        found.append(f"名单上有 {stand.voters} 人，多于应到 {poll.expected} 人。")
    if poll.by_slip and not stand.slips:
        found.append("测评码还没有印。")
    if len(tellers[Duty.WATCHER]) != 2:
        found.append("还没有定两位监票人。")
    if poll.by_paper and len(tellers[Duty.COUNTER]) != 2:
        found.append("有纸质票，还没有定两位计票人。")
    if poll.key_mode is KeyMode.TWO and not (poll.key and poll.key.ready):
        found.append("两位监票人还没有都设好开箱口令。")
    if poll.closes_at <= at:
        found.append("截止时间已经过了，请改。")
    return found


@use_case(Permission.RUN_POLL)
def close(actor: Actor, poll: Poll, *, slips_issued: int, present: int | None, version: int, key: str = "") -> Poll:
    """End the voting, waiting for votes under way: the box is fixed by one number over all its envelopes."""
    state = step(rules.MOVES, poll.state, Verb.CLOSE)
    stand = queries.numbers(poll.id)
    if slips_issued > stand.slips:
        raise Refused(f"只印了 {stand.slips} 个测评码。", field="slips_issued")
    if slips_issued < stand.slips_used:
        raise Refused(
            f"已有 {stand.slips_used} 个测评码投了票。收回多于发出，本轮无效：请再数一遍，确实如此就作废重投。",
            field="slips_issued",
        )
    if present is not None and present > poll.expected:
        raise Refused(f"实到不能多于应到 {poll.expected} 人。", field="present")
    trackers = list(db.session.scalars(sa.select(PollEnvelope.tracker).where(PollEnvelope.poll_id == poll.id)))
    poll.sealed_root, poll.envelopes = sealing.root_of(trackers), len(trackers)
    poll.slips_issued, poll.present = slips_issued, present
    poll.state, poll.closed_at = state, actor.at
    tell(db.session(), envelopes=poll.envelopes, root=poll.sealed_root)
    if actor.at < poll.closes_at:
        tell(db.session(), early=f"{here(poll.closes_at):%m-%d %H:%M}")
    return poll


@use_case(Permission.RUN_POLL)
def void(actor: Actor, poll: Poll, *, reason: str, version: int, key: str = "") -> Poll:
    """Declare a poll void, with a reason. What lies in the box is never opened any more."""
    if not reason.strip():
        raise Refused("请写明为什么作废。", field="reason")
    poll.state = step(rules.MOVES, poll.state, Verb.VOID)
    poll.void_reason = reason.strip()
    tell(db.session(), reason=poll.void_reason)
    return poll


def void_after_restore(at: datetime) -> list[str]:
    """After a backup was restored: votes under way are void, since whoever voted after the backup could vote twice. Their titles."""
    polls = db.session.execute(
        sa.select(Poll.id, Poll.title, Poll.organiser_id).where(Poll.state.in_([State.OPEN, State.CLOSED]))
    ).all()

    def write(session: Session) -> None:
        for row in polls:
            poll = session.get_one(Poll, row.id)
            poll.state, poll.void_reason = State.VOID, "系统从备份恢复，票箱不完整，请重新组织。"
            audit.record(session, None, "ballots.void", at=at, subject=poll, organiser_id=row.organiser_id)

    note(write)
    return [row.title for row in polls]


@use_case(Permission.RUN_POLL)
def run_off(actor: Actor, poll: Poll, *, opens_at: datetime, closes_at: datetime, version: int, key: str = "") -> Poll:
    """A second vote among those with equal votes at the last seat; roll, tellers, ways and rule stay as they were."""
    result = outcomes.result_of(poll)
    if result is None or not result.elected.tied:
        raise Refused("没有得票相同、名额不够的情况，不用再投。")
    question = replace(poll.question, subjects=tuple(poll.subjects[place] for place in result.elected.tied))
    if question.most:
        question = replace(question, most=min(question.most, result.elected.open_seats))
    plan = Plan(
        title=f"{poll.title}（再次投票）",
        question=question,
        rule=replace(poll.counted_by, seats=result.elected.open_seats),
        ways=Ways(poll.by_account, poll.by_slip, poll.by_paper),
        key_mode=poll.key_mode,
        expected=poll.expected,
        opens_at=opens_at,
        closes_at=closes_at,
    )
    owner = Owner(poll.owner_kind, poll.owner_id, poll.owner_title)
    again = _new(actor, poll.organiser_id, plan, owner)
    again.runoff_of, again.group_name = poll.id, poll.group_name
    db.session.add(again)
    db.session.flush()
    _copy_people(poll, again, result.elected.tied)
    tell(db.session(), runoff=again.id)
    return again


def _copy_people(poll: Poll, again: Poll, tied: Sequence[int]) -> None:
    new_code = {f"s{before}": f"s{now}" for now, before in enumerate(tied)}
    rows = db.session.execute(
        sa.select(PollVoter.person_id, PollVoter.recused).where(PollVoter.poll_id == poll.id)
    ).all()
    for person_id, recused in rows:
        kept = [new_code[code] for code in recused if code in new_code]
        db.session.add(PollVoter(poll_id=again.id, person_id=person_id, recused=kept))
    watchers = set()
    for role, people in queries.tellers(poll).items():
        for row in people:
            db.session.add(PollTeller(poll_id=again.id, person_id=row.person_id, role=role))
            watchers |= {row.person_id} if role is Duty.WATCHER else set()
    if poll.key_mode is KeyMode.TWO and poll.key is not None and poll.key.ready:
        again.key = poll.key  # the same two, the same ceremony


@use_case(Permission.RUN_POLL)
def destroy_key(actor: Actor, ballot_key: BallotKey) -> BallotKey:
    """Destroy a key after the time for objections: what older backups hold can then never be opened."""
    open_ones = sa.select(Poll.title).where(
        Poll.key_id == ballot_key.id, Poll.state.in_([State.DRAFT, State.OPEN, State.CLOSED])
    )
    title = db.session.scalars(open_ones.order_by(Poll.id)).first()
    if title is not None:
        raise Refused(f"“{title}”还要用这把钥匙，计票或作废以后才能销毁。")
    if ballot_key.destroyed_at is None:
        keys().destroy(*filter(None, (ballot_key.first_file, ballot_key.second_file)))
        ballot_key.destroyed_at = actor.at
    return ballot_key
