"""The demo's organisers, units, party organisations, branches, people and posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ..accounts import rules as account_rules
from ..accounts.models import Person, RoleGrant
from ..organisation.models import BranchKind, BranchUnit, PartyKind, PartyOrganisation, Unit, UnitKind
from ..organisers.models import Level, Organiser
from ..reports.due import quarter_to_report
from ..shared.access import BRANCH_ROLES, UNIT_ROLES, Role
from ..shared.periods import Quarter
from . import demo_data
from .demo_data import Account, Branch


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody's ids by code or user name."""

    asked: Quarter  # the one being reported on
    organisers: dict[str, int]
    branches: dict[str, int]
    people: dict[str, int]
    units: dict[str, int]
    secretaries: dict[str, tuple[tuple[date, str], ...]]  # branch -> (from when, user name), the latest first

    def secretary(self, branch: Branch, day: date) -> int:
        """Who was the branch's secretary on that day."""
        return self.people[next(username for since, username in self.secretaries[branch.code] if since <= day)]


def settle(session: Session, *, at: datetime, password_hash: str) -> Cast:
    """Insert everybody, as of a moment. Posts begin well before the first report of the story."""
    organisers = _organisers(session)
    asked = quarter_to_report(organisers["department"], at)
    since = date(asked.year - 3, 3, 1)
    units = _units(session, organisers)
    branches = _party(session, organisers, units)
    people = _people(session, organisers, units, branches, at=at - timedelta(days=1_096), password_hash=password_hash)
    secretaries = _posts(session, organisers, units, branches, people, asked, since)
    return Cast(asked, organisers, branches, people, units, secretaries)


def _organisers(session: Session) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in demo_data.content("branches")["organiser"]:
        organiser = Organiser(
            code=row["code"],
            name=row["name"],
            level=Level(row["level"]),
            parent_id=found.get(row.get("parent", "")),
            contact=row["contact"],
        )
        session.add(organiser)
        session.flush()
        found[organiser.code] = organiser.id
    return found


def _units(session: Session, organisers: dict[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    own = demo_data.content("units")
    rows = [("department", row) for row in own["unit"]]
    rows += [("yinchuan", row) for row in demo_data.content("branches")["unit"]]
    for position, (organiser, row) in enumerate(rows, 1):
        unit = Unit(
            organiser_id=organisers[organiser],
            parent_id=found.get(row.get("parent", "")),
            code=row["code"],
            name=row["name"],
            kind=UnitKind(row["kind"]),
            kind_unconfirmed=row.get("kind_unconfirmed", False),
            other_names="、".join(row.get("other_names", ())),
            position=position * 10,
            starts_on=own["since"],
        )
        session.add(unit)
        session.flush()
        found[unit.code] = unit.id
    return found


def _party(session: Session, organisers: dict[str, int], units: dict[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    position = 0

    def add(row: PartyOrganisation) -> None:
        nonlocal position
        position += 10
        row.position = position
        session.add(row)
        session.flush()
        found[row.code] = row.id

    above: list[dict[str, Any]] = list(demo_data.content("branches")["above"])
    for branch in demo_data.branches():
        while above and above[0].get("before", branch.code) == branch.code:
            row = above.pop(0)
            add(
                PartyOrganisation(
                    organiser_id=organisers[row.get("organiser", "department")],
                    parent_id=found.get(row.get("parent", "")),
                    code=row["code"],
                    name=row["name"],
                    kind=PartyKind(row["kind"]),
                )
            )
        add(_branch(branch, organisers, found))
        session.add_all(
            BranchUnit(branch_id=found[branch.code], unit_id=units[unit], starts_on=branch.founded)
            for unit in branch.units
        )
    return found


def _branch(branch: Branch, organisers: dict[str, int], above: dict[str, int]) -> PartyOrganisation:
    return PartyOrganisation(
        organiser_id=organisers[branch.organiser],
        parent_id=above[branch.above],
        code=branch.code,
        name=branch.name,
        kind=PartyKind.BRANCH,
        branch_kind=BranchKind(branch.kind),
        founded_on=branch.founded,
        members=branch.members,
        probationary=branch.probationary,
        committee_size=branch.committee,
        party_groups=branch.groups,
    )


def _organiser_of(account: Account) -> str:
    return next(branch.organiser for branch in demo_data.branches() if branch.code == account.branch)


def _organiser_of_post(account: Account, where: str) -> str:
    """A city's clerk recommends in the department's calls: his post is of the organiser whose unit it names."""
    if where in {row["code"] for row in demo_data.content("units")["unit"]}:
        return "department"
    return _organiser_of(account)


def _people(
    session: Session,
    organisers: dict[str, int],
    units: dict[str, int],
    branches: dict[str, int],
    *,
    at: datetime,
    password_hash: str,
) -> dict[str, int]:
    people = {
        account.username: Person(
            organiser_id=organisers[_organiser_of(account)],
            unit_id=units[account.unit],
            branch_id=branches[account.branch],
            username=account.username,
            username_key=account_rules.username_key(account.username),
            name=account.post,
            password_hash=password_hash,
            made_at=at,
        )
        for account in (*demo_data.accounts(), *demo_data.other_accounts())
    }
    session.add_all(people.values())
    session.flush()
    return {username: person.id for username, person in people.items()}


def _posts(
    session: Session,
    organisers: dict[str, int],
    units: dict[str, int],
    branches: dict[str, int],
    people: dict[str, int],
    asked: Quarter,
    since: date,
) -> dict[str, tuple[tuple[date, str], ...]]:
    def grant(account: Account, role: Role, where: str, first: date, last: date | None = None) -> None:
        session.add(
            RoleGrant(
                person_id=people[account.username],
                role=role,
                organiser_id=organisers[_organiser_of_post(account, where)],
                branch_id=branches[where] if role in BRANCH_ROLES else None,
                unit_id=units[where] if role in UNIT_ROLES else None,
                starts_on=first,
                ends_on=last,
            )
        )

    accounts = {account.username: account for account in (*demo_data.accounts(), *demo_data.other_accounts())}
    secretaries = {branch.code: [(since, branch.secretary)] for branch in demo_data.branches()}
    begun = dict.fromkeys(accounts, since)
    for row in demo_data.content("accounts")["ended"]:
        change = _earlier(asked, row["quarters_ago"]).first_day
        grant(accounts[row["username"]], Role(row["role"]), row["branch"], since, change - timedelta(1))
        if "followed_by" in row:
            begun[row["followed_by"]] = change
            secretaries[row["branch"]] = [(change, row["followed_by"]), (since, row["username"])]
    for account in accounts.values():
        for role, where in account.grants:
            grant(account, Role(role), where, begun[account.username])
    session.flush()
    return {code: tuple(rows) for code, rows in secretaries.items()}


def _earlier(quarter: Quarter, count: int) -> Quarter:
    for _ in range(count):
        quarter = quarter.previous()
    return quarter
