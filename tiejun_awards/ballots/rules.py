"""The rules of a vote: its states, attendance and majority, seats and ties, groups that are too small.

Shares are data of each poll, with their source: there is no built-in majority. Everything is whole numbers; nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..shared.labels import Labelled

FEWEST = 5
"""Fewer voters than this, and the numbers of a result tell who voted what (D.2 不记名的前提)."""


class State(Labelled):
    """Where a poll is. Nobody sees a number of votes for anything before COUNTED."""

    DRAFT = "draft", "准备中"
    OPEN = "open", "投票中"
    CLOSED = "closed", "已截止，待开箱"
    COUNTED = "counted", "已计票"
    VOID = "void", "已作废"


class Duty(Labelled):
    """What tellers do; the values are those of the roles they hold for it."""

    WATCHER = "poll_watcher", "监票人"
    COUNTER = "vote_counter", "计票人"


class Verb(Labelled):
    """What can be done with a poll."""

    OPEN = "open", "开始投票"
    CLOSE = "close", "截止投票"
    COUNT = "count", "开箱计票"
    VOID = "void", "作废"


MOVES = {
    (State.DRAFT, Verb.OPEN): State.OPEN,
    (State.OPEN, Verb.CLOSE): State.CLOSED,
    (State.CLOSED, Verb.COUNT): State.COUNTED,
    (State.DRAFT, Verb.VOID): State.VOID,
    (State.OPEN, Verb.VOID): State.VOID,
    (State.CLOSED, Verb.VOID): State.VOID,
    (State.COUNTED, Verb.VOID): State.VOID,
}


class Base(Labelled):
    """What a share is a share of."""

    EXPECTED = "expected", "应到会"
    PRESENT = "present", "出席"


class Share(Labelled):
    """A share of a number of people: “半数以上” holds the half itself, “超过半数” does not."""

    NONE = "none", "不要求"
    HALF = "half", "半数以上（含半数）"
    OVER_HALF = "over_half", "超过半数"
    TWO_THIRDS = "two_thirds", "三分之二以上"
    FOUR_FIFTHS = "four_fifths", "五分之四以上"


_SAID = {
    Share.HALF: "达到{}人数的半数",
    Share.OVER_HALF: "超过{}人数的半数",
    Share.TWO_THIRDS: "达到{}人数的三分之二",
    Share.FOUR_FIFTHS: "达到{}人数的五分之四",
}
_SHARES = {Share.HALF: (1, 2, 0), Share.OVER_HALF: (1, 2, 1), Share.TWO_THIRDS: (2, 3, 0), Share.FOUR_FIFTHS: (4, 5, 0)}


def needed(share: Share, people: int) -> int:
    """The fewest that reach the share: 13 of 25 for both halves, 12 or 13 of 24, 4 of 6 for two thirds; 0 when none is asked."""
    if share is Share.NONE:
        return 0
    part, whole, over = _SHARES[share]
    if over:
        return people * part // whole + 1
    return -(-people * part // whole)


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of one poll, frozen when it opens. ``seats`` 0: everyone who reaches the share."""

    attendance: Share
    majority: Share
    base: Base
    seats: int
    source: str

    @classmethod
    def from_json(cls, stored: Mapping[str, str]) -> Rule:
        """Read what ``as_json`` wrote."""
        return cls(
            Share(stored["attendance"]),
            Share(stored["majority"]),
            Base(stored["base"]),
            int(stored["seats"]),
            stored["source"],
        )

    def as_json(self) -> dict[str, str]:
        """The rule as it is stored with the poll."""
        return {
            "attendance": self.attendance.value,
            "majority": self.majority.value,
            "base": self.base.value,
            "seats": str(self.seats),
            "source": self.source,
        }

    def sentence(self) -> str:
        """The rule as the result sheet says it."""
        attended = passed = ""
        if self.attendance is not Share.NONE:
            attended = f"到会人数{_SAID[self.attendance].format('应到会')}，方可投票；"
        if self.majority is not Share.NONE:
            passed = f"赞成票{_SAID[self.majority].format(self.base.label)}为通过"
        seats = f"；名额 {self.seats} 个，过线者多于名额时以得票多少为序" if self.seats else ""
        return f"{attended}{passed or '只统计，不设通过线'}{seats}。"


@dataclass(frozen=True, slots=True)
class Turnout:
    """Numbers of people and papers: 应到、实到、发出、收回、废票."""

    expected: int
    present: int
    issued: int
    returned: int
    invalid: int

    @property
    def valid(self) -> int:
        """有效票."""
        return self.returned - self.invalid

    @property
    def round_holds(self) -> bool:
        """收回的票等于或少于发出的票有效，多于发出的票无效，应当重新投票 (基层组织选举工作条例)."""
        return self.returned <= self.issued


