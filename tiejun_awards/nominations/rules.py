"""The rules of suggestions and recommendations: names, lengths, states, closed lists of reasons, what a unit has to say."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..shared.dates import chinese_date, parse_date
from ..shared.labels import Labelled


class Relation(Labelled):
    """How a nominator knows whom he suggests."""

    SAME_UNIT = "same_unit", "同一单位，一起工作"
    ACROSS = "across", "不同单位，有工作往来"
    SERVED = "served", "服务对象或者结对单位"
    OTHER = "other", "其他"


class EntryState(Labelled):
    """Where an entry of a unit stands; ``selection.rules.MOVES`` says how it moves."""

    RECOMMENDED = "recommended", "单位已推荐"
    SHORTLISTED = "shortlisted", "通过初审"
    AWARDED = "awarded", "已公布"
    ENDED = "ended", "未列入"


class State(Labelled):
    """Where a unit's recommendation is."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已报送"


class Verb(Labelled):
    """What can be done with a unit's recommendation."""

    SUBMIT = "submit", "报送"


MOVES = {(State.DRAFT, Verb.SUBMIT): State.SUBMITTED}


class UnitReason(Labelled):
    """Why a unit put a suggestion not forward: a closed list, read by nominator and nominee."""

    SEATS = "seats", "名额所限，本单位这次推荐了其他对象"
    SCOPE = "scope", "不在这次的评选范围"
    TERM = "term", "任职或工作时间还没有达到条件"
    HAD = "had", "已获得同类荣誉，这次不重复推荐"
    OWN_WISH = "own_wish", "本人或该集体提出不参加"
    STUDIED = "studied", "经集体研究，这次没有列入"


class EndReason(Labelled):
    """Why an entry was ended by the office: a closed list, read by nominator, nominee and unit."""

    SEATS = "seats", "名额所限，这次没有列入"
    SCOPE = "scope", "不在这次的评选范围"
    CONDITIONS = "conditions", "经核实，有条件暂未达到"
    PAPERS = "papers", "材料不全，期限内没有补齐"
    HAD = "had", "已获得同类荣誉，这次不重复推荐"
    OWN_WISH = "own_wish", "本人、该集体或推荐单位提出退出"
    STUDIED = "studied", "经研究，这次没有列入"


LONGEST_NAME = 40
LONGEST_POST = 40


def name_key(name: str) -> str:
    """Names equal after NFKC, case folding and without spaces are one (full width, half width)."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def characters(text: str) -> int:
    """How long a text is: characters without spaces and line ends, as the counter on the page counts."""
    return len("".join(text.split()))


# A suggestion.


@dataclass(frozen=True, slots=True)
class Suggested:
    """What somebody typed: whom he suggests, how he knows him, what he saw."""

    unit_id: int | None = None
    nominee: str = ""
    relation: Relation | None = None
    deeds: str = ""


def suggestion_faults(
    typed: Suggested, *, takes_part: bool, own_name: str, collective: bool, least: int, most: int
) -> dict[str, str]:
    """What is wrong with a suggestion: field -> sentence. ``takes_part``: whether the unit does; ``least``, ``most``: lengths of the deeds."""
    found = {}
    if not takes_part:
        found["unit_id"] = "请选所在单位。"
    if not name_key(typed.nominee):
        found["nominee"] = "请填写集体的全称。" if collective else "请填写这位同事的姓名。"
    elif len(typed.nominee) > LONGEST_NAME or len(name_key(typed.nominee)) > 2 * LONGEST_NAME:
        found["nominee"] = f"最多 {LONGEST_NAME} 字，请只写姓名或者名称。"
    elif not collective and name_key(typed.nominee) == name_key(own_name):
        found["nominee"] = "不能推荐自己。想参加的话，请直接和本单位的推荐经办说，由单位集体研究。"
    if typed.relation is None:
        found["relation"] = "请选您和推荐对象的关系。"
    length = characters(typed.deeds)
    if length < least:
        found["deeds"] = f"事迹写了 {length} 字，请写够 {least} 字：什么时候、遇到什么难处、怎么做的、结果怎样。"
    elif length > most:
        found["deeds"] = f"事迹写了 {length} 字，最多 {most} 字，请删减 {length - most} 字。"
    return found


# A unit's recommendation, kept as typed until it is submitted.


@dataclass(frozen=True, slots=True)
class Draft:
    """A recommendation as typed. ``rows`` in the unit's order: nominee, post, deeds; ``declined``: name key -> reason."""

    fields: Mapping[str, str] = field(default_factory=dict)  # studied_on, notice_from, notice_to, notice_place
    rows: tuple[Mapping[str, str], ...] = ()
    declined: Mapping[str, str] = field(default_factory=dict)
    agreed: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Draft:
        """From the JSON column."""
        rows = tuple(dict(row) for row in stored.get("rows", ()))
        return cls(
            dict(stored.get("fields", {})), rows, dict(stored.get("declined", {})), bool(stored.get("agreed", False))
        )

    def as_json(self) -> dict[str, Any]:
        """For the JSON column."""
        return {
            "fields": dict(self.fields),
            "rows": [dict(row) for row in self.rows],
            "declined": dict(self.declined),
            "agreed": self.agreed,
        }

    def filled(self) -> list[tuple[int, Mapping[str, str]]]:
        """The rows in which anything stands, with their places (from 0)."""
        return [(place, row) for place, row in enumerate(self.rows) if any(text.strip() for text in row.values())]

    def taking(self, key: str, nominee: str, deeds: str) -> Draft:
        """The same draft with one more row, behind the last one that is filled; nothing when the name stands already."""
        kept = [row for _, row in self.filled()]
        if key in {name_key(row.get("nominee", "")) for row in kept}:
            return self
        return Draft(self.fields, (*kept, {"nominee": nominee, "post": "", "deeds": deeds}), self.declined, self.agreed)

    def moved_up(self, place: int) -> Draft:
        """The same draft with the row at a place (from 0) one place further up."""
        rows = list(self.rows)
        if 0 < place < len(rows):
            rows[place - 1], rows[place] = rows[place], rows[place - 1]
        return Draft(self.fields, tuple(rows), self.declined, self.agreed)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as it is submitted."""

    nominee: str
    key: str
    post: str
    deeds: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a draft says: ``faults``: field -> sentence; without any it can be submitted."""

    faults: Mapping[str, str]
    entries: Sequence[EntryRow] = ()
    declined: Mapping[str, UnitReason] = field(default_factory=dict)
    studied_on: date | None = None
    notice_from: date | None = None
    notice_to: date | None = None
    notice_place: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a recommendation is read against: the call's, the rulebook's, today's."""

    suggested: Sequence[str]  # name keys that were suggested for the unit
    opens_on: date
    today: date
    per_unit: int
    brief_most: int
    notice_days: int
    collective: bool = False


