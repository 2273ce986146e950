"""The sheet of people, as an import reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ..organisation.models import PartyOrganisation, Unit
from ..organisation.sheets import refer
from ..shared.access import INSTALL_ROLES, Permission, Role
from ..shared.importing import Asked, Change, Column, Existing, Fault, Identity, Sheet
from . import rules
from .models import Person, RoleGrant


def _people(session: Any, organiser_id: int) -> dict[Identity, Existing]:
    rows = session.execute(
        sa.select(Person.id, Person.username, Person.username_key, Person.name, Person.mobile)
        .add_columns(Unit.code.label("unit"), PartyOrganisation.code.label("branch"))
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .outerjoin(PartyOrganisation, PartyOrganisation.id == Person.branch_id)
        .where(Person.organiser_id == organiser_id)
        .order_by(Person.id)
    )
    return {
        (row.username_key,): Existing(
            row.id,
            {
                "username": row.username,
                "name": row.name,
                "mobile": row.mobile or "",
                "unit": row.unit or "",
                "branch": row.branch or "",
            },
        )
        for row in rows
    }


def _check_people(asked: Asked, changes: Sequence[Change]) -> Iterator[Fault]:
    new = [rules.username_key(change.row.values["username"]) for change in changes if change.existing is None]
    numbers = [rules.mobile_key(change.row.values["mobile"]) for change in changes if change.row.values["mobile"]]
    taken = _found(asked, Person.username_key, new)
    owners = _found(asked, Person.mobile, numbers)
    guarded = _administrators(asked) if not asked.actor.holds(Role.SYSTEM_ADMIN) else frozenset()
    seen: dict[str, int] = {}
    for change in changes:
        values, number = change.row.values, change.row.number
        own = change.existing.id if change.existing else 0
        fault = rules.username_fault(values["username"]) if change.existing is None else ""
        if fault:
            yield Fault(number, "username", fault, "请去掉空格再传。")
        if change.existing is None and rules.username_key(values["username"]) in taken:
            yield Fault(number, "username", f"账号“{values['username']}”已经是别的主办党组织的了。", "请换一个账号。")
        if own == asked.actor.person_id and {"unit", "branch"} & set(change.changed):
            do = "请由另一位经办人或系统管理员来改，导入时写成原来的。"
            yield Fault(number, "branch", "不能改自己的单位和党支部。", do)
        if own in guarded:
            yield Fault(number, "username", "这是系统三类管理员的账号。", "请由系统管理员修改，导入时删去这一行。")
        mobile = rules.mobile_key(values["mobile"])
        if values["mobile"] and not mobile:
            yield Fault(number, "mobile", "手机号应当是 1 开头的 11 位数字。")
        elif mobile and seen.setdefault(mobile, number) != number:
            yield Fault(number, "mobile", f"和第 {seen[mobile]} 行的手机号相同。", "一个手机号只能属于一个账号。")
        elif mobile and owners.get(mobile, own) != own and not _given_up(asked, owners[mobile], mobile):
            yield Fault(number, "mobile", "这个手机号已经是另一个账号的了。", "一个手机号只能属于一个账号。")
        yield from refer(asked, change, ("units", "unit"), ("parties", "branch"))


def _given_up(asked: Asked, owner: int, mobile: str) -> bool:
    """Whether the owner of a number has another one in this import."""
    for identity, existing in asked.existing["people"].items():
        if existing.id == owner:
            coming = asked.coming.get("people", {}).get(identity)
            return coming is not None and rules.mobile_key(coming.values["mobile"]) != mobile
    return False


def _found(asked: Asked, column: Any, values: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(values), 500):
        rows = sa.select(column, Person.id).where(column.in_(values[start : start + 500]))
        found |= dict(asked.session.execute(rows).tuples().all())
    return found


def _administrators(asked: Asked) -> frozenset[int]:
    held = sa.select(RoleGrant.person_id).where(RoleGrant.role.in_(INSTALL_ROLES), RoleGrant.revoked_at.is_(None))
    return frozenset(asked.session.scalars(held))


def _write_people(asked: Asked, changes: Sequence[Change]) -> list[Person]:
    kept = [change.existing.id for change in changes if change.existing]
    found = {person.id: person for person in rows_of(asked, Person, kept)}
    for change in changes:  # numbers change hands: first all that go, then those that come
        if change.existing and "mobile" in change.changed:
            found[change.existing.id].mobile = None
    asked.session.flush()
    written = []
    for change in changes:
        values = change.row.values
        person = (
            found[change.existing.id]
            if change.existing
            else Person(organiser_id=asked.organiser_id, password_hash="", made_at=asked.actor.at, version=0)
        )
        person.username, person.username_key = values["username"], rules.username_key(values["username"])
        person.name, person.mobile = values["name"], rules.mobile_key(values["mobile"]) or None
        person.unit_id = asked.id_of("units", values["unit"])
        person.branch_id = asked.id_of("parties", values["branch"])
        person.version += 1
        written.append(person)
    asked.session.add_all(written)
    asked.session.flush()
    for change, person in zip(changes, written, strict=True):
        asked.existing["people"][person.username_key,] = Existing(person.id, change.row.values)
    return written


def rows_of(asked: Asked, model: Any, ids: Sequence[int]) -> list[Any]:
    """The rows of these numbers, a few hundred at a time."""
    rows: list[Any] = []
    for start in range(0, len(ids), 500):
        rows += asked.session.scalars(sa.select(model).where(model.id.in_(ids[start : start + 500])))
    return rows


PEOPLE = Sheet(
    "people",
    "人员",
    (
        Column("username", "账号", required=True, most=40, note="登录时用，例如工号；大小写、全角半角不分", code=True),
        Column("name", "姓名", required=True),
        Column("mobile", "手机号", most=20, note="可以空着", also=("手机", "电话", "联系电话", "手机号码"), code=True),
        Column("unit", "单位代码", most=20, also=("所在单位代码",), code=True),
        Column("branch", "支部代码", most=20, note="不是党员的空着", also=("所在支部代码",), code=True),
    ),
    Permission.MANAGE_PEOPLE,
    ("示例-zhangsan", "张某某", "13800000000", "OFF01", "B01"),
    lambda values: (rules.username_key(values["username"]),),
    _people,
    _check_people,
    _write_people,
    note="导入的新账号没有密码，第一次登录用登录条。",
    needs=("units", "parties"),
)
