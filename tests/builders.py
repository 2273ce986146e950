"""Builders of what tests need, and the small world of two organisers most tests start from.

Rows are made by functions that take what matters and fill in the rest; reports go through the services, in any state.
Call them with an application context (fixture ``app``); each is a transaction of its own.

The world, as of ``NOW`` (2026-11-23, Shanghai), when the fourth quarter is reported on:

    organisers  department (厅机关党委) · city (银川市局机关党委, below it)
    branches    of the department: water, air, own (the office's own branch, 机关党委 its parent)
                of the city: city_branch, city_own (the city office's own)
    units       water_unit, air_unit, own_unit · city_unit
    people      one for each role, under the role's own word: staff, liaison, secretary, instructor, supervisor (of water), judge,
                clerk (of water_unit), discipline, office (member of own), second (member of air), poll_watcher, vote_counter,
                leader, system_admin, security_admin, auditor; air_secretary and own_secretary
                of the city: city_staff, city_liaison, city_secretary (of city_branch), city_office (member of city_own), city_second
    reports     water        2026Q2 accepted   2026Q3 submitted   2026Q4 draft
                air          2026Q2 accepted   2026Q3 returned
                own         2026Q2 accepted   2026Q3 submitted   (accepted by the second hand: it is the office's own branch)
                city_branch  2026Q2 accepted   2026Q3 submitted   2026Q4 draft
                city_own                       2026Q3 submitted
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any, TypeVar

import sqlalchemy as sa
from argon2 import PasswordHasher

from tiejun_awards.accounts import services as accounts
from tiejun_awards.accounts.models import Person, RoleGrant, SignInSession
from tiejun_awards.accounts.rules import username_key
from tiejun_awards.decisions import services as decisions
from tiejun_awards.decisions.models import RegisteredStep
from tiejun_awards.decisions.rules import Entry, Kind
from tiejun_awards.files import store
from tiejun_awards.files.models import Attachment, FilePreview
from tiejun_awards.files.rules import FileKind, PreviewState
from tiejun_awards.home import services as home
from tiejun_awards.home.models import Feedback
from tiejun_awards.messages.models import Message
from tiejun_awards.messages.rules import Kind as MessageKind
from tiejun_awards.organisation.models import BranchKind, BranchUnit, PartyKind, PartyOrganisation, Unit, UnitKind
from tiejun_awards.organisers.models import Level, Organiser
from tiejun_awards.reports import queries
from tiejun_awards.reports import services as reports
from tiejun_awards.reports.drafts import Draft, lines
from tiejun_awards.reports.models import Report
from tiejun_awards.reports.rules import State
from tiejun_awards.rulebook.models import RuleValue
from tiejun_awards.shared.access import Actor, Role
from tiejun_awards.shared.clock import SHANGHAI
from tiejun_awards.shared.db import Base, db, writing
from tiejun_awards.shared.periods import Quarter

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
LONG_AGO = date(2020, 1, 1)

PASSWORD = "Tiejun-2020-test"
_CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

T = TypeVar("T", bound=Base)


def add(row: T) -> T:
    """Write one row."""
    with writing() as session:
        session.add(row)
    return row


def count(model: type[Base]) -> int:
    """How many rows a table has."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


# Organisers, units, party organisations.


def organiser(
    code: str, name: str = "", *, level: Level = Level.DEPARTMENT, parent: Organiser | None = None
) -> Organiser:
    """A body that runs things."""
    return add(Organiser(code=code, name=name or f"{code}机关党委", level=level, parent_id=parent and parent.id))


def unit(organiser: Organiser, code: str, name: str = "", **values: Any) -> Unit:
    """An administrative unit."""
    filled = {"kind": UnitKind.OFFICE, "position": count(Unit) + 1, "starts_on": LONG_AGO, **values}
    return add(Unit(organiser_id=organiser.id, code=code, name=name or f"{code}处", **filled))


