"""People and the posts they hold: helpers of the verbs that make accounts, give posts and end them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..organisation.models import PartyOrganisation
from ..organisation.rules import Post as Held
from ..shared.access import INSTALL_ROLES, Role
from ..shared.clock import day_of
from ..shared.db import db
from ..shared.errors import Refused
from . import rules
from .live_sessions import end_sessions
from .models import Person, RoleGrant, SignInSlip

# Accounts.


def new_person(
    session: Session,
    *,
    organiser_id: int,
    username: str,
    name: str,
    mobile: str = "",
    unit_id: int | None = None,
    branch_id: int | None = None,
    at: datetime,
) -> Person:
    """An account nobody can sign in to before its first slip is used. A helper of verbs.

    Raises Refused beside ``username`` or ``mobile`` where another account has it already or it cannot be read.
    """
    person = Person(organiser_id=organiser_id, password_hash="", made_at=at)
    describe(session, person, username=username, name=name, mobile=mobile, unit_id=unit_id, branch_id=branch_id)
    session.add(person)
    session.flush()
    return person


def describe(
    session: Session,
    person: Person,
    *,
    username: str,
    name: str,
    mobile: str,
    unit_id: int | None,
    branch_id: int | None,
) -> None:
    """Write down who an account is for. Raises Refused beside the field that another account has, or that is wrong."""
    username, key, name = username.strip(), rules.username_key(username), name.strip()
    if not 0 < len(key) <= 40 or len(username) > 40:
        raise Refused("请写账号，最多 40 字。", field="username")
    fault = rules.username_fault(username) if key != person.username_key else ""
    if fault:
        raise Refused(fault, field="username")
    if not 0 < len(name) <= 60:
        raise Refused("请写姓名，最多 60 字。", field="name")
    number = rules.mobile_key(mobile) or None
    if mobile.strip() and number is None:
        raise Refused("手机号应当是 1 开头的 11 位数字。", field="mobile")
    with session.no_autoflush:
        others = sa.select(Person.id).where(Person.id != (person.id or 0))
        if session.scalar(others.where(Person.username_key == key)) is not None:
            raise Refused(f"账号“{username}”已经有了，请换一个。", field="username")
        # Either may be typed to sign in: a name that is somebody's number would be two accounts.
        taken = rules.mobile_key(username)
        if taken and session.scalar(others.where(Person.mobile == taken)) is not None:
            raise Refused(f"账号“{username}”是另一个人的手机号，请换一个。", field="username")
        if number and session.scalar(others.where(sa.or_(Person.mobile == number, Person.username_key == number))):
            raise Refused("这个手机号已经是另一个账号的了。", field="mobile")
    person.username, person.username_key, person.name, person.mobile = username, key, name, number
    person.unit_id, person.branch_id = unit_id, branch_id


def shut_out(session: Session, person_id: int, at: datetime) -> None:
    """End somebody's sessions and withdraw his slips: the next request is nobody's."""
    end_sessions(session, person_id, "disabled", at=at)
    session.execute(
        sa.update(SignInSlip)
        .where(SignInSlip.person_id == person_id, SignInSlip.used_at.is_(None), SignInSlip.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
    )


# Posts.


def give_post(
    session: Session,
    person: Person,
    role: Role,
    organiser_id: int,
    *,
    branch_id: int | None = None,
    unit_id: int | None = None,
    starts_on: date,
    ends_on: date | None = None,
    acting: bool = False,
    reason: str = "",
) -> RoleGrant:
    """Grant a post. A helper of verbs. Raises Refused for one that excludes one the person holds, or that another holds.

    The person's row is locked: of two who give posts that exclude each other, the second sees what the first gave.
    """
    wanted = rules.Post(role, organiser_id, starts_on, ends_on, branch_id, unit_id, acting, reason.strip())
    lock_people(session, [person.id])
    wrong = rules.why_not_given(person.name, person.branch_id, posts_held(session, [person.id])[person.id], wanted)
    if wrong:
        raise Refused(wrong[1], field=wrong[0])
    refuse_second_secretary(session, wanted)
    grant = RoleGrant(
        person_id=person.id,
        role=role,
        organiser_id=organiser_id,
        branch_id=branch_id,
        unit_id=unit_id,
        starts_on=starts_on,
        ends_on=ends_on,
        acting=acting,
        reason=wanted.reason[:200],
    )
    session.add(grant)
    session.flush()
    return grant


def as_post(grant: RoleGrant) -> rules.Post:
    """A grant as the rules see it."""
    return rules.Post(
        grant.role,
        grant.organiser_id,
        grant.starts_on,
        grant.ends_on,
        grant.branch_id,
        grant.unit_id,
        grant.acting,
        grant.reason,
    )


def posts_held(session: Session, person_ids: Iterable[int]) -> dict[int, list[rules.Post]]:
    """All the posts each of these people holds, held or will hold; those taken back before they began are none."""
    wanted = list(person_ids)
    held: dict[int, list[rules.Post]] = {person_id: [] for person_id in wanted}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        rows = sa.select(RoleGrant).where(RoleGrant.person_id.in_(part), RoleGrant.revoked_at.is_(None))
        for grant in session.scalars(rows):
            held[grant.person_id].append(as_post(grant))
    return held


def lock_people(session: Session, person_ids: Iterable[int]) -> None:
    """Take these people's rows, in the order of their numbers, until the verb ends."""
    wanted = sorted(set(person_ids))
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        session.execute(sa.select(Person.id).where(Person.id.in_(part)).order_by(Person.id).with_for_update()).all()


