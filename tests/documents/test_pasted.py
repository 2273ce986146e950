"""Uploaded files as the text one would have pasted from them."""

import io
from datetime import date, datetime, time
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from tiejun_awards.documents.pasted import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, text_of

BROKEN = "这个 .xlsx 文件打不开，请用表格软件另存一次，或直接粘贴文字。"


def xlsx(*sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(name: str, content: bytes) -> str:
    return text_of(name, io.BytesIO(content))


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        read(name, content)
    return str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_text_file_is_read_in_the_usual_encodings(encoding: str):
    assert read("通知.TXT", "元旦：1月1日放假。\n".encode(encoding)) == "元旦：1月1日放假。\n"


def test_cells_of_a_csv_are_joined_by_tabs():
    content = '2027-01-01,放假,"元旦"\r\n\r\n2027-01-03,上班,,\r\n'.encode("gbk")

    assert read("days.csv", content) == "2027-01-01\t放假\t元旦\n\n2027-01-03\t上班"


def test_a_sheet_is_read_with_its_dates_and_whole_numbers():
    content = xlsx(
        [
            ["日期", "安排"],
            [datetime.combine(date(2027, 1, 1), time()), "放假"],
            [date(2027, 1, 3), "上班", None, 1.0],
            [None, None],
        ]
    )

    assert read("days.xlsx", content) == "日期\t安排\n2027-01-01\t放假\n2027-01-03\t上班\t\t1"


def test_only_one_sheet_may_hold_something():
    assert read("days.xlsx", xlsx([["2027-01-01", "放假"]], [])) == "2027-01-01\t放假"
    assert refusal("days.xlsx", xlsx([["甲"]], [["乙"]])) == "这个工作簿有 2 张表写了内容，不知道该读哪张，请只留一张。"


def test_as_many_rows_and_columns_as_allowed_and_not_one_more():
    row: list[object] = ["甲"] * MOST_COLUMNS

    assert read("days.xlsx", xlsx([row] * MOST_ROWS)).count("\n") == MOST_ROWS - 1
    assert refusal("days.xlsx", xlsx([row] * (MOST_ROWS + 1))) == "表格超过 400 行，请只留放假安排。"
    assert refusal("days.xlsx", xlsx([["甲"], [*row, "乙"]])) == "表格的第 2 行超过 12 列，请只留放假安排。"
    assert refusal("days.csv", b"a\n" * (MOST_ROWS + 1)) == "表格超过 400 行，请只留放假安排。"


def test_a_far_away_cell_costs_nothing():
    book = Workbook()
    book.worksheets[0]["A1"] = "2027-01-01 放假"
    book.worksheets[0]["XFD1048576"] = "far"
    out = io.BytesIO()
    book.save(out)

    assert read("days.xlsx", out.getvalue()) == "2027-01-01 放假"


def bomb(name: str = "xl/worksheets/sheet1.xml", count: int = 1) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        for number in range(count):
            made.writestr(f"{number}{name}", b"0" * (20 * 2**20 // count))
    return out.getvalue()


def with_entities() -> bytes:
    """A workbook whose sheet declares an entity."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(xlsx([["甲"]]))) as good, ZipFile(out, "w", ZIP_DEFLATED) as made:
        for name in good.namelist():
            content = good.read(name)
            if name.endswith("sheet1.xml"):
                content = b'<!DOCTYPE a [<!ENTITY b "c">]>' + content
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("通知.docx", b"x", "只能读 .txt、.csv 和 .xlsx 文件；其他文件请打开后把文字复制过来粘贴。"),
        ("通知", b"x", "只能读 .txt、.csv 和 .xlsx 文件；其他文件请打开后把文字复制过来粘贴。"),
        ("days.txt", b"", "文件是空的，请核对后再选。"),
        ("days.txt", b"a" * (MOST_BYTES + 1), "文件超过 200 kB，请只留放假安排，或直接粘贴文字。"),
        ("days.txt", b"\x00\x01\xff\xfe\xfa", "看不懂文件的文字编码，请另存为 UTF-8 的文本，或直接粘贴文字。"),
        ("days.csv", b"a" * 150_000, "这个 .csv 文件的格式不对，请用表格软件另存一次，或直接粘贴文字。"),
        ("days.xlsx", b"\xd0\xcf\x11\xe0", "这个文件不是 .xlsx 表格（旧的 .xls 请另存为 .xlsx），也可以直接粘贴文字。"),
        ("days.xlsx", bomb(), "这个 .xlsx 文件展开后太大，请只留放假安排，或直接粘贴文字。"),
        ("days.xlsx", bomb(count=300), "这个 .xlsx 文件展开后太大，请只留放假安排，或直接粘贴文字。"),
        ("days.xlsx", with_entities(), BROKEN),
        ("days.xlsx", xlsx([["甲"]])[:-30] + b"PK\x05\x06" + b"\0" * 18, BROKEN),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(name: str, content: bytes, sentence: str):
    assert refusal(name, content) == sentence
