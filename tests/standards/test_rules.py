"""The default standard, and reading a standard's data."""

from __future__ import annotations

import copy

import pytest

from tiejun_awards.standards import services
from tiejun_awards.standards.rules import Case, Giver, Line, by_category, in_words, points, read, taken_off, two_places

SCHEME = read(services.default_content())


def line_of(code: str) -> Line:
    found = SCHEME.line(code)
    assert found is not None
    return found


def test_the_default_standard_has_six_categories_25_indicators_26_lines_and_100_points():
    assert [(category.name, category.most) for category in SCHEME.categories] == [
        ("一、班子建设", 1500),
        ("二、党员管理", 1500),
        ("三、组织生活", 2500),
        ("四、工作运行", 1500),
        ("五、基础保障", 1000),
        ("六、作用发挥", 2000),
    ]
    assert (len(SCHEME.indicators), len(SCHEME.lines), sum(line.most for line in SCHEME.lines)) == (25, 26, 10_000)
    assert "建议稿" in SCHEME.note


def test_each_line_says_who_gives_its_value():
    assert {giver: [line.code for line in SCHEME.lines if line.giver is giver] for giver in Giver} == {
        Giver.FACT: ["1.2", "1.3", "2.2", "2.4", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "5.3"],
        Giver.VERIFIED: ["1.1", "2.1", "2.3", "2.5", "4.1", "4.2", "4.4", "5.1", "5.2", "6.1a"],
        Giver.JUDGED: ["1.4", "4.3", "6.1b", "6.2"],
    }
    assert sum(line.most for line in SCHEME.judged) == 2100


def test_lateness_takes_at_most_two_points_off():
    line = line_of("1.3")

    assert taken_off(line, {"a": 9}) == 200
    assert taken_off(line, {"a": 1, "b": 1}) == 150  # worked example K17: −0.5 for one late report


def test_cases_never_take_more_than_the_line_has():
    line = line_of("3.5")

    assert [taken_off(line, times) for times in ({}, {"a": 1}, {"a": 1, "b": 4}, {"b": -3})] == [0, 400, 400, 0]


def test_the_chosen_cases_are_the_reason():
    line = line_of("3.2")

    assert in_words(line, {"a": 3}) == "少开 1 次（3 次），−1.5"
    assert in_words(line, {}) == ""
    assert in_words(line_of("1.3"), {"a": 1, "b": 1}) == "迟报 1 次，−0.5；漏报 1 次，−1"


@pytest.mark.parametrize(
    ("case", "count", "groups", "times"),
    [
        (Case("a", "少开", 100, 4, "life.committee", 12), 12, 0, 0),
        (Case("a", "少开", 100, 4, "life.committee", 12), 10, 0, 2),
        (Case("a", "少开", 100, 4, "life.committee", 12), 0, 0, 4),
        (Case("a", "少开", 50, 6, "life.group_meeting", 12, True), 23, 2, 1),
        (Case("a", "少开", 50, 6, "life.group_meeting", 12, True), 0, 0, 0),  # 没有设党小组的不扣
        (Case("a", "迟报", 50, 4, "reports.late"), 2, 0, 2),
    ],
)
def test_a_counted_case_holds_as_often_as_was_counted_or_is_missing(case, count, groups, times):
    assert case.times(count, groups) == times


def test_bars_bonuses_and_lines_are_found_by_their_code():
    bar, beside = SCHEME.bar("v1"), SCHEME.beside("b1")

    assert bar is not None
    assert beside is not None
    assert (bar.star, SCHEME.bar("x"), beside.most, SCHEME.beside("x")) == (2, None, 500, None)
    assert (SCHEME.line("x"), line_of("1.1").case("x")) == (None, None)


def test_categories_add_their_lines_up():
    assert [got for _, got in by_category(SCHEME, {"1.1": 400, "1.4": 300, "6.2": 950})] == [700, 0, 0, 0, 0, 950]


@pytest.mark.parametrize(
    ("hundredths", "short", "long"),
    [(400, "4", "4.00"), (350, "3.5", "3.50"), (8835, "88.35", "88.35"), (-200, "−2", "−2.00"), (0, "0", "0.00")],
)
def test_points_are_written_as_people_write_them(hundredths, short, long):
    assert (points(hundredths), two_places(hundredths)) == (short, long)


def broken(change):
    content = copy.deepcopy(services.default_content())
    change(content)
    return content


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda it: it["category"][0]["indicator"][0]["lines"][0].update(most=5),
            "各项分值合计应为 100 分，现在是 101 分",
        ),
        (lambda it: it["category"][0]["indicator"][0].update(code="1.2"), "两条指标的编号相同"),
        (lambda it: it.update(tie_indicator="9.9"), "同分时比较的指标不在标准里"),
        (lambda it: it["bar"][0].update(star=5), "不得评定情形的最高星级应为 0 至 4"),
        (lambda it: it.update(bonus_cap=1.234), "分值“1.234”最多两位小数，且不能是负数"),
        (lambda it: it.update(bonus_cap=-1), "分值“-1”最多两位小数，且不能是负数"),
    ],
)
def test_a_standard_that_cannot_be_right_is_refused_by_name(change, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        read(broken(change))
