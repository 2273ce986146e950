"""The office's matrix of a quarter: filters, sorting, pages, hostile addresses, the next report to review."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import builders
from tests.builders import NOW, World
from tests.conftest import SignIn
from tests.pages import Browser, Page, said
from tiejun_awards.quarters import services
from tiejun_awards.quarters.services import Filters, Line, Progress
from tiejun_awards.reports.rules import State
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.db import writing
from tiejun_awards.shared.periods import Quarter

Q3, Q4 = Quarter(2026, 3), Quarter(2026, 4)
WATER, AIR, OWN = "水生态环境处党支部", "大气环境处党支部", "机关党委办公室党支部"


def names(page: Page) -> list[str]:
    return [row[0] for row in page.rows()] if page.heads else []


def test_every_branch_stands_on_the_page_in_unit_order_with_its_report_and_counts(world: World, office: Browser):
    page = office.get("/quarters/2026Q3")

    assert page.heads == [
        ["党支部", "党员", "报告", "首次提交", "党员大会", "支委会", "党小组会", "党课", "主题党日", "操作"]
    ]
    assert page.rows() == [
        [WATER, "21", "已提交", "10月10日", "1/1", "1/3", "0/6", "0/1", "1/3", f"审阅{WATER}"],
        [AIR, "21", "已退回", "10月10日", "1/1", "1/3", "0/6", "0/1", "1/3", f"查看{AIR}"],
        [OWN, "21", "已提交", "10月10日", "1/1", "1/3", "0/6", "0/1", "1/3", f"审阅{OWN}"],
    ]
    assert said(page.one("//div[contains(@class, 'ask')]")) == "10月16日（周五）截止2 份等审阅，1 份待报"


def test_the_running_quarter_is_the_one_shown_first_and_nothing_is_short_before_it_is_over(
    world: World, office: Browser
):
    page = office.get("/quarters/")

    assert page.path == "/quarters/2026Q4"
    assert [row[2:5] for row in page.rows()] == [["草稿", "—", "1/1"], ["未开始", "—", "—"], ["未开始", "—", "—"]]
    assert page.all("//td[contains(@class, 'short')]") == []
    assert len(office.get("/quarters/2026Q3").all("//td[contains(@class, 'short')]")) == 12


def test_a_branch_stands_in_the_quarters_in_which_it_was_there(world: World, office: Browser):
    with writing():
        world.branch("water").founded_on = date(2026, 10, 1)
        world.branch("air").ended_on = date(2026, 6, 30)

    assert names(office.get("/quarters/2026Q2")) == [AIR, OWN]
    assert names(office.get("/quarters/2026Q3")) == [OWN]
    assert names(office.get("/quarters/2026Q4")) == [WATER, OWN]


# Filters.


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("环境处", [WATER, AIR]),
        ("  大气 ", [AIR]),
        ("没有的", []),
        ("100%", ["百分之100%党支部"]),
        ("%", ["百分之100%党支部"]),
        ("_", ["a_b党支部"]),
        ("a_b", ["a_b党支部"]),
        ("\\", []),
        ("'", []),
    ],
)
def test_branches_are_found_by_any_part_of_their_name(world: World, office: Browser, text: str, found: list[str]):
    for code, name in (("percent", "百分之100%党支部"), ("under", "a_b党支部"), ("other", "axb党支部")):
        builders.branch(world.organiser("department"), code, name)
    office.get("/quarters/2026Q3")

    page = office.submit("筛选", q=text)

    assert names(page) == found
    assert page.values["q"] == text.strip()


def test_branches_are_found_by_the_unit_they_serve(world: World, office: Browser):
    office.get("/quarters/2026Q3")

    page = office.submit("筛选", unit=str(world.unit("air_unit").id))

    assert names(page) == [AIR]
    assert [said(option) for option in page.all("//select[@name='unit']/option")] == [
        *("全部", "水生态环境处", "大气环境处", "机关党委办公室")
    ]


@pytest.mark.parametrize(
    ("quarter", "state", "found"),
    [
        ("2026Q3", "submitted", [WATER, OWN]),
        ("2026Q3", "returned", [AIR]),
        ("2026Q2", "accepted", [WATER, AIR, OWN]),
        ("2026Q4", "draft", [WATER]),
        ("2026Q4", "none", [AIR, OWN]),
        ("2026Q4", "accepted", []),
    ],
)
def test_branches_are_found_by_how_far_their_report_has_come(
    world: World, office: Browser, quarter: str, state: str, found: list[str]
):
    office.get(f"/quarters/{quarter}")

    page = office.submit("筛选", state=state)

    assert names(page) == found
    if not found:
        assert page.text.count("没有符合条件的党支部") == 1


def test_the_tally_counts_what_the_filters_leave(world: World):
    office = world.actor("office")

    assert services.tally(office, Q3, Filters()) == {
        **{Progress.NONE: 0, Progress.DRAFT: 0, Progress.SUBMITTED: 2, Progress.RETURNED: 1, Progress.ACCEPTED: 0}
    }
    assert services.tally(office, Q4, Filters(branch="水")) == {**dict.fromkeys(Progress, 0), Progress.DRAFT: 1}


# Sorting and pages.


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("unit", [WATER, AIR, OWN]),
        ("-unit", [OWN, AIR, WATER]),
        ("state", [AIR, WATER, OWN]),
        ("-state", [WATER, AIR, OWN]),
        ("submitted", [AIR, WATER, OWN]),
        ("-submitted", [WATER, AIR, OWN]),
    ],
)
def test_the_matrix_is_sorted_and_what_has_no_value_comes_last(
    world: World, office: Browser, sort: str, found: list[str]
):
    late, quarter = NOW - timedelta(days=2), Quarter(2026, 1)
    air, water = (world.person(f"{who}secretary") for who in ("air_", ""))
    builders.report(world.branch("air"), quarter, State.RETURNED, writer=air, office=world.person("office"))
    builders.report(world.branch("water"), quarter, State.SUBMITTED, writer=water, at=late)

    page = office.get(f"/quarters/2026Q1?sort={sort}")

    assert names(page) == found
    key = sort.removeprefix("-")
    heads = {"unit": "党支部", "state": "报告", "submitted": "首次提交"}
    turned = [said(head) for head in page.all("//th[@aria-sort!='none']")]
    assert turned == [heads[key]]


def test_fifty_branches_are_a_page_and_filters_travel_along(world: World, office: Browser):
    for number in range(52):
        builders.branch(world.organiser("department"), f"more{number}", f"第{number:02d}更多党支部")

    first = office.get("/quarters/2026Q4?q=更多&sort=-unit")
    second = office.click("下一页")

    assert (len(names(first)), names(first)[0], names(second)) == (
        50,
        "第51更多党支部",
        ["第01更多党支部", "第00更多党支部"],
    )
    assert "共 52 个党支部，第 2 / 2 页" in second.main
    assert names(office.get("/quarters/2026Q4?q=更多&sort=-unit&page=99")) == names(second)


@pytest.mark.parametrize(
    "query",
    [
        "sort=members",
        "sort=-",
        "sort=unit;drop table report",
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "page=²",
        "page=1e3",
        "unit=abc",
        "unit=-1",
        "unit=99999999999999999999",
        "unit=²",
        "state=handed_in",
        "state=%00",
        "state=submitted'--",
        "q=%00",
        "q=&sort=&page=&unit=&state=",
        "sort=unit&sort=state&page=1&page=2",
        "more=1&%3Cscript%3E=1",
    ],
)
def test_an_address_that_asks_for_nonsense_shows_the_whole_list(world: World, office: Browser, query: str):
    page = office.get(f"/quarters/2026Q3?{query}")

    assert (page.status, names(page)) == (200, [WATER, AIR, OWN])


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "x" * 5_000, "甲\x00\u200b乙", "%' OR 1=1 --", "🙂"])
def test_a_hostile_text_finds_nothing_and_is_shown_as_text(world: World, office: Browser, text: str):
    page = office.get("/quarters/2026Q3", query_string={"q": text})

    assert (page.status, names(page)) == (200, [])
    assert page.values["q"] == text[:80].replace("\x00\u200b", "")


@pytest.mark.parametrize("code", ["2026Q5", "2026", "0000Q1", "0001Q1", "1899Q4", "2101Q1", "9999Q4", "２０２６Q1"])
@pytest.mark.parametrize("page", ["", "/export", "/next"])
def test_a_quarter_beyond_every_calendar_is_not_found(world: World, office: Browser, code: str, page: str):
    assert office.get(f"/quarters/{code}{page}").status == 404


@pytest.mark.parametrize("code", ["1900Q1", "2100Q4", "2031Q2"])
def test_a_far_quarter_is_a_page_like_any_other(world: World, office: Browser, code: str):
    assert office.get(f"/quarters/{code}").status == 200


# Who sees which branches.


def test_each_sees_the_branches_within_reach(world: World, sign_in: SignIn):
    seen = {who: names(sign_in(who).get("/quarters/2026Q3")) for who in ("office", "leader", "second", "city_office")}

    assert seen == {
        "office": [WATER, AIR, OWN],
        "leader": [WATER, AIR, OWN],
        "second": [OWN],
        "city_office": ["银川市局第一党支部", "银川市局第二党支部"],
    }


def test_a_line_says_whether_the_report_was_late_or_is_missing_after_its_day(world: World):
    lines = services.lines(world.actor("office"), Q4, Filters(), due=date(2026, 11, 20))

    late = {line.name: (line.progress, line.submitted_on, line.late) for line in lines}
    assert late[WATER] == (Progress.DRAFT, None, True)
    assert isinstance(lines[0], Line)


# The next report to review.


def test_reports_are_reviewed_in_unit_order_and_round_again(world: World, sign_in: SignIn):
    office = world.actor("office")
    builders.report(
        world.branch("own"), "2026Q4", State.SUBMITTED, writer=world.person("own_secretary"), at=NOW - timedelta(days=1)
    )
    water, other = world.report("water", "2026Q3"), world.report("air", "2026Q3")
    later = builders.branch(world.organiser("department"), "later", "最后一个党支部")
    writer = builders.person("later_secretary", world.organiser("department"), Role.SECRETARY, branch=later)
    last = builders.report(later, "2026Q3", State.SUBMITTED, writer=writer, at=NOW - timedelta(days=30))

    def after(report_id: int | None) -> int | None:
        return services.next_to_review(office, Q3, report_id)

    # Returned ones wait for their branch, those of the own branch for the second hand.
    assert [after(None), after(water.id), after(last.id), after(other.id), after(999_999)] == [
        *(water.id, last.id, water.id, water.id, water.id)
    ]
    assert services.next_to_review(world.actor("second"), Q4) == world.report("own", "2026Q4").id
    assert services.next_to_review(office, Q4) is None


def test_the_button_leads_to_the_next_report_and_home_when_all_are_read(world: World, office: Browser):
    report = world.report("water", "2026Q3")
    office.get("/quarters/2026Q3")

    page = office.click("审阅下一份")
    office.submit("采用")
    done = office.click("下一份待审阅")

    assert page.path == f"/reports/{report.id}"
    assert (done.path, done.alerts[0]) == ("/", "2026年第三季度没有等您审阅的报告了。")
    assert office.get("/quarters/2026Q3/next?after=²").path == "/"
