"""States, verbs, usual numbers, lateness; the form as data."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from tiejun_awards.reports import rules
from tiejun_awards.reports.rules import MOVES, State, Usual, Verb, is_late, usual_numbers
from tiejun_awards.reports.sections import FIELDS, KIND_BY_WORD, SECTIONS, RecordKind
from tiejun_awards.rulebook.rules import RULES
from tiejun_awards.shared.errors import Refused
from tiejun_awards.shared.workflow import step

DUE = date(2020, 4, 13)


def test_a_report_goes_these_ways_and_no_others():
    assert MOVES == {
        (State.DRAFT, Verb.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Verb.RETURN): State.RETURNED,
        (State.SUBMITTED, Verb.ACCEPT): State.ACCEPTED,
        (State.RETURNED, Verb.SUBMIT): State.SUBMITTED,
        (State.ACCEPTED, Verb.REOPEN): State.RETURNED,
    }


@pytest.mark.parametrize(("state", "verb"), [way for way in product(State, Verb) if way not in MOVES])
def test_any_other_way_is_refused_in_a_sentence(state: State, verb: Verb):
    with pytest.raises(Refused, match=f"^现在是“{state.label}”，不能{verb.label}。$"):
        step(MOVES, state, verb)


def test_the_branch_writes_exactly_in_the_states_it_may_submit_from():
    assert {state for state, verb in MOVES if verb is Verb.SUBMIT} == rules.WRITABLE


@pytest.mark.parametrize(
    ("submitted", "today", "late"),
    [
        (date(2020, 4, 13), date(2020, 7, 1), False),
        (date(2020, 4, 14), date(2020, 4, 14), True),
        (date(2020, 3, 31), date(2020, 3, 31), False),
        (None, date(2020, 4, 13), False),
        (None, date(2020, 4, 14), True),
    ],
)
def test_late_is_what_came_after_the_due_day_or_is_missing_after_it(submitted: date | None, today: date, late: bool):
    assert is_late(DUE, submitted, today) is late


@pytest.mark.parametrize(("groups", "meetings"), [(0, []), (1, [3]), (2, [6])])
def test_group_meetings_are_usual_for_each_group_the_branch_has(groups: int, meetings: list[int]):
    times = {RecordKind.COMMITTEE: RULES["life.committee"], RecordKind.GROUP_MEETING: RULES["life.group_meeting"]}

    usual = usual_numbers(groups, times)

    assert usual[0] == Usual(RecordKind.COMMITTEE, 3, RULES["life.committee"])
    assert [line.times for line in usual[1:]] == meetings


def test_the_form_has_the_twelve_sections_of_the_paper_form():
    assert [(section.numeral, section.title) for section in SECTIONS] == [
        ("一", "基本信息"),
        ("二", "组织生活落实"),
        ("三", "党员队伍"),
        ("四", "书记履职"),
        ("五", "重点任务与业务融合"),
        ("六", "亮点做法"),
        ("七", "存在问题及原因"),
        ("八", "上季度问题整改"),
        ("九", "下季度打算"),
        ("十", "需上级协调事项"),
        ("十一", "附件"),
        ("十二", "书记确认"),
    ]
    assert [section.number for section in SECTIONS] == list(range(1, 13))


def test_every_field_has_one_name_and_every_text_a_limit():
    fields = [field for section in SECTIONS for field in section.fields]

    assert [field.name for field in fields] == list(FIELDS)
    assert {field.kind for field in fields} == {"count", "text", "long"}
    assert [field.name for field in fields if (field.kind == "count") == bool(field.limit)] == []
    assert [field.name for field in fields if field.kind == "count" and not field.unit] == []
    assert [field.name for field in fields if field.required] == ["members", "probationary", "problems"]


def test_every_kind_of_record_is_known_by_its_own_word():
    assert {kind: KIND_BY_WORD[kind.label] for kind in RecordKind} == {kind: kind for kind in RecordKind}
