"""The office reads: returns, accepts, opens again; and who else sees which report."""

from __future__ import annotations

import pytest

from tests import builders
from tests.builders import World, rows_of
from tests.conftest import SignIn
from tests.pages import Browser, Page, said
from tiejun_awards.reports.models import ReportReview, ReportRevision
from tiejun_awards.reports.rules import State
from tiejun_awards.shared.access import Role


def show(world: World, browser: Browser, branch: str = "water", quarter: str = "2026Q3") -> Page:
    return browser.get(f"/reports/{world.report(branch, quarter).id}")


def story(page: Page) -> list[str]:
    """What happened, as the page tells it."""
    return [said(item) for item in page.all("//main//ol[@class='timeline']/li")]


# The verdict.


def test_a_report_is_accepted_with_one_button(world: World, office: Browser):
    show(world, office)

    page = office.submit("采用")

    assert page.alerts[0] == "已采用水生态环境处党支部的报告。"
    assert world.report("water", "2026Q3").state is State.ACCEPTED
    assert page.buttons == ["重新打开"]


def test_a_returned_report_tells_the_branch_why(world: World, office: Browser, secretary: Browser):
    show(world, office)

    page = office.submit("退回", reason="第七节请写具体。\n<b>谢谢</b>")
    seen = show(world, secretary)

    assert page.alerts[0] == "已退回，支部会看到您写的理由。"
    assert seen.alerts[0] == "机关党委退回： 第七节请写具体。 <b>谢谢</b>"
    assert "去修改" in seen.links
    assert story(seen)[-1] == "11月23日 10:00退回机关党委经办：第七节请写具体。 <b>谢谢</b>"


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("", "请写明要改哪里、为什么。"), (" \n ", "请写明要改哪里、为什么。"), ("长" * 501, "最多 500 字，请删减一些。")],
)
@pytest.mark.parametrize(("button", "quarter"), [("退回", "2026Q3"), ("重新打开", "2026Q2")])
def test_a_reason_that_will_not_do_is_asked_for_beside_its_field_and_kept(
    world: World, office: Browser, button: str, quarter: str, reason: str, sentence: str
):
    show(world, office, quarter=quarter)
    state = world.report("water", quarter).state

    page = office.submit(button, reason=reason)

    assert (page.status, page.errors) == (422, {"reason": sentence})
    assert page.values["reason"].strip() == reason.strip()
    assert world.report("water", quarter).state is state


def test_an_accepted_report_is_opened_again_with_a_reason(world: World, office: Browser, secretary: Browser):
    show(world, office, quarter="2026Q2")

    page = office.submit("重新打开", reason="会议次数写错了。")

    assert page.alerts[0] == "已重新打开，支部可以修改后再交。"
    assert world.report("water", "2026Q2").state is State.RETURNED
    assert show(world, secretary, quarter="2026Q2").alerts[0] == "机关党委退回： 会议次数写错了。"


def test_a_verdict_on_a_page_that_grew_old_is_refused_and_changes_nothing(
    world: World, office: Browser, sign_in: SignIn
):
    report = world.report("water", "2026Q3")
    colleague = sign_in(
        builders.person("office2", world.organiser("department"), Role.OFFICE, branch=world.branch("air"))
    )
    show(world, office)
    show(world, colleague)
    colleague.submit("退回", reason="先退回。")

    page = office.submit("采用")

    assert (page.status, world.report("water", "2026Q3").state) == (409, State.RETURNED)
    assert [row for row in rows_of(ReportReview, "report_id", "verdict") if row[0] == report.id] == [
        (report.id, "return")
    ]


@pytest.mark.parametrize("verb", ["accept", "return", "reopen"])
def test_a_verdict_without_a_version_is_refused(world: World, office: Browser, verb: str):
    report = world.report("water", "2026Q3")

    page = office.post(f"/reports/{report.id}/{verb}", {"reason": "没有版本"}, csrf=True)

    assert (page.status, page.reason) == (409, "这次提交缺了页面的版本号，请刷新页面再试。")
    assert world.report("water", "2026Q3").state is State.SUBMITTED


def test_a_draft_is_neither_accepted_nor_returned(world: World, office: Browser):
    report = world.report("air", "2026Q3")
    version = {"version": str(report.version), "reason": "再退一次"}

    pages = [office.post(f"/reports/{report.id}/{verb}", version, csrf=True) for verb in ("accept", "return")]

    sentences = ["现在是“已退回”，不能采用。", "现在是“已退回”，不能退回。"]
    assert [(page.status, page.reason) for page in pages] == [(409, sentence) for sentence in sentences]


