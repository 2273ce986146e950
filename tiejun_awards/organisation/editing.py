"""The verbs that change units and party organisations: nothing is deleted, what has ended keeps its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..organisers.models import Organiser
from ..shared.access import Actor, Permission
from ..shared.clock import day_of
from ..shared.dates import chinese_date
from ..shared.db import db
from ..shared.errors import Refused
from ..shared.use_case import tell, use_case
from . import rules
from .models import BranchKind, BranchUnit, FormerName, PartyKind, PartyOrganisation, Unit, UnitKind
from .naming import named, refuse_same_name
from .rules import Named
from .services import former_names

MOST_COUNTED = 9_999


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What a unit's form holds."""

    code: str
    name: str
    kind: UnitKind
    position: int
    starts_on: date
    parent_id: int | None = None
    kind_unconfirmed: bool = False
    other_names: str = ""


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """What a party organisation's form holds. The numbers are those of a branch."""

    code: str
    name: str
    kind: PartyKind
    position: int
    branch_kind: BranchKind | None = None
    parent_id: int | None = None
    founded_on: date | None = None
    members: int = 0
    probationary: int = 0
    committee_size: int = 0
    party_groups: int = 0


# Units.


@use_case(Permission.EDIT_ORGANISATION)
def add_unit(actor: Actor, organiser: Organiser, facts: UnitFacts, *, key: str = "") -> Unit:
    """Enter a unit."""
    unit = Unit(organiser_id=organiser.id)
    describe_unit(db.session(), unit, facts)
    db.session.add(unit)
    tell(db.session(), code=unit.code, name=unit.name)
    return unit


@use_case(Permission.EDIT_ORGANISATION)
def change_unit(actor: Actor, unit: Unit, facts: UnitFacts, *, version: int, key: str = "") -> Unit:
    """Change a unit, or move it below another. A new name from a day is ``rename_unit``."""
    before = _values(unit, facts)
    describe_unit(db.session(), unit, facts)
    tell(db.session(), changed=_changed(unit, before))
    unit.version += 1
    return unit


@use_case(Permission.EDIT_ORGANISATION)
def rename_unit(actor: Actor, unit: Unit, *, name: str, since: date, version: int, key: str = "") -> Unit:
    """更名: a new name from a day; the old one stays on record."""
    _rename(actor, unit, name, since, FormerName(unit_id=unit.id))
    return unit


@use_case(Permission.EDIT_ORGANISATION)
def end_unit(actor: Actor, unit: Unit, *, last_day: date | None, version: int, key: str = "") -> Unit:
    """停用 a unit after a day, or (without one) take that back."""
    if last_day is not None and last_day < unit.starts_on:
        raise Refused(f"停用日期早于启用日期{chinese_date(unit.starts_on)}。", field="last_day")
    _refuse_name_until(unit, last_day)
    unit.ends_on = last_day
    unit.version += 1
    tell(db.session(), code=unit.code, last_day=last_day and last_day.isoformat())
    return unit


def describe_unit(session: Session, unit: Unit, facts: UnitFacts) -> None:
    """Write down what a unit is. Raises Refused beside the field that is wrong. A helper of verbs."""
    _refuse_wrong_name(session, Unit, unit.id, facts.code, facts.name)
    if not 0 <= facts.position <= 99_999:
        raise Refused("顺序写 0 到 99999 之间的整数。", field="position")
    if len(facts.other_names) > 200:
        raise Refused("又称最多 200 字。", field="other_names")
    _refuse_parent(session, Unit, unit, facts.parent_id)
    if unit.ends_on is not None and unit.ends_on < facts.starts_on:
        raise Refused(f"启用日期晚于停用日期{chinese_date(unit.ends_on)}。", field="starts_on")
    wanted = Named(facts.code, facts.name, facts.starts_on, unit.ends_on)
    refuse_same_name(session, unit, wanted, was=named(unit) if unit.id else None)
    _take(unit, facts)


# Party organisations.


@use_case(Permission.EDIT_ORGANISATION)
def add_party(actor: Actor, organiser: Organiser, facts: PartyFacts, *, key: str = "") -> PartyOrganisation:
    """Enter a party organisation. A branch says since when: it reports from that quarter on (one imported without counts as old)."""
    if facts.kind is PartyKind.BRANCH and facts.founded_on is None:
        raise Refused("请填写成立日期，例如 2026-03-18：支部从成立的那个季度起写报告。", field="founded_on")
    party = PartyOrganisation(organiser_id=organiser.id)
    describe_party(db.session(), party, facts)
    db.session.add(party)
    tell(db.session(), code=party.code, name=party.name)
    return party


