"""How an entry moves, and what has to be done before results can be published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ..decisions.rules import Kind
from ..nominations.rules import EntryState
from ..shared.labels import Labelled


class Verb(Labelled):
    """What can be done with an entry."""

    ACCEPT = "accept", "通过初审"
    END = "end", "不列入"
    REOPEN = "reopen", "重新审查"
    AWARD = "award", "公布"


MOVES = {
    (EntryState.RECOMMENDED, Verb.ACCEPT): EntryState.SHORTLISTED,
    (EntryState.RECOMMENDED, Verb.END): EntryState.ENDED,
    (EntryState.SHORTLISTED, Verb.END): EntryState.ENDED,
    (EntryState.ENDED, Verb.REOPEN): EntryState.RECOMMENDED,
    (EntryState.SHORTLISTED, Verb.AWARD): EntryState.AWARDED,
}

STEPS = (Kind.DISCIPLINE, Kind.PERSONNEL, Kind.NOTICE, Kind.APPROVAL)
"""The registered steps of a call, in their order."""

NEEDED = (Kind.DISCIPLINE, Kind.NOTICE, Kind.APPROVAL)
"""Those without which nothing is published. 组织人事意见 is asked where the programme needs it."""


def obstacles(
    counts: Mapping[EntryState, int], done: Mapping[Kind, bool], *, quota: int, notice_until: date | None, today: date
) -> list[str]:
    """What keeps the results from being published, a sentence each; empty when nothing does.

    ``done``: registered steps and whether they count (an approval counts once it is confirmed).
    """
    found = []
    waiting, chosen = counts.get(EntryState.RECOMMENDED, 0), counts.get(EntryState.SHORTLISTED, 0)
    if waiting:
        found.append(f"还有 {waiting} 个候选对象没有初审。")
    if not chosen:
        found.append("还没有通过初审的对象。")
    elif chosen > quota:
        found.append(f"通过初审的有 {chosen} 个，名额 {quota} 个，多出的请写明原因不列入。")
    for kind in NEEDED:
        if kind not in done:
            found.append(f"还没有登记{kind.label}。")
        elif not done[kind]:
            found.append(f"{kind.label}已登记，等复核人核对。")
    if notice_until is not None and notice_until >= today:
        found.append("公示还没有结束。")
    return found


def order_fault(kind: Kind, held_on: date | None, notice_until: date | None) -> str:
    """Why a step's day does not fit the others: the body decides after the notice has ended."""
    if kind is Kind.APPROVAL and held_on is not None and notice_until is not None and held_on <= notice_until:
        return "公示结束以后才能审定，请核对日期。"
    return ""
