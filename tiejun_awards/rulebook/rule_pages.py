"""What the pages of rules show: the rules under their headings, one rule with its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..organisers.models import Organiser
from ..shared import clock
from ..shared.clock import day_of
from ..shared.db import db
from . import changes, rules, services
from .models import RuleValue
from .rules import GROUPS, RULES, Mode, Rule, Use

ONLY = (("proposed", "建议值"), ("own", "本单位改过的"), ("reference", "供参考的"))
"""What the list can be narrowed to: (value, words)."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule as it holds for an organiser, and beside an own value the one of the organiser above."""

    rule: Rule
    own: bool
    above: Rule | None = None  # shown where an organiser below has its own value


def line_of(organiser_id: int, key: str) -> RuleLine:
    """One rule as it holds today."""
    rule = services.rule(organiser_id, key)
    if rule.set_by != organiser_id:
        return RuleLine(rule, False)
    return RuleLine(rule, True, _without(organiser_id, key))


def _without(organiser_id: int, key: str) -> Rule:
    """One rule as it would hold today without a value of the organiser's own."""
    others = [each for each in services.changes_of(organiser_id).get(key, ()) if each.organiser_id != organiser_id]
    return rules.in_force(RULES[key], others, organiser_id, day_of(clock.now()))


def by_group(
    organiser_id: int, text: str = "", mode: Mode | None = None, only: str = ""
) -> list[tuple[str, list[RuleLine]]]:
    """The rules under their headings: those that hold a text, those that act in a mode, those of ``ONLY``."""
    found = [line_of(organiser_id, key) for key in RULES]
    kept = [line for line in found if _asked_for(line, text.lower(), mode, only)]
    groups = [(heading, [line for line in kept if line.rule.group == heading]) for heading in GROUPS.values()]
    return [(heading, lines) for heading, lines in groups if lines]


def _asked_for(line: RuleLine, text: str, mode: Mode | None, only: str) -> bool:
    rule = line.rule
    narrowed = {"proposed": rule.proposed, "own": line.own, "reference": rule.use is Use.REFERENCE}
    acts = mode is None or (rule.mode is mode and rule.use is not Use.REFERENCE)
    return acts and narrowed.get(only, True) and text in f"{rule.title} {rule.unit} {rule.source}".lower()


@dataclass(frozen=True, slots=True)
class Event:
    """One change in a rule's history, the latest first."""

    row: RuleValue
    before: str
    after: str
    words: str  # 改数值, 确认, 撤回
    planned: bool  # its day is still to come
    taken_back: bool = False  # a later 撤回 ended it on its first day, or before


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule, what was made of it, and whether the organiser can change it."""

    line: RuleLine
    base: Rule
    history: Sequence[Event]
    below: Sequence[tuple[str, Rule]]  # values of their own of organisers below: (name, rule)
    why_not: str
    without: Rule  # what holds today without a value of the organiser's own
    version: int  # the number of the last change that matters here
    can_restore: bool  # whether there is a value of the organiser's own to take back, now or planned

    @property
    def planned(self) -> list[Event]:
        """The values that are still to come, the last registered first."""
        return [event for event in self.history if event.planned and event.row.value]


def page_of(organiser: Organiser, key: str) -> RulePage:
    """The page of one rule. Raises Missing."""
    base, today = changes.rule_of(key), day_of(clock.now())
    rows = db.session.scalars(
        sa.select(RuleValue)
        .join(Organiser, Organiser.id == RuleValue.organiser_id)
        .where(RuleValue.key == key, sa.or_(Organiser.id == organiser.id, Organiser.parent_id == organiser.id))
        .options(joinedload(RuleValue.organiser))
        .order_by(RuleValue.id)
    ).all()
    names = {row.organiser_id: row.organiser.name for row in rows if row.organiser_id != organiser.id}
    below = [(name, rule) for each, name in names.items() if (rule := services.rule(each, key)).set_by == each]
    made = services.changes_of(organiser.id).get(key, ())
    return RulePage(
        line_of(organiser.id, key),
        base,
        _history(organiser.id, base, [row for row in rows if row.organiser_id == organiser.id], today),
        below,
        rules.why_not_changed(base, top=organiser.parent_id is None),
        _without(organiser.id, key),
        changes.last_made(organiser.id, key),
        rules.can_take_back(made, organiser.id, today),
    )


def _history(organiser_id: int, base: Rule, rows: Sequence[RuleValue], today: date) -> list[Event]:
    made = services.changes_of(organiser_id).get(base.key, ())
    standing = {each.id for each in rules.not_taken_back([each for each in made if each.organiser_id == organiser_id])}
    events = []
    for row in rows:
        earlier = [each for each in made if each.id < row.id]
        before = rules.in_force(base, earlier, organiser_id, row.since_on)
        until = [each for each in made if each.id <= row.id]
        after = rules.in_force(base, until, organiser_id, row.since_on)
        words = "撤回" if not row.value else "确认" if before.value == after.value else "改数值"
        stands = row.id in standing
        events.append(Event(row, before.shown, after.shown, words, stands and row.since_on > today, not stands))
    return events[::-1]
