"""What the editor and the paper show, worked out from a draft: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.builders import draft
from tiejun_awards.reports import pages
from tiejun_awards.reports.drafts import Context, Draft
from tiejun_awards.reports.models import Report
from tiejun_awards.reports.pages import Counter, Editor
from tiejun_awards.reports.rules import Usual
from tiejun_awards.reports.sections import RecordKind
from tiejun_awards.rulebook.rules import RULES
from tiejun_awards.shared.periods import Quarter

Q2 = Quarter(2026, 2)
RUNNING, OVER = date(2026, 6, 30), date(2026, 7, 1)
PROBLEMS = ("党小组会质量不高", "青年党员担重任不多")
MEETING = Usual(RecordKind.GENERAL_MEETING, 1, RULES["life.general_meeting"])
COMMITTEE = Usual(RecordKind.COMMITTEE, 3, RULES["life.committee"])
WHOLE = draft(Q2, {"talks": "3"}, problems=PROBLEMS)


def editor(typed: Draft, *, before: Draft | None = None, today: date = OVER, asked: bool = False) -> Editor:
    context = Context(Q2, PROBLEMS, today=today)
    return pages.editor(Report(), typed, before=before, context=context, usual=[MEETING, COMMITTEE], asked=asked)


def looks(page: Editor) -> dict[int, str]:
    """The sections that are not simply done."""
    return {line.section.number: line.look for line in page.index if line.look != "is-done"}


def test_counters_stand_beside_the_usual_numbers_and_warn_once_the_quarter_is_over():
    running, over = editor(WHOLE, today=RUNNING), editor(WHOLE, today=OVER)

    assert over.counters == [
        Counter(RecordKind.GENERAL_MEETING, 1, MEETING, over=True),
        Counter(RecordKind.COMMITTEE, 1, COMMITTEE, over=True),
    ]
    assert [counter.short for counter in over.counters] == [False, True]
    assert [counter.short for counter in running.counters] == [False, False]
    assert (looks(running), looks(over)) == ({}, {2: "is-look"})


def test_a_reminder_keeps_nobody_from_submitting():
    page = editor(WHOLE)

    assert (page.done, page.left) == (12, 0)


def test_the_index_tells_what_is_wrong_from_what_is_not_written_yet():
    page = editor(replace(WHOLE, fields={**WHOLE.fields, "talks": "几个", "problems": ""}, fixes=()))

    assert looks(page) == {2: "is-look", 4: "is-stop", 7: "is-open", 8: "is-open"}
    assert (page.done, page.left) == (9, 4)


def test_a_section_in_which_nothing_is_written_is_open_though_nothing_is_asked_of_it():
    page = editor(replace(WHOLE, fields={**WHOLE.fields, "talks": "", "support": " "}, records=()), today=RUNNING)

    assert looks(page) == {2: "is-open", 4: "is-open", 10: "is-open"}
    assert (page.done, page.left) == (9, 0)


def test_what_is_missing_becomes_an_error_only_when_submitting_was_tried():
    typed = replace(WHOLE, fields={**WHOLE.fields, "talks": "几个", "problems": ""}, confirmed=False)
    wrong = {"talks": "“几个”不是整数，请用阿拉伯数字填写，例如3。"}
    missing = {"problems": "存在问题及原因还没有写。", "confirmed": "书记还没有确认内容属实。"}

    assert editor(typed).errors == wrong
    assert editor(typed, asked=True).errors == wrong | missing


def test_last_quarters_words_and_the_answers_to_its_problems_are_at_hand():
    page = editor(replace(WHOLE, fixes=WHOLE.fixes[:1]), before=Draft({"brand": "碧水先锋"}))

    assert (page.last("brand"), page.last("tasks")) == ("碧水先锋", "")
    assert (page.fix(0), page.fix(1)) == (WHOLE.fixes[0], {})
    assert editor(WHOLE).last("brand") == ""


def test_the_paper_groups_records_by_kind_in_order_of_days():
    rows = [
        {"kind": kind, "held_on": day, "topic": day}
        for kind, day in (("党课", "5月20日"), ("支委会", "6月2日"), ("支委会", "4月7日"), ("支委会", "昨天"))
    ]
    paper = pages.paper(replace(WHOLE, records=tuple(rows)), Context(Q2, PROBLEMS))

    assert paper.kinds == [RecordKind.COMMITTEE, RecordKind.LECTURE]
    assert [record.topic for record in paper.records(RecordKind.COMMITTEE)] == ["4月7日", "6月2日"]
    assert paper.records(RecordKind.PARTY_DAY) == []


def test_the_paper_shows_what_was_typed_and_what_became_of_each_problem():
    typed = replace(WHOLE, fields={"members": " 20 "}, fixes=({"status": "going_on", "how": ""}, {"status": "?"}))
    paper = pages.paper(typed, Context(Q2, (*PROBLEMS, "第三条")))

    assert (paper.value("members"), paper.value("tasks")) == ("20", "")
    assert [paper.fixed(index) for index in range(3)] == [("正在整改", ""), ("—", ""), ("—", "")]
    assert paper.problems == (*PROBLEMS, "第三条")


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("party_day", "party_day"), ("主题党日", "party_day"), (" 支部委员会 ", "committee"), ("会", ""), ("", "")],
)
def test_the_kind_that_was_typed_or_pasted_is_chosen_in_its_list(typed: str, chosen: str):
    assert [row["kind"] for row in pages.rows(Draft(records=({"kind": typed, "topic": "研究"},)))] == [chosen]


def test_a_draft_without_records_is_drawn_with_one_empty_row():
    assert pages.rows(Draft()) == [{}]
