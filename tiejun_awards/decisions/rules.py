"""What has to be known of a step before it counts, and who confirms it.

Bodies decide in a meeting; the system registers the act: which body, when, under which number, with what result. The
approval is entered by one person and confirmed by another (design: 决定靠登记，不靠点击).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..shared.dates import chinese_date
from ..shared.labels import Labelled


class Kind(Labelled):
    """Kinds of registered steps."""

    SELF_ASSESSMENT = "self_assessment", "支部自评"
    SURVEY = "survey", "党员群众测评"
    REVIEW = "review", "机关党委初评"
    DISCIPLINE = "discipline", "纪检意见"
    PERSONNEL = "personnel", "组织人事意见"
    TIE_VOTE = "tie_vote", "同分表决"
    NOTICE = "notice", "公示"
    APPROVAL = "approval", "党组审定"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed of a step. For a notice ``held_on`` and ``until`` are its first and last day."""

    body: str = ""
    held_on: date | None = None
    until: date | None = None
    place: str = ""
    number: str = ""
    result: str = ""


NUMBERED = frozenset({Kind.REVIEW, Kind.DISCIPLINE, Kind.PERSONNEL, Kind.TIE_VOTE, Kind.APPROVAL})
"""Steps that are a paper with a number: minutes, a letter, a decision."""

DECIDED = frozenset({Kind.REVIEW, Kind.TIE_VOTE, Kind.APPROVAL})
"""Steps that are decisions of a body."""

CONFIRMED = frozenset({Kind.APPROVAL})
"""Steps that count only when a second person has compared them with the paper."""

LIMITS = {"body": 60, "place": 120, "number": 60, "result": 500}
"""How many characters each text may have."""

_NAMES = {"body": "机构", "place": "地点", "number": "文号", "result": "内容"}


def faults(kind: Kind, entry: Entry, *, today: date, hung: int = 0, least: int = 0) -> dict[str, str]:
    """What is wrong with an entry: field -> sentence; empty when it can be registered.

    ``hung`` is how many working days a notice hangs, its first day counted, ``least`` how many it must (rulebook).
    """
    found = {
        name: f"{_NAMES[name]}最多 {limit} 字，请删减一些。"
        for name, limit in LIMITS.items()
        if len(getattr(entry, name)) > limit
    }
    if entry.held_on is None:
        found["held_on"] = "请填写日期，例如 2026-03-18。"
    elif entry.held_on > today and kind is not Kind.NOTICE:
        found["held_on"] = f"{chinese_date(entry.held_on)}还没有到，办完以后再登记。"
    if kind in NUMBERED and not entry.number:
        found["number"] = "请填写文号或纪要编号，没有文号不能登记。"
    if kind in DECIDED and not entry.body:
        found["body"] = "请填写是哪个机构、哪次会议决定的。"
    if kind in (Kind.DISCIPLINE, Kind.PERSONNEL) and not entry.body:
        found["body"] = "请填写是哪个部门出具的意见。"
    if kind is Kind.SURVEY and not entry.result:
        found["result"] = "请填写应到、收回和满意率，例如：应到 20，收回有效票 19，满意率 95%。"
    if kind is Kind.NOTICE:
        found |= _notice_faults(entry, hung, least)
    return found


def _notice_faults(entry: Entry, hung: int, least: int) -> dict[str, str]:
    found = {}
    if not entry.place:
        found["place"] = "请填写公示在哪里，例如厅机关公告栏。"
    if entry.held_on and entry.until is not None:
        if entry.until < entry.held_on:
            found["until"] = "截止日在开始日之前，请核对。"
        elif hung < least:
            found["until"] = f"公示不少于 {least} 个工作日，这样只有 {hung} 个；截止日留空会按 {least} 个工作日自动算。"
    return found


def why_not_confirmed(kind: Kind, number: str, typed: str) -> str:
    """Why the second person's reading of the paper does not confirm the step, or nothing."""
    if not typed.strip():
        return f"请照着原件再填一次{kind.label}的文号。"
    if squeezed(typed) != squeezed(number):
        return "和登记的文号不一样。请核对原件；确实登记错了，请经办撤下重登。"
    return ""


_BRACKETS = str.maketrans("[]［］【】()（）", "〔〕〔〕〔〕〔〕〔〕")


def squeezed(number: str) -> str:
    """A document number without what typing varies: spaces and the shape of brackets."""
    return "".join(number.translate(_BRACKETS).split())
