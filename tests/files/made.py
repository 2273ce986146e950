"""Files made for the tests: good ones of every kind, and the corpus of bad ones. Nothing binary is committed.

``CORPUS`` is (word, file name, content, whether it is taken in); contents are made once, when first asked for.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO

from openpyxl import Workbook
from PIL import Image
from pypdfium2 import PdfDocument

AUTHOR = "canary-author-7c1f"
PLACE = b"canary-place-38.47N"


@cache
def picture(width: int = 60, height: int = 40) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


@cache
def jpg(turned: int = 1, *, telling: bool = False, progressive: bool = False, mode: str = "RGB") -> bytes:
    """A JPEG; ``telling``: with an author, a place and a comment."""
    out, exif = BytesIO(), Image.Exif()
    exif[0x0112] = turned
    if telling:
        exif[0x013B] = AUTHOR
        exif.get_ifd(0x8825)[1] = PLACE.decode()
    comment = {"comment": AUTHOR.encode()} if telling else {}
    picture().convert(mode).save(out, "JPEG", exif=exif, progressive=progressive, **comment)
    return out.getvalue()


@cache
def png(mode: str = "RGB", *, telling: bool = False) -> bytes:
    out = BytesIO()
    picture().convert(mode).save(out, "PNG")
    content = out.getvalue()
    if telling:
        content = content[:33] + png_chunk(b"tEXt", b"Author\0" + AUTHOR.encode()) + content[33:]
    return content


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing of it."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b"")


@cache
def pdf(pages: int = 1) -> bytes:
    out, document = BytesIO(), PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    document.save(out)
    return out.getvalue().rstrip() + b"\n"


@cache
def pdf_by(author: str = AUTHOR) -> bytes:
    """A PDF written by hand, with an author in its information."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        b"<</Author(%s)/Producer(test)>>" % author.encode(),
    ]
    return hand_made_pdf(objects, b"/Info 4 0 R")


@cache
def pdf_with_password() -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        b"<</Filter/Standard/V 1/R 2/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">/P -44>>",
    ]
    return hand_made_pdf(objects, b"/Encrypt 4 0 R/ID[<" + b"43" * 16 + b"><" + b"43" * 16 + b">]")


def hand_made_pdf(objects: list[bytes], trailer: bytes) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, len(out))
    return out + head + table + tail


# Word and Excel.

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

Parts = dict[str, bytes]


def relations(*rows: tuple[str, str, bool]) -> bytes:
    """(kind, target, external) as a part of relations."""
    made = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/{kind}" Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if out else ""}/>'
        for n, (kind, target, out) in enumerate(rows)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{_RELS}">{made}</Relationships>'.encode()


def word_parts(body: str = "", main: str = MAIN) -> Parts:
    body = body or (
        '<w:p><w:pPr><w:pStyle w:val="1"/></w:pPr><w:r><w:t>一、主要做法</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>党员带头</w:t></w:r><w:r><w:t>巡河。</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>河段</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>次数</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    return {
        "[Content_Types].xml": (
            f'<?xml version="1.0"?><Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
        ).encode(),
        "_rels/.rels": relations(("officeDocument", "word/document.xml", False)),
        "word/document.xml": f'<?xml version="1.0"?><w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'.encode(),
        "word/styles.xml": f'<w:styles xmlns:w="{_W}"><w:style w:styleId="1"><w:name w:val="heading 1"/></w:style></w:styles>'.encode(),
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="x" xmlns:dc="y"><dc:creator>{AUTHOR}</dc:creator></cp:coreProperties>'.encode(),
        "docProps/app.xml": f"<Properties><Company>{AUTHOR}</Company></Properties>".encode(),
    }


def packed(parts: Parts, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, how)
    return out.getvalue()


@cache
def docx(body: str = "") -> bytes:
    return packed(word_parts(body))


def word_with(**more: bytes) -> bytes:
    """A Word document with more parts; ``__`` in a name stands for a slash, ``_dot_`` for a dot."""
    return packed(
        word_parts() | {name.replace("__", "/").replace("_dot_", "."): content for name, content in more.items()}
    )


@cache
def xlsx() -> bytes:
    book = Workbook()
    book.properties.creator = AUTHOR
    sheet = book.active
    assert sheet is not None
    sheet.title = "台账"
    sheet.append(["河段", "次数"])
    sheet.append(["渠首", 3])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@cache
def xlsx_parts() -> Parts:
    with zipfile.ZipFile(BytesIO(xlsx())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def ole(*names: str) -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 500
        + b"\0\0".join(name.encode("utf-16-le") for name in names)
        + b"\0" * 500
    )


GOOD: dict[str, Callable[[], bytes]] = {"jpg": jpg, "png": png, "pdf": pdf, "docx": docx, "xlsx": xlsx}

# The corpus.

Case = tuple[str, str, bytes, bool]


