"""The open questions: proposed, confirmed with a document, opened again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
import sqlalchemy as sa

from tests import builders
from tests.builders import NOW, World
from tests.conftest import Statements
from tests.pages import Browser
from tests.setup.answers import PAPER, question_of
from tiejun_awards.organisation.models import Unit, UnitKind
from tiejun_awards.rulebook import services as rulebook
from tiejun_awards.rulebook.models import RuleValue
from tiejun_awards.setup import first_run, services
from tiejun_awards.setup.models import OpenQuestion
from tiejun_awards.setup.rules import Paper, QuestionState
from tiejun_awards.setup.sections import DEFAULTS, QUESTIONS
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import NotAllowed, Refused, Stale


@pytest.fixture
def twelve(world: World) -> World:
    with writing() as session:
        first_run.first_answers(session, world.organiser("department").id, DEFAULTS, at=NOW - timedelta(days=1))
    return world


def last_event() -> AuditEvent:
    return db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc())).first()  # type: ignore[return-value]


def settled(world: World, key: str, paper: Paper = PAPER, **answers: str) -> OpenQuestion:
    question = question_of(world, "department", key)
    texts = {**question.answers, **{f"{key}_{name}": text for name, text in answers.items()}}
    office = replace(world.actor("office"), reauth_at=NOW)
    return services.confirm(office, question, texts=texts, paper=paper, version=question.version)


def test_another_proposal_is_written_and_told(world: World):
    question = question_of(world, "department")

    services.answer(world.actor("office"), question, texts={"opinions_body": " group "}, version=question.version)

    assert (question.answers, question.state, question.version) == (
        *({"opinions_body": "group"}, QuestionState.PROPOSED),
        2,
    )
    assert question.in_words == [("由谁出具", "都由驻厅纪检监察组")]
    assert (last_event().action, last_event().detail["answers"]) == ("setup.answer", {"opinions_body": "group"})


def test_a_confirmed_answer_has_its_document_and_is_changed_only_after_opening_it_again(world: World):
    office = world.actor("office")

    question = settled(world, "opinions", body="committee")
    with pytest.raises(Refused, match="已经确认"):
        services.answer(office, question, texts=question.answers, version=question.version)
    confirmed = (question.state, question.document, question.decided_on, question.confirmed_by)
    with pytest.raises(Refused) as refused:
        services.reopen(office, question, reason=" ", version=question.version)
    services.reopen(office, question, reason="会议另有决定。", version=question.version)

    assert confirmed == (QuestionState.CONFIRMED, PAPER.document, PAPER.decided_on, office.person_id)
    assert refused.value.field == "reason"
    assert (question.state, question.document, question.confirmed_at, question.answers) == (
        *(QuestionState.PROPOSED, "", None),
        {"opinions_body": "committee"},
    )
    assert last_event().detail == {"question": "opinions", "reason": "会议另有决定。", "document": PAPER.document}
    with pytest.raises(Refused, match="还没有确认"):
        services.reopen(office, question, reason="再来。", version=question.version)


@pytest.mark.parametrize(
    ("paper", "field"),
    [
        (replace(PAPER, document=""), "document"),
        (replace(PAPER, decided_on=None), "decided_on"),
        (replace(PAPER, decided_on=NOW.date() + timedelta(days=1)), "decided_on"),
        (replace(PAPER, decided_by="长" * 61), "decided_by"),
    ],
)
def test_without_its_document_nothing_is_confirmed(world: World, paper: Paper, field: str):
    with pytest.raises(Refused) as refused:
        settled(world, "opinions", paper)

    assert refused.value.field == field
    assert question_of(world, "department").state is QuestionState.PROPOSED


def test_a_wrong_answer_is_refused_at_its_field(world: World):
    with pytest.raises(Refused) as refused:
        settled(world, "stars", floor_4="95")

    assert refused.value.field == "stars_floor_4"


def test_confirming_the_kinds_of_units_takes_the_mark_off_them(world: World):
    department = world.organiser("department")
    builders.unit(department, "ENF01", "执法监督局", kind=UnitKind.ENFORCEMENT, kind_unconfirmed=True)
    other = builders.unit(world.organiser("city"), "DIS01", "别的单位", kind=UnitKind.CITY, kind_unconfirmed=True)

    settled(world, "kinds", enforcement="institution", inspectors="office")

    unit = db.session.scalars(sa.select(Unit).filter_by(code="ENF01")).one()
    assert (unit.kind, unit.kind_unconfirmed) == (UnitKind.INSTITUTION, False)
    assert (other.kind, other.kind_unconfirmed) == (UnitKind.CITY, True)
    assert last_event().detail["took_effect"] == ["执法监督局定为直属事业单位。"]


def test_confirming_numbers_sets_the_rules_with_the_document_as_their_source(world: World):
    department = world.organiser("department").id
    before = rulebook.rule(department, "rating.floor_5")

    settled(world, "stars", floor_5="91")

    rules = {key: rulebook.rule(department, f"rating.{key}") for key in ("floor_5", "floor_4", "first")}
    assert (before.shown, before.proposed) == ("90", True)
    assert {key: (rule.shown, rule.source, rule.proposed) for key, rule in rules.items()} == {
        "floor_5": ("91", PAPER.document, False),
        "floor_4": ("80", PAPER.document, False),
        "first": ("5", PAPER.document, False),
    }
    assert last_event().detail["took_effect"][0] == "规则“五星级分数线”定为 91 分（含）以上。"


def test_rules_are_not_set_before_the_password_was_given_again(world: World):
    question = question_of(world, "department", "stars")
    office = world.actor("office")

    with pytest.raises(Refused, match="再输一次密码"):
        services.confirm(office, question, texts=question.answers, paper=PAPER, version=question.version)

    assert question_of(world, "department", "stars").state is QuestionState.PROPOSED
    assert rulebook.rule(world.organiser("department").id, "rating.floor_5").proposed


def test_confirming_again_with_the_same_document_changes_no_rule_twice(world: World):
    question = settled(world, "lectures")
    services.reopen(world.actor("office"), question, reason="再看一次。", version=question.version)
    settled(world, "lectures", length="1800")

    assert builders.count(RuleValue) == 1
    assert last_event().detail["took_effect"] == []


def test_two_who_write_at_once_lose_nothing(world: World, office: Browser):
    question = question_of(world, "department")
    office.get(f"/questions/{question.id}/edit")
    services.answer(world.actor("office"), question, texts={"opinions_body": "group"}, version=question.version)
    with pytest.raises(Stale):
        services.answer(world.actor("office"), question, texts={"opinions_body": "both"}, version=1)

    page = office.submit("存为建议稿", opinions_body="committee")
    done = office.submit("存为建议稿")

    assert (page.status, page.values["opinions_body"], "都由驻厅纪检监察组" in page.main) == (409, "committee", True)
    assert (done.status, "都由机关纪委" in done.main) == (200, True)


def test_the_page_confirms_with_a_document_and_keeps_what_was_typed(world: World, office: Browser):
    question = question_of(world, "department", "stars")
    asked = office.get(f"/questions/{question.id}/edit")
    office.submit("确认", within="密码", password=builders.PASSWORD)
    assert (asked.path.split("?")[0], office.page and office.page.path) == (
        *("/confirm", f"/questions/{question.id}/edit"),
    )

    wrong = office.submit("确认，从现在起作数", stars_floor_5="91", document="", decided_on="2026-11-20")
    office.submit("确认，从现在起作数", document="测试党办〔2026〕8号")
    again = office.get(f"/questions/{question.id}/edit")

    assert (wrong.status, wrong.values["stars_floor_5"], wrong.values["decided_on"]) == (422, "91", "2026-11-20")
    assert "请填写文号或纪要编号" in wrong.main
    db.session.expire_all()
    found = question_of(world, "department", "stars")
    assert (found.state, found.answers["stars_floor_5"], found.document) == (
        *(QuestionState.CONFIRMED, "91"),
        "测试党办〔2026〕8号",
    )
    assert (again.status, "请先重新打开" in again.main) == (409, True)
    page = office.get(f"/questions/{question.id}")
    assert ("已确认" in page.main, "91" in page.main, "测试党办〔2026〕8号" in page.main) == (True, True, True)
    assert "请写明为什么" in office.submit("重新打开", reason="").main
    assert office.submit("重新打开", reason="数写错了。").path.endswith("/edit")


def test_the_office_finds_what_is_open_at_home_and_others_only_read(twelve: World, office: Browser, staff: Browser):
    home, read = office.get("/"), staff.get("/questions/")
    listed = office.click("还有 12 个待定事项")
    for key in QUESTIONS:
        settled(twelve, key)

    assert "待定事项" not in staff.get("/").main
    assert "还有 12 个待定事项只有建议稿" in home.main
    assert (len(listed.rows()), len(read.rows())) == (12, 12)
    assert listed.rows()[9][2] == "由谁出具：班子和干部由驻厅纪检监察组，党支部由机关纪委"
    assert "待定事项" not in office.get("/").main
    assert len(office.get("/questions/?state=confirmed").rows()) == 12
    assert "没有这个状态的待定事项" in office.get("/questions/?state=proposed").main
    assert "修改或确认" not in staff.get(f"/questions/{question_of(twelve, 'department').id}").main


def test_the_list_says_few_statements(twelve: World, office: Browser, statements: Statements):
    office.get("/questions/")
    with statements() as said:
        office.get("/questions/")

    assert len(said) <= 6, "\n".join(said)


def test_another_organiser_has_none_and_its_list_says_why(twelve: World, city_office: Browser):
    assert "待定事项由最上面的主办党组织在首次启用时写下" in city_office.get("/questions/").main
    question = question_of(twelve, "department")
    with pytest.raises(NotAllowed):
        services.answer(twelve.actor("city_office"), question, texts=question.answers, version=1)


def test_the_file_holds_all_twelve_with_their_papers(twelve: World, office: Browser):
    settled(twelve, "opinions")

    page = office.get("/questions/export")

    [sheet] = openpyxl.load_workbook(BytesIO(page.response.data)).worksheets
    rows = [list(row) for row in sheet.iter_rows(min_row=2, max_row=13, values_only=True)]
    assert [row[0] for row in rows] == list(range(1, 13))
    assert rows[9][6:] == ["已确认", PAPER.document, "2026-11-23"]
