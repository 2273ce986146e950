"""The pages of the paper twin, from the printed form to the submitted report."""

from __future__ import annotations

from io import BytesIO

from openpyxl import load_workbook

from tests import builders
from tests.builders import World
from tests.conftest import SignIn
from tests.files import made as file_made
from tests.pages import Browser, Page, said
from tests.papers import made
from tiejun_awards.files import queries as files
from tiejun_awards.files.models import Attachment, FilePreview
from tiejun_awards.files.rules import PreviewState
from tiejun_awards.papers.codes import in_fours
from tiejun_awards.papers.models import PrintedForm, Transcription
from tiejun_awards.papers.rules import State as PaperState
from tiejun_awards.reports import queries as reports
from tiejun_awards.reports.rules import State
from tiejun_awards.shared.db import db, writing


def typed(world: World, **changed: str) -> dict[str, str]:
    """What a liaison types from the paper: the record rows that the page offers at first are one."""
    values = {name: value for name, value in made.values(world).items() if name[:9] not in ("records-1", "records-2")}
    around = {"signed_on": "2026.11.18", "lies_at": made.LIES_AT}
    return {**values, **around, **changed}


def enter(world: World, liaison: Browser, **changed: str) -> Page:
    liaison.get(f"/papers/enter/report/{made.key_of(world, 'water')}")
    return liaison.submit("存好，请人复核", typed(world, **changed))


# Printing, and finding a paper again by its code.


def test_a_blank_form_is_printed_with_a_code_that_leads_to_typing_it(world: World, liaison: Browser):
    liaison.get("/papers/begin")

    page = liaison.submit("打印空白表")

    form = builders.only(PrintedForm)
    assert (page.path, page.h1) == (f"/papers/forms/{form.code}", "党支部书记抓党建季度报告表")
    assert page.text.count(in_fours(form.code)) == 2
    liaison.get("/papers/begin")
    found = liaison.submit("打开", code=in_fours(form.code).lower())
    assert found.path == f"/papers/enter/report/{form.subject}?code={form.code}"
    assert "tasks" in found.values
    assert found.values["tasks"] == ""


def test_a_filled_form_prints_the_draft_and_brings_it_along_to_be_typed(world: World, liaison: Browser):
    report = world.report("water", "2026Q4")
    liaison.get(f"/reports/{report.id}")

    page = liaison.submit("打印填好的表（印有编码）")

    assert "水源地整治完成八成。" in page.main
    form = builders.only(PrintedForm)
    assert liaison.get(f"/papers/begin?code={form.code}").values["tasks"] == "水源地整治完成八成。"


def test_the_office_prints_no_draft_it_may_not_read(world: World, office: Browser):
    page = office.post(f"/papers/print/report/{made.key_of(world, 'water')}", {"filled": "yes"}, csrf=True)

    assert (page.status, page.reason) == (409, "这份还没有提交，草稿只有支部自己能看；您可以打印空白表。")


def test_a_wrong_code_gets_a_sentence_and_keeps_what_was_typed(world: World, liaison: Browser):
    air = made.printed(world, "air")
    liaison.get("/papers/begin")

    short = liaison.submit("打开", code="ABCD")
    foreign = liaison.submit("打开", code=air.code)

    assert (short.status, short.errors["code"]) == (422, "编码是 16 个字母和数字，这里有 4 个，请照表右上角再看一遍。")
    assert (foreign.status, foreign.values["code"]) == (422, air.code)
    assert foreign.errors["code"].startswith("没有印过这个编码的表")


# Typing and comparing.