def party(organiser: Organiser, code: str, name: str, kind: PartyKind, **values: Any) -> PartyOrganisation:
    """A party organisation above the branches."""
    filled = {"position": count(PartyOrganisation) + 1, **values}
    return add(PartyOrganisation(organiser_id=organiser.id, code=code, name=name, kind=kind, **filled))


def branch(
    organiser: Organiser, code: str, name: str = "", *, units: Iterable[Unit] = (), **values: Any
) -> PartyOrganisation:
    """A party branch of 20 members in two groups, serving some units."""
    filled = {
        "branch_kind": BranchKind.SERVING,
        "members": 20,
        "probationary": 1,
        "committee_size": 3,
        "party_groups": 2,
        "founded_on": LONG_AGO,
        **values,
    }
    made = party(organiser, code, name or f"{code}党支部", PartyKind.BRANCH, **filled)
    with writing() as session:
        session.add_all(BranchUnit(branch_id=made.id, unit_id=served.id, starts_on=LONG_AGO) for served in units)
    return made


# People.


def person(
    username: str,
    organiser: Organiser,
    *roles: Role,
    name: str = "",
    branch: PartyOrganisation | None = None,
    unit: Unit | None = None,
    posts_at: PartyOrganisation | None = None,
    **values: Any,
) -> Person:
    """Somebody with PASSWORD who holds these roles; ``branch`` and ``unit`` are where he belongs.

    Roles of a branch are held at ``posts_at`` (his own branch when it is not given), roles of a unit at ``unit``.
    """
    made = add(
        Person(
            organiser_id=organiser.id,
            branch_id=branch and branch.id,
            unit_id=unit and unit.id,
            username=username,
            username_key=username_key(username),
            name=name or username,
            password_hash=_CHEAP_HASH,
            made_at=NOW,
            **values,
        )
    )
    for role in roles:
        grant(made, role, at=posts_at or branch, unit=unit)
    return made


def grant(
    person: Person,
    role: Role,
    *,
    at: PartyOrganisation | None = None,
    unit: Unit | None = None,
    organiser: Organiser | None = None,
    starts_on: date = LONG_AGO,
    ends_on: date | None = None,
) -> RoleGrant:
    """Give somebody a post."""
    of_branch = role in (Role.LIAISON, Role.SECRETARY, Role.INSTRUCTOR, Role.SUPERVISOR)
    return add(
        RoleGrant(
            person_id=person.id,
            role=role,
            organiser_id=organiser.id if organiser else person.organiser_id,
            branch_id=at.id if of_branch and at else None,
            unit_id=unit.id if role is Role.CLERK and unit else None,
            starts_on=starts_on,
            ends_on=ends_on,
        )
    )


def session_token(person: Person, at: datetime) -> str:
    """Sign somebody in without the page: the token his cookie holds. The same each time for one person."""
    token = f"token-of-{person.username}-".ljust(43, "x")
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    row = SignInSession(
        token_hash=token_hash,
        person_id=person.id,
        csrf=f"csrf-of-{person.username}",
        made_at=at,
        seen_at=at,
        address="127.0.0.1",
        agent=hashlib.sha256(b"").hexdigest(),
    )
    with writing() as session:
        session.merge(row)
    return token


# Reports.


