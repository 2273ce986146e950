"""The pages of the rules and of the days."""

import io

import pytest
from openpyxl import load_workbook
from werkzeug.datastructures import FileStorage

from tests.builders import World, rows_of
from tests.pages import Browser
from tests.rulebook.test_days import EID, EID_NUMBER, LATER_DUE, NUMBER, YEAR_2027
from tiejun_awards.rulebook import services
from tiejun_awards.rulebook.models import DayNotice
from tiejun_awards.rulebook.rules import GROUPS, RULES

ENTER = "/rules/days/enter?year=2027"


def test_every_rule_stands_under_a_heading_with_its_source():
    assert {key.split(".")[0] for key in RULES} == set(GROUPS)
    assert [rule.key for rule in RULES.values() if not rule.source] == []


def test_the_rules_are_listed_with_value_mode_and_source(staff: Browser):
    page = staff.get("/rules/")

    assert (page.h1, page.heads) == ("规则", [["规则", "数值", "单位", "作用", "依据", "起始"]])
    assert page.rows()[:3] == [
        ["季度报告"],
        ["季度报告次数", "4", "次/年", "必须", RULES["reports.times"].source, "—"],
        ["季度报告截止", "8", "个工作日（季度后）", "默认值 建议值", RULES["reports.due_working_day"].source, "—"],
    ]


def test_the_rules_are_searched_and_exported_as_shown(staff: Browser):
    page = staff.get("/rules/?q=第十三条&mode=warn")
    file = staff.get(page.links["导出 Excel"])
    nothing = staff.get("/rules/?q=没有这个词")

    sheet = load_workbook(io.BytesIO(file.content)).worksheets[0]
    assert [row[1] for row in sheet.iter_rows(min_row=2, max_row=2, values_only=True)] == ["党小组会"]
    assert [row[0] for row in page.rows()] == ["组织生活", "党小组会"]
    assert "没有符合条件的规则" in nothing.main


def test_a_known_year_shows_its_days_and_where_they_come_from(staff: Browser):
    page = staff.get("/rules/days?year=2026")

    assert page.h1 == "2026年工作日和放假安排"
    assert page.rows()[0] == ["1月1日（周四）至1月3日（周六）", "放假", "3", "元旦", "国务院办公厅"]
    assert page.alerts == []
    assert len(page.all("//main//table[contains(@class, 'month')]")) == 12


@pytest.mark.parametrize("year", ["", "abc", "1999", "99999", "２０２６"])
def test_any_other_year_is_this_year(staff: Browser, year: str):
    assert staff.get(f"/rules/days?year={year}").h1 == "2026年工作日和放假安排"


def test_an_unknown_year_says_so_and_offers_entering_it_to_the_top_office_only(
    office: Browser, staff: Browser, city_office: Browser
):
    pages = [browser.get("/rules/days?year=2027") for browser in (office, staff, city_office)]

    assert ["登记2027年的安排" in page.links for page in pages] == [True, False, False]
    assert all(page.alerts[0].startswith("2027年的放假安排还没有登记，日期暂按周一至周五推算") for page in pages)


def test_a_city_office_is_told_who_enters_the_days(city_office: Browser, staff: Browser):
    page = city_office.get(ENTER)

    assert (page.status, page.reason) == (403, "全区的放假和调休由厅机关党委登记，各市不必另登。")
    assert staff.get(ENTER).status == 403


def test_a_notice_is_previewed_and_entered_as_it_was_shown(office: Browser):
    office.get(ENTER)
    preview = office.submit("看看读懂了什么", number="国办发明电[2026]9号", text=LATER_DUE)
    saved_before = rows_of(DayNotice, "id")
    after = office.submit("照此登记")

    assert (preview.status, saved_before) == (200, [])
    assert "2026年第四季度报告截止日由2027年1月12日变为2027年1月15日。" in preview.main
    assert ["1月4日（周一）", "放假", "元旦", "原来上班", "第 1 行"] in preview.rows()
    assert (after.path, after.alerts) == (
        "/rules/days?year=2027",
        [f"已登记2027年的{NUMBER}，各处的日期已按它重新推算。"],
    )
    assert after.rows()[0] == ["1月1日（周五）至1月5日（周二）", "放假", "5", "元旦", NUMBER]


