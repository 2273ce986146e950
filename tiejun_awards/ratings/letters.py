"""What a branch is shown of its result: points, medians, every deduction with its reason, a friendly letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..shared.access import Actor, Permission, can
from ..standards import rules as standards
from ..standards.rules import Scheme, points, two_places
from ..stars.rules import star_word
from . import queries, results, rules
from .models import CycleBranch, EntryKind, RatingCycle, Standing
from .queries import Value
from .rules import State


@dataclass(frozen=True, slots=True)
class Deduction:
    """One line that cost points: what, why, how much, what it stands on."""

    code: str
    title: str
    why: str
    basis: str
    off: str


TOP = 5
BAR = 300
"""Length of a category's bar in the picture."""


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """A category beside the median of all branches; ``bar`` and ``tick`` are lengths in the picture."""

    name: str
    got: str
    most: str
    median: str
    bar: int
    tick: int


@dataclass(frozen=True, slots=True)
class Letter:
    """What a branch sees of its result."""

    star: int
    previous: int
    total: str
    median: str
    to_next: tuple[str, str] | None  # (points, floor) to the next star, unless it is the top one
    categories: Sequence[CategoryLine]
    deductions: Sequence[Deduction]
    extras: Sequence[tuple[str, str]]
    sentences: Sequence[str]
    method: str


def letter(place: CycleBranch, standing: Standing) -> Letter:
    """A branch's result: total, categories with the medians of all, every deduction with its reason, a friendly letter."""
    cycle, scheme = place.cycle, queries.scheme_of(place.cycle)
    totals, by_category = results.medians(cycle)
    middles = [rules.median([row[number] for row in by_category]) for number in range(len(scheme.categories))]
    values, entries = queries.values_of(place), queries.entries_of(place)
    deductions = [*_given_off(scheme, values), *_judged_off(scheme, standing, cycle)]
    extras = []
    for entry in entries:
        beside, bar = scheme.beside(entry.code), scheme.bar(entry.code)
        if beside is not None:
            sign = "+" if entry.kind is EntryKind.BONUS else "−"
            extras.append((f"{beside.text}（{entry.basis}）", f"{sign}{points(entry.value)}"))
        elif bar is not None:
            extras.append((f"{bar.text}（{entry.basis}）", f"最高{star_word(bar.star)}" if bar.star else "不定级"))
        else:
            extras.append((f"破格晋升（{entry.basis}）", "不受逐级晋升限制"))
    method = cycle.chosen_method
    return Letter(
        star=standing.star,
        previous=standing.previous,
        total=two_places(standing.total),
        median=two_places(rules.median(totals)),
        to_next=_to_next(standing, cycle),
        categories=[
            CategoryLine(
                *(category.name, two_places(got), points(category.most), two_places(middle)),
                *(BAR * got // category.most, BAR * middle // category.most),
            )
            for category, got, middle in zip(scheme.categories, standing.categories, middles, strict=True)
        ],
        deductions=deductions,
        extras=extras,
        sentences=_sentences(scheme, standing, middles, deductions),
        method=method.label if method else "",
    )


def _given_off(scheme: Scheme, values: Mapping[str, Value]) -> list[Deduction]:
    found = []
    for line in scheme.given:
        value = values.get(line.code)
        if value is None or value.value == line.most:
            continue
        why = standards.in_words(line, value.times) + (f"；{value.reason}" if value.reason else "")
        basis = "组织生活记录和季度报告" if value.rows or line.counted else "考评组核定"
        found.append(Deduction(line.code, line.title, why, basis, points(line.most - value.value)))
    return found


def _judged_off(scheme: Scheme, standing: Standing, cycle: RatingCycle) -> list[Deduction]:
    method = cycle.chosen_method
    basis = f"{standing.sheets} 份评委评分表，{method.label if method else ''}"
    return [
        Deduction(
            line.code, line.title, "评委评分", basis, two_places(line.most - standing.judged_lines.get(line.code, 0))
        )
        for line in scheme.judged
        if standing.judged_lines.get(line.code, 0) < line.most
    ]


def _to_next(standing: Standing, cycle: RatingCycle) -> tuple[str, str] | None:
    floors = cycle.announced_terms.floors
    ahead = next((floor for floor in floors if floor > standing.total), None)
    return None if ahead is None else (two_places(ahead - standing.total), two_places(ahead))


def _sentences(
    scheme: Scheme, standing: Standing, middles: Sequence[int], deductions: Sequence[Deduction]
) -> list[str]:
    """The letter: what was good, what cost points, what would bring the next star nearest."""
    rows = list(zip(scheme.categories, standing.categories, middles, strict=True))
    good = [category.title for category, got, middle in rows if got >= middle]
    said = []
    if len(good) == len(rows):
        said.append("这一年，支部各类得分都不低于各支部的中位数。")
    elif good:
        said.append(f"这一年，支部在{'、'.join(f'“{title}”' for title in good)}上不低于各支部的中位数。")
    worst = sorted(deductions, key=lambda each: -float(each.off))[:2]
    if worst:
        said.append("失分主要在：" + "；".join(f"{each.code} {each.title}（−{each.off}）" for each in worst) + "。")
        said.append("把这几处补上，五星级就更稳了。" if standing.star == TOP else "把这几处补上，离下一颗星就最近。")
    else:
        said.append("各项都没有失分。")
    said.append("自己在季度报告里写出的问题没有扣分，以后也不会。")
    return said


def result_open(actor: Actor, place: CycleBranch) -> bool:
    """Whether the actor may read a branch's result now: the office once the cycle is closed, the branch once published."""
    if place.cycle.state is State.PUBLISHED:
        return can(actor, Permission.READ_RESULT, place)
    return place.cycle.state is State.CLOSED and can(actor, Permission.READ_STANDINGS, place)