def _good() -> Iterator[Case]:
    for kind, make in GOOD.items():
        yield f"good {kind}", f"三季度报告.{kind}", make(), True
    yield "jpeg", "照片.JPEG", jpg(), True
    yield "capitals", "表.XLSX", xlsx(), True
    for mode in ("L", "CMYK"):
        yield f"jpg {mode}", "照片.jpg", jpg(mode=mode), True
    yield "progressive", "照片.jpg", jpg(progressive=True), True
    for turned in range(2, 9):
        yield f"turned {turned}", "照片.jpg", jpg(turned), True
    yield "telling jpg", "照片.jpg", jpg(telling=True), True
    yield "telling png", "图.png", png(telling=True), True
    for mode in ("L", "P", "RGBA", "1"):
        yield f"png {mode}", "图.png", png(mode), True
    yield "second picture of a phone", "照片.jpg", jpg() + jpg(), True
    yield "film of a phone", "照片.jpg", jpg() + b"\0\0\0\x18ftypmp42" + b"\0" * 99, True
    yield "padded jpg", "照片.jpg", jpg() + b"\0" * 64, True
    yield "many pages", "文件.pdf", pdf(40), True
    yield "pdf by hand", "文件.pdf", pdf_by(), True
    yield "pdf updated", "文件.pdf", pdf_by() + b"\r\n", True
    yield "stored docx", "文件.docx", packed(word_parts(), zipfile.ZIP_STORED), True
    link = relations(("hyperlink", "https://example.org/", True), ("hyperlink", "mailto:a@example.org", True))
    yield "docx with links to click", "文件.docx", word_with(word___rels__document_dot_xml_dot_rels=link), True
    yield "docx with a picture", "文件.docx", word_with(word__media__image1_dot_png=png()), True
    yield "three dots", "关于A.B.C的报告.docx", docx(), True
    yield "hostile but harmless name", "..\\..\\C:\\党支部\u202egpj.pdf", pdf(), True


