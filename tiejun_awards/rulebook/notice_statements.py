"""Cut a pasted notice into statements: sentences and lines, put together again where a copy from PDF broke them."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ..shared.dates import half_width

_TERMINATOR = re.compile(r"[。;]|:(?=\s*[一二三四五六七八九十]+、)")
_HEADING = re.compile(r"\s*(?:[一二三四五六七八九十]+、|[0-9]+[.、]|\([^()]*\))?\s*([^:0-9\t]{1,30}):")
_ENDS_OPEN = re.compile(r"(?:[至到年月、,:~]|月[0-9]{1,2}) *$|\([^()]*$")
_BEGINS_INSIDE = re.compile(r"[至到日号年月、,)(~放调上休共与]")
_GAP = re.compile(r"(?<=[0-9年月]) +(?=[年月日号])|(?<=[年月、至]) +(?=[0-9])|(?<=放) +(?=假)|(?<=上) +(?=班)")

# Bounds the work on text that is no notice; a sentence that was broken by copying is far shorter.
_LONGEST_LOOK_BACK = 300


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence or line in half-width signs. `heading` is that of its paragraph (“春节” of “二、春节：…”)."""

    text: str
    heading: str
    line_starts: tuple[tuple[int, int], ...]

    def line_at(self, offset: int) -> int:
        """The line (from 1) of the pasted text that holds this place of the statement."""
        return self.line_starts[bisect_right(self.line_starts, offset, key=lambda start: start[0]) - 1][1]


def split_statements(text: str) -> Iterator[Statement]:
    """Statements in order, without their headings."""
    for paragraph, starts in _paragraphs(text):
        heading, begin = "", 0
        for end in [*(match.start() for match in _TERMINATOR.finditer(paragraph)), len(paragraph)]:
            match = _heading(paragraph[begin:end])
            if match:
                heading = match[1].strip()
                begin += match.end()
            if paragraph[begin:end].strip():
                yield Statement(paragraph[begin:end], heading, _starts_from(begin, starts))
            begin = end + 1


def _heading(sentence: str) -> re.Match[str] | None:
    """“二、春节：”. In “放假：1月1日至3日” the words before the colon say what the days are: no heading."""
    match = _HEADING.match(sentence)
    return None if match and re.search("放假|上班", match[1]) else match


def _paragraphs(text: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Lines, each joined to the one before where that one breaks off; with (offset, line number) of every line in it."""
    joined = ""
    starts: list[tuple[int, int]] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = _GAP.sub("", half_width(raw)).strip(" ")
        if joined and _breaks_off(joined[-_LONGEST_LOOK_BACK:], line):
            starts.append((len(joined), number))
            joined += line
        else:
            yield joined, starts
            joined, starts = line, [(0, number)]
    yield joined, starts


def _breaks_off(before: str, line: str) -> bool:
    if "\t" in before + line:
        return False
    tail = _TERMINATOR.split(before)[-1]
    inside_a_date = re.search("[0-9]", tail) and _BEGINS_INSIDE.match(line)
    return bool(_ENDS_OPEN.search(tail) or inside_a_date)


def _starts_from(begin: int, starts: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The line starts as seen from a statement that begins at `begin` of its paragraph."""
    first = bisect_right(starts, begin, key=lambda start: start[0]) - 1
    return tuple((max(offset - begin, 0), number) for offset, number in starts[first:])
