"""What the pages of a report show, worked out from a draft and its reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import drafts
from .drafts import Context, Draft, Reading
from .models import Report
from .rules import Usual
from .sections import KIND_BY_WORD, SECTIONS, Fixing, RecordKind, Section


@dataclass(frozen=True, slots=True)
class Counter:
    """One count of organisation life beside its usual number."""

    kind: RecordKind
    count: int
    usual: Usual
    over: bool  # whether the quarter is over: before, nothing is missing yet

    @property
    def short(self) -> bool:
        """Whether it stayed below the usual number."""
        return self.over and self.count < self.usual.times


@dataclass(frozen=True, slots=True)
class Index:
    """One line of the side index."""

    section: Section
    look: str  # is-done, is-look (a reminder), is-open (nothing written), is-stop (something is wrong)


@dataclass(frozen=True, slots=True)
class Editor:
    """The editor of one report."""

    report: Report
    draft: Draft
    before: Draft | None
    context: Context
    reading: Reading
    counters: Sequence[Counter]
    index: Sequence[Index]
    errors: Mapping[str, str]
    asked: bool  # whether submitting was tried: then what is missing counts as an error too

    @property
    def done(self) -> int:
        """Sections with nothing left to do."""
        return sum(line.look in ("is-done", "is-look") for line in self.index)

    @property
    def left(self) -> int:
        """How many places are still to be mended or filled."""
        return len(self.reading.findings)

    def last(self, name: str) -> str:
        """What was written in this field last quarter."""
        return self.before.fields.get(name, "") if self.before else ""

    def fix(self, index: int) -> Mapping[str, str]:
        """What was typed about last quarter's problem with this number (from 0)."""
        return self.draft.fixes[index] if index < len(self.draft.fixes) else {}


def editor(
    report: Report,
    draft: Draft,
    *,
    before: Draft | None,
    context: Context,
    usual: Sequence[Usual],
    asked: bool = False,
) -> Editor:
    """Everything the editor shows."""
    reading = drafts.read(draft, context)
    over = context.today > context.quarter.last_day
    counters = [
        Counter(line.kind, sum(record.kind is line.kind for record in reading.records), line, over) for line in usual
    ]
    errors: dict[str, str] = {}
    for finding in reading.findings:
        if asked or not finding.missing:
            errors.setdefault(finding.field, finding.sentence)
    index = [_index(section, draft, reading, any(counter.short for counter in counters)) for section in SECTIONS]
    return Editor(report, draft, before, context, reading, counters, index, errors, asked)


def _index(section: Section, draft: Draft, reading: Reading, short: bool) -> Index:
    findings = [finding for finding in reading.findings if finding.section == section.number]
    if any(not finding.missing for finding in findings):
        return Index(section, "is-stop")
    written = any(draft.fields.get(spec.name, "").strip() for spec in section.fields)
    if section.number == 2:
        written = written or bool(reading.records)
        if short:
            return Index(section, "is-look")
    return Index(section, "is-open" if findings or (section.fields and not written) else "is-done")


@dataclass(frozen=True, slots=True)
class Paper:
    """A report as it is read and printed."""

    draft: Draft
    reading: Reading
    problems: Sequence[str]  # last quarter's
    attachments: Sequence[Mapping[str, Any]] = ()  # as the submission wrote them down: id, name, size

    def value(self, name: str) -> str:
        """What stands in a field; nothing when it was left empty."""
        return self.draft.fields.get(name, "").strip()

    def records(self, kind: RecordKind) -> list[drafts.Record]:
        """The records of one kind, by day."""
        return sorted((record for record in self.reading.records if record.kind is kind), key=lambda r: r.held_on)

    @property
    def kinds(self) -> list[RecordKind]:
        """The kinds there are records of."""
        return [kind for kind in RecordKind if any(record.kind is kind for record in self.reading.records)]

    def fixed(self, index: int) -> tuple[str, str]:
        """(what became of last quarter's problem with this number, how)."""
        fix = self.draft.fixes[index] if index < len(self.draft.fixes) else {}
        words = {fixing.value: fixing.label for fixing in Fixing}
        return words.get(fix.get("status", ""), "—"), fix.get("how", "")


def paper(draft: Draft, context: Context, attachments: Sequence[Mapping[str, Any]] = ()) -> Paper:
    """The report for reading and printing."""
    return Paper(draft, drafts.read(draft, context), context.earlier_problems, attachments)


def rows(draft: Draft) -> list[Mapping[str, str]]:
    """The record rows to draw, at least one: the word somebody typed or pasted for a kind becomes its value."""
    kinds = [KIND_BY_WORD.get(row.get("kind", "").strip()) for row in draft.records]
    found = [{**row, "kind": kind.value if kind else ""} for row, kind in zip(draft.records, kinds, strict=True)]
    return list(found) or [{}]
