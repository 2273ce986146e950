"""Is a file what its name says, and harmless? Signature and container structure, with what Python brings and defusedxml.

Pure: a binary file in, ``Bad`` with a sentence raised or nothing. Run in the child process (see ``child.py``): even
reading a container is work on hostile input. What needs a decoder (pictures, PDF pages) is in ``child.py``.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse

from .pictures import jpeg_parts, png_chunks
from .rules import DAMAGED, INCOMPLETE, MEGABYTE, Bad, FileKind

MOST_MEMBERS = 1_000
MOST_UNPACKED = 100 * MEGABYTE
MOST_RATIO = 100


def examine(file: BinaryIO, kind: FileKind) -> None:
    """Check signature and structure. Raises Bad."""
    file.seek(0)
    head = file.read(8)
    if not head:
        raise Bad("这是一个空文件。")
    if not head.startswith(_SIGNATURES[kind]):
        raise Bad(f"文件的内容不是 {kind.value}，和后缀对不上。请用原来的软件另存为 {kind.value}，不要只改后缀。")
    file.seek(0)
    match kind:
        case FileKind.JPG:
            jpeg_parts(file.read())
        case FileKind.PNG:
            for _ in png_chunks(file.read()):
                pass
        case FileKind.PDF:
            _pdf(file.read())
        case FileKind.DOCX | FileKind.XLSX:
            _office(file, kind)
        case FileKind.OFD:
            _ofd(file)
        case FileKind.DOC | FileKind.XLS:
            _old_office(file.read(), kind)


_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES = {
    FileKind.JPG: b"\xff\xd8\xff",
    FileKind.PNG: b"\x89PNG\r\n\x1a\n",
    FileKind.PDF: b"%PDF-",
    FileKind.DOCX: _ZIP,
    FileKind.XLSX: _ZIP,
    FileKind.OFD: _ZIP,
    FileKind.DOC: _OLE,
    FileKind.XLS: _OLE,
}


# PDF.


def _pdf(content: bytes) -> None:
    if not content.rstrip(b"\0\t\n\f\r ").endswith(b"%%EOF"):
        tail = content.rpartition(b"%%EOF")[2]
        raise Bad(INCOMPLETE if len(tail) == len(content) else "PDF 后面还接着别的内容。请重新导出一份再传。")
    if b"PK\x05\x06" in content[-65_600:]:
        raise Bad("PDF 里还夹着一个压缩包。请重新导出一份再传。")


# Containers: caps first, from the directory alone, before anything is unpacked.


def safe_zip(file: BinaryIO) -> ZipFile:
    """A zip whose directory keeps within the caps and hides nothing. Raises Bad."""
    try:
        archive = ZipFile(file)
    except (BadZipFile, NotImplementedError, ValueError) as error:
        raise Bad(INCOMPLETE) from error
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise Bad("文件展开后太大。请删去不用的图片和工作表，另存一份再传。")
    for member in members:
        _member(member)
    names = [member.filename.casefold() for member in members]
    size = file.seek(0, 2)
    file.seek(size - 22)
    if file.read(4) != b"PK\x05\x06":
        raise Bad("文件后面还接着别的内容。请用原来的软件另存一份再传。")
    packed = sum(member.compress_size for member in members)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_RATIO * max(packed, 1) or len(set(names)) != len(names):
        raise Bad(DAMAGED)
    _nothing_between(archive, members, size)
    return archive


def _member(member: ZipInfo) -> None:
    name = member.filename
    if member.flag_bits & 0x1:
        raise Bad("文件加了密码。请去掉密码再传。")
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or "\\" in name or name.startswith("/") or "\0" in name:
        raise Bad(DAMAGED)
    if ".." in name.split("/") or (
        member.file_size > MEGABYTE and member.file_size > 200 * max(member.compress_size, 1)
    ):
        raise Bad(DAMAGED)


def _nothing_between(archive: ZipFile, members: list[ZipInfo], size: int) -> None:
    """The first member begins at 0, none overlaps another, and nothing follows the directory."""
    at = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < at or (at == 0 and member.header_offset != 0):
            raise Bad(DAMAGED)
        at = member.header_offset + 30 + member.compress_size
    if not members or archive.start_dir < at or archive.comment or size - archive.start_dir > MEGABYTE:
        raise Bad(DAMAGED)


def unpack(archive: ZipFile) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every member, its checksum verified. Raises Bad."""
    for member in archive.infolist():
        try:
            yield member.filename, archive.read(member)
        except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise Bad(INCOMPLETE) from error


# Word and Excel.

