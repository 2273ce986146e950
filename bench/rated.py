"""Star ratings for the bench, written in bulk: one cycle being marked, one published, 18 branches or a thousand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from tiejun_awards.accounts.models import Person, RoleGrant
from tiejun_awards.panels.models import Panel, Seat
from tiejun_awards.ratings.models import CycleBranch, LineValue, RatingCycle, Standing
from tiejun_awards.ratings.rules import Method, State
from tiejun_awards.ratings.services import terms_of
from tiejun_awards.scoring.models import Mark, Sheet
from tiejun_awards.scoring.rules import State as SheetState
from tiejun_awards.shared.access import Role
from tiejun_awards.standards import rules as standard_rules
from tiejun_awards.standards import services as standards
from tiejun_awards.stars.models import StarHolding

JUDGES = 7
SIZES = {30: 18, 3_000: 1_000}
SINCE = date(2020, 1, 1)


def rate(session: Any, organiser_id: int, branches: int, password: str, now: datetime) -> None:
    """Cycle 1 (this year) is being marked by judge1 … judge7, cycle 2 (the year before) is published."""
    count = SIZES.get(branches, branches)
    standard = standards.newest(session, organiser_id, now)
    scheme = standard_rules.read(standard.content)
    people = [_judge(session, organiser_id, number, password, now) for number in range(1, JUDGES + 1)]
    for number, (year, state) in enumerate(((2026, State.SCORING), (2025, State.PUBLISHED)), 1):
        panel = Panel(
            organiser_id=organiser_id, standard_id=standard.id, title=f"{year}年度党支部星级评定", opened_at=now
        )
        closed = state is State.PUBLISHED
        panel.closed_at = now if closed else None
        session.add(panel)
        session.flush()
        session.add_all(
            Seat(id=10 * number + seat, panel_id=panel.id, person_id=person, number=seat)
            for seat, person in enumerate(people, 1)
        )
        session.add(_cycle(number, organiser_id, year, state, standard.id, panel.id, now))
        session.flush()
        _branches(session, number, organiser_id, count, now)
        _sheets(session, number, panel.id, organiser_id, people, count, scheme, now, signed=closed)
        if closed:
            _standings(session, number, count, scheme)
            rows = [_holding(organiser_id, n, year) for n in range(1, count + 1)]
            session.execute(sa.insert(StarHolding), rows)


def _judge(session: Any, organiser_id: int, number: int, password: str, now: datetime) -> int:
    person = Person(
        organiser_id=organiser_id,
        username=f"judge{number}",
        username_key=f"judge{number}",
        name=f"评委{number}",
        password_hash=password,
        made_at=now,
    )
    session.add(person)
    session.flush()
    session.add(RoleGrant(person_id=person.id, role=Role.JUDGE, organiser_id=organiser_id, starts_on=SINCE))
    return person.id


def _cycle(
    number: int, organiser_id: int, year: int, state: State, standard_id: int, panel_id: int, now: datetime
) -> RatingCycle:
    closed = state is State.PUBLISHED
    return RatingCycle(
        id=number,
        organiser_id=organiser_id,
        year=year,
        last_quarter=f"{year}Q3",
        state=state,
        standard_id=standard_id,
        panel_id=panel_id,
        ground="年度计划第4项",
        number="测试6号",
        method=Method.TRIMMED.value if closed else "",
        judges=JUDGES if closed else 0,
        fewest_sheets=JUDGES if closed else 0,
        drafted_at=now,
        announced_at=now,
        scoring_at=now,
        closed_at=now if closed else None,
        published_at=now if closed else None,
        digest="0" * 64 if closed else "",
        terms=terms_of(organiser_id).as_json(),
    )


def _branches(session: Any, cycle: int, organiser_id: int, count: int, now: datetime) -> None:
    base = 10_000 * cycle
    places = [
        {
            **{"id": base + n, "cycle_id": cycle, "organiser_id": organiser_id, "branch_id": n, "position": n},
            **{"version": 1, "pilot": n <= 4, "new": False, "previous": 3, "tie_place": 0},
            **{"own_words": "党员包段，解决断面反弹问题 6 处。", "verified_at": now, "verified_by": 1},
        }
        for n in range(1, count + 1)
    ]
    session.execute(sa.insert(CycleBranch), places)
    scheme = standard_rules.read(standards.default_content())
    values = [
        {
            **{"cycle_branch_id": base + n, "line": line.code, "value": line.most - (50 if n % 3 == 0 else 0)},
            **{"most": line.most, "times": {line.cases[0].code: 1} if n % 3 == 0 else {}, "reason": "", "rows": []},
        }
        for n in range(1, count + 1)
        for line in scheme.given
    ]
    session.execute(sa.insert(LineValue), values)


def _sheets(
    session: Any,
    cycle: int,
    panel_id: int,
    organiser_id: int,
    people: list[int],
    count: int,
    scheme: standard_rules.Scheme,
    now: datetime,
    *,
    signed: bool,
) -> None:
    sheets, marks = [], []
    for seat, person in enumerate(people, 1):
        for n in range(1, count + 1):
            number = cycle * 100_000 + seat * 10_000 + n
            sheets.append(
                {
                    **{"id": number, "panel_id": panel_id, "seat_id": 10 * cycle + seat, "person_id": person},
                    **{"organiser_id": organiser_id, "branch_id": n, "position": n, "version": 1, "remark": ""},
                    **{"state": SheetState.SIGNED if signed else SheetState.CONFIRMED, "saved_at": now},
                    **{"confirmed_at": now, "signed_at": now if signed else None},
                }
            )
            marks += [
                {"sheet_id": number, "line": line.code, "value": line.most - 50, "most": line.most, "cases": []}
                for line in scheme.judged
            ]
    session.execute(sa.insert(Sheet), sheets)
    session.execute(sa.insert(Mark), marks)


def _standings(session: Any, cycle: int, count: int, scheme: standard_rules.Scheme) -> None:
    rows = [
        {
            **{"cycle_id": cycle, "cycle_branch_id": 10_000 * cycle + n, "branch_id": n, "position": n},
            **{"pilot": n <= 4, "previous": 3, "total": 7000 + n * 37 % 3000, "judged": 1900, "given": 7000},
            **{"bonus": 100 * (n % 5 == 0), "deducted": 0, "sheets": 7, "kept": 5, "by_total": 4, "star": 3 + n % 3},
            **{"undecided": False, "why": "按档线。", "digest": "0" * 64},
            "categories": [category.most - 50 for category in scheme.categories],
            "judged_lines": {line.code: line.most - 50 for line in scheme.judged},
        }
        for n in range(1, count + 1)
    ]
    session.execute(sa.insert(Standing), rows)


def _holding(organiser_id: int, branch: int, year: int) -> dict[str, Any]:
    where = {"organiser_id": organiser_id, "branch_id": branch, "year": year}
    return {**where, "star": 3 + branch % 3, "number": "测试8号", "given_on": date(year + 1, 2, 1)}