@use_case(Permission.EDIT_ORGANISATION)
def change_party(
    actor: Actor, party: PartyOrganisation, facts: PartyFacts, *, version: int, key: str = ""
) -> PartyOrganisation:
    """Change a party organisation, or move it below another. A new name from a day is ``rename_party``."""
    before = _values(party, facts)
    describe_party(db.session(), party, facts)
    tell(db.session(), changed=_changed(party, before))
    party.version += 1
    return party


@use_case(Permission.EDIT_ORGANISATION)
def rename_party(
    actor: Actor, party: PartyOrganisation, *, name: str, since: date, version: int, key: str = ""
) -> PartyOrganisation:
    """更名: a new name from a day; the old one stays on record."""
    _rename(actor, party, name, since, FormerName(organisation_id=party.id))
    return party


@use_case(Permission.EDIT_ORGANISATION)
def end_party(
    actor: Actor, party: PartyOrganisation, *, last_day: date | None, version: int, key: str = ""
) -> PartyOrganisation:
    """撤销 a party organisation after a day, or (without one) take that back. What hung on it stays."""
    if last_day is not None and party.founded_on is not None and last_day < party.founded_on:
        raise Refused(f"撤销日期早于成立日期{chinese_date(party.founded_on)}。", field="last_day")
    _refuse_name_until(party, last_day)
    party.ended_on = last_day
    party.version += 1
    tell(db.session(), code=party.code, last_day=last_day and last_day.isoformat())
    return party


def describe_party(session: Session, party: PartyOrganisation, facts: PartyFacts) -> None:
    """Write down what a party organisation is. Raises Refused beside the field that is wrong. A helper of verbs."""
    _refuse_wrong_name(session, PartyOrganisation, party.id, facts.code, facts.name)
    if party.id and (facts.kind is PartyKind.BRANCH) != (party.kind is PartyKind.BRANCH):
        raise Refused("支部不能改成别的党组织，别的党组织也不能改成支部；请另外登记一个。", field="kind")
    if (facts.kind is PartyKind.BRANCH) != (facts.branch_kind is not None):
        missing = facts.branch_kind is None
        raise Refused("请选支部类型。" if missing else "只有党支部有支部类型。", field="branch_kind")
    if not 0 <= facts.position <= 99_999:
        raise Refused("顺序写 0 到 99999 之间的整数。", field="position")
    for name in ("members", "probationary", "committee_size", "party_groups"):
        if not 0 <= getattr(facts, name) <= MOST_COUNTED:
            raise Refused(f"人数写 0 到 {MOST_COUNTED} 之间的整数。", field=name)
    _refuse_parent(session, PartyOrganisation, party, facts.parent_id)
    if party.ended_on is not None and facts.founded_on is not None and party.ended_on < facts.founded_on:
        raise Refused(f"成立日期晚于撤销日期{chinese_date(party.ended_on)}。", field="founded_on")
    wanted = Named(facts.code, facts.name, facts.founded_on, party.ended_on)
    refuse_same_name(session, party, wanted, was=named(party) if party.id else None)
    _take(party, facts)


# Which units a branch serves.


@use_case(Permission.EDIT_ORGANISATION)
def serve_unit(
    actor: Actor,
    branch: PartyOrganisation,
    *,
    unit_id: int | None,
    starts_on: date,
    ends_on: date | None = None,
    key: str = "",
) -> PartyOrganisation:
    """A branch serves a unit from a day on."""
    unit = db.session.get(Unit, unit_id) if unit_id else None
    if unit is None or unit.organiser_id != branch.organiser_id:
        raise Refused("请选本单位名下的行政单位。", field="unit")
    if branch.kind is not PartyKind.BRANCH:
        raise Refused("只有党支部对应行政单位。", field="unit")
    if ends_on is not None and ends_on < starts_on:
        raise Refused("结束日期早于开始日期，请核对。", field="ends_on")
    meeting = sa.select(BranchUnit.id).where(
        BranchUnit.branch_id == branch.id,
        BranchUnit.unit_id == unit.id,
        sa.or_(BranchUnit.ends_on.is_(None), BranchUnit.ends_on >= starts_on),
        BranchUnit.starts_on <= (ends_on or date.max),
    )
    if db.session.scalar(meeting.limit(1)) is not None:
        raise Refused(f"这段时间已经对应{unit.name}。", field="unit")
    db.session.add(BranchUnit(branch_id=branch.id, unit_id=unit.id, starts_on=starts_on, ends_on=ends_on))
    branch.version += 1
    tell(db.session(), unit=unit.code, starts_on=starts_on.isoformat())
    return branch


