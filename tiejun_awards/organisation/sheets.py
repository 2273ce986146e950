"""The sheets of units, party organisations and the units branches serve, as an import reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from ..shared.access import Permission
from ..shared.importing import Asked, Change, Column, Existing, Fault, Identity, Kind, Sheet
from . import rules
from .models import BranchKind, BranchUnit, PartyKind, PartyOrganisation, Unit, UnitKind
from .naming import same_names

_CODE_NOTE = "字母和数字，最多 20 个；系统用它认行，定了就不要改"
_OVERFLOW = 99_999


def _options(kinds: Any) -> tuple[str, ...]:
    return tuple(kind.label for kind in kinds)


def _by_label(kinds: Any, label: object) -> Any:
    return next((kind for kind in kinds if kind.label == label), None)


# Units.


def _units(session: Any, organiser_id: int) -> dict[Identity, Existing]:
    above = aliased(Unit)
    rows = session.execute(
        sa.select(Unit, above.code)
        .outerjoin(above, above.id == Unit.parent_id)
        .where(Unit.organiser_id == organiser_id)
        .order_by(Unit.position, Unit.id)
    )
    return {
        (unit.code,): Existing(
            unit.id,
            {
                "code": unit.code,
                "name": unit.name,
                "kind": unit.kind.label,
                "parent": parent or "",
                "other_names": unit.other_names,
                "position": unit.position,
                "kind_unconfirmed": unit.kind_unconfirmed,
                "starts_on": unit.starts_on,
                "ends_on": unit.ends_on,
            },
        )
        for unit, parent in rows
    }


def _check_units(asked: Asked, changes: Sequence[Change]) -> Iterator[Fault]:
    yield from _check_tree(asked, changes, "units", Unit)
    for change in changes:
        values = change.row.values
        if values["ends_on"] is not None and values["ends_on"] < values["starts_on"]:
            yield Fault(change.row.number, "ends_on", "停用日期早于启用日期。")


def _write_units(asked: Asked, changes: Sequence[Change]) -> list[Unit]:
    written = []
    for place, change in enumerate(changes):
        values = change.row.values
        unit = asked.session.get(Unit, change.existing.id) if change.existing else Unit(organiser_id=asked.organiser_id)
        unit.code, unit.name, unit.other_names = values["code"], values["name"], values["other_names"]
        unit.kind, unit.kind_unconfirmed = _by_label(UnitKind, values["kind"]), values["kind_unconfirmed"]
        unit.position = _position(values["position"], place)
        unit.starts_on, unit.ends_on = values["starts_on"], values["ends_on"]
        unit.version = (unit.version or 0) + 1
        written.append(unit)
    return _hang(asked, changes, written, "units")


UNITS = Sheet(
    "units",
    "单位",
    (
        Column("code", "代码", required=True, most=20, note=_CODE_NOTE, also=("单位代码",), code=True),
        Column("name", "名称", required=True, also=("单位名称", "单位")),
        Column("kind", "类别", required=True, options=_options(UnitKind), also=("单位类别",)),
        Column("parent", "上级单位代码", most=20, note="没有上级的空着", code=True),
        Column("other_names", "又称", most=200, note="用顿号分开", also=("简称",)),
        Column("position", "顺序", Kind.NUMBER, note="数小的排在前面；空着就排在后面", keeps=True),
        Column("kind_unconfirmed", "类别待确认", Kind.YES),
        Column("starts_on", "启用日期", Kind.DAY, required=True),
        Column("ends_on", "停用日期", Kind.DAY, note="还在用的空着"),
    ),
    Permission.IMPORT_DATA,
    ("示例-OFF01", "办公室（宣传教育处）", "厅机关处室", "", "办公室", "10", "否", "2019-01-01", ""),
    lambda values: (values["code"],),
    _units,
    _check_units,
    _write_units,
)


# Party organisations.

_NUMBERS = ("members", "probationary", "committee_size", "party_groups")


def _parties(session: Any, organiser_id: int) -> dict[Identity, Existing]:
    above = aliased(PartyOrganisation)
    rows = session.execute(
        sa.select(PartyOrganisation, above.code)
        .outerjoin(above, above.id == PartyOrganisation.parent_id)
        .where(PartyOrganisation.organiser_id == organiser_id)
        .order_by(PartyOrganisation.position, PartyOrganisation.id)
    )
    return {
        (party.code,): Existing(
            party.id,
            {
                "code": party.code,
                "name": party.name,
                "kind": party.kind.label,
                "branch_kind": party.branch_kind.label if party.branch_kind else "",
                "parent": parent or "",
                "position": party.position,
                "founded_on": party.founded_on,
                "ended_on": party.ended_on,
                **{name: getattr(party, name) for name in _NUMBERS},
            },
        )
        for party, parent in rows
    }


def _check_parties(asked: Asked, changes: Sequence[Change]) -> Iterator[Fault]:
    yield from _check_tree(asked, changes, "parties", PartyOrganisation)
    for change in changes:
        values, number = change.row.values, change.row.number
        branch = values["kind"] == PartyKind.BRANCH.label
        if branch != bool(values["branch_kind"]):
            what = "党支部要写支部类型。" if branch else "只有党支部写支部类型。"
            yield Fault(number, "branch_kind", what)
        if change.existing and branch != (change.existing.values["kind"] == PartyKind.BRANCH.label):
            yield Fault(number, "kind", "支部和别的党组织不能互改。", "请另用一个代码登记。")
        if values["founded_on"] and values["ended_on"] and values["ended_on"] < values["founded_on"]:
            yield Fault(number, "ended_on", "撤销日期早于成立日期。")


def _write_parties(asked: Asked, changes: Sequence[Change]) -> list[PartyOrganisation]:
    written = []
    for place, change in enumerate(changes):
        values = change.row.values
        found = asked.session.get(PartyOrganisation, change.existing.id) if change.existing else None
        party = found or PartyOrganisation(organiser_id=asked.organiser_id)
        party.code, party.name = values["code"], values["name"]
        party.kind = _by_label(PartyKind, values["kind"])
        party.branch_kind = _by_label(BranchKind, values["branch_kind"])
        party.position = _position(values["position"], place)
        party.founded_on, party.ended_on = values["founded_on"], values["ended_on"]
        for name in _NUMBERS:
            setattr(party, name, values[name] or 0)
        party.version = (party.version or 0) + 1
        written.append(party)
    return _hang(asked, changes, written, "parties")


PARTIES = Sheet(
    "parties",
    "党组织",
    (
        Column("code", "代码", required=True, most=20, note=_CODE_NOTE, also=("支部代码", "党组织代码"), code=True),
        Column("name", "名称", required=True, also=("支部名称", "党组织名称", "党支部")),
        Column("kind", "类别", required=True, options=_options(PartyKind)),
        Column("branch_kind", "支部类型", options=_options(BranchKind), note="只有党支部写"),
        Column("parent", "上级代码", most=20, note="隶属的党组织；没有的空着", also=("上级党组织代码",), code=True),
        Column("position", "顺序", Kind.NUMBER, note="数小的排在前面；空着就排在后面", keeps=True),
        Column("founded_on", "成立日期", Kind.DAY),
        Column("ended_on", "撤销日期", Kind.DAY, note="没有撤销的空着"),
        Column("members", "正式党员", Kind.NUMBER, also=("正式党员数",), keeps=True),
        Column("probationary", "预备党员", Kind.NUMBER, also=("预备党员数",), keeps=True),
        Column("committee_size", "支委人数", Kind.NUMBER, also=("支委",), keeps=True),
        Column("party_groups", "党小组数", Kind.NUMBER, also=("党小组",), keeps=True),
    ),
    Permission.IMPORT_DATA,
    ("示例-B01", "办公室党支部", "党支部", "在职党支部", "PC", "10", "2019-03-01", "", "18", "1", "3", "2"),
    lambda values: (values["code"],),
    _parties,
    _check_parties,
    _write_parties,
    note="党组、机关党委、党总支、党支部都在这一张表里。",
)


# Which units a branch serves.


def _served(session: Any, organiser_id: int) -> dict[Identity, Existing]:
    rows = session.execute(
        sa.select(BranchUnit, PartyOrganisation.code, Unit.code)
        .join(PartyOrganisation, PartyOrganisation.id == BranchUnit.branch_id)
        .join(Unit, Unit.id == BranchUnit.unit_id)
        .where(PartyOrganisation.organiser_id == organiser_id)
        .order_by(PartyOrganisation.position, PartyOrganisation.id, BranchUnit.id)
    )
    return {
        (branch, unit, served.starts_on): Existing(
            served.id,
            {"branch": branch, "unit": unit, "starts_on": served.starts_on, "ends_on": served.ends_on},
        )
        for served, branch, unit in rows
    }


def _check_served(asked: Asked, changes: Sequence[Change]) -> Iterator[Fault]:
    for change in changes:
        values, number = change.row.values, change.row.number
        yield from refer(asked, change, ("parties", "branch"), ("units", "unit"))
        if asked.value("parties", (values["branch"],), "kind") not in (None, PartyKind.BRANCH.label):
            yield Fault(number, "branch", "这不是党支部。", "只有党支部对应行政单位。")
        if values["ends_on"] is not None and values["ends_on"] < values["starts_on"]:
            yield Fault(number, "ends_on", "结束日期早于开始日期。")


def _write_served(asked: Asked, changes: Sequence[Change]) -> list[BranchUnit]:
    written = []
    for change in changes:
        values = change.row.values
        found = asked.session.get(BranchUnit, change.existing.id) if change.existing else None
        served = found or BranchUnit(
            branch_id=asked.id_of("parties", values["branch"]),
            unit_id=asked.id_of("units", values["unit"]),
            starts_on=values["starts_on"],
        )
        served.ends_on = values["ends_on"]
        asked.session.add(served)
        written.append(served)
    return written


SERVED = Sheet(
    "served",
    "支部所在单位",
    (
        Column("branch", "支部代码", required=True, most=20, code=True),
        Column("unit", "单位代码", required=True, most=20, code=True),
        Column("starts_on", "开始日期", Kind.DAY, required=True),
        Column("ends_on", "结束日期", Kind.DAY, note="还对应的空着"),
    ),
    Permission.IMPORT_DATA,
    ("示例-B01", "OFF01", "2019-03-01", ""),
    lambda values: (values["branch"], values["unit"], values["starts_on"]),
    _served,
    _check_served,
    _write_served,
    note="联合党支部对应几个单位，就写几行。",
    needs=("units", "parties"),
)


# Shared.


def refer(asked: Asked, change: Change, *references: tuple[str, str]) -> Iterator[Fault]:
    """A fault for each reference (sheet, column) to a row that neither is there nor comes."""
    words = {"units": "单位", "parties": "党组织"}
    for sheet, column in references:
        code = change.row.values[column]
        if code and not asked.knows(sheet, code):
            do = f"请先在“{words[sheet]}”表里写上，或者改成已有的代码。"
            yield Fault(change.row.number, column, f"没有代码是 {code} 的{words[sheet]}。", do)


def _check_tree(
    asked: Asked, changes: Sequence[Change], sheet: str, model: type[Unit] | type[PartyOrganisation]
) -> Iterator[Fault]:
    yield from same_names(asked, changes, sheet)
    codes = {*asked.existing.get(sheet, {}), *asked.coming.get(sheet, {})}
    parents = {str(code): str(asked.value(sheet, (code,), "parent") or "") or None for (code,) in codes}
    new = [change.row.values["code"] for change in changes if change.existing is None]
    taken: set[str] = set()
    for start in range(0, len(new), 500):
        taken |= set(asked.session.scalars(sa.select(model.code).where(model.code.in_(new[start : start + 500]))))
    for change in changes:
        values, number = change.row.values, change.row.number
        wrong = rules.code_fault(values["code"])
        if wrong:
            yield Fault(number, "code", wrong)
        elif change.existing is None and values["code"] in taken:
            yield Fault(number, "code", f"代码 {values['code']} 已被别的主办党组织用了。", "请换一个代码。")
        if (values["position"] or 0) > _OVERFLOW:
            yield Fault(number, "position", f"顺序最大 {_OVERFLOW}。")
        yield from refer(asked, change, (sheet, "parent"))
        if values["parent"] and rules.in_circle(values["code"], values["parent"], parents):
            yield Fault(number, "parent", "绕成了一圈：挂在自己或自己的下级下面。")


def _position(asked_for: int | None, place: int) -> int:
    return min(_OVERFLOW, 10 * (place + 1)) if asked_for is None else asked_for


def _hang(asked: Asked, changes: Sequence[Change], rows: list[Any], sheet: str) -> list[Any]:
    """Add the rows, then hang each below its parent: parents may stand further down in the sheet."""
    asked.session.add_all(rows)
    asked.session.flush()
    for change, row in zip(changes, rows, strict=True):
        asked.existing[sheet][row.code,] = Existing(row.id, change.row.values)
    for change, row in zip(changes, rows, strict=True):
        parent = change.row.values["parent"]
        row.parent_id = asked.id_of(sheet, parent) if parent else None
    asked.session.flush()
    return rows
