"""From single marks to score sheets: one row for each judge and subject, with its total out of 100.

A mark a judge left out is never a zero. It is filled in with what the indicator gives on average, raised or lowered
by the tone of the marks the same sheet does have; the sheet then counts for less, by the share of points it covers.
"""

from dataclasses import dataclass

import numpy as np

from .errors import MarkedTwice, NoMarks
from .marks import AnyInts, Bools, Floats, Ints, Marks

FINISHED = 0.6
"""A sheet that covers less than this share of the points is not finished and does not count."""

_WORD = 48
"""Indicators kept in one float: sums of powers of two stay exact below 2**53."""

_TURNS = 16
"""Slots a key may try in the table of sheets before the table is made larger."""

_BLOCK = 1 << 18
"""Marks looked up at a time: their keys fit the processor's cache."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """Score sheets, sorted by subject and then judge; every column has one entry a sheet.

    `total` is out of 100, `cover` the share of the points that was marked (1 for a full sheet). Codes are the
    caller's; `judges` and `subjects` are the sizes of their ranges. `unfinished` sheets were left out.
    """

    judge: Ints
    subject: Ints
    total: Floats
    cover: Floats
    judges: int
    subjects: int
    unfinished: int


def collect(marks: Marks) -> Sheets:
    """Add up the marks of each judge and subject.

    Raises `MarkedTwice` if a mark occurs twice and `NoMarks` if no sheet is finished.
    """
    key, row_sheet = _group(marks)
    judge, subject = key % marks.judges, key // marks.judges
    total = _sums(row_sheet, marks.mark, key.size) * marks.scale
    marked = _marked(marks, row_sheet, key.size)
    cover = np.ones(key.size)
    partial = np.flatnonzero(marked != _full_words(marks.maxima.size)[:, None])
    if partial.size:
        partial = np.unique(partial % key.size)
        total[partial], cover[partial] = _filled(marks, marked[:, partial], total[partial])
    finished = cover >= FINISHED
    unfinished = int(key.size - finished.sum())
    if unfinished == key.size:
        raise NoMarks("no sheet is finished")
    if unfinished:
        judge, subject, total, cover = judge[finished], subject[finished], total[finished], cover[finished]
    return Sheets(judge, subject, total, cover, marks.judges, marks.subjects, unfinished)


def _group(marks: Marks) -> tuple[Ints, AnyInts]:
    """Return the sorted sheet keys (subject * judges + judge) and, for every mark, the position of its key.

    Keys are looked up in a hash table filled block by block: linear in the marks, whatever their order and codes.
    """
    rows = marks.mark.size
    bits = max(4, (3 * rows // marks.maxima.size).bit_length())  # three to six times the full sheets there can be
    slot = np.empty(rows, dtype=np.int32)
    while True:
        table = np.full(1 << bits, -1, dtype=np.int64)
        if all(_look_up(_keys(marks, low), slot[low : low + _BLOCK], table, bits) for low in range(0, rows, _BLOCK)):
            break
        bits += 2
    used = np.flatnonzero(table >= 0)
    used = used[np.argsort(table[used])]
    place = np.empty(table.size, dtype=np.int32)
    place[used] = np.arange(used.size, dtype=np.int32)
    return table[used], place[slot]


def _keys(marks: Marks, low: int) -> Ints:
    key = marks.subject[low : low + _BLOCK] * np.int64(marks.judges)
    key += marks.judge[low : low + _BLOCK]
    return key


def _look_up(key: Ints, slot: AnyInts, table: Ints, bits: int) -> bool:
    """Write the slot of every key into `slot`, adding new keys to the table; False if the table is too crowded.

    Every key tries its own row of slots, in order, and stays in the first that is free or already its own.
    """
    found = _slots(key, 0, bits)
    slot[:] = found
    waiting = np.flatnonzero(table[found] != key)
    for turn in range(_TURNS):
        if waiting.size == 0:
            return True
        asked = key[waiting]
        found = _slots(asked, turn, bits)
        free = table[found] < 0
        table[found[free]] = asked[free]
        settled = table[found] == asked
        slot[waiting[settled]] = found[settled]
        waiting = waiting[~settled]
    return waiting.size == 0


def _slots(key: Ints, turn: int, bits: int) -> Ints:
    """Spread keys over 2**bits slots, differently at each turn (multiplicative hashing, Knuth 6.4)."""
    hashed = key.view(np.uint64) * np.uint64((0x9E3779B97F4A7C15 + 2 * turn * 0xD1B54A32D192ED03) % (1 << 64) | 1)
    hashed >>= np.uint64(64 - bits)
    return hashed.view(np.int64)


def _sums(row_sheet: AnyInts, values: Floats | AnyInts, sheets: int, translated: Floats | None = None) -> Floats:
    """Sum a value of every mark by sheet, block by block to spare memory; `translated[value]` if that is given."""
    sums = np.zeros(sheets)
    block = max(_BLOCK, 2 * sheets)
    for low in range(0, row_sheet.size, block):
        part = values[low : low + block]
        if translated is not None:
            part = translated[part]
        sums += np.bincount(row_sheet[low : low + block], part, minlength=sheets)
    return sums


def _marked(marks: Marks, row_sheet: AnyInts, sheets: int) -> Ints:
    """Return which indicators each sheet marked, as bits: shape (words, sheets).

    Each mark adds its power of two. If none occurs twice, the bits set are as many as the marks; if one does, fewer.
    """
    indicators = marks.maxima.size
    words = np.zeros((-(-indicators // _WORD), sheets), dtype=np.int64)
    for number, word in enumerate(words):
        powers = np.zeros(indicators)
        low = number * _WORD
        high = min(low + _WORD, indicators)
        powers[low:high] = 2.0 ** np.arange(high - low)
        word[:] = _sums(row_sheet, marks.indicator, sheets, powers)
    if int(np.bitwise_count(words).sum()) != marks.mark.size:
        raise MarkedTwice("a judge marked the same indicator of the same subject twice")
    return words


def _full_words(indicators: int) -> Ints:
    sizes = [min(_WORD, indicators - low) for low in range(0, indicators, _WORD)]
    return np.array([(1 << size) - 1 for size in sizes], dtype=np.int64)


def _filled(marks: Marks, marked: Ints, given: Floats) -> tuple[Floats, Floats]:
    """Return total and cover of incomplete sheets; `given` are the points (out of 100) they did give."""
    tops = marks.maxima * marks.scale
    counts = np.bincount(marks.indicator, minlength=tops.size)
    sums = np.bincount(marks.indicator, marks.mark, minlength=tops.size)
    share = float(sums @ (counts > 0)) / float(marks.maxima @ counts)  # for an indicator nobody marked at all
    usual = np.where(counts > 0, sums * marks.scale / np.maximum(counts, 1), share * tops)
    has: Bools = np.array([(marked[k // _WORD] >> (k % _WORD)) & 1 for k in range(tops.size)], dtype=np.bool_)
    covered = tops @ has
    tone = (given - usual @ has) / covered
    total = given + usual @ ~has + tone * (100.0 - covered)
    return np.clip(total, 0.0, 100.0), covered / 100.0
