"""Writing a report on its pages: begin, keep, autosave, hand in."""

from __future__ import annotations

from datetime import timedelta

from tests import builders
from tests.builders import NOW, World, rows_of
from tests.conftest import SignIn
from tests.pages import Browser, Page, said
from tiejun_awards.reports.drafts import MOST_TYPED, Draft
from tiejun_awards.reports.models import Report, ReportRevision
from tiejun_awards.reports.rules import State
from tiejun_awards.shared.clock import stopped_at

RETURNED_TO_AIR = "请补充问题原因。"


def typed(world: World, branch: str = "water", quarter: str = "2026Q4") -> Draft:
    return Draft.from_json(world.report(branch, quarter).draft)


def editor(world: World, browser: Browser, branch: str = "water", quarter: str = "2026Q4") -> Page:
    return browser.get(f"/reports/{world.report(branch, quarter).id}/edit")


def autosave(world: World, browser: Browser, **fields: str) -> Page:
    """Send what the editor on the screen would send by itself after these fields were typed."""
    assert browser.page is not None
    values = {**browser.page.values, **fields, "csrf_token": browser.csrf_token()}
    path = f"/reports/{world.report('water', '2026Q4').id}/autosave"
    return browser.send("POST", path, data=values, headers={"HX-Request": "true"})


# Beginning.


def test_a_report_is_begun_from_the_list_with_what_is_known(world: World, sign_in: SignIn):
    browser = sign_in("air_secretary")
    browser.get("/reports/")
    begin = browser.click("写大气环境处党支部2026年第四季度报告")

    page = browser.submit("开始写")

    assert begin.h1 == "2026年第四季度书记抓党建报告"
    assert page.path == f"/reports/{world.report('air', '2026Q4').id}/edit"
    assert {name: page.values[name] for name in ("members", "probationary", "dues_due", "tasks")} == {
        **{"members": "20", "probationary": "1"},
        **{"dues_due": "21", "tasks": ""},
    }


def test_beginning_what_is_begun_leads_to_the_same_report(world: World, secretary: Browser):
    water, reports = world.branch("water").id, builders.count(Report)

    page = secretary.get(f"/reports/begin/{water}/2026Q4")

    assert (page.path, builders.count(Report)) == (f"/reports/{world.report('water', '2026Q4').id}/edit", reports)


def test_a_quarter_to_come_is_refused_with_a_sentence(world: World, secretary: Browser):
    secretary.get(f"/reports/begin/{world.branch('water').id}/2027Q1")

    page = secretary.submit("开始写")

    assert (page.status, page.reason) == (409, "2027年第一季度还没有开始。")


def test_an_address_without_a_quarter_of_ours_is_not_found(world: World, secretary: Browser):
    water = world.branch("water").id
    codes = ["2026Q5", "2026", "q1", "0000Q1", "0001Q1", "1899Q4", "2101Q1", "9999Q4", "２０２６Q1", "%F0%9F%99%82"]

    assert {code: secretary.get(f"/reports/begin/{water}/{code}").status for code in codes} == dict.fromkeys(codes, 404)


def test_a_report_is_begun_by_its_own_branch_only(world: World, secretary: Browser, office: Browser):
    air = world.branch("air").id

    assert [browser.get(f"/reports/begin/{air}/2026Q4").status for browser in (secretary, office)] == [404, 403]


# Keeping.


def test_a_draft_is_kept_as_typed_and_shown_again_with_what_is_wrong_beside_it(world: World, secretary: Browser):
    editor(world, secretary)

    page = secretary.submit(
        "存稿", {"tasks": "  第一行\n\n<b>第三行</b> ", "talks": "几次", "records-0-attendance": "11月12日"}
    )

    assert page.alerts[0] == "已存好。"
    kept = typed(world)
    assert (kept.fields["tasks"], kept.fields["talks"]) == ("  第一行\n\n<b>第三行</b> ", "几次")
    assert kept.records[0]["attendance"] == "11月12日"
    assert page.errors == {
        "talks": "“几次”不是整数，请用阿拉伯数字填写，例如3。",
        "records-0-attendance": "“11月12日”成了日期（Excel会把11/12改成日期），请把单元格设为文本，写成11/12。",
    }
    assert page.values["tasks"] == "  第一行\r\n\r\n<b>第三行</b> "


