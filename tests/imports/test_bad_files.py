"""Files nobody should be able to import: a sentence each, in a process that may die of it, and the database is what it was."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from tests.builders import World
from tests.imports import books
from tests.imports.books import UNIT, units
from tests.imports.test_importing import planned, replace_heads, said
from tests.test_permissions import changed, tables
from tiejun_awards.imports import importing, services
from tiejun_awards.imports.lines import BY_KEY
from tiejun_awards.shared.errors import Refused

HEADS = [column.head for column in BY_KEY["units"].columns]


def write(cell: str, value: Any) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        book.worksheets[0][cell] = value

    return change


def merge(book: Workbook) -> None:
    book.worksheets[0].merge_cells("C2:D2")


def hide_sheet(book: Workbook) -> None:
    book.create_sheet("说明").append(["看得见的"])
    book.worksheets[0].sheet_state = "hidden"


def hide_row(book: Workbook) -> None:
    book.worksheets[0].row_dimensions[2].hidden = True


def hide_column(book: Workbook) -> None:
    book.worksheets[0].column_dimensions["C"].hidden = True


def wide(book: Workbook) -> None:
    for column in range(1, 10_001):
        book.worksheets[0].cell(3, column, "x")


def strange_heads(book: Workbook) -> None:
    replace_heads(book, ["序号", "部门"], ["1", "办公室"])


def with_date(text: str) -> bytes:
    return units((*UNIT[:7], text, ""))


def macros() -> bytes:
    return books.with_part(units(), "xl/vbaProject.bin", b"\xd0\xcf")


def doctype() -> bytes:
    content = units()
    own = books.part(content, "xl/workbook.xml").replace(
        b"<workbook", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><workbook', 1
    )
    return books.with_part(content, "xl/workbook.xml", own)


def external() -> bytes:
    relations = (
        b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Type="x/externalLinkPath" Target="http://10.0.0.1/a.xlsx" TargetMode="External"/>'
        b"</Relationships>"
    )
    return books.with_part(units(), "xl/worksheets/_rels/sheet1.xml.rels", relations)


def bomb() -> bytes:
    return books.with_part(units(), "xl/media/zeros.bin", b"\0" * (80 * 2**20))


def many_members() -> bytes:
    out = io.BytesIO(units())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(300):
            archive.writestr(f"xl/media/{number}.bin", str(number) * 50)
    return out.getvalue()


ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")

REFUSED_WHOLE = {
    "empty": (lambda: b"", "这是一个空文件，请核对后再选。"),
    "utf-16 csv": (
        lambda: "代码,名称".encode("utf-16"),
        "文件是 UTF-16 编码。请用表格软件另存为 .xlsx，或者 UTF-8 的 .csv。",
    ),
    "xls or encrypted": (
        lambda: ENCRYPTED,
        "文件加了密码，或者是旧的 .xls 格式。请去掉密码，另存为 .xlsx 再传。",
    ),
    "a picture": (
        lambda: b"\x89PNG\r\n\x1a\n\0\0\0\xff",
        "只能读 .xlsx 和 .csv 文件。这个文件不是表格，请用表格软件另存为 .xlsx 再传。",
    ),
    "macros": (macros, "文件里有宏，不能传。请去掉后另存一份，或导出为 PDF 再传。"),
    "external entity": (doctype, "文件里有不该有的声明，不能传。请去掉后另存一份，或导出为 PDF 再传。"),
    "external link": (
        external,
        "文件里有外部链接（打开时会去别处取内容），不能传。请去掉后另存一份，或导出为 PDF 再传。",
    ),
    "bomb": (bomb, "文件打不开，可能已损坏。请用原来的软件另存一份再传。"),
    "many members": (many_members, "文件展开后太大。请删去不用的工作表、图片和格式，另存一份再传。"),
    "far cell": (
        lambda: units(change=write("XFD1048576", "x")),
        "表格超过 20000 行（第 1048576 行还有内容）。请删去下面的内容，或者分几次导入。",
    ),
    "ten thousand columns": (
        lambda: units(change=wide),
        "表格超过 64 列（BM3 还有内容）。请删去右边多余的列。",
    ),
    "cut off": (lambda: units()[:-200], "文件不完整，可能没有传完或已损坏。请重新导出后再传。"),
}


@pytest.mark.parametrize("name", REFUSED_WHOLE)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(world: World, name: str):
    make, sentence = REFUSED_WHOLE[name]
    before = tables()

    with pytest.raises(Refused) as refused:
        importing.read(make())

    assert refused.value.sentence == sentence
    assert changed(before, tables()) == set()


NAMED = {
    "merged cells": (lambda: units(change=merge), [("C2", "C2:D2 是合并单元格。")]),
    "formula": (lambda: units(change=write("F2", "=1+1")), [("F2", "这一格是公式。")]),
    "error value": (lambda: units(change=write("F2", "#REF!")), [("F2", "这一格是错误值 #REF!。")]),
    "hidden sheet": (
        lambda: units(change=hide_sheet),
        [("A1", "不认识的工作表“说明”。"), ("A1", "这张工作表是隐藏的。")],
    ),
    "hidden row": (lambda: units(change=hide_row), [("A2", "第 2 行被隐藏或筛掉了。")]),
    "hidden column": (lambda: units(change=hide_column), [("C1", "C 列是隐藏的。")]),
    "twice in the file": (lambda: units(UNIT, UNIT), [("A3", "和第 2 行重复。")]),
    "another organiser's code": (
        lambda: units(("city_unit", *UNIT[1:])),
        [("A2", "代码 city_unit 已被别的主办党组织用了。")],
    ),
    "a day that is none": (
        lambda: with_date("2020年2月30日"),
        [("H2", "“启用日期”2020年2月没有30日。")],
    ),
    "a day that is no day": (
        lambda: with_date("去年春天"),
        [("H2", "“启用日期”看不懂日期“去年春天”，请写成2026-03-26或2026年3月26日。")],
    ),
    "an unknown kind": (
        lambda: units((*UNIT[:2], "科室", *UNIT[3:])),
        [
            (
                "C2",
                "“类别”“科室”不在可填的内容里："
                "厅机关处室、派出机构、执法机构、直属事业单位、设区市生态环境局、宁东基地、县（区）分局。",
            )
        ],
    ),
    "a missing name": (lambda: units((UNIT[0], "", *UNIT[2:])), [("B2", "“名称”没有填。")]),
    "an unknown parent": (
        lambda: units((*UNIT[:3], "NONE", *UNIT[4:])),
        [("D2", "没有代码是 NONE 的单位。")],
    ),
    "a circle": (
        lambda: units(("C1", "甲", "厅机关处室", "C2", *UNIT[4:]), ("C2", "乙", "厅机关处室", "C1", *UNIT[4:])),
        [
            ("D2", "绕成了一圈：挂在自己或自己的下级下面。"),
            ("D3", "绕成了一圈：挂在自己或自己的下级下面。"),
        ],
    ),
    "ends before it begins": (
        lambda: units((*UNIT[:7], "2020-01-01", "2019-01-01")),
        [("I2", "停用日期早于启用日期。")],
    ),
    "another template": (
        lambda: units(change=strange_heads),
        [("A1", "没有“代码”、“名称”、“类别”、“启用日期”这样的列。")],
    ),
    "an empty sheet more": (
        lambda: units(change=lambda book: setattr(book.create_sheet("别的"), "title", "别的")),
        [],
    ),
    "nothing in it": (
        lambda: units(change=lambda book: book.worksheets[0].delete_rows(1, 9)),
        [("A1", "文件里没有内容。")],
    ),
    "a csv nobody can tell": (
        lambda: "姓名,单位\n张三,办公室\n".encode(),
        [("A1", "看不出这张表是哪一张。")],
    ),
    "a head twice": (
        lambda: units(change=write("B1", "代码")),
        [("A1", "没有“名称”这样的列。"), ("B1", "“代码”和另一列说的是同一项。")],
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_what_is_wrong_is_named_by_sheet_and_cell_and_nothing_is_written(world: World, name: str):
    make, faults = NAMED[name]
    before = tables()

    plan = planned(world, make())

    assert sorted(said(plan)) == faults
    assert all(fault.do for fault in plan.faults)
    assert changed(before, tables()) == set()


@pytest.mark.parametrize(
    "text", ["2020-03-01", "2020/3/1", "2020.3.1", "2020年3月1日", "20200301", "２０２０－０３－０１"]
)
def test_a_day_is_read_in_any_of_the_usual_ways(world: World, text: str):
    plan = planned(world, with_date(text))

    assert said(plan) == []
    assert plan.parts[0].new[0].row.values["starts_on"].isoformat() == "2020-03-01"


def test_full_width_codes_and_trailing_blanks_are_what_they_look_like(world: World):
    row = ("ｗａｔｅｒ_unit ", "水生态环境处  ", "厅机关处室", "", "", "１", "否", "2020-01-01", "")

    plan = planned(world, units(row))

    assert (said(plan), plan.changes, plan.parts[0].unchanged) == ([], 0, 1)


def test_a_file_of_another_kind_or_too_large_is_not_even_taken(world: World):
    actor, organiser = world.actor("office"), world.organiser("department")
    found = []

    for name, content in (("a.xls", b"x"), ("a.xlsm", b"x"), ("a.xlsx", b""), ("a.xlsx", b"x" * (10 * 2**20 + 1))):
        with pytest.raises(Refused) as refused:
            services.upload(actor, organiser, file_name=name, content=content)
        found.append((refused.value.sentence, refused.value.field))

    other = "只能导入 .xlsx 和 .csv 文件；.xls 和带宏的 .xlsm 请另存为 .xlsx。"
    assert found == [
        (other, "file"),
        (other, "file"),
        ("请选一个有内容的文件。", "file"),
        ("文件超过 10 MB，请分几次导入。", "file"),
    ]


def test_one_name_twice_at_one_time_is_named_in_the_file_and_beside_what_there_is(world: World):
    water = world.unit("water_unit").name
    rows = [
        ("A1", water, *UNIT[2:]),
        ("A2", "甲处", *UNIT[2:]),
        ("A3", "甲 处", *UNIT[2:]),
        ("A4", "乙处", *UNIT[2:8], "2021-12-31"),
        ("A5", "乙处", *UNIT[2:7], "2022-01-01", ""),
    ]

    found = said(planned(world, units(*rows)))

    assert found == [
        (cell, f"和代码是 {other} 的同名，同一段时间里两个都在用。")
        for cell, other in (("B2", "water_unit"), ("B3", "A3"), ("B4", "A2"))
    ]


def test_a_new_accounts_name_with_a_blank_inside_is_named(world: World):
    content = books.workbook({"people": [("li si", *books.PERSON[1:])]})

    assert said(planned(world, content)) == [("A2", "账号中间不能有空格，例如写成 zhangsan 或 zhang.san。")]
