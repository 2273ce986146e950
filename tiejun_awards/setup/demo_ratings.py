"""What happened in the demo's star ratings: last year's cycle to the published stars, this year's up to half the sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from ..decisions import services as decisions
from ..decisions.rules import Entry, Kind
from ..organisers import services as organisers
from ..ratings import branches as branch_verbs
from ..ratings import queries, services
from ..ratings.branches import Agreed
from ..ratings.models import EntryKind, RatingCycle
from ..scoring import queries as scoring
from ..scoring import services as sheets
from ..scoring.rules import Given
from ..shared.access import Actor, Permission
from ..shared.clock import day_of
from ..shared.db import db
from ..shared.periods import Quarter
from ..standards.rules import Line
from ..stars import services as stars
from .demo_data import accounts, branches, other_accounts
from .demo_days import Workdays, moment
from .demo_people import Cast

Happening = tuple[datetime, Callable[[], object]]

PILOTS = ("B02", "B06", "B12", "B16")
JUDGES = tuple(f"judge{number}" for number in (4, 1, 6, 3, 7, 2, 5))  # as their lots were drawn
LEVELS = (2, 1, 3, 0, 1, 4, 2, 1, 0, 3, 1, 2, 5, 1, 3, 2, 1, 4)
"""How well each branch does, from its place: 0 has nothing to mend, 5 much."""


@dataclass(frozen=True, slots=True)
class RatingStory:
    """Tells the ratings of the department up to one moment. ``actor`` gives a person as he acts at a moment."""

    cast: Cast
    at: datetime
    days: Workdays
    actor: Callable[[int, datetime], Actor]

    def happenings(self) -> Iterator[Happening]:
        """Everything, each with the moment it happens at."""
        last = self.cast.asked.previous()
        today = self.days.back(day_of(self.at), 1)
        earlier = Quarter(last.year - 1, last.number)
        yield from self._pilots(self.days.back(today, 400))
        yield from self._finished(earlier, self.days.back(today, 240))
        yield from self._running(last, self.days.back(today, 22))

    def _at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return moment(day, hour, minute)

    def _who(self, username: str, at: datetime) -> Actor:
        return self.actor(self.cast.people[username], at)

    # Pilots.

    def _pilots(self, day: date) -> Iterator[Happening]:
        for number, code in enumerate(PILOTS):
            at = self._at(day, 9, number)
            yield at, partial(self._designate, code, at)

    def _designate(self, code: str, at: datetime) -> None:
        department = organisers.get(self.cast.organisers["department"])
        branch = self.cast.branches[code]
        number = f"宁环党办〔{day_of(at).year}〕演示3号"
        stars.designate(self._who("office", at), department, branch_id=branch, number=number, started_on=day_of(at))

    # Cycles.

    def _finished(self, last: Quarter, first: date) -> Iterator[Happening]:
        """All the way to the published stars, within forty working days."""
        yield from self._to_scoring(last, first)
        marked = self.days.ahead(first, 14)
        for order, username in enumerate(JUDGES):
            yield from self._marks(last, username, self._at(marked, 9, order), share=1.0)
        steps = (
            (
                15,
                Kind.REVIEW,
                Entry("厅机关党委会议", number=f"机关党委纪要〔{last.year}〕演示2号", result="同意初评意见。"),
            ),
            (
                17,
                Kind.DISCIPLINE,
                Entry("驻厅纪检监察组", number=f"纪函〔{last.year}〕演示5号", result="没有不同意见。"),
            ),
            (18, Kind.NOTICE, Entry(place="厅机关公告栏")),
            (26, Kind.APPROVAL, Entry("厅党组会议", number=f"厅党组纪要〔{last.year}〕演示8号", result="同意。")),
        )
        closed = self._at(self.days.ahead(first, 15), 9)
        yield closed, partial(self._do, last, closed, "close")
        for after, kind, entry in steps:
            at = self._at(self.days.ahead(first, after), 15)
            yield at, partial(self._register, last, kind, entry, at)
        confirmed = self._at(self.days.ahead(first, 27), 10)
        yield confirmed, partial(self._confirm, last, confirmed)
        published = self._at(self.days.ahead(first, 28), 10)
        yield published, partial(self._do, last, published, "publish")

    def _running(self, last: Quarter, first: date) -> Iterator[Happening]:
        """Half the sheets are in: three judges have signed, two are under way, two have not begun."""
        yield from self._to_scoring(last, first)
        marked = self.days.ahead(first, 15)
        for order, (username, share) in enumerate(zip(JUDGES, (1.0, 1.0, 1.0, 0.6, 0.25, 0.0, 0.0), strict=True)):
            yield from self._marks(last, username, self._at(marked, 9, order), share=share)

    def _to_scoring(self, last: Quarter, first: date) -> Iterator[Happening]:
        drafted = self._at(first, 9)
        yield drafted, partial(self._draft, last, drafted)
        announced = self._at(self.days.ahead(first, 1), 10)
        yield announced, partial(self._announce, last, announced)
        verified = self.days.ahead(first, 7)
        for branch in branches():
            if branch.organiser == "department":
                at = self._at(verified, 9, branch.number)
                yield at, partial(self._verify, last, branch.code, branch.number, at)
                if branch.number % 5 == 2:
                    later = self._at(verified, 15, branch.number)
                    yield later, partial(self._bonus, last, branch.code, branch.number, later)
        for after, kind, entry in (
            (9, Kind.SELF_ASSESSMENT, Entry(result="各支部支委会研究后报送自评。")),
            (10, Kind.SURVEY, Entry(place="各支部会议室", result="应到 337，收回有效票 325，满意率 96.4%。")),
        ):
            at = self._at(self.days.ahead(first, after), 16)
            yield at, partial(self._register, last, kind, entry, at)
        opened = self._at(self.days.ahead(first, 12), 9)
        yield opened, partial(self._do, last, opened, "open_scoring")

    # Doing it.

    def _cycle(self, last: Quarter) -> RatingCycle:
        organiser = self.cast.organisers["department"]
        return db.session.scalars(
            sa.select(RatingCycle).where(RatingCycle.organiser_id == organiser, RatingCycle.year == last.year)
        ).one()

    def _draft(self, last: Quarter, at: datetime) -> None:
        department = organisers.get(self.cast.organisers["department"])
        services.draft(self._who("office", at), department, year=last.year, last_quarter=last)

    def _announce(self, last: Quarter, at: datetime) -> None:
        cycle = self._cycle(last)
        services.announce(
            self._who("office", at),
            cycle,
            ground=f"{last.year}年度督查检查考核计划（演示）第4项",
            number=f"宁环党办〔{last.year}〕演示6号",
            judges=[self.cast.people[username] for username in JUDGES],
            version=cycle.version,
        )

    def _do(self, last: Quarter, at: datetime, verb: str) -> None:
        cycle = self._cycle(last)
        getattr(services, verb)(self._who("office", at), cycle, version=cycle.version)

    def _register(self, last: Quarter, kind: Kind, entry: Entry, at: datetime) -> None:
        services.register(self._who("office", at), self._cycle(last), kind, replace(entry, held_on=day_of(at)))

    def _confirm(self, last: Quarter, at: datetime) -> None:
        step = decisions.steps_of(self._cycle(last))[Kind.APPROVAL]
        decisions.confirm(self._who("second", at), step, number=step.number)

    def _verify(self, last: Quarter, code: str, number: int, at: datetime) -> None:
        cycle, branch_id = self._cycle(last), self.cast.branches[code]
        actor = self._who(_supervisor_of(code), at)
        place = queries.get_branch(actor, cycle.id, branch_id, Permission.VERIFY_BRANCH)
        facts, scheme = queries.facts_of(place), queries.scheme_of(cycle)
        level = LEVELS[number]
        agreed = {
            line.code: Agreed(_lacks(line, level, number, counted=not branch_verbs.uncounted(line, facts)))
            for line in scheme.given
        }
        branch_verbs.verify(actor, place, agreed, version=place.version)

    def _bonus(self, last: Quarter, code: str, number: int, at: datetime) -> None:
        office = self._who("office" if code != "B03" else "second", at)
        cycle, branch_id = self._cycle(last), self.cast.branches[code]
        place = queries.get_branch(office, cycle.id, branch_id, Permission.RECORD_ENTRY)
        basis = f"宁环党发〔{last.year}〕演示{number + 10}号"
        branch_verbs.record(office, place, EntryKind.BONUS, code="b6", basis=basis)

    def _marks(self, last: Quarter, username: str, at: datetime, *, share: float) -> Iterator[Happening]:
        """One judge's sheets, as many as he has got to; whoever has them all signs."""
        if share:
            yield at, partial(self._mark, last, username, at, share)
        if share >= 1:
            signed = at + timedelta(hours=2)
            yield signed, partial(self._sign, last, username, signed)

    def _mark(self, last: Quarter, username: str, at: datetime, share: float) -> None:
        cycle, actor = self._cycle(last), self._who(username, at)
        assert cycle.panel_id is not None
        mine = scoring.my_panel(actor, cycle.panel_id)
        judge = JUDGES.index(username)
        numbers = {self.cast.branches[branch.code]: branch.number for branch in branches()}
        for line in mine.lines[: round(len(mine.lines) * share)]:
            sheet, scheme = scoring.my_sheet(actor, cycle.panel_id, line.branch_id)
            marks = {each.code: _mark(each, numbers[line.branch_id], judge) for each in scheme.judged}
            sheets.save(actor, sheet, scheme, marks, version=sheet.version, confirm=True)

    def _sign(self, last: Quarter, username: str, at: datetime) -> None:
        cycle, actor = self._cycle(last), self._who(username, at)
        assert cycle.panel_id is not None
        sheets.sign(actor, scoring.seat_of(actor, cycle.panel_id))


