"""From whom a post was taken over, and giving it back to him: helpers of the verbs that hand over and take back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..shared.access import Role
from ..shared.audit import AuditEvent
from ..shared.dates import chinese_date
from ..shared.errors import Refused
from . import people, rules
from .models import RoleGrant

UNTIL = "ended_before"
"""Where the line of a hand-over keeps the last day the ended term had before; "" for none."""


class Earlier(NamedTuple):
    """The post of whoever held it before a hand-over. ``known``: whether its term before is on record, as ``until``."""

    grant: RoleGrant
    known: bool
    until: date | None


def until(grant: RoleGrant) -> dict[str, str]:
    """What the line of a hand-over says of the term it ends, before it ends it."""
    return {UNTIL: grant.ends_on.isoformat() if grant.ends_on else ""}


def earlier(session: Session, grant: RoleGrant) -> Earlier | None:
    """From which post this one was taken over, by the line in the trail; None for one that was simply given."""
    detail = session.scalar(
        sa.select(AuditEvent.detail)
        .where(
            AuditEvent.object_type == RoleGrant.__tablename__,
            AuditEvent.object_id == grant.id,
            AuditEvent.action == "accounts.hand_over_post",
        )
        .limit(1)
    )
    before = session.get(RoleGrant, detail["ended"]) if detail else None
    if detail is None or before is None:
        return None
    text = detail.get(UNTIL)
    return Earlier(before, text is not None, date.fromisoformat(text) if text else None)


def give_back(session: Session, grant: RoleGrant) -> None:
    """Let the term a hand-over ended run as before, now that the successor's was taken back.

    It stays as it is where its end before is not on record, was changed since, or where another now stands in the way.
    """
    found = earlier(session, grant)
    if found is None or not found.known:
        return
    before, person = found.grant, found.grant.person
    people.lock_people(session, [person.id])
    session.refresh(before, with_for_update={"of": RoleGrant})
    if before.revoked_at is not None or before.ends_on != grant.starts_on - timedelta(days=1):
        return
    wanted = rules.Post(
        before.role, before.organiser_id, grant.starts_on, found.until, before.branch_id, before.unit_id
    )
    held = people.posts_held(session, [person.id])[person.id]
    if rules.why_not_given(person.name, person.branch_id, held, wanted) is not None:
        return
    try:
        people.refuse_second_secretary(session, wanted)
    except Refused:
        return
    before.ends_on = found.until
    session.flush()


def will_be(session: Session, grant: RoleGrant) -> str:
    """What becomes of the one before when a post nobody has begun to hold is taken back; "" where there is none."""
    found = earlier(session, grant)
    if found is None:
        return ""
    name = found.grant.person.name
    if found.known:
        return f"这项任职是从{name}交接来的。没有到任就撤回的，{name}的任期恢复到交接以前。"
    return f"这项任职是从{name}交接来的。{_stays(grant, found)}"


def became(session: Session, grant: RoleGrant) -> tuple[str, bool]:
    """(what became of the one before, whether it runs again) after a post was taken back; ("", True) where there is none."""
    found = earlier(session, grant)
    if found is None:
        return "", True
    ends_on, name = found.grant.ends_on, found.grant.person.name
    if ends_on is None or ends_on >= grant.starts_on:
        term = f"，到{chinese_date(ends_on)}" if ends_on else "，没有写截止日期"
        return f"没有到任，已撤回；{name}的任期恢复到交接以前{term}。", True
    return f"没有到任，已撤回。{_stays(grant, found)}", False


def _stays(grant: RoleGrant, found: Earlier) -> str:
    name, ends_on = found.grant.person.name, found.grant.ends_on
    last = f"仍只到{chinese_date(ends_on)}" if ends_on else "没有改变"
    return f"{name}的任期{last}；要由{name}继续担任，请从{chinese_date(grant.starts_on)}起给{name}另外任职。"


def stop_acting(
    session: Session, grant: RoleGrant, last_day: date, at: datetime, *, wanted: bool
) -> dict[str, list[int]]:
    """End the acting posts that would go on beside a new secretary; which, for the trail.

    Raises Refused, beside the box that asks for it, where that is not wanted.
    """
    if grant.role is not Role.SECRETARY:
        return {}
    rows = sa.select(RoleGrant).where(
        RoleGrant.branch_id == grant.branch_id,
        RoleGrant.acting,
        RoleGrant.revoked_at.is_(None),
        RoleGrant.ends_on > last_day,
    )
    acting = session.scalars(rows.order_by(RoleGrant.id).with_for_update(of=RoleGrant)).all()
    if acting and not wanted:
        who = "、".join(f"{each.person.name}代理书记到{chinese_date(each.ends_on)}" for each in acting if each.ends_on)
        what = f"勾上这一项，代理到{chinese_date(last_day)}为止，和交接一次办好；也可以改接任第一天"
        raise Refused(f"{who}，会和接任的书记重叠。{what}。", field="end_acting")
    for each in acting:
        people.end_grant(session, each, last_day, at)
    return {"acting_ended": [each.id for each in acting]} if acting else {}
