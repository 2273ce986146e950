"""The verbs of rules: change one, take a change back, answer several at once; and what a change does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..organisers.models import Organiser
from ..shared.access import Actor, Permission
from ..shared.clock import day_of
from ..shared.dates import chinese_date
from ..shared.db import db
from ..shared.errors import Missing, Refused, Stale
from ..shared.use_case import tell, use_case
from . import rules, services
from .models import RuleValue
from .rules import RULES, Change, Rule, RuleAnswer, UnderWay

NOTHING_TO_TAKE_BACK = "这一条本单位没有另定的数，不必撤回。"

# What other features hand in (app.py).

under_way: list[Callable[[str, Sequence[int]], Iterable[UnderWay]]] = []
"""(key, organiser ids) -> what of these organisers the rule matters to now: drafted, or announced and not yet published."""

effects: list[Callable[[Actor, int, str, Fraction], Iterable[str]]] = []
"""(actor, organiser id, key, value) -> what people would see change, a sentence each."""


def nobody_asks(actor: Actor) -> None:
    """Nothing has been handed in yet."""


refuse_unconfirmed: Callable[[Actor], None] = nobody_asks
"""Raises Refused for who has not given the password again a short while ago."""


def rule_of(key: str) -> Rule:
    """A rule as the data say it. Raises Missing."""
    if key not in RULES:
        raise Missing
    return RULES[key]


def reached(organiser: Organiser, key: str) -> list[Organiser]:
    """The organisers whose rule a change changes: itself, and those below without a value of their own."""
    below = db.session.scalars(sa.select(Organiser).where(Organiser.parent_id == organiser.id).order_by(Organiser.id))
    return [organiser, *(each for each in below if services.rule(each.id, key).set_by != each.id)]


def touched(organisers: Sequence[Organiser], key: str) -> list[UnderWay]:
    """What is under way with these organisers that the rule matters to."""
    ids = [each.id for each in organisers]
    return [each for ask in under_way for each in ask(key, ids)]


def planned(actor: Actor, organiser: Organiser, rule: Rule, answer: RuleAnswer) -> Change:
    """The change an answer would make. Raises Refused beside the field that is wrong."""
    today = day_of(actor.at)
    why = rules.why_not_changed(rule, top=organiser.parent_id is None)
    if why:
        raise Refused(why)
    try:
        value = rules.read_value(rule, answer.value)
    except ValueError as error:
        raise Refused(str(error), field="value") from None
    for field, sentence in rules.faults(answer, today).items():
        raise Refused(sentence, field=field)
    change = Change(organiser.id, rule.key, str(value), answer.source.strip(), answer.since or today, actor.at)
    now = services.rule(organiser.id, rule.key)
    if change.since_on == today and (now.value, now.source, now.proposed) == (value, change.source, False):
        raise Refused("数值和依据都和现在一样，没有要改的。", field="value")
    return change


def refuse_clash(organiser: Organiser, today: date, more: Sequence[Change] = ()) -> None:
    """Raise Refused when rules contradict each other, on any day from today on, for the organiser or one below."""
    ids = [organiser.id, *db.session.scalars(sa.select(Organiser.id).where(Organiser.parent_id == organiser.id))]
    ordered = {key for keys in rules.RISING for key in keys}
    for organiser_id in ids:
        made = services.changes_of(organiser_id)
        merged = {key: [*made.get(key, ()), *(each for each in more if each.key == key)] for key in ordered}
        days = {today} | {each.since_on for changes in merged.values() for each in changes if each.since_on > today}
        for day in sorted(days):
            held = {key: rules.in_force(RULES[key], merged[key], organiser_id, day) for key in ordered}
            why = rules.clash(held)
            if why:
                raise Refused(
                    why if organiser_id == organiser.id else f"下级主办党组织另定的数会和它矛盾：{why}", field="value"
                )


def last_made(organiser_id: int, key: str) -> int:
    """The number of the last change of a rule that matters to an organiser, its own or of the one above; 0 before any."""
    return max((each.id for each in services.changes_of(organiser_id).get(key, ())), default=0)


def _refuse_unseen(organiser: Organiser, key: str, seen: int | None) -> None:
    """Raise Stale when a change was made that the page, whose last one was ``seen``, did not show."""
    if seen is not None and seen != last_made(organiser.id, key):
        raise Stale(organiser)


def set_value(session: Session, actor: Actor, organiser: Organiser, key: str, answer: RuleAnswer) -> RuleValue:
    """Make one change within a verb under way, which then calls ``refuse_clash``. Raises Refused."""
    change = planned(actor, organiser, rule_of(key), answer)
    return _keep(session, actor, change, answer.reason)


def _keep(session: Session, actor: Actor, change: Change, reason: str) -> RuleValue:
    row = RuleValue(
        organiser_id=change.organiser_id,
        key=change.key,
        value=change.value,
        source=change.source,
        reason=reason.strip(),
        since_on=change.since_on,
        entered_at=change.entered_at,
        entered_by=actor.person_id,
        entered_name=actor.name,
    )
    session.add(row)
    session.flush()
    services.forget_changes(session)
    return row


def tell_late(session: Session, organiser: Organiser, keys: Iterable[str]) -> None:
    """Say in the audit line what was announced already when a rule that matters to it changed."""
    running = {each.title for key in keys for each in touched(reached(organiser, key), key) if each.keeps}
    if running:
        tell(session, late=True, under_way=sorted(running))


@use_case(Permission.CHANGE_RULE)
def change_rule(
    actor: Actor, organiser: Organiser, *, rule_key: str, answer: RuleAnswer, seen: int | None = None, key: str = ""
) -> RuleValue:
    """Give a rule another value, or confirm the suggested one with its document. ``seen``: the last change its page showed."""
    refuse_unconfirmed(actor)
    session = db.session()
    before = services.rule(organiser.id, rule_of(rule_key).key)
    _refuse_unseen(organiser, rule_key, seen)
    services.write_down_dates(actor)
    row = set_value(session, actor, organiser, rule_key, answer)
    refuse_clash(organiser, day_of(actor.at))
    services.write_down_dates(actor)
    after = rules.shown(before.kind, Fraction(row.value))
    _tell(session, row, before.shown, after)
    tell_late(session, organiser, [rule_key])
    return row


@use_case(Permission.CHANGE_RULE)
def restore_rule(
    actor: Actor,
    organiser: Organiser,
    *,
    rule_key: str,
    reason: str,
    since: date | None = None,
    seen: int | None = None,
    key: str = "",
) -> RuleValue:
    """撤回 the organiser's own value: the one of the organiser above, or of the data, holds again.

    What was planned for that day or a later one is taken back with it.
    """
    refuse_unconfirmed(actor)
    session, today = db.session(), day_of(actor.at)
    rule = rule_of(rule_key)
    _refuse_unseen(organiser, rule.key, seen)
    made = services.changes_of(organiser.id).get(rule.key, ())
    if not rules.can_take_back(made, organiser.id, today):
        raise Refused(NOTHING_TO_TAKE_BACK)
    if not 0 < len(reason.strip()) <= rules.LIMITS["reason"]:
        raise Refused("请写明为什么撤回，最多 300 字。", field="reason")
    for field, sentence in rules.since_fault(since, today).items():
        raise Refused(sentence, field=field)
    if since is not None and not rules.can_take_back(made, organiser.id, since):
        raise Refused("从那天起本来就没有本单位的数了，请填早一些的日子，或者留空。", field="since")
    before = services.rule(organiser.id, rule.key)
    services.write_down_dates(actor)
    row = _keep(session, actor, Change(organiser.id, rule.key, "", "", since or today, actor.at), reason)
    refuse_clash(organiser, today)
    services.write_down_dates(actor)
    after = rules.in_force(rule, services.changes_of(organiser.id)[rule.key], organiser.id, row.since_on)
    _tell(session, row, before.shown, after.shown)
    tell_late(session, organiser, [rule_key])
    return row


@use_case(Permission.CHANGE_RULE)
def adopt_rules(actor: Actor, organiser: Organiser, *, answers: Mapping[str, RuleAnswer], key: str = "") -> Organiser:
    """Answer several rules at once: all of them hold, or none."""
    refuse_unconfirmed(actor)
    session = db.session()
    services.write_down_dates(actor)
    changed = {}
    for rule_key, answer in answers.items():
        before = services.rule(organiser.id, rule_of(rule_key).key)
        row = set_value(session, actor, organiser, rule_key, answer)
        changed[before.title] = [before.shown, rules.shown(before.kind, Fraction(row.value)), row.source]
    refuse_clash(organiser, day_of(actor.at))
    services.write_down_dates(actor)
    tell(session, rules=changed)
    tell_late(session, organiser, answers)
    return organiser


def _tell(session: Session, row: RuleValue, before: str, after: str) -> None:
    said = {
        "rule": row.key,
        "title": RULES[row.key].title,
        "before": before,
        "after": after,
        "since": row.since_on.isoformat(),
    }
    tell(session, **said, source=row.source, reason=row.reason)


# What a change would do, said before it is made.


def outlook_of(actor: Actor, organiser: Organiser, rule: Rule, answer: RuleAnswer) -> list[str]:
    """What follows from an answer, a sentence each. Raises Refused as the verb would."""
    change = planned(actor, organiser, rule, answer)
    refuse_clash(organiser, day_of(actor.at), [change])
    before = services.rule(organiser.id, rule.key)
    after = rules.changed(rule, change)
    day = "从今天起" if change.since_on == day_of(actor.at) else f"从{chinese_date(change.since_on)}起"
    if before.value == after.value:
        said = [f"数值不变，仍是 {after.with_unit}；依据改为“{change.source}”，不再是建议值。"]
    else:
        said = [
            f"{rule.title}{day}由 {before.shown} 改为 {after.shown}" + (f"（{rule.unit}）。" if rule.unit else "。")
        ]
    if rule.use is rules.Use.REFERENCE:
        said.append("这一条供参考，系统暂不据此提示；改了只是登记本单位的数。")
    organisers = reached(organiser, rule.key)
    if len(organisers) > 1:
        said.append(f"没有另定的{'、'.join(each.name for each in organisers[1:])}跟着改。")
    for each in touched(organisers, rule.key):
        said.append(
            f"“{each.title}”已经开始，仍按开始时的规则；这次改动会记为中途改动，监督页看得到。"
            if each.keeps
            else f"“{each.title}”还没有公告或发出，到时候按新的数。"
        )
    return said + [sentence for ask in effects for sentence in ask(actor, organiser.id, rule.key, after.value)]
