"""Every number of the rules as data: value, how strictly it is meant, which document says so, and what an organiser made of it.

The data lie in ``data/rules.toml``. A rule marked 建议值 is this system's proposal until the office confirms it. Words like
一般 in a source make a rule a reminder, never a bar. A rule the system does not act on says so.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..shared.dates import chinese_date, half_width
from ..shared.labels import Labelled


class Mode(Labelled):
    """How strictly a rule is meant."""

    ENFORCE = "enforce", "必须"
    WARN = "warn", "提醒"
    DEFAULT = "default", "默认值"
    INFO = "info", "说明"


class Use(Labelled):
    """What the system does with a rule."""

    VALUE = "value", "系统按这个数办"
    FIXED = "fixed", "系统本来就这样办"
    REFERENCE = "reference", "供参考，系统暂不据此提示"


class Kind(Labelled):
    """What a value is."""

    NUMBER = "number", "整数"
    RATIO = "ratio", "比例"
    SWITCH = "switch", "是或否"


@dataclass(frozen=True, slots=True)
class Rule:
    """One value of the rules. ``value`` is exact; ``since`` says from when it applies, where known."""

    key: str
    title: str
    kind: Kind
    value: Fraction
    unit: str
    mode: Mode
    use: Use
    source: str
    proposed: bool = False  # 建议值: not found in a document, to be confirmed by the office
    since: str = ""
    between: tuple[Fraction, Fraction] | None = None  # how far an organiser may change it; None: not at all
    override: str = ""  # why an organiser below may have its own value; empty: it may not
    set_by: int | None = None  # the organiser whose change is in force; None: as the data say

    @property
    def group(self) -> str:
        """The heading it stands under: “组织生活”."""
        return GROUPS[self.key.split(".")[0]]

    @property
    def shown(self) -> str:
        """The value as a reader writes it."""
        return shown(self.kind, self.value)

    @property
    def with_unit(self) -> str:
        """“8 个工作日以上”, “1/3 以内”, “是”."""
        return f"{self.shown}{'' if self.unit.startswith('%') else ' '}{self.unit}".strip()

    @property
    def said(self) -> str:
        """The rule and its source in a sentence, for the note beside a value."""
        how = self.mode.label if self.use is not Use.REFERENCE else "供参考"
        marks = f"{how}，建议值" if self.proposed else how
        return f"{self.title}：{self.with_unit}（{marks}）。依据：{self.source}。"

    @property
    def since_label(self) -> str:
        """“2018年10月28日起”, or nothing where that is not known."""
        return f"{chinese_date(date.fromisoformat(self.since))}起" if self.since else ""

    @property
    def range_label(self) -> str:
        """“3 至 20”, or nothing where it does not change."""
        return "" if self.between is None else " 至 ".join(shown(self.kind, each) for each in self.between)


def shown(kind: Kind, value: Fraction) -> str:
    """A value as a reader writes it."""
    match kind:
        case Kind.SWITCH:
            return "是" if value else "否"
        case Kind.RATIO:
            return "全部" if value == 1 else f"{value.numerator}/{value.denominator}"
        case _:
            return str(value)


def _load() -> tuple[dict[str, str], dict[str, Rule]]:
    data = tomllib.loads((Path(__file__).with_name("data") / "rules.toml").read_text("utf-8"))
    words = {"plan": data.pop("plan"), "branches": data.pop("branches")}
    groups = data.pop("groups")
    return groups, {
        f"{group}.{name}": _rule(f"{group}.{name}", row, words) for group in groups for name, row in data[group].items()
    }


def _rule(key: str, row: Mapping[str, Any], words: Mapping[str, str]) -> Rule:
    value, between = row["value"], row.get("between")
    kind = Kind.SWITCH if isinstance(value, bool) else Kind.RATIO if isinstance(value, str) else Kind.NUMBER
    return Rule(
        key,
        row["title"],
        kind,
        Fraction(value),
        row["unit"],
        Mode(row["mode"]),
        Use(row.get("use", "reference")),
        row["source"].format(**words),
        row.get("proposed", False),
        row.get("since", ""),
        (Fraction(between[0]), Fraction(between[1])) if between else None,
        row.get("override", ""),
    )


GROUPS, RULES = _load()
"""Headings of the page of rules, in its order, by the first word of the key; and every rule as the data say it, by its key."""

RISING = (
    ("rating.floor_2", "rating.floor_3", "rating.floor_4", "rating.floor_5"),
    ("pilots.fewest", "pilots.most"),
    ("nominations.deeds_least", "nominations.deeds_most"),
    ("nominations.brief_least", "nominations.brief_most"),
    ("yearly.inspection_from", "yearly.inspection_until"),
    ("life.dues_first", "life.dues_last"),
    ("branch.term_third", "branch.term_second", "branch.term_first"),
    ("rating.sheets_for_trimming", "rating.judges_for_trimming"),
)
"""Rules that have to stand in this order by their values."""

_MAY_BE_EQUAL = frozenset({"pilots.most", "yearly.inspection_until", "rating.judges_for_trimming"})


# What an organiser made of a rule.


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """What the office says of a rule: its value as typed, the document, why, and from which day (None: from today)."""

    value: str = ""
    source: str = ""
    reason: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change that was made. ``value`` empty: taken back, so what holds without the organiser's own value holds again."""

    organiser_id: int
    key: str
    value: str
    source: str
    since_on: date
    entered_at: datetime
    id: int = 0  # rises with every change made


