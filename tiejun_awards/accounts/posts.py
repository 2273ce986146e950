"""The verbs on people and their posts. Whose post it is to give which stands in ``rules.GIVES``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from ..organisation.models import PartyKind, PartyOrganisation, Unit
from ..organisers.models import Organiser
from ..rulebook import services as rulebook
from ..shared.access import BRANCH_ROLES, INSTALL_ROLES, UNIT_ROLES, Actor, Permission, Role
from ..shared.clock import day_of
from ..shared.db import db
from ..shared.errors import NotAllowed, Refused
from ..shared.use_case import tell, use_case
from . import handing_over, people, rules
from .models import Person, RoleGrant
from .services import refuse_unconfirmed

# Accounts.


@dataclass(frozen=True, slots=True)
class About:
    """Who an account is for, as typed."""

    username: str
    name: str
    mobile: str = ""
    unit_id: int | None = None
    branch_id: int | None = None


@use_case(Permission.MANAGE_PEOPLE)
def add_person(actor: Actor, organiser: Organiser, about: About, *, key: str = "") -> Person:
    """Make an account of an organiser. Nobody can sign in to it before its first slip is used."""
    _refuse_strange_place(organiser.id, about)
    person = people.new_person(
        db.session(),
        organiser_id=organiser.id,
        username=about.username,
        name=about.name,
        mobile=about.mobile,
        unit_id=about.unit_id,
        branch_id=about.branch_id,
        at=actor.at,
    )
    tell(db.session(), username=person.username, name=person.name)
    return person


@use_case(Permission.MANAGE_PEOPLE)
def change_person(actor: Actor, person: Person, about: About, *, version: int, key: str = "") -> Person:
    """Change who an account is for, and where he belongs."""
    _refuse_administrators(actor, person)
    if about.branch_id != person.branch_id or about.unit_id != person.unit_id:
        if person.id == actor.person_id:  # it would undo what is refused on one's own branch and unit
            raise Refused("自己的单位和党支部请由另一位经办人或系统管理员来改。", field="branch")
        _refuse_strange_place(person.organiser_id, about)
    before = (person.username, person.name, person.mobile, person.unit_id, person.branch_id)
    people.describe(
        db.session(),
        person,
        username=about.username,
        name=about.name,
        mobile=about.mobile,
        unit_id=about.unit_id,
        branch_id=about.branch_id,
    )
    after = (person.username, person.name, person.mobile, person.unit_id, person.branch_id)
    fields = ("username", "name", "mobile", "unit_id", "branch_id")
    tell(db.session(), changed=[name for name, old, new in zip(fields, before, after, strict=True) if old != new])
    _refuse_own_supervisor(person)
    person.version += 1
    return person


@use_case(Permission.MANAGE_PEOPLE)
def disable_person(actor: Actor, person: Person, *, reason: str, key: str = "") -> Person:
    """停用 an account: its sessions end at once, its slips are withdrawn; its posts stay on record."""
    refuse_unconfirmed(actor)
    if person.id == actor.person_id:
        raise Refused("不能停用自己的账号。")
    _refuse_administrators(actor, person, rules.CONFIRMED_POSTS)
    if person.disabled_at is not None:
        raise Refused("这个账号已经停用了。")
    if not 0 < len(reason.strip()) <= 200:
        raise Refused("请写明为什么停用，最多 200 字。", field="reason")
    for role in {post.role for post in people.posts_held(db.session(), [person.id])[person.id]} & INSTALL_ROLES:
        people.refuse_last_administrator(db.session(), role, without=person.id, after=day_of(actor.at))
    person.disabled_at = actor.at
    person.version += 1
    people.shut_out(db.session(), person.id, actor.at)
    tell(db.session(), username=person.username, reason=reason.strip())
    return person


@use_case(Permission.MANAGE_PEOPLE)
def enable_person(actor: Actor, person: Person, *, key: str = "") -> Person:
    """恢复 an account: its password still counts, its posts too where their terms still run."""
    refuse_unconfirmed(actor)
    _refuse_administrators(actor, person)
    if person.disabled_at is None:
        raise Refused("这个账号没有停用。")
    person.disabled_at = None
    person.version += 1
    tell(db.session(), username=person.username)
    return person


def _refuse_administrators(actor: Actor, person: Person, roles: frozenset[Role] = INSTALL_ROLES) -> None:
    """The accounts of the three administrators are changed by a system administrator only; those of the office, the second
    hand and the discipline are disabled by one only."""
    today = day_of(actor.at)
    posts = people.posts_held(db.session(), [person.id])[person.id]
    held = {post.role for post in posts if post.ends_on is None or post.ends_on >= today}
    kept = next((role for role in Role if role in held & roles), None)
    if kept is not None and not actor.holds(Role.SYSTEM_ADMIN):
        raise NotAllowed(f"{kept.label}的账号由系统管理员办理。")


def _refuse_strange_place(organiser_id: int, about: About) -> None:
    unit = db.session.get(Unit, about.unit_id) if about.unit_id else None
    if about.unit_id and (unit is None or unit.organiser_id != organiser_id):
        raise Refused("请选本单位名下的行政单位。", field="unit")
    branch = db.session.get(PartyOrganisation, about.branch_id) if about.branch_id else None
    if about.branch_id and (
        branch is None or branch.organiser_id != organiser_id or branch.kind is not PartyKind.BRANCH
    ):
        raise Refused("请选本单位名下的党支部。", field="branch")


def _refuse_own_supervisor(person: Person) -> None:
    held = sa.select(RoleGrant.id).where(
        RoleGrant.person_id == person.id,
        RoleGrant.role == Role.SUPERVISOR,
        RoleGrant.branch_id == person.branch_id,
        RoleGrant.revoked_at.is_(None),
        RoleGrant.ends_on.is_(None),
    )
    if person.branch_id is not None and db.session.scalar(held.limit(1)) is not None:
        raise Refused(f"{person.name}是这个支部的党建督导员，转入之前请先换一位督导员。", field="branch")


# Posts.


@dataclass(frozen=True, slots=True)
class Term:
    """A post as it is asked for."""

    role: Role
    starts_on: date
    ends_on: date | None = None
    branch_id: int | None = None
    unit_id: int | None = None
    acting: bool = False
    reason: str = ""
    elsewhere: bool = False  # said on purpose: a branch's own post for somebody of another branch


@use_case(Permission.GRANT_POST)
def grant_post(actor: Actor, person: Person, term: Term, *, key: str = "") -> RoleGrant:
    """任职: give somebody a post for a term. Nobody gives himself one."""
    _refuse_unless_his_to_give(actor, term.role)
    grant = _give(actor, person, term)
    _refuse_unsaid_elsewhere(person, term)  # last: what is wrong anyway is said first
    tell(db.session(), **_said(grant))
    return grant


@use_case(Permission.GRANT_POST)
def end_post(actor: Actor, grant: RoleGrant, *, last_day: date, version: int | None = None, key: str = "") -> RoleGrant:
    """免职: a post ends after its last day. The row stays: who held what when is never lost.

    One taken back before it was held goes back to whoever it was taken over from.
    """
    _refuse_unless_his_to_give(actor, grant.role)
    people.end_grant(db.session(), grant, last_day, actor.at)
    if grant.revoked_at is not None:
        handing_over.give_back(db.session(), grant)
    tell(db.session(), **_said(grant))
    return grant


@use_case(Permission.GRANT_POST)
def hand_over_post(
    actor: Actor,
    grant: RoleGrant,
    *,
    to: int,
    from_day: date,
    ends_on: date | None = None,
    elsewhere: bool = False,
    end_acting: bool = False,
    version: int | None = None,
    key: str = "",
) -> RoleGrant:
    """交接 (自然更替): one holder's post ends the day before another's begins; both or neither.

    ``end_acting``: whoever acts as secretary beyond that day stops with it.
    """
    _refuse_unless_his_to_give(actor, grant.role)
    successor = db.session.get(Person, to)
    if successor is None or successor.organiser_id != grant.person.organiser_id:
        raise Refused("请选接任的人。", field="to")
    if successor.id == grant.person_id:
        raise Refused("接任的人就是现任。", field="to")
    if grant.acting:
        raise Refused("代理到期就结束，不交接；请另外任职。")
    if from_day <= grant.starts_on:
        raise Refused("交接的日子应当在现任任职的第一天之后。", field="from_day")
    last_day = from_day - timedelta(days=1)
    after = Term(grant.role, from_day, ends_on, grant.branch_id, grant.unit_id, elsewhere=elsewhere)
    if grant.role in INSTALL_ROLES and from_day > day_of(actor.at):
        raise Refused("管理员的交接当天办，不预先登记。", field="from_day")
    before = handing_over.until(grant)
    # The successor first: the last administrator of a kind may go once another one holds the post.
    people.lock_people(db.session(), [grant.person_id, to])
    stopped = handing_over.stop_acting(db.session(), grant, last_day, actor.at, wanted=end_acting)
    if grant.role not in INSTALL_ROLES:
        people.end_grant(db.session(), grant, last_day, actor.at)
    successors = _give(actor, successor, after, organiser_id=grant.organiser_id)
    _refuse_unsaid_elsewhere(successor, after)
    if grant.role in INSTALL_ROLES:
        people.end_grant(db.session(), grant, last_day, actor.at)
    tell(db.session(), **_said(successors), ended=grant.id, before=grant.person_id, **before, **stopped)
    return successors


def links_warning(person_id: int, organiser_id: int, role: Role, today: date) -> str:
    """What is said when somebody is linked to more branches than usual, or nothing (rulebook: branch.linked_most)."""
    most = rulebook.number(organiser_id, "branch.linked_most")
    counted = sa.select(sa.func.count()).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == role,
        RoleGrant.revoked_at.is_(None),
        sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
    )
    number = db.session.scalar(counted) or 0
    if role not in rules.LINKS or number <= most:
        return ""
    return f"这位{role.label}现在联系 {number} 个支部，一般不超过 {most} 个。"


def _give(actor: Actor, person: Person, term: Term, *, organiser_id: int | None = None) -> RoleGrant:
    if person.id == actor.person_id:
        raise NotAllowed("不能给自己任职，请由另一位有权任免的人来办。")
    if person.disabled_at is not None:
        raise Refused(f"{person.name}的账号已停用，请先恢复账号。", field="person")
    return people.give_post(
        db.session(),
        person,
        term.role,
        organiser_id or _organiser_of(person, term),
        branch_id=term.branch_id,
        unit_id=term.unit_id,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        acting=term.acting,
        reason=term.reason,
    )


def _organiser_of(person: Person, term: Term) -> int:
    """The organiser whose post it is: the person's own, which the branch or the unit must belong to too."""
    branch = db.session.get(PartyOrganisation, term.branch_id) if term.role in BRANCH_ROLES and term.branch_id else None
    if term.branch_id is not None and term.role in BRANCH_ROLES:
        if branch is None or branch.kind is not PartyKind.BRANCH or branch.organiser_id != person.organiser_id:
            raise Refused("请选本单位名下的党支部。", field="branch")
        if branch.ended_on is not None and branch.ended_on < term.starts_on:
            raise Refused(f"{branch.name}已经撤销，不能在那里任职。", field="branch")
    unit = db.session.get(Unit, term.unit_id) if term.role in UNIT_ROLES and term.unit_id else None
    if (
        term.unit_id is not None
        and term.role in UNIT_ROLES
        and (unit is None or unit.organiser_id != person.organiser_id)
    ):
        raise Refused("请选本单位名下的行政单位。", field="unit")
    return person.organiser_id


