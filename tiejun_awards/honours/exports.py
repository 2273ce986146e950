"""The list of honours as .xlsx, under the page's filters."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls.rules import PROGRAMMES
from ..documents.sheets import workbook
from ..shared.access import Actor
from . import services

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
