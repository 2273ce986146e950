"""What was typed in a report, and what the system understands of it.

A draft is kept exactly as it was typed: every value is text, and nothing typed is ever refused or lost.
``read`` turns the text into numbers, dates and lines, and says beside which field what cannot be read;
only a report without such problems can be submitted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from ..shared.dates import chinese_date, parse_attendance, parse_count, parse_date
from ..shared.periods import Quarter
from .sections import KIND_BY_WORD, SECTIONS, Field, Fixing, RecordKind

T = TypeVar("T")

MOST_RECORDS = 60
MOST_TYPED = 4_000  # characters of one field a draft keeps; far above every limit, only against abuse
RECORD_FIELDS = ("kind", "held_on", "topic", "attendance", "page")


MOST_FIXES = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed: fields by name, records as rows of text, what became of earlier problems, the confirmation."""

    fields: Mapping[str, str] = field(default_factory=dict)
    records: tuple[Mapping[str, str], ...] = ()
    fixes: tuple[Mapping[str, str], ...] = ()  # {"status": …, "how": …} in the order of last quarter's problems
    confirmed: bool = False

    def as_json(self) -> dict[str, Any]:
        """The draft as it is stored."""
        return {
            "fields": dict(self.fields),
            "records": [dict(row) for row in self.records],
            "fixes": [dict(fix) for fix in self.fixes],
            "confirmed": self.confirmed,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Draft:
        """The stored draft."""
        return cls(
            dict(stored.get("fields", {})),
            tuple(stored.get("records", ())),
            tuple(stored.get("fixes", ())),
            bool(stored.get("confirmed")),
        )


@dataclass(frozen=True, slots=True)
class Record:
    """One line of organisation life, read."""

    kind: RecordKind
    held_on: date
    topic: str
    attended: int | None
    expected: int | None
    page: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What has to be mended: beside which field, in which section, and the sentence."""

    field: str
    section: int
    sentence: str
    missing: bool = False  # nothing wrong was typed: something still has to be


@dataclass(frozen=True, slots=True)
class Reading:
    """A draft as the system understands it."""

    counts: Mapping[str, int]
    records: tuple[Record, ...]
    findings: tuple[Finding, ...]
    characters: int

    def of_field(self, name: str) -> str:
        """The sentence beside a field, or nothing."""
        return next((finding.sentence for finding in self.findings if finding.field == name), "")


@dataclass(frozen=True, slots=True)
class Context:
    """What a draft is read against: its quarter, last quarter's problems, the limits of the rulebook, the day."""

    quarter: Quarter
    earlier_problems: tuple[str, ...] = ()
    most_characters: int = 1_500
    today: date = date.max


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two drafts differ."""

    name: str
    label: str
    mine: str
    theirs: str


def characters(text: str) -> int:
    """How long a text is: characters without spaces and line ends."""
    return len("".join(text.split()))


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that say something, without their numbers (“1.”, “一、”)."""
    found = []
    for line in text.splitlines():
        plain = line.strip()
        head, mark, rest = plain.partition("、")
        if mark and len(head) <= 2 and all(char in "一二三四五六七八九十0123456789" for char in head):
            plain = rest.strip()
        else:
            digits = plain.lstrip("0123456789")
            if (
                digits != plain and digits[:1] in (".", "．", "）", ")") and not digits[1:2].isdigit()
            ):  # “3.5万元” stays
                plain = digits[1:].strip()
        if plain:
            found.append(plain)
    return tuple(found)


def read(draft: Draft, context: Context) -> Reading:
    """Read a draft; every problem found is a finding beside its field."""
    findings: list[Finding] = []
    counts: dict[str, int] = {}
    total = 0
    for section in SECTIONS:
        for spec in section.fields:
            text = draft.fields.get(spec.name, "").strip()
            sentence = _read_field(spec, text, counts)
            if sentence:
                findings.append(Finding(spec.name, section.number, sentence, missing=not text))
            if spec.kind != "count":
                total += characters(text)
    findings += _contradictions(counts)
    records, record_findings = _read_records(draft.records, context)
    findings += record_findings
    findings += _read_fixes(draft.fixes, context.earlier_problems)
    if total > context.most_characters:
        findings.append(Finding("total", 6, f"全文 {total} 字，超过 {context.most_characters} 字，请删减一些。"))
    if not draft.confirmed:
        findings.append(Finding("confirmed", 12, "书记还没有确认内容属实。", missing=True))
    findings.sort(key=lambda finding: finding.section)
    return Reading(counts, records, tuple(findings), total)


def _read_field(spec: Field, text: str, counts: dict[str, int]) -> str:
    if spec.kind == "count":
        if not text:
            return f"请填{spec.label}，没有就填 0。" if spec.required else ""
        try:
            counts[spec.name] = parse_count(text)
        except ValueError as error:
            return f"{error}。"
        return ""
    if not text:
        return f"{spec.label}还没有写。" if spec.required else ""
    if characters(text) > spec.limit:
        return f"写了 {characters(text)} 字，最多 {spec.limit} 字，请删减一些。"
    return ""


_AT_MOST = (
    ("dues_paid", "dues_due", "党费实交人数多于应交人数，请核对。"),
    ("pledges_kept", "pledges_made", "已兑现的公诺多于公诺总数，请核对。"),
)


def _contradictions(counts: Mapping[str, int]) -> list[Finding]:
    found = [
        Finding(smaller, 3, sentence)
        for smaller, larger, sentence in _AT_MOST
        if smaller in counts and larger in counts and counts[smaller] > counts[larger]
    ]
    all_read = {"retired", "members", "probationary"} <= counts.keys()
    if all_read and counts["retired"] > counts["members"] + counts["probationary"]:
        found.append(Finding("retired", 1, "离退休党员多于党员总数，请核对。"))
    return found


def _read_records(rows: Sequence[Mapping[str, str]], context: Context) -> tuple[tuple[Record, ...], list[Finding]]:
    records: list[Record] = []
    findings: list[Finding] = []
    for index, row in enumerate(rows):
        if is_blank(row):
            continue
        problems: dict[str, str] = {}
        kind = KIND_BY_WORD.get(row.get("kind", "").strip())
        if kind is None:
            problems["kind"] = "请选一个类别。"
        held_on = _try(_date_in(context.quarter.year), row.get("held_on", ""), "held_on", problems)
        if held_on is not None and held_on not in context.quarter:
            problems["held_on"] = f"{chinese_date(held_on)}不在{context.quarter.label}里，请核对日期。"
        elif held_on is not None and held_on > context.today:
            problems["held_on"] = "这一天还没有到，开过之后再登记。"
        topic = row.get("topic", "").strip()
        if not topic:
            problems["topic"] = "请写主题或议题，几个字就行。"
        elif characters(topic) > 60:
            problems["topic"] = f"主题写了 {characters(topic)} 字，最多 60 字。"
        attended = expected = None
        if row.get("attendance", "").strip():
            attendance = _try(parse_attendance, row["attendance"], "attendance", problems)
            if attendance is not None:
                attended, expected = attendance
        page = row.get("page", "").strip()
        if characters(page) > 20:
            problems["page"] = "页码最多 20 字。"
        findings += [Finding(f"records-{index}-{name}", 2, sentence) for name, sentence in problems.items()]
        if not problems and kind and held_on:
            records.append(Record(kind, held_on, topic, attended, expected, page))
    if len(rows) > MOST_RECORDS:
        findings.append(Finding("records", 2, f"一个季度最多登记 {MOST_RECORDS} 条，现在有 {len(rows)} 条。"))
    return tuple(records), findings


def _date_in(year: int) -> Callable[[str], date]:
    return lambda text: parse_date(text, year)


def _try(parse: Callable[[str], T], text: str, name: str, problems: dict[str, str]) -> T | None:
    try:
        return parse(text)
    except ValueError as error:
        problems[name] = f"{error}。"
        return None


def is_blank(row: Mapping[str, str]) -> bool:
    """Whether nothing but perhaps a kind was typed in a record row."""
    return not any(row.get(name, "").strip() for name in RECORD_FIELDS if name != "kind")


def _read_fixes(fixes: Sequence[Mapping[str, str]], problems: Sequence[str]) -> list[Finding]:
    findings = []
    for index in range(len(problems)):
        fix = fixes[index] if index < len(fixes) else {}
        status, how = fix.get("status", ""), fix.get("how", "").strip()
        if status not in {Fixing.DONE.value, Fixing.GOING_ON.value}:
            sentence = f"第 {index + 1} 条请选“已整改”或“正在整改”。"
            findings.append(Finding(f"fixes-{index}-status", 8, sentence, missing=not status))
        elif status == Fixing.DONE.value and not how:
            sentence = "选了“已整改”，请写一句怎么改的；没改完请选“正在整改”。"
            findings.append(Finding(f"fixes-{index}-how", 8, sentence))
        if characters(how) > 100:
            findings.append(Finding(f"fixes-{index}-how", 8, f"写了 {characters(how)} 字，最多 100 字。"))
    return findings


# Two people in one draft.


def differences(mine: Draft, theirs: Draft) -> list[Difference]:
    """Where two drafts differ, in the order of the form; records and fixes count as one place each."""
    found = [
        Difference(name, f"{section.numeral}、{spec.label}", mine.fields.get(name, ""), theirs.fields.get(name, ""))
        for section in SECTIONS
        for spec in section.fields
        for name in (spec.name,)
        if mine.fields.get(name, "") != theirs.fields.get(name, "")
    ]
    if mine.records != theirs.records:
        found.append(Difference("records", "二、组织生活记录", _as_lines(mine.records), _as_lines(theirs.records)))
    if mine.fixes != theirs.fixes:
        found.append(Difference("fixes", "八、上季度问题整改", _as_lines(mine.fixes), _as_lines(theirs.fixes)))
    return found


def merge(mine: Draft, theirs: Draft, picks: Mapping[str, str]) -> Draft:
    """The draft that keeps, at each place that differs, what was picked: ``mine`` unless it says ``theirs``."""
    fields = dict(mine.fields)
    for name in fields.keys() | theirs.fields.keys():
        if picks.get(name) == "theirs":
            fields[name] = theirs.fields.get(name, "")
    return Draft(
        fields,
        theirs.records if picks.get("records") == "theirs" else mine.records,
        theirs.fixes if picks.get("fixes") == "theirs" else mine.fixes,
        mine.confirmed,
    )


def _as_lines(rows: Sequence[Mapping[str, str]]) -> str:
    words = {kind.value: kind.label for kind in RecordKind} | {fixing.value: fixing.label for fixing in Fixing}
    return "\n".join(" ".join(words.get(value, value) for value in row.values() if value) for row in rows)
