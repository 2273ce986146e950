"""Rules as data, and what organisers make of them: pure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from tests.pages import HALF_WIDTH
from tiejun_awards.rulebook import rules
from tiejun_awards.rulebook.rules import GROUPS, RULES, Change, Kind, Mode, Rule, RuleAnswer, Use

ROOT = Path(rules.__file__).parent.parent
TODAY = NOW.date()
TOP, CITY = 1, 2


def change(
    value: str, since: date = TODAY, by: int = TOP, at: datetime = NOW, key: str = "notice.working_days"
) -> Change:
    return Change(by, key, value, f"文件{value}", since, at)


def held(*changes: Change, by: int = TOP, day: date = TODAY, at: datetime | None = None) -> tuple[str, int | None]:
    found = rules.in_force(RULES["notice.working_days"], changes, by, day, at)
    return found.shown, found.set_by


def test_every_rule_says_what_it_is_where_it_comes_from_and_how_far_it_can_be_changed():
    assert {key.split(".")[0] for key in RULES} == set(GROUPS)
    for rule in RULES.values():
        assert rule.title, rule.key
        assert rule.source, rule.key
        assert not HALF_WIDTH.search(f"{rule.title} {rule.unit} {rule.source} {rule.override}"), rule.key
        assert not re.search(r"\bS\d\d", rule.source), rule.key
        assert rule.between is None or rule.between[0] <= rule.value <= rule.between[1], rule.key
        assert rule.between is not None or not rule.override, rule.key
        assert rule.use is not Use.FIXED or rule.between is None, rule.key
        assert rule.kind is not Kind.SWITCH or rule.between is None, rule.key
        assert rule.since_label.endswith("起") or not rule.since, rule.key


def test_a_rule_says_that_the_system_goes_by_its_value_exactly_when_code_asks_for_it():
    code = "".join(path.read_text("utf-8") for path in ROOT.rglob("*.py"))
    asked = {key for key in RULES if f'"{key}"' in code.replace(Path(rules.__file__).read_text("utf-8"), "")}

    assert asked == {key for key, rule in RULES.items() if rule.use is Use.VALUE}


def test_templates_state_no_rule_that_there_is_not():
    templates = "".join(path.read_text("utf-8") for path in (ROOT.parent / "templates").rglob("*.html"))

    assert set(re.findall(r'\brule\("([a-z_.0-9]+)"', templates)) - set(RULES) == set()


def test_no_reminder_of_a_source_that_says_usually_is_a_bar():
    assert [
        rule.key for rule in RULES.values() if rule.mode is Mode.ENFORCE and "，一般" in f"{rule.source}{rule.unit}"
    ] == []


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("reports.due_working_day", "8 个工作日（季度后）"),
        ("rating.quota", "30%以内，向下取整，至少1个"),
        ("life.appraisal_excellent", "1/3 以内（占党员总数）"),
        ("panel.odd", "是"),
        ("selection.high_posts", "否"),
    ],
)
def test_values_are_shown_as_numbers_ratios_and_yes_or_no(key: str, shown: str):
    assert RULES[key].with_unit == shown


def test_a_whole_is_shown_in_words():
    assert rules.shown(Kind.RATIO, Fraction(1)) == "全部"


def test_the_note_beside_a_value_says_how_it_acts_and_why():
    assert RULES["pilots.most"].said == "试点支部上限：4 个（必须）。依据：宁环党发〔2020〕25号，措施第7条。"
    assert "（默认值，建议值）" in RULES["rating.first"].said
    assert "（供参考）" in RULES["vote.committee_majority"].said


def test_the_day_and_the_range_are_labelled_where_there_are_any():
    with_both, with_none = RULES["life.committee"], RULES["panel.odd"]

    assert (with_both.since_label, with_both.range_label) == ("2018年10月28日起", "3 至 6")
    assert (with_none.since_label, with_none.range_label) == ("", "")


# What holds.


def test_the_data_hold_until_an_organiser_says_otherwise():
    assert held() == ("5", None)
    assert held(change("7")) == ("7", TOP)


def test_a_changed_rule_has_its_document_and_is_no_suggestion_any_more():
    found = rules.in_force(RULES["notice.working_days"], [change("5")], TOP, TODAY)

    assert (found.shown, found.source, found.proposed, found.since_label) == ("5", "文件5", False, "2026年11月23日起")


def test_a_change_holds_from_its_day_and_the_latest_day_wins():
    later = TODAY + timedelta(days=10)
    changes = (change("9", later), change("7"))

    assert held(*changes) == ("7", TOP)
    assert held(*changes, day=later) == ("9", TOP)


def test_of_two_changes_of_one_day_the_last_made_holds():
    assert held(change("7"), change("9")) == ("9", TOP)


def test_a_change_taken_back_gives_back_what_held_without_it():
    assert held(change("7"), change("")) == ("5", None)
    assert held(change("8"), change("9", by=CITY), change("", by=CITY), by=CITY) == ("8", TOP)


def test_an_organiser_below_has_the_value_of_the_one_above_unless_it_has_its_own():
    assert held(change("8"), by=CITY) == ("8", TOP)
    assert held(change("8"), change("9", by=CITY), by=CITY) == ("9", CITY)


def test_what_was_announced_keeps_what_was_known_then():
    changes = (change("7", at=NOW), change("9", at=NOW + timedelta(minutes=1)))

    assert held(*changes, at=NOW) == ("7", TOP)
    assert held(*changes, at=NOW + timedelta(minutes=1)) == ("9", TOP)


MADE = st.lists(
    st.builds(
        lambda value, days, by: change(value, TODAY + timedelta(days=days), by),
        st.sampled_from(["", "6", "7", "8"]),
        st.integers(0, 6),
        st.sampled_from([TOP, CITY]),
    ),
    max_size=6,
).map(lambda made: [replace(each, entered_at=NOW + timedelta(hours=hour)) for hour, each in enumerate(made)])
"""Up to six changes of a department and a city, each made an hour after the other, holding from days of one week."""


@given(MADE, st.integers(0, 6), st.sampled_from([TOP, CITY]))
def test_from_the_day_of_taking_back_on_nothing_of_ones_own_holds_and_before_it_everything_is_as_it_was(
    made: list[Change], days: int, by: int
):
    since, now = TODAY + timedelta(days=days), NOW + timedelta(hours=len(made))
    after = [*made, change("", since, by, now)]
    others = [each for each in made if each.organiser_id != by]

    for day in (TODAY + timedelta(days=each) for each in range(9)):
        assert held(*after, by=by, day=day) == held(*(others if day >= since else made), by=by, day=day)
        assert held(*after, by=by, day=day, at=now - timedelta(hours=1)) == held(
            *made, by=by, day=day, at=now - timedelta(hours=1)
        )
    assert not rules.can_take_back(after, by, since)


@given(MADE, st.sampled_from([TOP, CITY]))
def test_what_one_can_take_back_is_what_holds_of_ones_own_now_or_later(made: list[Change], by: int):
    week = [TODAY + timedelta(days=each) for each in range(9)]

    for day in week:
        own = any(held(*made, by=by, day=each)[1] == by for each in week if each >= day)
        assert rules.can_take_back(made, by, day) == own


def test_what_the_organiser_above_takes_back_leaves_the_value_below_alone():
    above, later = (change("8"), change("")), TODAY + timedelta(days=9)

    assert held(*above, change("9", by=CITY), by=CITY) == ("9", CITY)
    assert held(change("9", later, CITY), *above, by=CITY) == ("5", None)
    assert held(change("9", later, CITY), *above, by=CITY, day=later) == ("9", CITY)


# What can be changed, to what.


@pytest.mark.parametrize(
    ("key", "top", "why"),
    [
        ("rating.quota", True, ""),
        ("rating.quota", False, ""),
        ("pilots.most", True, ""),
        ("pilots.most", False, "“试点支部上限”全区统一，各市不另定。依据：宁环党发〔2020〕25号，措施第7条。"),
        (
            "panel.odd",
            True,
            "“评委会人数为单数”是系统本来的办法，不能改。依据：《职称评审管理暂行规定》（人力资源社会保障部令第40号）。",
        ),
        (
            "life.life_meeting",
            True,
            "“组织生活会”是文件的规定，不能改。依据：《中国共产党支部工作条例（试行）》第十七条，每年至少召开1次。",
        ),
    ],
)
def test_what_cannot_be_changed_is_refused_with_the_source(key: str, top: bool, why: str):
    assert rules.why_not_changed(RULES[key], top=top) == why


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("rating.quota", " １０ ", 10),
        ("rating.survey_attendance", "3/4", Fraction(3, 4)),
        ("rating.survey_attendance", "４／５", Fraction(4, 5)),
        ("panel.majority", "全部", 1),
        ("panel.majority", "1", 1),
    ],
)
def test_a_value_is_read_as_people_type_it(key: str, text: str, value: Fraction):
    assert rules.read_value(RULES[key], text) == value


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("rating.quota", "", "请填整数，不用写单位。"),
        ("rating.quota", "三十", "请填整数，不用写单位。"),
        ("rating.quota", "1.5", "请填整数，不用写单位。"),
        ("rating.quota", "4", "只能填 5 至 100。依据：各地方案多为30%以内，也有10%。"),
        ("rating.quota", "20000000", "只能填 5 至 100。依据：各地方案多为30%以内，也有10%。"),
        ("rating.quota", "101", "只能填 5 至 100。依据：各地方案多为30%以内，也有10%。"),
        ("rating.survey_attendance", "0.6", "请写成分数，例如 2/3。"),
        ("rating.survey_attendance", "1/0", "请写成分数，例如 2/3。"),
        ("rating.survey_attendance", "1/3", "只能填 1/2 至 4/5。依据：部分乡镇党组织和党员星级评定方案。"),
    ],
)
def test_any_other_value_is_refused_with_a_sentence(key: str, text: str, sentence: str):
    with pytest.raises(ValueError, match="^" + re.escape(sentence) + "$"):
        rules.read_value(RULES[key], text)


def test_rules_that_contradict_each_other_are_named():
    higher: dict[str, Rule] = {**RULES, "rating.floor_3": rules.changed(RULES["rating.floor_3"], change("80"))}
    equal = {**RULES, "pilots.fewest": rules.changed(RULES["pilots.fewest"], change("4"))}

    assert rules.clash(RULES) == ""
    assert (
        rules.clash(higher) == "“三星级分数线”（80 分（含）以上）和“四星级分数线”（80 分（含）以上）前后矛盾，请核对。"
    )
    assert rules.clash(equal) == ""


def test_an_answer_names_its_document_its_reason_and_a_day_from_today_within_a_year():
    assert rules.faults(RuleAnswer("8", "文件", "理由"), TODAY) == {}
    assert rules.faults(RuleAnswer("8", "文件", "理由", TODAY), TODAY) == {}
    assert set(rules.faults(RuleAnswer("8", " ", " ", TODAY - timedelta(days=1)), TODAY)) == {
        "source",
        "reason",
        "since",
    }
    assert rules.faults(RuleAnswer("8", "文" * 121, "理" * 301), TODAY) == {
        "source": "最多 120 字，请删减一些。",
        "reason": "最多 300 字，请删减一些。",
    }
    assert rules.since_fault(TODAY + timedelta(days=367), TODAY) == {"since": "最多提前一年登记。"}
