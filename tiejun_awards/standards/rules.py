"""A standard read from data: six categories, 25 indicators, 100 points by default; each line says who gives its value.

Points are whole hundredths here (4 points are 400), so that nothing is ever compared as a binary fraction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..shared.labels import Labelled

WHOLE = 10_000
"""What all lines of a standard sum to: 100 points."""

STEP = 50
"""Marks come in half points."""


class Giver(Labelled):
    """Who gives a line its value."""

    FACT = "fact", "系统计数"
    VERIFIED = "verified", "考评组核定"
    JUDGED = "judged", "评委评分"


@dataclass(frozen=True, slots=True)
class Case:
    """A 扣分情形: ``off`` hundredths each time, at most ``most`` times.

    ``counted`` names the fact the system counts it by: as often as it happened, or, with ``usual``, as many as are
    missing to the usual number of a year (of each party group).
    """

    code: str
    text: str
    off: int
    most: int = 1
    counted: str = ""
    usual: int | None = None
    per_group: bool = False

    def times(self, count: int, party_groups: int) -> int:
        """How often the case holds by what was counted, at most ``most``."""
        if self.usual is None:
            return min(self.most, count)
        usual = self.usual * (party_groups if self.per_group else 1)
        return min(self.most, max(0, usual - count))


@dataclass(frozen=True, slots=True)
class Line:
    """One scoring line: an indicator, or a part of one that somebody else gives."""

    code: str
    title: str
    giver: Giver
    most: int
    how: str
    cases: tuple[Case, ...] = ()

    @property
    def counted(self) -> list[Case]:
        """The cases the system counts."""
        return [case for case in self.cases if case.counted]

    def case(self, code: str) -> Case | None:
        """The 扣分情形 of that code, if the line has it."""
        return next((case for case in self.cases if case.code == code), None)


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator: one line, or several with different givers."""

    code: str
    title: str
    lines: tuple[Line, ...]

    @property
    def most(self) -> int:
        """Its points, in hundredths."""
        return sum(line.most for line in self.lines)


@dataclass(frozen=True, slots=True)
class Category:
    """A category of indicators; ``number`` counts from 1."""

    number: int
    title: str
    indicators: tuple[Indicator, ...]

    @property
    def name(self) -> str:
        """“一、班子建设”."""
        return f"{'一二三四五六七八九十'[self.number - 1]}、{self.title}"

    @property
    def most(self) -> int:
        """Its points, in hundredths."""
        return sum(indicator.most for indicator in self.indicators)

    @property
    def lines(self) -> Iterator[Line]:
        """Its lines in order."""
        return (line for indicator in self.indicators for line in indicator.lines)


@dataclass(frozen=True, slots=True)
class Extra:
    """A bonus or a deduction beside the indicators: up to ``most`` hundredths."""

    code: str
    text: str
    most: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A 不得评定情形: the highest star it leaves (0: 不定级), and where it comes from."""

    code: str
    text: str
    star: int
    source: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A whole standard."""

    title: str
    note: str
    categories: tuple[Category, ...]
    bonuses: tuple[Extra, ...]
    deductions: tuple[Extra, ...]
    bars: tuple[Bar, ...]
    bonus_cap: int
    tie_indicator: str

    @property
    def indicators(self) -> list[Indicator]:
        """All indicators in order."""
        return [indicator for category in self.categories for indicator in category.indicators]

    @property
    def lines(self) -> list[Line]:
        """All lines in order."""
        return [line for category in self.categories for line in category.lines]

    @property
    def judged(self) -> list[Line]:
        """The lines each judge marks."""
        return [line for line in self.lines if line.giver is Giver.JUDGED]

    @property
    def given(self) -> list[Line]:
        """The lines with one agreed value a branch: counted or verified."""
        return [line for line in self.lines if line.giver is not Giver.JUDGED]

    def line(self, code: str) -> Line | None:
        """The line of that code, if there is one."""
        return next((line for line in self.lines if line.code == code), None)

    def bar(self, code: str) -> Bar | None:
        """The 不得评定情形 of that code, if there is one."""
        return next((bar for bar in self.bars if bar.code == code), None)

    def beside(self, code: str) -> Extra | None:
        """The bonus or deduction of that code, if there is one."""
        return next((extra for extra in (*self.bonuses, *self.deductions) if extra.code == code), None)


