"""``python -m bench.audit [EVENTS]``: a trail of a million events: verifying it, and the auditor's page of it.

Prints seconds of a whole ``audit verify`` and the cost of the page against the bare view; exit 1 when a bar is missed.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from tiejun_awards.shared import audit, clock, trail
from tiejun_awards.shared.audit import AuditEvent, AuditSeal, Outcome
from tiejun_awards.shared.db import db, writing

from . import measure, world
from .world import Page

EVENTS = 1_000_000
PORTION = 20_000
MOST_SECONDS, MOST_RATIO = 15, 6
ACTIONS = ("reports.save", "reports.submit", "scoring.save", "accounts.sign_in", "web.denied")


def main(events: int = EVENTS) -> int:
    """Measure and print; 1 when a bar is missed."""
    with tempfile.TemporaryDirectory() as folder:
        app = world.build(Path(folder), 30)
        with app.app_context():
            fill(events)
            start = time.perf_counter()
            verdict = trail.verify(db.session(), clock.now())
            seconds = time.perf_counter() - start
        found = [
            (path, measure.page(app, Page("audit", "auditor", path)))
            for path in ("/audit/", "/audit/?who=secretary&action=reports.submit", "/audit/?outcome=denied")
        ]
    missed = not verdict.holds or seconds > MOST_SECONDS * events / EVENTS
    print(f"verify: {verdict.sealed} events in {seconds:.1f} s (bar {MOST_SECONDS} a million), holds: {verdict.holds}")
    for path, page in found:
        missed = missed or page.ratio > MOST_RATIO
        print(
            f"{path}: {page.ratio:.2f} x the bare view (bar {MOST_RATIO}), {page.statements} statements, {page.size} bytes"
        )
    return int(missed)


def fill(events: int) -> None:
    """So many sealed events, in bulk."""
    with writing() as session:
        seq, chain = 0, audit.CHAIN_START
        first = (session.scalar(sa.select(sa.func.max(AuditEvent.id))) or 0) + 1
        session.execute(sa.text("DELETE FROM audit_seal WHERE 1 = 0"))
        for portion in _portions(first, events):
            session.execute(sa.insert(AuditEvent), portion)
            seals = []
            for event in portion:
                seq, chain = seq + 1, audit.link(chain, event["leaf"])
                seals.append({"seq": seq, "event_id": event["id"], "chain": chain})
            session.execute(sa.insert(AuditSeal), seals)


def _portions(first: int, events: int) -> Iterator[list[dict[str, Any]]]:
    at = clock.now() - timedelta(seconds=events)
    portion: list[dict[str, Any]] = []
    for number in range(events):
        event: dict[str, Any] = {
            "at": at + timedelta(seconds=number),
            "organiser_id": 1,
            "actor_id": number % 40 + 1,
            "actor_name": "综合处党支部书记",
            "request_id": hashlib.md5(str(number).encode()).hexdigest(),
            "address": "10.1.2.3",
            "action": ACTIONS[number % len(ACTIONS)],
            "object_type": "report",
            "object_id": number % 3_000 + 1,
            "outcome": Outcome.DENIED if number % len(ACTIONS) == 4 else Outcome.OK,
            "detail": {"quarter": "2026Q3", "revision": 1},
        }
        event["leaf"] = audit.leaf_of(SimpleNamespace(**event))
        portion.append({"id": first + number, **event})
        if len(portion) == PORTION:
            yield portion
            portion = []
    if portion:
        yield portion


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
