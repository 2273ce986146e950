"""The rules of a quarterly report: its states and verbs, what counts as late, how often is usual."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from ..rulebook.rules import Rule
from ..shared.labels import Labelled
from .sections import RecordKind


class State(Labelled):
    """Where a report is. Late is derived, not a state."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    RETURNED = "returned", "已退回"
    ACCEPTED = "accepted", "已采用"


class Verb(Labelled):
    """What can be done with a report."""

    SUBMIT = "submit", "提交"
    RETURN = "return", "退回"
    ACCEPT = "accept", "采用"
    REOPEN = "reopen", "重新打开"


MOVES = {
    (State.DRAFT, Verb.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Verb.RETURN): State.RETURNED,
    (State.SUBMITTED, Verb.ACCEPT): State.ACCEPTED,
    (State.RETURNED, Verb.SUBMIT): State.SUBMITTED,
    (State.ACCEPTED, Verb.REOPEN): State.RETURNED,
}

WRITABLE = frozenset({State.DRAFT, State.RETURNED})
"""States in which the branch may write."""


class Usual(NamedTuple):
    """How often something is usually done in a quarter, and the article that says so (a reminder, never a bar)."""

    kind: RecordKind
    times: int
    rule: Rule


def usual_numbers(party_groups: int, times: Mapping[RecordKind, Rule]) -> list[Usual]:
    """The usual numbers of a quarter for a branch; group meetings count for each party group, if it has any.

    ``times``: kind -> the rule of the rulebook that says how often in a quarter.
    """
    found = []
    for kind, rule in times.items():
        number = int(rule.value)
        usual = number * party_groups if kind is RecordKind.GROUP_MEETING else number
        if usual:
            found.append(Usual(kind, usual, rule))
    return found


def is_late(due: date, submitted: date | None, today: date) -> bool:
    """Whether a report came after its due day, or is still missing after it."""
    return (submitted or today) > due
