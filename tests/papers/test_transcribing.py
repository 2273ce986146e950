"""A signed paper, typed by one and compared by another, is the branch's report as of the paper's own day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import builders
from tests.builders import NOW, World, rows_of
from tests.papers import made
from tests.papers.made import LIES_AT, SECTIONS, SIGNED_ON
from tests.together import at_once
from tiejun_awards.accounts import services as accounts
from tiejun_awards.organisation.models import PartyOrganisation
from tiejun_awards.papers import queries, services
from tiejun_awards.papers.models import PrintedForm, Transcription
from tiejun_awards.papers.rules import State as PaperState
from tiejun_awards.quarters import services as quarters
from tiejun_awards.quarters.exports import quarter_file
from tiejun_awards.reports import counts
from tiejun_awards.reports import queries as report_queries
from tiejun_awards.reports import services as reports
from tiejun_awards.reports.drafts import Draft
from tiejun_awards.reports.due import due_day
from tiejun_awards.reports.models import LifeRecord, Report, ReportRevision
from tiejun_awards.reports.paper_form import sections, values_of
from tiejun_awards.reports.rules import State
from tiejun_awards.shared.access import Permission, Role
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.clock import day_of
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import Missing, NotAllowed, Refused, Stale
from tiejun_awards.shared.periods import Quarter

THIRD = Quarter(2026, 3)


def latest(world: World, branch: str = "water", quarter: str = "2026Q4") -> ReportRevision:
    report = world.report(branch, quarter)
    return db.session.scalars(
        sa.select(ReportRevision).where(
            ReportRevision.report_id == report.id, ReportRevision.number == report.revisions
        )
    ).one()


# Printing.


def test_the_same_content_has_the_same_code_and_is_noted_once(world: World):
    first = made.printed(world)
    lines = builders.count(AuditEvent)

    again, filled, other = made.printed(world), made.printed(world, filled=True), made.printed(world, "air")

    assert again.id == first.id
    assert len({first.code, filled.code, other.code}) == 3
    assert (first.content, filled.content["tasks"]) == ({}, "纸上写的进展。")
    assert builders.count(AuditEvent) - lines == 2


def test_a_printed_form_never_changes(world: World):
    form = made.printed(world)

    with pytest.raises(sa.exc.DatabaseError, match="paper_form only grows"), writing():
        form.content = {"tasks": "别的"}


# From the paper to the report.


def test_what_the_paper_leaves_blank_stays_blank_all_the_way(world: World):
    written = made.values(world)
    blank = {"probationary", "problems", *(name for name in written if name.startswith("fixes-"))}
    values = {name: value for name, value in written.items() if name not in blank}
    found = made.transcription(world, values=values)

    made.compared(world, found)

    fields = latest(world).content["fields"]
    assert (fields["members"], fields.get("probationary", ""), fields.get("problems", "")) == ("20", "", "")
    before = report_queries.submitted_before(world.branch("water").id, Quarter(2027, 1))
    assert report_queries.context_of(1, Quarter(2027, 1), before, NOW.date()).earlier_problems == ()


def test_a_row_of_organisation_life_that_could_not_be_counted_and_an_empty_paper_are_still_refused(world: World):
    with pytest.raises(Refused) as without_topic:
        made.transcription(world, values={**made.values(world), "records-0-topic": ""})
    with pytest.raises(Refused, match="一处也没有录"):
        made.transcription(world, values={})

    assert without_topic.value.field == "records-0-topic"


def test_a_compared_paper_is_the_next_revision_by_its_signer_on_its_own_day(world: World):
    found = made.transcription(world)

    made.compared(world, found)

    report, revision = world.report("water", "2026Q4"), latest(world)
    assert (report.state, report.revisions, day_of(report.first_submitted_at)) == (State.SUBMITTED, 1, SIGNED_ON)  # type: ignore[arg-type]
    assert (revision.submitted_by, revision.submitted_at) == (world.person("secretary").id, NOW)
    assert revision.counts_from == SIGNED_ON
    assert revision.paper == {
        "transcription": found.id,
        "signed_on": "2026-11-18",
        "entered_by": "代录经办",
        "compared_by": "复核人",
        "lies_at": LIES_AT,
        "scans": [],
    }
    assert values_of(Draft.from_json(revision.content)) == made.values(world)
    assert (found.state, found.became, found.slot) == (PaperState.COMPARED, "第 1 稿", None)
    records = db.session.scalar(sa.select(sa.func.count()).select_from(LifeRecord).filter_by(report_id=report.id))
    assert records == 3


def test_a_report_nobody_had_begun_is_begun_by_its_paper(world: World):
    made.compared(world, made.transcription(world, "own"))

    report = world.report("own", "2026Q4")
    assert (report.state, latest(world, "own").submitter.name) == (State.SUBMITTED, "党委办党支部书记")


def test_what_the_system_held_until_then_is_kept(world: World):
    before = world.report("water", "2026Q4").draft["fields"]["tasks"]

    found = made.transcription(world)

    assert (before, found.replaced["tasks"]) == ("水源地整治完成八成。", "水源地整治完成八成。")


def test_both_verbs_say_in_the_trail_how_long_the_paper_lay(world: World):
    made.compared(world, made.transcription(world))

    lines = {action: detail for action, detail in rows_of(AuditEvent, "action", "detail") if action[:7] == "papers."}
    paper = {"about": "水生态环境处党支部2026年第四季度报告", "signed_on": "2026-11-18"}
    assert lines["papers.transcribe"] == {**paper, "working_days": 3, "over": False, "counts_in_time": False}
    revision = latest(world)
    assert lines["papers.compare"] == {
        **paper,
        **{"working_days": 3, "over": False, "counts_in_time": False},
        **{"revision": 1, "digest": revision.digest},
    }


def late_paper(world: World, signed_on: date) -> PartyOrganisation:
    """A branch whose third quarter's paper is transcribed weeks after the due day."""
    department = world.organiser("department")
    branch = builders.branch(department, "paper")
    author = builders.person("paper_secretary", department, Role.SECRETARY, branch=branch)
    values = values_of(builders.draft(THIRD))
    entry = made.entry(world, signed_on=signed_on, author_id=author.id, values=values)
    found = services.transcribe(made.typist(world), branch, "report", f"{branch.id}-2026Q3", entry)
    made.compared(world, found)
    return branch


