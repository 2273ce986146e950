"""What is wrong with the answers of a first start, field by field."""

from __future__ import annotations

from datetime import date

import pytest

from tests.pages import HALF_WIDTH
from tests.setup.answers import answers
from tiejun_awards.accounts.rules import not_together
from tiejun_awards.organisation.models import UnitKind
from tiejun_awards.rulebook.rules import RULES
from tiejun_awards.setup import rules
from tiejun_awards.setup.rules import Paper
from tiejun_awards.setup.sections import ASKED, DEFAULTS, QUESTIONS, SEATS, Kind, units
from tiejun_awards.shared.access import INSTALL_ROLES

TODAY = date(2026, 11, 23)


def test_every_default_can_be_taken_but_the_four_people_have_to_be_named():
    assert rules.faults(answers()) == {}
    assert rules.faults(DEFAULTS) == {
        f"{seat.key}_{part}": f"请填写{label}。"
        for seat in SEATS
        for part, label in (("name", "姓名"), ("username", "账号"))
    }


def test_there_are_twelve_open_questions_each_with_a_reason_an_owner_and_a_proposal():
    assert [question.number for question in QUESTIONS.values()] == list(range(1, 13))
    for question in QUESTIONS.values():
        assert all((question.title, question.why, question.decides, question.effect))
        assert rules.faults_of(question, question.defaults) == {}
        assert rules.plain(question, question.defaults) == question.defaults


def test_proposals_that_are_rules_are_the_rules_own_values_and_kinds_are_kinds():
    parts = [part for question in QUESTIONS.values() for part in question.parts]

    assert {part.rule: part.default for part in parts if part.rule} == {
        part.rule: RULES[part.rule].shown for part in parts if part.rule
    }
    for part in parts:
        if part.rule:
            assert [int(end) for end in RULES[part.rule].between or ()] == [part.least, part.most]
    codes = {row["code"] for row in units()["unit"]}
    for part in parts:
        if part.unit:
            assert part.unit in codes
            assert {value for value, _ in part.choices} <= {kind.value for kind in UnitKind}


def test_the_texts_of_the_questions_have_full_width_punctuation():
    texts = [text for q in QUESTIONS.values() for text in (q.title, q.why, q.decides, q.effect)]
    texts += [text for asked in ASKED.values() for text in (asked.label, asked.help, asked.default)]
    texts += [words for asked in ASKED.values() for _, words in asked.choices]

    assert [text for text in texts if HALF_WIDTH.search(text)] == []


def test_the_four_seats_keep_the_three_administrators_apart():
    for seat in SEATS:
        assert not_together(seat.roles, seat.roles[0]) is None
        assert len(INSTALL_ROLES.intersection(seat.roles)) <= 1
    assert {role for seat in SEATS for role in seat.roles} >= INSTALL_ROLES


SAME_USERNAME = "这个账号和{}的是同一个（全角、大小写不同也算同一个）。系统三类管理员和经办人必须是不同的人。"
SAME_NAME = "这个姓名和{}的一样。四个岗位要由四个人担任；确是同名，请在姓名后注明单位。"
UNREADABLE = "姓名里有看不见或不是文字的字符，请重新输入。"
MOBILE = "手机号应当是 1 开头的 11 位数字；没有就空着。"
USERNAME = "账号只能用字母、汉字、数字和 . _ - @，中间不空格。"

WRONG = [
    ("organiser_name", " ", "请填写主办党组织全称。"),
    ("organiser_name", "长" * 61, "主办党组织全称最多 60 字，现在 61 字，请删减一些。"),
    ("organiser_code", "厅", "代码只能用小写英文字母、数字和短横线，字母开头，例如 department。"),
    ("organiser_level", "world", "没有“world”这一项，请选列出的一项。"),
    ("organiser_level", "", "请选层级。"),
    ("organiser_filing_number", "1" * 41, "网站备案编号最多 40 字，现在 41 字，请删减一些。"),
    ("units_load", "maybe", "请写 yes，或者空着。"),
    ("sysadmin_username", "office", SAME_USERNAME.format("机关党委经办")),
    ("auditor_username", " ＯＦＦＩＣＥ", SAME_USERNAME.format("机关党委经办")),
    ("auditor_username", "SysAdmin", SAME_USERNAME.format("系统管理员")),
    ("auditor_name", "经 办(演示)", SAME_NAME.format("机关党委经办")),
    ("auditor_mobile", "+86 139-0000-0001", "这个手机号和机关党委经办的一样，请核对。"),
    ("secadmin_mobile", "12345", MOBILE),
    ("secadmin_name", "张\u202e三", UNREADABLE),
    ("secadmin_name", "张三🎉", UNREADABLE),
    ("secadmin_name", "\ue000", UNREADABLE),
    ("secadmin_name", "<b>张三</b>", UNREADABLE),
    ("secadmin_name", "123", "姓名里没有文字，请核对。"),
    ("secadmin_username", "zhang san", USERNAME),
    ("secadmin_username", "zhang\u200bsan", USERNAME),
    ("secadmin_username", "ﷺ" * 3, USERNAME),
    ("secadmin_username", "ﬃ" * 20, "账号要 2 至 40 个字符。"),
    ("secadmin_username", "z", "账号要 2 至 40 个字符。"),
    ("secadmin_username", "._-", "账号要 2 至 40 个字符。"),
    ("secadmin_unit", "OFF99", "没有“OFF99”这一项，请选列出的一项。"),
    ("stars_floor_5", "九十", "“九十”不是整数，请用阿拉伯数字填写，例如3。"),
    ("stars_floor_5", "111", "“111”太大了，最多100，请核对。"),
    ("stars_first", "0", "最小是 1，请核对。"),
    ("stars_floor_4", "90", "每一星的分数线要比上一星的低。"),
    ("stars_floor_2", "７５", "每一星的分数线要比上一星的低。"),
]


