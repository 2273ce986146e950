"""Getting in: by password and second step, by a slip. Before it there is nobody who could act, so these write by themselves.

Every wrong pair, unknown name, disabled or unused account gets the same sentence, after the same work.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..shared import audit
from ..shared.access import INSTALL_ROLES, Actor, Trace
from ..shared.clock import day_of
from ..shared.db import db, writing
from ..shared.errors import Refused
from ..shared.vault import keyed_digest
from . import factors, live_sessions, password_rules, passwords, rules, slips, throttle
from .live_sessions import Visitor
from .models import Person, RoleGrant, SlipKind
from .policy import policy

T = TypeVar("T")

WRONG = "账号或密码不对，请再试一次。"
WRONG_CODE = "验证码不对，或者已经用过，请等下一个再试。"
WRONG_SLIP = "账号和登录条对不上，或者登录条用过了、过期了。请核对后再试，不行就请主办单位重新打印。"


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody is in. ``duty``: what comes first; ``old``: his password is too old, and this is the grace."""

    person_id: int
    token: str
    csrf: str
    duty: str = ""
    old: bool = False
    panel_id: int | None = None


@dataclass(frozen=True, slots=True)
class HalfWay:
    """The password was right; the second step is still to come. Worth nothing without its code."""

    person_id: int
    mark: str  # ties it to the password it was given for


def find_person(name: str) -> Person | None:
    """The account of a user name or a mobile number, in use or not."""
    key, mobile = rules.username_key(name), rules.mobile_key(name)
    either = sa.or_(Person.username_key == key, Person.mobile == mobile) if mobile else Person.username_key == key
    found = db.session.scalars(sa.select(Person).where(either)).all()
    return min(found, key=lambda person: person.username_key != key, default=None)


def sign_in(name: str, password: str, *, visitor: Visitor) -> Entered | HalfWay:
    """Password first. Raises Refused, the same for every wrong pair, and TooMany."""
    key = rules.name_key(name)
    throttle.reserve(key, visitor.trace, visitor.at)
    person = find_person(name)
    if not passwords.is_right_of(person, password) or person is None:
        throttle.failed(visitor.trace, visitor.at, step="password", known=_acting(person, visitor))
        raise Refused(WRONG)
    return _go_on(person, key, visitor, lambda session: None)


def second_step(half: HalfWay, code: str, *, visitor: Visitor) -> Entered:
    """The code of the app, or a recovery code. Raises Refused beside ``code``, and TooMany."""
    person = db.session.get(Person, half.person_id)
    if person is None or person.disabled_at is not None or not hmac.compare_digest(half.mark, _mark(person)):
        raise Refused(WRONG)
    throttle.reserve(person.username_key, visitor.trace, visitor.at)
    if not _code_is_right(person.id, code, visitor.at):
        throttle.failed(visitor.trace, visitor.at, step="code", known=_acting(person, visitor))
        raise Refused(WRONG_CODE, field="code")
    with writing() as session:
        return _enter(session, person, person.username_key, visitor, by="code")


def use_slip(name: str, code: str, password: str, again: str, *, visitor: Visitor) -> Entered | HalfWay:
    """Set the first or the next password by a printed slip, and go on as after the password.

    A second step stays: the slip stands in for the password only. Raises Refused and TooMany.
    """
    key = rules.name_key(name)
    throttle.reserve(key, visitor.trace, visitor.at)
    person = find_person(name)
    slip = slips.find_slip(db.session(), code, visitor.at)
    right = person is not None and person.disabled_at is None and slip is not None and slip.person_id == person.id
    if person is None or not right or slip is None or slip.kind is SlipKind.PANEL:
        throttle.failed(visitor.trace, visitor.at, step="slip", known=_acting(person, visitor))
        raise Refused(WRONG_SLIP, field="code")
    try:
        passwords.refuse_weak(person, password, again)
    except Refused:
        with writing() as session:
            throttle.give_back(session, key, visitor.at)
        raise
    password_hash = passwords.hash_password(password)

    def set_it(session: Session) -> None:
        used = slips.find_slip(session, code, visitor.at, lock=True)
        if used is None or used.person_id != person.id:
            raise Refused(WRONG_SLIP, field="code")
        used.used_at = visitor.at
        passwords.set_password(session, person, password_hash, at=visitor.at)
        ended = live_sessions.end_sessions(session, person.id, "reset", at=visitor.at)
        acting = Actor(person.id, person.name, person.organiser_id, visitor.at, trace=visitor.trace)
        detail = {"kind": used.kind.value, "slip": used.id, "ended": ended}
        audit.record(session, acting, "accounts.use_slip", at=visitor.at, subject=person, detail=detail)

    return _go_on(person, key, visitor, set_it)