def read(draft: Draft, limits: Limits, hung: int = 0) -> Reading:
    """Read a draft. ``hung``: the working days between its notice's days, the first one counted."""
    faults: dict[str, str] = {}
    entries = _read_rows(draft, limits, faults)
    declined = _read_declined(draft, limits, {entry.key for entry in entries}, faults)
    studied_on = _day(draft, "studied_on", faults)
    if studied_on is not None and studied_on > limits.today:
        faults["studied_on"] = "集体研究的日子还没有到，研究以后再报送。"
    elif studied_on is not None and studied_on < limits.opens_on:
        faults["studied_on"] = f"推荐从{chinese_date(limits.opens_on)}开始，集体研究的日子在这之前，请核对。"
    if not entries:
        return Reading(faults, entries, declined, studied_on)
    start, end = _day(draft, "notice_from", faults), _day(draft, "notice_to", faults)
    place = draft.fields.get("notice_place", "").strip()
    if not place:
        faults["notice_place"] = "请填写公示在哪里，例如本单位公告栏。"
    elif len(place) > 60:
        faults["notice_place"] = "最多 60 字，请删减一些。"
    if start and end and "notice_from" not in faults and "notice_to" not in faults:
        faults |= _notice_faults(start, end, studied_on, hung, limits)
    if not draft.agreed:
        faults["agreed"] = "请先请推荐对象看过简要事迹，同意推荐，再勾选。"
    return Reading(faults, entries, declined, studied_on, start, end, place)


def _read_rows(draft: Draft, limits: Limits, faults: dict[str, str]) -> list[EntryRow]:
    entries: list[EntryRow] = []
    for place, row in draft.filled():
        name, post, deeds = (row.get(part, "").strip() for part in ("nominee", "post", "deeds"))
        key, at = name_key(name), f"rows-{place}-"
        if not key:
            faults[at + "nominee"] = "请填写集体的全称。" if limits.collective else "请填写姓名。"
        elif len(name) > LONGEST_NAME or len(key) > 2 * LONGEST_NAME:
            faults[at + "nominee"] = f"最多 {LONGEST_NAME} 字。"
        elif key in {entry.key for entry in entries}:
            faults[at + "nominee"] = "前面已经写了这个名字，一个对象只写一次。"
        if not post and not limits.collective:
            faults[at + "post"] = "请填写职务，没有职务写“干部”或“职工”。"
        elif len(post) > LONGEST_POST:
            faults[at + "post"] = f"最多 {LONGEST_POST} 字。"
        length = characters(deeds)
        if not length:
            faults[at + "deeds"] = "请写简要事迹。"
        elif length > limits.brief_most:
            faults[at + "deeds"] = (
                f"写了 {length} 字，最多 {limits.brief_most} 字，请删减 {length - limits.brief_most} 字。"
            )
        entries.append(EntryRow(name, key, post, deeds))
    if len(entries) > limits.per_unit:
        faults["rows"] = f"每个单位最多推荐 {limits.per_unit} 个，现在写了 {len(entries)} 个，请清空多出的。"
    return entries


def _read_declined(draft: Draft, limits: Limits, taken: set[str], faults: dict[str, str]) -> dict[str, UnitReason]:
    known = {reason.value: reason for reason in UnitReason}
    found = {}
    for key in limits.suggested:
        if key in taken:
            continue
        reason = known.get(draft.declined.get(key, ""))
        if reason is None:
            faults[f"declined-{key}"] = "请选一个原因；推荐的同事会看到它。"
        else:
            found[key] = reason
    return found


def _day(draft: Draft, name: str, faults: dict[str, str]) -> date | None:
    try:
        return parse_date(draft.fields.get(name, ""))
    except ValueError as error:
        faults[name] = f"{error}。"
        return None


def _notice_faults(start: date, end: date, studied_on: date | None, hung: int, limits: Limits) -> dict[str, str]:
    if studied_on is not None and start < studied_on:
        return {"notice_from": "先集体研究，再公示；公示的第一天在研究之前，请核对。"}
    if end < start:
        return {"notice_to": "公示的最后一天在第一天之前，请核对。"}
    if hung < limits.notice_days:
        return {"notice_to": f"本单位公示不少于 {limits.notice_days} 个工作日，这样只有 {hung} 个。"}
    if end > limits.today:
        return {"notice_to": "本单位的公示还没有结束，结束以后再报送；现在可以先存稿。"}
    return {}