@pytest.mark.parametrize(("name", "text", "sentence"), WRONG)
def test_each_bad_answer_has_its_sentence_beside_its_field(name: str, text: str, sentence: str):
    assert rules.faults(answers(**{name: text})) == {name: sentence}


@pytest.mark.parametrize(
    "name", ["张三", "买买提·吐尔逊", "欧阳 娜娜", "张三（信息中心）", "𠮷田", "李4", "Anna O'Brien"]
)
def test_names_of_any_script_are_taken(name: str):
    assert rules.fault_of_name(name) == ""


def test_two_people_without_a_mobile_are_not_the_same():
    assert rules.faults(answers(office_mobile="", auditor_mobile="")) == {}


def test_commending_needs_its_approval_and_praising_does_not():
    number = "按表彰办理要有批准文号；没有文号，请选通报表扬、选树或推选。"

    assert rules.faults(answers(commendation_form="commend")) == {"commendation_approval": number}
    assert rules.faults(answers(commendation_form="commend", commendation_approval="测试〔2026〕1号")) == {}


def test_a_city_loads_no_units_of_the_department_and_chooses_none():
    one = rules.faults(answers(organiser_level="city"))
    other = rules.faults(answers(organiser_level="city", units_load=""))

    assert one == {"units_load": "这些是自治区生态环境厅的单位，设区市级的请不要勾选，以后导入自己的。"}
    assert other == {"office_unit": "没有勾选载入单位，这里请选“以后再填”。"}
    assert rules.faults(answers(organiser_level="city", units_load="", office_unit="")) == {}


def test_an_answers_file_keeps_the_defaults_it_does_not_speak_of_and_names_what_nobody_asked():
    content = {"organiser": {"name": "甲机关党委"}, "stars": {"floor_5": 92}, "units": {"load": False}, "x": 1}
    content["office"] = {"shoe_size": "42"}

    texts, unknown = rules.read_answers(content)

    assert texts == {**DEFAULTS, "organiser_name": "甲机关党委", "stars_floor_5": "92", "units_load": ""}
    assert unknown == ["x", "office.shoe_size"]
    assert rules.read_answers({"units": {"load": True}}) == (DEFAULTS, [])


def test_full_width_digits_are_kept_as_digits():
    question = QUESTIONS["stars"]

    assert rules.plain(question, {**question.defaults, "stars_floor_5": " ９２分"[:3]})["stars_floor_5"] == "92"


@pytest.mark.parametrize(
    ("paper", "faults"),
    [
        (Paper("机关党委会议", TODAY, "1号"), {}),
        (
            Paper("", None, ""),
            {
                "decided_by": "请填写由谁决定，例如机关党委会议，最多 60 字。",
                "decided_on": "请填写决定的日期，例如 2026-03-18。",
                "document": "请填写文号或纪要编号，最多 60 字；没有文件，请先存为建议稿。",
            },
        ),
        (Paper("会议", date(2026, 11, 24), "1号"), {"decided_on": "2026年11月24日还没有到，决定以后再确认。"}),
    ],
)
def test_a_confirmation_needs_who_when_and_which_document(paper: Paper, faults: dict[str, str]):
    assert rules.faults_of_paper(paper, TODAY) == faults


def test_choices_are_read_in_words():
    part = ASKED["opinions_body"]

    assert (part.kind, part.in_words("group"), part.in_words("else")) == (Kind.CHOICE, "都由驻厅纪检监察组", "else")