def test_signs_no_keyboard_types_are_left_out_and_a_flood_is_cut(world: World, secretary: Browser):
    editor(world, secretary)

    secretary.submit("存稿", tasks="甲\x00乙\u200b丙\u2028丁\t戊", highlight="长" * (MOST_TYPED + 1))

    kept = typed(world).fields
    assert (kept["tasks"], len(kept["highlight"])) == ("甲乙丙丁\t戊", MOST_TYPED)


def test_rows_are_added_and_removed_without_javascript(world: World, secretary: Browser):
    page = editor(world, secretary)
    rows = len([name for name in page.values if name.endswith("-topic")])

    page = secretary.submit("加一行", tasks="先写的一句")
    more = len([name for name in page.values if name.endswith("-topic")])
    remove(secretary, "records-0")

    assert (rows, more) == (3, 4)
    assert typed(world).fields["tasks"] == "先写的一句"
    assert [row["topic"] for row in typed(world).records] == ["研究党建工作", "重温入党誓词"]


def remove(browser: Browser, row: str) -> Page:
    """Press the cross of a row: four buttons carry the same words."""
    assert browser.page is not None
    values = {**browser.page.values, "remove_row": row}
    return browser.post(browser.page.path, values, csrf=True)


def test_a_row_that_is_not_there_is_not_removed(world: World, secretary: Browser):
    editor(world, secretary)
    secretary.submit("存稿")
    before = typed(world)

    for row in ("records-99", "records--1", "records-x", "", "records-²"):
        assert remove(secretary, row).status == 200

    assert typed(world) == before


def test_a_form_without_its_version_is_told_so_and_changes_nothing(world: World, secretary: Browser):
    path, before = f"/reports/{world.report('water', '2026Q4').id}/edit", typed(world)

    page = secretary.post(path, {"tasks": "没有版本"}, csrf=True)

    sentence = "这次提交缺了页面的版本号，请刷新页面再试；写下的内容可先复制出来。"
    assert (page.status, page.reason, typed(world)) == (409, sentence, before)


def test_a_submitted_report_opens_for_reading(world: World, secretary: Browser):
    report = world.report("water", "2026Q3")

    assert secretary.get(f"/reports/{report.id}/edit").path == f"/reports/{report.id}"


# Autosave.


def test_an_autosave_answers_with_the_pieces_of_the_page_that_changed(world: World, secretary: Browser):
    editor(world, secretary)
    version = world.report("water", "2026Q4").version

    page = autosave(world, secretary, tasks="自动存的一句", problems="")

    assert (page.status, typed(world).fields["tasks"]) == (200, "自动存的一句")
    assert [piece.get("id") for piece in page.all("//*[@hx-swap-oob='true']")] == [
        *("version", "save-state", "index", "counters", "remaining")
    ]
    assert page.by_id("version").get("value") == str(version + 1)
    assert said(page.by_id("save-state")) == "已保存 10:00"
    assert said(page.by_id("remaining")) == "还差 1 处"
    assert page.by_id("counters").findtext(".//dd") == "1 "


def test_an_autosave_whose_answer_was_lost_is_no_conflict(world: World, secretary: Browser):
    editor(world, secretary)
    first = autosave(world, secretary, tasks="只存一次")

    again = autosave(world, secretary, tasks="只存一次")

    versions = [page.by_id("version").get("value") for page in (first, again)]
    assert (again.status, versions[0]) == (200, versions[1])


def test_an_autosave_of_an_old_page_leads_to_the_comparison_and_writes_nothing(
    world: World, secretary: Browser, liaison: Browser
):
    editor(world, secretary)
    editor(world, liaison)
    liaison.submit("存稿", tasks="联络员写的")

    page = autosave(world, secretary, tasks="书记写的")

    assert (page.status, said(page.by_id("save-state"))) == (409, "有人先存了一稿，您写的还在本页 看两份的不同")
    assert typed(world).fields["tasks"] == "联络员写的"


