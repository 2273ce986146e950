"""What a demo branch writes in one quarter: picked by its place and the quarter, never by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from ..reports.drafts import Draft
from ..reports.sections import RecordKind
from ..shared.periods import Quarter
from . import demo_data
from .demo_data import Branch
from .demo_days import Workdays

T = TypeVar("T")

LACKS = ("tasks", "next_quarter", "study_hours", "attendance")
"""What the first hand-in of a returned report may lack; the office's words stand in texts.toml under the same key."""


def turn(branch: Branch, quarter: Quarter) -> int:
    """A number that differs from branch to branch and grows by one each quarter."""
    return branch.number * 5 + quarter.year * 4 + quarter.number


def lack_of(branch: Branch, quarter: Quarter) -> str:
    """What a returned report of this branch and quarter lacked."""
    return LACKS[turn(branch, quarter) % len(LACKS)]


def whole_draft(
    branch: Branch,
    quarter: Quarter,
    begun: Draft,
    problems: Sequence[str],
    days: Workdays,
    until: date,
    *,
    lack: str = "",
    confirmed: bool = True,
) -> Draft:
    """A finished report on top of what was carried over. ``problems``: last quarter's, to be answered."""
    records = organisation_life(branch, quarter, days, until, attendance=lack != "attendance")
    fields = dict(begun.fields) | _numbers(branch, quarter, records) | _words(branch, quarter)
    texts = demo_data.content("texts")
    if lack == "study_hours":
        fields["study_hours"] = ""
    elif lack == "tasks":
        fields["tasks"] = _of_season(branch, quarter)
    elif lack == "next_quarter":
        fields["next_quarter"] = texts["lacking"]["next_quarter"]
    return Draft(fields, records, _fixes(branch, quarter, problems), confirmed)


def half_draft(
    branch: Branch, quarter: Quarter, begun: Draft, problems: Sequence[str], days: Workdays, until: date
) -> Draft:
    """A draft under way: meetings and numbers are in, what needs thought is not."""
    whole = whole_draft(branch, quarter, begun, problems, days, until, confirmed=False)
    left_out = {"highlight", "problems", "next_quarter", "support"}
    fields = {name: text for name, text in whole.fields.items() if name not in left_out}
    return Draft(fields, whole.records, whole.fixes[:1], confirmed=False)


# Section 2: one line for each meeting.


def organisation_life(
    branch: Branch, quarter: Quarter, days: Workdays, until: date, *, attendance: bool = True
) -> tuple[Mapping[str, str], ...]:
    """The meetings of a quarter up to a day, by date, each with its page in the minute book."""
    held: list[tuple[date, RecordKind, str, int]] = []
    for place, month in enumerate(quarter.months):
        held += _monthly(branch, quarter, place, days.of_month(quarter.year, month))
    held += _quarterly(branch, quarter, days)
    first_page = 3 + (quarter.number - 1) * 24
    rows = []
    for number, (day, kind, topic, expected) in enumerate(sorted(held, key=lambda row: (row[0], row[2]))):
        absent = (turn(branch, quarter) + number) % (3 if expected >= 10 else 2)
        told = attendance or kind is not RecordKind.GENERAL_MEETING
        if day <= until:
            rows.append(
                {
                    "kind": kind.value,
                    "held_on": day.isoformat(),
                    "topic": topic,
                    "attendance": f"{expected - absent}/{expected}" if told else "",
                    "page": f"第{first_page + number}页",
                }
            )
    return tuple(rows)


def _monthly(
    branch: Branch, quarter: Quarter, place: int, days: Sequence[date]
) -> list[tuple[date, RecordKind, str, int]]:
    topics, now = demo_data.content("topics"), turn(branch, quarter)
    month = quarter.months[place] - 1
    fixed = 8 + branch.number % 14  # the branch's own day of the month
    party_day = next((day for day in days if day.day >= fixed), days[-1])
    theme = _pick(_own(branch).get("party_day", topics["party_day"][month]), now * 3 + place)
    held = [
        (days[1 + (now + place) % 5], RecordKind.COMMITTEE, _pick(topics["committee"][month], now), branch.committee),
        (party_day, RecordKind.PARTY_DAY, theme, branch.total),
    ]
    for group in range(branch.groups):
        if place == 1 and group == branch.groups - 1 and now % 4 == 0:
            continue  # the last group did not meet in the middle of the quarter
        size = branch.total // branch.groups + (group < branch.total % branch.groups)
        topic = f"第{'一二三四五'[group]}小组：{_pick(topics['group_meeting'], now + 3 * place + group)}"
        held.append((days[-2 - (now + place + 2 * group) % 6], RecordKind.GROUP_MEETING, topic, size))
    return held