def test_a_liaison_types_a_second_hand_compares_and_the_office_sees_it_submitted(
    world: World, liaison: Browser, second: Browser, office: Browser
):
    page = enter(world, liaison)
    assert page.alerts[0] == "已存好，等另一位复核。原件扫描可以附在这里，不附也行。"

    second.get("/")
    second.click("去复核")
    shown = second.click("水生态环境处党支部2026年第四季度报告")
    assert "2026年11月18日" not in shown.main
    again = second.submit("与原件一样，复核通过", alike=["0", "1"], signed_on="2026-11-19")
    assert (again.status, again.errors["signed_on"][:13]) == (422, "和代录的日期不一样。请再看")
    assert len(again.all("//input[@name='alike'][@checked]")) == 2
    done = second.submit("与原件一样，复核通过", alike=[str(n) for n in made.SECTIONS], signed_on="2026年11月18日")

    assert done.alerts[0] == "水生态环境处党支部2026年第四季度报告已复核，按纸上的日期算。"
    report = world.report("water", "2026Q4")
    read = office.get(f"/reports/{report.id}")
    assert "第 1 稿，2026年11月18日提交" in read.main
    said = f"水处党支部书记2026年11月18日签字；党建联络员经办代录，复核人复核，原件存{made.LIES_AT}。"
    assert said in read.main
    assert "2026年11月18日" in office.get(f"/reports/{report.id}/print").main
    assert report.state is State.SUBMITTED


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(world: World, liaison: Browser):
    page = enter(
        world,
        liaison,
        signed_on="明天",
        members="许多",
        **{"records-0-held_on": "2026-12-01", "lies_at": "", "tasks": "长" * 301},
    )

    assert page.status == 422
    assert set(page.errors) >= {"signed_on", "lies_at"}
    again = liaison.submit("存好，请人复核", signed_on="2026-11-18", lies_at=made.LIES_AT)
    assert again.errors == {
        "members": "“许多”不是整数，请用阿拉伯数字填写，例如3。",
        "records-0-held_on": "这一天还没有到，开过之后再登记。",
        "tasks": "写了 301 字，最多 300 字，请删减一些。",
    }
    assert (again.values["members"], again.values["tasks"]) == ("许多", "长" * 301)
    assert builders.count(Transcription) == 0


def test_what_is_wrong_is_listed_in_the_order_of_the_page_and_says_where(world: World, liaison: Browser):
    page = enter(
        world,
        liaison,
        highlight="长" * 501,
        tasks="长" * 301,
        study_hours="许多",
        members="很多",
        **{"records-0-topic": "", "fixes-0-how": "长" * 101},
    )

    listed = page.all("//*[@data-error-summary]//li")
    assert [said(each) for each in listed] == [
        "一、基本信息，正式党员：“很多”不是整数，请用阿拉伯数字填写，例如3。",
        "二、组织生活落实，第 1 行主题或议题：请写主题或议题，几个字就行。",
        "二、组织生活落实，集中学习时长：“许多”不是整数，请用阿拉伯数字填写，例如3。",
        "五、重点任务与业务融合，重点任务进展：写了 301 字，最多 300 字，请删减一些。",
        "六、亮点做法：写了 501 字，最多 500 字，请删减一些。",
        "八、上季度问题整改，第 1 条怎么改的：写了 101 字，最多 100 字。",
    ]
    assert listed[1].xpath(".//a/@href") == ["#records-0-topic"]


def test_what_the_paper_leaves_blank_is_not_asked_for_and_the_report_says_so(
    world: World, liaison: Browser, second: Browser, office: Browser
):
    blank = {name: "" for name in made.values(world) if name.startswith("fixes-")}
    asked = liaison.get(f"/papers/enter/report/{made.key_of(world, 'water')}")
    done = enter(world, liaison, probationary="", problems="", **blank)
    second.get(done.path)
    second.submit("与原件一样，复核通过", alike=[str(n) for n in made.SECTIONS], signed_on="2026-11-18")

    page = office.get(f"/reports/{world.report('water', '2026Q4').id}")

    assert "照着纸上写的录，一字不改；纸上空着的就空着，记为没有填。" in asked.main
    assert done.alerts[0] == "已存好，等另一位复核。原件扫描可以附在这里，不附也行。"
    assert "七、存在问题及原因 没有填。" in page.main


def test_what_came_back_is_mended_by_whoever_typed_it(world: World, liaison: Browser, second: Browser):
    enter(world, liaison)
    found = builders.only(Transcription)
    second.get(f"/papers/{found.id}")
    empty = second.submit("退回改正")
    second.submit("退回改正", reason="第五节少一句。")

    liaison.get("/")
    liaison.click("去改正")
    liaison.click("水生态环境处党支部2026年第四季度报告")
    page = liaison.click("改正")

    assert (empty.status, empty.errors) == (422, {"reason": "请写明哪一处和原件不一样。"})
    assert any("第五节少一句。" in alert for alert in page.alerts)
    assert (page.values["tasks"], page.values["signed_on"]) == ("纸上写的进展。", "2026-11-18")
    done = liaison.submit("存好，请人复核", tasks="补上一句。")
    assert done.alerts[0] == "已改好，等另一位复核。"
    assert builders.only(Transcription).content["tasks"] == "补上一句。"


