"""The verbs on other people's way of signing in: slips printed for them, sessions ended, a lost second step let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from ..organisers.models import Organiser
from ..shared import audit
from ..shared.access import INSTALL_ROLES, Actor, Permission, Role, can, reach
from ..shared.clock import day_of
from ..shared.db import db, within, writing
from ..shared.errors import Missing, NotAllowed, Refused
from ..shared.listing import Listing
from ..shared.use_case import tell, use_case
from . import factors, live_sessions, slips
from .models import Person, RoleGrant, SecondFactor, SlipKind
from .rules import username_key
from .services import refuse_unconfirmed

MOST_SLIPS = 200
"""Slips printed at once."""

ASKED_LASTS = timedelta(hours=72)
"""How long asking for a reset of the second step waits for the second administrator."""

BY_THE_ADMINISTRATOR = INSTALL_ROLES | {Role.DISCIPLINE, Role.SECOND, Role.POLL_WATCHER, Role.VOTE_COUNTER}
"""Whoever checks on the office gets his slips from 系统管理员: the office cannot open the accounts that stand over against it."""

STATES = {
    "none": Person.password_hash == "",
    "set": Person.password_hash != "",
    "two_step": sa.exists().where(SecondFactor.person_id == Person.id),
    "asked": sa.exists().where(SecondFactor.person_id == Person.id, SecondFactor.asked_at.is_not(None)),
}
STATE_NAMES = [
    ("none", "还没有设密码"),
    ("set", "设了密码"),
    ("two_step", "用两步登录"),
    ("asked", "在申请解除两步登录"),
]


def visible_to(actor: Actor) -> sa.Select[tuple[Person]]:
    """The accounts whose sign-in somebody looks after; disabled ones are not signed in to."""
    got = reach(actor, Permission.READ_SIGN_INS)
    return sa.select(Person).where(within(got, organiser=Person.organiser_id), Person.disabled_at.is_(None))


def accounts(actor: Actor, listing: Listing) -> tuple[Listing, Sequence[tuple[Person, bool]]]:
    """A page of accounts, each with whether it uses the second step."""
    found = _found(actor, listing)
    listing = listing.counted(db.session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0)
    rows = db.session.execute(_sorted(found, listing).limit(listing.per_page).offset(listing.offset))
    return listing, [(person, uses) for person, uses in rows]


def every_account(actor: Actor, listing: Listing) -> list[tuple[Person, bool]]:
    """All of them, under the same filters."""
    return [(person, uses) for person, uses in db.session.execute(_sorted(_found(actor, listing), listing))]


def _found(actor: Actor, listing: Listing) -> sa.Select[tuple[Person]]:
    found = visible_to(actor)
    words, state = listing.filters["q"], listing.filters["state"]
    if words:
        like = f"%{words}%"
        found = found.where(sa.or_(Person.name.like(like), Person.username_key.like(like.casefold())))
    return found.where(STATES[state]) if state in STATES else found


def _sorted(found: sa.Select[tuple[Person]], listing: Listing) -> sa.Select[tuple[Person, bool]]:
    column: Any = {"name": Person.name, "username": Person.username_key}[listing.sort]
    return (
        found.add_columns(SecondFactor.person_id.is_not(None))
        .outerjoin(SecondFactor, SecondFactor.person_id == Person.id)
        .options(joinedload(Person.organiser), joinedload(Person.unit), joinedload(Person.branch))
        .order_by(column.desc() if listing.descending else column, Person.id)
    )


def get_visible(actor: Actor, person_id: int) -> Person:
    """One account whose sign-in the actor looks after. Raises Missing."""
    found = db.session.scalar(
        visible_to(actor).where(Person.id == person_id).options(joinedload(Person.unit), joinedload(Person.branch))
    )
    if found is None:
        raise Missing
    return found


def chosen(actor: Actor, ids: Sequence[int]) -> Sequence[Person]:
    """The accounts of these numbers, by name. Raises Missing when one is not among those he looks after."""
    found = db.session.scalars(visible_to(actor).where(Person.id.in_(ids)).order_by(Person.username_key)).all()
    if len(found) != len(set(ids)):
        raise Missing
    return found


@use_case(Permission.ISSUE_SLIP)
def issue_slips(actor: Actor, organiser: Organiser, people: Sequence[Person]) -> list[tuple[Person, SlipKind, str]]:
    """A slip for each: (account, what it is for, code), to be printed this once. Raises Refused naming who gets none here."""
    refuse_unconfirmed(actor)
    if not people:
        raise Refused("请先勾选要打印登录条的账号。", field="people")
    if len(people) > MOST_SLIPS:
        raise Refused(f"一次最多打印 {MOST_SLIPS} 张，请分几次。", field="people")
    if not all(can(actor, Permission.ISSUE_SLIP, person) for person in people):
        raise NotAllowed("有的账号不归您打印登录条。")
    kept = kept_from(actor, people).values()
    if kept:
        raise Refused(
            f"{'、'.join(kept)}负责监督、复核或管理，登录条由系统管理员打印，请去掉后再打印。", field="people"
        )
    made = []
    for person in people:
        kind = SlipKind.RESET if person.password_hash else SlipKind.FIRST_USE
        made.append((person, kind, slips.issue_slip(db.session(), person, kind, by=actor.person_id, at=actor.at)))
        audit.record(
            db.session(),
            actor,
            "accounts.issue_slip",
            at=actor.at,
            subject=person,
            organiser_id=person.organiser_id,
            detail={"kind": kind.value},
        )
    tell(db.session(), count=len(made))
    return made


@use_case(Permission.END_SESSIONS)
def end_sessions_of(actor: Actor, person: Person, *, key: str = "") -> int:
    """End everything somebody is signed in by; how many."""
    refuse_unconfirmed(actor)
    ended = live_sessions.end_sessions(db.session(), person.id, "administrator", at=actor.at)
    tell(db.session(), ended=ended)
    return ended


@use_case(Permission.ASK_FACTOR_RESET)
def ask_factor_reset(actor: Actor, person: Person, *, key: str = "") -> None:
    """系统管理员 asks that a lost second step be let go; 安全管理员 does it. Neither can alone."""
    refuse_unconfirmed(actor)
    factor = _factor(person)
    factor.asked_at, factor.asked_by = actor.at, actor.person_id


@use_case(Permission.RESET_FACTOR)
def reset_factor(actor: Actor, person: Person, *, key: str = "") -> int:
    """安全管理员 lets go what was asked for, and ends every session; how many. The password stays."""
    refuse_unconfirmed(actor)
    factor = _factor(person)
    if not is_asked(factor, actor.at):
        raise Refused("没有等着核准的申请，或者申请过期了；请系统管理员核实本人身份后重新申请。")
    if actor.person_id in (factor.asked_by, person.id):
        raise Refused("申请和核准要由不同的人来做，也不能核准自己的。")
    asked_by = factor.asked_by
    factors.remove(db.session(), person.id)
    ended = live_sessions.end_sessions(db.session(), person.id, "two_step", at=actor.at)
    tell(db.session(), asked_by=asked_by, ended=ended)
    return ended


# From the console of the server, for whom no page helps: the last administrator, who lost his phone.


def slip_by_console(username: str, at: datetime) -> str:
    """A slip for an account; its code. Raises Refused."""
    with writing() as session:
        person = _named(session, username)
        kind = SlipKind.RESET if person.password_hash else SlipKind.FIRST_USE
        code = slips.issue_slip(session, person, kind, by=None, at=at)
        audit.record(session, None, "accounts.slip_by_console", at=at, subject=person, detail={"kind": kind.value})
        return code


def drop_factor_by_console(username: str, at: datetime) -> None:
    """Let the second step of an account go, and end its sessions. Raises Refused."""
    with writing() as session:
        person = _named(session, username)
        factors.remove(session, person.id)
        live_sessions.end_sessions(session, person.id, "two_step", at=at)
        audit.record(session, None, "accounts.drop_factor_by_console", at=at, subject=person)


def _named(session: Session, username: str) -> Person:
    person = session.scalar(
        sa.select(Person).where(Person.username_key == username_key(username), Person.disabled_at.is_(None))
    )
    if person is None:
        raise Refused(f"没有可以登录的账号“{username}”。")
    return person


def is_asked(factor: SecondFactor | None, at: datetime) -> bool:
    """Whether a reset waits for the second administrator."""
    return factor is not None and factor.asked_at is not None and at - factor.asked_at < ASKED_LASTS


def _factor(person: Person) -> SecondFactor:
    factor = factors.factor_of(person.id)
    if factor is None:
        raise Refused("这个账号没有启用两步登录。")
    return factor


def kept_from(actor: Actor, people: Sequence[Person]) -> dict[int, str]:
    """Number -> name of those whose slips only 系统管理员 prints, when the actor is none."""
    if actor.holds(Role.SYSTEM_ADMIN):
        return {}
    today = day_of(actor.at)
    return dict(
        db.session.execute(
            sa.select(Person.id, Person.name)
            .where(
                Person.id.in_([person.id for person in people]),
                sa.exists().where(
                    RoleGrant.person_id == Person.id,
                    RoleGrant.role.in_(BY_THE_ADMINISTRATOR),
                    sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
                ),
            )
            .order_by(Person.username_key)
        )
        .tuples()
        .all()
    )