def attended(rule: Rule, turnout: Turnout) -> bool:
    """Whether enough came. Recused voters are at the meeting; they leave only the majority's base."""
    return turnout.present >= needed(rule.attendance, turnout.expected)


def paper_is_valid(chosen: int, most: int) -> bool:
    """所选人数等于或少于应选人数的票有效，多于应选人数的票无效. An empty paper is an abstention, and valid."""
    return chosen <= most


def line_to_pass(rule: Rule, turnout: Turnout, recused: int) -> int:
    """The votes one candidate needs: those recused from him leave the base."""
    base = turnout.expected if rule.base is Base.EXPECTED else turnout.present
    return needed(rule.majority, base - recused)


@dataclass(frozen=True, slots=True)
class Elected:
    """What the count comes to: places in the list of candidates."""

    passed: tuple[int, ...]
    tied: tuple[int, ...] = ()
    """Equal votes at the last seat: a run-off among these decides."""
    open_seats: int = 0
    """Seats the run-off is about."""


def elect(votes: Sequence[int], lines: Sequence[int], seats: int) -> Elected:
    """Who passes: those who reach their line, most votes first, as far as there are seats; ties at the last seat stay open."""
    reached = [place for place, number in enumerate(votes) if number >= lines[place]]
    if not seats or len(reached) <= seats:
        return Elected(tuple(reached))
    last = sorted((votes[place] for place in reached), reverse=True)[seats - 1]
    above = [place for place in reached if votes[place] > last]
    level = [place for place in reached if votes[place] == last]
    if len(above) + len(level) == seats:
        return Elected(tuple(sorted(above + level)))
    return Elected(tuple(above), tuple(level), seats - len(above))


@dataclass(frozen=True, slots=True)
class Group:
    """One class of voters with its weight in hundredths of a per cent (4000 is 40 %)."""

    name: str
    weight: int
    size: int


def merge_small(groups: Sequence[Group]) -> tuple[list[Group], list[str]]:
    """Merge each group under five into the next (the last into the one before), weights added; and say so in sentences.

    An empty group is left out and its weight spread over the others in proportion, whole hundredths, the rest to the first.
    Returns no group at all, and the reason, when all together are fewer than five.
    """
    said: list[str] = []
    if sum(group.size for group in groups) < FEWEST:
        return [], [f"全部投票人不足 {FEWEST} 人，无记名投票保不住秘密，不能进行。"]
    merged = [group for group in groups if group.size]
    for group in groups:
        if not group.size:
            said.append(f"{group.name}没有人，它的权重按比例分给其他类别。")
    merged = _spread(merged, sum(group.weight for group in groups))
    place = 0
    while len(merged) > 1 and place < len(merged):
        small = merged[place]
        if small.size >= FEWEST:
            place += 1
            continue
        other = place + 1 if place + 1 < len(merged) else place - 1
        into = merged[other]
        first, last = sorted((place, other))
        both = Group(f"{merged[first].name}、{merged[last].name}", small.weight + into.weight, small.size + into.size)
        said.append(
            f"{small.name}只有 {small.size} 人，不足 {FEWEST} 人，并入{into.name}，权重相加为 {percent(both.weight)}。"
        )
        merged[first : last + 1] = [both]
        place = first
    return merged, said


def _spread(groups: Sequence[Group], whole: int) -> list[Group]:
    kept = sum(group.weight for group in groups)
    if not kept:
        return list(groups)
    shares = [group.weight * whole // kept for group in groups]
    shares[0] += whole - sum(shares)
    return [Group(group.name, share, group.size) for group, share in zip(groups, shares, strict=True)]


def percent(hundredths: int) -> str:
    """4000 is 40%, 3333 is 33.33%."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".") + "%"


def weighted(parts: Sequence[tuple[int, int, int]]) -> int:
    """Groups together, in hundredths of a per cent: each (weight, marks for it, marks given) counts by its weight.

    A group that gave no mark at all drops out and the others' weights are taken in proportion.
    """
    given = [(weight, number, whole) for weight, number, whole in parts if whole]
    weights = sum(weight for weight, _, _ in given)
    if not weights:
        return 0
    numerator, denominator = 0, 1
    for weight, number, whole in given:
        numerator = numerator * whole + weight * number * denominator
        denominator *= whole
    return (numerator * 10_000 * 2 + denominator * weights) // (denominator * weights * 2)


def differences(one: Mapping[str, int], other: Mapping[str, int]) -> list[str]:
    """The places at which two entries of the paper count disagree: names only, no numbers."""
    return [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]
