"""What a form is to this feature, how its code is checked, and what has to be known of a signed paper before it counts.

A form is a report, later a self-assessment or a score sheet. This feature knows none of them: each hands in a ``PaperForm``
through ``app.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol

from ..shared.access import Actor
from ..shared.dates import chinese_date
from ..shared.labels import Labelled
from ..shared.periods import Quarter


class State(Labelled):
    """Where a transcription is."""

    ENTERED = "entered", "待复核"
    RETURNED = "returned", "退回改正"
    COMPARED = "compared", "已复核"
    WITHDRAWN = "withdrawn", "已撤下"


class Verb(Labelled):
    """What can be done with one."""

    CORRECT = "correct", "改正"
    COMPARE = "compare", "复核"
    RETURN = "return", "退回"
    WITHDRAW = "withdraw", "撤下"


MOVES = {
    (State.ENTERED, Verb.CORRECT): State.ENTERED,
    (State.ENTERED, Verb.COMPARE): State.COMPARED,
    (State.ENTERED, Verb.RETURN): State.RETURNED,
    (State.ENTERED, Verb.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Verb.CORRECT): State.ENTERED,
    (State.RETURNED, Verb.WITHDRAW): State.WITHDRAWN,
}

OPEN = frozenset({State.ENTERED, State.RETURNED})
"""States in which a transcription may still change; a subject has one of these at most."""


# Forms.


@dataclass(frozen=True, slots=True)
class Field:
    """One place to write. ``kind``: count, text (one line), long (several lines) or choice; ``limit`` in characters."""

    name: str
    label: str
    kind: str = "count"
    unit: str = ""
    limit: int = 0
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def space(self) -> str:
        """How much room to write a blank form leaves: line, few, some or many lines."""
        if self.kind != "long":
            return "line"
        return "few" if self.limit <= 200 else "some" if self.limit <= 300 else "many"

    def said(self, value: str) -> str:
        """A value as a reader reads it."""
        return dict(self.choices).get(value, value) if self.kind == "choice" else value


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of fields, named “grid-0-column”. With ``heads`` there is one row for each of them, else as many as were written."""

    name: str
    label: str
    columns: tuple[Field, ...]
    most: int
    heads: tuple[str, ...] = ()
    head: str = ""  # what stands over the heads

    def rows(self, values: Mapping[str, str]) -> list[dict[str, str]]:
        """The rows that were written."""
        found = []
        for index in range(len(self.heads) or self.most):
            row = {column.name: values.get(f"{self.name}-{index}-{column.name}", "") for column in self.columns}
            if self.heads or any(row.values()):
                found.append(row)
        return found


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a form with its fields, or a grid, or both."""

    title: str
    fields: tuple[Field, ...] = ()
    grid: Grid | None = None

    @property
    def counts(self) -> list[Field]:
        """The numbers."""
        return [each for each in self.fields if each.kind == "count"]

    @property
    def texts(self) -> list[Field]:
        """The texts."""
        return [each for each in self.fields if each.kind != "count"]

    def lines(self, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """(label, what was written) of every place that is not empty; a row of the grid is one line."""
        for each in self.fields:
            if values.get(each.name, "").strip():
                yield each.label, each.said(values[each.name]) + (f" {each.unit}" if each.unit else "")
        if self.grid is not None:
            for index, row in enumerate(self.grid.rows(values)):
                head = self.grid.heads[index].rstrip("。；") if self.grid.heads else f"第 {index + 1} 行"
                yield head, "　".join(column.said(row[column.name]) or "—" for column in self.grid.columns)


class Author(NamedTuple):
    """Somebody who may have signed, and when he held the post."""

    id: int
    name: str
    since: date
    until: date | None

    def held_on(self, day: date) -> bool:
        """Whether he held it that day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Subject:
    """One form of one thing, begun or not: what the paper is about."""

    kind: str
    key: str  # “17-2026Q3”: whatever names it among its kind
    owner: Any = field(repr=False, compare=False)  # the row a permission is asked about, and that is locked meanwhile
    title: str
    period: str
    since: date  # no paper is signed earlier
    due: date | None
    authors: tuple[Author, ...]
    sections: tuple[Section, ...]
    current: Mapping[str, str]  # what the system holds of it now
    closed: str = ""  # why nothing is transcribed now, or nothing
    page: tuple[str, dict[str, Any]] | None = None  # where it can be read


class Offer(NamedTuple):
    """A form somebody may print and transcribe now."""

    key: str
    title: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Signed:
    """A compared paper, as the form above takes it over."""

    values: Mapping[str, str]
    signed_on: date
    author_id: int
    about: Mapping[str, Any]  # who transcribed, who compared, where the original lies: kept with what becomes of it


