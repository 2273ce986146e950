"""Who takes part: the roll, the tellers, the slips. Helpers of the office's verbs on keys stand here too."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta

import sqlalchemy as sa

from ..accounts.models import Person, RoleGrant
from ..accounts.services import appoint
from ..organisation.models import PartyOrganisation
from ..shared.access import INSTALL_ROLES, Actor, Permission, Role
from ..shared.clock import day_of
from ..shared.db import db
from ..shared.errors import Refused
from ..shared.use_case import tell, use_case
from . import queries, sealing
from .casting import slip_digest
from .models import BallotKey, Poll, PollSlip, PollTeller, PollVoter
from .rules import Duty, State
from .sealing import KeyMode
from .tellers import keys

MOST_SLIPS = 3_000
TELLERS_FOR = timedelta(days=60)
"""How long after the closing a teller keeps the post: time to open, to sign, to void."""


def refuse_unless_draft(poll: Poll) -> None:
    """Raise Refused once voting has begun."""
    if poll.state is not State.DRAFT:
        raise Refused(f"现在是“{poll.state.label}”，题目、名单、规则都不能再改。要改，请作废后重新组织。")


def drop_key(poll: Poll) -> None:
    """Take the key from a poll, and destroy it unless another poll needs it."""
    if poll.key is not None and not _shared(poll):
        keys().destroy(*filter(None, (poll.key.first_file, poll.key.second_file)))
        poll.key.destroyed_at = poll.key.made_at
    poll.key = None


def _shared(poll: Poll) -> bool:
    others = sa.select(Poll.id).where(Poll.key_id == poll.key_id, Poll.id != poll.id)
    return db.session.scalar(others.limit(1)) is not None


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
    refuse_unless_draft(poll)
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
    refuse_unless_draft(poll)
    if len(set(watchers)) != 2:
        raise Refused("请定两位监票人，不能是同一个人。", field="watcher_1")
    if poll.by_paper and len(set(counters)) != 2:
        raise Refused("有纸质票，请定两位计票人，不能是同一个人。", field="counter_1")
    if set(watchers) & set(counters):
        raise Refused("监票人不能兼计票人。", field="counter_1")
    found = db.session.scalars(sa.select(Person).where(Person.id.in_([*watchers, *counters])))
    chosen = {person.id: person for person in found}
    if set(chosen) != {*watchers, *counters}:
        raise Refused("没有这个人，请刷新页面再选。", field="watcher_1")
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
        drop_key(poll)
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


def candidates_for_telling(poll: Poll) -> list[Person]:
    """People of the organiser who may be named as tellers."""
    asked = sa.select(Person).where(
        Person.organiser_id == poll.organiser_id,
        Person.disabled_at.is_(None),
        Person.id != poll.made_by,
        Person.id.not_in(sa.select(RoleGrant.person_id).where(RoleGrant.role.in_(INSTALL_ROLES))),
    )
    return list(db.session.scalars(asked.order_by(Person.name, Person.id)))


def branches(organiser_id: int) -> list[PartyOrganisation]:
    """Branches whose people can be put on the roll together."""
    asked = sa.select(PartyOrganisation).where(
        PartyOrganisation.organiser_id == organiser_id, PartyOrganisation.branch_kind.is_not(None)
    )
    return list(db.session.scalars(asked.order_by(PartyOrganisation.position)))