_CONTENT = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_MAIN = {
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_WORDS = {FileKind.DOCX: "Word 文档", FileKind.XLSX: "Excel 表格"}
_ACTIVE_PARTS = (
    (re.compile(r"vbaproject|vbadata|/macrosheets/|/dialogsheets/"), "宏"),
    (re.compile(r"/activex/|ctrlprops?/"), "控件"),
    (re.compile(r"/embeddings/|oleobject"), "嵌入的对象"),
    (re.compile(r"/externallinks?/|/connections\.xml$|/querytables?/"), "外部链接"),
)
_ACTIVE_TYPES = re.compile(r"macroenabled|vbaproject|activex|oleobject|vnd\.ms-office\.vba", re.IGNORECASE)
_FIELDS = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)\b", re.IGNORECASE)


def _office(file: BinaryIO, kind: FileKind) -> None:
    archive = safe_zip(file)
    names = {name.casefold() for name in archive.namelist()}
    for name in names:
        for pattern, what in _ACTIVE_PARTS:
            if pattern.search(f"/{name}"):
                raise _holds(what)
    if "encryptedpackage" in names:
        raise Bad("文件加了密码。请去掉密码再传。")
    main = ""
    for name, content in unpack(archive):
        if name == "[Content_Types].xml":
            main = _main_part(content, kind)
        elif name.endswith(".rels"):
            _relations(content)
        elif name.endswith((".xml", ".vml")):
            _xml(content, looks_at_fields=kind is FileKind.DOCX)
    if not main or main.lstrip("/").casefold() not in names:
        raise Bad(f"这不是{_WORDS[kind]}，和后缀对不上。请用原来的软件另存为 {kind.value} 再传。")


def _holds(what: str) -> Bad:
    return Bad(f"文件里有{what}，不能传。请去掉后另存一份，或导出为 PDF 再传。")


def _main_part(content: bytes, kind: FileKind) -> str:
    main = ""
    for override in _tree(content):
        said = override.get("ContentType", "")
        if _ACTIVE_TYPES.search(said):
            raise _holds("宏或嵌入的对象")
        if override.tag == _CONTENT + "Override" and said == _MAIN[kind]:
            main = override.get("PartName", "")
    return main


def _relations(content: bytes) -> None:
    """A link a reader may click is text; anything the office program would fetch or run by itself is refused."""
    for relation in _tree(content):
        if relation.get("TargetMode", "").lower() != "external":
            continue
        target = relation.get("Target", "").strip().lower()
        is_link = relation.get("Type", "").endswith("/hyperlink")
        if not (is_link and target.startswith(("http://", "https://", "mailto:"))):
            raise _holds("外部链接（打开时会去别处取内容）")


def _tree(content: bytes) -> Iterator[Any]:
    try:
        return iter(fromstring(content, forbid_dtd=True))
    except DefusedXmlException as error:
        raise _holds("不该有的声明") from error
    except (ParseError, ValueError, LookupError) as error:
        raise Bad(DAMAGED) from error


def _xml(content: bytes, *, looks_at_fields: bool) -> None:
    """Well-formed, without a DTD, without a field that fetches or runs something."""
    try:
        for _, element in iterparse(BytesIO(content), forbid_dtd=True):
            tag = element.tag.rpartition("}")[2]
            said = element.text if tag == "instrText" else element.get(_INSTRUCTION) if tag == "fldSimple" else None
            if looks_at_fields and said and _FIELDS.match(said.strip()):
                raise _holds("会去别处取内容的域")
            element.clear()
    except DefusedXmlException as error:
        raise _holds("不该有的声明") from error
    except (ParseError, ValueError, LookupError) as error:
        raise Bad(DAMAGED) from error


_INSTRUCTION = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}instr"


# Older ones, kept without being opened.


def _ofd(file: BinaryIO) -> None:
    archive = safe_zip(file)
    if "OFD.xml" not in archive.namelist():
        raise Bad("这不是 OFD 文档，和后缀对不上。")
    for name, content in unpack(archive):
        if name.lower().endswith(".xml"):
            _xml(content, looks_at_fields=False)


def _old_office(content: bytes, kind: FileKind) -> None:
    streams = ("WordDocument",) if kind is FileKind.DOC else ("Workbook", "Book")
    if not any(name.encode("utf-16-le") in content for name in streams):
        raise Bad(f"文件的内容不是 {kind.value}，和后缀对不上。请用原来的软件另存一份再传。")
    if any(name.encode("utf-16-le") in content for name in ("_VBA_PROJECT", "Macros", "EncryptedPackage")):
        raise _holds("宏或密码")