def use_panel_slip(code: str, *, visitor: Visitor) -> Entered:
    """Sign a judge in for one panel and the rest of the day. Raises Refused and TooMany."""
    key = f"panel slip {slips.code_hash(code)}"
    throttle.reserve(key, visitor.trace, visitor.at)
    slip = slips.find_slip(db.session(), code, visitor.at)
    if slip is None or slip.panel_id is None or slip.person.disabled_at is not None:
        throttle.failed(visitor.trace, visitor.at, step="panel slip", known=None)
        raise Refused("这张评分登录条不能用了：可能过了当天，也可能重新打印过。请找工作人员。", field="code")
    person, panel_id = slip.person, slip.panel_id
    with writing() as session:
        token, csrf = live_sessions.open_session(session, person.id, visitor, panel_id=panel_id)
        throttle.forget(session, [key])
        acting = Actor(person.id, person.name, person.organiser_id, visitor.at, trace=visitor.trace)
        audit.record(session, acting, "accounts.sign_in", at=visitor.at, detail={"by": "slip", "panel": panel_id})
    return Entered(person.id, token, csrf, panel_id=panel_id)


def duty_of(person: Person, at: datetime) -> str:
    """What somebody must do before anything else: change a password used past its grace, take up the second step."""
    if person.grace_used_at is not None and _is_old(person, at):
        return "password"
    if policy().two_step_required and factors.factor_of(person.id) is None and administers(person.id, at):
        return "two_step"
    return ""


def is_right_again(actor: Actor, person: Person, password: str, code: str | None) -> str:
    """The password once more, and the code where there is a second step (unless ``code`` is None): the field that is wrong.

    Counted like signing in. Raises TooMany.
    """
    throttle.reserve(person.username_key, actor.trace, actor.at)
    wrong = "" if passwords.is_right_of(person, password) else "password"
    if not wrong and code is not None and factors.factor_of(person.id) is not None:
        wrong = "" if _code_is_right(person.id, code, actor.at) else "code"
    if wrong:
        throttle.failed(actor.trace, actor.at, step=f"again: {wrong}", known=actor)
    else:
        with writing() as session:
            throttle.forget(session, [person.username_key])
    return wrong


def refuse_wrong_password(actor: Actor, person: Person, password: str) -> None:
    """Raise Refused beside ``password`` unless it is the present one of somebody signed in."""
    if is_right_again(actor, person, password, None):
        raise Refused("现在的密码不对，请再试一次。", field="password")


def _go_on(person: Person, key: str, visitor: Visitor, first: Callable[[Session], None]) -> Entered | HalfWay:
    """Do something, and let somebody in whose password is right; or half-way, where a second step follows."""
    with writing() as session:
        first(session)
        if factors.factor_of(person.id) is None:
            return _enter(session, person, key, visitor, by="")
        throttle.give_back(session, key, visitor.at)
        session.flush()
        return HalfWay(person.id, _mark(person))


def _enter(session: Session, person: Person, key: str, visitor: Visitor, *, by: str) -> Entered:
    old = _is_old(person, visitor.at)
    duty = duty_of(person, visitor.at)
    if old and person.grace_used_at is None:
        person.grace_used_at = visitor.at
    token, csrf = live_sessions.open_session(session, person.id, visitor, duty=duty)
    throttle.forget(session, {key, person.username_key, person.mobile or ""})
    acting = Actor(person.id, person.name, person.organiser_id, visitor.at, trace=visitor.trace)
    audit.record(session, acting, "accounts.sign_in", at=visitor.at, detail={"by": by} if by else {})
    return Entered(person.id, token, csrf, duty, old)


def _code_is_right(person_id: int, code: str, at: datetime) -> bool:
    with writing() as session:
        factor = factors.factor_of(person_id)
        return factor is not None and factors.use_code(session, factor, code, at)


def _is_old(person: Person, at: datetime) -> bool:
    now = policy()
    return password_rules.is_too_old(person.password_set_at, days=now.password_days, profile=now.profile, now=at)


def administers(person_id: int, at: datetime) -> bool:
    """Whether somebody is one of the three administrators on that day."""
    today = day_of(at)
    held = sa.select(RoleGrant.id).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role.in_(INSTALL_ROLES),
        RoleGrant.starts_on <= today,
        sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
    )
    return db.session.scalar(held.limit(1)) is not None


def _mark(person: Person) -> str:
    return keyed_digest("half way", f"{person.id} {person.password_hash}")


def _acting(person: Person | None, visitor: Visitor) -> Actor | None:
    trace: Trace = visitor.trace
    return Actor(person.id, person.name, person.organiser_id, visitor.at, trace=trace) if person else None
