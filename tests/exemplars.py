"""Builders of calls, suggestions, recommendations, entries and honours in the world of ``builders.py``, through the services.

A call of either organiser is open from 2026-10-19; staff suggest until 2026-11-27, units send until 2026-12-04. ``NOW`` is 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tests import builders
from tests.builders import NOW, World
from tiejun_awards.accounts import services as accounts
from tiejun_awards.accounts.models import Person
from tiejun_awards.calls import services as calls
from tiejun_awards.calls.models import Call
from tiejun_awards.calls.rules import Plan
from tiejun_awards.decisions import services as decisions
from tiejun_awards.decisions.models import RegisteredStep
from tiejun_awards.decisions.rules import Entry as StepEntry
from tiejun_awards.decisions.rules import Kind
from tiejun_awards.honours import services as honours
from tiejun_awards.honours.models import Honour
from tiejun_awards.nominations import services as nominations
from tiejun_awards.nominations.models import Entry, Recommendation, Suggestion
from tiejun_awards.nominations.rules import Draft, EndReason, EntryState, Relation, Suggested, name_key
from tiejun_awards.organisation.models import Unit
from tiejun_awards.selection import services as selection
from tiejun_awards.shared.access import Actor, Role
from tiejun_awards.shared.db import db

DEEDS = "强降雨那几天，他在现场守了三个昼夜，带人沿河走了十一公里，找到一处雨水混排口，当晚就协调封堵。" * 3
BRIEF = "强降雨期间沿河排查，当晚封堵雨水混排口，下游取水口一直没有停。"
NOMINEE = "水处干部甲（演示）"
FIELDS = {
    "studied_on": "2026-11-02",
    "notice_from": "2026-11-03",
    "notice_to": "2026-11-09",
    "notice_place": "本单位公告栏",
}


def plan(**values: Any) -> Plan:
    """A call that can be kept and announced."""
    filled = {
        "title": "2026年度担当作为好干部推荐",
        "programme": "good_cadre",
        "year": 2026,
        "opens_on": date(2026, 10, 19),
        "suggest_by": date(2026, 11, 27),
        "recommend_by": date(2026, 12, 4),
        "quota": 3,
        "per_unit": 2,
        "number": "宁环党办〔2026〕18号",
        **values,
    }
    return Plan(**filled)


def office_of(world: World, code: str, at: datetime = NOW) -> Actor:
    return world.actor("office" if code == "department" else "city_office", at)


def call(world: World, code: str = "department", *, announced: bool = True, **values: Any) -> Call:
    """A call of an organiser's; the same one each time for the same words."""
    wanted = plan(**values)
    found = db.session.scalar(
        sa.select(Call).where(
            Call.title == wanted.title,
            Call.programme == wanted.programme,
            Call.organiser_id == world.organiser(code).id,
            Call.announced_at.is_not(None) if announced else Call.announced_at.is_(None),
        )
    )
    if found is not None:
        return found
    office = office_of(world, code, NOW - timedelta(days=35))
    made = calls.draft(office, world.organiser(code), wanted)
    return calls.announce(office, made, version=made.version) if announced else made


def typed(world: World, unit: str = "water_unit", nominee: str = NOMINEE, **values: Any) -> Suggested:
    """A suggestion as it was typed."""
    filled = {"relation": Relation.SAME_UNIT, "deeds": DEEDS, **values}
    return Suggested(world.unit(unit).id, nominee, **filled)


def suggestion(
    world: World, who: str = "staff", unit: str = "water_unit", nominee: str = NOMINEE, code: str = "department"
) -> Suggestion:
    """Somebody's suggestion; the same one each time while it stands."""
    asked, person = call(world, code), world.person(who)
    found = db.session.scalar(
        sa.select(Suggestion).filter_by(
            call_id=asked.id, nominator_id=person.id, nominee_key=name_key(nominee), unit_id=world.unit(unit).id, gone=0
        )
    )
    if found is not None:
        return found
    return nominations.suggest(world.actor(who, NOW - timedelta(days=20)), asked, typed(world, unit, nominee))


def clerk_of(world: World, unit: str) -> Person:
    """The clerk of a unit: the world's own for water, one made for any other."""
    if unit == "water_unit":
        return world.person("clerk")
    found = db.session.scalar(sa.select(Person).filter_by(username=f"clerk_{unit}"))
    place = world.unit(unit)
    organiser = world.organiser("city" if unit == "city_unit" else "department")
    return found or builders.person(f"clerk_{unit}", organiser, Role.CLERK, name=f"{unit}经办", unit=place)


def draft(
    rows: Sequence[tuple[str, str]] = ((NOMINEE, "干部"),),
    declined: Mapping[str, str] | None = None,
    *,
    agreed: bool = True,
    **fields: str,
) -> Draft:
    """A unit's draft that can be sent: rows of (nominee, post)."""
    filled = tuple({"nominee": nominee, "post": post, "deeds": BRIEF} for nominee, post in rows)
    return Draft({**FIELDS, **fields}, filled, declined or {}, agreed)


