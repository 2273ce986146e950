"""The pages of rules: one rule, changing it, and the notes beside values on other pages."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from tests import builders, exemplars, rating_builders
from tests.builders import NOW, World
from tests.conftest import SignIn, Statements
from tests.pages import Browser, Page
from tiejun_awards.calls.models import Call
from tiejun_awards.calls.rules import Form
from tiejun_awards.calls.services import announce
from tiejun_awards.rulebook.models import RuleValue
from tiejun_awards.shared import clock
from tiejun_awards.shared.db import writing
from tiejun_awards.shared.errors import Refused

ANSWER = {"value": "10", "source": "宁环党办〔2026〕9号", "reason": "机关党委会议确定。"}


def begin(browser: Browser, path: str) -> Page:
    """Open a page that asks for the password again, and give it."""
    browser.get(path)
    return browser.submit("确认身份", password=builders.PASSWORD)


def test_a_rule_is_changed_after_its_consequences_were_shown(world: World, office: Browser):
    begin(office, "/rules/item/rating.quota/change")

    preview = office.submit("看看会改什么", ANSWER)
    before = builders.count(RuleValue)
    after = office.submit("照此登记")

    assert (preview.status, before, preview.values["value"]) == (200, 0, "10")
    assert "五星级比例从今天起由 30 改为 10（%以内，向下取整，至少1个）。" in preview.main
    assert (after.path, after.alerts) == ("/rules/item/rating.quota", ["“五星级比例”已登记。"])
    assert after.rows() == [
        [
            "2026年11月23日",
            "改数值 30 → 10",
            "宁环党办〔2026〕9号",
            "机关党委会议确定。",
            "机关党委经办 2026年11月23日 10:00",
        ]
    ]


def test_what_was_typed_stays_beside_what_is_wrong_with_it(world: World, office: Browser):
    begin(office, "/rules/item/rating.quota/change")

    page = office.submit("看看会改什么", {**ANSWER, "value": "三成", "since": "2026-13-01"})

    assert page.status == 422
    assert page.errors == {"since": "没有13月，月份是1至12。"}
    assert (page.values["value"], page.values["since"]) == ("三成", "2026-13-01")
    assert office.submit("看看会改什么", since="").errors == {"value": "请填整数，不用写单位。"}
    assert builders.count(RuleValue) == 0


def test_saving_without_the_password_asks_for_it_and_then_goes_on_with_what_was_typed(world: World, office: Browser):
    begin(office, "/rules/item/rating.quota/change")
    office.submit("看看会改什么", ANSWER)

    with clock.stopped_at(NOW + timedelta(minutes=11)):
        page = office.submit("照此登记")
    nothing_yet = builders.count(RuleValue)

    resumed = office.submit("确认身份", password=builders.PASSWORD)
    office.submit("继续")

    assert (page.h1, resumed.h1) == ("请再输一次密码", "您写的内容都在")
    assert resumed.values["reason"] == ANSWER["reason"]
    assert (nothing_yet, builders.count(RuleValue)) == (0, 1)


def test_what_was_typed_after_the_preview_is_previewed_again_before_it_is_kept(world: World, office: Browser):
    begin(office, "/rules/item/rating.quota/change")
    office.submit("看看会改什么", ANSWER)

    again = office.submit("照此登记", value="15")
    nothing_yet = builders.count(RuleValue)
    after = office.submit("照此登记", reason="机关党委会议再次确定。")

    assert (again.alerts[0][:12], nothing_yet) == ("填的和刚才看的不一样，还", 0)
    assert "五星级比例从今天起由 30 改为 15（%以内，向下取整，至少1个）。" in again.main
    assert [row[1] for row in after.rows()] == ["改数值 30 → 15"]


def test_what_was_never_previewed_is_not_kept(world: World, office: Browser):
    begin(office, "/rules/item/rating.quota/change")

    page = office.post("/rules/item/rating.quota/change", {**ANSWER, "version": "0", "do": "save"}, csrf=True)

    assert (page.status, "照此登记" in page.buttons, builders.count(RuleValue)) == (200, True, 0)


def test_what_somebody_else_registered_meanwhile_is_shown_and_not_overwritten(world: World, office: Browser):
    begin(office, "/rules/item/rating.quota/change")
    office.submit("看看会改什么", ANSWER)
    builders.change_rule(world, "rating.quota", "25")

    stale = office.submit("照此登记")
    kept = builders.count(RuleValue)
    preview = office.submit("看看会改什么")

    assert (stale.status, kept, stale.values["value"]) == (409, 1, "10")
    assert "现在保存的 数值 25%以内，向下取整，至少1个" in stale.main
    assert "最近登记的：机关党委经办 2026年11月23日 10:00改数值，30 → 25，从2026年11月23日起。" in stale.main
    assert "照此登记" not in stale.buttons
    assert "五星级比例从今天起由 25 改为 10（%以内，向下取整，至少1个）。" in preview.main
    assert office.submit("照此登记").rows()[0][1] == "改数值 25 → 10"


def test_taking_back_shows_first_what_somebody_else_registered_meanwhile(world: World, office: Browser):
    builders.change_rule(world, "rating.quota", "25")
    begin(office, "/rules/item/rating.quota/restore")
    builders.change_rule(world, "rating.quota", "20")

    stale = office.submit("撤回", reason="登错了。")
    kept = builders.count(RuleValue)
    after = office.submit("撤回")

    assert (stale.status, kept, stale.values["reason"]) == (409, 2, "登错了。")
    assert "从2026年11月23日起。" in stale.main
    assert after.rows()[0][1] == "撤回 20 → 30"


def test_an_own_value_is_taken_back_with_a_reason(world: World, office: Browser):
    builders.change_rule(world, "rating.quota", "10")
    begin(office, "/rules/item/rating.quota/restore")

    nothing = office.submit("撤回")
    page = office.submit("撤回", reason="登错了。")

    assert (nothing.status, nothing.errors) == (422, {"reason": "请写明为什么撤回，最多 300 字。"})
    assert page.alerts[0] == "“五星级比例”已撤回本单位的数。"
    assert [row[1].split()[0] for row in page.rows()] == ["撤回", "改数值"]


def test_a_planned_change_is_taken_back_and_the_page_says_so(world: World, office: Browser):
    builders.change_rule(world, "rating.quota", "25", since_on=date(2027, 1, 1))
    asked = begin(office, "/rules/item/rating.quota/restore")

    page = office.submit("撤回", reason="不改了。", since="")

    assert "撤回那天起，还没到的改动一并撤回：2027年1月1日起改为 25。早于那天的不撤。" in asked.main
    assert asked.values["since"] == "2027-01-01"
    assert [row[:2] for row in page.rows()] == [
        ["2026年11月23日", "撤回 30"],
        ["2027年1月1日 已撤回", "改数值 30 → 25"],
    ]
    assert "撤回本单位的数" not in page.links
    assert office.get("/rules/item/rating.quota/restore").reason == "这一条本单位没有另定的数，不必撤回。"


def test_a_city_that_takes_back_is_told_the_departments_value(world: World, city_office: Browser):
    builders.change_rule(world, "notice.working_days", "7")
    builders.change_rule(world, "notice.working_days", "9", code="city", since_on=date(2027, 1, 1))

    page = begin(city_office, "/rules/item/notice.working_days/restore")

    assert "撤回后 7 个工作日以上（测试办〔2026〕1号）" in page.main


def test_who_only_reads_sees_the_rule_and_no_button(world: World, staff: Browser):
    page = staff.get("/rules/item/life.committee")

    assert page.h1 == "党支部委员会会议"
    assert "第十二条，一般每月召开1次" in page.main
    assert "改数值" not in page.links
    assert staff.get("/rules/item/no.such").status == 404


def test_a_city_office_sees_the_departments_value_beside_its_own(world: World, city_office: Browser):
    builders.change_rule(world, "notice.working_days", "7")
    builders.change_rule(world, "notice.working_days", "9", code="city")

    listed = city_office.get("/rules/?only=own")
    page = city_office.get("/rules/item/notice.working_days")
    closed = city_office.get("/rules/item/pilots.most/change")

    assert listed.rows()[1][:2] == ["公示期", "9 厅 7"]
    assert "本单位另定；厅里是 7 个工作日以上（依据：测试办〔2026〕1号）。" in page.main
    assert (closed.status, closed.reason) == (
        409,
        "“试点支部上限”全区统一，各市不另定。依据：宁环党发〔2020〕25号，措施第7条。",
    )


def test_the_list_is_narrowed_and_exported_as_shown(world: World, office: Browser):
    builders.change_rule(world, "rating.quota", "10")

    own = office.get("/rules/?only=own")
    file = office.get(own.links["导出 Excel"])
    proposed = office.get("/rules/?only=proposed&mode=warn")
    reference = office.get("/rules/?only=reference&q=中心组")

    sheet = load_workbook(io.BytesIO(file.content)).worksheets[0]
    assert [row[0] for row in own.rows()] == ["星级评定", "五星级比例"]
    assert next(sheet.iter_rows(min_row=2, max_row=2, values_only=True)) == (
        *("星级评定", "五星级比例", 10, "%以内，向下取整，至少1个", "必须", "测试办〔2026〕1号"),
        *(None, "2026-11-23", "是", "30", "rating.quota"),
    )
    assert [row[0] for row in proposed.rows()] == [
        "组织生活",
        "党课",
        "支部设置",
        "党建“三员”一人联系的支部",
        "代录",
        "签字后多久代录",
    ]
    assert len(reference.rows()) == 5 + 1
    assert all(row[3] == "供参考" for row in reference.rows()[1:])


# Beside values on other pages.


@pytest.mark.parametrize(
    ("who", "path", "words"),
    [
        (
            "secretary",
            "/reports/{draft}/edit",
            ["季度报告截止", "季度报告全文字数", "党支部委员会会议", "一份季度报告的附件"],
        ),
        ("secretary", "/reports/{submitted}", ["季度报告截止"]),
        ("office", "/quarters/2026Q3", ["季度报告截止", "主题党日"]),
        ("secretary", "/", ["党支部委员会会议"]),
        ("office", "/stars/pilots", ["试点支部下限", "试点支部上限"]),
        ("office", "/calls/new", ["设区市级组织表彰、创建示范"]),
        ("staff", "/calls/{call}/suggest", ["群众推荐事迹"]),
        ("clerk", "/calls/{call}/units/{unit}", ["公示期"]),
        ("office", "/selection/{call}/steps/notice", ["公示期"]),
        ("secretary", "/files/of/report/{draft}", ["一个附件的大小"]),
        ("office", "/ratings/{cycle}", ["五星级比例", "首次评定"]),
        ("office", "/ratings/{cycle}/announce", ["评委会人数", "去掉最高最低分所需评委"]),
    ],
)
def test_a_page_that_states_a_rule_says_its_source_to_who_points_at_it(
    world: World, sign_in: SignIn, who: str, path: str, words: list[str]
):
    rating_builders.build_people(world)
    ids = {
        "draft": world.report("water", "2026Q4").id,
        "submitted": world.report("water", "2026Q3").id,
        "call": exemplars.call(world).id,
        "unit": world.unit("water_unit").id,
        "cycle": rating_builders.drafted(world).id,
    }

    page = sign_in(who).get(path.format(**ids))

    notes = page.all("//*[contains(@class, 'rule-note')]")
    assert page.status == 200
    for note in notes:
        source = page.by_id(note.get("aria-describedby"))
        assert (note.get("tabindex"), source.get("role")) == ("0", "tooltip")
        assert "依据：" in source.text_content()
    said = "".join(note.text_content() for note in notes)
    assert [word for word in words if f"{word}：" not in said] == []


def test_a_changed_rule_costs_no_further_statement(world: World, secretary: Browser, statements: Statements):
    path = f"/reports/{world.report('water', '2026Q4').id}/edit"
    secretary.get(path)
    with statements() as before:
        secretary.get(path)
    builders.change_rule(world, "life.lecture", "2")

    with statements() as after:
        page = secretary.get(path)

    assert len(before) == len(after)
    assert len([each for each in after if "FROM rule_value" in each]) == 1
    assert "党课：2 次/季度（提醒）。依据：测试办〔2026〕1号。" in page.html


# Who may commend.


@pytest.mark.parametrize(
    ("form", "source"), [("commended", "《评比达标表彰活动管理办法》"), ("demonstrated", "第三、四条")]
)
def test_a_city_organiser_is_refused_commendations_and_demonstrations_with_the_source(
    world: World, city_office: Browser, form: str, source: str
):
    city_office.get("/calls/new")

    page = city_office.submit("存草稿", {"form": form, "approval_ref": "测试批〔2026〕1号", "title": "好干部"})

    assert (page.status, builders.count(Call)) == (422, 0)
    assert source in page.errors["form"]
    assert page.errors["form"].startswith("设区市级主办党组织不能开展")


def test_the_verb_refuses_them_too_and_without_an_approval_for_the_department_as_well(world: World):
    with pytest.raises(Refused) as of_city:
        exemplars.call(world, "city", form=Form.DEMONSTRATED, approval_ref="测试批〔2026〕1号")
    with pytest.raises(Refused) as unapproved:
        exemplars.call(world, form=Form.DEMONSTRATED)
    approved = exemplars.call(world, form=Form.DEMONSTRATED, approval_ref="测试批〔2026〕1号")

    assert (of_city.value.field, unapproved.value.field) == ("form", "approval_ref")
    assert approved.form is Form.DEMONSTRATED


def test_a_draft_made_at_a_higher_level_is_not_announced_below(world: World):
    call = exemplars.call(world, "city", announced=False)
    with writing() as session:
        session.merge(call)
        call = session.get_one(Call, call.id)
        call.form, call.approval_ref = Form.COMMENDED, "测试批〔2026〕1号"

    with pytest.raises(Refused, match="设区市级主办党组织不能开展“表彰”"):
        announce(world.actor("city_office"), call, version=call.version)
