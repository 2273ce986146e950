"""Signed papers for tests: of the fourth quarter's reports, typed by somebody whose only post is the office's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from tests import builders
from tests.builders import NOW, World
from tiejun_awards.accounts import services as accounts
from tiejun_awards.accounts.models import Person
from tiejun_awards.organisation.models import PartyOrganisation
from tiejun_awards.papers import services
from tiejun_awards.papers.models import PrintedForm, Transcription
from tiejun_awards.papers.rules import Entry
from tiejun_awards.reports import queries
from tiejun_awards.reports.drafts import lines
from tiejun_awards.reports.paper_form import values_of
from tiejun_awards.shared.access import Actor, Role
from tiejun_awards.shared.db import db
from tiejun_awards.shared.periods import Quarter

QUARTER = Quarter(2026, 4)
SIGNED_ON = date(2026, 11, 18)
LIES_AT = "机关党委季度报告卷第 3 页"
SECTIONS = range(10)
AUTHORS = {"water": "secretary", "air": "air_secretary", "own": "own_secretary", "city_branch": "city_secretary"}


def key_of(world: World, branch: str, quarter: str = QUARTER.code) -> str:
    return f"{world.branch(branch).id}-{quarter}"


def typist(world: World, branch: str = "water") -> Actor:
    """Another officer of the branch's organiser, who belongs to no branch."""
    organiser = "city" if branch == "city_branch" else "department"
    username = f"{organiser}_typist"
    found = db.session.scalar(sa.select(Person).filter_by(username=username))
    found = found or builders.person(username, world.organiser(organiser), Role.OFFICE, name="代录经办")
    return accounts.actor_of(found.id, world.now - timedelta(hours=1))


def values(world: World, branch: str = "water", **fields: str) -> dict[str, str]:
    """What stands on the paper: a whole report."""
    before = queries.submitted_before(world.branch(branch).id, QUARTER)
    problems = lines(before.fields["problems"]) if before else ()
    return {**values_of(builders.draft(QUARTER, problems=problems)), "tasks": "纸上写的进展。", **fields}


def entry(world: World, branch: str = "water", **changed: Any) -> Entry:
    """A signed paper as it is typed."""
    typed: dict[str, Any] = {
        "signed_on": SIGNED_ON,
        "author_id": world.person(AUTHORS[branch]).id,
        "lies_at": LIES_AT,
        "values": values(world, branch),
        **changed,
    }
    return Entry(**typed)


def posted(world: World, branch: str = "water") -> dict[str, str]:
    """The same as a form that is sent."""
    typed = entry(world, branch)
    around = {"signed_on": "2026-11-18", "author": str(typed.author_id), "lies_at": LIES_AT, "key": "one"}
    return {**typed.values, **around}


def printed(world: World, branch: str = "water", *, filled: bool = False) -> PrintedForm:
    """A form printed by the typist, a week ago."""
    who = accounts.actor_of(typist(world, branch).person_id, world.now - timedelta(days=7))
    content = values(world, branch) if filled else {}
    return services.print_form(who, world.branch(branch), "report", key_of(world, branch), content=content)


def transcription(world: World, branch: str = "water", **changed: Any) -> Transcription:
    """A paper that waits to be compared; the same one each time."""
    key = key_of(world, branch)
    found = db.session.scalar(sa.select(Transcription).filter_by(slot=f"report:{key}"))
    if found is not None:
        return found
    return services.transcribe(
        typist(world, branch), world.branch(branch), "report", key, entry(world, branch, **changed)
    )


def compared(world: World, found: Transcription, by: str = "second") -> Transcription:
    """The same, found alike by a second person."""
    return services.compare(world.actor(by), found, signed_on=found.signed_on, alike=SECTIONS, version=found.version)


def row(world: World, branch: PartyOrganisation) -> Transcription:
    """A row of the list, straight into the table."""
    return builders.add(
        Transcription(
            organiser_id=branch.organiser_id,
            branch_id=branch.id,
            kind="report",
            subject=f"{branch.id}-2026Q4",
            about=f"{branch.name}2026年第四季度报告",
            period="2026Q4",
            slot=f"report:{branch.id}-2026Q4",
            author_id=world.person("secretary").id,
            signed_on=SIGNED_ON,
            lies_at=LIES_AT,
            entered_at=NOW,
            entered_by=typist(world).person_id,
            content={},
            replaced={},
        )
    )
