"""From the stored sheets, values and entries of a cycle to where each branch stands. The same lines settle and verify.

It brings numpy: opened only when a cycle closes, is verified or tried with other terms, so that workers which only show pages stay light.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..judging import outcomes, plain
from ..judging.marks import AnyInts, Bools
from ..scoring import panel_queries as panel_sheets
from ..scoring.rules import State as SheetState
from ..shared.digests import digest
from ..standards import services as standards
from ..standards.rules import Scheme, two_places
from . import rules
from .models import BranchEntry, CycleBranch, EntryKind, LineValue, RatingCycle
from .rules import LOWEST, Method, Parts, Terms


@dataclass(slots=True)
class Inputs:
    """Everything one branch is settled from."""

    place: CycleBranch
    values: dict[str, int] = field(default_factory=dict)
    entries: list[BranchEntry] = field(default_factory=list)
    sheets: dict[int, dict[str, int]] = field(default_factory=dict)  # seat -> line -> hundredths, signed ones only

    def total_of(self, kind: EntryKind) -> int:
        """The sum of its entries of a kind."""
        return sum(entry.value for entry in self.entries if entry.kind is kind)

    def fingerprint(self) -> str:
        """SHA-256 of everything."""
        return digest(
            {
                "branch": self.place.branch_id,
                "previous": self.place.previous,
                "new": self.place.new,
                "tie": self.place.tie_place,
                "values": self.values,
                "entries": [[entry.kind.value, entry.code, entry.value, entry.basis] for entry in self.entries],
                "sheets": {str(seat): marks for seat, marks in self.sheets.items()},
            }
        )


def inputs_of(session: Session, cycle: RatingCycle) -> list[Inputs]:
    """The branches of a cycle in their order, each with what it is settled from."""
    places = session.scalars(
        sa.select(CycleBranch).where(CycleBranch.cycle_id == cycle.id).order_by(CycleBranch.position)
    ).all()
    found = {place.id: Inputs(place) for place in places}
    by_branch = {place.branch_id: found[place.id] for place in places}
    mine = sa.select(CycleBranch.id).where(CycleBranch.cycle_id == cycle.id).scalar_subquery()
    value = LineValue.__table__.c
    for row in session.execute(
        sa.select(value.cycle_branch_id, value.line, value.value)
        .where(value.cycle_branch_id.in_(mine))
        .order_by(value.line)
    ):
        found[row.cycle_branch_id].values[row.line] = row.value
    for entry in session.scalars(
        sa.select(BranchEntry).where(BranchEntry.cycle_branch_id.in_(mine)).order_by(BranchEntry.code)
    ):
        found[entry.cycle_branch_id].entries.append(entry)
    if cycle.panel_id is not None:
        for seat, branch, state, line, mark in panel_sheets.sheets_of_panel(cycle.panel_id):
            if state is SheetState.SIGNED and branch in by_branch:
                by_branch[branch].sheets.setdefault(seat, {})[line] = mark
    return list(found.values())


def fewest_sheets(inputs: Sequence[Inputs]) -> int:
    """How many signed sheets the branch with the fewest has."""
    return min((len(each.sheets) for each in inputs), default=0)


def judges_of(inputs: Sequence[Inputs]) -> int:
    """How many judges have signed a sheet."""
    return len({seat for each in inputs for seat in each.sheets})


@dataclass(frozen=True, slots=True)
class _Judged:
    """The judged part of each branch, in the order of the inputs."""

    exact: list[Fraction]
    lines: list[dict[str, int]]  # adding up to the rounded judged part
    kept: list[int]


def _judged(inputs: Sequence[Inputs], scheme: Scheme, method: Method) -> _Judged:
    codes = [line.code for line in scheme.judged]
    rows = [
        (number, [marks.get(code, 0) for code in codes])
        for number, each in enumerate(inputs)
        for marks in each.sheets.values()
    ]
    subject = np.array([number for number, _ in rows], dtype=np.int64)
    marks = np.array([values for _, values in rows], dtype=np.int64).reshape(len(rows), len(codes))
    kept: Bools = np.ones(len(rows), dtype=np.bool_)
    if method is Method.TRIMMED and rows:
        kept = plain.sheets_kept(subject, marks.sum(axis=1), marks)
    exact, lines, counts = [], [], []
    for number in range(len(inputs)):
        chosen = marks[(subject == number) & kept]
        count = max(1, len(chosen))
        means = (
            [Fraction(int(total), count) for total in chosen.sum(axis=0)] if len(chosen) else [Fraction(0)] * len(codes)
        )
        whole = sum(means, Fraction(0))
        exact.append(whole)
        lines.append(dict(zip(codes, rules.adding_up(means, rules.half_up(whole)), strict=True)))
        counts.append(len(chosen))
    return _Judged(exact, lines, counts)


def settle(session: Session, cycle: RatingCycle) -> list[dict[str, Any]]:
    """Where every branch stands: one row of values for ``Standing`` each, in the branches' order."""
    return settled(cycle, inputs_of(session, cycle))


