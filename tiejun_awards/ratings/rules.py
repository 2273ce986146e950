"""A cycle's states, its announced terms, the one computation of the total, and the method of a closed cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ..decisions.rules import Kind
from ..shared.errors import Refused
from ..shared.labels import Labelled
from ..shared.periods import Quarter


class State(Labelled):
    """Where a cycle stands."""

    DRAFTED = "drafted", "起草"
    ANNOUNCED = "announced", "已公告"
    SCORING = "scoring", "评分中"
    CLOSED = "closed", "评分结束"
    PUBLISHED = "published", "已公布"


class Verb(Labelled):
    """What the office does to a cycle."""

    ANNOUNCE = "announce", "公告"
    OPEN = "open", "开始评分"
    CLOSE = "close", "结束评分"
    PUBLISH = "publish", "公布结果"


MOVES = {
    (State.DRAFTED, Verb.ANNOUNCE): State.ANNOUNCED,
    (State.ANNOUNCED, Verb.OPEN): State.SCORING,
    (State.SCORING, Verb.CLOSE): State.CLOSED,
    (State.CLOSED, Verb.PUBLISH): State.PUBLISHED,
}

REGISTERED_IN = {
    Kind.SELF_ASSESSMENT: State.ANNOUNCED,
    Kind.SURVEY: State.ANNOUNCED,
    Kind.REVIEW: State.CLOSED,
    Kind.DISCIPLINE: State.CLOSED,
    Kind.NOTICE: State.CLOSED,
    Kind.APPROVAL: State.CLOSED,
}
"""The steps of a cycle that are registered, and from which state on they can be."""

BEFORE_SCORING = (Kind.SELF_ASSESSMENT, Kind.SURVEY)
BEFORE_PUBLISHING = (Kind.REVIEW, Kind.DISCIPLINE, Kind.NOTICE, Kind.APPROVAL)


def not_before(kind: Kind, state: State) -> None:
    """Raise Refused for a step whose time has not come, or is over."""
    order = list(State)
    if kind not in REGISTERED_IN:
        raise Refused("星级评定里没有这一步。")
    if order.index(state) < order.index(REGISTERED_IN[kind]):
        raise Refused(f"{kind.label}在“{REGISTERED_IN[kind].label}”以后登记，现在是“{state.label}”。")
    if state is State.PUBLISHED:
        raise Refused("结果已经公布，不能再登记或撤下。")


# The announced terms.


@dataclass(frozen=True, slots=True)
class Terms:
    """What the announcement fixed: thresholds (hundredths, rising), quota, climb, first rating, method."""

    floors: tuple[int, ...]
    quota: int  # percent of the evaluated branches that may hold the top star; 100 is no quota
    climb: int
    first: int  # highest star of a first rating; 5: by the total
    new_months: int  # a branch younger than this at the end of the period gets no star
    bonus_cap: int
    judges_for_trimming: int
    sheets_for_trimming: int

    def as_json(self) -> dict[str, Any]:
        """As it is frozen with the cycle."""
        return {name: list(value) if isinstance(value := getattr(self, name), tuple) else value for name in _TERMS}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Terms:
        """Read back what was frozen."""
        return cls(**{**{name: kept[name] for name in _TERMS}, "floors": tuple(kept["floors"])})


_TERMS = tuple(Terms.__dataclass_fields__)

LOWEST = 1
"""The star below the first floor: <60 is 一星级 under 90/80/70/60."""


class Method(Labelled):
    """How the judges' sheets become one judged part, the same for every branch of a cycle."""

    TRIMMED = "trimmed", "去掉一个最高分和一个最低分后平均"
    MEAN = "mean", "全部评分表平均"


def method_of(terms: Terms, judges: int, fewest_sheets: int) -> Method:
    """The case of the announced rule that holds at closing: without highest and lowest where there are enough."""
    enough = judges >= terms.judges_for_trimming and fewest_sheets >= terms.sheets_for_trimming
    return Method.TRIMMED if enough else Method.MEAN


def method_sentence(terms: Terms, judges: int, fewest_sheets: int) -> str:
    """Which method holds and why, for the page."""
    method = method_of(terms, judges, fewest_sheets)
    rule = (
        f"公告的规则：评委不少于 {terms.judges_for_trimming} 名、且每个支部至少有 {terms.sheets_for_trimming} 份已签名评分表时，"
        "去掉最高、最低各一份再平均；否则全部平均。"
    )
    now = f"本轮评委 {judges} 名，评分表最少的支部有 {fewest_sheets} 份，所以{method.label}，所有支部一样。"
    return rule + now


