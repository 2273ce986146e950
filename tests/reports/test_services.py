"""The verbs of a report: what each leaves behind, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import builders
from tests.builders import NOW, World, count, rows_of
from tiejun_awards.accounts.models import RoleGrant
from tiejun_awards.accounts.services import actor_of
from tiejun_awards.reports import queries, services
from tiejun_awards.reports.drafts import Draft
from tiejun_awards.reports.models import LifeRecord, Report, ReportRevision
from tiejun_awards.reports.rules import State
from tiejun_awards.reports.sections import RecordKind
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.digests import digest
from tiejun_awards.shared.errors import NotAllowed, Refused, Stale
from tiejun_awards.shared.periods import Quarter

Q4 = Quarter(2026, 4)
LATER = NOW + timedelta(hours=1)


def typed(report: Report) -> Draft:
    return Draft.from_json(report.draft)


def trail(action: str) -> list[tuple[object, ...]]:
    """The audit lines of an action: who, on which row, with what detail."""
    lines = rows_of(AuditEvent, "action", "actor_name", "object_id", "detail")
    return [line[1:] for line in lines if line[0] == action]


def ready(world: World, *, who: str = "secretary", at: datetime = NOW) -> Report:
    """The running draft of water, made ready to be submitted."""
    report = world.report("water", "2026Q4")
    whole = builders.draft(Q4, problems=("党小组会质量不高，准备不充分", "青年党员担重任不多"))
    return services.save(world.actor(who, at), report, whole, version=report.version)


# begin


def test_a_new_report_brings_along_what_the_branch_and_last_quarter_know(world: World):
    air, secretary = world.branch("air"), world.actor("air_secretary")
    before = world.report("air", "2026Q3")
    told = replace(typed(before), fields={**typed(before).fields, "retired": "2", "brand": "清风支部", "talks": "9"})
    before = services.save(secretary, before, replace(told, confirmed=True), version=before.version)
    services.submit(secretary, before, version=before.version)
    with writing():
        air.members, air.probationary, air.committee_size, air.party_groups = 17, 2, 5, 0

    report = services.begin(secretary, air, Q4)

    assert (report.state, report.version, report.revisions, report.saved_at) == (State.DRAFT, 1, 0, NOW)
    assert (report.organiser_id, report.saved_by) == (air.organiser_id, secretary.person_id)
    assert typed(report) == Draft(
        {
            **{"members": "17", "probationary": "2", "committee_size": "5", "party_groups": "0"},
            **{"dues_due": "19", "dues_paid": "19", "retired": "2", "brand": "清风支部"},
        }
    )
    assert trail("reports.begin")[-1] == ("大气处党支部书记", report.id, {"quarter": "2026Q4"})


def test_what_a_branch_only_drafted_last_quarter_is_not_brought_along(world: World):
    air, secretary = world.branch("air"), world.actor("air_secretary")
    before = world.report("air", "2026Q3")
    unfinished = replace(typed(before), fields={**typed(before).fields, "brand": "只在草稿里"})
    services.save(secretary, before, unfinished, version=before.version)

    assert "brand" not in typed(services.begin(secretary, air, Q4)).fields


def test_the_same_quarter_twice_is_the_same_report_and_one_line_in_the_trail(world: World):
    air, secretary = world.branch("air"), world.actor("air_secretary")
    first = services.begin(secretary, air, Q4)
    reports, lines = count(Report), len(trail("reports.begin"))

    again = services.begin(secretary, air, Q4)

    assert (again.id, again.version) == (first.id, 1)
    assert (count(Report), len(trail("reports.begin"))) == (reports, lines)


def test_a_quarter_that_has_not_begun_is_refused_up_to_its_first_day(world: World):
    water = world.branch("water")
    eve, first_day = datetime(2026, 12, 31, 23, 59, tzinfo=NOW.tzinfo), datetime(2027, 1, 1, 0, 0, tzinfo=NOW.tzinfo)

    with pytest.raises(Refused, match=r"^2027年第一季度还没有开始。$"):
        services.begin(world.actor("secretary", eve), water, Quarter(2027, 1))

    assert services.begin(world.actor("secretary", first_day), water, Quarter(2027, 1)).quarter == "2027Q1"


def test_only_a_standing_branch_reports(world: World):
    air = world.branch("air")
    with writing():
        air.ended_on = date(2026, 10, 31)

    with pytest.raises(Refused, match=r"^只有在册的党支部写季度报告。$"):
        services.begin(world.actor("air_secretary"), air, Q4)


# save


def test_a_draft_is_kept_exactly_as_typed(world: World):
    report = world.report("water", "2026Q4")
    odd = Draft(
        {"members": "二十", "tasks": "  前面有空格\n\n<b>尖括号</b>\n末行 ", "talks": "-1"},
        ({"kind": "座谈", "held_on": "上周", "topic": "🙂", "attendance": "11月12日", "page": ""},),
        ({"status": "?", "how": "=1+1"},),
    )

    saved = services.save(world.actor("secretary", LATER), report, odd, version=report.version)

    assert typed(saved) == odd
    assert (saved.version, saved.saved_at) == (report.version, LATER)


def test_records_that_can_be_read_are_rows_from_the_moment_they_are_saved(world: World):
    report = world.report("water", "2026Q4")
    good = {"kind": "党课", "held_on": "10月9日", "topic": "学条例", "attendance": "18/20", "page": "第 3 页"}
    bad = {**good, "held_on": "2026-09-30"}
    coming = {**good, "held_on": "2026-11-24"}

    services.save(world.actor("secretary"), report, Draft(records=(bad, good, coming)), version=report.version)

    rows = rows_of(LifeRecord, "report_id", "branch_id", "kind", "held_on", "topic", "attended", "expected", "page")
    assert [row[1:] for row in rows if row[0] == report.id] == [
        (report.branch_id, RecordKind.LECTURE, date(2026, 10, 9), "学条例", 18, 20, "第 3 页")
    ]


def test_saving_what_is_stored_already_changes_nothing(world: World):
    report = world.report("water", "2026Q4")
    before = (report.version, report.saved_at, count(AuditEvent))

    again = services.save(world.actor("secretary", LATER), report, typed(report), version=report.version)

    assert (again.version, again.saved_at, count(AuditEvent)) == before


def test_autosaves_of_one_writing_session_are_one_line_in_the_trail(world: World):
    report = world.report("water", "2026Q4")
    lines = len(trail("reports.save"))

    def save(who: str, minutes: int) -> int:
        actor = world.actor(who, LATER + timedelta(minutes=minutes))
        text = replace(typed(report), fields={**typed(report).fields, "tasks": f"{who} {minutes}"})
        services.save(actor, report, text, version=report.version)
        return len(trail("reports.save")) - lines

    asked = [
        ("secretary", 0),
        ("secretary", 29),
        ("secretary", 58),
        ("liaison", 59),
        ("secretary", 60),
        ("secretary", 90),
    ]
    assert [save(*each) for each in asked] == [1, 1, 1, 2, 3, 4]


def test_a_liaison_cannot_set_the_confirmation(world: World):
    report = world.report("water", "2026Q4")
    unconfirmed = services.save(
        world.actor("secretary"), report, replace(typed(report), confirmed=False), version=report.version
    )

    saved = services.save(
        world.actor("liaison"), unconfirmed, replace(typed(unconfirmed), confirmed=True), version=unconfirmed.version
    )

    assert typed(saved).confirmed is False


def test_a_liaison_who_changes_a_confirmed_text_takes_the_confirmation_back(world: World):
    report = ready(world)
    untouched = services.save(
        world.actor("liaison"), report, replace(typed(report), confirmed=False), version=report.version
    )
    kept = typed(untouched).confirmed

    changed = replace(typed(untouched), fields={**typed(untouched).fields, "tasks": "改了一句"})
    saved = services.save(world.actor("liaison"), untouched, changed, version=untouched.version)

    assert (kept, typed(saved).confirmed, typed(saved).fields["tasks"]) == (True, False, "改了一句")


def test_an_old_version_is_refused_and_what_is_stored_stays(world: World):
    report = world.report("water", "2026Q4")
    services.save(world.actor("liaison"), report, Draft({"tasks": "联络员的"}), version=report.version)

    with pytest.raises(Stale):
        services.save(world.actor("secretary"), report, Draft({"tasks": "书记的"}), version=report.version - 1)

    assert typed(world.report("water", "2026Q4")).fields == {"tasks": "联络员的"}


@pytest.mark.parametrize(
    ("branch", "quarter", "who", "state"),
    [("water", "2026Q3", "secretary", "已提交"), ("air", "2026Q2", "air_secretary", "已采用")],
)
def test_a_report_that_was_handed_in_is_not_written_any_more(
    world: World, branch: str, quarter: str, who: str, state: str
):
    report = world.report(branch, quarter)

    with pytest.raises(Refused) as refused:
        services.save(world.actor(who), report, Draft({"tasks": "晚了"}), version=report.version)

    assert refused.value.sentence == f"这份报告{state}，不能再改。需要改时，请机关党委退回或重新打开。"


# submit


def test_a_submission_is_a_revision_with_its_digest(world: World):
    report = ready(world)
    content = report.draft

    services.submit(world.actor("secretary", LATER), report, version=report.version)

    assert (report.state, report.revisions, report.submitted_at, report.first_submitted_at) == (
        *(State.SUBMITTED, 1),
        *(LATER, LATER),
    )
    revision = queries.revision(report)
    assert revision is not None
    assert (revision.number, revision.content, revision.digest) == (1, content, digest(content))
    assert (revision.submitted_at, revision.submitter.username) == (LATER, "secretary")
    assert trail("reports.submit")[-1] == ("水处党支部书记", report.id, {"revision": 1, "digest": digest(content)})


def test_nothing_is_handed_in_while_something_is_to_be_mended(world: World):
    report = world.report("air", "2026Q3")  # returned: not confirmed any more
    revisions = count(ReportRevision)

    with pytest.raises(Refused, match=r"^还差 1 处才能提交。$") as refused:
        services.submit(world.actor("air_secretary"), report, version=report.version)

    assert refused.value.field == "findings"
    assert (world.report("air", "2026Q3").state, count(ReportRevision)) == (State.RETURNED, revisions)


def test_a_liaison_does_not_submit_for_the_secretary(world: World):
    report = ready(world)

    with pytest.raises(NotAllowed):
        services.submit(world.actor("liaison"), report, version=report.version)


def test_the_same_click_twice_is_one_revision(world: World):
    report, secretary = ready(world), world.actor("secretary")
    version = report.version
    first = services.submit(secretary, report, version=version, key="clicked")
    lines = len(trail("reports.submit"))

    second = services.submit(secretary, report, version=version, key="clicked")

    assert (second.id, second.revisions) == (first.id, 1)
    assert [
        number for report_id, number in rows_of(ReportRevision, "report_id", "number") if report_id == report.id
    ] == [1]
    assert len(trail("reports.submit")) == lines


def test_a_secretary_whose_post_has_ended_hands_nothing_in_any_more(world: World):
    report = ready(world)
    person = world.person("secretary")
    grant = db.session.scalars(sa.select(RoleGrant).filter_by(person_id=person.id)).one()
    with writing():
        grant.ends_on = NOW.date() - timedelta(days=1)

    with pytest.raises(NotAllowed):
        services.submit(actor_of(person.id, NOW), report, version=report.version)


def test_a_branch_does_not_report_on_a_quarter_before_it_was_founded(world: World):
    with writing():
        world.branch("air").founded_on = date(2026, 7, 1)

    with pytest.raises(Refused) as refused:
        services.begin(world.actor("air_secretary"), world.branch("air"), Quarter(2026, 2))

    assert refused.value.sentence == "2026年第二季度时这个支部还没有成立，不用写。"
