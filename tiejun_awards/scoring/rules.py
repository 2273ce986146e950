"""A sheet from open to signed; reading a mark as it is typed; what a judge is shown beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..shared.dates import half_width
from ..shared.labels import Labelled
from ..standards.rules import STEP, Line, points, taken_off


class State(Labelled):
    """Where a sheet stands."""

    OPEN = "open", "待确认"
    CONFIRMED = "confirmed", "已确认"
    SIGNED = "signed", "已签名"


class Verb(Labelled):
    """What happens to a sheet."""

    CONFIRM = "confirm", "确认"
    SIGN = "sign", "签名"
    UNSIGN = "unsign", "撤回签名"


MOVES = {
    (State.OPEN, Verb.CONFIRM): State.CONFIRMED,
    (State.CONFIRMED, Verb.CONFIRM): State.CONFIRMED,
    (State.CONFIRMED, Verb.SIGN): State.SIGNED,
    (State.SIGNED, Verb.UNSIGN): State.CONFIRMED,
}

_NUMBER = re.compile(r"(\d{1,4})(?:\.(\d{1,6}))?")


def read_mark(text: str, line: Line) -> int:
    """A mark as typed, in hundredths. Raises ValueError whose text is a sentence for the page.

    Full-width digits are read; a comma, a word, a sign, more than the line has, and what is not a half point are not.
    """
    plain = half_width(text).replace("。", ".").strip().removesuffix("分").strip()
    if not plain:
        raise ValueError("请填写分数，没有扣分就填满分。")
    if plain.startswith("-"):
        raise ValueError(f"“{_short(text)}”是负数，最低 0 分。")
    if "," in plain or "、" in plain or "，" in plain:
        raise ValueError(f"“{_short(text)}”里有逗号，小数点请用“.”，例如 3.5。")
    match = _NUMBER.fullmatch(plain)
    if match is None or not plain.isascii():
        raise ValueError(f"“{_short(text)}”不是分数，请用数字填写，例如 3.5。")
    decimals = (match[2] or "").rstrip("0")
    value = int(match[1]) * 100 + int((decimals + "00")[:2])
    if value > line.most or (value == line.most and len(decimals) > 2):
        raise ValueError(f"最多 {points(line.most)} 分，现在是 {plain}。")
    if len(decimals) > 2 or value % STEP:
        raise ValueError(f"按 {points(STEP)} 分一档打分，{plain} 不在档上。")
    return value


def _short(text: str) -> str:
    kept = text.strip()
    return kept if len(kept) <= 12 else kept[:12] + "…"


@dataclass(frozen=True, slots=True)
class Typed:
    """One line of a sheet as it was posted: the mark, the chosen cases, and the mark that stood there before."""

    mark: str
    cases: tuple[str, ...] = ()
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """One line of a sheet as it is kept: whole hundredths, and the cases chosen."""

    value: int
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a posted sheet: marks by line, and a sentence for each line that could not be read."""

    given: Mapping[str, Given] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


def read_sheet(lines: Sequence[Line], typed: Mapping[str, Typed], before: Mapping[str, Given]) -> Reading:
    """Read a posted sheet. Cases tapped without JavaScript, where the mark was left as shown, take their points off."""
    given: dict[str, Given] = {}
    faults: dict[str, str] = {}
    for line in lines:
        entry = typed.get(line.code)
        if entry is None:
            faults[line.code] = "请填写分数，没有扣分就填满分。"
            continue
        cases = tuple(code for code in entry.cases if line.case(code) is not None)
        earlier = before.get(line.code, Given(line.most))
        if entry.mark == entry.shown and set(cases) != set(earlier.cases):
            given[line.code] = Given(line.most - taken_off(line, dict.fromkeys(cases, 1)), cases)
            continue
        try:
            given[line.code] = Given(read_mark(entry.mark, line), cases)
        except ValueError as error:
            faults[line.code] = str(error)
    return Reading(given, faults)


@dataclass(frozen=True, slots=True)
class Brief:
    """What a judge is shown of a branch beside the marks: facts, and what was counted and verified. No star, no total."""

    facts: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, str, str]]  # category, got / most, what was taken off
    rest: Sequence[tuple[str, str]] = ()  # heading and text to open: the branch's own words
