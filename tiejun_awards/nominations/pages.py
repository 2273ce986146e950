"""What the pages of nominations show, worked out: a suggestion followed like a parcel, the slots of a recommendation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..calls.models import Call
from ..calls.rules import State as CallState
from ..decisions.models import RegisteredStep
from ..decisions.rules import Kind
from ..shared.clock import day_of, here
from ..shared.dates import chinese_date, chinese_day, chinese_time
from . import rules
from .models import Recommendation, Suggestion
from .queries import Fate, Named
from .rules import Draft, EntryState, Reading

Line = tuple[str, str, str, str]
"""(state, when, text, note) as the timeline draws it."""


@dataclass(frozen=True, slots=True)
class Track:
    """A suggestion on its way: the steps, and what stands in the head of the page."""

    lines: Sequence[Line]
    headline: str
    text: str
    ended: bool


def track(suggestion: Suggestion, fate: Fate, steps: Mapping[Kind, RegisteredStep], unit: str) -> Track:
    """The way of a suggestion from sent to told, what is past with its day, what comes next in bold."""
    call = suggestion.call
    sent = here(suggestion.suggested_at)
    lines: list[Line] = [
        ("done", f"{chinese_day(sent.date())} {chinese_time(sent)}", "推荐已提交", f"编号 {suggestion.code}")
    ]
    if suggestion.withdrawn_at is not None:
        lines.append(("done", chinese_day(day_of(suggestion.withdrawn_at)), "您撤回了这份推荐", ""))
        return Track(lines, "已撤回", "单位看不到这份推荐了", True)
    coming = _coming(call, fate, steps, unit)
    first_open = next((index for index, line in enumerate(coming) if not line[0]), len(coming))
    if fate.reason:
        coming = [*coming[:first_open], ("done", "", "没有列入", fate.reason)]
        return Track([*lines, *coming], "这次没有列入", fate.reason, True)
    if first_open == len(coming):
        return Track([*lines, *coming], "已经公布", "在先进典型里可以看到", True)
    _, when, text, note = coming[first_open]
    coming[first_open] = ("now", when, text, note)
    return Track([*lines, *coming], "现在不用您做什么", f"下一步：{text}{'，' + note if note else ''}", False)


def _coming(call: Call, fate: Fate, steps: Mapping[Kind, RegisteredStep], unit: str) -> list[Line]:
    def done(day: date | None) -> tuple[str, str]:
        return ("done", chinese_day(day)) if day else ("", "")

    reviewed = (
        fate.reviewed_on if fate.state in (EntryState.SHORTLISTED, EntryState.AWARDED, EntryState.ENDED) else None
    )
    notice, approval = steps.get(Kind.NOTICE), steps.get(Kind.APPROVAL)
    approved = approval.held_on if approval is not None and approval.counts else None
    published = call.published_at if call.state is CallState.PUBLISHED else None
    shown = (
        f"{chinese_day(notice.held_on)}至{chinese_day(notice.until)}" if notice and notice.until else "5 个工作日以上"
    )
    return [
        (
            *done(fate.decided_on),
            f"{unit}集体研究、确定推荐顺序，在本单位公示",
            f"{chinese_day(call.recommend_by)}前报送",
        ),
        (*done(reviewed), "资格审查、征求纪检等方面意见", ""),
        (*done(notice.held_on if notice and reviewed else None), "公示", shown),
        (*done(approved if reviewed else None), "厅党组审定", approval.number if approval and approved else ""),
        (*done(published and day_of(published)), "公布结果", "列入与否都会说明"),
    ]


@dataclass(frozen=True, slots=True)
class Editor:
    """The editor of a unit's recommendation."""

    recommendation: Recommendation
    draft: Draft
    suggested: Sequence[Named]
    faults: Mapping[str, str]
    asked: bool

    @property
    def rows(self) -> list[Mapping[str, str]]:
        """The slots to draw: as many as the unit may fill, and those typed beyond."""
        most = max(self.recommendation.call.per_unit, len(self.draft.rows))
        return [self.draft.rows[n] if n < len(self.draft.rows) else {} for n in range(most)]

    @property
    def taken(self) -> set[str]:
        """The name keys that stand in the slots."""
        return {rules.name_key(row.get("nominee", "")) for row in self.draft.rows}

    def error(self, name: str) -> str:
        """The sentence beside a field, once submitting was tried."""
        return self.faults.get(name, "") if self.asked else ""


def editor(
    recommendation: Recommendation, draft: Draft, suggested: Sequence[Named], reading: Reading, *, asked: bool = False
) -> Editor:
    """Everything the editor shows."""
    return Editor(recommendation, draft, suggested, reading.faults, asked)


def notice_of(recommendation: Recommendation) -> str:
    """“2026年11月2日至2026年11月6日，本单位公告栏”, or nothing."""
    if recommendation.notice_from is None or recommendation.notice_to is None:
        return ""
    days = f"{chinese_date(recommendation.notice_from)}至{chinese_date(recommendation.notice_to)}"
    return f"{days}，{recommendation.notice_place}"