def draft(quarter: Quarter, fields: Mapping[str, str] | None = None, /, *, problems: Iterable[str] = ()) -> Draft:
    """A draft that can be submitted, with some fields otherwise: ``problems`` are last quarter's, answered one by one."""
    filled = {
        "members": "20",
        "probationary": "1",
        "retired": "0",
        "committee_size": "3",
        "party_groups": "2",
        "dues_due": "21",
        "dues_paid": "21",
        "tasks": "水源地整治完成八成。",
        "highlight": "党员带头巡河，群众随手拍的问题当天办结。",
        "problems": "1. 党小组会质量不高，准备不充分\n2. 青年党员担重任不多",
        "next_quarter": "开好组织生活会。",
        "support": "无",
        **(fields or {}),
    }
    first = quarter.first_day
    records = tuple(
        {"kind": kind, "held_on": day.isoformat(), "topic": topic, "attendance": "18/20", "page": "第 3 页"}
        for kind, day, topic in (
            ("general_meeting", first + timedelta(days=9), "讨论季度工作"),
            ("committee", first + timedelta(days=5), "研究党建工作"),
            ("party_day", first + timedelta(days=20), "重温入党誓词"),
        )
    )
    fixes = tuple({"status": "done", "how": f"已按要求改好：{text}"[:60]} for text in problems)
    return Draft(filled, records, fixes, confirmed=True)


def report(
    branch: PartyOrganisation,
    quarter: str | Quarter,
    state: State = State.DRAFT,
    *,
    writer: Person,
    office: Person | None = None,
    at: datetime | None = None,
    reason: str = "请补充问题原因。",
    **fields: str,
) -> Report:
    """A branch's report on a quarter, brought to a state by its secretary and the office, on the day ``at``."""
    period = Quarter.from_code(quarter) if isinstance(quarter, str) else quarter
    moment = at or _usual_moment(period)
    secretary = accounts.actor_of(writer.id, moment)
    made = reports.begin(secretary, branch, period)
    before = queries.earlier(made)
    asked = lines(before.fields.get("problems", "")) if before else ()
    made = reports.save(secretary, made, draft(period, fields, problems=asked), version=made.version)
    if state is State.DRAFT:
        return made
    made = reports.submit(secretary, made, version=made.version)
    if state is State.SUBMITTED:
        return made
    assert office is not None, "somebody has to review it"
    reviewer = accounts.actor_of(office.id, moment + timedelta(days=1))
    if state is State.ACCEPTED:
        return reports.accept(reviewer, made, version=made.version)
    return reports.send_back(reviewer, made, reason=reason, version=made.version)


def _usual_moment(period: Quarter) -> datetime:
    """Ten days after the quarter; an hour ago for one that is still running."""
    after = datetime.combine(period.last_day + timedelta(days=10), NOW.timetz())
    return min(after, NOW - timedelta(hours=1))


# Attachments.


def attachment(
    report: Report, name: str = "现场.png", content: bytes = b"", *, fixed: bool | None = None
) -> Attachment:
    """A file at a report, drawn already: the same row for the same content. Fixed once the report was submitted."""
    content = content or f"content of {report.id}".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    found = db.session.scalar(sa.select(Attachment).filter_by(owner_kind="report", owner_id=report.id, sha256=sha256))
    if found is not None:
        return found
    place = store.store()
    for key in (store.content_key(sha256), store.preview_key(sha256, 1)):
        place.put(place.bring(BytesIO(content)), key)
    drawn = {"pages": 1, "total": 1, "media": "image/png", "outline": []}
    with writing() as session:
        session.merge(FilePreview(sha256=sha256, state=PreviewState.MADE, cut=False, **drawn))
    was_fixed = report.submitted_at is not None if fixed is None else fixed
    return add(
        Attachment(
            owner_kind="report",
            owner_id=report.id,
            name=name,
            kind=FileKind(name.rpartition(".")[2]),
            size=len(content),
            sha256=sha256,
            added_at=NOW,
            added_by=report.saved_by,
            fixed_at=NOW if was_fixed else None,
        )
    )


# What people say.


def feedback(
    writer: Person, text: str = "希望能导出上一年的报告。", *, with_name: bool = True, at: datetime = NOW
) -> Feedback:
    """An opinion somebody gave."""
    return home.give_feedback(accounts.actor_of(writer.id, at), writer, text=text, with_name=with_name)


# Messages.