def recommendation(
    world: World,
    unit: str = "water_unit",
    code: str = "department",
    wanted: Draft | None = None,
    *,
    sent: bool = True,
    asked: Call | None = None,
) -> Recommendation:
    """A unit's recommendation in the call; the same one each time."""
    asked = asked or call(world, code)
    found = db.session.scalar(sa.select(Recommendation).filter_by(call_id=asked.id, unit_id=world.unit(unit).id))
    if found is not None:
        return found
    clerk = accounts.actor_of(clerk_of(world, unit).id, NOW - timedelta(days=10))
    made = nominations.begin(clerk, world.unit(unit), asked)
    made = nominations.save(clerk, made, wanted or draft([(f"{unit}干部（演示）", "干部")]), version=made.version)
    return nominations.submit(clerk, made, version=made.version) if sent else made


def reviewer_of(world: World, unit: str) -> Actor:
    """Somebody who may review a unit's entries: the office, for its own unit the second hand, in the city one of no unit."""
    if unit == "city_unit":
        found = db.session.scalar(sa.select(Person).filter_by(username="city_reviewer"))
        person = found or builders.person("city_reviewer", world.organiser("city"), Role.SECOND, name="市局另一复核人")
        return accounts.actor_of(person.id, NOW - timedelta(days=3))
    return world.actor("second" if unit == "own_unit" else "office", NOW - timedelta(days=3))


def entry(
    world: World,
    unit: str = "water_unit",
    state: EntryState = EntryState.RECOMMENDED,
    code: str = "department",
    *,
    asked: Call | None = None,
) -> Entry:
    """A unit's first entry, brought to a state by somebody who may."""
    found = recommendation(world, unit, code, asked=asked).entries[0]
    if found.state is not EntryState.RECOMMENDED or state is EntryState.RECOMMENDED:
        return found
    reviewer = reviewer_of(world, unit)
    if state is EntryState.SHORTLISTED:
        return selection.accept(reviewer, found, version=found.version)
    return selection.end(reviewer, found, reason=EndReason.STUDIED, ground="内部说明一句。", version=found.version)


STEPS = {
    Kind.DISCIPLINE: StepEntry(
        "驻厅纪检监察组", date(2026, 11, 10), number="驻环纪函〔2026〕21号", result="无不同意见。"
    ),
    Kind.NOTICE: StepEntry(held_on=date(2026, 11, 10), until=date(2026, 11, 16), place="厅机关公告栏"),
    Kind.APPROVAL: StepEntry("厅党组会议", date(2026, 11, 18), number=builders.NUMBER, result="同意。"),
}


def step(world: World, asked: Call, kind: Kind, entry: StepEntry | None = None) -> RegisteredStep:
    """A step of a call, registered by its office; the same one each time while it stands."""
    found = decisions.steps_of(asked).get(kind)
    if found is not None:
        return found
    code = "department" if asked.organiser_id == world.organiser("department").id else "city"
    return selection.register(office_of(world, code), asked, kind, entry or STEPS[kind])


def ready(world: World, code: str = "department", unit: str = "water_unit", **values: Any) -> Call:
    """A call with one shortlisted entry whose steps are all registered, the decision confirmed."""
    asked = call(world, code, **values)
    entry(world, unit, EntryState.SHORTLISTED, code, asked=asked)
    for kind in STEPS:
        made = step(world, asked, kind)
    if made.confirmed_at is None:
        second = world.actor("second" if code == "department" else "city_second")
        decisions.confirm(second, made, number=builders.NUMBER)
    return asked


def honour(world: World, code: str = "department", unit: str = "water_unit") -> Honour:
    """What was published of a ready call; the same one each time."""
    asked = ready(world, code, unit)
    found = db.session.scalar(sa.select(Honour).where(Honour.call_id == asked.id))
    if found is None:
        honours.publish(office_of(world, code), asked, version=asked.version)
        found = db.session.scalars(sa.select(Honour).where(Honour.call_id == asked.id)).one()
    return found


def grow(world: World, place: Unit, number: int) -> None:
    """One more of everything: a call, a suggestion of the staff's, an entry of a unit's own and an honour made of another."""
    staff, office = world.actor("staff", NOW - timedelta(days=20)), world.actor("office", NOW - timedelta(days=3))
    call(world, title=f"第{number}份通知")
    asked = call(world)
    nominations.suggest(staff, asked, typed(world, "air_unit", f"同事{number}（演示）"))
    nominations.suggest(staff, asked, typed(world, "water_unit", f"同事{number}（演示）"))
    clerk = accounts.actor_of(
        builders.person(f"clerk_{number}", world.organiser("department"), Role.CLERK, unit=place).id, NOW
    )
    made = nominations.begin(clerk, place, asked)
    made = nominations.save(
        clerk, made, draft([(f"甲{number}（演示）", "干部"), (f"乙{number}（演示）", "干部")]), version=made.version
    )
    first = nominations.submit(clerk, made, version=made.version).entries[0]
    selection.end(office, first, reason=EndReason.STUDIED, ground="", version=first.version)
    builders.add(
        Honour(
            organiser_id=asked.organiser_id,
            call_id=asked.id,
            entry_id=first.id,
            unit_id=place.id,
            programme=asked.programme,
            form=asked.form,
            year=2020 + number % 5,
            code=f"N-{number}",
            nominee=first.nominee,
            post="干部",
            body="厅党组会议",
            decided_on=NOW.date(),
            number=builders.NUMBER,
            notice_from=NOW.date(),
            notice_to=NOW.date(),
            published_at=NOW,
            published_by=office.person_id,
            deeds=BRIEF,
        )
    )
