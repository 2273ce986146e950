"""A file in, the text out that one would have pasted from it: .txt as it is, .csv and .xlsx with a tab between the cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

MOST_BYTES = 200_000
MOST_ROWS, MOST_COLUMNS = 400, 12
MOST_MEMBERS, MOST_UNPACKED = 200, 8 * 2**20
"""Of the zip inside an .xlsx: a small file may unpack to gigabytes."""

ENDINGS = (".txt", ".csv", ".xlsx")


def text_of(name: str, stream: IO[bytes]) -> str:
    """The text of an uploaded file. What cannot be read is a ValueError whose text is a sentence for the page."""
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"文件超过 {MOST_BYTES // 1000} kB，请只留放假安排，或直接粘贴文字。")
    if not content:
        raise ValueError("文件是空的，请核对后再选。")
    ending = name.lower().rpartition(".")[2]
    if ending == "txt":
        return _plain(_decoded(content))
    if ending == "csv":
        return _lines(_rows_of_csv(_decoded(content)))
    if ending == "xlsx":
        return _lines(_rows_of_xlsx(content))
    raise ValueError("只能读 .txt、.csv 和 .xlsx 文件；其他文件请打开后把文字复制过来粘贴。")


def _decoded(content: bytes) -> str:
    windows_unicode = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if windows_unicode else ["utf-8-sig", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ValueError("看不懂文件的文字编码，请另存为 UTF-8 的文本，或直接粘贴文字。")


def _rows_of_csv(text: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""))
    except csv.Error as error:
        raise ValueError("这个 .csv 文件的格式不对，请用表格软件另存一次，或直接粘贴文字。") from error


def _rows_of_xlsx(content: bytes) -> list[list[object]]:
    # As in sheets.py: opened only for the few who upload a sheet.
    from openpyxl import load_workbook
    from openpyxl.xml import DEFUSEDXML

    if not DEFUSEDXML:
        raise RuntimeError("openpyxl reads foreign XML only with defusedxml installed")
    try:
        _refuse_bombs(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheets = [_rows_of_sheet(sheet) for sheet in book.worksheets]
        finally:
            book.close()
    except ValueError as error:
        if str(error).endswith("。"):
            raise
        raise ValueError(_BROKEN) from error
    # A broken workbook makes openpyxl raise almost anything: KeyError, TypeError, BadZipFile, ParseError …
    except Exception as error:
        raise ValueError(_BROKEN) from error
    filled = [rows for rows in sheets if rows]
    if len(filled) > 1:
        raise ValueError(f"这个工作簿有 {len(filled)} 张表写了内容，不知道该读哪张，请只留一张。")
    return filled[0] if filled else []


_BROKEN = "这个 .xlsx 文件打不开，请用表格软件另存一次，或直接粘贴文字。"


def _refuse_bombs(content: bytes) -> None:
    try:
        members = ZipFile(io.BytesIO(content)).infolist()
    except BadZipFile as error:
        raise ValueError("这个文件不是 .xlsx 表格（旧的 .xls 请另存为 .xlsx），也可以直接粘贴文字。") from error
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise ValueError("这个 .xlsx 文件展开后太大，请只留放假安排，或直接粘贴文字。")


def _rows_of_sheet(sheet: Any) -> list[list[object]]:
    # One row and column more than allowed are asked for, to see whether there is anything in them.
    found = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1, values_only=True)
    rows = [list(row) for row in found]
    while rows and not any(_cell(value) for value in rows[-1]):
        rows.pop()
    return rows


def _lines(rows: Iterable[Sequence[object]]) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = [_cell(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if number > MOST_ROWS and cells:
            raise ValueError(f"表格超过 {MOST_ROWS} 行，请只留放假安排。")
        if len(cells) > MOST_COLUMNS:
            raise ValueError(f"表格的第 {number} 行超过 {MOST_COLUMNS} 列，请只留放假安排。")
        lines.append("\t".join(cells))
    return "\n".join(lines).strip("\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(_plain(str(value)).split())


def _plain(text: str) -> str:
    return "".join(char for char in text if char in "\n\t\r" or char.isprintable())
