"""A task of the child process: the cells of an .xlsx or .csv as texts, with what cannot be taken as it is.

Caps come first, from the directory of the zip alone. Nothing is calculated: a formula, a merged or a hidden cell is named
and refused, for nobody can say what its writer saw there.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import fromstring, iterparse

from .checks import examine, safe_zip
from .rules import MEGABYTE, Bad, FileKind

MOST_MEMBERS, MOST_UNPACKED, MOST_RATIO = 200, 64 * MEGABYTE, 100
MOST_ROWS, MOST_COLUMNS = 20_000, 64
MOST_FAULTS = 200
MOST_TEXT = 2_000  # characters of a cell

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_OLD = b"\xd0\xcf\x11\xe0"


def tables(file: Path, kind: FileKind, folder: Path) -> dict[str, Any]:
    """The sheets of a file: name, rows ``[number, [texts]]``, faults ``[cell, what, what to do]``. Raises Bad."""
    content = file.read_bytes()
    if not content:
        raise Bad("这是一个空文件，请核对后再选。")
    if content.startswith(_OLD):
        raise Bad("文件加了密码，或者是旧的 .xls 格式。请去掉密码，另存为 .xlsx 再传。")
    if content.startswith(b"PK"):
        return {"sheets": _workbook(file)}
    return {"sheets": [{"name": "", "rows": _csv(content), "faults": []}]}


# .csv.


def _csv(content: bytes) -> list[list[Any]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Bad("文件是 UTF-16 编码。请用表格软件另存为 .xlsx，或者 UTF-8 的 .csv。")
    text = ""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if not text or "\0" in text:
        raise Bad("只能读 .xlsx 和 .csv 文件。这个文件不是表格，请用表格软件另存为 .xlsx 再传。")
    csv.field_size_limit(MOST_TEXT * 4)
    rows: list[list[Any]] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
            _refuse_far(number, len(cells))
            if any(cell.strip() for cell in cells):
                rows.append([number, [_plain(cell) for cell in cells]])
    except csv.Error as error:
        raise Bad("这个 .csv 文件的格式不对。请用表格软件打开，另存为 .xlsx 再传。") from error
    return rows


def _refuse_far(row: int, column: int) -> None:
    if row > MOST_ROWS + 1:
        raise Bad(f"表格超过 {MOST_ROWS} 行（第 {row} 行还有内容）。请删去下面的内容，或者分几次导入。")
    if column > MOST_COLUMNS:
        raise Bad(f"表格超过 {MOST_COLUMNS} 列（{letters(column)}{row} 还有内容）。请删去右边多余的列。")


# .xlsx.


def _workbook(file: Path) -> list[dict[str, Any]]:
    with file.open("rb") as opened:
        archive = safe_zip(opened)
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        packed = max(1, sum(member.compress_size for member in members))
        if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * packed:
            raise Bad("文件展开后太大。请删去不用的工作表、图片和格式，另存一份再传。")
        examine(opened, FileKind.XLSX)
        book = fromstring(archive.read("xl/workbook.xml"))
        targets = {
            relation.get("Id"): relation.get("Target", "")
            for relation in fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        }
        properties = book.find(f"{_MAIN}workbookPr")
        epoch = (
            date(1904, 1, 1) if properties is not None and _is_on(properties.get("date1904")) else date(1899, 12, 30)
        )
        reader = _Reader(archive, _shared_strings(archive), _date_styles(archive), epoch)
        found = []
        for sheet in book.iter(f"{_MAIN}sheet"):
            part = targets.get(sheet.get(_REL), "")
            part = part.lstrip("/") if part.startswith("/") else f"xl/{part}"
            if part in archive.namelist() and "worksheets" in part:
                hidden = sheet.get("state", "visible") != "visible"
                found.append(reader.sheet(part, sheet.get("name", ""), hidden))
        return found


def _is_on(text: str | None) -> bool:
    return text in ("1", "true", "on")


def _shared_strings(archive: ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    found = []
    with archive.open("xl/sharedStrings.xml") as opened:
        for _, element in iterparse(opened, events=("end",), forbid_dtd=True):
            if element.tag == f"{_MAIN}si":
                found.append(_text_of(element))
                element.clear()
    return found


def _text_of(element: Element) -> str:
    """The text of a string item, its runs joined, without what is written above the characters (phonetic)."""
    parts = [element.find(f"{_MAIN}t"), *(run.find(f"{_MAIN}t") for run in element.findall(f"{_MAIN}r"))]
    return "".join(part.text or "" for part in parts if part is not None)[:MOST_TEXT]


_BUILT_IN_DATES = {*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58}


def _date_styles(archive: ZipFile) -> set[int]:
    """The numbers of the cell styles that show a number as a day."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    styles = fromstring(archive.read("xl/styles.xml"))
    days = set(_BUILT_IN_DATES)
    for made in styles.iter(f"{_MAIN}numFmt"):
        code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", made.get("formatCode", "")).lower()
        if "y" in code or ("m" in code and "d" in code):
            days.add(int(made.get("numFmtId", "0")))
    formats = styles.find(f"{_MAIN}cellXfs")
    found: list[Element] = list(formats) if formats is not None else []
    return {index for index, style in enumerate(found) if int(style.get("numFmtId", "0")) in days}


