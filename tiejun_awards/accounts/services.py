"""Who acts, by which session and under which grants; the verbs on this browser's session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ..organisation.models import PartyOrganisation, Unit
from ..organisers.models import Organiser
from ..shared.access import Actor, Grant, Permission, Role, Trace
from ..shared.clock import day_of
from ..shared.db import db, note, writing
from ..shared.errors import Refused, Unconfirmed
from ..shared.use_case import tell, use_case
from . import live_sessions, rules, signing_in, throttle
from .live_sessions import Visitor, sha256
from .models import CarriedForm, Person, RoleGrant, SignInSession, unread_of
from .passwords import hash_password as hash_password
from .passwords import password_is as password_is


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a session row tells about its browser and its person. ``state`` as in ``rules.session_state``."""

    state: str
    csrf: str
    actor: Actor
    hat: str
    organiser_name: str
    filing_number: str
    contact: str
    duty: str = ""
    unread: int = 0  # messages


def find_session(token: str, *, at: datetime, trace: Trace) -> SignedIn | None:
    """The session a cookie's token belongs to, live or expired; None for unknown and ended ones."""
    rows = db.session.execute(_SESSION, {"token_hash": sha256(token), "today": day_of(at)}).all()
    if not rows or rows[0].disabled_at is not None:
        return None
    row = rows[0]
    state = rules.session_state(
        made_at=row.made_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
        now=at,
        day_over=row.panel_id is not None and day_of(at) != day_of(row.made_at),
    )
    if state == "ended":
        return None
    if state == "live" and at - row.seen_at >= rules.SEEN_EVERY:
        note(lambda session: _mark_seen(session, row.token_hash, at))
    actor = Actor(
        row.person_id,
        row.name,
        row.organiser_id,
        at,
        _narrowed(_as_grants(rows, row.organiser_id, row.unit_id, at), row.panel_id) if state == "live" else (),
        row.branch_id,
        row.unit_id,
        row.large_text,
        trace,
        row.reauth_at,
        row.panel_id,
    )
    hat = row.branch_name or row.unit_name or row.organiser_name
    return SignedIn(
        state, row.csrf, actor, hat, row.organiser_name, row.filing_number, row.contact, row.duty, row.unread
    )


# On every request: one statement, and on the tables themselves, since the mapped classes would cost twice as much.
_S, _P, _G = SignInSession.__table__.c, Person.__table__.c, RoleGrant.__table__.c
_O, _B, _U = Organiser.__table__.c, PartyOrganisation.__table__.c, Unit.__table__.c
_HELD = sa.and_(
    _G.person_id == _P.id,
    _G.starts_on <= sa.bindparam("today"),
    sa.or_(_G.ends_on.is_(None), _G.ends_on >= sa.bindparam("today")),
)
_GRANT = (_G.role, _G.organiser_id.label("at_organiser"), _G.branch_id.label("at_branch"), _G.unit_id.label("at_unit"))
_SESSION = (
    sa.select(
        *(_S.token_hash, _S.csrf, _S.made_at, _S.seen_at, _S.ended_at, _S.reauth_at, _S.person_id),
        *(_S.duty, _S.panel_id),
        *(_P.name, _P.organiser_id, _P.unit_id, _P.branch_id, _P.large_text, _P.disabled_at, unread_of(_P.id)),
        *(_O.name.label("organiser_name"), _O.filing_number, _O.contact),
        *(_B.name.label("branch_name"), _U.name.label("unit_name")),
        *_GRANT,
    )
    .select_from(SignInSession.__table__)
    .join(Person.__table__, _P.id == _S.person_id)
    .join(Organiser.__table__, _O.id == _P.organiser_id)
    .outerjoin(PartyOrganisation.__table__, _B.id == _P.branch_id)
    .outerjoin(Unit.__table__, _U.id == _P.unit_id)
    .outerjoin(RoleGrant.__table__, _HELD)
    .where(_S.token_hash == sa.bindparam("token_hash"))
    .order_by(_G.id)
)
_GRANTS = (
    sa.select(*_GRANT).select_from(Person.__table__.join(RoleGrant.__table__, _HELD)).where(_P.id == sa.bindparam("id"))
).order_by(_G.id)


def _mark_seen(session: sa.orm.Session, token_hash: str, at: datetime) -> None:
    session.execute(sa.update(SignInSession).where(SignInSession.token_hash == token_hash).values(seen_at=at))


def grants_of(person_id: int, organiser_id: int, at: datetime, unit_id: int | None) -> tuple[Grant, ...]:
    """The posts a person holds on that day; everybody is staff of the own organiser."""
    rows = db.session.execute(_GRANTS, {"id": person_id, "today": day_of(at)}).all()
    return _as_grants(rows, organiser_id, unit_id, at)


def _as_grants(rows: Sequence[Any], organiser_id: int, unit_id: int | None, at: datetime) -> tuple[Grant, ...]:
    grants = [Grant(Role.STAFF, organiser_id, unit_id=unit_id)]
    for row in rows:
        if row.role is None:
            continue
        branches = frozenset() if row.at_branch is None else frozenset({row.at_branch})
        if row.role is Role.SECOND:
            branches = _officers_branches(row.at_organiser, at)
        grants.append(Grant(row.role, row.at_organiser, branches, row.at_unit))
    return tuple(grants)