def read(content: Mapping[str, Any]) -> Scheme:
    """The scheme in a standard's data. Raises ValueError naming what is wrong with it."""
    scheme = Scheme(
        title=content["title"],
        note=content.get("note", ""),
        categories=tuple(_category(number, row) for number, row in enumerate(content["category"], 1)),
        bonuses=tuple(_extra(row) for row in content.get("bonus", ())),
        deductions=tuple(_extra(row) for row in content.get("deduction", ())),
        bars=tuple(Bar(row["code"], row["text"], row["star"], row["source"]) for row in content.get("bar", ())),
        bonus_cap=_hundredths(content.get("bonus_cap", 0)),
        tie_indicator=content["tie_indicator"],
    )
    _check(scheme)
    return scheme


def _check(scheme: Scheme) -> None:
    codes = [line.code for line in scheme.lines]
    if len(set(codes)) != len(codes):
        raise ValueError("两条指标的编号相同")
    if sum(line.most for line in scheme.lines) != WHOLE:
        raise ValueError(f"各项分值合计应为 100 分，现在是 {points(sum(line.most for line in scheme.lines))} 分")
    if scheme.tie_indicator not in {indicator.code for indicator in scheme.indicators}:
        raise ValueError("同分时比较的指标不在标准里")
    if any(not 0 <= bar.star <= 4 for bar in scheme.bars):
        raise ValueError("不得评定情形的最高星级应为 0 至 4")


def _category(number: int, row: Mapping[str, Any]) -> Category:
    return Category(number, row["title"], tuple(_indicator(each) for each in row["indicator"]))


def _indicator(row: Mapping[str, Any]) -> Indicator:
    return Indicator(row["code"], row["title"], tuple(_line(row, line) for line in row["lines"]))


def _line(indicator: Mapping[str, Any], row: Mapping[str, Any]) -> Line:
    return Line(
        code=row.get("code", indicator["code"]),
        title=row.get("title", indicator["title"]),
        giver=Giver(row["giver"]),
        most=_hundredths(row["most"]),
        how=row.get("how", ""),
        cases=tuple(_case(case) for case in row["cases"]),
    )


def _case(row: Mapping[str, Any]) -> Case:
    return Case(
        row["code"],
        row["text"],
        _hundredths(row["off"]),
        row.get("most", 1),
        row.get("counted", ""),
        row.get("usual"),
        row.get("per_group", False),
    )


def _extra(row: Mapping[str, Any]) -> Extra:
    return Extra(row["code"], row["text"], _hundredths(row["most"]))


def _hundredths(number: float | int | str) -> int:
    exact = Decimal(str(number)) * 100
    if exact != int(exact) or exact < 0:
        raise ValueError(f"分值“{number}”最多两位小数，且不能是负数")
    return int(exact)


def points(hundredths: int) -> str:
    """Hundredths as people write points: 400 → “4”, 350 → “3.5”, 8835 → “88.35”."""
    sign, whole, rest = "−" if hundredths < 0 else "", *divmod(abs(hundredths), 100)
    return f"{sign}{whole}" + (f".{rest:02d}".rstrip("0") if rest else "")


def two_places(hundredths: int) -> str:
    """Hundredths with both places: 8835 → “88.35”, 9000 → “90.00”."""
    sign, whole, rest = "−" if hundredths < 0 else "", *divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{rest:02d}"


def taken_off(line: Line, times: Mapping[str, int]) -> int:
    """How many hundredths the chosen cases take off a line: never more than it has. ``times``: case code -> how often."""
    off = sum(case.off * min(max(times.get(case.code, 0), 0), case.most) for case in line.cases)
    return min(line.most, off)


def in_words(line: Line, times: Mapping[str, int]) -> str:
    """The chosen cases as a reason: “少开 1 次 2 次，−2；…”."""
    said = []
    for case in line.cases:
        often = min(times.get(case.code, 0), case.most)
        if often > 0:
            said.append(f"{case.text}{f'（{often} 次）' if often > 1 else ''}，−{points(case.off * often)}")
    return "；".join(said)


def by_category(scheme: Scheme, values: Mapping[str, int]) -> Sequence[tuple[Category, int]]:
    """What each category got, in hundredths, from the values of its lines (a line without a value counts 0)."""
    return [(category, sum(values.get(line.code, 0) for line in category.lines)) for category in scheme.categories]
