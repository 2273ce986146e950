"""What a counted poll comes to: the numbers of the result sheet, worked out from the counts by the poll's rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import queries, rules
from .models import Poll
from .questions import GRADES, WHOLE, Item, Kind, Mark
from .rules import Elected, Rule, State, Turnout
from .sealing import KeyMode


@dataclass(frozen=True, slots=True)
class Line:
    """One subject of the result sheet: how many gave it each mark."""

    name: str
    aspect: str
    marks: tuple[tuple[Mark, int], ...]
    votes: int
    needed: int
    met: bool

    @property
    def given(self) -> int:
        """Marks that were given, 不评 left out."""
        return sum(number for mark, number in self.marks if mark is not Mark.BLANK)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one poll."""

    rule: Rule
    turnout: Turnout
    by_account: int
    by_slip: int
    by_paper: int
    attended: bool
    needed_to_attend: int
    lines: tuple[Line, ...]
    elected: Elected
    abstained: int
    server_key: bool

    @property
    def passed(self) -> list[str]:
        """Names of those who passed, in the order of the ballot."""
        mains = [line for line in self.lines if not line.aspect]
        return [mains[place].name for place in self.elected.passed]

    @property
    def tied(self) -> list[str]:
        """Names of those between whom a run-off decides."""
        mains = [line for line in self.lines if not line.aspect]
        return [mains[place].name for place in self.elected.tied]


def result_of(poll: Poll) -> Result | None:
    """The result of a counted poll, from its counts; None before it is counted, and of a void one."""
    if poll.state is not State.COUNTED:
        return None
    stand = queries.numbers(poll.id)
    box, paper = queries.counts(poll.id), dict(queries.paper(poll.id).numbers or {}) if poll.by_paper else {}
    issued = stand.voted + poll.slips_issued + paper.get("issued", 0)
    turnout = Turnout(
        expected=poll.expected,
        present=issued if poll.present is None else poll.present,
        issued=issued,
        returned=stand.cast + paper.get("returned", 0),
        invalid=paper.get("invalid", 0),
    )
    rule, question = poll.counted_by, poll.question

    def number(item: Item, mark: Mark) -> int:
        return box.get(item.code, {}).get(mark.value, 0) + paper.get(f"{item.code}:{mark.value}", 0)

    lines, mains, abstained = [], [], 0
    for item in question.items:
        if item.code == WHOLE:
            abstained = number(item, Mark.ABSTAIN)
            continue
        marks = tuple((mark, number(item, mark)) for mark in item.marks)
        line = _line(item, marks, number(item, Mark.RECUSED), rule, turnout, question.kind)
        lines.append(line)
        if not item.aspect:
            mains.append(line)
    came = rules.attended(rule, turnout)
    decides = came and rule.majority is not rules.Share.NONE and turnout.round_holds and question.kind is not Kind.GRADE
    votes, needed = [line.votes for line in mains], [line.needed for line in mains]
    return Result(
        rule=rule,
        turnout=turnout,
        by_account=stand.voted,
        by_slip=stand.slips_used,
        by_paper=paper.get("returned", 0),
        attended=came,
        needed_to_attend=rules.needed(rule.attendance, turnout.expected),
        lines=tuple(lines),
        elected=rules.elect(votes, needed, rule.seats) if decides else Elected(()),
        abstained=abstained,
        server_key=poll.key_mode is KeyMode.SERVER,
    )


def _line(
    item: Item, marks: tuple[tuple[Mark, int], ...], recused: int, rule: Rule, turnout: Turnout, kind: Kind
) -> Line:
    votes = next(number for mark, number in marks if mark in (Mark.YES, Mark.CHOSEN, Mark.GOOD))
    needed = rules.line_to_pass(rule, turnout, recused)
    met = kind is not Kind.GRADE and rule.majority is not rules.Share.NONE and votes >= needed
    return Line(item.name, item.aspect, marks, votes, needed, met)


@dataclass(frozen=True, slots=True)
class Weighted:
    """One subject by weighted groups together: each grade's share in hundredths of a per cent."""

    name: str
    shares: tuple[tuple[Mark, int], ...]


def together(polls: Sequence[Poll]) -> list[Weighted]:
    """The polls of one vote by weighted groups as one, when all are counted; only grades are put together so."""
    results = [result_of(poll) for poll in polls if poll.state is not State.VOID]
    if not results or any(result is None for result in results):
        return []
    counted = [result for result in results if result is not None]
    live = [poll for poll in polls if poll.state is not State.VOID]
    if live[0].kind is not Kind.GRADE:
        return []
    found = []
    for place, line in enumerate(counted[0].lines):
        if line.aspect:
            continue
        shares = []
        for grade in GRADES:
            parts = [
                (poll.weight, dict(result.lines[place].marks)[grade], result.lines[place].given)
                for poll, result in zip(live, counted, strict=True)
            ]
            shares.append((grade, rules.weighted(parts)))
        found.append(Weighted(line.name, tuple(shares)))
    return found