def test_a_page_that_another_tab_has_overtaken_keeps_what_was_typed(world: World, liaison: Browser, sign_in: SignIn):
    enter(world, liaison)
    found = builders.only(Transcription)
    other = sign_in("liaison")
    liaison.get(f"/papers/{found.id}/edit")
    other.get(f"/papers/{found.id}/edit")
    other.submit("存好，请人复核", tasks="先存的。")

    page = liaison.submit("存好，请人复核", tasks="后存的。", signed_on="2026-11-17", members="许多")
    other.click("改正")
    other.submit("存好，请人复核", tasks="又存一次。")
    again = liaison.submit("存好，请人复核", members="20")
    kept = builders.only(Transcription).content["tasks"]
    done = liaison.submit("存好，请人复核")

    assert (page.status, page.values["tasks"], kept) == (409, "后存的。", "又存一次。")
    assert page.rows() == [
        ["签字日期", "2026年11月17日", "2026年11月18日"],
        ["一、基本信息，正式党员", "许多", "20"],
        ["五、重点任务与业务融合，重点任务进展", "后存的。", "先存的。"],
    ]
    assert (again.status, again.rows()[-1][1:]) == (409, ["后存的。", "又存一次。"])
    assert (done.status, builders.only(Transcription).content["tasks"]) == (200, "后存的。")


def test_a_correction_sent_twice_is_one(world: World, liaison: Browser, sign_in: SignIn):
    enter(world, liaison)
    liaison.get(f"/papers/{builders.only(Transcription).id}/edit")
    twice = sign_in("liaison")
    page = liaison.page
    assert page is not None
    sent = {**page.values, "tasks": "改过一句。", "key": "one"}

    done = [browser.post(page.path, sent, csrf=True) for browser in (liaison, twice)]

    assert [each.path for each in done] == [f"/papers/{builders.only(Transcription).id}"] * 2


def test_a_row_more_does_not_hide_that_another_tab_has_saved(world: World, liaison: Browser, sign_in: SignIn):
    enter(world, liaison)
    found = builders.only(Transcription)
    other = sign_in("liaison")
    liaison.get(f"/papers/{found.id}/edit")
    other.get(f"/papers/{found.id}/edit")
    other.submit("存好，请人复核", tasks="先存的。")

    page = liaison.submit("加一行")

    assert (page.status, page.rows()[0][2]) == (409, "先存的。")


def test_what_was_corrected_meanwhile_is_to_be_ticked_anew(world: World, liaison: Browser, second: Browser):
    enter(world, liaison)
    found = builders.only(Transcription)
    second.get(f"/papers/{found.id}")
    liaison.get(f"/papers/{found.id}/edit")
    liaison.submit("存好，请人复核", tasks="改过一句。")

    page = second.submit("与原件一样，复核通过", alike=[str(n) for n in made.SECTIONS], signed_on="2026-11-18")

    assert (page.status, page.all("//input[@name='alike'][@checked]")) == (422, [])
    assert "您打开页面之后，这份代录改过了。请照现在的内容再看一遍。" in page.main
    assert "改过一句。" in page.main


def test_whoever_may_not_compare_is_told_why_and_who_may(
    world: World, office: Browser, liaison: Browser, second: Browser
):
    own, water = made.transcription(world, "own"), made.transcription(world)

    said = [browser.get(f"/papers/{paper.id}") for browser, paper in ((office, own), (liaison, water), (second, own))]

    assert [page.alerts for page in said] == [
        ["这是您所在支部的表，请别人来复核。可以复核的是复核人。"],
        ["代录由机关党委经办或复核人复核。可以复核的是机关党委经办、复核人。"],
        [],
    ]
    assert ["与原件一样，复核通过" in page.buttons for page in said] == [False, False, True]


def test_where_nobody_may_compare_it_says_what_to_do(world: World, second: Browser):
    air = made.transcription(world, "air")
    with writing():
        world.person("office").disabled_at = world.now

    page = second.get(f"/papers/{air.id}")

    assert page.alerts == [
        "这是您所在支部的表，请别人来复核。"
        "现在没有人可以复核：经办和复核人都是代录的人、签字的人或本支部的人，请先任命一位别的复核人。"
    ]


def test_typing_what_somebody_types_already_keeps_the_words_and_names_him(world: World, liaison: Browser):
    liaison.get(f"/papers/enter/report/{made.key_of(world, 'water')}")
    made.transcription(world)

    page = liaison.submit("存好，请人复核", typed(world))

    assert (page.status, page.values["tasks"]) == (422, "纸上写的进展。")
    assert any("代录经办已经代录了这份，待复核。" in alert for alert in page.alerts)