# The total.


class Shape(Labelled):
    """How the parts of a scheme are put together."""

    POINTS = "points", "百分制加减分"
    WEIGHTED = "weighted", "基础分 70%、评议 30%"


BASE_WEIGHT, SURVEY_WEIGHT = Fraction(70, 100), Fraction(30, 100)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a total is made of, in hundredths of a point; the judged part exact."""

    judged: Fraction = Fraction(0)
    given: int = 0  # facts and verified values
    survey: Fraction = Fraction(0)
    bonus: int = 0
    deducted: int = 0


def total(parts: Parts, *, bonus_cap: int, shape: Shape = Shape.POINTS) -> int:
    """The total in hundredths: exact, rounded half up once, never below 0 (design.md idea 19).

    POINTS: judged + given + survey + bonus (capped) − deductions. WEIGHTED: (judged + given − deductions) × 70 % +
    survey × 30 % + bonus (capped).
    """
    base = parts.judged + parts.given
    bonus = min(parts.bonus, bonus_cap)
    if shape is Shape.WEIGHTED:
        exact = (base - parts.deducted) * BASE_WEIGHT + parts.survey * SURVEY_WEIGHT + bonus
    else:
        exact = base + parts.survey + bonus - parts.deducted
    return max(0, half_up(exact))


def half_up(exact: Fraction) -> int:
    """The nearest whole number, halves upwards."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def adding_up(parts: Sequence[Fraction], whole: int) -> list[int]:
    """The parts as whole numbers that add up to ``whole``: rounded down, the rest to the largest remainders, the first first."""
    floors = [part.numerator // part.denominator for part in parts]
    rest = whole - sum(floors)
    order = sorted(range(len(parts)), key=lambda place: (-(parts[place] - floors[place]), place))
    for place in order[: max(0, rest)]:
        floors[place] += 1
    return floors


def median(values: Sequence[int]) -> int:
    """The middle value, of two the mean rounded half up; 0 of nothing."""
    ranked = sorted(values)
    if not ranked:
        return 0
    middle = len(ranked) // 2
    return ranked[middle] if len(ranked) % 2 else half_up(Fraction(ranked[middle - 1] + ranked[middle], 2))


# Branches.


def is_new(founded: date | None, last_day: date, months: int) -> bool:
    """Whether a branch is younger than so many months at the end of the period: it takes part, but gets no star."""
    if founded is None or months == 0:
        return False
    whole = (last_day.year - founded.year) * 12 + last_day.month - founded.month - (last_day.day < founded.day)
    return whole < months


FAILED_BELOW = Fraction(60, 100)
"""An indicator with less than this share of its points counts as failed where totals tie."""


def failed(got: int, most: int) -> bool:
    """Whether an indicator was failed (不达标)."""
    return Fraction(got, most) < FAILED_BELOW


def quarters_of(last: Quarter) -> list[Quarter]:
    """The four quarters a cycle looks at, up to and including ``last``, the earliest first."""
    found = [last]
    while len(found) < 4:
        found.insert(0, found[0].previous())
    return found


# What changed a star, in words.


def why_star(
    *,
    total: str,
    by_total: int,
    after_bars: int,
    after_promotion: int,
    star: int,
    previous: int,
    bar: str,
    undecided: bool,
) -> str:
    """The sentence beside a star: what the total gives, and which rule took it down."""
    words = ("不定级", "一星级", "二星级", "三星级", "四星级", "五星级")
    said = []
    if after_bars < by_total:
        said.append(
            f"{total} 分达到{words[by_total]}；{bar}，最高评{words[after_bars]}。" if after_bars else f"{bar}，不定级。"
        )
    if after_promotion < after_bars:
        if previous < 0:
            said.append(f"首次评定，最高评{words[after_promotion]}。")
        else:
            said.append(
                f"{total} 分达到{words[after_bars]}，上年{words[previous]}，一年最多升一星，评{words[after_promotion]}。"
            )
    if undecided:
        said.append("与名额线上的支部同分，书面规则分不出先后，待机关党委表决。")
    elif star < after_promotion:
        said.append(f"达到{words[after_promotion]}，但五星级名额已满，评{words[star]}。")
    if not said and 0 <= star < previous:
        return f"按档线，比上年降{previous - star}星。"
    return "".join(said) or "按档线。"
