"""The demo looks like a department at work, whatever the day it is seeded for."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.builders import PASSWORD, count, rows_of, session_token
from tests.pages import Browser
from tiejun_awards.accounts import services as accounts
from tiejun_awards.accounts.models import Person, RoleGrant
from tiejun_awards.home import services as home
from tiejun_awards.organisation.models import BranchKind, PartyKind, PartyOrganisation, Unit
from tiejun_awards.organisers.models import Organiser
from tiejun_awards.reports import drafts, queries
from tiejun_awards.reports.drafts import Context, Draft
from tiejun_awards.reports.due import due_day, quarter_to_report
from tiejun_awards.reports.models import LifeRecord, Report, ReportPeriod, ReportReview, ReportRevision
from tiejun_awards.reports.rules import State
from tiejun_awards.reports.sections import RecordKind
from tiejun_awards.rulebook.services import day_table
from tiejun_awards.setup import demo
from tiejun_awards.setup.models import Installation
from tiejun_awards.shared import trail
from tiejun_awards.shared.access import Actor, Role
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.clock import SHANGHAI, day_of
from tiejun_awards.shared.db import Base, db
from tiejun_awards.shared.periods import Quarter

HALF_WIDTH = re.compile(r"[,;:!?()\"'<>]|\.(?!\d)")


def organiser(code: str) -> Organiser:
    return db.session.scalars(sa.select(Organiser).filter_by(code=code)).one()


def person(username: str) -> Person:
    return db.session.scalars(sa.select(Person).filter_by(username=username)).one()


def actor(username: str, at: datetime) -> Actor:
    return accounts.actor_of(person(username).id, at)


def asked(at: datetime) -> Quarter:
    return quarter_to_report(organiser("department").id, at)


def of(code: str, model: type[Base]) -> int:
    query = sa.select(sa.func.count()).select_from(model).filter_by(organiser_id=organiser(code).id)
    return db.session.scalar(query) or 0


def test_the_department_has_its_units_and_branches_and_the_city_its_own(at):
    kinds = Counter(
        db.session.execute(
            sa.select(Organiser.code, PartyOrganisation.kind, PartyOrganisation.branch_kind).join(
                Organiser, Organiser.id == PartyOrganisation.organiser_id
            )
        )
        .tuples()
        .all()
    )
    flagged = db.session.scalars(sa.select(Unit.code).where(Unit.kind_unconfirmed).order_by(Unit.position)).all()

    assert (of("department", Unit), of("yinchuan", Unit), flagged) == (25, 4, ["DIS01", "ENF01"])
    assert kinds == {
        ("department", PartyKind.GROUP, None): 1,
        ("department", PartyKind.COMMITTEE, None): 1,
        ("department", PartyKind.GENERAL_BRANCH, None): 1,
        ("department", PartyKind.BRANCH, BranchKind.SERVING): 15,
        ("department", PartyKind.BRANCH, BranchKind.JOINT): 2,
        ("department", PartyKind.BRANCH, BranchKind.RETIRED): 1,
        ("yinchuan", PartyKind.COMMITTEE, None): 1,
        ("yinchuan", PartyKind.BRANCH, BranchKind.SERVING): 4,
    }


def test_every_listed_account_is_there_under_its_post_and_has_the_password(at):
    people = {each.username: each for each in db.session.scalars(sa.select(Person))}

    assert [(name, people[name].name) for name, _ in demo.ACCOUNTS] == list(demo.ACCOUNTS)
    assert len({each.password_hash for each in people.values()}) == 1
    assert accounts.password_is(people["judge7"].password_hash, PASSWORD)


def test_every_role_is_held_and_every_branch_has_a_secretary(at):
    now = sa.and_(RoleGrant.starts_on <= day_of(at), RoleGrant.ends_on.is_(None))
    roles = set(db.session.scalars(sa.select(RoleGrant.role).where(now)))
    led = Counter(db.session.scalars(sa.select(RoleGrant.branch_id).where(now, RoleGrant.role == Role.SECRETARY)))
    branches = db.session.scalars(sa.select(PartyOrganisation.id).filter_by(kind=PartyKind.BRANCH)).all()

    assert roles == set(Role) - {Role.STAFF}
    assert led == Counter(branches)


def test_the_second_hand_and_the_supervisor_are_of_other_branches(at):
    supervised = db.session.scalars(
        sa.select(RoleGrant.branch_id).where(RoleGrant.person_id == person("supervisor").id)
    ).all()

    assert person("second").branch_id != person("office").branch_id
    assert person("city_second").branch_id != person("city_office").branch_id
    assert person("supervisor").branch_id not in supervised


def test_six_quarters_are_reported_in_all_states(at):
    found = Counter(
        db.session.execute(
            sa.select(Report.quarter, Report.state).where(Report.organiser_id == organiser("department").id)
        )
        .tuples()
        .all()
    )
    now, last = asked(at).code, asked(at).previous().code
    older = {quarter for quarter, _ in found} - {now, last}

    assert len(older) == 4
    assert {found[quarter, State.ACCEPTED] for quarter in older} == {18}
    assert {state for quarter, state in found if quarter == last} >= {State.ACCEPTED, State.SUBMITTED, State.RETURNED}
    assert found[last, State.ACCEPTED] > 9
    assert {state for quarter, state in found if quarter == now} == {State.DRAFT, State.SUBMITTED}
    assert sum(found[now, state] for state in State) < 18


def test_some_were_late_some_returned_some_opened_again(at):
    verdicts = Counter(db.session.scalars(sa.select(ReportReview.verdict)))
    late = [
        report.id
        for report in db.session.scalars(sa.select(Report))
        if report.first_submitted_at
        and day_of(report.first_submitted_at) > due_day(report.organiser_id, report.period).day
    ]

    assert verdicts["return"] >= 4
    assert verdicts["reopen"] == 1
    assert 4 <= len(late) <= 20


def test_the_secretary_has_this_quarters_report_to_finish_and_five_accepted_ones(at):
    secretary = actor("secretary", at)
    mine = db.session.scalars(
        sa.select(Report).where(Report.branch_id == secretary.branch_id).order_by(Report.quarter.desc())
    ).all()
    draft, *earlier = mine
    todo = home.waiting(secretary)
    problems = [queries.earlier(report) for report in (draft, *earlier[:-1])]

    assert (draft.period, draft.state, draft.saved_by) == (asked(at), State.DRAFT, person("liaison").id)
    assert [(item.page, item.thing_id) for item in todo] == [("edit", draft.id)]
    assert [report.state for report in earlier] == [State.ACCEPTED] * 5
    assert [len(drafts.lines(before.fields["problems"])) for before in problems if before] == [2] * 5
    assert [finding.field for finding in _read(draft, at)] == ["problems", "fixes-1-status", "confirmed"]


def _read(report: Report, at: datetime) -> tuple[drafts.Finding, ...]:
    context = queries.context(report, queries.earlier(report), at)
    return drafts.read(Draft.from_json(report.draft), context).findings


def test_the_office_reads_all_but_its_own_branchs_report_which_waits_for_the_second_hand(at):
    office, second = actor("office", at), actor("second", at)
    to_office = db.session.scalars(queries.to_review(office)).all()
    to_second = db.session.scalars(queries.to_review(second)).all()

    assert len(to_office) >= 2
    assert {report.branch_id for report in to_second} == {office.branch_id}
    assert office.branch_id not in {report.branch_id for report in to_office}
    assert db.session.scalars(queries.to_review(actor("city_office", at))).all()


def test_a_secretary_who_gave_the_post_up_stays_the_author_of_what_he_handed_in(at):
    branch_id = person("former_secretary").branch_id
    authors = db.session.execute(
        sa.select(Report.quarter, Person.username)
        .join(ReportRevision, ReportRevision.report_id == Report.id)
        .join(Person, Person.id == ReportRevision.submitted_by)
        .where(Report.branch_id == branch_id)
        .order_by(ReportRevision.id)
    ).all()

    assert list(dict.fromkeys(row.username for row in authors)) == ["former_secretary", "secretary05"]
    assert not home.waiting(actor("former_secretary", at))


def test_nothing_happened_after_the_moment(at):
    def latest(column: sa.orm.InstrumentedAttribute[Any]) -> datetime:
        found: datetime = db.session.scalars(sa.select(sa.func.max(column))).one()
        return found

    moments = (
        *(AuditEvent.at, Report.saved_at, Report.submitted_at, Report.accepted_at, ReportRevision.submitted_at),
        *(ReportReview.at, ReportPeriod.told_at, Person.made_at, Installation.seeded_at),
    )

    assert [column for column in moments if latest(column) > at] == []
    assert db.session.scalars(sa.select(sa.func.max(LifeRecord.held_on))).one() <= day_of(at)


def test_meetings_were_held_on_working_days_and_a_few_groups_missed_one(at):
    days = day_table()
    held = set(db.session.scalars(sa.select(LifeRecord.held_on)))
    older = sa.and_(Report.state == State.ACCEPTED, Report.quarter < asked(at).previous().code)
    rows = db.session.execute(
        sa.select(PartyOrganisation.party_groups * 3 - sa.func.count())
        .join(Report, Report.branch_id == PartyOrganisation.id)
        .join(LifeRecord, LifeRecord.report_id == Report.id)
        .where(older, LifeRecord.kind == RecordKind.GROUP_MEETING)
        .group_by(Report.id, PartyOrganisation.party_groups)
    )
    short = Counter(number for (number,) in rows)

    assert [day for day in held if not days.is_working_day(day)] == []
    assert set(short) == {0, 1}
    assert short[0] > 2 * short[1]


def test_the_trail_is_in_order_sealed_and_holds(at):
    moments = list(db.session.scalars(sa.select(AuditEvent.at).order_by(AuditEvent.id)))
    verdict = trail.verify(db.session(), at)

    assert moments == sorted(moments)
    assert (verdict.holds, verdict.reason, verdict.sealed) == (True, "", len(moments))


def test_whatever_was_handed_in_reads_without_findings(at):
    revisions = db.session.execute(
        sa.select(ReportRevision, Report).join(Report, Report.id == ReportRevision.report_id)
    ).tuples()
    findings = {
        (report.branch_id, report.quarter): reading.findings
        for revision, report in revisions
        if (
            reading := drafts.read(
                Draft.from_json(revision.content), Context(report.period, today=day_of(revision.submitted_at))
            )
        ).findings
    }

    assert findings == {}


def test_answers_to_last_quarters_problems_were_asked_for_and_given(at):
    for report in db.session.scalars(sa.select(Report).where(Report.state == State.ACCEPTED)):
        before = queries.earlier(report)
        problems = drafts.lines(before.fields["problems"]) if before else ()
        assert len(report.draft["fixes"]) == len(problems)


def test_every_text_has_full_width_punctuation_and_few_stand_twice(at):
    texts = [
        *db.session.scalars(sa.select(LifeRecord.topic)),
        *db.session.scalars(sa.select(ReportReview.reason)),
        *db.session.scalars(sa.select(Person.name)),
        *db.session.scalars(sa.select(PartyOrganisation.name)),
        *db.session.scalars(sa.select(Unit.name + Unit.other_names)),
    ]
    reports = [Draft.from_json(content) for content in db.session.scalars(sa.select(ReportRevision.content))]
    texts += [text for draft in reports for text in draft.fields.values()]
    texts += [fix["how"] for draft in reports for fix in draft.fixes]
    problems = Counter(line for draft in reports for line in drafts.lines(draft.fields["problems"]))

    assert [text for text in texts if HALF_WIDTH.search(text)] == []
    assert max(problems.values()) <= len(reports) // 6


def test_a_database_that_holds_anything_is_left_alone(at):
    before = count(AuditEvent), count(Person)

    assert demo.is_demo()
    assert demo.seed(at + timedelta(days=1), password=PASSWORD) is False
    assert (count(AuditEvent), count(Person)) == before


def test_an_empty_database_is_no_demo(app: Flask):
    assert demo.is_demo() is False


def test_every_account_has_its_home_page(at, application):
    for username, post in demo.ACCOUNTS:
        browser = Browser(application)
        browser.hold(session_token(person(username), at))
        page = browser.get("/")

        assert (page.status, post in page.text) == (200, True)


@pytest.mark.slow
@pytest.mark.either
@pytest.mark.parametrize("day", [date(2026, 1, 14), date(2026, 2, 10), date(2026, 8, 31)], ids=str)
def test_any_other_day_can_be_seeded_too(app: Flask, day):
    at = datetime.combine(day, time(9), SHANGHAI)

    assert demo.seed(at, password=PASSWORD)
    assert db.session.scalars(queries.to_review(actor("second", at))).all()
    assert home.waiting(actor("secretary", at))
    assert trail.verify(db.session(), at).holds


@pytest.mark.slow
@pytest.mark.either
def test_the_same_moment_gives_the_same_demo(app: Flask, all_databases):
    at = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
    seen = []
    for _ in range(2):
        db.session.remove()
        all_databases.let_go(db.engine)
        all_databases.start_from("nothing")
        demo.seed(at, password=PASSWORD)
        seen.append((rows_of(AuditEvent, "id", "leaf"), rows_of(ReportRevision, "report_id", "number", "digest")))

    assert seen[0] == seen[1]


def test_the_retired_members_handed_one_report_in_on_paper(at):
    [(report_id, content)] = [
        (row.report_id, row.content) for row in db.session.scalars(sa.select(ReportRevision)) if row.paper
    ]

    report = db.session.get_one(Report, report_id)
    paper = content["paper"]
    assert (report.branch.name, report.state) == ("离退休党支部", State.ACCEPTED)
    assert (paper["entered_by"], paper["compared_by"]) == ("机关党委经办", "机关党委复核人")
    assert day_of(report.first_submitted_at or at) == date.fromisoformat(paper["signed_on"])