def test_a_paper_signed_in_time_and_transcribed_after_the_due_day_is_not_late_anywhere(world: World):
    office, department = world.actor("office"), world.organiser("department")
    due = due_day(department.id, THIRD).day
    twin = builders.branch(department, "twin")
    writer = builders.person("twin_secretary", department, Role.SECRETARY, branch=twin)
    builders.report(twin, THIRD, State.SUBMITTED, writer=writer)
    signed_on = day_of(builders._usual_moment(THIRD))

    branch = late_paper(world, signed_on)

    lines = {line.name: line for line in quarters.lines(office, THIRD, quarters.Filters(), due=due)}
    paper, electronic = lines[branch.name], lines[twin.name]
    assert paper[2:3] + paper[4:] == electronic[2:3] + electronic[4:]
    assert (paper.progress, paper.late, paper.submitted_on) == (quarters.Progress.SUBMITTED, False, signed_on)
    facts = counts.count([branch.id, twin.id], [THIRD])
    assert facts[branch.id] == facts[twin.id]
    assert facts[branch.id]["reports.late"].count == 0
    assert quarter_file(office, THIRD, quarters.Filters())[0] == "2026年第三季度党支部报告情况.xlsx"
    detail = [row for row in rows_of(AuditEvent, "action", "detail") if row[0] == "papers.transcribe"][-1][1]
    assert (detail["over"], detail["counts_in_time"]) == (True, True)


def test_a_paper_signed_after_the_due_day_is_as_late_as_it_is(world: World):
    due = due_day(world.organiser("department").id, THIRD).day

    branch = late_paper(world, due + timedelta(days=1))

    assert counts.count([branch.id], [THIRD])[branch.id]["reports.late"].count == 1


def test_a_returned_report_keeps_the_day_it_first_came_in_and_takes_no_paper_from_before(world: World):
    report = world.report("air", "2026Q3")
    first = report.first_submitted_at
    assert first is not None
    values = values_of(builders.draft(THIRD, problems=("1", "2")))
    key = made.key_of(world, "air", "2026Q3")
    typist, branch = made.typist(world), world.branch("air")

    early = made.entry(world, "air", signed_on=date(2026, 10, 9), values=values)
    with pytest.raises(Refused, match=r"^这份表最早从2026年10月10日算起"):
        services.transcribe(typist, branch, "report", key, early)
    entry = made.entry(world, "air", signed_on=date(2026, 10, 20), values=values)
    found = services.transcribe(typist, branch, "report", key, entry)
    services.compare(world.actor("office"), found, signed_on=date(2026, 10, 20), alike=SECTIONS, version=found.version)

    report = world.report("air", "2026Q3")
    assert (report.revisions, report.first_submitted_at, day_of(report.submitted_at)) == (2, first, date(2026, 10, 20))  # type: ignore[arg-type]