def _wrong_kind() -> Iterator[Case]:
    for claimed in GOOD:
        for real, make in GOOD.items():
            if real != claimed:
                yield f"{real} called {claimed}", f"文件.{claimed}", make(), False
        yield f"empty {claimed}", f"文件.{claimed}", b"", False
        yield f"text called {claimed}", f"文件.{claimed}", "只是文字".encode(), False
        yield f"program called {claimed}", f"文件.{claimed}", b"MZ\x90\0" + b"\0" * 200, False
        yield f"half a {claimed}", f"文件.{claimed}", GOOD[claimed]()[: len(GOOD[claimed]()) // 2], False
        yield f"{claimed} without its end", f"文件.{claimed}", GOOD[claimed]().rstrip(b"\n")[:-8], False
        yield f"signature of {claimed} alone", f"文件.{claimed}", GOOD[claimed]()[:10], False
        yield f"{claimed} with a page behind", f"文件.{claimed}", GOOD[claimed]() + b"<script>alert(1)</script>", False
        yield f"{claimed} with a zip behind", f"文件.{claimed}", GOOD[claimed]() + packed({"a": b"b"}), False
        yield f"{claimed} with a page before", f"文件.{claimed}", b"<html>" + GOOD[claimed](), False


def _names() -> Iterator[Case]:
    for name in (
        "a.exe",
        "a.pdf.exe",
        "a.svg",
        "a.html",
        "a.zip",
        "a.docm",
        "a.xlsm",
        "a.doc",
        "a.xls",
        "a.ofd",
        "a.heic",
        "a.txt",
        "a",
    ):
        yield f"name {name}", name, pdf(), False
    for name in (
        ".pdf",
        "a.exe.pdf",
        "a.html.jpg",
        "a.js.pdf",
        "a.pdf\u202efdp.exe",
        "a.pdf\0.exe",
        "a.pdf;x",
        "a.gif",
    ):
        yield f"name {name!r}", name, jpg() if name.endswith(".jpg") else pdf(), False


def _containers() -> Iterator[Case]:
    def word(what: str, content: bytes, kind: str = "docx") -> Case:
        return what, f"文件.{kind}", content, False

    parts = word_parts()
    yield word("docx without types", packed({name: part for name, part in parts.items() if name[0] != "["}))
    yield word("docx without its main part", packed({n: p for n, p in parts.items() if n != "word/document.xml"}))
    yield word(
        "docx with a macro's type", packed(word_parts(main="application/vnd.ms-word.document.macroEnabled.main+xml"))
    )
    yield word("docx with vbaProject", word_with(word__vbaProject_dot_bin=b"x"))
    yield word("docx with VbaPROJECT", word_with(word__VbaPROJECT_dot_BIN=b"x"))
    yield word("docx with an embedded object", word_with(word__embeddings__oleObject1_dot_bin=b"x"))
    yield word("docx with an embedded workbook", word_with(word__embeddings__Sheet_dot_xlsx=xlsx()))
    yield word("docx with ActiveX", word_with(word__activeX__activeX1_dot_xml=b"<a/>"))
    for kind in ("attachedTemplate", "image", "oleObject", "frame", "subDocument"):
        outside = relations((kind, "http://example.org/x", True))
        yield word(f"docx with an external {kind}", word_with(word___rels__document_dot_xml_dot_rels=outside))
    for target in ("file:///etc/passwd", "javascript:alert(1)", r"\\host\share", "ms-msdt:x"):
        outside = relations(("hyperlink", target, True))
        yield word(f"docx linking to {target}", word_with(word___rels__document_dot_xml_dot_rels=outside))
    for code in ("DDEAUTO c:\\\\cmd", "DDE x", "INCLUDETEXT x", 'INCLUDEPICTURE "http://example.org"'):
        field = f"<w:p><w:r><w:instrText>{code}</w:instrText></w:r></w:p>"
        yield word(f"docx with {code.split()[0]}", docx(field))
    dtd = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    laughs = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
    for what, content in (("an external entity", dtd), ("laughs", laughs), ("broken XML", b"<a><b></a>")):
        yield word(f"docx with {what}", word_with(word__footer1_dot_xml=content))
        yield word(f"docx whose types hold {what}", packed(parts | {"[Content_Types].xml": content}))
    yield word(
        "xlsx with external links", packed(xlsx_parts() | {"xl/externalLinks/externalLink1.xml": b"<a/>"}), "xlsx"
    )
    yield word("xlsx with connections", packed(xlsx_parts() | {"xl/connections.xml": b"<a/>"}), "xlsx")
    yield word("xlsx with a macro", packed(xlsx_parts() | {"xl/vbaProject.bin": b"x"}), "xlsx")
    yield word("xlsx with a macro sheet", packed(xlsx_parts() | {"xl/macrosheets/sheet1.xml": b"<a/>"}), "xlsx")
    yield word("protected docx", ole("EncryptedPackage", "EncryptionInfo"))
    yield word("path that climbs", packed(parts | {"../../etc/cron.d/x": b"x"}))
    yield word("path from the root", packed(parts | {"/etc/x": b"x"}))
    yield word("the same part twice", packed(parts | {"WORD/document.xml": b"<a/>"}))
    yield word("flat bomb", packed(parts | {"word/media/a.xml": b"\0" * 30_000_000}))
    yield word("many members", packed(parts | {f"word/media/{n}.bin": b"" for n in range(1_200)}))
    yield word("large unpacked", packed(parts | {f"word/media/{n}.bin": bytes(9_000_000) for n in range(12)}))
    yield word("overlapping members", overlapping())
    yield word("locked member", flagged())
    yield "gigantic png", "图.png", png_of(60_000, 60_000), False
    yield "png without its pixels", "图.png", png_of(50, 50), False
    yield "png of no size", "图.png", png_of(0, 0), False
    spoilt = bytearray(png())
    spoilt[-20] ^= 1
    yield "png with a wrong checksum", "图.png", bytes(spoilt), False
    yield "gif called png", "图.png", b"GIF89a" + bytes(50), False
    yield (
        "gigantic jpg",
        "照片.jpg",
        jpg().replace(struct.pack(">HH", 40, 60), struct.pack(">HH", 65_000, 65_000)),
        False,
    )
    yield "jpg that is a page", "照片.jpg", b"\xff\xd8\xff\xe0<html><script>alert(1)</script>", False
    yield "jpg without a frame", "照片.jpg", b"\xff\xd8\xff\xd9", False
    yield "locked pdf", "文件.pdf", pdf_with_password(), False
    yield (
        "pdf of no page",
        "文件.pdf",
        hand_made_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"], b""),
        False,
    )
    yield "pdf of nothing", "文件.pdf", b"%PDF-1.7\n%%EOF\n", False
    yield "pdf with a zip before its end", "文件.pdf", pdf().rstrip()[:-5] + packed({"a": b"b"}) + b"\n%%EOF\n", False


def overlapping() -> bytes:
    """Two entries of the directory that stand on the same bytes."""
    content = bytearray(packed(word_parts() | {"word/a.bin": b"x" * 50, "word/b.bin": b"x" * 50}, zipfile.ZIP_STORED))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        first = archive.getinfo("word/a.bin").header_offset
    at = content.rindex(b"word/b.bin") - 46
    content[at + 42 : at + 46] = struct.pack("<I", first)
    return bytes(content)


def flagged() -> bytes:
    """A member that says it is encrypted."""
    content = bytearray(docx())
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


@cache
def corpus() -> dict[str, Case]:
    """The cases by their word."""
    return {case[0]: case for case in (*_good(), *_wrong_kind(), *_names(), *_containers())}