def settled(
    cycle: RatingCycle, inputs: Sequence[Inputs], terms: Terms | None = None, method: Method | None = None
) -> list[dict[str, Any]]:
    """The same from inputs already read; a trial hands in other terms, or another method."""
    terms, scheme = terms or cycle.announced_terms, standards.scheme_with(cycle.standard_id, cycle.standard.digest)
    method = method or cycle.chosen_method or Method.MEAN
    judged = _judged(inputs, scheme, method)
    rows = []
    for each, exact, lines, kept in zip(inputs, judged.exact, judged.lines, judged.kept, strict=True):
        parts = Parts(
            judged=exact,
            given=sum(each.values.values()),
            bonus=each.total_of(EntryKind.BONUS),
            deducted=each.total_of(EntryKind.DEDUCTION),
        )
        got = {**each.values, **lines}
        rows.append(
            {
                "cycle_id": cycle.id,
                "cycle_branch_id": each.place.id,
                "branch_id": each.place.branch_id,
                "position": each.place.position,
                "pilot": each.place.pilot,
                "previous": each.place.previous,
                "total": rules.total(parts, bonus_cap=terms.bonus_cap),
                "judged": rules.half_up(exact),
                "given": parts.given,
                "bonus": min(parts.bonus, terms.bonus_cap),
                "deducted": parts.deducted,
                "sheets": len(each.sheets),
                "kept": kept,
                "judged_lines": lines,
                "categories": [sum(got.get(line.code, 0) for line in category.lines) for category in scheme.categories],
                "digest": "",
                "_got": got,
            }
        )
    _stars(rows, inputs, terms, scheme)
    return rows


def _stars(rows: list[dict[str, Any]], inputs: Sequence[Inputs], terms: Terms, scheme: Scheme) -> None:
    if not rows:
        return
    bars = [_bar(each, scheme) for each in inputs]
    got = [row.pop("_got") for row in rows]
    outcome = outcomes.settle(
        _column(row["total"] for row in rows),
        outcome_rules(terms),
        outcomes.Standing(
            bar=_column(star for star, _ in bars),
            previous=_column(each.place.previous for each in inputs),
            exempt=np.array([any(entry.kind is EntryKind.EXEMPT for entry in each.entries) for each in inputs]),
            failed=_column(_failed(values, scheme) for values in got),
            heaviest=_column(_heaviest(values, scheme) for values in got),
            vote=_column(each.place.tie_place for each in inputs),
        ),
        evaluated=sum(not each.place.new for each in inputs),
    )
    for number, row in enumerate(rows):
        row["by_total"], row["star"] = int(outcome.by_total[number]), int(outcome.star[number])
        row["undecided"] = bool(outcome.undecided[number])
        row["why"] = rules.why_star(
            total=two_places(row["total"]),
            by_total=row["by_total"],
            after_bars=int(outcome.after_bars[number]),
            after_promotion=int(outcome.after_promotion[number]),
            star=row["star"],
            previous=row["previous"],
            bar=bars[number][1],
            undecided=row["undecided"],
        )


def outcome_rules(terms: Terms) -> outcomes.Rules:
    """The announced terms as the outcomes take them."""
    quota = None if terms.quota >= 100 else Fraction(terms.quota, 100)
    return outcomes.Rules(terms.floors, lowest=LOWEST, quota=quota, climb=terms.climb, first=terms.first)


def _column(numbers: Any) -> AnyInts:
    return np.fromiter(numbers, dtype=np.int64)


def _bar(each: Inputs, scheme: Scheme) -> tuple[int, str]:
    """The highest star the bars of a branch leave, and the words of the one that decides."""
    found = [(outcomes.NO_BAR, "")]
    if each.place.new:
        found.append((0, "成立不满规定时间，参加评定但不确定星级"))
    for entry in each.entries:
        bar = scheme.bar(entry.code) if entry.kind is EntryKind.BAR else None
        if bar is not None:
            found.append((entry.value, f"{bar.text}（{entry.basis}）"))
    return min(found)


def _failed(got: Mapping[str, int], scheme: Scheme) -> int:
    return sum(
        rules.failed(sum(got.get(line.code, 0) for line in indicator.lines), indicator.most)
        for indicator in scheme.indicators
    )


def _heaviest(got: Mapping[str, int], scheme: Scheme) -> int:
    indicator = next(each for each in scheme.indicators if each.code == scheme.tie_indicator)
    return sum(got.get(line.code, 0) for line in indicator.lines)


def frozen(cycle: RatingCycle, inputs: Sequence[Inputs], rows: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of a published cycle: its terms, its method, its standard, every branch's inputs and star."""
    return digest(
        {
            "year": cycle.year,
            "terms": cycle.terms,
            "method": cycle.method,
            "standard": cycle.standard.digest,
            "branches": [
                [each.place.branch_id, each.fingerprint(), row["total"], row["star"]]
                for each, row in zip(inputs, rows, strict=True)
            ],
        }
    )
