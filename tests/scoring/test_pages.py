"""A judge's pages: marking, bad input, recusal, signing, closing."""

from __future__ import annotations

import pytest

from tests import builders, rating_builders
from tests.builders import NOW, World
from tests.conftest import SignIn, Statements
from tests.pages import Browser
from tiejun_awards.panels.models import Recusal
from tiejun_awards.ratings import services as ratings
from tiejun_awards.scoring import queries, services
from tiejun_awards.scoring.models import Mark, Sheet
from tiejun_awards.scoring.rules import Given, State
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db
from tiejun_awards.shared.errors import Refused
from tiejun_awards.standards import rules as standard_rules
from tiejun_awards.standards import services as standards

SCHEME = standard_rules.read(standards.default_content())


def path(world: World, code: str = "own") -> str:
    return f"/scoring/{rating_builders.cycle_of(world, 2026).panel_id}/branches/{world.branch(code).id}"


def sheet_of(world: World, username: str, code: str) -> Sheet:
    return builders._one(
        Sheet,
        person_id=world.person(username).id,
        branch_id=world.branch(code).id,
        panel_id=rating_builders.cycle_of(world, 2026).panel_id,
    )


@pytest.fixture
def judge(rated: World, sign_in: SignIn) -> Browser:
    return sign_in("judge")


def test_a_judge_finds_his_sheets_and_confirms_one_with_a_deduction(rated: World, judge: Browser):
    judge.get("/")
    listed = judge.click("接着评")
    page = judge.click("接着评：机关党委办公室党支部")

    assert (listed.h1, page.h1) == ("我的评分表", "机关党委办公室党支部")
    assert page.values["mark-6.2"] == "10"
    done = judge.submit("存好，看下一份", {"mark-1.4": "２．５", "case-6.2": ["a"]})
    assert done.h1 == "我的评分表"
    assert "每一份都确认了，请核对后签名提交。" in done.alerts
    sheet = sheet_of(rated, "judge", "own")
    assert sheet.state is State.CONFIRMED
    assert {code: given.value for code, given in queries.given(sheet.id).items()} == {
        **{"1.4": 250, "4.3": 400, "6.1b": 400, "6.2": 800}
    }


def test_neither_the_last_star_nor_the_overall_total_is_on_the_sheet(rated: World, judge: Browser):
    page = judge.get(path(rated))

    assert [word for word in ("星级", "上年", "总分") if word in page.main.replace("星级评定", "")] == []
    assert "21 / 21 您评的 4 项" in page.main


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("NaN", "“NaN”不是分数，请用数字填写，例如 3.5。"),
        ("Infinity", "“Infinity”不是分数，请用数字填写，例如 3.5。"),
        ("2,5", "“2,5”里有逗号，小数点请用“.”，例如 3.5。"),
        ("-1", "“-1”是负数，最低 0 分。"),
        ("3.5", "最多 3 分，现在是 3.5。"),
        ("2.3", "按 0.5 分一档打分，2.3 不在档上。"),
    ],
)
def test_a_mark_that_is_none_gets_its_sentence_beside_it_and_nothing_typed_is_lost(
    rated: World, judge: Browser, text: str, sentence: str
):
    judge.get(path(rated))

    page = judge.submit("存好，看下一份", {"mark-1.4": text, "mark-6.2": "8.5", "remark": "巡河做得好"})

    assert (page.status, page.errors) == (422, {"mark-1.4": sentence})
    assert (page.values["mark-1.4"], page.values["mark-6.2"]) == (text, "8.5")
    assert queries.given(sheet_of(rated, "judge", "own").id) == {}


def test_a_branch_he_is_recused_from_or_that_is_not_on_the_panel_is_refused(
    rated: World, judge: Browser, sign_in: SignIn
):
    own = judge.get(path(rated, "air"))
    stranger = sign_in("supervisor").get(path(rated))
    other = judge.get(path(rated, "city_branch"))

    assert (own.status, own.reason) == (403, "评委须回避本支部，这个支部不由您评。")
    assert (stranger.status, other.status) == (403, 404)


def test_a_line_nobody_asked_him_to_mark_is_refused(rated: World):
    sheet = sheet_of(rated, "judge", "own")

    with pytest.raises(Refused, match=r"^这一项不在您要评的项目里。$"):
        services.save(rated.actor("judge"), sheet, SCHEME, {"1.1": Given(400)}, version=sheet.version)


def test_the_same_sheet_in_two_windows_keeps_both_texts(rated: World, judge: Browser, sign_in: SignIn):
    again = sign_in("judge")
    judge.get(path(rated))
    again.get(path(rated))
    judge.submit("存好，看下一份", {"mark-1.4": "2"})

    page = again.submit("存好，看下一份", {"mark-1.4": "1"})

    assert (page.status, page.values["mark-1.4"]) == (409, "1")
    assert "刚在另一个窗口存过" in page.alerts[0]
    assert queries.given(sheet_of(rated, "judge", "own").id)["1.4"].value == 200
    assert again.submit("存好", {}).status == 200
    assert queries.given(sheet_of(rated, "judge", "own").id)["1.4"].value == 100


