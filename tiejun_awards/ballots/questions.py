"""What is asked and what may be answered: items, their marks, and a ballot as the few bytes that are sealed.

A poll asks one kind of question. It falls into *items*, each with one mark: a candidate (approve), a candidate chosen or not
(choose), somebody's grade overall or by an aspect (grade). Only marks by item are kept of an opened ballot: a row of answers across
many candidates would be a signature by which a voter could be made to prove his vote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..shared.labels import Labelled

BLOCK = 256
"""Sealed ballots of a poll are all as long as its longest possible ballot, in steps of this many bytes."""

MOST_SUBJECTS, MOST_ASPECTS, LONGEST_NAME = 60, 8, 60


class Kind(Labelled):
    """What a poll asks."""

    APPROVE = "approve", "逐个表决（赞成、反对、弃权）"
    CHOOSE = "choose", "从名单中选（至多几个）"
    GRADE = "grade", "评等次（好、较好、一般、差）"


class Mark(Labelled):
    """One answer. Stored as one digit: what is sent is equally long whatever is chosen."""

    YES = "1", "赞成"
    NO = "2", "反对"
    ABSTAIN = "3", "弃权"
    RECUSED = "4", "回避"
    CHOSEN = "5", "选"
    PASSED_OVER = "6", "不选"
    GOOD = "7", "好"
    FAIRLY = "8", "较好"
    AVERAGE = "9", "一般"
    POOR = "0", "差"
    BLANK = "-", "不评"
    CAST = "c", "照上面选的投"


GRADES = (Mark.GOOD, Mark.FAIRLY, Mark.AVERAGE, Mark.POOR)
WHOLE = "all"
"""The item that says whether a ballot of “choose” chooses or abstains."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be marked. ``subject``: its place in the list, from 0; -1 for the whole ballot."""

    code: str
    subject: int
    name: str
    marks: tuple[Mark, ...]
    aspect: str = ""
    preset: Mark | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What one poll asks: of whom or what, by which aspects, at most how many."""

    kind: Kind
    subjects: tuple[str, ...]
    aspects: tuple[str, ...] = ()
    most: int = 0
    recusal: bool = False

    @property
    def items(self) -> tuple[Item, ...]:
        """The items in the order of the ballot."""
        if self.kind is Kind.APPROVE:
            marks = (Mark.YES, Mark.NO, Mark.ABSTAIN, *((Mark.RECUSED,) if self.recusal else ()))
            return tuple(Item(f"s{n}", n, name, marks) for n, name in enumerate(self.subjects))
        if self.kind is Kind.CHOOSE:
            marks = (Mark.CHOSEN, Mark.PASSED_OVER)
            chosen = [Item(f"s{n}", n, name, marks, "", Mark.PASSED_OVER) for n, name in enumerate(self.subjects)]
            return (*chosen, Item(WHOLE, -1, "这一票", (Mark.CAST, Mark.ABSTAIN), "", Mark.CAST))
        found = []
        for n, name in enumerate(self.subjects):
            found.append(Item(f"s{n}", n, name, GRADES))
            for a, aspect in enumerate(self.aspects):
                found.append(Item(f"s{n}a{a}", n, name, (*GRADES, Mark.BLANK), aspect, Mark.BLANK))
        return tuple(found)

    def subject_item(self, subject: int) -> str:
        """The code of a subject's main item."""
        return f"s{subject}"


Ballot = Mapping[str, Mark]


def read(
    question: Question, posted: Mapping[str, str], recused: Sequence[str] = ()
) -> tuple[dict[str, Mark], dict[str, str]]:
    """(the ballot, item -> what is wrong with it) of a posted form. Recused items are marked so whatever was posted."""
    ballot: dict[str, Mark] = {}
    wrong: dict[str, str] = {}
    for item in question.items:
        if item.code in recused:
            ballot[item.code] = Mark.RECUSED
            continue
        mark = next((mark for mark in item.marks if mark.value == posted.get(item.code)), None)
        if mark is None:
            wrong[item.code] = "这一项还没有选。"
        else:
            ballot[item.code] = mark
    if question.kind is Kind.CHOOSE and not wrong:
        wrong |= _wrong_choice(question, ballot)
    return ballot, wrong


def _wrong_choice(question: Question, ballot: Ballot) -> dict[str, str]:
    chosen = sum(mark is Mark.CHOSEN for mark in ballot.values())
    if ballot[WHOLE] is Mark.ABSTAIN:
        return {WHOLE: "选了人又选弃权，请留一样。"} if chosen else {}
    if not chosen:
        return {WHOLE: "一个也没有选。要弃权，请选“弃权”。"}
    if chosen > question.most:
        return {WHOLE: f"至多选 {question.most} 个，现在选了 {chosen} 个，请去掉 {chosen - question.most} 个。"}
    return {}


def pack(question: Question, ballot: Ballot, nonce: bytes, length: int) -> bytes:
    """A ballot as exactly ``length`` bytes, the same for every choice."""
    marks = "".join(ballot[item.code].value for item in question.items)
    text = json.dumps({"marks": marks, "nonce": nonce.hex()}, separators=(",", ":")).encode()
    return text + b" " * (length - len(text))


def unpack(question: Question, packed: bytes) -> dict[str, Mark]:
    """The ballot again. Raises ValueError for what is none."""
    marks, items = str(json.loads(packed)["marks"]), question.items
    ballot = {item.code: Mark(mark) for item, mark in zip(items, marks, strict=True)}
    if any(mark not in (*item.marks, Mark.RECUSED) for item, mark in zip(items, ballot.values(), strict=True)):
        raise ValueError("a ballot of another poll")
    return ballot


def length_of(question: Question) -> int:
    """How long every packed ballot of the poll is."""
    return -(-(len(question.items) + 80) // BLOCK) * BLOCK


def lines_of(text: str) -> tuple[str, ...]:
    """The names typed one to a line, without blank lines and doubled blanks."""
    return tuple(name for name in (" ".join(line.split()) for line in text.splitlines()) if name)


def wrong_list(names: Sequence[str], most: int, what: str) -> str:
    """What is wrong with a list of names, in a sentence; empty when nothing is."""
    twice = sorted({name for name in names if names.count(name) > 1})
    long = [name for name in names if len(name) > LONGEST_NAME]
    if twice:
        return f"{twice[0]}写了两次。"
    if long:
        return f"{long[0][:12]}……太长，最多 {LONGEST_NAME} 字。"
    if len(names) > most:
        return f"{what}最多 {most} 个，现在有 {len(names)} 个。"
    return ""