def _quarterly(branch: Branch, quarter: Quarter, days: Workdays) -> list[tuple[date, RecordKind, str, int]]:
    topics, now = demo_data.content("topics"), turn(branch, quarter)
    months = [days.of_month(quarter.year, month) for month in quarter.months]
    meeting, lecture = months[1 + now % 2], months[branch.number % 3]
    general = _pick(topics["general_meeting"][quarter.number - 1], now)
    held = [
        (meeting[len(meeting) // 2 + 1], RecordKind.GENERAL_MEETING, general, branch.total),
        (lecture[len(lecture) // 2 - 1], RecordKind.LECTURE, _pick(topics["lecture"], now * 3), branch.total),
    ]
    if quarter.number == 4:
        december = months[2]
        place = 9 + branch.number % 5
        held += [
            (december[place], RecordKind.LIFE_MEETING, _pick(topics["life_meeting"], now), branch.total),
            (december[place + 1], RecordKind.APPRAISAL, _pick(topics["appraisal"], now), branch.total),
        ]
    return held


# The other sections.


def _numbers(branch: Branch, quarter: Quarter, records: Sequence[Mapping[str, str]]) -> dict[str, str]:
    now, number = turn(branch, quarter), branch.number
    kinds = [row["kind"] for row in records]
    sessions = 3 + now % 4
    young = branch.kind != "retired"
    counts = {
        "retired": 0 if young else branch.members,
        "study_sessions": sessions,
        "study_hours": sessions * 2 + now % 3,
        "applicants": number % 3 if young else 0,
        "activists": number % 2 if young else 0,
        "candidates": 0,
        "admitted": 0,
        "confirmed": 0,
        "transferred_in": int(now % 9 == 0),
        "transferred_out": int(now % 11 == 0),
        "dues_due": branch.total,
        "dues_paid": branch.total - int(now % 13 == 0),
        "pledges_made": branch.total * 2,
        "pledges_kept": branch.total * 2 * quarter.number // 5,
        "cared_for": now % 4,
        "punished": 0,
        "party_work": kinds.count("committee"),
        "lectures_given": kinds.count("lecture"),
        "talks": 2 + now % 6,
        "ideology": 1,
        "integrity": 1,
    }
    return {name: str(count) for name, count in counts.items()}


def _words(branch: Branch, quarter: Quarter) -> dict[str, str]:
    texts, now, own = demo_data.content("texts"), turn(branch, quarter), _own(branch)
    shared = {name: own.get(name, texts[name]) for name in ("study_note", "progress", "next_quarter", "support")}
    highlights = [*own["highlights"], *([] if "problems" in own else [_pick(texts["highlight"], now)])]
    return {
        "study_note": _pick(shared["study_note"], now),
        "project": own["project"][quarter.year % 2],
        "tasks": _of_season(branch, quarter) + _pick(shared["progress"], now),
        "brand": own["brand"][(quarter.number - 1) // 2],
        "highlight": _pick(highlights, now),
        "problems": "\n".join(entry["what"] for entry in _problems(branch, quarter)),
        "next_quarter": _pick(shared["next_quarter"], now),
        "support": _pick(shared["support"], now),
    }


def _of_season(branch: Branch, quarter: Quarter) -> str:
    return str(_own(branch)["tasks"][quarter.number - 1])


def _own(branch: Branch) -> Mapping[str, Any]:
    own: Mapping[str, Any] = demo_data.content("work")[branch.code]
    return own


def _problems(branch: Branch, quarter: Quarter) -> list[Mapping[str, str]]:
    """One to three problems; every third quarter one of the branch's own work. The listed secretary always has two."""
    shared: Sequence[Mapping[str, str]] = _own(branch).get("problems", demo_data.content("texts")["problem"])
    now = turn(branch, quarter)
    count = 2 if branch.secretary == "secretary" else 1 + now % 3
    found = [shared[(now * 7 + branch.number * 2 + 8 * place) % len(shared)] for place in range(count)]
    if now % 3 == 0:
        found[0] = _own(branch)["problem"]
    return found


def _fixes(branch: Branch, quarter: Quarter, problems: Sequence[str]) -> tuple[Mapping[str, str], ...]:
    texts, own = demo_data.content("texts"), _own(branch)
    how = {entry["what"]: entry["fix"] for entry in (*texts["problem"], *own.get("problems", ()), own["problem"])}
    return tuple(
        {"status": "going_on", "how": texts["more_time"]}
        if (turn(branch, quarter) + place) % 4 == 0
        else {"status": "done", "how": how[problem]}
        for place, problem in enumerate(problems)
    )


def _pick(texts: Sequence[T], number: int) -> T:
    return texts[number % len(texts)]
