"""What happened in the demo: six quarters of reports, told in order through the same verbs people use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from ..accounts import services as accounts
from ..accounts.services import actor_of
from ..messages import services as messages
from ..organisation.services import get_branch
from ..reports import queries, services
from ..reports.drafts import Draft
from ..reports.due import due_day, remember_due_days
from ..reports.models import Report
from ..shared.access import Actor
from ..shared.clock import day_of
from ..shared.periods import Quarter
from . import demo_calls, demo_data, demo_papers, demo_texts
from .demo_data import Branch
from .demo_days import Workdays, moment
from .demo_people import Cast
from .demo_ratings import RatingStory

QUARTERS = 6
READ_BEFORE = timedelta(60)
HALF_OVER = timedelta(45)
"""A report handed in before its quarter has run this long would not be believed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done about one report. ``lack``: what the text written then lacks."""

    at: datetime
    verb: str  # begin, draft, submit, accept, send_back, reopen
    lack: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """Tells the story up to one moment."""

    cast: Cast
    at: datetime
    days: Workdays
    _actors: dict[tuple[int, date], Actor] = field(default_factory=dict)  # posts change from one day to the next only

    def tell(self) -> None:
        """Do everything, in the order in which it happened."""
        quarters = [self.cast.asked]
        while len(quarters) < QUARTERS:
            quarters.append(quarters[-1].previous())
        happened: list[tuple[datetime, Callable[[], object]]] = []
        for ago, quarter in enumerate(quarters):
            shown = moment(quarter.first_day, 0, 10)
            happened.append((shown, partial(remember_due_days, shown)))
            for branch in demo_data.branches():
                happened += [
                    (step.at, partial(self._do, branch, quarter, step)) for step in self._steps(branch, quarter, ago)
                ]
        happened += RatingStory(self.cast, self.at, self.days, self._actor).happenings()
        happened += demo_calls.told(self.cast, self.at, self.days)
        happened.append((self.at - READ_BEFORE, self._read_messages))
        for at, do in sorted(happened, key=lambda pair: pair[0]):
            if at <= self.at:
                do()
        remember_due_days(self.at)

    def _read_messages(self) -> None:
        """Everybody has read what came until then."""
        for person_id in self.cast.people.values():
            actor = self._actor(person_id, self.at - READ_BEFORE)
            messages.read_all(actor, accounts.me(actor))

    # What becomes of a report, and when.

    def _steps(self, branch: Branch, quarter: Quarter, ago: int) -> Iterator[Step]:
        due = due_day(self.cast.organisers[branch.organiser], quarter).day
        if ago == 0:
            yield from self._steps_now(branch, quarter, due)
        elif ago == 1:
            yield from self._steps_last(branch, quarter, due)
        else:
            luck = (branch.number * 3 + ago * 5) % 11
            yield from self._usual(branch, quarter, due, {0: "late", 4: "mended"}.get(luck, "accepted"))

    def _steps_now(self, branch: Branch, quarter: Quarter, due: date) -> Iterator[Step]:
        number, today = branch.number, day_of(self.at)
        if branch.now == "early" and self._late_enough(quarter):
            handed_in = self.days.back(today, 2 + number % 2)
            yield Step(self._hour(self.days.back(today, 6), number, 9), "begin")
            yield Step(self._hour(handed_in, number, 15), "submit")
        elif branch.now == "begun":
            first = max(self.days.ahead(quarter.first_day, 1), self.days.back(today, 4 + number % 5))
            begun = self._hour(first, number, 9)
            yield Step(begun, "begin")
            saved = self._hour(self.days.back(today, 1 + number % 3), number, 11)
            yield Step(max(saved, begun + timedelta(minutes=40)), "draft")
            if branch.secretary != "secretary":
                yield Step(max(self._hour(due, number, 16), saved), "submit")
        else:
            yield from self._usual(branch, quarter, due, "accepted")

    def _steps_last(self, branch: Branch, quarter: Quarter, due: date) -> Iterator[Step]:
        number, today = branch.number, day_of(self.at)
        usual = list(self._usual(branch, quarter, due, branch.last))
        if branch.now == "early" and not self._late_enough(quarter.next()):
            usual.pop()  # then this one still waits to be read
        yield from usual
        last = usual[-1].at
        if branch.last == "waiting":
            yield Step(self._after(last, self.days.back(today, 1 + number % 3), number, 16), "submit")
        elif branch.last == "reopened":
            yield Step(self._after(last, self.days.back(today, 4), number, 10), "reopen")

    def _usual(self, branch: Branch, quarter: Quarter, due: date, fate: str) -> Iterator[Step]:
        """From begun to accepted. A fate that is not accepted ends with the step it is named for."""
        number = branch.number
        if fate in ("late", "overdue"):
            handed_in = self.days.ahead(due, 20 if fate == "overdue" else 1 + number % 3)
        else:
            handed_in = self.days.back(due, (number * 3 + quarter.number * 2) % 5)
        begun = self.days.back(due, 7) if fate == "overdue" else self.days.back(handed_in, 2)
        lack = demo_texts.lack_of(branch, quarter) if fate in ("mended", "waiting", "returned") else ""
        yield Step(self._hour(begun, number, 9), "begin")
        if branch.secretary == "secretary" or fate == "overdue":
            yield Step(self._hour(self.days.ahead(begun, 1), number, 10), "draft")
        yield Step(self._hour(handed_in, number, 15), "submit", lack)
        seen = self.days.ahead(handed_in, 1 + number % 3)
        if lack:
            yield Step(self._hour(seen, number, 9), "send_back", lack)
        if fate in ("waiting", "returned"):
            return
        if fate == "mended":
            again = self.days.ahead(seen, 2)
            yield Step(self._hour(again, number, 16), "submit")
            seen = self.days.ahead(again, 1)
        yield Step(self._hour(seen, number, 11), "accept")

    def _late_enough(self, quarter: Quarter) -> bool:
        return day_of(self.at) - quarter.first_day >= HALF_OVER

    def _after(self, last: datetime, day: date, number: int, hour: int) -> datetime:
        """On that day, or on the working day after the last step when that is later."""
        return self._hour(max(day, self.days.ahead(day_of(last), 1)), number, hour)

    @staticmethod
    def _hour(day: date, number: int, hour: int) -> datetime:
        return moment(day, hour, 5 + number * 2)

    # Doing it.

    def _do(self, branch: Branch, quarter: Quarter, step: Step) -> None:
        if step.verb == "begin":
            services.begin(self._writer(branch, step.at), get_branch(self.cast.branches[branch.code]), quarter)
            return
        report = queries.of_branch(self.cast.branches[branch.code], quarter)
        assert report is not None
        match step.verb:
            case "draft":
                self._save(self._writer(branch, step.at), report, branch, step, finished=False)
            case "submit" if demo_papers.on_paper(branch, quarter, self.cast.asked):
                self._hand_in_on_paper(branch, report, step)
            case "submit":
                secretary = self._actor(self.cast.secretary(branch, day_of(step.at)), step.at)
                report = self._save(secretary, report, branch, step, finished=True)
                services.submit(secretary, report, version=report.version)
            case "accept":
                services.accept(self._reviewer(branch, step.at), report, version=report.version)
            case "send_back":
                reason = demo_data.content("texts")["returns"][step.lack]
                services.send_back(self._reviewer(branch, step.at), report, reason=reason, version=report.version)
            case "reopen":
                reason = demo_data.content("texts")["reopened"]
                services.reopen(self._reviewer(branch, step.at), report, reason=reason, version=report.version)

    def _hand_in_on_paper(self, branch: Branch, report: Report, step: Step) -> None:
        signed_on = self.days.back(day_of(step.at), 2)
        demo_papers.hand_in(
            report,
            self._draft(report, branch, step, finished=True),
            author_id=self.cast.secretary(branch, signed_on),
            signed_on=signed_on,
            typist=self._actor(self.cast.people["office"], step.at),
            reader=self._actor(self.cast.people["second"], step.at),
        )

    def _save(self, writer: Actor, report: Report, branch: Branch, step: Step, *, finished: bool) -> Report:
        draft = self._draft(report, branch, step, finished=finished)
        return services.save(writer, report, draft, version=report.version)

    def _draft(self, report: Report, branch: Branch, step: Step, *, finished: bool) -> Draft:
        begun = Draft.from_json(report.draft)
        problems = queries.context(report, queries.earlier(report), step.at).earlier_problems
        until = min(day_of(step.at), report.period.last_day)
        if finished:
            return demo_texts.whole_draft(branch, report.period, begun, problems, self.days, until, lack=step.lack)
        return demo_texts.half_draft(branch, report.period, begun, problems, self.days, until)

    def _writer(self, branch: Branch, at: datetime) -> Actor:
        """The one branch that has a liaison lets him draft."""
        if branch.secretary == "secretary":
            return self._actor(self.cast.people["liaison"], at)
        return self._actor(self.cast.secretary(branch, day_of(at)), at)

    def _reviewer(self, branch: Branch, at: datetime) -> Actor:
        """The organiser's officer; on the officer's own branch the second hand."""
        city = branch.organiser != "department"
        officer = self._actor(self.cast.people["city_office" if city else "office"], at)
        if officer.branch_id != self.cast.branches[branch.code]:
            return officer
        return self._actor(self.cast.people["city_second" if city else "second"], at)

    def _actor(self, person_id: int, at: datetime) -> Actor:
        key = person_id, day_of(at)
        if key not in self._actors:
            self._actors[key] = actor_of(person_id, at)
        return replace(self._actors[key], at=at)
