"""The sheet of posts, as an import reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from ..organisation.models import PartyOrganisation, Unit
from ..organisation.sheets import refer
from ..shared.access import Permission, Role
from ..shared.importing import Asked, Change, Column, Existing, Fault, Identity, Kind, Sheet
from . import people, rules
from .models import Person, RoleGrant
from .sheets import rows_of

_ROLES = {role.label: role for role in Role if role is not Role.STAFF}


def _posts(session: Any, organiser_id: int) -> dict[Identity, Existing]:
    rows = session.execute(
        sa.select(RoleGrant, Person.username, Unit.code, PartyOrganisation.code)
        .join(Person, Person.id == RoleGrant.person_id)
        .outerjoin(Unit, Unit.id == RoleGrant.unit_id)
        .outerjoin(PartyOrganisation, PartyOrganisation.id == RoleGrant.branch_id)
        .where(RoleGrant.organiser_id == organiser_id, RoleGrant.revoked_at.is_(None))
        .order_by(Person.id, RoleGrant.starts_on, RoleGrant.id)
    )
    found: dict[Identity, Existing] = {}
    for grant, username, unit, branch in rows:
        values = {
            "username": username,
            "role": grant.role.label,
            "branch": branch or "",
            "unit": unit or "",
            "starts_on": grant.starts_on,
            "ends_on": grant.ends_on,
            "acting": grant.acting,
            "reason": grant.reason,
        }
        found[_identify(values)] = Existing(grant.id, values)
    return found


def _identify(values: Any) -> Identity:
    return (
        rules.username_key(values["username"]),
        values["role"],
        values["branch"],
        values["unit"],
        values["starts_on"],
    )


def _check_posts(asked: Asked, changes: Sequence[Change]) -> Iterator[Fault]:
    mine = rules.gives(grant.role for grant in asked.actor.grants)
    keys = {rules.username_key(change.row.values["username"]) for change in changes}
    ids = {key: number for key in keys if (number := asked.id_of("people", key)) is not None}
    if asked.writing:
        people.lock_people(asked.session, ids.values())
    held = people.posts_held(asked.session, ids.values())
    disabled = set(asked.session.scalars(sa.select(Person.id).where(Person.disabled_at.is_not(None))))
    plan = _Posts(asked, {key: list(held.get(ids.get(key, 0), ())) for key in keys})
    for change in changes:
        values, number = change.row.values, change.row.number
        key, role = rules.username_key(values["username"]), _ROLES[values["role"]]
        if role not in mine:
            do = "请由安全管理员在人员页面任免，导入时删去这一行。"
            yield Fault(number, "role", f"{role.label}不能由您任免。", do)
        elif not asked.knows("people", key):
            yield Fault(number, "username", f"没有账号“{values['username']}”。", "请先在“人员”表里写上，或者改正账号。")
        elif ids.get(key) == asked.actor.person_id:
            yield Fault(number, "username", "不能给自己任职。", "请由另一位有权任免的人来办，导入时删去这一行。")
        elif ids.get(key) in disabled and change.existing is None:
            yield Fault(number, "username", "这个账号已停用。", "请先恢复账号，或者删去这一行。")
        else:
            wrong = list(refer(asked, change, ("parties", "branch"), ("units", "unit")))
            yield from wrong or plan.faults(change, key, role)


class _Posts:
    """The posts of the people an import speaks of, those of its earlier lines included."""

    def __init__(self, asked: Asked, held: dict[str, list[rules.Post]]) -> None:
        self.asked, self.held = asked, held
        self.numbers: dict[tuple[str, str], int] = {}
        rows = asked.session.scalars(
            sa.select(RoleGrant).where(
                RoleGrant.organiser_id == asked.organiser_id,
                RoleGrant.role == Role.SECRETARY,
                RoleGrant.acting.is_(False),
                RoleGrant.revoked_at.is_(None),
            )
        )
        self.secretaries: dict[int | None, list[rules.Post]] = {}
        for grant in rows:
            self.secretaries.setdefault(grant.branch_id, []).append(people.as_post(grant))

    def _number(self, sheet: str, code: str) -> int | None:
        """The number of a branch or a unit; a negative one for those that only come with this import."""
        if not code:
            return None
        number = self.asked.id_of(sheet, code)
        return number if number is not None else self.numbers.setdefault((sheet, code), -1 - len(self.numbers))

    def faults(self, change: Change, key: str, role: Role) -> Iterator[Fault]:
        """What the rules say against one line. A line they allow is held from then on."""
        values, number = change.row.values, change.row.number
        place = (self._number("parties", values["branch"]), self._number("units", values["unit"]))
        wanted = rules.Post(
            *(role, self.asked.organiser_id, values["starts_on"], values["ends_on"], *place),
            acting=values["acting"],
            reason=values["reason"],
        )
        held = self.held[key]
        if change.existing is not None:
            if "acting" in change.changed:
                yield Fault(
                    number, "acting", "已登记的任职不能改成代理，也不能从代理改过来。", "请结束原来的，另写一行。"
                )
                return
            before = self._stood(wanted, held)
            held = [post for post in held if post is not before]
        own = str(self.asked.value("people", (key,), "branch") or "")
        wrong = rules.why_not_given(values["username"], self._number("parties", own), held, wanted)
        if wrong:
            yield Fault(number, wrong[0], wrong[1])
            return
        if role is Role.SECRETARY and not wanted.acting:
            others = self.secretaries.setdefault(wanted.branch_id, [])
            if change.existing is not None:
                stood = self._stood(wanted, others)
                others[:] = [post for post in others if post is not stood]
            if any(post.meets(wanted) for post in others):
                do = "先给原来的书记写上截止日期，再写新书记。"
                yield Fault(number, "starts_on", "这个支部在这段时间里已经有书记。", do)
                return
            others.append(wanted)
        self.held[key] = [*held, wanted]

    @staticmethod
    def _stood(wanted: rules.Post, posts: Sequence[rules.Post]) -> rules.Post | None:
        return next(
            (post for post in posts if post.same_chair(wanted) and post.starts_on == wanted.starts_on),
            None,
        )


def _write_posts(asked: Asked, changes: Sequence[Change]) -> list[RoleGrant]:
    kept = [change.existing.id for change in changes if change.existing]
    found = {grant.id: grant for grant in rows_of(asked, RoleGrant, kept)}
    written = []
    for change in changes:
        values = change.row.values
        if change.existing:
            grant = found[change.existing.id]
        else:
            grant = RoleGrant(
                person_id=asked.id_of("people", rules.username_key(values["username"])),
                role=_ROLES[values["role"]],
                organiser_id=asked.organiser_id,
                branch_id=asked.id_of("parties", values["branch"]),
                unit_id=asked.id_of("units", values["unit"]),
                starts_on=values["starts_on"],
                acting=values["acting"],
            )
        grant.ends_on, grant.reason = values["ends_on"], values["reason"]
        written.append(grant)
    asked.session.add_all(written)
    return written


def _ending_first(asked: Asked, changes: Sequence[Change]) -> Iterator[Fault]:
    """Posts that end make room: they are looked at before those that begin, wherever they stand in the sheet."""
    yield from _check_posts(
        asked, sorted(changes, key=lambda change: (change.existing is None, change.row.values["ends_on"] or date.max))
    )


POSTS = Sheet(
    "posts",
    "任职",
    (
        Column("username", "账号", required=True, most=40, code=True),
        Column("role", "职务", required=True, options=tuple(_ROLES)),
        Column("branch", "支部代码", most=20, note="书记、党建“三员”要写", code=True),
        Column("unit", "单位代码", most=20, note="推荐单位经办要写", code=True),
        Column("starts_on", "任职日期", Kind.DAY, required=True, also=("开始日期", "起始日期")),
        Column("ends_on", "截止日期", Kind.DAY, note="还在任的空着", also=("结束日期",)),
        Column("acting", "代理", Kind.YES, note="只有党支部书记可以代理，要写截止日期和事由"),
        Column("reason", "代理事由", most=200),
    ),
    Permission.GRANT_POST,
    ("示例-zhangsan", "党支部书记", "B01", "", "2020-03-01", "", "否", ""),
    _identify,
    _posts,
    _ending_first,
    _write_posts,
    note="机关党委经办、复核人、纪检和系统三类管理员由安全管理员在人员页面任免，不在这里导入。",
    needs=("units", "parties", "people"),
)