def test_autosave_keeps_what_can_be_read_and_is_one_line_of_the_trail(rated: World, judge: Browser):
    judge.get(path(rated))
    before = builders.count(AuditEvent)
    data = {"csrf_token": judge.csrf_token(), "mark-4.3": "3", "mark-1.4": "x", "mark-6.1b": "4", "mark-6.2": "10"}

    def autosave(version: int):
        sent = {**data, "version": str(version)}
        return judge.send("POST", path(rated) + "/autosave", data=sent, headers={"HX-Request": "true"})

    first = autosave(sheet_of(rated, "judge", "own").version)
    sheet = sheet_of(rated, "judge", "own")
    data["mark-4.3"] = "2.5"
    second = autosave(sheet.version)

    assert ("有 1 项还没存上" in first.html, second.status) == (True, 200)
    assert sheet_of(rated, "judge", "own").state is State.OPEN
    assert queries.given(sheet_of(rated, "judge", "own").id)["4.3"].value == 250
    assert builders.count(AuditEvent) - before == 1
    assert autosave(1).status == 409


def test_signing_names_the_branches_not_confirmed(rated: World, judge: Browser):
    page = judge.post(f"/scoring/{rating_builders.cycle_of(rated, 2026).panel_id}", {"key": "one"}, csrf=True)

    assert (page.status, page.reason) == (409, "还没有确认：机关党委办公室党支部。逐份确认以后再签名。")


def test_a_judge_signs_once_and_takes_it_back_with_a_reason(rated: World, judge: Browser):
    judge.get(path(rated))
    judge.submit("存好，看下一份")
    signed = judge.submit("签名提交 2 份")
    refused = judge.get(path(rated)).buttons
    late = services_save_refused(rated)
    judge.get(signed.path)
    judge.click("撤回签名")
    empty = judge.submit("撤回签名", reason=" ")
    page = judge.submit("撤回签名", reason="有一处填错了。")

    assert signed.alerts == ["2 份评分表已签名提交，谢谢。"]
    assert (refused, late) == ([], "这份评分表已经签名，要改请先在评分表首页撤回签名。")
    assert (empty.status, empty.errors) == (422, {"reason": "请写明为什么撤回签名，最多 200 字。"})
    assert page.alerts == ["签名已撤回，改好以后请重新签名。"]
    assert sheet_of(rated, "judge", "own").state is State.CONFIRMED


def services_save_refused(world: World) -> str:
    sheet = sheet_of(world, "judge", "own")
    with pytest.raises(Refused) as refused:
        services.save(world.actor("judge"), sheet, SCHEME, {"1.4": Given(100)}, version=sheet.version)
    return refused.value.sentence


def test_a_declared_interest_takes_the_sheet_away_and_stays_on_record(rated: World, judge: Browser):
    judge.get(path(rated, "water"))
    judge.click("我与这个支部有关系，要回避")
    empty = judge.submit("回避这个支部", reason="")
    page = judge.submit("回避这个支部", reason="近亲属在这个支部任职。")

    assert empty.errors == {"reason": "请写明是什么关系，最多 200 字；只有机关党委看得到。"}
    assert page.alerts == ["已申报回避水生态环境处党支部，这一份不用评了。"]
    assert judge.get(path(rated, "water")).reason == "您已申报与这个支部有关系，不用评它。"
    assert [row[0] for row in builders.rows_of(Recusal, "reason") if row[0]] == ["近亲属在这个支部任职。"]
    assert builders.count(Mark) > 0


def test_after_closing_nothing_is_taken(rated: World):
    cycle = rating_builders.cycle_of(rated, 2026)
    ratings.close(rated.actor("office"), cycle, version=cycle.version, anyway=True)
    sheet = sheet_of(rated, "judge", "own")

    with pytest.raises(Refused, match=r"^评分已经结束，不能再改；需要更正请找机关党委经办。$"):
        services.save(rated.actor("judge"), sheet, SCHEME, {"1.4": Given(100)}, version=sheet.version)
    with pytest.raises(Refused, match=r"^评分已经结束"):
        services.sign(rated.actor("judge"), queries.seat_of(rated.actor("judge"), cycle.panel_id or 0))


def test_without_javascript_the_whole_sheet_can_be_done(rated: World, judge: Browser):
    judge.get(path(rated))

    judge.submit("存好，看下一份", {"case-4.3": ["b"]})

    assert queries.given(sheet_of(rated, "judge", "own").id)["4.3"] == Given(200, ("b",))


def test_saving_a_sheet_says_few_statements(rated: World, judge: Browser, statements: Statements):
    page = judge.get(path(rated))
    values = {**page.values, "csrf_token": judge.csrf_token(), "mark-1.4": "2"}
    address = path(rated) + "/autosave"
    with statements() as said:
        judge.send("POST", address, data=values, headers={"HX-Request": "true"})

    assert len(said) <= 10, "\n".join(said)


def test_the_database_refuses_a_mark_over_its_line_and_a_sheet_signed_without_a_date(rated: World):
    mark = builders.count(Mark)
    sheet = sheet_of(rated, "judge", "water")

    for broken in (
        Mark(sheet_id=sheet.id, line="9.9", value=450, most=400, cases=[]),
        Mark(sheet_id=sheet.id, line="9.9", value=330, most=400, cases=[]),
        Sheet(
            panel_id=sheet.panel_id,
            seat_id=sheet.seat_id,
            person_id=sheet.person_id,
            organiser_id=sheet.organiser_id,
            branch_id=rated.branch("city_branch").id,
            position=9,
            state=State.SIGNED,
            confirmed_at=NOW,
        ),
    ):
        with pytest.raises(Exception, match=r"(?i)constraint"):
            builders.add(broken)
        db.session.rollback()
    assert builders.count(Mark) == mark
