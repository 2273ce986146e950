"""Changing rules: by whom, within which bounds, what it touches and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests import builders, exemplars, rating_builders
from tests.builders import NOW, World, rows_of
from tests.conftest import Statements
from tiejun_awards.decisions import services as decisions
from tiejun_awards.organisers.models import Organiser
from tiejun_awards.ratings import pages as rating_pages
from tiejun_awards.reports import due
from tiejun_awards.rulebook import changes, rule_pages, services
from tiejun_awards.rulebook.models import RuleValue
from tiejun_awards.rulebook.rules import RuleAnswer
from tiejun_awards.shared import clock
from tiejun_awards.shared.access import Actor
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import Missing, NotAllowed, Refused, Stale
from tiejun_awards.shared.periods import Quarter

SOURCE = "宁环党办〔2026〕9号"
TODAY = NOW.date()


def confirmed(world: World, username: str, at: datetime = NOW) -> Actor:
    """Somebody who has just given the password again."""
    return replace(world.actor(username, at), reauth_at=at)


def answer(value: str, **values: Any) -> RuleAnswer:
    return RuleAnswer(**{"value": value, "source": SOURCE, "reason": "机关党委会议确定。", **values})


def change(
    world: World,
    key: str,
    value: str,
    code: str = "department",
    at: datetime = NOW,
    seen: int | None = None,
    **values: Any,
) -> RuleValue:
    office = confirmed(world, "office" if code == "department" else "city_office", at)
    return changes.change_rule(office, world.organiser(code), rule_key=key, answer=answer(value, **values), seen=seen)


def last_event() -> tuple[Any, ...]:
    return rows_of(AuditEvent, "action", "object_type", "detail")[-1]


def shown(organiser: Organiser, key: str) -> str:
    return services.rule(organiser.id, key).shown


def test_the_office_changes_a_rule_with_its_document_and_it_holds_at_once(world: World):
    made = change(world, "rating.quota", "１０")

    rule = services.rule(world.organiser("department").id, "rating.quota")
    assert (rule.shown, rule.source, rule.proposed, rule.set_by) == ("10", SOURCE, False, made.organiser_id)
    assert services.number(made.organiser_id, "rating.quota") == 10
    assert last_event() == (
        "rulebook.change_rule",
        "rule_value",
        {
            "rule": "rating.quota",
            "title": "五星级比例",
            "before": "30",
            "after": "10",
            "since": "2026-11-23",
            "source": SOURCE,
            "reason": "机关党委会议确定。",
        },
    )


def test_confirming_a_suggested_value_is_a_change_of_its_own_and_is_made_once(world: World):
    department = world.organiser("department")
    change(world, "rating.quota", "30")

    with pytest.raises(Refused, match="没有要改的") as refused:
        change(world, "rating.quota", "30")

    assert refused.value.field == "value"
    assert services.rule(department.id, "rating.quota").proposed is False
    assert [event.words for event in rule_pages.page_of(department, "rating.quota").history] == ["确认"]


def test_whoever_has_not_given_the_password_again_changes_nothing(world: World):
    department = world.organiser("department")
    stale = world.actor("office")

    for verb in (
        lambda: changes.change_rule(stale, department, rule_key="rating.quota", answer=answer("10")),
        lambda: changes.restore_rule(stale, department, rule_key="rating.quota", reason="登错了"),
        lambda: changes.adopt_rules(stale, department, answers={"rating.quota": answer("10")}),
    ):
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.field == "reauth"
    assert rows_of(RuleValue, "id") == []


@pytest.mark.parametrize("who", ["secretary", "second", "leader", "system_admin", "city_office"])
def test_nobody_else_changes_the_departments_rules(world: World, who: str):
    with pytest.raises(NotAllowed):
        changes.change_rule(
            confirmed(world, who), world.organiser("department"), rule_key="rating.quota", answer=answer("10")
        )

    assert rows_of(RuleValue, "id") == []


@pytest.mark.parametrize(
    ("key", "values", "field"),
    [
        ("rating.quota", {"value": "4"}, "value"),
        ("rating.quota", {"value": "一成"}, "value"),
        ("rating.quota", {"source": " "}, "source"),
        ("rating.quota", {"reason": ""}, "reason"),
        ("rating.quota", {"since": TODAY - timedelta(days=1)}, "since"),
        ("rating.floor_4", {"value": "95"}, "value"),
        ("panel.odd", {}, None),
        ("life.life_meeting", {"value": "2"}, None),
    ],
)
def test_what_is_out_of_bounds_is_refused_beside_its_field_and_changes_nothing(
    world: World, key: str, values: dict[str, Any], field: str | None
):
    with pytest.raises(Refused) as refused:
        change(world, key, **{"value": "10", **values})

    assert refused.value.field == field
    assert rows_of(RuleValue, "id") == []


def test_there_is_no_rule_of_another_name(world: World):
    with pytest.raises(Missing):
        change(world, "rating.nothing", "1")


def test_rows_only_grow(world: World):
    change(world, "rating.quota", "10")

    for statement in ("UPDATE rule_value SET value = '20'", "DELETE FROM rule_value"):
        with pytest.raises(DBAPIError), writing() as session:
            session.execute(sa.text(statement))
    assert rows_of(RuleValue, "value") == [("10",)]


# From which day; taking back.


def test_a_change_holds_from_its_day(world: World):
    department, later = world.organiser("department"), TODAY + timedelta(days=30)
    change(world, "rating.quota", "10", since=later)
    before = shown(department, "rating.quota"), rule_pages.page_of(department, "rating.quota").history[0].planned

    with clock.stopped_at(NOW + timedelta(days=30)):
        db.session.rollback()
        after = shown(department, "rating.quota")

    assert (before, after) == (("30", True), "10")


def test_taking_back_gives_the_suggested_value_its_mark_again(world: World):
    department = world.organiser("department")
    change(world, "rating.quota", "10")
    office = confirmed(world, "office", NOW + timedelta(hours=1))

    changes.restore_rule(office, department, rule_key="rating.quota", reason="登错了。")

    rule = services.rule(department.id, "rating.quota")
    assert (rule.shown, rule.proposed, rule.set_by) == ("30", True, None)
    history = rule_pages.page_of(department, "rating.quota").history
    assert [(event.words, event.before, event.row.reason) for event in history] == [
        ("撤回", "10", "登错了。"),
        ("改数值", "30", "机关党委会议确定。"),
    ]
    with pytest.raises(Refused, match="没有另定的数"):
        changes.restore_rule(office, department, rule_key="rating.quota", reason="再来一次")


def test_a_planned_change_is_taken_back_on_its_own_day(world: World):
    department, later = world.organiser("department"), TODAY + timedelta(days=30)
    change(world, "rating.quota", "10", since=later)

    changes.restore_rule(
        confirmed(world, "office", NOW + timedelta(hours=1)),
        department,
        rule_key="rating.quota",
        reason="不改了。",
        since=later,
    )

    with clock.stopped_at(NOW + timedelta(days=60)):
        db.session.rollback()
        assert shown(department, "rating.quota") == "30"


def test_taking_back_at_once_takes_back_what_was_planned_too_and_keeps_it_on_record(world: World):
    department, new_year = world.organiser("department"), date(2027, 1, 1)
    change(world, "rating.quota", "25", since=new_year)
    office = confirmed(world, "office", NOW + timedelta(hours=1))

    changes.restore_rule(office, department, rule_key="rating.quota", reason="不改了。")

    page = rule_pages.page_of(department, "rating.quota")
    assert [(event.words, event.taken_back, event.planned) for event in page.history] == [
        ("撤回", False, False),
        ("改数值", True, False),
    ]
    assert page.can_restore is False
    with clock.stopped_at(NOW + timedelta(days=60)):
        db.session.rollback()
        assert shown(department, "rating.quota") == "30"
        assert shown(world.organiser("city"), "rating.quota") == "30"


def test_what_is_planned_for_before_the_day_stays_and_can_still_be_taken_back(world: World):
    department = world.organiser("department")
    change(world, "rating.quota", "25", since=TODAY + timedelta(days=10))
    change(world, "rating.quota", "20", since=TODAY + timedelta(days=20))
    office = confirmed(world, "office", NOW + timedelta(hours=1))

    changes.restore_rule(
        office, department, rule_key="rating.quota", reason="不改了。", since=TODAY + timedelta(days=20)
    )

    left = rule_pages.page_of(department, "rating.quota")
    with pytest.raises(Refused, match="本来就没有本单位的数") as refused:
        changes.restore_rule(
            office, department, rule_key="rating.quota", reason="不改了。", since=TODAY + timedelta(days=21)
        )
    changes.restore_rule(office, department, rule_key="rating.quota", reason="不改了。")
    assert ([event.after for event in left.planned], left.can_restore, refused.value.field) == (["25"], True, "since")
    assert rule_pages.page_of(department, "rating.quota").can_restore is False


def test_a_planned_end_of_a_value_that_holds_can_be_brought_forward(world: World):
    department = world.organiser("department")
    change(world, "rating.quota", "25")
    office = confirmed(world, "office", NOW + timedelta(hours=1))
    changes.restore_rule(
        office, department, rule_key="rating.quota", reason="年底为止。", since=TODAY + timedelta(days=38)
    )

    changes.restore_rule(office, department, rule_key="rating.quota", reason="今天就撤。")

    assert shown(department, "rating.quota") == "30"


@pytest.mark.parametrize(("reason", "since"), [(" ", None), ("字" * 301, None), ("好", TODAY - timedelta(days=1))])
def test_taking_back_needs_a_reason_and_a_day_to_come(world: World, reason: str, since: date | None):
    change(world, "rating.quota", "10")

    with pytest.raises(Refused):
        changes.restore_rule(
            confirmed(world, "office"),
            world.organiser("department"),
            rule_key="rating.quota",
            reason=reason,
            since=since,
        )


def test_a_page_that_did_not_show_the_last_change_changes_and_takes_back_nothing(world: World):
    department, city = world.organiser("department"), world.organiser("city")
    change(world, "notice.working_days", "7")
    seen = changes.last_made(city.id, "notice.working_days")
    change(world, "notice.working_days", "9", "city", seen=seen)

    with pytest.raises(Stale):
        change(world, "notice.working_days", "8", "city", seen=seen)
    with pytest.raises(Stale):
        changes.restore_rule(
            confirmed(world, "city_office"), city, rule_key="notice.working_days", reason="登错了。", seen=seen
        )
    assert (shown(department, "notice.working_days"), shown(city, "notice.working_days")) == ("7", "9")


# Organisers below.


def test_an_organiser_below_goes_by_the_departments_value_until_it_has_its_own(world: World):
    department, city = world.organiser("department"), world.organiser("city")
    change(world, "notice.working_days", "7")
    inherited = shown(city, "notice.working_days")

    change(world, "notice.working_days", "9", "city")

    line = rule_pages.line_of(city.id, "notice.working_days")
    assert (inherited, line.rule.shown, line.own) == ("7", "9", True)
    assert line.above is not None
    assert (line.above.shown, line.above.set_by) == ("7", department.id)
    assert [(name, rule.shown) for name, rule in rule_pages.page_of(department, "notice.working_days").below] == [
        (city.name, "9")
    ]
    assert shown(department, "notice.working_days") == "7"


def test_what_is_one_for_the_whole_region_is_refused_below_with_the_source(world: World):
    with pytest.raises(Refused, match=r"全区统一，各市不另定。依据：宁环党发〔2020〕25号，措施第7条。"):
        change(world, "pilots.most", "3", "city")


def test_the_department_cannot_contradict_what_an_organiser_below_has_decided(world: World):
    change(world, "rating.floor_5", "85", "city")

    with pytest.raises(Refused, match="下级主办党组织另定的数会和它矛盾"):
        change(world, "rating.floor_4", "86")


# Several at once.


def test_several_rules_are_answered_in_one_verb_in_whatever_order(world: World):
    department = world.organiser("department")

    changes.adopt_rules(
        confirmed(world, "office"),
        department,
        answers={"rating.floor_4": answer("92"), "rating.floor_5": answer("95"), "rating.quota": answer("30")},
    )

    assert [shown(department, f"rating.floor_{star}") for star in (4, 5)] == ["92", "95"]
    assert last_event() == (
        "rulebook.adopt_rules",
        "organiser",
        {
            "rules": {
                "四星级分数线": ["80", "92", SOURCE],
                "五星级分数线": ["90", "95", SOURCE],
                "五星级比例": ["30", "30", SOURCE],
            }
        },
    )


def test_one_wrong_answer_of_several_keeps_them_all_out(world: World):
    with pytest.raises(Refused, match="前后矛盾"):
        changes.adopt_rules(
            confirmed(world, "office"),
            world.organiser("department"),
            answers={"rating.quota": answer("10"), "rating.floor_4": answer("95")},
        )

    assert rows_of(RuleValue, "id") == []


# What is under way keeps its rules.


def test_an_announced_cycle_keeps_its_rules_and_the_change_is_told_as_late(world: World):
    rating_builders.build_people(world)
    cycle = rating_builders.announced(world)
    before = cycle.terms, rating_pages.terms_rows(cycle)
    later = NOW + timedelta(hours=1)

    with clock.stopped_at(later):
        change(world, "rating.quota", "10", at=later)
        change(world, "notice.working_days", "9", at=later)

        assert (cycle.terms, rating_pages.terms_rows(cycle)) == before
        assert decisions.notice_end(cycle.organiser_id, TODAY, cycle.announced_at) == date(2026, 11, 27)
        assert decisions.notice_end(cycle.organiser_id, TODAY) == date(2026, 12, 3)
    assert last_event()[2] | {"late": True, "under_way": ["2026年度党支部星级评定"]} == last_event()[2]


def test_a_drafted_cycle_shows_and_is_announced_with_the_new_rules(world: World):
    rating_builders.build_people(world)
    cycle = rating_builders.drafted(world)

    change(world, "rating.quota", "10")

    assert dict(row[:2] for row in rating_pages.terms_rows(cycle))["五星级比例"] == "参评支部的 10% 以内"
    assert "late" not in last_event()[2]
    assert changes.touched([world.organiser("department")], "rating.quota")[0].keeps is False


def test_an_open_call_keeps_its_rules_and_the_change_is_told_as_late(world: World):
    call = exemplars.call(world)
    later = NOW + timedelta(hours=1)

    change(world, "nominations.deeds_most", "300", at=later)

    kept = services.number(call.organiser_id, "nominations.deeds_most", call.announced_at)
    assert (kept, services.number(call.organiser_id, "nominations.deeds_most")) == (600, 300)
    assert last_event()[2]["under_way"] == [call.title]


def test_a_rule_of_something_else_is_not_late(world: World):
    exemplars.call(world)

    change(world, "life.lecture", "2")

    assert "late" not in last_event()[2]


# Due days.


@pytest.mark.parametrize(("value", "day"), [("4", date(2027, 1, 12)), ("10", date(2027, 1, 14))])
def test_a_due_day_that_was_told_moves_back_with_its_rule_but_never_forward(world: World, value: str, day: date):
    department = world.organiser("department")
    told = due.due_day(department.id, Quarter(2026, 4)).day

    change(world, "reports.due_working_day", value)

    assert told == date(2027, 1, 12)
    assert due.due_day(department.id, Quarter(2026, 4)).day == day


# What is said beforehand.


def test_what_follows_is_said_before_and_nothing_is_kept(world: World):
    department = world.organiser("department")
    call = exemplars.call(world)
    exemplars.call(world, announced=False, title="另一份通知")
    office, base = confirmed(world, "office"), changes.rule_of("notice.working_days")

    assert changes.outlook_of(office, department, base, answer("7")) == [
        "公示期从今天起由 5 改为 7（个工作日以上）。",
        "没有另定的银川市局机关党委跟着改。",
        f"“{call.title}”已经开始，仍按开始时的规则；这次改动会记为中途改动，监督页看得到。",
        "“另一份通知”还没有公告或发出，到时候按新的数。",
    ]
    assert changes.outlook_of(office, department, base, answer("5"))[0] == (
        f"数值不变，仍是 5 个工作日以上；依据改为“{SOURCE}”，不再是建议值。"
    )
    assert rows_of(RuleValue, "id") == []


def test_it_says_that_told_due_days_stay_and_which_move_back(world: World):
    department, base = world.organiser("department"), changes.rule_of("reports.due_working_day")
    office = confirmed(world, "office")

    earlier = changes.outlook_of(office, department, base, answer("4"))
    later = changes.outlook_of(office, department, base, answer("10", since=date(2026, 12, 1)))

    assert earlier[2:] == [
        "2026年第三季度报告截止日仍为2026年10月16日：已通知的日期不会提前。",
        "2026年第四季度报告截止日仍为2027年1月12日（暂按周一至周五推算）：已通知的日期不会提前。",
    ]
    assert later[0].startswith("季度报告截止从2026年12月1日起由 8 改为 10")
    assert any("2026年第四季度报告截止日由2027年1月12日变为" in sentence for sentence in later)


def test_of_a_rule_the_system_does_not_act_on_it_says_so(world: World):
    said = changes.outlook_of(
        confirmed(world, "office"), world.organiser("department"), changes.rule_of("selection.front_line"), answer("80")
    )

    assert said[1] == "这一条供参考，系统暂不据此提示；改了只是登记本单位的数。"


def test_all_rules_of_a_request_are_asked_for_with_one_statement(world: World, statements: Statements):
    organiser_id = world.organiser("city").id
    db.session.rollback()

    with statements() as said:
        for key in ("rating.quota", "notice.working_days", "life.committee"):
            services.rule(organiser_id, key)

    assert len([each for each in said if "rule_value" in each]) == 1
    assert builders.count(RuleValue) == 0
