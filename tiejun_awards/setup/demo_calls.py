"""What happened in the demo's calls: last year's with honours published, one under way, one that is still a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from ..accounts.services import actor_of
from ..calls import services as calls
from ..calls.models import Call
from ..calls.rules import Plan
from ..decisions import services as decisions
from ..decisions.rules import Entry as StepEntry
from ..decisions.rules import Kind
from ..honours import services as honours
from ..nominations import queries, services
from ..nominations.models import Entry
from ..nominations.rules import Draft, EndReason, Relation, Suggested, name_key
from ..organisation.models import Unit
from ..organisers.models import Organiser
from ..selection import services as selection
from ..shared.access import Actor
from ..shared.clock import day_of
from ..shared.db import db
from . import demo_data
from .demo_days import Workdays, moment
from .demo_people import Cast

Event = tuple[datetime, Callable[[], object]]

LAST_OPENED, NOW_OPENED = 250, 12
"""Working days before today on which last year's call and the present one were opened."""


def told(cast: Cast, at: datetime, days: Workdays) -> list[Event]:
    """Everything that happens in the calls, as (moment, what to do); what lies after ``at`` is left out by the teller."""
    today = day_of(at)
    content = demo_data.content("exemplars")
    last = _Told(cast, days, days.back(today, LAST_OPENED), "good_team", content["last"])
    now = _Told(cast, days, days.back(today, NOW_OPENED), "good_cadre", content["now"])
    return [
        *last.opened(15, 30),
        *last.units(18, 26),
        *last.selected(),
        *now.opened(18, 28),
        *now.units(1, 10),
        *now.begun(),
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    """One call of the department."""

    cast: Cast
    days: Workdays
    opens_on: date
    programme: str
    content: Mapping[str, Any]

    @property
    def _title(self) -> str:
        return f"{self.opens_on.year}年度{self.content['title']}"

    def _day(self, number: int) -> date:
        return self.days.ahead(self.opens_on, number) if number else self.opens_on

    def _at(self, number: int, hour: int, minute: int) -> datetime:
        return moment(self._day(number), hour, minute)

    def _call(self) -> Call:
        return db.session.scalars(sa.select(Call).filter_by(title=self._title)).one()

    def _who(self, username: str, at: datetime) -> Actor:
        return actor_of(self.cast.people[username], at)

    def _text(self, key: str, day: int = 0) -> str:
        return str(self.content[key]).format(year=self._day(day).year)

    # The call and what staff suggest.

    def opened(self, suggest: int, recommend: int) -> Iterator[Event]:
        """Drafted and announced on the day it opens; then the suggestions."""
        plan = Plan(
            title=self._title,
            programme=self.programme,
            year=self.opens_on.year,
            opens_on=self.opens_on,
            suggest_by=self._day(suggest),
            recommend_by=self._day(recommend),
            quota=self.content["quota"],
            per_unit=2,
            number=self._text("number"),
        )
        at = self._at(0, 9, 20)
        yield at, partial(self._draft, at, plan)
        yield self._at(0, 9, 50), partial(self._announce, self._at(0, 9, 50))
        for number, row in enumerate(self.content["suggestions"]):
            at = self._at(row["day"], 10 + number % 6, 7 * number % 60)
            yield at, partial(self._suggest, at, row)

    def _draft(self, at: datetime, plan: Plan) -> None:
        organiser = db.session.get_one(Organiser, self.cast.organisers["department"])
        calls.draft(self._who("office", at), organiser, plan)

    def _announce(self, at: datetime) -> None:
        call = self._call()
        calls.announce(self._who("office", at), call, version=call.version)

    def _suggest(self, at: datetime, row: Mapping[str, str]) -> None:
        deeds = demo_data.content("exemplars")["deeds"][row["deeds"]]
        typed = Suggested(self.cast.units[row["unit"]], row["nominee"], Relation(row["relation"]), deeds)
        services.suggest(self._who(row["who"], at), self._call(), typed)

    # What the units make of it.

    def units(self, studied: int, sent: int) -> Iterator[Event]:
        """Units that sent: studied, shown for five working days and more, sent."""
        for number, unit in enumerate(self.content["unit"]):
            at = self._at(sent, 14 + number % 3, 5 + 11 * number)
            fields = {
                "studied_on": self._day(studied).isoformat(),
                "notice_from": self._day(studied + 1).isoformat(),
                "notice_to": self._day(studied + 6).isoformat(),
                "notice_place": "本单位公告栏",
            }
            yield at, partial(self._recommend, at, unit, fields, sent=True)

    def begun(self) -> Iterator[Event]:
        """Units that have begun to write and not sent yet."""
        for number, unit in enumerate(self.content["draft"]):
            at = self._at(9, 15, 12 + number)
            yield at, partial(self._recommend, at, unit, {"studied_on": self._day(8).isoformat()}, sent=False)

    def _recommend(self, at: datetime, unit: Mapping[str, Any], fields: Mapping[str, str], *, sent: bool) -> None:
        clerk, texts = self._who(unit["clerk"], at), demo_data.content("exemplars")["deeds"]
        call = self._call()
        made = services.begin(clerk, db.session.get_one(Unit, self.cast.units[unit["code"]]), call)
        rows = [{"post": "", **row, "deeds": texts[row["deeds"]]} for row in unit["entries"]]
        taken = {name_key(row["nominee"]) for row in rows}
        others = [named.key for named in queries.suggested_for(made.unit_id, made.call_id) if named.key not in taken]
        draft = Draft(fields, tuple(rows), dict.fromkeys(others, "studied") if sent else {}, agreed=sent)
        made = services.save(clerk, made, draft, version=made.version)
        if sent:
            services.submit(clerk, made, version=made.version)

    # Review, steps, decision, publication.

    def selected(self) -> Iterator[Event]:
        """The office reviews, registers what came, the second hand confirms, the results are published."""
        for number, unit in enumerate(self.content["unit"]):
            at = self._at(32, 9, 10 + 8 * number)
            yield at, partial(self._review, at, unit)
        letter = StepEntry("驻厅纪检监察组", self._day(35), number=self._text("letter", 35), result="无不同意见。")
        notice = StepEntry(
            held_on=self._day(37), until=self._day(42), place="厅机关公告栏、内网", result="公示期间没有收到异议。"
        )
        decision = StepEntry("厅党组会议", self._day(45), number=self._text("decision", 45), result="同意。")
        for day, kind, entry in (
            (36, Kind.DISCIPLINE, letter),
            (43, Kind.NOTICE, notice),
            (46, Kind.APPROVAL, decision),
        ):
            at = self._at(day, 10, 30)
            yield at, partial(self._register, at, kind, entry)
        yield self._at(47, 9, 40), partial(self._confirm, self._at(47, 9, 40))
        yield self._at(48, 11, 15), partial(self._publish, self._at(48, 11, 15))

    def _review(self, at: datetime, unit: Mapping[str, Any]) -> None:
        office = self._who("office", at)
        asked = sa.select(Entry).filter_by(call_id=self._call().id, unit_id=self.cast.units[unit["code"]])
        for entry in db.session.scalars(asked.order_by(Entry.position)).all():
            if "ends" in unit:
                selection.end(office, entry, reason=EndReason(unit["ends"]), ground="", version=entry.version)
            else:
                selection.accept(office, entry, version=entry.version)

    def _register(self, at: datetime, kind: Kind, entry: StepEntry) -> None:
        selection.register(self._who("office", at), self._call(), kind, entry)

    def _confirm(self, at: datetime) -> None:
        step = decisions.steps_of(self._call())[Kind.APPROVAL]
        decisions.confirm(self._who("second", at), step, number=step.number)

    def _publish(self, at: datetime) -> None:
        call = self._call()
        honours.publish(self._who("office", at), call, version=call.version)
