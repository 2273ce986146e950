"""Pages of ratings: who sees what and when, bad input beside its field, the office's way through a cycle by its buttons."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests import builders, rating_builders
from tests.builders import World
from tests.conftest import SignIn, Statements
from tests.pages import Browser
from tiejun_awards.ratings import queries, results, services
from tiejun_awards.ratings.models import BranchEntry, CycleBranch, RatingCycle
from tiejun_awards.ratings.rules import State
from tiejun_awards.shared.db import db, one_transaction


def cycle_path(world: World, year: int = 2026) -> str:
    return f"/ratings/{rating_builders.cycle_of(world, year).id}"


def branch_path(world: World, code: str, year: int = 2025) -> str:
    return f"{cycle_path(world, year)}/branches/{world.branch(code).id}"


# The whole way, by buttons.


def test_the_office_takes_a_cycle_from_draft_to_published_by_its_buttons(
    world: World, office: Browser, sign_in: SignIn, second: Browser
):
    rating_builders.build_people(world)
    office.get("/ratings/")
    office.click("起草新一年评定")
    office.submit("起草", year="2026", last_quarter="2026Q3")
    office.click("公告")
    office.submit("公告", ground="年度计划第4项", number="测试党办〔2026〕6号")
    cycle = builders.only(RatingCycle)
    for username, code in (("supervisor", "water"), ("supervisor_air", "air"), ("supervisor_air", "own")):
        supervisor = sign_in(username)
        supervisor.get("/")
        supervisor.click("去核定")
        supervisor.click(f"核定{world.branch(code).name}")
        supervisor.submit(
            "核定这个支部", {"times-4.1-b": "1"} if code == "own" else {"times-1.1-b": "1"} if code == "air" else {}
        )
    office.get(f"/ratings/{cycle.id}")
    office.click("登记支部自评")
    office.submit("登记", held_on="2026-11-20")
    office.click("登记党员群众测评")
    office.submit("登记", held_on="2026-11-20", result="应到 20，收回 19，满意率 95%。")
    office.submit("开始评分")
    for username in rating_builders.JUDGES:
        rating_builders.mark(world, builders.only(RatingCycle), username)
    office.get(f"/ratings/{cycle.id}")
    office.click("结束评分")
    standings = office.submit("结束评分")
    office.get(f"/ratings/{cycle.id}")
    for step, values in (
        ("机关党委初评", {"body": "机关党委会议", "held_on": "2026-11-23", "number": "纪要1号"}),
        ("纪检意见", {"body": "驻厅纪检监察组", "held_on": "2026-11-23", "number": "纪函1号"}),
        ("公示", {"held_on": "2026-11-13", "until": "2026-11-20", "place": "厅机关公告栏"}),
        ("党组审定", {"body": "厅党组会议", "held_on": "2026-11-23", "number": builders.NUMBER}),
    ):
        office.click(f"登记{step}")
        office.submit("登记", values)
    second.get("/")
    second.click("去核对")
    second.click("核对2026年度党支部星级评定党组审定")
    second.submit("与原件一致", number=builders.NUMBER)
    office.get(f"/ratings/{cycle.id}")
    done = office.submit("公布结果")

    assert [row[5:7] for row in standings.rows()] == [
        ["100.00", "★★★★★ 五星级"],
        ["99.00", "★★★★☆ 四星级"],
        ["98.50", "★★★★☆ 四星级"],
    ]
    assert done.alerts[0] == "已公布。结果和依据已封存，以后可以随时重算核对。"
    assert builders.only(RatingCycle).state is State.PUBLISHED


def test_bad_input_on_the_way_gets_its_sentence_beside_the_field(world: World, office: Browser):
    rating_builders.build_people(world)
    rating_builders.drafted(world)
    office.get(f"/ratings/{builders.only(RatingCycle).id}/announce")
    page = office.submit("公告", ground="", number="", judges=[])
    few = office.submit("公告", ground="计划", number="1号", judges=[str(world.person("judge").id)])

    assert (page.status, page.errors) == (422, {"ground": "请填写年度计划依据，例如年度督查检查考核计划的文号。"})
    assert (few.status, "评委至少 5 名，现在选了 1 名。" in few.main, few.values["number"]) == (422, True, "1号")


def test_a_decision_without_its_number_keeps_what_was_typed(rated: World, office: Browser):
    closed = rating_builders.cycle_of(rated, 2026)
    services.close(rated.actor("office"), closed, version=closed.version, anyway=True)
    office.get(f"{cycle_path(rated)}/steps/approval")

    page = office.submit("登记", body="厅党组会议", held_on="2026-13-40", number="", result="同意。")

    assert (page.status, page.errors) == (
        422,
        {"held_on": "没有13月，月份是1至12。", "number": "请填写文号或纪要编号，没有文号不能登记。"},
    )
    assert (page.values["held_on"], page.values["result"]) == ("2026-13-40", "同意。")


def test_a_case_that_is_no_number_keeps_the_page_as_typed(rated: World, sign_in: SignIn):
    supervisor = sign_in("supervisor")
    supervisor.get(branch_path(rated, "water", 2026) + "/verify")

    page = supervisor.submit(
        "核定这个支部",
        {"times-4.1-b": "两次", "times-1.1-a": "2", "times-4.4-a": "３", "reason-4.4": "台账缺页", "late_reason": "补"},
    )

    assert page.errors == {
        "times-4.1-b": "“两次”不是整数，请用阿拉伯数字填写，例如3。",
        "times-1.1-a": "最多 1 次。",
    }
    assert (page.status, page.values["times-4.4-a"], page.values["reason-4.4"]) == (422, "３", "台账缺页")


def test_two_supervisors_in_one_branch_keep_both_texts(rated: World, sign_in: SignIn):
    first, again = sign_in("supervisor"), sign_in("supervisor")
    for browser in (first, again):
        browser.get(branch_path(rated, "water", 2026) + "/verify")
    first.submit("核定这个支部", {"late_reason": "更正", "times-4.4-a": "1"})

    page = again.submit("核定这个支部", {"late_reason": "更正", "times-4.4-a": "2"})

    assert (page.status, page.values["times-4.4-a"]) == (409, "2")
    assert "有人先存了一稿" in page.alerts[0]
    assert again.submit("核定这个支部").alerts == ["水生态环境处党支部已核定。"]
    assert queries.values_of(rating_builders.place(rated, 2026, "water"))["4.4"].value == 300


def test_the_office_records_a_bonus_with_its_paper_and_takes_it_back(rated: World, office: Browser):
    office.get(branch_path(rated, "water", 2026) + "/entries/bonus")
    wrong = office.submit("登记", code="b3", value="１x", basis="")
    page = office.submit("登记", code="b4", value="1.5", basis=rating_builders.BASIS)
    kept = builders.only(BranchEntry).value
    back = office.submit("撤下")

    assert wrong.errors == {"value": "请用数字填写分值，例如 1.5。"}
    assert (page.alerts, kept) == (["加分已登记。"], 150)
    assert (back.alerts, builders.count(BranchEntry)) == (["已撤下。"], 0)


# Who sees what.


def test_inside_three_stars_and_above_are_named_in_unit_order_and_scores_are_nobodys(rated: World, staff: Browser):
    page = staff.get("/stars/")

    assert page.rows(0) == [["水生态环境处党支部", "★★★★★ 五星级"]]  # the pilot
    assert page.rows(1) == [["大气环境处党支部", "★★★★☆ 四星级"], ["机关党委办公室党支部", "★★★★☆ 四星级"]]
    assert "2025年度另有 0 个支部为二星级以下或不定级。" in page.main
    assert "88.00" not in page.html
    assert staff.get(cycle_path(rated, 2025)).status == 200
    assert staff.get(cycle_path(rated, 2025) + "/standings").status == 403


def test_a_branch_reads_its_own_letter_and_no_other(rated: World, secretary: Browser):
    secretary.get("/ratings/")
    page = secretary.click("看本支部结果")
    other = secretary.get(branch_path(rated, "air"))

    assert page.h1 == "水生态环境处党支部2025年度星级评定结果"
    assert "本支部总分 100.00 各支部中位数 99.00" in page.main
    assert "各项都没有扣分。" in page.main
    assert other.status == 404


def test_the_letter_names_each_deduction_with_its_reason_and_what_is_nearest(rated: World, sign_in: SignIn):
    page = sign_in("air_secretary").get(branch_path(rated, "air"))

    assert page.rows(1) == [
        ["1.1 支委会健全、按期换届", "到期未换届，−4 考评组核定", "−4"],
        ["3.5 组织生活会每年召开", "没有召开，−4 组织生活记录和季度报告", "−4"],
        ["4.4 党建台账、记录规范", "抽查 1 处不合格（8 次），−4 考评组核定", "−4"],
    ]
    assert "离上一档 2.00 分（90.00）" in page.main


def test_before_publication_a_branch_reads_nothing_of_its_result(rated: World, secretary: Browser, office: Browser):
    page = secretary.get(branch_path(rated, "water", 2026))

    assert (page.status, page.reason) == (404, "结果公布以后，这里会有本支部的得分、扣分原因和各支部的中位数。")
    assert office.get(branch_path(rated, "water", 2026)).status == 404


def test_a_draft_is_the_offices_only(world: World, office: Browser, staff: Browser):
    cycle = rating_builders.drafted(world)

    assert (office.get(f"/ratings/{cycle.id}").status, staff.get(f"/ratings/{cycle.id}").status) == (200, 404)


def test_the_secretary_writes_the_branchs_own_words_until_scoring(world: World, secretary: Browser):
    rating_builders.build_people(world)
    cycle = rating_builders.announced(world)
    secretary.get("/")
    secretary.click("去看看")
    long = secretary.submit("存好", words="字" * 501)
    secretary.submit("存好", words="党员包段，解决断面反弹 6 处。")
    place = builders._one(CycleBranch, cycle_id=cycle.id, branch_id=world.branch("water").id)

    assert (long.status, long.errors) == (422, {"words": "自述最多 500 字，请删减一些。"})
    assert place.own_words == "党员包段，解决断面反弹 6 处。"


# Lists.


def test_standings_are_filtered_and_exported_in_unit_order(rated: World, office: Browser):
    path = cycle_path(rated, 2025) + "/standings"
    names = [row[0] for row in office.get(path).rows()]

    assert names == ["水生态环境处党支部 试点", "大气环境处党支部", "机关党委办公室党支部"]
    assert [row[0] for row in office.get(path + "?star=4&q=大气").rows()] == ["大气环境处党支部"]
    assert [row[0] for row in office.get(path + "?only=pilot").rows()] == ["水生态环境处党支部 试点"]
    assert [row[0] for row in office.get(path + "?only=adjusted").rows()] == ["机关党委办公室党支部"]
    assert "没有符合条件的党支部" in office.get(path + "?only=changed").main
    sheet = load_workbook(BytesIO(office.get(path + "/export").content)).worksheets[0]
    assert [cell.value for cell in sheet[2]][:8] == [
        *("水生态环境处党支部", "试点", "首次", 79, 21, 0, 0, 100),
    ]


def more_branches(world: World, count: int) -> None:
    """So many more branches in the published cycle, as settled."""
    cycle = rating_builders.cycle_of(world, 2025)
    with one_transaction():
        for number in range(count):
            branch = builders.branch(world.organiser("department"), f"more{builders.count(CycleBranch)}-{number}")
            place = CycleBranch(
                cycle_id=cycle.id,
                organiser_id=cycle.organiser_id,
                branch_id=branch.id,
                position=100 + number,
                pilot=False,
                new=False,
                previous=-1,
                tie_place=0,
            )
            builders.add(place)
            row = results.standing_of(rating_builders.place(world, 2025, "water"))
            assert row is not None
            values = {column.name: getattr(row, column.name) for column in type(row).__table__.columns}
            builders.add(
                type(row)(
                    **{
                        **values,
                        "id": None,
                        "cycle_branch_id": place.id,
                        "branch_id": branch.id,
                        "position": 100 + number,
                    }
                )
            )


@pytest.mark.parametrize("tail", ["/standings", "/branches", ""])
def test_lists_of_a_cycle_say_the_same_few_statements_for_3_and_for_30_branches(
    rated: World, office: Browser, statements: Statements, tail: str
):
    path = cycle_path(rated, 2025) + tail
    office.get(path)
    with statements() as few:
        office.get(path)
    more_branches(rated, 27)
    db.session.rollback()
    with statements() as many:
        page = office.get(path)

    assert page.status == 200
    assert len(few) == len(many) <= 12, "\n".join(many)
