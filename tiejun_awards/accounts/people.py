"""People and the posts they hold: helpers of the verbs that make accounts, give posts and end them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..shared.access import INSTALL_ROLES, Role
from ..shared.clock import day_of
from ..shared.errors import Refused
from . import rules
from .models import Person, RoleGrant


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
    username, key = username.strip(), rules.username_key(username)
    if not key:
        raise Refused("请写账号。", field="username")
    if session.scalar(sa.select(Person.id).where(Person.username_key == key)) is not None:
        raise Refused(f"账号“{username}”已经有了，请换一个。", field="username")
    number = rules.mobile_key(mobile) or None
    if mobile.strip() and number is None:
        raise Refused("手机号应当是 1 开头的 11 位数字。", field="mobile")
    if number and session.scalar(sa.select(Person.id).where(Person.mobile == number)) is not None:
        raise Refused("这个手机号已经是另一个账号的了。", field="mobile")
    person = Person(
        organiser_id=organiser_id,
        unit_id=unit_id,
        branch_id=branch_id,
        username=username,
        username_key=key,
        name=name.strip(),
        mobile=number,
        password_hash="",
        made_at=at,
    )
    session.add(person)
    session.flush()
    return person


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
) -> RoleGrant:
    """Grant a post. A helper of verbs. Raises Refused for a post that excludes one the person holds."""
    if role in INSTALL_ROLES:
        held = session.scalars(
            sa.select(RoleGrant.role).where(
                RoleGrant.person_id == person.id,
                sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= starts_on),
            )
        )
        other = rules.not_together(held, role)
        if other is not None:
            raise Refused(
                f"{person.name}已经是{other.label}，不能再任{role.label}：系统三类管理员必须由不同的人担任。",
                field="role",
            )
    grant = RoleGrant(
        person_id=person.id,
        role=role,
        organiser_id=organiser_id,
        branch_id=branch_id,
        unit_id=unit_id,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    session.add(grant)
    return grant


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
