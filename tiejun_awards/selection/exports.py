"""The table of a call's entries (推荐汇总表) as .xlsx, in unit order; nothing in it counts suggestions."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls.models import Call
from ..documents.sheets import workbook
from ..shared.access import Actor
from . import services

HEADS = ("单位", "推荐顺序", "姓名或名称", "职务", "简要事迹", "状态", "未列入原因")


def entries_file(actor: Actor, call: Call, filters: Mapping[str, str]) -> tuple[str, bytes]:
    """(file name, content) of the entries under the page's filters."""
    rows = [
        (line.unit, line.position, line.nominee, line.post, line.deeds, line.state.label, line.reason)
        for line in services.lines(actor, call, filters)
    ]
    notes = (f"{call.title}（{call.number}），名额 {call.quota} 个。按单位顺序排列。",)
    return f"{call.title}汇总表.xlsx", workbook("推荐汇总表", HEADS, rows, notes)
