"""Builders of star ratings on the world of ``builders.py``: a cycle of the department's three branches, brought to any state.

``judge`` and ``judge2`` belong to air, ``judge3`` … ``judge7`` to no branch: so water and own keep seven sheets, air five. ``supervisor``
verifies water, ``supervisor_air`` (of water) the other two. The rated world holds the cycle of 2025 published and that of 2026 half
marked: judge has confirmed water, judge3 has signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tests import builders
from tests.builders import NOW, World
from tiejun_awards.accounts import services as accounts
from tiejun_awards.decisions import services as decisions
from tiejun_awards.decisions.rules import Entry, Kind
from tiejun_awards.ratings import branches, queries, services, trial_rules, trials
from tiejun_awards.ratings.branches import Agreed
from tiejun_awards.ratings.models import CycleBranch, RatingCycle, RatingTrial
from tiejun_awards.ratings.trial_rules import Trial, TrialState
from tiejun_awards.scoring import queries as scoring
from tiejun_awards.scoring import services as sheets
from tiejun_awards.scoring.rules import Given
from tiejun_awards.shared.access import Permission, Role
from tiejun_awards.shared.db import db
from tiejun_awards.shared.periods import Quarter
from tiejun_awards.stars import services as stars

JUDGES = ("judge", *(f"judge{number}" for number in range(2, 8)))
BRANCHES = ("water", "air", "own")
FULL = {"1.4": 300, "4.3": 400, "6.1b": 400, "6.2": 1000}
BASIS = "测试通报〔2026〕1号"


def build_people(world: World) -> None:
    """The other judges, and a supervisor for the branches the world's own does not look after."""
    department = world.organiser("department")
    air: dict[str, Any] = {"branch": world.branch("air"), "unit": world.unit("air_unit")}
    for number in range(2, 8):
        builders.person(f"judge{number}", department, Role.JUDGE, name=f"评委{number}", **(air if number == 2 else {}))
    supervisor = builders.person(
        "supervisor_air", department, name="党建督导员二", branch=world.branch("water"), unit=world.unit("water_unit")
    )
    for code in ("air", "own"):
        builders.grant(supervisor, Role.SUPERVISOR, at=world.branch(code))


def actor(world: World, username: str, at: datetime):
    return accounts.actor_of(world.person(username).id, at)


def drafted(world: World, *, year: int = 2026, at: datetime = NOW, last: str | None = None) -> RatingCycle:
    quarter = Quarter.from_code(last or ("2025Q4" if year == 2025 else "2026Q3"))
    return services.draft(actor(world, "office", at), world.organiser("department"), year=year, last_quarter=quarter)


def announced(
    world: World, *, year: int = 2026, at: datetime = NOW, judges: Sequence[str] = JUDGES, last: str | None = None
) -> RatingCycle:
    cycle = drafted(world, year=year, at=at, last=last)
    return services.announce(
        actor(world, "office", at),
        cycle,
        ground="年度督查检查考核计划第4项",
        number=f"测试党办〔{year}〕6号",
        judges=[world.person(username).id for username in judges],
        version=cycle.version,
    )


def verified(
    world: World, cycle: RatingCycle, *, at: datetime = NOW, taken: Mapping[str, Mapping[str, Mapping[str, int]]] = {}
):
    """All branches verified; ``taken``: branch -> line -> case -> times."""
    for code in BRANCHES:
        verify(world, cycle, code, taken.get(code, {}), at=at)
    return cycle


def verify(
    world: World,
    cycle: RatingCycle,
    code: str,
    taken: Mapping[str, Mapping[str, int]] = {},
    *,
    at: datetime = NOW,
    **more,
) -> CycleBranch:
    who = actor(world, "supervisor" if code == "water" else "supervisor_air", at)
    place = queries.get_branch(who, cycle.id, world.branch(code).id, Permission.VERIFY_BRANCH)
    agreed = {line: Agreed(times) for line, times in taken.items()}
    return branches.verify(who, place, agreed, version=place.version, **more)


def register(world: World, cycle: RatingCycle, kind: Kind, *, at: datetime = NOW, **entry) -> None:
    filled = {
        "body": "某机构会议",
        "held_on": at.date(),
        "place": "厅机关公告栏",
        "number": builders.NUMBER,
        "result": "应到 20，收回 19，满意率 95%。",
        **entry,
    }
    services.register(actor(world, "office", at), cycle, kind, Entry(**filled))


def scoring_open(
    world: World, *, year: int = 2026, at: datetime = NOW, taken: Mapping[str, Any] = {}, judges: Sequence[str] = JUDGES
) -> RatingCycle:
    cycle = verified(world, announced(world, year=year, at=at, judges=judges), at=at, taken=taken)
    for kind in (Kind.SELF_ASSESSMENT, Kind.SURVEY):
        register(world, cycle, kind, at=at)
    return services.open_scoring(actor(world, "office", at), cycle, version=cycle.version)


