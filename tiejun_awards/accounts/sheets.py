"""The sheets of people and posts, as an import reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from ..organisation.models import PartyOrganisation, Unit
from ..organisation.sheets import refer
from ..shared.access import INSTALL_ROLES, Permission, Role
from ..shared.importing import Asked, Change, Column, Existing, Fault, Identity, Kind, Sheet
from . import people, rules
from .models import Person, RoleGrant

_ROLES = {role.label: role for role in Role if role is not Role.STAFF}


# People.


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
        if change.existing is None and rules.username_key(values["username"]) in taken:
            yield Fault(number, "username", f"账号“{values['username']}”已经是别的主办党组织的了。", "请换一个账号。")
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
        found |= dict(asked.session.execute(rows).tuples())
    return found


def _administrators(asked: Asked) -> frozenset[int]:
    held = sa.select(RoleGrant.person_id).where(RoleGrant.role.in_(INSTALL_ROLES), RoleGrant.revoked_at.is_(None))
    return frozenset(asked.session.scalars(held))


def _write_people(asked: Asked, changes: Sequence[Change]) -> list[Person]:
    kept = [change.existing.id for change in changes if change.existing]
    found = {person.id: person for person in _all(asked, Person, kept)}
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


def _all(asked: Asked, model: Any, ids: Sequence[int]) -> list[Any]:
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
        Column("mobile", "手机号", most=20, note="可以空着", also=("手机", "联系电话", "手机号码"), code=True),
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


# Posts.


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
    found = {grant.id: grant for grant in _all(asked, RoleGrant, kept)}
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
