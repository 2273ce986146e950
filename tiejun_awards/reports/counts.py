"""What ratings count from reports: organisation life, punctuality, dues. Two statements, however many branches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from ..shared.clock import day_of
from ..shared.dates import parse_count
from ..shared.db import db
from ..shared.facts import Counted, Fact, Row
from ..shared.periods import Quarter
from . import due, rules
from .models import LifeRecord, Report, ReportRevision
from .sections import RecordKind

_R, _V, _L = Report.__table__.c, ReportRevision.__table__.c, LifeRecord.__table__.c


def count(branches: Sequence[int], quarters: Sequence[Quarter]) -> Counted:
    """The facts of these branches in these quarters.

    Life and dues are counted only where every quarter has a submitted report; punctuality where the organiser's branches
    reported in every quarter at all (before, there was no system to be late in).
    """
    codes = [quarter.code for quarter in quarters]
    submitted = _submitted(branches, codes)
    reported = {quarter for found in submitted.values() for quarter in found}
    records = _records(branches, quarters)
    facts: dict[int, dict[str, Fact]] = {}
    for branch in branches:
        mine = submitted.get(branch, {})
        found: dict[str, Fact] = {}
        if reported >= set(codes):
            found |= _punctuality(mine, quarters)
        if len(mine) == len(codes):
            found |= _life(records.get(branch, ()))
            found |= _dues(mine)
        facts[branch] = found
    return facts


Submitted = dict[str, tuple[int, date, dict[str, str]]]
"""quarter -> (organiser, first day of submission, fields of the latest submission)."""


def _submitted(branches: Sequence[int], codes: Sequence[str]) -> dict[int, Submitted]:
    rows = db.session.execute(
        sa.select(_R.branch_id, _R.organiser_id, _R.quarter, _R.first_submitted_at, _V.content)
        .join(ReportRevision.__table__, sa.and_(_V.report_id == _R.id, _V.number == _R.revisions))
        .where(_R.branch_id.in_(branches), _R.quarter.in_(codes))
    )
    found: dict[int, Submitted] = defaultdict(dict)
    for branch, organiser, quarter, at, content in rows:
        found[branch][quarter] = (organiser, day_of(at), content.get("fields", {}))
    return found


def _records(branches: Sequence[int], quarters: Sequence[Quarter]) -> dict[int, list[tuple[RecordKind, date, str]]]:
    first, last = min(quarters).first_day, max(quarters).last_day
    rows = db.session.execute(
        sa.select(_L.branch_id, _L.kind, _L.held_on, _L.topic)
        .where(_L.branch_id.in_(branches), _L.held_on.between(first, last))
        .order_by(_L.held_on)
    )
    found: dict[int, list[tuple[RecordKind, date, str]]] = defaultdict(list)
    for branch, kind, day, topic in rows:
        found[branch].append((kind, day, topic))
    return found


def _life(records: Sequence[tuple[RecordKind, date, str]]) -> dict[str, Fact]:
    found = {}
    for kind in RecordKind:
        rows = tuple(Row(day, topic) for each, day, topic in records if each is kind)
        found[f"life.{kind.value}"] = Fact(f"life.{kind.value}", kind.label, len(rows), rows)
    return found


def _punctuality(mine: Submitted, quarters: Sequence[Quarter]) -> dict[str, Fact]:
    late, missing = [], []
    for quarter in quarters:
        if quarter.code not in mine:
            missing.append(Row(quarter.last_day, f"{quarter.label}没有报告"))
            continue
        organiser, day, _ = mine[quarter.code]
        if rules.is_late(due.due_day(organiser, quarter).day, day, day):
            late.append(Row(day, f"{quarter.label}报告晚于截止日"))
    return {
        "reports.late": Fact("reports.late", "季度报告迟报", len(late), tuple(late)),
        "reports.missing": Fact("reports.missing", "季度报告漏报", len(missing), tuple(missing)),
    }


def _dues(mine: Submitted) -> dict[str, Fact]:
    rows, short = [], 0
    for code, (_, _, fields) in sorted(mine.items()):
        try:
            missing = parse_count(fields.get("dues_due", "")) - parse_count(fields.get("dues_paid", ""))
        except ValueError:
            return {}
        if missing > 0:
            short += missing
            rows.append(Row(Quarter.from_code(code).last_day, f"{Quarter.from_code(code).label}欠交 {missing} 人"))
    return {"reports.dues_short": Fact("reports.dues_short", "党费欠交", short, tuple(rows))}