def secretary_between(session: Session, wanted: rules.Post) -> str:
    """Who is secretary of the branch on some day of a term, by name; "" for nobody. Acting ones do not count."""
    return (
        session.scalar(
            sa.select(Person.name)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(
                RoleGrant.branch_id == wanted.branch_id,
                RoleGrant.role == Role.SECRETARY,
                RoleGrant.acting.is_(False),
                RoleGrant.revoked_at.is_(None),
                sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= wanted.starts_on),
                RoleGrant.starts_on <= (wanted.ends_on or date.max),
            )
            .limit(1)
        )
        or ""
    )


def refuse_second_secretary(session: Session, wanted: rules.Post) -> None:
    """Raise Refused where the branch has a secretary on some day of a wanted term; the branch stays locked."""
    if wanted.role is not Role.SECRETARY or wanted.acting:
        return
    session.execute(
        sa.select(PartyOrganisation.id).where(PartyOrganisation.id == wanted.branch_id).with_for_update()
    ).all()
    name = secretary_between(session, wanted)
    if name:
        raise Refused(f"这个支部在这段时间里的书记是{name}；请用“交接”，或者先结束原来的任职。", field="starts_on")


def end_grant(session: Session, grant: RoleGrant, last_day: date, at: datetime) -> None:
    """End a post after its last day; one whose last day lies before its first was never held. A helper of verbs.

    Raises Refused when it has ended already, and for the last administrator of his kind.
    """
    today = day_of(at)
    if grant.revoked_at is not None or (grant.ends_on is not None and grant.ends_on < today):
        raise Refused("这项任职已经结束了。")
    if grant.ends_on is not None and last_day > grant.ends_on:
        raise Refused("这一天在原定任期之后；要延长任期，请另外任职。", field="last_day")
    if last_day < grant.starts_on < today:
        raise Refused("最后一天早于任职的第一天，请核对。", field="last_day")
    refuse_last_administrator(session, grant.role, without=grant.person_id, after=last_day)
    if last_day < grant.starts_on:
        grant.revoked_at = at
        last_day = grant.starts_on - timedelta(days=1)
    grant.ends_on = last_day
    session.flush()


def refuse_last_administrator(session: Session, role: Role, *, without: int, after: date) -> None:
    """Raise Refused when nobody else with an account in use holds an administrator's post without an end after a day.

    All grants of the role are locked: two verbs at once cannot each count on the other's.
    """
    if role not in INSTALL_ROLES:
        return
    session.execute(
        sa.select(RoleGrant.id).where(RoleGrant.role == role).order_by(RoleGrant.id).with_for_update()
    ).all()
    other = (
        sa.select(RoleGrant.id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.role == role,
            RoleGrant.person_id != without,
            RoleGrant.starts_on <= after + timedelta(days=1),
            RoleGrant.ends_on.is_(None),
            Person.disabled_at.is_(None),
        )
    )
    if session.scalar(other.limit(1)) is None:
        raise Refused(f"这是最后一位{role.label}。请先让另一个人担任（不写截止日期），再结束这一位的。")


def posts_of(branch_id: int, at: datetime) -> list[Held]:
    """The posts of a branch and who holds them on that day: 书记（代理的注明）, 联络员, 指导员, 督导员."""
    today = day_of(at)
    rows = db.session.execute(
        sa.select(RoleGrant.role, RoleGrant.acting, Person.name)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.branch_id == branch_id,
            RoleGrant.starts_on <= today,
            sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
        )
    ).all()
    order = list(Role)
    rows = sorted(rows, key=lambda row: (order.index(row.role), row.acting, row.name))
    return [Held(rules.post_title(row.role, acting=row.acting), row.name) for row in rows]


def hangs_on(table: str, row_id: int, today: date) -> list[str]:
    """The people and posts of a unit or a branch: what organisation says when it is to end."""
    of_unit = table == "unit"
    here = Person.unit_id == row_id if of_unit else Person.branch_id == row_id
    there = RoleGrant.unit_id == row_id if of_unit else RoleGrant.branch_id == row_id
    people = sa.select(sa.func.count()).where(here, Person.disabled_at.is_(None))
    posts = sa.select(sa.func.count()).where(there, sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > today))
    counted = ((db.session.scalar(people) or 0, "个在用的账号"), (db.session.scalar(posts) or 0, "项没有结束的任职"))
    return [f"{number} {words}" for number, words in counted if number]


def names_of(ids: Collection[int]) -> dict[int, str]:
    """What people are called, whoever asks: for lines about them."""
    return dict(db.session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(sorted(ids)))).tuples().all())


class Holder(NamedTuple):
    """Somebody who holds a post today, and where."""

    person_id: int
    name: str
    role: Role
    organiser_id: int
    branch_id: int | None
    unit_id: int | None


def holders(
    session: Session,
    roles: Collection[Role],
    at: datetime,
    *,
    organiser_id: int | None = None,
    branch_id: int | None = None,
    unit_id: int | None = None,
) -> Sequence[Holder]:
    """Who holds these posts on that day, anywhere or at one organiser, branch or unit. One statement."""
    today = day_of(at)
    at_place = {"organiser_id": organiser_id, "branch_id": branch_id, "unit_id": unit_id}
    rows = session.execute(
        sa.select(
            *(Person.id, Person.name, RoleGrant.role, RoleGrant.organiser_id, RoleGrant.branch_id, RoleGrant.unit_id)
        )
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.role.in_(list(roles)),
            RoleGrant.starts_on <= today,
            sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
            Person.disabled_at.is_(None),
            *(getattr(RoleGrant, name) == number for name, number in at_place.items() if number is not None),
        )
        .order_by(RoleGrant.id)
    )
    return [Holder(*row) for row in rows]
