"""The verbs on one's own way of signing in: the password, the second step, the sessions."""

from __future__ import annotations

from ..shared.access import Actor, Permission
from ..shared.db import db
from ..shared.errors import Refused
from ..shared.use_case import tell, use_case
from . import factors, live_sessions, passwords, signing_in
from .live_sessions import sha256
from .models import Person, SignInSession
from .policy import policy
from .services import refuse_unconfirmed


@use_case(Permission.USE_SYSTEM)
def change_password(actor: Actor, person: Person, *, password_hash: str, token: str) -> tuple[str, str]:
    """Take the next password, already judged and hashed. Other sessions end; this one goes on: (token, csrf secret)."""
    passwords.set_password(db.session(), person, password_hash, at=actor.at)
    tell(
        db.session(),
        ended=live_sessions.end_sessions(db.session(), person.id, "password", at=actor.at, except_token=token),
    )
    return live_sessions.renew(_duty_done(actor, person, token))


@use_case(Permission.USE_SYSTEM)
def enrol(actor: Actor, person: Person, *, seed: bytes, step: int, token: str) -> tuple[list[str], str, str]:
    """Take up the second step, or a new app for it: (recovery codes, shown this once; token; csrf secret).

    Right after signing in, when nothing else can be done before it, the password has just been given.
    """
    row = db.session.get_one(SignInSession, sha256(token))
    if row.duty != "two_step":
        refuse_unconfirmed(actor)
    codes = factors.enrol(db.session(), person.id, seed, step, actor.at)
    live_sessions.end_sessions(db.session(), person.id, "two_step", at=actor.at, except_token=token)
    return (codes, *live_sessions.renew(_duty_done(actor, person, token)))


@use_case(Permission.USE_SYSTEM)
def new_recovery_codes(actor: Actor, person: Person, *, key: str = "") -> list[str]:
    """Recovery codes in the place of the earlier ones, shown this once."""
    refuse_unconfirmed(actor)
    if factors.factor_of(person.id) is None:
        raise Refused("还没有启用两步登录。")
    return factors.new_recovery_codes(db.session(), person.id)


@use_case(Permission.USE_SYSTEM)
def remove_factor(actor: Actor, person: Person, *, key: str = "") -> None:
    """Go back to the password alone, where the installation lets one."""
    if policy().two_step_required and signing_in.administers(person.id, actor.at):
        raise Refused("系统三类管理员必须使用两步登录，不能停用；换手机请重新登记。")
    refuse_unconfirmed(actor)
    factors.remove(db.session(), person.id)


@use_case(Permission.USE_SYSTEM)
def end_session(actor: Actor, person: Person, *, session_key: str) -> None:
    """End one of one's sessions."""
    refuse_unconfirmed(actor)
    if not live_sessions.end_one(db.session(), person.id, session_key, at=actor.at):
        raise Refused("这一处登录已经结束了。")


@use_case(Permission.USE_SYSTEM)
def end_other_sessions(actor: Actor, person: Person, *, token: str) -> int:
    """End all of one's sessions but this; how many."""
    refuse_unconfirmed(actor)
    ended = live_sessions.end_sessions(db.session(), person.id, "ended", at=actor.at, except_token=token)
    tell(db.session(), ended=ended)
    return ended


def _duty_done(actor: Actor, person: Person, token: str) -> SignInSession:
    db.session.flush()
    row = db.session.get_one(SignInSession, sha256(token), populate_existing=True)
    row.duty = signing_in.duty_of(person, actor.at)
    return row