class _Reader:
    """Reads the sheets of one workbook."""

    def __init__(self, archive: ZipFile, strings: list[str], days: set[int], epoch: date) -> None:
        self.archive, self.strings, self.days, self.epoch = archive, strings, days, epoch

    def sheet(self, part: str, name: str, hidden: bool) -> dict[str, Any]:
        """One sheet. Rows and columns without a text are left out."""
        rows: list[list[Any]] = []
        faults: list[list[str]] = []
        hidden_columns: list[tuple[int, int]] = []
        with self.archive.open(part) as opened:
            body: Element | None = None
            for event, element in iterparse(opened, events=("start", "end"), forbid_dtd=True):
                if event == "start":
                    body = element if element.tag == f"{_MAIN}sheetData" else body
                elif element.tag == f"{_MAIN}row":
                    row = self._row(element, faults)
                    if row is not None:
                        rows.append(row)
                    if body is not None:
                        body.clear()
                elif element.tag == f"{_MAIN}col" and _is_on(element.get("hidden")):
                    hidden_columns.append((int(element.get("min", "1")), int(element.get("max", "1"))))
                elif element.tag == f"{_MAIN}mergeCell" and len(faults) < MOST_FAULTS:
                    place = element.get("ref", "")
                    do = "请取消合并，每一格都写上内容。"
                    faults.append([place.partition(":")[0], f"{place} 是合并单元格。", do])
        for first, last in hidden_columns:
            if any(any(cells[first - 1 : last]) for _, cells in rows):
                faults.append([f"{letters(first)}1", f"{letters(first)} 列是隐藏的。", "请取消隐藏，或者删去这一列。"])
        if hidden and rows:
            faults.append(["A1", "这张工作表是隐藏的。", "请取消隐藏核对内容，或者删去这张表。"])
        return {"name": name, "rows": rows, "faults": faults[:MOST_FAULTS]}

    def _row(self, element: Element, faults: list[list[str]]) -> list[Any] | None:
        number = int(element.get("r", "0"))
        cells: list[str] = []
        for found in element:
            place = found.get("r", "")
            column = _column_of(place) if place else len(cells) + 1
            text, wrong = self._cell(found)
            if not text and not wrong:
                continue
            _refuse_far(number, column)
            cells += [""] * (column - len(cells))
            cells[column - 1] = text
            if wrong and len(faults) < MOST_FAULTS:
                faults.append([f"{letters(column)}{number}", *wrong])
        if not cells:
            return None
        if _is_on(element.get("hidden")) and len(faults) < MOST_FAULTS:
            faults.append([f"A{number}", f"第 {number} 行被隐藏或筛掉了。", "请取消隐藏和筛选，或者删去这一行。"])
        return [number, cells]

    def _cell(self, found: Element) -> tuple[str, tuple[str, str] | None]:
        """(text, what is wrong with it and what to do)."""
        if found.find(f"{_MAIN}f") is not None:
            return "", ("这一格是公式。", "请复制后“选择性粘贴为数值”，再传。")
        kind, value = found.get("t", "n"), found.find(f"{_MAIN}v")
        if kind == "inlineStr":
            inline = found.find(f"{_MAIN}is")
            return _plain(_text_of(inline) if inline is not None else ""), None
        text = (value.text or "") if value is not None else ""
        if kind == "s":
            index = int(text) if text.isdigit() else -1
            return _plain(self.strings[index] if 0 <= index < len(self.strings) else ""), None
        if kind == "e":
            return "", (f"这一格是错误值 {text[:20]}。", "请改成正确的内容。")
        if kind == "b":
            return ("是" if text == "1" else "否"), None
        if kind == "n" and text:
            return self._number(text, int(found.get("s", "0"))), None
        return _plain(text), None

    def _number(self, text: str, style: int) -> str:
        try:
            value = float(text)
        except ValueError:
            return _plain(text)
        if style in self.days and 0 < value < 80_000:
            moment = datetime.combine(self.epoch, datetime.min.time()) + timedelta(days=value)
            return moment.date().isoformat()
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else text


def _column_of(place: str) -> int:
    number = 0
    for char in place:
        if not "A" <= char <= "Z":
            break
        number = number * 26 + ord(char) - 64
    return number


def letters(column: int) -> str:
    """“C” for 3, “AA” for 27."""
    text = ""
    while column > 0:
        column, left = divmod(column - 1, 26)
        text = chr(65 + left) + text
    return text


def _plain(text: str) -> str:
    """What can be seen of a text: no zero-width characters, line ends as blanks."""
    return " ".join("".join(char if char.isprintable() else " " for char in text[:MOST_TEXT]).split())
