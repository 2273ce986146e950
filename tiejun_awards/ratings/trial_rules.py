"""Trials (试算): when they are open, which numbers of the terms they vary, what is wrong with those, what comes of them in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from ..rulebook.rules import RULES, Rule, read_value
from ..shared.labels import Labelled
from ..standards.rules import two_places
from ..stars.rules import star_word
from .rules import Method, State, Terms

NOT_A_BASIS = "试算（不作依据）"
"""Stands on every page, print and sheet of a trial."""


class TrialState(Labelled):
    """Where a trial that was asked for stands."""

    ASKED = "asked", "等复核人核准"
    CONFIRMED = "confirmed", "已核准"
    REFUSED = "refused", "没有同意"


class TrialVerb(Labelled):
    """What the second person does."""

    CONFIRM = "confirm", "核准"
    REFUSE = "refuse", "退回"


TRIAL_MOVES = {
    (TrialState.ASKED, TrialVerb.CONFIRM): TrialState.CONFIRMED,
    (TrialState.ASKED, TrialVerb.REFUSE): TrialState.REFUSED,
}

MOST_REASON = 300


MARKS_ARE_IN = (State.SCORING, State.CLOSED)
"""Marks are in and not yet published: then a trial needs a reason and a second person."""


def marks_are_in(state: State) -> bool:
    """Whether a cycle in this state has marks that are not yet published."""
    return state in MARKS_ARE_IN


# What a trial varies.


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial is run with: terms, and a method where it is not the one that follows from them."""

    terms: Terms
    method: Method | None = None


FLOORS = ("floor_2", "floor_3", "floor_4", "floor_5")
VARIED = ("floor_5", "floor_4", "floor_3", "floor_2", "share", "climb", "first", "bonus_cap")
"""The numbers of the terms a trial varies, in the order of the page. The quota goes by “share”: in an address “&quota” reads like an entity."""

FIELDS = (
    dict.fromkeys(("floor_5", "floor_4", "floor_3", "floor_2"), "分（含）以上"),
    {"share": "%以内", "climb": "星/年以内", "first": "星为上限", "bonus_cap": "分为上限"},
)
"""The rows of the form: number -> what stands beside it."""

_UNITS = {**dict.fromkeys((*FLOORS, "bonus_cap"), " 分"), "share": "%", "climb": " 星", "first": " 星"}


def _rule(name: str) -> Rule:
    """The rule a number comes from, with its title and its bounds."""
    return RULES["rating.quota" if name == "share" else f"rating.{name}"]


def title_of(name: str) -> str:
    """What a number is called in the rulebook: “五星级分数线”."""
    return _rule(name).title


def numbers_of(terms: Terms) -> dict[str, int]:
    """The numbers of some terms as people write them: points, percent, stars."""
    floors = {name: floor // 100 for name, floor in zip(FLOORS, terms.floors, strict=True)}
    rest = {"share": terms.quota, "climb": terms.climb, "first": terms.first, "bonus_cap": terms.bonus_cap // 100}
    return {name: {**floors, **rest}[name] for name in VARIED}


def read_numbers(typed: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str]]:
    """The numbers as typed, within the bounds of the rulebook; and a sentence for each field that is wrong."""
    numbers: dict[str, int] = {}
    faults: dict[str, str] = {}
    for name in VARIED:
        try:
            value: Fraction = read_value(_rule(name), typed[name])
        except ValueError as error:
            faults[name] = str(error)
        else:
            numbers[name] = int(value)
    for low, high in pairwise(FLOORS):
        if low in numbers and high in numbers and numbers[low] >= numbers[high]:
            faults[high] = f"{title_of(high)}要高于{title_of(low)}。"
    return numbers, faults


def with_numbers(terms: Terms, numbers: Mapping[str, int]) -> Terms:
    """The same terms with other numbers."""
    return replace(
        terms,
        floors=tuple(numbers[name] * 100 for name in FLOORS),
        quota=numbers["share"],
        climb=numbers["climb"],
        first=numbers["first"],
        bonus_cap=numbers["bonus_cap"] * 100,
    )


def differences(before: Terms, trial: Trial) -> list[str]:
    """What a trial varies, in words: “五星级分数线 90 分改为 92 分”."""
    old, new = numbers_of(before), numbers_of(trial.terms)
    said = [
        f"{title_of(name)} {old[name]}{_UNITS[name]}改为 {new[name]}{_UNITS[name]}".replace("%改", "% 改")
        for name in VARIED
        if old[name] != new[name]
    ]
    if trial.method is not None:
        said.append(f"计分方法用“{trial.method.label}”")
    return said


# What comes of it.


class Line(NamedTuple):
    """One branch by the announced terms and by those of the trial; totals in hundredths."""

    branch_id: int
    total: int
    star: int
    undecided: bool
    trial_total: int
    trial_star: int
    trial_undecided: bool

    @property
    def changed(self) -> bool:
        """Whether the trial gives it another star, or leaves open what was decided."""
        return (self.star, self.undecided) != (self.trial_star, self.trial_undecided)

    @property
    def word(self) -> str:
        """What changes, in words."""
        if self.undecided != self.trial_undecided:
            return "变为待表决" if self.trial_undecided else "不再待表决"
        if self.star == self.trial_star:
            return "不变"
        return f"{'升' if self.trial_star > self.star else '降'} {abs(self.trial_star - self.star)} 星"

    @property
    def kind(self) -> str:
        """The colour beside the word."""
        if not self.changed:
            return ""
        return "good" if self.trial_star > self.star else "look"

    @property
    def icon(self) -> str:
        """The sign beside the word."""
        if self.undecided != self.trial_undecided:
            return "hourglass"
        return "chevron-up" if self.trial_star > self.star else "chevron-down"

    @property
    def totals(self) -> tuple[str, str]:
        """Both totals as shown."""
        return two_places(self.total), two_places(self.trial_total)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a trial: its branches in unit order, those without a signed sheet left out, and both methods."""

    lines: Sequence[Line]
    left_out: Sequence[int]
    method: Method
    trial_method: Method

    @property
    def changed(self) -> int:
        """How many branches it changes."""
        return sum(line.changed for line in self.lines)

    @property
    def counts(self) -> list[tuple[str, int, int]]:
        """How many branches hold each star: (star, by the announced terms, by the trial's), the highest first."""
        return [
            (
                star_word(star),
                sum(line.star == star for line in self.lines),
                sum(line.trial_star == star for line in self.lines),
            )
            for star in range(5, -1, -1)
        ]

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a confirmed trial."""
        return {
            "lines": [list(line) for line in self.lines],
            "left_out": list(self.left_out),
            "methods": [self.method.value, self.trial_method.value],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Outcome:
        """Read back what was kept."""
        method, trial_method = kept["methods"]
        return cls([Line(*line) for line in kept["lines"]], kept["left_out"], Method(method), Method(trial_method))