class PaperForm(Protocol):
    """One kind of form, as the feature above describes it."""

    kind: str
    title: str

    def subject(self, key: str, actor: Actor) -> Subject:
        """What a key names. Raises Missing."""
        ...

    def offered(self, actor: Actor, text: str, most: int) -> Sequence[Offer]:
        """What within the actor's reach can be transcribed now, by a part of its name."""
        ...

    def may_write(self, actor: Actor, subject: Subject) -> bool:
        """Whether it is the actor's own to write: drafts are read by nobody else."""
        ...

    def may_read(self, actor: Actor, subject: Subject) -> bool:
        """Whether the actor may have what the system holds of it now printed into the form."""
        ...

    def faults(self, subject: Subject, values: Mapping[str, str], signed_on: date) -> dict[str, str]:
        """What is wrong with what was written: field -> sentence."""
        ...

    def hand_in(self, actor: Actor, subject: Subject, paper: Signed) -> str:
        """Take a compared paper over, within the verb under way; what it became (“第 1 稿”). Raises Refused."""
        ...


# What was typed of a paper.


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody typed from a signed paper."""

    signed_on: date | None
    author_id: int | None
    lies_at: str
    values: Mapping[str, str]


MOST_LIES_AT = 120


def faults(
    entry: Entry, subject: Subject, *, enterer: int, today: date, printed_on: date | None = None
) -> dict[str, str]:
    """What is wrong with what was typed around the form: field -> sentence."""
    found = {}
    signed = _why_not_signed(entry.signed_on, subject, today, printed_on)
    if signed:
        found["signed_on"] = signed
    author = next((each for each in subject.authors if each.id == entry.author_id), None)
    if author is None:
        found["author"] = "请选是谁签的字。"
    elif author.id == enterer:
        found["author"] = "自己签的表不能自己代录：请直接在系统里提交，或请别人代录。"
    elif entry.signed_on and not signed and not author.held_on(entry.signed_on):
        found["author"] = f"{chinese_date(entry.signed_on)}{author.name}不在任，请核对日期或签字人。"
    if not entry.lies_at:
        found["lies_at"] = "请写明原件存在哪里，例如机关党委 2026 年季度报告卷。"
    elif len(entry.lies_at) > MOST_LIES_AT:
        found["lies_at"] = f"最多 {MOST_LIES_AT} 字，请删减一些。"
    return found


def _why_not_signed(signed_on: date | None, subject: Subject, today: date, printed_on: date | None) -> str:
    if signed_on is None:
        return "请照着表填写签字日期，例如 2026-10-09。"
    if signed_on > today:
        return f"{chinese_date(signed_on)}还没有到，请核对。"
    if signed_on < subject.since:
        return f"这份表最早从{chinese_date(subject.since)}算起，请核对日期。"
    if printed_on and signed_on < printed_on:
        return f"这张表是{chinese_date(printed_on)}才印的，签字不会更早，请核对日期。"
    return ""


def why_not_alike(signed_on: date, typed: date | None) -> str:
    """Why the second person's reading of the date does not agree, or nothing."""
    if typed is None:
        return "请照着原件再填一次签字日期。"
    if typed != signed_on:
        return "和代录的日期不一样。请再看一眼原件；确实代录错了，请退回改正。"
    return ""


def why_not_by(person: int, *, enterer: int, author: int) -> str:
    """Why somebody may not compare, or nothing."""
    if person == enterer:
        return "代录和复核要由两个人来办，请另一位来复核。"
    if person == author:
        return "这是您自己签的表，请别人来复核。"
    return ""


def may_compare_instead(names: Sequence[str]) -> str:
    """Who may, after a sentence why somebody may not."""
    if not names:
        return "现在没有人可以复核：经办和复核人都是代录的人、签字的人或本支部的人，请先任命一位别的复核人。"
    return f"可以复核的是{'、'.join(names)}。"


class Lag(NamedTuple):
    """How long a paper lay before it was transcribed, in working days, for supervision."""

    days: int
    over: bool  # longer than the rulebook's number
    counts_in_time: bool  # transcribed after the due day, signed before: the paper's date makes it timely


def lag(days: int, most: int, *, signed_on: date, due: date | None, today: date) -> Lag:
    """What supervision is told of a transcription."""
    return Lag(days, days > most, due is not None and signed_on <= due < today)


def period_label(code: str) -> str:
    """“2026年第三季度”; what is no quarter is a year."""
    try:
        return Quarter.from_code(code).label
    except ValueError:
        return f"{code}年度"
