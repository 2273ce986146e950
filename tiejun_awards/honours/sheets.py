"""The sheet of what was awarded before this system, as an import reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ..calls.rules import PROGRAMMES, Form
from ..organisation.models import Unit
from ..organisation.sheets import refer
from ..shared.access import Permission
from ..shared.clock import day_of
from ..shared.importing import Asked, Change, Column, Existing, Fault, Identity, Kind, Sheet
from .models import Honour

FIRST_YEAR = 2000
_BY_TITLE = {programme.title: key for key, programme in PROGRAMMES.items()}
_FORMS = {form.label: form for form in Form}


def _honours(session: Any, organiser_id: int) -> dict[Identity, Existing]:
    rows = session.execute(
        sa.select(Honour, Unit.code)
        .join(Unit, Unit.id == Honour.unit_id)
        .where(Honour.organiser_id == organiser_id)
        .order_by(Honour.year, Unit.position, Honour.id)
    )
    found: dict[Identity, Existing] = {}
    for honour, unit in rows:
        values = {
            "programme": honour.about.title,
            "year": honour.year,
            "unit": unit,
            "nominee": honour.nominee,
            "post": honour.post,
            "form": honour.form.label,
            "body": honour.body,
            "decided_on": honour.decided_on,
            "number": honour.number,
        }
        found[_identify(values)] = Existing(honour.id, values)
    return found


def _identify(values: Any) -> Identity:
    return values["programme"], values["year"], values["unit"], values["nominee"]


def _check(asked: Asked, changes: Sequence[Change]) -> Iterator[Fault]:
    today = day_of(asked.actor.at)
    for change in changes:
        values, number = change.row.values, change.row.number
        yield from refer(asked, change, ("units", "unit"))
        if not FIRST_YEAR <= values["year"] <= today.year:
            yield Fault(number, "year", f"年度应在 {FIRST_YEAR} 至 {today.year} 之间。")
        if values["decided_on"] > today:
            yield Fault(number, "decided_on", "这一天还没有到。")


def _write(asked: Asked, changes: Sequence[Change]) -> list[Honour]:
    counted: dict[str, int] = {}
    written = []
    for change in changes:
        values = change.row.values
        programme = _BY_TITLE[values["programme"]]
        prefix = f"TJ-{PROGRAMMES[programme].short}-{values['year']}-0-"
        if prefix not in counted:
            before = sa.select(sa.func.count()).where(Honour.code.startswith(f"{prefix}{asked.organiser_id}-"))
            counted[prefix] = asked.session.scalar(before) or 0
        counted[prefix] += 1
        written.append(
            Honour(
                organiser_id=asked.organiser_id,
                unit_id=asked.id_of("units", values["unit"]),
                programme=programme,
                form=_FORMS[values["form"]],
                year=values["year"],
                code=f"{prefix}{asked.organiser_id}-{counted[prefix]:03d}",
                nominee=values["nominee"],
                post=values["post"],
                body=values["body"],
                decided_on=values["decided_on"],
                number=values["number"],
                published_at=asked.actor.at,
                published_by=asked.actor.person_id,
                deeds="",
            )
        )
    asked.session.add_all(written)
    return written


HONOURS = Sheet(
    "honours",
    "历年表扬",
    (
        Column("programme", "项目", required=True, options=tuple(_BY_TITLE)),
        Column("year", "年度", Kind.NUMBER, required=True),
        Column("unit", "单位代码", required=True, most=20, code=True),
        Column("nominee", "姓名或集体名称", required=True, most=40, also=("姓名", "名称", "集体名称")),
        Column("post", "职务", most=40),
        Column("form", "形式", required=True, options=tuple(_FORMS)),
        Column("body", "决定机构", required=True),
        Column("decided_on", "决定日期", Kind.DAY, required=True),
        Column("number", "文号", required=True),
    ),
    Permission.PUBLISH_HONOURS,
    (
        *("示例", "2019", "OFF01", "李某某", "一级主任科员", "通报表扬"),
        *("厅党组会议", "2020-01-15", "宁环党发〔2020〕2号"),
    ),
    _identify,
    _honours,
    _check,
    _write,
    note="只补登以往的；已经公布的不能在这里改。事迹不导入。",
    fixed=True,
    needs=("units",),
)