def _refuse_unsaid_elsewhere(person: Person, term: Term) -> None:
    if term.role not in rules.OF_THE_BRANCH or not term.branch_id or person.branch_id == term.branch_id:
        return
    branch = None if term.elsewhere else db.session.get(PartyOrganisation, term.branch_id)
    if branch is not None:
        where = f"组织关系在{person.branch.name}" if person.branch else "没有登记在哪个党支部"
        raise Refused(
            f"{person.name}不在{branch.name}，{where}。{term.role.label}一般由本支部的党员担任；"
            "确实要这样任职的，请勾上这一项再办。",
            field="elsewhere",
        )


def _refuse_unless_his_to_give(actor: Actor, role: Role) -> None:
    if role not in rules.gives(grant.role for grant in actor.grants):
        giver = next((each for each, given in rules.GIVES.items() if role in given), None)
        by = f"由{giver.label}任免" if giver else "不在这里任免"
        raise NotAllowed(f"{role.label}{by}，您现在的身份不能办理。")
    if role in rules.CONFIRMED_POSTS:
        refuse_unconfirmed(actor)


def _said(grant: RoleGrant) -> dict[str, object]:
    said: dict[str, object] = {
        "person": grant.person_id,
        "role": grant.role.value,
        "branch": grant.branch_id,
        "unit": grant.unit_id,
        "starts_on": grant.starts_on.isoformat(),
        "ends_on": grant.ends_on and grant.ends_on.isoformat(),
    }
    if grant.acting:
        said |= {"acting": True, "reason": grant.reason}
    return {name: value for name, value in said.items() if value is not None}