# Two people.


def test_whoever_typed_it_does_not_compare_it_not_even_by_hand_in_the_database(world: World):
    typist = made.typist(world)
    found = made.transcription(world)

    with pytest.raises(Refused, match=r"^代录和复核要由两个人来办"):
        services.compare(typist, found, signed_on=SIGNED_ON, alike=SECTIONS, version=found.version)
    by_hand = sa.update(Transcription).values(
        state=PaperState.COMPARED, slot=None, compared_at=NOW, compared_by=typist.person_id
    )
    with pytest.raises(sa.exc.IntegrityError, match="two_people_compare"), writing() as session:
        session.execute(by_hand)


def test_nobody_compares_a_paper_of_the_own_branch(world: World):
    found = made.transcription(world, "air")

    with pytest.raises(NotAllowed):
        made.compared(world, found)

    made.compared(world, found, by="office")
    assert found.state is PaperState.COMPARED


def test_nobody_transcribes_what_he_signed(world: World):
    person = builders.person("both", world.organiser("department"), Role.OFFICE, branch=world.branch("water"))
    builders.grant(person, Role.SECRETARY, at=world.branch("water"))
    who = accounts.actor_of(person.id, NOW)

    entry = made.entry(world, author_id=person.id)
    with pytest.raises(Refused, match=r"^自己签的表不能自己代录"):
        services.transcribe(who, world.branch("water"), "report", made.key_of(world, "water"), entry)


@pytest.mark.parametrize(
    ("signed_on", "alike", "field", "sentence"),
    [
        (None, SECTIONS, "signed_on", "请照着原件再填一次签字日期。"),
        (date(2026, 11, 19), SECTIONS, "signed_on", "和代录的日期不一样。请再看一眼原件；确实代录错了，请退回改正。"),
        (
            SIGNED_ON,
            range(9),
            "alike",
            "“十、需上级协调事项”还没有勾。逐节对过、一样的打勾；有一处不一样，就写明退回。",
        ),
    ],
)
def test_another_date_or_a_section_left_out_agrees_to_nothing(
    world: World, signed_on: date | None, alike: range, field: str, sentence: str
):
    found = made.transcription(world)

    with pytest.raises(Refused) as no:
        services.compare(world.actor("second"), found, signed_on=signed_on, alike=alike, version=found.version)

    assert (no.value.field, no.value.sentence) == (field, sentence)
    assert (found.state, world.report("water", "2026Q4").state) == (PaperState.ENTERED, State.DRAFT)


def test_what_differs_goes_back_with_a_sentence_is_mended_and_compared(world: World):
    found = made.transcription(world)
    second = world.actor("second")

    services.send_back(second, found, reason="第五节少一句。", version=found.version)
    assert (found.state, found.reason, found.content["tasks"]) == (
        PaperState.RETURNED,
        "第五节少一句。",
        "纸上写的进展。",
    )
    assert (queries.waiting(second), queries.waiting(made.typist(world))) == ((0, 0), (0, 1))
    entry = made.entry(world, values=made.values(world, tasks="纸上写的两句进展。"))
    services.correct(made.typist(world), found, entry, version=found.version)
    assert (found.state, found.reason, queries.waiting(second)) == (PaperState.ENTERED, "", (1, 0))
    made.compared(world, found)

    assert latest(world).content["fields"]["tasks"] == "纸上写的两句进展。"


def test_a_reason_is_asked_for(world: World):
    found = made.transcription(world)

    for reason, sentence in ((" ", "请写明哪一处和原件不一样。"), ("长" * 501, "最多 500 字，请删减一些。")):
        with pytest.raises(Refused) as no:
            services.send_back(world.actor("second"), found, reason=reason, version=found.version)
        assert (no.value.field, no.value.sentence) == ("reason", sentence)


def test_another_office_person_withdraws_but_does_not_rewrite(world: World):
    found, office = made.transcription(world), world.actor("office")

    with pytest.raises(Refused, match=r"^代录由当时录的人自己改"):
        services.correct(office, found, made.entry(world), version=found.version)
    services.withdraw(office, found, reason="录重了。", version=found.version)

    assert (found.state, found.slot) == (PaperState.WITHDRAWN, None)
    assert made.transcription(world).id != found.id  # the place is free


# At the same moment.


