"""The office's verbs on a poll: draft, roll, tellers, slips, open, close, void, run-off, destroying the key."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from ..accounts.models import Person, RoleGrant
from ..accounts.services import appoint
from ..organisation.models import PartyOrganisation
from ..organisers.models import Organiser
from ..shared.access import INSTALL_ROLES, Actor, Permission, Role
from ..shared.clock import day_of
from ..shared.db import db
from ..shared.errors import Refused
from ..shared.use_case import tell, use_case
from ..shared.workflow import step
from . import outcomes, queries, rules, sealing
from .casting import slip_digest
from .models import BallotKey, Poll, PollEnvelope, PollSlip, PollTeller, PollVoter
from .questions import Question
from .rules import Duty, Group, Rule, State, Verb
from .sealing import KeyMode
from .tellers import keys

MOST_SLIPS = 3_000
TELLERS_FOR = timedelta(days=60)
"""How long after the closing a teller keeps the post: time to open, to sign, to void."""


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
    _refuse_unless_draft(poll)
    if plan.key_mode is not poll.key_mode:
        _drop_key(poll)
    _write(poll, plan)
    return poll


def _refuse_unless_draft(poll: Poll) -> None:
    if poll.state is not State.DRAFT:
        raise Refused(f"现在是“{poll.state.label}”，题目、名单、规则都不能再改。要改，请作废后重新组织。")


def _drop_key(poll: Poll) -> None:
    if poll.key is not None and not _shared(poll):
        keys().destroy(*filter(None, (poll.key.first_file, poll.key.second_file)))
        poll.key.destroyed_at = poll.key.made_at
    poll.key = None


def _shared(poll: Poll) -> bool:
    others = sa.select(Poll.id).where(Poll.key_id == poll.key_id, Poll.id != poll.id)
    return db.session.scalar(others.limit(1)) is not None


# The roll and the tellers.


@use_case(Permission.RUN_POLL)
def set_voters(
    actor: Actor,
    poll: Poll,
    *,
    usernames: Sequence[str],
    branches: Sequence[int],
    recused: Sequence[tuple[str, int]] = (),
    version: int,
    key: str = "",
) -> Poll:
    """Put the roll of those who vote by own account in place of the earlier one.

    ``usernames``: compared as account names are; ``branches``: all people of these; ``recused``: (account name, place of the candidate).
    """
    _refuse_unless_draft(poll)
    people = _people(poll.organiser_id, usernames, branches)
    admins = _administrators(person.id for person in people)
    if admins:
        raise Refused(f"系统管理员、安全管理员、审计管理员不参加投票：请去掉{admins[0]}。", field="usernames")
    by_name = {person.username_key: person.id for person in people}
    codes: dict[int, list[str]] = {}
    for name, subject in recused:
        if name not in by_name:
            raise Refused(f"回避的人不在名单里：{name}。", field="recused")
        codes.setdefault(by_name[name], []).append(poll.question.subject_item(subject))
    db.session.execute(sa.delete(PollVoter).where(PollVoter.poll_id == poll.id))
    rows = [
        {"poll_id": poll.id, "person_id": person.id, "voted": False, "recused": codes.get(person.id, [])}
        for person in people
    ]
    if rows:
        db.session.execute(sa.insert(PollVoter), rows)
    tell(db.session(), voters=len(rows))
    return poll


def _people(organiser_id: int, usernames: Sequence[str], branches: Sequence[int]) -> list[Person]:
    asked = sa.select(Person).where(Person.organiser_id == organiser_id, Person.disabled_at.is_(None))
    chosen = sa.or_(Person.username_key.in_(usernames), Person.branch_id.in_(branches))
    found = list(db.session.scalars(asked.where(chosen).order_by(Person.id)))
    missing = set(usernames) - {person.username_key for person in found}
    if missing:
        raise Refused(f"没有这个账号：{min(missing)}。", field="usernames")
    return found


def _administrators(person_ids: Iterable[int]) -> list[str]:
    asked = sa.select(Person.name).join(RoleGrant, RoleGrant.person_id == Person.id)
    held = RoleGrant.role.in_(INSTALL_ROLES)
    return list(db.session.scalars(asked.where(held, Person.id.in_(list(person_ids))).order_by(Person.name).distinct()))


@use_case(Permission.RUN_POLL)
def name_tellers(
    actor: Actor, poll: Poll, *, watchers: Sequence[int], counters: Sequence[int], version: int, key: str = ""
) -> Poll:
    """Name two 监票人, and two 计票人 where there is paper. Other watchers than before make their keys anew."""
    _refuse_unless_draft(poll)
    if len(set(watchers)) != 2:
        raise Refused("请定两位监票人，不能是同一个人。", field="watcher_1")
    if poll.by_paper and len(set(counters)) != 2:
        raise Refused("有纸质票，请定两位计票人，不能是同一个人。", field="counter_1")
    if set(watchers) & set(counters):
        raise Refused("监票人不能兼计票人。", field="counter_1")
    chosen = {person_id: db.session.get_one(Person, person_id) for person_id in (*watchers, *counters)}
    _refuse_as_tellers(actor, poll, list(chosen.values()))
    before = {row.person_id for row in queries.tellers(poll)[Duty.WATCHER]}
    db.session.execute(sa.delete(PollTeller).where(PollTeller.poll_id == poll.id))
    until = day_of(poll.closes_at + TELLERS_FOR)
    for role, people in ((Duty.WATCHER, watchers), (Duty.COUNTER, counters)):
        for person_id in people:
            db.session.add(PollTeller(poll_id=poll.id, person_id=person_id, role=role))
            starts = min(day_of(actor.at), until)
            appoint(
                db.session(), chosen[person_id], Role(role.value), poll.organiser_id, starts_on=starts, ends_on=until
            )
    if before != set(watchers):
        _drop_key(poll)
        poll.key = _ceremony_of(poll, set(watchers))
    tell(db.session(), watchers=list(watchers), counters=list(counters))
    return poll


def _refuse_as_tellers(actor: Actor, poll: Poll, people: Sequence[Person]) -> None:
    for person in people:
        if person.organiser_id != poll.organiser_id:
            raise Refused("监票人、计票人从本主办党组织的人员中定。", field="watcher_1")
        if person.name in poll.subjects:
            raise Refused(f"{person.name}在候选名单里，不能监票、计票。", field="watcher_1")
        if person.id in (actor.person_id, poll.made_by):
            raise Refused("组织本次投票的经办人不监票、不计票。", field="watcher_1")
    admins = _administrators(person.id for person in people)
    if admins:
        raise Refused(f"系统管理员、安全管理员、审计管理员不监票、不计票：请换下{admins[0]}。", field="watcher_1")


def _ceremony_of(poll: Poll, watchers: set[int]) -> BallotKey | None:
    """The key of an earlier poll of the same owner with the same watchers: one ceremony serves them all."""
    if not poll.owner_kind or poll.key_mode is not KeyMode.TWO:
        return None
    same = sa.select(BallotKey).where(
        BallotKey.organiser_id == poll.organiser_id,
        BallotKey.owner_kind == poll.owner_kind,
        BallotKey.owner_id == poll.owner_id,
        BallotKey.mode == KeyMode.TWO,
        BallotKey.destroyed_at.is_(None),
        BallotKey.first_person.in_(watchers),
        BallotKey.second_person.in_(watchers),
    )
    return db.session.scalars(same.order_by(BallotKey.id.desc())).first()


# Slips.


@use_case(Permission.RUN_POLL)
def make_slips(actor: Actor, poll: Poll, *, number: int, version: int) -> list[str]:
    """New 测评码 in place of all earlier ones: given back once, to be printed; only digests are stored.

    Takes no idempotency key: what it returns is stored nowhere, so it could not be given back a second time.
    """
    if poll.state not in (State.DRAFT, State.OPEN) or not poll.by_slip:
        raise Refused("现在不能印测评码。")
    if not 1 <= number <= MOST_SLIPS:
        raise Refused(f"一次印 1 到 {MOST_SLIPS} 个测评码。", field="number")
    if queries.numbers(poll.id).slips_used:
        raise Refused("已经有人用测评码投票，不能换一批。要补印，请作废后重新组织。")
    codes: set[str] = set()
    while len(codes) < number:
        codes.add(sealing.new_code())
    db.session.execute(sa.delete(PollSlip).where(PollSlip.poll_id == poll.id))
    rows = [{"mac": slip_digest(code), "poll_id": poll.id, "used": False} for code in codes]
    db.session.execute(sa.insert(PollSlip), sorted(rows, key=lambda row: str(row["mac"])))
    tell(db.session(), slips=number)
    mixed = list(codes)
    secrets.SystemRandom().shuffle(mixed)
    return mixed


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


def candidates_for_telling(poll: Poll) -> list[Person]:
    """People of the organiser who may be named as tellers."""
    asked = sa.select(Person).where(
        Person.organiser_id == poll.organiser_id, Person.disabled_at.is_(None), Person.id != poll.made_by
    )
    return list(db.session.scalars(asked.order_by(Person.name, Person.id)))


def branches(organiser_id: int) -> list[PartyOrganisation]:
    """Branches whose people can be put on the roll together."""
    asked = sa.select(PartyOrganisation).where(
        PartyOrganisation.organiser_id == organiser_id, PartyOrganisation.branch_kind.is_not(None)
    )
    return list(db.session.scalars(asked.order_by(PartyOrganisation.position)))
