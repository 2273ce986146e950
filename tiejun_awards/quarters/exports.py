"""A quarter's overview as .xlsx: the columns of the page, at any moment; long ones as a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..accounts import services as accounts
from ..documents.sheets import Value, workbook
from ..organisers.models import Organiser
from ..shared import clock
from ..shared.access import Actor, Permission
from ..shared.db import db
from ..shared.jobs import Job, Product, ask_for, job_kind
from ..shared.periods import Quarter
from ..shared.use_case import use_case
from . import services
from .services import COUNTED, Filters

AT_ONCE = 500
"""Branches up to which the file is made while one waits; above it is a job."""

HEADS = ("党支部", "党员", "报告", "首次提交", "按时", *(kind.label for kind in COUNTED))


def quarter_file(
    actor: Actor, quarter: Quarter, filters: Filters, said: Callable[[int], None] = lambda percent: None
) -> tuple[str, bytes]:
    """(file name, content) of the overview under the page's filters, in unit order."""
    due = services.due_day_here(actor, quarter)
    lines = services.lines(actor, quarter, filters, due=due)
    said(50)
    rows = [_row(line) for line in lines]
    notes = (f"应在 {due:%Y-%m-%d} 前提交；次数写作“实际/一般”，一般次数是提醒，不是硬性要求。",)
    content = workbook(f"{quarter.label}报告情况", HEADS, rows, notes)
    return f"{quarter.label}党支部报告情况.xlsx", content


def _row(line: services.Line) -> list[Value]:
    punctual = "" if line.submitted_on is None else "否" if line.late else "是"
    counts = [text for text, _ in line.counts]
    return [line.name, line.members, line.progress.label, line.submitted_on, punctual, *counts]


@use_case(Permission.EXPORT_QUARTER)
def ask_for_quarter_file(
    actor: Actor, organiser: Organiser, quarter: Quarter, filters: Filters, *, key: str = ""
) -> Job:
    """Have the file made by the work process."""
    asked = {"branch": filters.branch, "unit_id": filters.unit_id, "state": filters.state}
    title = f"导出{quarter.label}报告情况"
    return ask_for(
        db.session(), actor, "quarters.file", title, person=actor.person_id, quarter=quarter.code, filters=asked
    )


@job_kind("quarters.file")
def _make_quarter_file(arguments: dict[str, Any], said: Callable[[int], None]) -> Product:
    actor = accounts.actor_of(arguments["person"], clock.now())
    name, content = quarter_file(actor, Quarter.from_code(arguments["quarter"]), Filters(**arguments["filters"]), said)
    return Product("文件已做好。", name, content)