def _narrowed(grants: tuple[Grant, ...], panel_id: int | None) -> tuple[Grant, ...]:
    """By a judge's slip one is a judge and nothing else."""
    return grants if panel_id is None else tuple(grant for grant in grants if grant.role is Role.JUDGE)


def _officers_branches(organiser_id: int, at: datetime) -> frozenset[int]:
    """The branches to which the organiser's officers belong: there the second hand takes their verbs."""
    today = day_of(at)
    return frozenset(
        db.session.scalars(
            sa.select(Person.branch_id)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(
                RoleGrant.role == Role.OFFICE,
                RoleGrant.organiser_id == organiser_id,
                RoleGrant.starts_on <= today,
                sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
                Person.branch_id.is_not(None),
            )
        )
    )


def actor_of(person_id: int, at: datetime) -> Actor:
    """A person as an actor outside a request: for jobs and commands."""
    person = db.session.get_one(Person, person_id)
    grants = grants_of(person.id, person.organiser_id, at, person.unit_id)
    return Actor(
        person.id, person.name, person.organiser_id, at, grants, person.branch_id, person.unit_id, person.large_text
    )


def me(actor: Actor) -> Person:
    """The actor's own account."""
    return db.session.get_one(Person, actor.person_id)


@use_case(Permission.END_OWN_SESSION)
def sign_out(actor: Actor, person: Person, *, token: str) -> None:
    """End the session of this browser: its cookie is worth nothing from now on."""
    db.session.execute(
        sa.update(SignInSession)
        .where(SignInSession.token_hash == sha256(token), SignInSession.ended_at.is_(None))
        .values(ended_at=actor.at, end_reason="signed_out")
    )


def refuse_unconfirmed(actor: Actor) -> None:
    """Raise Unconfirmed unless the actor gave his password again within ten minutes. First thing in verbs that ask for it."""
    if not rules.is_fresh(actor.reauth_at, actor.at):
        raise Unconfirmed("这一步要先再输一次密码，请确认身份后再做。", field="reauth")


def confirm(actor: Actor, password: str, code: str, *, visitor: Visitor) -> tuple[str, str]:
    """Ask for the password again, and for the code where there is a second step.

    Right, the session goes on under a new token: (token, csrf secret). Raises Refused beside the wrong field; five wrong
    ones in a row end the session.
    """
    wrong = signing_in.is_right_again(actor, me(actor), password, code)
    opened = note_confirmation(actor, me(actor), visitor=visitor, right=not wrong)
    if wrong == "code":
        raise Refused(signing_in.WRONG_CODE, field="code")
    if opened is None:
        raise Refused("密码不对，请再试一次。连错五次会退出登录。", field="password")
    return opened


@use_case(Permission.USE_SYSTEM)
def note_confirmation(actor: Actor, person: Person, *, visitor: Visitor, right: bool) -> tuple[str, str] | None:
    """Write down how it went; the new token and csrf secret when it was right."""
    row = db.session.get_one(SignInSession, sha256(visitor.token), with_for_update=True, populate_existing=True)
    tell(db.session(), right=right)
    if not right:
        row.reauth_failures += 1
        if row.reauth_failures >= rules.MOST_REAUTH_FAILURES:
            row.ended_at, row.end_reason = actor.at, "reauth_failures"
        return None
    row.reauth_at, row.reauth_failures = actor.at, 0
    return live_sessions.renew(row)


def appoint(
    session: sa.orm.Session, person: Person, role: Role, organiser_id: int, *, starts_on: date, ends_on: date
) -> None:
    """Give somebody a post of an organiser for a term, unless a term he holds it for covers that one. A helper of verbs."""
    held = sa.select(RoleGrant.id).where(
        RoleGrant.person_id == person.id,
        RoleGrant.role == role,
        RoleGrant.organiser_id == organiser_id,
        RoleGrant.starts_on <= starts_on,
        sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= ends_on),
    )
    if session.scalar(held.limit(1)) is not None:
        return
    same = session.scalar(
        sa.select(RoleGrant).where(
            RoleGrant.person_id == person.id,
            RoleGrant.role == role,
            RoleGrant.organiser_id == organiser_id,
            RoleGrant.starts_on == starts_on,
        )
    )
    if same is not None:
        same.ends_on = ends_on
    else:
        session.add(
            RoleGrant(person_id=person.id, role=role, organiser_id=organiser_id, starts_on=starts_on, ends_on=ends_on)
        )


@use_case(Permission.END_OWN_SESSION)
def set_large_text(actor: Actor, person: Person, *, on: bool) -> None:
    """Keep 大字版 for this person."""
    person.large_text = on
    tell(db.session(), on=on)


def forget_old(now: datetime) -> None:
    """Delete carried forms past their day, and sessions a week after they can be used no more."""
    with writing() as session:
        session.execute(sa.delete(CarriedForm).where(CarriedForm.made_at < now - rules.CARRIED_FOR))
        session.execute(sa.delete(SignInSession).where(SignInSession.made_at < now - 20 * rules.ABSOLUTE))
        throttle.forget_old(session, now)
