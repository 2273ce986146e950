"""An organisation of a given size with one quarter's reports, written in bulk: the pages are measured, not the making."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from tiejun_awards.accounts.models import Person, RoleGrant
from tiejun_awards.accounts.services import hash_password
from tiejun_awards.app import create_app
from tiejun_awards.files.models import Attachment, FilePreview
from tiejun_awards.files.rules import FileKind, FileState, PreviewState
from tiejun_awards.organisation.models import BranchKind, BranchUnit, PartyKind, PartyOrganisation, Unit, UnitKind
from tiejun_awards.organisers.models import Level, Organiser
from tiejun_awards.reports.due import quarter_to_report
from tiejun_awards.reports.models import LifeRecord, Report, ReportRevision
from tiejun_awards.reports.rules import State
from tiejun_awards.reports.sections import RecordKind
from tiejun_awards.shared import clock, migrating
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.db import db, writing

from . import calls, rated

PASSWORD = "bench-only-password"
SINCE = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Page:
    """One measured page and who opens it."""

    name: str
    username: str
    path: str
    saves: str = ""  # the page's form is posted there instead, each time with the version the last answer gave


PAGES = (
    Page("home.secretary", "secretary", "/"),
    Page("home.office", "office", "/"),
    Page("report_list", "office", "/quarters/now"),
    Page("report_index", "office", "/reports/"),
    Page("report_editor", "secretary", "/reports/1/edit"),
    Page("home.judge", "judge1", "/"),
    Page("score_sheet", "judge1", "/scoring/1/branches/3"),
    Page("score_save", "judge1", "/scoring/1/branches/3", "/scoring/1/branches/3/autosave"),
    Page("standings", "office", "/ratings/2/standings"),
    Page("star_board", "secretary", "/stars/"),
    Page("suggest", "secretary", "/calls/1/suggest"),
    Page("call_entries", "office", "/selection/1"),  # 20 entries, and 2,000
    Page("attachments", "of_fifty_files", "/files/of/report/5"),
)


def build(folder: Path, branches: int) -> Flask:
    """An application on a fresh SQLite database with so many branches, a report of each, and 13 records a report."""
    url = f"sqlite:///{folder / 'app.db'}"
    app = create_app(Config(folder, "demo", "b" * 48, url, testing=True))
    now = clock.now()
    with app.app_context():
        migrating.upgrade(db.engine)
        with writing() as session:
            organiser = Organiser(code="JG", name="自治区生态环境厅机关党委", level=Level.DEPARTMENT)
            session.add(organiser)
            session.flush()
            _organisation(session, organiser.id, branches)
            _people(session, organiser.id, now)
            calls.write(session, organiser.id, 20 if branches < 1_000 else 2_000, now)
        quarter = quarter_to_report(organiser.id, now)
        with writing() as session:
            _reports(session, organiser.id, branches, quarter.previous(), now, begun=True)
            _reports(session, organiser.id, branches, quarter, now, begun=False)
        with writing() as session:
            rated.rate(session, organiser.id, branches, hash_password(PASSWORD), now)
            _attachments(session, now)
        app.config["BENCH_QUARTER"] = quarter.code
    return app


def _organisation(session: Any, organiser_id: int, branches: int) -> None:
    units = [
        {
            "organiser_id": organiser_id,
            "code": f"U{n}",
            "name": f"第{n}处",
            "kind": UnitKind.OFFICE,
            "kind_unconfirmed": False,
            "other_names": "",
            "position": n,
            "starts_on": SINCE,
        }
        for n in range(1, 26)
    ]
    session.execute(sa.insert(Unit), units)
    rows = [
        {
            "id": n,
            "organiser_id": organiser_id,
            "code": f"B{n}",
            "name": f"第{n}处党支部",
            "kind": PartyKind.BRANCH,
            "branch_kind": BranchKind.SERVING,
            "position": n,
            "members": 10 + n % 30,
            "probationary": n % 3,
            "committee_size": 3,
            "party_groups": n % 4,
        }
        for n in range(1, branches + 1)
    ]
    session.execute(sa.insert(PartyOrganisation), rows)
    served = [{"branch_id": n, "unit_id": 1 + n % 25, "starts_on": SINCE} for n in range(1, branches + 1)]
    session.execute(sa.insert(BranchUnit), served)


def _people(session: Any, organiser_id: int, now: datetime) -> None:
    password = hash_password(PASSWORD)
    for username, role, branch, posted in (
        ("secretary", Role.SECRETARY, 1, 1),
        ("office", Role.OFFICE, 2, None),
        ("of_fifty_files", Role.SECRETARY, 5, 5),
    ):
        person = Person(
            organiser_id=organiser_id,
            branch_id=branch,
            username=username,
            username_key=username,
            name=role.label,
            password_hash=password,
            made_at=now,
        )
        session.add(person)
        session.flush()
        grant = RoleGrant(person_id=person.id, role=role, organiser_id=organiser_id, branch_id=posted, starts_on=SINCE)
        session.add(grant)


_TEXT = "围绕本季度重点任务逐项调度，按计划推进；对照清单自查两次，问题都有人负责、有时限。"
_STATES = (State.SUBMITTED, State.ACCEPTED, State.RETURNED)


def _reports(session: Any, organiser_id: int, branches: int, quarter: Any, now: datetime, *, begun: bool) -> None:
    """Reports of a quarter: branch 1 has a draft in the current one, all others are spread over the states."""
    base = 0 if not begun else branches
    reports, records, revisions = [], [], []
    for n in range(1, branches + 1):
        state = State.DRAFT if n == 1 and not begun else _STATES[n % 3] if not begun else State.ACCEPTED
        done = None if state is State.DRAFT else now - timedelta(days=2)
        reports.append(
            {
                "id": base + n,
                "branch_id": n,
                "organiser_id": organiser_id,
                "quarter": quarter.code,
                "state": state,
                "version": 3,
                "revisions": int(done is not None),
                "draft": _draft(quarter),
                "saved_at": now,
                "saved_by": 1,
                "first_submitted_at": done,
                "submitted_at": done,
                "accepted_at": now if state is State.ACCEPTED else None,
                "return_reason": "请补一句整改情况" if state is State.RETURNED else "",
            }
        )
        records += _records(base + n, n, quarter)
        if done is not None:
            row = {"report_id": base + n, "number": 1, "content": _draft(quarter), "digest": "0" * 64}
            revisions.append({**row, "submitted_at": done, "submitted_by": 1})
    session.execute(sa.insert(Report), reports)
    session.execute(sa.insert(LifeRecord), records)
    session.execute(sa.insert(ReportRevision), revisions)


def _attachments(session: Any, now: datetime) -> None:
    """Fifty attachments at the returned report of branch 5: far more than any owner may have."""
    drawn = {"state": PreviewState.MADE, "pages": 1, "total": 1, "media": "image/png", "cut": False, "outline": []}
    hashes = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(50)]
    session.execute(sa.insert(FilePreview), [{"sha256": sha256, **drawn} for sha256 in hashes])
    rows = [
        {
            "owner_kind": "report",
            "owner_id": 5,
            "name": f"整改清单第{n}号.pdf",
            "kind": FileKind.PDF,
            "size": 300_000 + n,
        }
        | {"sha256": sha256, "state": FileState.KEPT, "added_at": now, "added_by": 1}
        for n, sha256 in enumerate(hashes)
    ]
    session.execute(sa.insert(Attachment), rows)


_KINDS = [
    *([RecordKind.GENERAL_MEETING] * 1),
    *([RecordKind.COMMITTEE] * 3),
    *([RecordKind.GROUP_MEETING] * 5),
    *([RecordKind.LECTURE] * 1),
    *([RecordKind.PARTY_DAY] * 3),
]


def _records(report_id: int, branch_id: int, quarter: Any) -> list[dict[str, Any]]:
    return [
        {
            "report_id": report_id,
            "branch_id": branch_id,
            "kind": kind,
            "held_on": quarter.first_day + timedelta(days=3 * place),
            "topic": "研究本季度重点任务",
            "attended": 11,
            "expected": 12,
            "page": f"第{place + 1}页",
        }
        for place, kind in enumerate(_KINDS)
    ]


def _draft(quarter: Any) -> dict[str, Any]:
    counts = (
        "members",
        "probationary",
        "committee_size",
        "party_groups",
        "dues_due",
        "dues_paid",
        "talks",
        "party_work",
    )
    texts = ("tasks", "brand", "highlight", "problems", "next_quarter", "support", "project")
    rows = [
        {
            "kind": kind.value,
            "held_on": f"{quarter.first_day + timedelta(days=3 * place):%Y-%m-%d}",
            "topic": "研究本季度重点任务",
            "attendance": "11/12",
            "page": f"第{place + 1}页",
        }
        for place, kind in enumerate(_KINDS)
    ]
    return {
        "fields": {**dict.fromkeys(counts, "12"), **dict.fromkeys(texts, _TEXT)},
        "records": rows,
        "fixes": [{"status": "done", "how": "已按要求补上"}],
        "confirmed": False,
    }


def signed_in(app: Flask, username: str) -> FlaskClient:
    """A client with a session of that person."""
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    values = {"csrf_token": _token(page), "username": username, "password": PASSWORD, "next": "/"}
    if client.post("/sign-in", data=values).status_code != 303:
        raise SystemExit(f"{username} could not sign in")
    return client


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise SystemExit("no CSRF token on the sign-in page")
    return found[1]


def open_pages_of(base: str) -> None:
    """Open the main pages of a running demo server a few times as secretary and as office."""
    password = Config.from_env().demo_password
    for username in ("secretary", "office"):
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        page = opener.open(f"{base}/sign-in").read().decode()
        values = {"csrf_token": _token(page), "username": username, "password": password, "next": "/"}
        opener.open(f"{base}/sign-in", urlencode(values).encode())
        for _ in range(5):
            for path in ("/", "/reports/", "/organisation/", "/rules/"):
                opener.open(base + path).read()