def in_force(rule: Rule, changes: Sequence[Change], organiser_id: int, day: date, at: datetime | None = None) -> Rule:
    """A rule as it holds for an organiser on a day: its own change, or the one above, or as the data say.

    ``changes`` in the order they were made. With ``at`` only what was entered by then counts: what was announced keeps its rules.
    """
    known = [each for each in changes if at is None or each.entered_at <= at]
    for own in (True, False):
        made = [each for each in known if (each.organiser_id == organiser_id) is own]
        last = _last_on(day, not_taken_back(made))
        if last is not None and last.value:
            return changed(rule, last)
    return rule


def _last_on(day: date, standing: Sequence[Change]) -> Change | None:
    """The change that has the say on a day: the one that began last, of one day the last made."""
    begun = [each for each in standing if each.since_on <= day]
    return max(reversed(begun), key=lambda each: each.since_on, default=None)


def not_taken_back(made: Sequence[Change]) -> list[Change]:
    """One organiser's changes, in the order they were made, without those a later one took back.

    Taking back from a day on takes back everything that was to begin on that day or after it, also what had not yet come.
    """
    standing: list[Change] = []
    for change in made:
        if not change.value:
            standing = [each for each in standing if each.since_on < change.since_on]
        standing.append(change)
    return standing


def can_take_back(changes: Sequence[Change], organiser_id: int, day: date) -> bool:
    """Whether on a day, or on any after it, a value of the organiser's own holds: what the button and the verb both ask."""
    standing = not_taken_back([each for each in changes if each.organiser_id == organiser_id])
    days = {day, *(each.since_on for each in standing if each.since_on > day)}
    return any(last.value for on in days if (last := _last_on(on, standing)) is not None)


def changed(rule: Rule, change: Change) -> Rule:
    """The rule with the value and source of a change."""
    return replace(
        rule,
        value=Fraction(change.value),
        source=change.source,
        proposed=False,
        since=change.since_on.isoformat(),
        set_by=change.organiser_id,
    )


def why_not_changed(rule: Rule, *, top: bool) -> str:
    """Why an organiser cannot change a rule, with the source; nothing when it can. ``top``: it stands above all others."""
    if rule.use is Use.FIXED:
        return f"“{rule.title}”是系统本来的办法，不能改。依据：{rule.source}。"
    if rule.between is None:
        return f"“{rule.title}”是文件的规定，不能改。依据：{rule.source}。"
    if not top and not rule.override:
        return f"“{rule.title}”全区统一，各市不另定。依据：{rule.source}。"
    return ""


_NUMBER = re.compile(r"[0-9]{1,40}")
_RATIO = re.compile(r"([0-9]{1,3})/([1-9][0-9]{0,2})")


def read_value(rule: Rule, text: str) -> Fraction:
    """The value as typed for a rule that can be changed. Raises ValueError with a sentence for the page."""
    assert rule.between is not None
    plain = half_width(text).replace(" ", "")
    low, high = rule.between
    if rule.kind is Kind.RATIO:
        match = _RATIO.fullmatch("1/1" if plain in ("1", "全部") else plain)
        if match is None:
            raise ValueError("请写成分数，例如 2/3。")
        value = Fraction(int(match[1]), int(match[2]))
    elif _NUMBER.fullmatch(plain):
        value = Fraction(int(plain))
    else:
        raise ValueError("请填整数，不用写单位。")
    if not low <= value <= high:
        raise ValueError(f"只能填 {rule.range_label}。依据：{rule.source}。")
    return value


def clash(rules: Mapping[str, Rule]) -> str:
    """Which two rules contradict each other, in a sentence; nothing when all stand in their order."""
    for keys in RISING:
        for low, high in pairwise(keys):
            less, more = rules[low], rules[high]
            if less.value > more.value or (less.value == more.value and high not in _MAY_BE_EQUAL):
                return f"“{less.title}”（{less.with_unit}）和“{more.title}”（{more.with_unit}）前后矛盾，请核对。"
    return ""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Something a rule matters to now. ``keeps``: it was announced, and keeps the rules it was announced with."""

    title: str
    keeps: bool


LATEST_SINCE_DAYS = 366
"""How far ahead a change can be entered."""

LIMITS = {"source": 120, "reason": 300}


def faults(answer: RuleAnswer, today: date) -> dict[str, str]:
    """What is wrong with an answer besides its value: field -> sentence."""
    found = {
        name: f"最多 {limit} 字，请删减一些。"
        for name, limit in LIMITS.items()
        if len(getattr(answer, name).strip()) > limit
    }
    if not answer.source.strip():
        found["source"] = "请填写依据，写明文件名或文号，例如 宁环党办〔2026〕9号。"
    if not answer.reason.strip():
        found["reason"] = "请写明为什么改，或者写“确认建议值”。"
    return found | since_fault(answer.since, today)


def since_fault(since: date | None, today: date) -> dict[str, str]:
    """What is wrong with the day a change begins to hold."""
    if since is not None and since < today:
        return {"since": "不能从过去的日子起改，最早从今天起。"}
    if since is not None and (since - today).days > LATEST_SINCE_DAYS:
        return {"since": "最多提前一年登记。"}
    return {}
