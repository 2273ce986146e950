"""What the pages of polls show, worked out: the steps, what is to be done next, codes as pictures, answers by subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..shared.access import Actor
from ..shared.clock import here
from . import queries, services, tellers
from .models import Poll, PollTeller
from .questions import WHOLE, Item, Question
from .rules import Duty, State
from .sealing import KeyMode


@dataclass(frozen=True, slots=True)
class Asked:
    """One subject of a ballot: its main item and its aspects; the whole ballot has no name."""

    name: str
    main: Item
    aspects: tuple[Item, ...]


def by_subject(question: Question, recused: Sequence[str] = ()) -> list[Asked]:
    """The items of a ballot as they are drawn; those one is recused from are left out."""
    found = []
    for main in question.items:
        if main.aspect or main.code in recused:
            continue
        own = [item for item in question.items if item.subject == main.subject and item.aspect]
        found.append(Asked("" if main.code == WHOLE else main.name, main, tuple(own)))
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a poll has come, for its page."""

    numbers: queries.Numbers
    watchers: tuple[PollTeller, ...]
    counters: tuple[PollTeller, ...]
    steps: tuple[tuple[str, str], ...]
    lacks: tuple[str, ...]
    duties: frozenset[Duty]  # of the one who looks
    has_key: frozenset[int]  # person ids of 监票人 who have set a passphrase
    paper: queries.Paper | None
    confirmed: bool
    may_destroy_key: bool

    @property
    def paper_agrees(self) -> bool:
        """Whether the paper count, if there is one, is settled."""
        return self.paper is None or self.paper.numbers is not None


_STEPS = (("准备", State.DRAFT), ("投票", State.OPEN), ("开箱计票", State.CLOSED), ("结果", State.COUNTED))


def standing(actor: Actor, poll: Poll) -> Standing:
    """What the poll's page shows to this actor."""
    named = queries.tellers(poll)
    everyone = [row for rows in named.values() for row in rows]
    at = [state for _, state in _STEPS].index(poll.state) if poll.state is not State.VOID else -1
    return Standing(
        numbers=queries.numbers(poll.id),
        watchers=tuple(named[Duty.WATCHER]),
        counters=tuple(named[Duty.COUNTER]),
        steps=tuple((label, _step(place, at)) for place, (label, _) in enumerate(_STEPS)),
        lacks=tuple(services.lacks(poll, actor.at)) if poll.state is State.DRAFT else (),
        duties=frozenset(row.role for row in everyone if row.person_id == actor.person_id),
        has_key=_key_holders(poll),
        paper=queries.paper(poll.id) if poll.by_paper and poll.state is State.CLOSED else None,
        confirmed=tellers.is_confirmed(poll, actor) and poll.state is State.CLOSED,
        may_destroy_key=poll.state in (State.COUNTED, State.VOID) and bool(poll.key and not poll.key.destroyed_at),
    )


def _step(place: int, at: int) -> str:
    if place < at or place == at == len(_STEPS) - 1:
        return "done"
    return "now" if place == at else ""


def _key_holders(poll: Poll) -> frozenset[int]:
    key = poll.key
    if key is None or key.mode is not KeyMode.TWO:
        return frozenset()
    pairs = ((key.first_person, key.first_public), (key.second_person, key.second_public))
    return frozenset(person for person, public in pairs if public and person)


def as_typed(poll: Poll) -> dict[str, Any]:
    """A poll as the office typed it, for the form that changes it."""
    rule = poll.counted_by
    ways = [name for name, on in (("slip", poll.by_slip), ("account", poll.by_account), ("paper", poll.by_paper)) if on]
    return {
        **{"title": poll.title, "kind": poll.kind.value, "most": poll.most or None, "recusal": poll.recusal},
        **{"subjects": "\n".join(poll.subjects), "aspects": "\n".join(poll.aspects), "ways": ways},
        **{"expected": poll.expected, "key_mode": poll.key_mode.value, "seats": rule.seats or None},
        **{"attendance": rule.attendance.value, "majority": rule.majority.value, "base": rule.base.value},
        **{"source": rule.source, "opens_at": _moment(poll.opens_at), "closes_at": _moment(poll.closes_at)},
    }


def _moment(moment: datetime) -> str:
    """A moment as the field shows it."""
    return f"{here(moment):%Y-%m-%d %H:%M}"