def mark(
    world: World,
    cycle: RatingCycle,
    username: str,
    marks: Mapping[str, Mapping[str, int]] = {},
    *,
    at: datetime = NOW,
    sign: bool = True,
) -> None:
    """A judge marks every branch he is not recused from: full marks, less what ``marks`` says (branch -> line -> hundredths)."""
    who = actor(world, username, at)
    assert cycle.panel_id is not None
    for line in scoring.my_panel(who, cycle.panel_id).lines:
        code = next(code for code in BRANCHES if world.branch(code).id == line.branch_id)
        mark_one(world, cycle, username, code, marks.get(code, {}), at=at)
    if sign:
        sheets.sign(who, scoring.seat_of(who, cycle.panel_id))


def mark_one(
    world: World, cycle: RatingCycle, username: str, code: str, marks: Mapping[str, int] = {}, *, at: datetime = NOW
):
    who = actor(world, username, at)
    assert cycle.panel_id is not None
    sheet, scheme = scoring.my_sheet(who, cycle.panel_id, world.branch(code).id)
    given = {line: Given(value) for line, value in {**FULL, **marks}.items()}
    return sheets.save(who, sheet, scheme, given, version=sheet.version, confirm=True)


def closed(
    world: World, *, year: int = 2026, at: datetime = NOW, taken: Mapping[str, Any] = {}, marks: Mapping[str, Any] = {}
) -> RatingCycle:
    """``marks``: judge -> branch -> line -> hundredths."""
    cycle = scoring_open(world, year=year, at=at, taken=taken)
    for username in JUDGES:
        mark(world, cycle, username, marks.get(username, {}), at=at)
    return services.close(actor(world, "office", at), cycle, version=cycle.version)


def approved(world: World, cycle: RatingCycle, *, at: datetime) -> RatingCycle:
    """All steps up to the confirmed approval; the notice ends the day before ``at``."""
    for kind in (Kind.REVIEW, Kind.DISCIPLINE):
        register(world, cycle, kind, at=at)
    register(
        world, cycle, Kind.NOTICE, at=at, held_on=at.date() - timedelta(days=14), until=at.date() - timedelta(days=1)
    )
    register(world, cycle, Kind.APPROVAL, at=at)
    step = decisions.steps_of(cycle)[Kind.APPROVAL]
    decisions.confirm(actor(world, "second", at), step, number=builders.NUMBER)
    return cycle


def published(
    world: World, *, year: int = 2026, at: datetime = NOW, taken: Mapping[str, Any] = {}, marks: Mapping[str, Any] = {}
) -> RatingCycle:
    cycle = approved(world, closed(world, year=year, at=at, taken=taken, marks=marks), at=at)
    return services.publish(actor(world, "office", at), cycle, version=cycle.version)


def numbers(cycle: RatingCycle, **changed: str) -> dict[str, str]:
    """The form of a trial as the terms of a cycle fill it in, some of it changed."""
    found = trial_rules.numbers_of(cycle.announced_terms)
    return {**{name: str(value) for name, value in found.items()}, "method": "", **changed}


def trial_of(cycle: RatingCycle, **changed: int) -> Trial:
    """A trial with the terms of a cycle, some numbers changed."""
    terms = cycle.announced_terms
    return Trial(trial_rules.with_numbers(terms, {**trial_rules.numbers_of(terms), **changed}))


def asked(world: World, *, confirmed: bool = False, at: datetime = NOW) -> RatingTrial:
    """The trial the office has asked for in the cycle of 2026, and the second hand confirmed; made where there is none."""
    state = TrialState.CONFIRMED if confirmed else TrialState.ASKED
    found = db.session.scalar(sa.select(RatingTrial).where(RatingTrial.state == state))
    if found is None:
        cycle = cycle_of(world, 2026)
        office = actor(world, "office", at)
        found = trials.ask_for_trial(office, cycle, trial_of(cycle, floor_4=85), reason="机关党委会前测算档线。")
        if confirmed:
            found = trials.confirm_trial(actor(world, "second", at), found)
    return found


def pilot(world: World, code: str = "water", *, at: datetime = NOW, number: str = "测试党办〔2026〕3号"):
    return stars.designate(
        actor(world, "office", at),
        world.organiser("department"),
        branch_id=world.branch(code).id,
        number=number,
        started_on=date(2026, 1, 5),
    )


def build_rated() -> None:
    """What the module's docstring says."""
    world = World(NOW)
    build_people(world)
    pilot(world)
    before = NOW - timedelta(days=240)
    taken = {"air": {"1.1": {"a": 1}, "3.5": {"a": 1}, "4.4": {"a": 8}}, "own": {"1.1": {"b": 1}}}
    published(world, year=2025, at=before, taken=taken)
    cycle = scoring_open(world, at=NOW - timedelta(days=5), taken={"water": {"4.1": {"b": 1}}})
    mark_one(world, cycle, "judge", "water", {"6.2": 800})
    mark(world, cycle, "judge3", {"own": {"1.4": 200}})


def cycle_of(world: World, year: int) -> RatingCycle:
    return builders._one(RatingCycle, year=year)


def place(world: World, year: int, code: str) -> CycleBranch:
    """A branch's place in the cycle of a year."""
    return builders._one(CycleBranch, cycle_id=cycle_of(world, year).id, branch_id=world.branch(code).id)