def _supervisor_of(code: str) -> str:
    """Who looks after a branch: the one the demo's accounts say."""
    for account in (*accounts(), *other_accounts()):
        if ("supervisor", code) in account.grants:
            return account.username
    raise LookupError(code)


def _lacks(line: Line, level: int, number: int, *, counted: bool) -> Mapping[str, int]:
    """What the check team found: more where the branch does less well, elsewhere for each branch; nothing it may not give."""
    open_cases = [case for case in line.cases if not (counted and case.counted)]
    place = sum(ord(letter) for letter in line.code) + number
    if not open_cases or place % 6 >= level:
        return {}
    case = open_cases[-1] if level < 4 else open_cases[place % len(open_cases)]
    return {case.code: 1}


def _mark(line: Line, number: int, judge: int) -> Given:
    """A judge's mark: lower where the branch does less well, the judges half a point apart here and there."""
    if LEVELS[number] == 0 or (number + judge + len(line.code)) % 3 == 0:
        cases: tuple[str, ...] = ()
    else:
        cases = (line.cases[(number + judge) % len(line.cases)].code,)
    off = sum(case.off for case in line.cases if case.code in cases)
    stricter = 50 if judge in (1, 4) and LEVELS[number] > 1 else 0
    return Given(max(0, line.most - off * min(LEVELS[number], 3) // 2 // 50 * 50 - stricter), cases)