def message(reader: Person, text: str = "2026年第三季度报告已采用。", **values: Any) -> Message:
    """A message to somebody, not read yet; the same one each time for the same words."""
    found = db.session.scalar(sa.select(Message).where(Message.person_id == reader.id, Message.text == text))
    if found is not None:
        return found
    filled = {"kind": MessageKind.REPORT, "subject": f"test:{count(Message)}", "path": "/reports/", **values}
    made_at = filled.setdefault("made_at", NOW)
    return add(Message(person_id=reader.id, text=text, day=made_at.date(), **filled))


def open_batch(world: World) -> str:
    """A decision that waits for the second hand: what its reminders are kept under."""
    return f"confirm-{step_of(world, 'department').id}"


# Registered steps.

NUMBER = "厅党组纪要〔2026〕8号"


def step_of(world: World, code: str, kind: Kind = Kind.APPROVAL, **values: Any) -> RegisteredStep:
    """A step of an organiser's own, registered by its office; the same one each time while it stands."""
    subject = world.organiser(code)
    found = decisions.steps_of(subject).get(kind)
    if found is not None:
        return found
    filled = {"body": "厅党组会议", "held_on": NOW.date(), "number": NUMBER, "place": "厅机关公告栏", **values}
    actor = world.actor("office" if code == "department" else "city_office")
    with writing() as session:
        session.info["detail"] = {}
        return decisions.enter(session, actor, subject, f"{subject.name}的一件事", kind, Entry(**filled))


# Rules.


def change_rule(world: World, key: str, value: str, *, code: str = "department", **values: Any) -> RuleValue:
    """A change of a rule by an organiser; the same one each time."""
    organiser = world.organiser(code)
    asked = sa.select(RuleValue).filter_by(organiser_id=organiser.id, key=key, value=value)
    found = db.session.scalars(asked).first()
    filled = {
        "source": "测试办〔2026〕1号",
        "reason": "机关党委会议确定。",
        "since_on": NOW.date(),
        "entered_at": NOW,
        **values,
    }
    return found or add(
        RuleValue(organiser_id=organiser.id, key=key, value=value, entered_by=1, entered_name="机关党委经办", **filled)
    )


# The world.


