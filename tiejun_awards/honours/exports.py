"""The list of honours as .xlsx, under the page's filters; what they hold of somebody."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from ..accounts.rules import DataSheet
from ..calls.rules import PROGRAMMES
from ..documents.sheets import workbook
from ..shared.access import Actor
from ..shared.db import db
from . import services
from .models import Honour

HEADS = ("年度", "项目", "单位", "姓名或名称", "职务", "形式", "决定机构", "决定日期", "文号", "表扬编号")


def honours_file(actor: Actor, filters: Mapping[str, str]) -> tuple[str, bytes]:
    """(file name, content), the latest year first, in unit order."""
    _, rows = services.page_of(actor, filters, "year", False)
    lines = [
        (
            *(row.year, PROGRAMMES[row.programme].title, row.unit, row.nominee, row.post, row.form.label),
            *(row.body, row.decided_on, row.number, row.code),
        )
        for row in rows
    ]
    return "先进典型名单.xlsx", workbook("先进典型", HEADS, lines)


def my_data(actor: Actor) -> DataSheet:
    """Published honours of his name in his unit: they are kept by name, not by account."""
    rows = []
    if actor.unit_id is not None:
        found = db.session.scalars(
            sa.select(Honour)
            .where(Honour.unit_id == actor.unit_id, Honour.nominee == actor.name)
            .order_by(Honour.year, Honour.id)
        )
        rows = [
            (one.year, PROGRAMMES[one.programme].title, one.form.label, one.body, one.decided_on, one.code, one.deeds)
            for one in found
        ]
    return DataSheet("受表扬", ("年度", "项目", "形式", "决定机构", "决定日期", "表扬编号", "事迹"), rows)
