"""The list of transcriptions as .xlsx, under the page's filters."""

from __future__ import annotations

from collections.abc import Mapping

from ..documents.sheets import workbook
from ..shared.access import Actor
from ..shared.clock import day_of
from . import queries, rules
from .rules import State

HEADS = (
    "事项",
    "党支部",
    "期间",
    "状态",
    "签字人",
    "签字日期",
    "原件存放处",
    "代录",
    "代录日期",
    "复核",
    "复核日期",
    "成为",
)


def papers_file(actor: Actor, filters: Mapping[str, str]) -> tuple[str, bytes]:
    """(file name, content), the latest first. The date of a paper that waits is for its second reader to read."""
    lines = [
        (
            *(row.about, row.branch or "", rules.period_label(row.period), row.state.label, row.author),
            *(None if row.state is State.ENTERED else row.signed_on, row.lies_at),
            *(row.enterer, day_of(row.entered_at), row.comparer or ""),
            *(row.compared_at and day_of(row.compared_at), row.became),
        )
        for row in queries.page_of(actor, filters, "entered", False).rows
    ]
    return "代录.xlsx", workbook("代录", HEADS, lines)
