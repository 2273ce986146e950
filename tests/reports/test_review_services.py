"""The verbs of the office on a report: return, accept, open again; and what follows in the branch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, World, count, rows_of
from tiejun_awards.reports import queries, services
from tiejun_awards.reports.drafts import Draft
from tiejun_awards.reports.models import Report, ReportReview
from tiejun_awards.reports.rules import State
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.errors import NotAllowed, Refused

LATER = NOW + timedelta(hours=1)


def typed(report: Report) -> Draft:
    return Draft.from_json(report.draft)


def test_returning_keeps_the_text_and_asks_for_a_new_confirmation(world: World):
    report = world.report("water", "2026Q3")
    before = typed(report)

    services.send_back(world.actor("office"), report, reason="  第七节只有一句。 ", version=report.version)

    assert (report.state, report.return_reason) == (State.RETURNED, "第七节只有一句。")
    assert typed(report) == replace(before, confirmed=False)
    said = rows_of(ReportReview, "report_id", "revision", "verdict", "reason", "at")
    assert said[-1] == (report.id, 1, "return", "第七节只有一句。", NOW)
    line = rows_of(AuditEvent, "action", "actor_name", "object_id", "detail")[-1]
    assert line == (
        "reports.send_back",
        "机关党委经办",
        report.id,
        {"revision": 1, "branch": report.branch_id, "reason": "第七节只有一句。"},
    )


@pytest.mark.parametrize("reason", ["", " \n\t"])
@pytest.mark.parametrize(("verb", "quarter"), [(services.send_back, "2026Q3"), (services.reopen, "2026Q2")])
def test_returning_and_reopening_need_a_reason(world: World, verb: object, quarter: str, reason: str):
    report, reviews = world.report("water", quarter), count(ReportReview)
    state = report.state

    with pytest.raises(Refused, match=r"^请写明要改哪里、为什么。$"):
        verb(world.actor("office"), report, reason=reason, version=report.version)  # type: ignore[operator]

    assert (world.report("water", quarter).state, count(ReportReview)) == (state, reviews)


def test_accepting_dates_the_report_and_is_done_once(world: World):
    report, office = world.report("water", "2026Q3"), world.actor("office", LATER)

    services.accept(office, report, version=report.version)

    assert (report.state, report.accepted_at) == (State.ACCEPTED, LATER)
    with pytest.raises(Refused, match=r"^现在是“已采用”，不能采用。$"):
        services.accept(office, report, version=report.version)


def test_a_reopened_report_is_written_and_handed_in_again_as_revision_2(world: World):
    report = world.report("water", "2026Q2")
    first = queries.revision(report, 1)
    assert first is not None
    one = (first.number, first.content, first.digest, first.submitted_at)

    services.reopen(world.actor("office"), report, reason="会议次数写错了。", version=report.version)
    opened = (report.state, report.accepted_at, report.return_reason)
    mended = replace(typed(report), fields={**typed(report).fields, "tasks": "更正后的一句。"}, confirmed=True)
    secretary = world.actor("secretary", LATER)
    services.save(secretary, report, mended, version=report.version)
    services.submit(secretary, report, version=report.version)

    assert opened == (State.RETURNED, None, "会议次数写错了。")
    assert (report.state, report.revisions, report.return_reason) == (State.SUBMITTED, 2, "")
    assert report.first_submitted_at == one[3]
    kept, second = queries.revision(report, 1), queries.revision(report)
    assert kept is not None
    assert second is not None
    assert (kept.number, kept.content, kept.digest, kept.submitted_at) == one
    assert (second.number, second.content["fields"]["tasks"]) == (2, "更正后的一句。")
    assert [getattr(event, "verdict", "submit") for event in queries.history(report)] == [
        *("submit", "accept", "reopen", "submit")
    ]


def test_the_officer_of_a_branch_leaves_its_report_to_the_second_hand(world: World):
    report = world.report("own", "2026Q3")

    with pytest.raises(NotAllowed, match=r"^您现在的身份不能在这里审阅季度报告（采用、退回）。$"):
        services.accept(world.actor("office"), report, version=report.version)

    assert services.accept(world.actor("second"), report, version=report.version).state is State.ACCEPTED
