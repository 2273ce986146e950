"""A colleague's suggestion: sent once, followed, taken back; nobody else learns who wrote it, or how many did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from tests import builders, exemplars
from tests.builders import NOW, World
from tests.conftest import SignIn, Statements
from tests.exemplars import DEEDS, NOMINEE
from tests.pages import Browser, Page
from tiejun_awards.decisions.rules import Kind
from tiejun_awards.nominations import services
from tiejun_awards.nominations.models import Suggestion, SuggestionDraft
from tiejun_awards.nominations.rules import EntryState
from tiejun_awards.shared import clock
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.errors import Refused

AGAIN = "这次您已经推荐过这个对象，不用再推荐一次。可以在“我的推荐”里看走到哪一步；要改写的，先撤回再推荐。"


def suggest(browser: Browser, world: World, nominee: str = NOMINEE, **values: str) -> Page:
    browser.get(f"/calls/{exemplars.call(world).id}/suggest")
    return submit(browser, world, nominee, **values)


def submit(browser: Browser, world: World, nominee: str = NOMINEE, **values: str) -> Page:
    filled = {"unit_id": str(world.unit("water_unit").id), "relation": "same_unit", "deeds": DEEDS, **values}
    return browser.submit("提交推荐", filled, nominee=nominee)


def test_a_suggestion_is_sent_and_followed_like_a_parcel(world: World, staff: Browser):
    page = suggest(staff, world)

    assert (page.alerts, page.h1) == (["推荐已提交，谢谢您。"], "我的推荐走到哪一步")
    assert page.text.index("推荐已提交") < page.text.index("集体研究") < page.text.index("厅党组审定")
    [row] = builders.rows_of(Suggestion, "nominee", "nominee_key", "deeds", "gone")
    assert row == (NOMINEE, "水处干部甲(演示)", DEEDS, 0)
    assert builders.rows_of(AuditEvent, "actor_name", "action")[-1] == ("干部职工", "nominations.suggest")


@pytest.mark.parametrize("nominee", [NOMINEE, "水处 干部甲(演示)", "　水处干部甲（演示） "])
def test_a_second_suggestion_of_the_same_person_by_the_same_colleague_is_refused_beside_the_name(
    world: World, staff: Browser, nominee: str
):
    suggest(staff, world)

    page = suggest(staff, world, nominee)

    assert (page.status, page.errors, page.values["deeds"]) == (422, {"nominee": AGAIN}, DEEDS)
    assert builders.count(Suggestion) == 1


def test_the_form_of_a_closed_call_opens_only_for_what_was_begun_in_it(world: World, sign_in: SignIn):
    path = f"/calls/{exemplars.call(world).id}/suggest"
    writer = sign_in("staff")
    writer.get(path)
    writer.submit("先存着", {"deeds": "写到一半"})

    with clock.stopped_at(NOW + timedelta(days=60)):
        begun, not_begun = sign_in("staff").get(path), sign_in("clerk").get(path)

    assert (begun.path, begun.values["deeds"]) == (path, "写到一半")
    assert (not_begun.path, not_begun.alerts) == (
        path.removesuffix("/suggest"),
        ["这份通知现在不收群众推荐；可以推荐的日子写在下面。"],
    )


def test_the_database_refuses_the_second_one_too(world: World):
    first = exemplars.suggestion(world)
    columns = {column.name: getattr(first, column.name) for column in Suggestion.__table__.columns}
    with pytest.raises(IntegrityError):
        builders.add(Suggestion(**{**columns, "id": None, "code": "another"}))


def test_somebody_else_may_suggest_the_same_person(world: World, staff: Browser, secretary: Browser):
    suggest(staff, world)

    assert suggest(secretary, world).status == 200


def test_bad_input_is_named_beside_its_field_and_nothing_is_lost(world: World, staff: Browser):
    page = suggest(staff, world, " ", unit_id="", relation="", deeds="太短")

    assert page.status == 422
    assert set(page.errors) == {"unit_id", "nominee", "relation", "deeds"}
    assert page.values["deeds"] == "太短"


@pytest.mark.parametrize("unit", ["0", "-1", "9999999999", "abc", "１"])
def test_a_unit_that_is_none_is_no_accident(world: World, staff: Browser, unit: str):
    call = exemplars.call(world)

    page = staff.post(
        f"/calls/{call.id}/suggest", {"unit_id": unit, "nominee": "甲", "relation": "x", "deeds": DEEDS}, csrf=True
    )

    assert (page.status, page.errors["unit_id"]) == (422, "请选所在单位。")


def test_oneself_is_sent_on_to_the_unit(world: World, staff: Browser):
    page = suggest(staff, world, "干部职工")

    assert page.errors == {"nominee": "不能推荐自己。想参加的话，请直接和本单位的推荐经办说，由单位集体研究。"}


def test_what_was_begun_is_kept_as_typed_and_found_again(world: World, staff: Browser):
    call = exemplars.call(world)
    staff.get(f"/calls/{call.id}/suggest")
    staff.submit("先存着", nominee="写到一半", deeds="还没写完")

    found = staff.get(f"/calls/{call.id}/suggest").values
    sent = suggest(staff, world)

    assert (found["nominee"], found["deeds"]) == ("写到一半", "还没写完")
    assert (sent.status, builders.count(SuggestionDraft)) == (200, 0)


def test_autosave_answers_with_a_piece_of_the_page(world: World, staff: Browser):
    call = exemplars.call(world)
    values = {"deeds": "边写边存", "csrf_token": staff.csrf_token()}

    page = staff.send("POST", f"/calls/{call.id}/suggest/keep", data=values, headers={"HX-Request": "true"})

    assert (page.status, "已保存 10:00" in page.html) == (200, True)
    assert builders.rows_of(SuggestionDraft, "fields")[0][0]["deeds"] == "边写边存"


def test_a_suggestion_is_taken_back_and_can_be_made_again(world: World, staff: Browser):
    suggest(staff, world)

    page = staff.submit("撤回推荐")

    assert page.alerts == ["推荐已撤回，单位看不到它了。"]
    assert "撤回推荐" not in page.buttons
    assert suggest(staff, world).status == 200


def test_after_the_unit_has_sent_nothing_is_taken_back_or_suggested_there(world: World, staff: Browser):
    suggestion = exemplars.suggestion(world)
    exemplars.recommendation(world, wanted=exemplars.draft())

    with pytest.raises(Refused, match=r"^单位已经集体研究并报送，不能再撤回。$"):
        services.withdraw(world.actor("staff"), suggestion)
    assert "撤回推荐" not in staff.get(f"/suggestions/{suggestion.code}").buttons
    assert suggest(staff, world, "另一位").errors == {
        "unit_id": "水生态环境处已经集体研究并报送，这次不再接收对这个单位的推荐。"
    }


@pytest.mark.parametrize(("days", "status"), [(4, 200), (5, 409), (-36, 409)])
def test_suggestions_are_taken_from_the_first_day_to_the_last(world: World, staff: Browser, days: int, status: int):
    staff.get(f"/calls/{exemplars.call(world).id}/suggest")  # the form was open already

    with clock.stopped_at(NOW + timedelta(days=days)):
        builders.session_token(world.person("staff"), clock.now())
        assert submit(staff, world).status == status


def test_a_suggestion_is_its_writers_alone(world: World, secretary: Browser, office: Browser):
    path = f"/suggestions/{exemplars.suggestion(world).code}"

    assert [browser.get(path).status for browser in (secretary, office)] == [404, 404]


def test_the_units_clerk_reads_deeds_without_names_or_numbers(world: World, sign_in: SignIn, statements: Statements):
    for who in ("staff", "secretary"):
        exemplars.suggestion(world, who)
    exemplars.recommendation(world, sent=False)
    clerk, path = sign_in("clerk"), f"/calls/{exemplars.call(world).id}/units/{world.unit('water_unit').id}"

    with statements() as said:
        page = clerk.get(path)

    asked = [statement for statement in said if "FROM suggestion" in statement]
    assert len(asked) == 1
    assert "nominator" not in asked[0].split("FROM")[0]
    assert page.main.count(NOMINEE) >= 1
    for told in ("干部职工", "水处党支部书记", "2 人", "2 份", "两人", "附议"):
        assert told not in page.main


def test_no_page_or_file_says_how_many_suggested(world: World, office: Browser, sign_in: SignIn):
    for who in ("staff", "secretary", "liaison"):
        exemplars.suggestion(world, who)
    exemplars.recommendation(world, wanted=exemplars.draft())
    call = exemplars.call(world)

    pages = [office.get(path) for path in (f"/calls/{call.id}", f"/selection/{call.id}", "/")]
    pages.append(sign_in("clerk").get("/"))

    assert [page.path for page in pages if "3 份" in page.main or "3 人" in page.main or "3 个" in page.main] == [
        f"/calls/{call.id}",  # its three seats
        f"/selection/{call.id}",
    ]


def test_its_writer_reads_the_reason_and_so_does_the_nominee(world: World, staff: Browser, sign_in: SignIn):
    nominee = builders.person("nominee", world.organiser("department"), name=NOMINEE, unit=world.unit("water_unit"))
    suggestion = exemplars.suggestion(world)
    exemplars.recommendation(world, wanted=exemplars.draft())
    exemplars.entry(world, state=EntryState.ENDED)

    page, theirs = staff.get(f"/suggestions/{suggestion.code}"), sign_in(nominee).get("/suggestions/")

    assert "经研究，这次没有列入" in page.main
    assert theirs.rows() == [["2026年度担当作为好干部推荐", "未列入", "经研究，这次没有列入"]]
    assert "内部说明" not in page.html + theirs.html


def test_a_suggestion_the_unit_did_not_take_says_why(world: World, staff: Browser):
    suggestion = exemplars.suggestion(world)
    exemplars.recommendation(world, wanted=exemplars.draft([], {suggestion.nominee_key: "term"}))

    assert "任职或工作时间还没有达到条件" in staff.get(f"/suggestions/{suggestion.code}").main
    assert staff.get("/suggestions/").rows()[0][-1] == "未列入"


def test_the_way_to_the_honour_is_seen_to_its_end(world: World, staff: Browser):
    suggestion = exemplars.suggestion(world, nominee="water_unit干部（演示）")
    exemplars.ready(world)
    before = staff.get(f"/suggestions/{suggestion.code}").main
    exemplars.honour(world)
    after = staff.get(f"/suggestions/{suggestion.code}").main

    assert "下一步：公布结果" in before
    assert builders.NUMBER in before
    assert "已经公布" in after
    assert Kind.NOTICE.label in after