def test_rows_are_added_and_emptied_without_javascript(world: World, liaison: Browser):
    liaison.get(f"/papers/enter/report/{made.key_of(world, 'water')}")

    more = liaison.submit("加一行", typed(world))
    less = liaison.post(more.path, {**more.values, "remove_row": "records-0"}, csrf=True)

    assert [more.values[f"records-{row}-topic"] for row in range(4)] == ["讨论季度工作", "", "", ""]
    assert [less.values[f"records-{row}-topic"] for row in range(1)] == [""]
    assert less.values["tasks"] == "纸上写的进展。"
    assert builders.count(Transcription) == 0


def test_a_transcription_is_withdrawn_with_a_reason(world: World, liaison: Browser):
    enter(world, liaison)
    liaison.submit("撤下", reason="书记自己提交了。")

    found = builders.only(Transcription)
    assert (found.state, found.reason) == (PaperState.WITHDRAWN, "书记自己提交了。")


def test_the_draft_that_was_there_can_still_be_read(world: World, liaison: Browser):
    page = enter(world, liaison)

    assert "系统里原来的草稿" in page.main
    assert "水源地整治完成八成。" in page.main


def test_the_secretary_sees_on_the_report_that_it_is_being_transcribed(world: World, secretary: Browser):
    made.transcription(world)

    page = secretary.get(f"/reports/{world.report('water', '2026Q4').id}")

    assert page.alerts == ["代录经办正在代录签了字的纸质稿，待复核。"]


# The scan of the original.


def drawn(file_id: int) -> None:
    """What the work process would do."""
    sha256 = db.session.get_one(Attachment, file_id).sha256
    with writing() as session:
        session.merge(
            FilePreview(
                sha256=sha256, state=PreviewState.MADE, cut=False, pages=1, total=1, media="image/png", outline=[]
            )
        )


def latest_scans(world: World) -> list[str]:
    revision = reports.revision(world.report("water", "2026Q4"))
    assert revision is not None
    assert revision.paper is not None
    return list(revision.paper["scans"])


def test_the_scan_is_attached_by_whoever_types_and_read_by_whoever_compares(
    world: World, office: Browser, second: Browser
):
    found = made.transcription(world)

    data = {"file": (BytesIO(file_made.png()), "原件.png"), "csrf_token": office.csrf_token()}
    sent = office.send("POST", f"/files/of/paper/{found.id}/add", data=data)

    [line] = files.lines_of("paper", found.id, writer=True)
    assert sent.status == 303
    assert "原件.png" in second.get(f"/papers/{found.id}").main
    assert "原件.png" in second.get(f"/files/of/paper/{found.id}").main
    assert second.get(f"/files/{line.id}/file").status == 200
    drawn(line.id)
    [picture] = second.get(f"/papers/{found.id}").all("//figure//img")
    assert (picture.get("src"), picture.get("alt")) == (f"/files/{line.id}/pages/1", "原件.png")
    made.compared(world, found)
    assert [len(scan) for scan in latest_scans(world)] == [64]
    closed = office.post(f"/files/{line.id}/remove", csrf=True)
    assert (closed.status, closed.reason) == (409, "这份代录已复核，原件扫描不能再增减。")


# The list.


def test_the_list_is_filtered_and_told_as_xlsx_without_the_date_that_is_to_be_read(world: World, office: Browser):
    made.compared(world, made.transcription(world))
    made.transcription(world, "own")

    page = office.get("/papers/?state=compared&q=水生态")
    book = load_workbook(BytesIO(office.get("/papers/export?period=2026Q4").content))

    assert [row[0] for row in page.rows()] == ["水生态环境处党支部2026年第四季度报告"]
    rows = [[str(cell or "") for cell in row] for row in book.active.iter_rows(values_only=True)]  # type: ignore[union-attr]
    assert [(row[1], row[3], row[5][:10], row[11]) for row in rows[1:3]] == [
        ("机关党委办公室党支部", "待复核", "", ""),
        ("水生态环境处党支部", "已复核", "2026-11-18", "第 1 稿"),
    ]
    assert office.get("/papers/?state=returned").main.count("没有符合条件的代录") == 1


def test_the_list_of_a_city_holds_none_of_the_department(world: World, city_office: Browser):
    made.transcription(world)

    assert "还没有代录过" in city_office.get("/papers/").main
