"""One call under way with entries of every unit, written in bulk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tiejun_awards.calls.models import Call
from tiejun_awards.calls.rules import Form
from tiejun_awards.calls.rules import State as CallState
from tiejun_awards.nominations.models import Entry, Recommendation
from tiejun_awards.nominations.rules import EntryState, State
from tiejun_awards.shared.clock import day_of

UNITS = 25
DEEDS = "围绕急难险重任务敢于担当，当晚到现场，三天内把问题查清、改好，群众和企业都认可。"


def write(session: Any, organiser_id: int, entries: int, now: datetime) -> None:
    """A call of the organiser's with so many entries, spread over its 25 units."""
    today = day_of(now)
    session.add(
        Call(
            organiser_id=organiser_id,
            programme="good_cadre",
            form=Form.PRAISED,
            title="担当作为好干部推荐",
            year=today.year,
            opens_on=today - timedelta(days=30),
            suggest_by=today + timedelta(days=10),
            recommend_by=today + timedelta(days=20),
            quota=5,
            per_unit=9,
            number="党办〔2026〕1号",
            state=CallState.ANNOUNCED,
            saved_at=now,
            saved_by=1,
            announced_at=now,
        )
    )
    session.flush()
    sent = {"call_id": 1, "organiser_id": organiser_id, "state": State.SUBMITTED, "version": 2, "saved_at": now}
    sent |= {"saved_by": 1, "studied_on": today, "submitted_at": now, "draft": {}, "notice_place": ""}
    session.execute(sa.insert(Recommendation), [{**sent, "id": n, "unit_id": n} for n in range(1, UNITS + 1)])
    session.execute(sa.insert(Entry), [_entry(organiser_id, number) for number in range(entries)])


def _entry(organiser_id: int, number: int) -> dict[str, Any]:
    unit = 1 + number % UNITS
    return {
        "recommendation_id": unit,
        "call_id": 1,
        "organiser_id": organiser_id,
        "unit_id": unit,
        "position": 1 + number // UNITS,
        "nominee": f"第{number}位干部",
        "nominee_key": f"第{number}位干部",
        "post": "干部",
        "deeds": DEEDS,
        "state": EntryState.RECOMMENDED,
        "version": 1,
        "ground": "",
    }