def build_world() -> None:
    """What the module's docstring says."""
    department = organiser("department", "厅机关党委")
    city = organiser("city", "银川市局机关党委", level=Level.CITY, parent=department)

    water_unit = unit(department, "water_unit", "水生态环境处")
    air_unit = unit(department, "air_unit", "大气环境处")
    own_unit = unit(department, "own_unit", "机关党委办公室")
    city_unit = unit(city, "city_unit", "银川市生态环境局", kind=UnitKind.CITY)

    group = party(department, "group", "厅党组", PartyKind.GROUP)
    committee = party(department, "committee", "厅机关党委", PartyKind.COMMITTEE, parent_id=group.id)
    water = branch(department, "water", "水生态环境处党支部", units=[water_unit], parent_id=committee.id)
    air = branch(department, "air", "大气环境处党支部", units=[air_unit], parent_id=committee.id)
    own = branch(department, "own", "机关党委办公室党支部", units=[own_unit], parent_id=committee.id)
    city_committee = party(city, "city_committee", "银川市局机关党委", PartyKind.COMMITTEE)
    city_branch = branch(city, "city_branch", "银川市局第一党支部", units=[city_unit], parent_id=city_committee.id)
    city_own = branch(city, "city_own", "银川市局第二党支部", units=[city_unit], parent_id=city_committee.id)

    in_water: dict[str, Any] = {"branch": water, "unit": water_unit}
    person("staff", department, name="干部职工", **in_water)
    person("liaison", department, Role.LIAISON, name="党建联络员", **in_water)
    secretary = person("secretary", department, Role.SECRETARY, name="水处党支部书记", **in_water)
    person("instructor", department, Role.INSTRUCTOR, name="党建指导员", branch=air, unit=air_unit, posts_at=water)
    person("supervisor", department, Role.SUPERVISOR, name="党建督导员", branch=air, unit=air_unit, posts_at=water)
    person("clerk", department, Role.CLERK, name="推荐单位经办", **in_water)
    office = person("office", department, Role.OFFICE, name="机关党委经办", branch=own, unit=own_unit)
    second = person("second", department, Role.SECOND, name="复核人", branch=air, unit=air_unit)
    for role in (
        *(Role.JUDGE, Role.DISCIPLINE, Role.POLL_WATCHER, Role.VOTE_COUNTER, Role.LEADER),
        *(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR),
    ):
        person(role.value, department, role, name=role.label, branch=air, unit=air_unit)
    air_secretary = person(
        "air_secretary", department, Role.SECRETARY, name="大气处党支部书记", branch=air, unit=air_unit
    )
    own_secretary = person(
        "own_secretary", department, Role.SECRETARY, name="党委办党支部书记", branch=own, unit=own_unit
    )

    in_city: dict[str, Any] = {"branch": city_branch, "unit": city_unit}
    person("city_staff", city, name="市局干部职工", **in_city)
    person("city_liaison", city, Role.LIAISON, name="市局党建联络员", **in_city)
    city_secretary = person("city_secretary", city, Role.SECRETARY, name="市局一支部书记", **in_city)
    city_office = person("city_office", city, Role.OFFICE, name="市局机关党委经办", branch=city_own, unit=city_unit)
    person("city_second", city, Role.SECOND, name="市局复核人", **in_city)
    city_own_secretary = person(
        "city_own_secretary", city, Role.SECRETARY, name="市局二支部书记", branch=city_own, unit=city_unit
    )

    report(water, "2026Q2", State.ACCEPTED, writer=secretary, office=office)
    report(water, "2026Q3", State.SUBMITTED, writer=secretary)
    report(water, "2026Q4", writer=secretary)
    report(air, "2026Q2", State.ACCEPTED, writer=air_secretary, office=office)
    report(air, "2026Q3", State.RETURNED, writer=air_secretary, office=office)
    report(own, "2026Q2", State.ACCEPTED, writer=own_secretary, office=second)
    report(own, "2026Q3", State.SUBMITTED, writer=own_secretary)
    report(city_branch, "2026Q2", State.ACCEPTED, writer=city_secretary, office=city_office)
    report(city_branch, "2026Q3", State.SUBMITTED, writer=city_secretary)
    report(city_branch, "2026Q4", writer=city_secretary)
    report(city_own, "2026Q3", State.SUBMITTED, writer=city_own_secretary)


@dataclass(frozen=True)
class World:
    """Finds what ``build_world`` made, by its word, as it is now."""

    now: datetime

    def organiser(self, code: str) -> Organiser:
        return _one(Organiser, code=code)

    def unit(self, code: str) -> Unit:
        return _one(Unit, code=code)

    def branch(self, code: str) -> PartyOrganisation:
        return _one(PartyOrganisation, code=code)

    party = branch

    def person(self, username: str) -> Person:
        return _one(Person, username=username)

    def actor(self, username: str, at: datetime | None = None) -> Actor:
        """The person as he acts now (or at another moment)."""
        return accounts.actor_of(self.person(username).id, at or self.now)

    def report(self, branch: str, quarter: str) -> Report:
        return _one(Report, branch_id=self.branch(branch).id, quarter=quarter)


def only(model: type[T], **values: Any) -> T:
    """The one row of a table, or the one with these values."""
    return _one(model, **values)


def _one(model: type[T], **values: Any) -> T:
    return db.session.scalars(sa.select(model).filter_by(**values)).one()


def rows_of(model: type[Base], *columns: str, order_by: str = "id") -> list[tuple[Any, ...]]:
    """The rows of a table as tuples of some columns: what tests compare."""
    table = model.__table__.columns
    return [
        tuple(row)
        for row in db.session.execute(sa.select(*(table[name] for name in columns)).order_by(table[order_by]))
    ]