def test_two_who_type_the_same_paper_at_once_make_one_transcription(world: World, app: Flask):
    office, typist = world.actor("office"), made.typist(world)
    entry, key, branch_id = made.entry(world), made.key_of(world, "water"), world.branch("water").id

    def typed_by(who):
        return lambda: (
            services.transcribe(who, db.session.get_one(PartyOrganisation, branch_id), "report", key, entry).id
        )

    answers = at_once(app, typed_by(office), typed_by(typist))

    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert (len(refused), builders.count(Transcription)) == (1, 1)
    assert "已经代录了这份" in refused[0].sentence


def test_a_double_click_types_once_and_compares_once(world: World):
    key, branch = made.key_of(world, "water"), world.branch("water")
    entry = made.entry(world)

    one = services.transcribe(made.typist(world), branch, "report", key, entry, key="click")
    two = services.transcribe(made.typist(world), branch, "report", key, entry, key="click")
    version = one.version
    for _ in range(2):
        services.compare(
            world.actor("second"), one, signed_on=SIGNED_ON, alike=tuple(SECTIONS), version=version, key="click"
        )

    assert (one.id, builders.count(Transcription), world.report("water", "2026Q4").revisions) == (two.id, 1, 1)


def test_a_page_from_before_a_correction_compares_nothing(world: World):
    found = made.transcription(world)
    before = found.version
    services.correct(made.typist(world), found, made.entry(world, lies_at="别处"), version=before)

    with pytest.raises(Stale):
        services.compare(world.actor("second"), found, signed_on=SIGNED_ON, alike=SECTIONS, version=before)


def test_a_report_the_secretary_submits_meanwhile_stands_and_the_transcription_is_kept(world: World):
    found, secretary = made.transcription(world), world.actor("secretary")
    report = world.report("water", "2026Q4")
    reports.submit(secretary, report, version=report.version)

    with pytest.raises(Refused) as no:
        made.compared(world, found)

    assert no.value.sentence == "2026年第四季度报告已提交，不用再代录。这份代录留着备查，不用复核了，可以撤下。"
    assert (found.state, latest(world).paper) == (PaperState.ENTERED, None)


def test_what_is_submitted_already_is_not_transcribed(world: World):
    with pytest.raises(Refused, match=r"^2026年第三季度报告已提交，不用再代录。$"):
        services.transcribe(
            made.typist(world),
            world.branch("water"),
            "report",
            made.key_of(world, "water", "2026Q3"),
            made.entry(world),
        )


# What names a form.


@pytest.mark.parametrize(
    "key", ["", "x", "1", "1-2026Q5", "999999-2026Q4", "-2026Q4", "01-2026Q4", "9" * 30 + "-2026Q4"]
)
def test_what_names_no_report_is_not_found(world: World, key: str):
    with pytest.raises(Missing):
        queries.subject_of(world.actor("office"), "report", key, Permission.TRANSCRIBE)


def test_an_unknown_kind_of_form_is_not_found(world: World):
    with pytest.raises(Missing):
        queries.form_of("sheet")


def test_reports_of_two_quarters_that_are_not_submitted_are_offered_and_found_by_name(world: World):
    office, liaison = world.actor("office"), world.actor("liaison")
    form = queries.form_of("report")

    assert [offer.title for offer in form.offered(liaison, "", 60)] == ["水生态环境处党支部2026年第四季度报告"]
    assert [offer.title for offer in form.offered(office, "大气", 60)] == [
        "大气环境处党支部2026年第四季度报告",
        "大气环境处党支部2026年第三季度报告",
    ]
    assert len(form.offered(office, "", 2)) == 2


def test_the_form_has_ten_sections_and_last_quarters_problems_in_the_eighth():
    found = sections(("问题一",))

    assert [section.title[:2] for section in found] == [f"{numeral}、" for numeral in "一二三四五六七八九十"]
    assert found[7].grid is not None
    assert (found[7].grid.heads, sections(())[7].grid) == (("问题一",), None)


def test_a_form_printed_after_the_day_on_it_is_refused(world: World):
    form = made.printed(world)  # a week ago: 16 November

    with pytest.raises(Refused, match=r"^这张表是2026年11月16日才印的"):
        services.transcribe(
            made.typist(world),
            world.branch("water"),
            "report",
            made.key_of(world, "water"),
            made.entry(world, signed_on=date(2026, 11, 13)),
            form=form,
        )
    assert (builders.count(PrintedForm), builders.count(Transcription), builders.count(Report)) == (1, 0, 11)