def test_what_was_not_understood_is_told_by_line_and_keeps_everything_typed(office: Browser):
    text = YEAR_2027.replace("4月3日（周六）", "4月3日（周五）")
    office.get(ENTER)

    page = office.submit("看看读懂了什么", number=NUMBER, text=text)

    assert page.status == 422
    assert page.rows()[0][0] == "第 3 行"
    assert page.rows()[0][1].startswith("三、清明节：4月3日（周五）至6日")
    assert (page.values["number"], page.values["text"].replace("\r\n", "\n"), page.values["year"]) == (
        NUMBER,
        text,
        "2027",
    )
    assert page.buttons == ["重新读一遍"]


def test_what_cannot_be_saved_is_not_saved_by_asking_directly(office: Browser):
    page = office.post(
        "/rules/days/enter", {"do": "save", "year": "2027", "number": NUMBER, "text": "春节：放假"}, csrf=True
    )

    assert (page.status, rows_of(DayNotice, "id")) == (422, [])


def test_the_browser_leaves_it_to_the_page_to_say_what_is_missing(office: Browser):
    page = office.get("/rules/days/enter")

    assert ["novalidate" in form.attrib for form in page.all("//main//form[.//textarea]")] == [True]


def test_number_text_and_year_are_asked_for_beside_their_fields(office: Browser):
    office.get(ENTER)
    without_number = office.submit("看看读懂了什么", text=YEAR_2027, number=" ")
    without_text = office.submit("重新读一遍", text=" ", number=NUMBER)
    with_wrong_year = office.post("/rules/days/enter", {"year": "x", "number": NUMBER, "text": YEAR_2027}, csrf=True)

    assert (without_number.status, without_number.errors) == (422, {"number": "请填写通知的文号，没有文号不能登记。"})
    assert "读到的日子" in without_number.main
    assert (without_text.status, without_text.errors) == (422, {"text": "请粘贴通知正文，或者选一个文件。"})
    assert (with_wrong_year.status, with_wrong_year.errors) == (422, {"year": "请选一个年度。"})


def test_a_file_takes_the_place_of_the_pasted_text(office: Browser):
    good = {
        "year": "2027",
        "number": NUMBER,
        "text": "",
        "file": FileStorage(io.BytesIO(YEAR_2027.encode("gbk")), "通知.txt"),
    }
    bad = {"year": "2027", "number": NUMBER, "text": "", "file": FileStorage(io.BytesIO(b"x"), "通知.doc")}

    read = office.post("/rules/days/enter", good, csrf=True)
    refused = office.post("/rules/days/enter", bad, csrf=True)

    assert (read.status, read.values["text"].replace("\r\n", "\n")) == (200, YEAR_2027)
    assert (refused.status, list(refused.errors)) == (422, ["file"])


def test_the_same_notice_again_is_refused_beside_its_number(office: Browser, world: World):
    services.enter_days(world.actor("office"), world.organiser("department"), year=2027, number=NUMBER, text=YEAR_2027)
    office.get(ENTER)

    page = office.submit("看看读懂了什么", number=NUMBER, text=YEAR_2027)

    assert (page.status, page.errors) == (409, {"number": f"{NUMBER}已经登记过，读到的日子和这次一样，不必再登。"})
    assert page.buttons == ["重新读一遍"]


def test_a_notice_is_withdrawn_with_a_reason(office: Browser, world: World):
    services.enter_days(world.actor("office"), world.organiser("department"), year=2027, number=NUMBER, text=YEAR_2027)
    office.get("/rules/days?year=2027")
    asked = office.click(f"登记错了，撤下{NUMBER}")
    without = office.submit("撤下这份通知", reason=" ")
    done = office.submit("撤下这份通知", reason="贴成了征求意见稿。")
    again = office.get(asked.path)

    assert asked.h1 == f"撤下{NUMBER}"
    assert "撤下后2027年重新暂按周一至周五推算，直到登记正确的通知。" in asked.main
    assert (without.status, without.errors) == (422, {"reason": "请写明为什么撤下。"})
    assert (done.path, done.status) == ("/rules/days?year=2027", 200)
    assert "贴成了征求意见稿。" in done.main
    assert again.status == 409


def test_nobody_else_withdraws(world: World, city_office: Browser, staff: Browser, office: Browser):
    made = services.enter_days(
        world.actor("office"), world.organiser("department"), year=2027, number=EID_NUMBER, text=EID
    ).id
    path = f"/rules/days/{made}/withdraw"

    assert [browser.get(path).status for browser in (city_office, staff)] == [403, 403]
    assert office.get("/rules/days/999/withdraw").status == 404
