"""Task of the child process: what a reader sees of a file without opening it in Word. Pictures drawn anew, or plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from defusedxml.ElementTree import fromstring
from openpyxl import load_workbook
from PIL import Image, ImageOps

from .checking import decode, open_pdf
from .rules import PICTURES, PREVIEW_PAGES, Bad, FileKind

MOST_ACROSS, MOST_DOWN = 1_200, 1_700  # pixels of a drawn page or picture
MOST_LINES, MOST_LENGTH = 400, 1_000
MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 20, 100, 20

Line = tuple[str, str]
"""(“h” a heading, “p” a paragraph, “r” a row of a table; its words)."""


def preview(file: Path, kind: FileKind, folder: Path) -> dict[str, Any]:
    """Leave pages as ``1``, ``2`` … in the folder, and answer with how many, of how many, and the outline. Raises Bad."""
    if kind in PICTURES:
        return _picture(file, kind, folder)
    if kind is FileKind.PDF:
        return _pdf(file, folder)
    lines = _word(file) if kind is FileKind.DOCX else _sheets(file)
    outline: list[Line] = []
    cut = False
    for look, text in lines:
        if len(outline) == MOST_LINES:
            cut = True
            break
        outline.append((look, text[:MOST_LENGTH]))
    return {"pages": 0, "of": 0, "media": "", "outline": outline, "cut": cut}


def _picture(file: Path, kind: FileKind, folder: Path) -> dict[str, Any]:
    picture = ImageOps.exif_transpose(decode(file.read_bytes(), kind))
    picture.thumbnail((MOST_ACROSS, MOST_DOWN))
    as_jpeg = kind is FileKind.JPG
    drawn = picture.convert("RGB" if as_jpeg else "RGBA")
    drawn.info.clear()
    drawn.save(folder / "1", "JPEG" if as_jpeg else "PNG", quality=85)
    return {"pages": 1, "of": 1, "media": kind.media, "outline": [], "cut": False}


def _pdf(file: Path, folder: Path) -> dict[str, Any]:
    document = open_pdf(file)
    pages = min(len(document), PREVIEW_PAGES)
    for number in range(pages):
        page = document[number]
        width, height = page.get_size()
        scale = min(MOST_ACROSS / max(width, 1), MOST_DOWN / max(height, 1), 4)
        drawn: Image.Image = page.render(scale=scale).to_pil()
        drawn.convert("RGB").quantize(64).save(folder / f"{number + 1}", "PNG", optimize=True)
        page.close()
    of = len(document)
    return {"pages": pages, "of": of, "media": "image/png", "outline": [], "cut": of > pages}


# Word: paragraphs and rows in their order.

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile("(?:heading|\u6807\u9898) ?[1-9]?|title", re.IGNORECASE)  # 标题


def _word(file: Path) -> Iterator[Line]:
    try:
        with ZipFile(file) as archive:
            styles = _headings(archive)
            body = fromstring(archive.read("word/document.xml"), forbid_dtd=True).find(f"{_W}body")
    except (BadZipFile, KeyError) as error:
        raise Bad("没有找到正文。") from error
    yield from _blocks(body if body is not None else (), styles)


def _headings(archive: ZipFile) -> frozenset[str]:
    """The ids of the styles that are headings, whatever the language of the Word that wrote them."""
    if "word/styles.xml" not in archive.namelist():
        return frozenset()
    found = set()
    for style in fromstring(archive.read("word/styles.xml"), forbid_dtd=True).iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        if name is not None and _HEADING.fullmatch(name.get(f"{_W}val", "")):
            found.add(style.get(f"{_W}styleId", ""))
    return frozenset(found)


def _blocks(parent: Any, headings: frozenset[str]) -> Iterator[Line]:
    for block in parent:
        if block.tag == f"{_W}p":
            text = _words(block)
            if text:
                style = block.find(f"{_W}pPr/{_W}pStyle")
                name = style.get(f"{_W}val", "") if style is not None else ""
                yield ("h" if name in headings or _HEADING.fullmatch(name) else "p"), text
        elif block.tag == f"{_W}tbl":
            for row in block.iter(f"{_W}tr"):
                cells = [" ".join(filter(None, map(_words, cell.iter(f"{_W}p")))) for cell in row.findall(f"{_W}tc")]
                if any(cells):
                    yield "r", "　｜　".join(cells)
        elif block.tag == f"{_W}sdt":
            yield from _blocks(block.find(f"{_W}sdtContent") or (), headings)


def _words(paragraph: Any) -> str:
    parts = []
    for node in paragraph.iter():
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag in (f"{_W}tab", f"{_W}br"):
            parts.append(" ")
    return " ".join("".join(parts).split())


# Excel: sheets and their rows.


def _sheets(file: Path) -> Iterator[Line]:
    with file.open("rb") as opened:
        try:
            yield from _rows(opened)
        except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise Bad("表格的内容读不出来。") from error


def _rows(opened: BinaryIO) -> Iterator[Line]:
    book = load_workbook(opened, read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets[:MOST_SHEETS]:
        yield "h", sheet.title
        for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True):
            cells = ["" if value is None else str(value) for value in row]
            if any(cells):
                yield "r", "　｜　".join(cells).rstrip("　｜")
