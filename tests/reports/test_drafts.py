"""Reading what was typed: nothing is refused, everything wrong is said beside its field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from tests.builders import draft
from tiejun_awards.reports import drafts
from tiejun_awards.reports.drafts import MOST_RECORDS, RECORD_FIELDS, Context, Draft, Finding, Record, read
from tiejun_awards.reports.sections import FIELDS, Field, RecordKind
from tiejun_awards.shared.periods import Quarter

Q2 = Quarter(2026, 2)
TODAY = date(2026, 7, 3)
CONTEXT = Context(Q2, today=TODAY)
PROBLEMS = ("党小组会质量不高", "青年党员担重任不多")
ROW = {"kind": "committee", "held_on": "2026-04-08", "topic": "研究党建工作", "attendance": "3/3", "page": "第 5 页"}


def findings(typed: Draft, context: Context = CONTEXT) -> dict[str, str]:
    return {finding.field: finding.sentence for finding in read(typed, context).findings}


def with_rows(*rows: Mapping[str, str]) -> Draft:
    return Draft(draft(Q2).fields, rows, confirmed=True)


def with_row(**typed: str) -> Draft:
    return with_rows({**ROW, **typed})


def test_a_complete_report_reads_without_a_finding():
    reading = read(draft(Q2, problems=PROBLEMS), Context(Q2, PROBLEMS, today=TODAY))

    assert reading.findings == ()
    assert reading.counts == {
        **{"members": 20, "probationary": 1, "retired": 0, "committee_size": 3, "party_groups": 2},
        **{"dues_due": 21, "dues_paid": 21},
    }
    assert [(record.kind, record.held_on) for record in reading.records] == [
        (RecordKind.GENERAL_MEETING, date(2026, 4, 10)),
        (RecordKind.COMMITTEE, date(2026, 4, 6)),
        (RecordKind.PARTY_DAY, date(2026, 4, 21)),
    ]
    assert reading.characters == 66


def test_an_empty_draft_says_what_is_missing_and_nothing_else():
    assert read(Draft(), CONTEXT).findings == (
        Finding("members", 1, "请填正式党员，没有就填 0。", missing=True),
        Finding("probationary", 1, "请填预备党员，没有就填 0。", missing=True),
        Finding("problems", 7, "存在问题及原因还没有写。", missing=True),
        Finding("confirmed", 12, "书记还没有确认内容属实。", missing=True),
    )


# Numbers.


@pytest.mark.parametrize(
    ("typed", "number"),
    [("3", 3), ("０", 0), ("１２", 12), (" 7 ", 7), ("3次", 3), ("12 人", 12), ("007", 7), ("99999", 99_999)],
)
def test_a_number_is_read_however_it_is_typed(typed: str, number: int):
    assert read(draft(Q2, {"talks": typed}), CONTEXT).counts["talks"] == number


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("三", "“三”不是整数，请用阿拉伯数字填写，例如3。"),
        ("abc", "“abc”不是整数，请用阿拉伯数字填写，例如3。"),
        ("-1", "“-1”是负数，请填0或正整数。"),
        ("－１", "“－１”是负数，请填0或正整数。"),
        ("1.5", "“1.5”带小数，请填整数。"),
        ("1,200", "“1,200”里有逗号，请只写数字。"),
        ("100000", "“100000”太大了，最多99999，请核对。"),
        ("9" * 5_000, f"“{'9' * 20}…”太大了，最多99999，请核对。"),
        ("=1+1", "“=1+1”不是整数，请用阿拉伯数字填写，例如3。"),
        ("3\n4", "“3\n4”不是整数，请用阿拉伯数字填写，例如3。"),
    ],
)
def test_what_is_no_number_is_said_beside_its_field_and_not_counted(typed: str, sentence: str):
    reading = read(draft(Q2, {"talks": typed}), CONTEXT)

    assert reading.findings == (Finding("talks", 4, sentence),)
    assert "talks" not in reading.counts


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"dues_due": "20", "dues_paid": "21"}, {"dues_paid": "党费实交人数多于应交人数，请核对。"}),
        ({"pledges_made": "2", "pledges_kept": "3"}, {"pledges_kept": "已兑现的公诺多于公诺总数，请核对。"}),
        (
            {"members": "20", "probationary": "1", "retired": "22"},
            {"retired": "离退休党员多于党员总数，请核对。"},
        ),
        ({"members": "20", "probationary": "1", "retired": "21"}, {}),
        ({"dues_due": "", "dues_paid": "21"}, {}),
        (
            {"pledges_made": "两项", "pledges_kept": "3"},
            {"pledges_made": "“两项”不是整数，请用阿拉伯数字填写，例如3。"},
        ),
        ({"members": "", "retired": "4"}, {"members": "请填正式党员，没有就填 0。"}),
    ],
)
def test_numbers_that_contradict_each_other_are_found_where_both_were_read(
    typed: dict[str, str], found: dict[str, str]
):
    assert findings(draft(Q2, typed)) == found


# Texts.


@pytest.mark.parametrize("spec", [spec for spec in FIELDS.values() if spec.limit], ids=lambda spec: spec.name)
def test_a_text_may_be_as_long_as_its_limit_and_not_one_character_longer(spec: Field):
    full = "好 " * spec.limit  # spaces and line ends do not count

    assert findings(draft(Q2, {spec.name: full})) == {}
    assert findings(draft(Q2, {spec.name: full + "\n了"})) == {
        spec.name: f"写了 {spec.limit + 1} 字，最多 {spec.limit} 字，请删减一些。"
    }


def test_all_texts_together_have_a_limit_of_their_own():
    typed = draft(Q2)
    characters = read(typed, CONTEXT).characters

    assert findings(typed, Context(Q2, most_characters=characters, today=TODAY)) == {}
    assert findings(typed, Context(Q2, most_characters=characters - 1, today=TODAY)) == {
        "total": f"全文 {characters} 字，超过 {characters - 1} 字，请删减一些。"
    }


def test_a_report_that_is_not_confirmed_cannot_be_submitted():
    typed = Draft(draft(Q2).fields)

    assert read(typed, CONTEXT).findings == (Finding("confirmed", 12, "书记还没有确认内容属实。", missing=True),)


# Records.


def test_a_record_is_read_with_all_it_says():
    assert read(with_row(), CONTEXT).records == (
        Record(RecordKind.COMMITTEE, date(2026, 4, 8), "研究党建工作", 3, 3, "第 5 页"),
    )


def test_attendance_and_page_may_be_left_out():
    assert read(with_row(attendance=" ", page=""), CONTEXT).records == (
        Record(RecordKind.COMMITTEE, date(2026, 4, 8), "研究党建工作", None, None, ""),
    )


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *((kind.label, kind) for kind in RecordKind),
        *((kind.value, kind) for kind in RecordKind),
        ("支部党员大会", RecordKind.GENERAL_MEETING),
        ("支部委员会", RecordKind.COMMITTEE),
        (" 民主评议 ", RecordKind.APPRAISAL),
    ],
)
def test_a_kind_is_known_by_its_usual_words(word: str, kind: RecordKind):
    assert [record.kind for record in read(with_row(kind=word), CONTEXT).records] == [kind]


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-04-08", date(2026, 4, 8)),
        ("4月8日", date(2026, 4, 8)),
        ("４．８", date(2026, 4, 8)),
        ("20260630", date(2026, 6, 30)),
        ("2026/4/1 0:00:00", date(2026, 4, 1)),
        ("4月8日（周三）", date(2026, 4, 8)),
    ],
)
def test_a_day_is_read_however_it_is_typed(typed: str, day: date):
    assert [record.held_on for record in read(with_row(held_on=typed), CONTEXT).records] == [day]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("kind", "座谈会", "请选一个类别。"),
        ("kind", "", "请选一个类别。"),
        ("held_on", "", "请填写日期。"),
        ("held_on", "上周三", "看不懂日期“上周三”，请写成2026-03-26或2026年3月26日。"),
        ("held_on", "2026-06-31", "2026年6月没有31日。"),
        ("held_on", "4月8日（周四）", "2026年4月8日是周三，不是周四，请核对。"),
        ("held_on", "2026-03-31", "2026年3月31日不在2026年第二季度里，请核对日期。"),
        ("held_on", "2026-07-01", "2026年7月1日不在2026年第二季度里，请核对日期。"),
        ("held_on", "2025-05-08", "2025年5月8日不在2026年第二季度里，请核对日期。"),
        ("topic", "", "请写主题或议题，几个字就行。"),
        ("topic", "题" * 61, "主题写了 61 字，最多 60 字。"),
        ("attendance", "11月12日", "“11月12日”成了日期（Excel会把11/12改成日期），请把单元格设为文本，写成11/12。"),
        ("attendance", "2026-11-12", "“2026-11-12”成了日期（Excel会把11/12改成日期），请把单元格设为文本，写成11/12。"),
        ("attendance", "12", "看不懂“12”，请写成到会/应到，例如11/12。"),
        ("attendance", "11-12", "“11-12”像是一个范围，请写成到会/应到，例如11/12。"),
        ("attendance", "12/11", "到会12人多于应到11人，请核对（先写到会，后写应到）。"),
        ("attendance", "0/0", "应到人数不能是0。"),
        ("page", "第五页" * 7, "页码最多 20 字。"),
    ],
)
def test_what_is_wrong_in_a_record_is_said_beside_its_cell_and_the_row_is_not_counted(
    field: str, typed: str, sentence: str
):
    reading = read(with_row(**{field: typed}), CONTEXT)

    assert reading.findings == (Finding(f"records-0-{field}", 2, sentence),)
    assert reading.records == ()


def test_a_day_that_has_not_come_is_no_record_yet():
    typed = with_row(held_on="2026-05-20")

    assert findings(typed, Context(Q2, today=date(2026, 5, 20))) == {}
    assert findings(typed, Context(Q2, today=date(2026, 5, 19))) == {
        "records-0-held_on": "这一天还没有到，开过之后再登记。"
    }


def test_blank_rows_are_passed_over_and_the_others_keep_their_numbers():
    blank = {"kind": "lecture", "held_on": "", "topic": " ", "attendance": "", "page": "\t"}
    reading = read(with_rows(blank, {}, {**ROW, "topic": ""}), CONTEXT)

    assert [finding.field for finding in reading.findings] == ["records-2-topic"]


def test_all_that_is_wrong_in_a_row_is_said_at_once():
    assert list(findings(with_rows({"kind": "会", "held_on": "昨天", "attendance": "很多", "page": "页" * 21}))) == [
        f"records-0-{name}" for name in RECORD_FIELDS
    ]


def test_sixty_records_can_be_kept_and_not_one_more():
    rows = [dict(ROW, page=str(number)) for number in range(MOST_RECORDS + 1)]

    assert findings(with_rows(*rows[:-1])) == {}
    assert findings(with_rows(*rows)) == {"records": "一个季度最多登记 60 条，现在有 61 条。"}


# What became of last quarter's problems.


@pytest.mark.parametrize(
    ("fixes", "found"),
    [
        ([], ["fixes-0-status", "fixes-1-status"]),
        ([{"status": "done", "how": "已改"}], ["fixes-1-status"]),
        ([{"status": "done", "how": "已改"}, {"status": "going_on", "how": ""}], []),
        ([{"status": "done", "how": " "}, {"status": "going_on"}], ["fixes-0-how"]),
        ([{"status": "已整改", "how": "改"}, {"status": "going_on"}], ["fixes-0-status"]),
        ([{"status": "going_on", "how": "改" * 101}, {"status": "going_on"}], ["fixes-0-how"]),
        ([{"status": "going_on", "how": "改" * 100}, {"status": "going_on"}, {"status": "?", "how": "多的"}], []),
    ],
)
def test_each_earlier_problem_is_answered(fixes: list[dict[str, str]], found: list[str]):
    typed = Draft(draft(Q2).fields, fixes=tuple(fixes), confirmed=True)

    assert list(findings(typed, Context(Q2, PROBLEMS, today=TODAY))) == found


def test_only_an_answer_that_was_not_given_counts_as_missing():
    typed = Draft(draft(Q2).fields, fixes=({}, {"status": "done"}), confirmed=True)

    assert read(typed, Context(Q2, PROBLEMS, today=TODAY)).findings == (
        Finding("fixes-0-status", 8, "第 1 条请选“已整改”或“正在整改”。", missing=True),
        Finding("fixes-1-how", 8, "选了“已整改”，请写一句怎么改的；没改完请选“正在整改”。"),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1. 会前准备不足\n2. 青年担重任不多", ("会前准备不足", "青年担重任不多")),
        ("一、会前准备不足；\n\n十二、青年担重任不多", ("会前准备不足；", "青年担重任不多")),
        ("1）会前准备不足\r\n2) 青年担重任不多", ("会前准备不足", "青年担重任不多")),
        ("10．会前准备不足", ("会前准备不足",)),
        ("2025年的问题没有改完", ("2025年的问题没有改完",)),
        ("3.5万元经费没有用完", ("3.5万元经费没有用完",)),
        ("党员、群众都有意见", ("党员、群众都有意见",)),
        (" \n 1. \n", ()),
    ],
)
def test_the_lines_of_a_text_lose_their_numbers_and_nothing_else(text: str, found: tuple[str, ...]):
    assert drafts.lines(text) == found