def test_a_report_handed_in_again_is_revision_2_and_revision_1_stays_as_it_was(world: World, sign_in: SignIn):
    air = sign_in("air_secretary")
    report = world.report("air", "2026Q3")
    kept = rows_of(ReportRevision, "report_id", "number", "content", "digest")
    air.get(f"/reports/{report.id}/edit")
    air.submit("检查并提交", {"confirmed": True, "tasks": "第二稿的一句。"})

    latest = show(world, sign_in("office"), "air")
    first = sign_in("office").get(f"/reports/{report.id}/revisions/1")

    assert rows_of(ReportRevision, "report_id", "number", "content", "digest")[: len(kept)] == kept
    assert ("第二稿的一句。" in latest.main, "水源地整治完成八成。" in latest.main) == (True, False)
    assert ("第二稿的一句。" in first.main, "水源地整治完成八成。" in first.main) == (False, True)
    assert first.alerts[0] == "这是第 1 稿，最新的是第 2 稿。看最新一稿"
    assert (latest.buttons, first.buttons) == (["采用", "退回"], [])
    assert [line.split("大气")[0].split("机关")[0] for line in story(latest)] == [
        *("10月10日 10:00提交第 1 稿", "10月11日 10:00退回", "11月23日 10:00提交第 2 稿")
    ]


@pytest.mark.parametrize("number", [0, 2, 2**31 - 1])
def test_a_revision_there_is_not_is_not_found(world: World, office: Browser, number: int):
    assert office.get(f"/reports/{world.report('water', '2026Q3').id}/revisions/{number}").status == 404


def test_the_printed_form_names_branch_secretary_and_fingerprint(world: World, office: Browser, secretary: Browser):
    report = world.report("water", "2026Q3")
    digest = next(row[1] for row in rows_of(ReportRevision, "report_id", "digest") if row[0] == report.id)

    page = office.get(f"/reports/{report.id}/print")
    draft = secretary.get(f"/reports/{world.report('water', '2026Q4').id}/print")

    assert [said(cell) for cell in page.all("//article//table[1]//td")][:4] == [
        *("水生态环境处党支部", "水处党支部书记", "厅机关党委", "2026年10月10日"),
    ]
    assert said(page.one("//div[@class='paper-foot']")) == f"表单编号 2026Q3-water-1内容指纹 {digest[:16]}"
    assert said(draft.one("//div[@class='paper-foot']")) == "表单编号 2026Q4-water-草稿"
    assert said(draft.one("//p[@class='sub']")) == "（2026年第四季度，草稿）"


# Who sees what.


def test_an_instructor_reads_the_branches_he_is_linked_to_and_no_others(world: World, sign_in: SignIn):
    instructor = sign_in("instructor")

    page = instructor.get("/reports/")

    assert [row[:2] for row in page.rows()] == [
        ["2026年第三季度", "水生态环境处党支部"],
        ["2026年第二季度", "水生态环境处党支部"],
    ]
    assert show(world, instructor).buttons == []
    assert [show(world, instructor, branch).status for branch in ("air", "own", "city_branch")] == [404, 404, 404]


def test_a_branch_does_not_see_another_branchs_report(world: World, secretary: Browser):
    others = [("air", "2026Q2"), ("own", "2026Q2"), ("city_branch", "2026Q2")]

    assert [show(world, secretary, *other).status for other in others] == [404, 404, 404]
    assert {row[1] for row in secretary.get("/reports/").rows()} == {"水生态环境处党支部"}


@pytest.mark.parametrize("who", ["office", "instructor", "leader", "supervisor"])
def test_a_draft_is_seen_by_its_branch_only_until_it_is_handed_in(
    world: World, sign_in: SignIn, secretary: Browser, who: str
):
    report, reader = world.report("water", "2026Q4"), sign_in(who)
    paths = [f"/reports/{report.id}", f"/reports/{report.id}/print"]
    before = [reader.get(path).status for path in paths]

    secretary.get(f"/reports/{report.id}/edit")
    secretary.submit("检查并提交")

    assert before == [404, 404]
    assert [reader.get(path).status for path in paths] == [200, 200]


def test_what_is_written_into_a_returned_report_is_not_seen_by_the_office(
    world: World, office: Browser, sign_in: SignIn
):
    air = sign_in("air_secretary")
    air.get(f"/reports/{world.report('air', '2026Q3').id}/edit")
    air.submit("存稿", tasks="还没有想好的一句")

    page = show(world, office, "air")

    assert "还没有想好的一句" not in page.html
    assert "水源地整治完成八成。" in page.main