@use_case(Permission.EDIT_ORGANISATION)
def stop_serving(
    actor: Actor, branch: PartyOrganisation, *, service_id: int, last_day: date, key: str = ""
) -> PartyOrganisation:
    """A branch no longer serves a unit after a day."""
    service = db.session.get(BranchUnit, service_id)
    if service is None or service.branch_id != branch.id:
        raise Refused("没有这项对应关系，请刷新页面再看。")
    if last_day < service.starts_on:
        raise Refused("最后一天早于开始日期，请核对。", field="last_day")
    service.ends_on = last_day
    branch.version += 1
    tell(db.session(), unit=service.unit_id, last_day=last_day.isoformat())
    return branch


def _rename(actor: Actor, row: Unit | PartyOrganisation, name: str, since: date, former: FormerName) -> None:
    name = name.strip()
    if not 0 < len(name) <= 60 or name == row.name:
        raise Refused("请写新的名称，最多 60 字，和现在的不同。", field="name")
    earlier = former_names(row)
    begun = earlier[0].until if earlier else row.starts_on if isinstance(row, Unit) else row.founded_on
    if since > day_of(actor.at) or (begun is not None and since <= begun):
        first = f"{chinese_date(begun)}之后、" if begun else ""
        raise Refused(f"新名称的第一天应在{first}今天或今天以前。", field="since")
    refuse_same_name(db.session(), row, named(row, since)._replace(name=name))
    former.name, former.until = row.name, since - timedelta(days=1)
    db.session.add(former)
    tell(db.session(), before=row.name, name=name, since=since.isoformat())
    row.name = name
    row.version += 1


def _refuse_name_until(row: Unit | PartyOrganisation, last_day: date | None) -> None:
    """Taking an end back, or moving it on, may bring a name back that another bears by now."""
    refuse_same_name(db.session(), row, named(row)._replace(ends=last_day), "last_day", was=named(row))


def _refuse_wrong_name(
    session: Session, kind: type[Unit] | type[PartyOrganisation], row_id: int | None, code: str, name: str
) -> None:
    fault = rules.code_fault(code)
    if fault:
        raise Refused(fault, field="code")
    if not 0 < len(name) <= 60:
        raise Refused("请写名称，最多 60 字。", field="name")
    with session.no_autoflush:
        taken = session.scalar(sa.select(kind.name).where(kind.code == code, kind.id != (row_id or 0)))
    if taken is not None:
        raise Refused(f"代码 {code} 已经用了，请换一个。", field="code")


def _refuse_parent(
    session: Session,
    kind: type[Unit] | type[PartyOrganisation],
    row: Unit | PartyOrganisation,
    parent_id: int | None,
) -> None:
    if parent_id is None or parent_id == row.parent_id:
        return
    with session.no_autoflush:
        above = session.execute(sa.select(kind.id, kind.parent_id).where(kind.organiser_id == row.organiser_id))
        parents = dict(above.tuples().all())
    if parent_id not in parents:
        raise Refused("请选本单位名下的上级。", field="parent")
    if row.id and rules.in_circle(row.id, parent_id, parents):
        raise Refused("不能挂在自己或自己的下级下面。", field="parent")


def _values(row: Unit | PartyOrganisation, facts: UnitFacts | PartyFacts) -> dict[str, object]:
    return {name: getattr(row, name) for name in facts.__slots__}


def _changed(row: Unit | PartyOrganisation, before: dict[str, object]) -> list[str]:
    return [name for name, old in before.items() if getattr(row, name) != old]


def _take(row: Unit | PartyOrganisation, facts: UnitFacts | PartyFacts) -> None:
    for name in facts.__slots__:
        setattr(row, name, getattr(facts, name))