def test_an_autosave_without_a_session_says_that_nothing_typed_is_lost(world: World, secretary: Browser):
    page, before = editor(world, secretary), typed(world)
    values = {**page.values, "tasks": "会话已过", "csrf_token": secretary.csrf_token()}
    path = f"/reports/{world.report('water', '2026Q4').id}/autosave"

    with stopped_at(NOW + timedelta(minutes=31)):
        answer = secretary.send("POST", path, data=values, headers={"HX-Request": "true"})

    sentence = "登录已过期，写下的字还在本页。请点“存稿”，登录后接着写"
    assert (answer.status, said(answer.by_id("save-state"))) == (401, sentence)
    assert typed(world) == before


# Handing in.


def test_a_report_with_something_missing_is_kept_and_says_what_beside_each_field(world: World, secretary: Browser):
    editor(world, secretary)

    page = secretary.submit("检查并提交", problems="", tasks="写好的一句", confirmed=None, talks="-2")

    assert (page.status, page.h1) == (422, "2026年第四季度书记抓党建报告")
    assert said(page.one("//*[@data-error-summary]")) == (
        "还差 3 处就能提交 第 4 节，谈心谈话：“-2”是负数，请填0或正整数。 第 7 节：存在问题及原因还没有写。 第 12 节：书记还没有确认内容属实。"
    )
    assert page.errors == {
        "talks": "“-2”是负数，请填0或正整数。",
        "problems": "存在问题及原因还没有写。",
        "confirmed": "书记还没有确认内容属实。",
    }
    assert (page.values["tasks"], page.values["talks"], "confirmed" in page.values) == ("写好的一句", "-2", False)
    assert typed(world).fields["tasks"] == "写好的一句"
    assert world.report("water", "2026Q4").state is State.DRAFT


def test_a_mended_report_is_handed_in_from_the_page_that_refused_it(world: World, secretary: Browser):
    editor(world, secretary)
    secretary.submit("检查并提交", problems="")

    page = secretary.submit("检查并提交", problems="1. 会前准备还不够")

    report = world.report("water", "2026Q4")
    assert (page.path, page.alerts[0]) == (f"/reports/{report.id}", "已提交给机关党委，这是第 1 稿。")
    assert (report.state, report.revisions) == (State.SUBMITTED, 1)


def test_a_liaison_drafts_and_is_told_who_hands_in(world: World, liaison: Browser):
    page = editor(world, liaison)
    report = world.report("water", "2026Q4")
    values = {**page.values, "tasks": "联络员起草", "do": "submit"}

    refused = liaison.post(f"/reports/{report.id}/edit", values, csrf=True)

    assert "检查并提交" not in page.buttons
    assert page.all("//input[@name='confirmed']") == []
    sentence = "党建联络员起草，由党支部书记提交。草稿已存好，请书记登录后提交。"
    assert (refused.status, refused.reason) == (409, sentence)
    assert typed(world).fields["tasks"] == "联络员起草"


def test_pressing_the_button_again_shows_what_the_first_press_did(world: World, secretary: Browser):
    page = editor(world, secretary)
    report = world.report("water", "2026Q4")
    key = str(page.all("//form[@id='report']//input[@name='key']/@value")[0])
    values = {**page.values, "tasks": "按了两次", "do": "submit", "key": key}

    pages = [secretary.post(f"/reports/{report.id}/edit", values, csrf=True) for _ in range(2)]

    assert [(page.status, page.path) for page in pages] == [(200, f"/reports/{report.id}")] * 2
    assert [row for row in rows_of(ReportRevision, "report_id", "number") if row[0] == report.id] == [(report.id, 1)]


def test_what_the_office_asked_for_stands_on_the_editor_and_a_new_confirmation_is_needed(world: World, sign_in: SignIn):
    browser = sign_in("air_secretary")
    page = editor(world, browser, "air", "2026Q3")

    refused = browser.submit("检查并提交")
    done = browser.submit("检查并提交", confirmed=True)

    assert page.alerts[0] == f"机关党委退回，请改这里： {RETURNED_TO_AIR}"
    assert (refused.status, refused.errors) == (422, {"confirmed": "书记还没有确认内容属实。"})
    assert done.alerts[0] == "已提交给机关党委，这是第 2 稿。"
