"""The child process: its limits, its answers, what it draws and what it takes out."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.files import made
from tiejun_awards.files import checking, checks, previewing, sandbox
from tiejun_awards.files.pictures import jpeg_parts
from tiejun_awards.files.rules import Bad, FileKind
from tiejun_awards.files.stripping import clean_picture, orientation, strip_office
from tiejun_awards.shared.errors import Refused


def put(folder: Path, content: bytes) -> Path:
    file = folder / "file"
    file.write_bytes(content)
    return file


# The process.


def test_a_good_picture_comes_back_cleaned(tmp_path: Path):
    answer = sandbox.run("check", put(tmp_path, made.jpg(telling=True)), FileKind.JPG, tmp_path)

    assert answer == {"cleaned": True}
    assert made.AUTHOR.encode() not in (tmp_path / "cleaned").read_bytes()


def test_a_bad_file_is_refused_in_its_sentence(tmp_path: Path):
    with pytest.raises(Refused, match=r"^文件加了密码|^文件的内容不是 docx") as refused:
        sandbox.run("check", put(tmp_path, made.ole("EncryptedPackage")), FileKind.DOCX, tmp_path)

    assert refused.value.field == "file"


def test_a_child_that_dies_refuses_the_file_and_nothing_else(tmp_path: Path):
    with pytest.raises(Refused, match=r"^这个文件打不开，没有收下。"):
        sandbox.run("no such task", put(tmp_path, made.png()), FileKind.PNG, tmp_path)


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path):
    with pytest.raises(Refused, match=r"^这个文件打开得太慢，没有收下。"):
        sandbox.run("check", put(tmp_path, made.png()), FileKind.PNG, tmp_path, seconds=0.001)


# What tells who made it.


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_cleaned_photo_says_nothing_but_how_it_is_turned_and_its_pixels_stay(turned: int):
    before = made.jpg(turned, telling=True)
    after = clean_picture(before, FileKind.JPG)

    assert made.AUTHOR.encode() in before
    assert made.PLACE in before
    assert made.AUTHOR.encode() not in after
    assert made.PLACE not in after
    assert orientation(jpeg_parts(after)) == (turned if turned > 1 else 0)
    assert list(Image.open(BytesIO(after)).getexif()) == ([0x0112] if turned > 1 else [])
    assert Image.open(BytesIO(after)).tobytes() == Image.open(BytesIO(before)).tobytes()


def test_a_cleaned_png_says_nothing_and_its_pixels_stay():
    before = made.png(telling=True)
    after = clean_picture(before, FileKind.PNG)

    assert (made.AUTHOR.encode() in before, made.AUTHOR.encode() in after) == (True, False)
    assert Image.open(BytesIO(after)).tobytes() == Image.open(BytesIO(before)).tobytes()


def test_what_a_phone_appends_to_a_photo_is_left_out():
    assert clean_picture(made.jpg() + made.jpg(), FileKind.JPG) == clean_picture(made.jpg(), FileKind.JPG)


@pytest.mark.parametrize(
    "broken", [b"", b"II", b"MM\0*\0\0\0\x08\xff\xff", b"XX\0*\0\0\0\x08\0\1", struct.pack("<4sI", b"II*\0", 2**31)]
)
def test_exif_nobody_can_read_turns_nothing(broken: bytes):
    assert orientation([(0xE1, b"\xff\xe1\0\0Exif\0\0" + broken)]) == 0


@pytest.mark.parametrize(("kind", "content"), [(FileKind.DOCX, made.docx()), (FileKind.XLSX, made.xlsx())])
def test_a_stripped_document_names_nobody_and_is_still_one(kind: FileKind, content: bytes):
    stripped = BytesIO(strip_office(BytesIO(content)))

    checks.examine(stripped, kind)
    with zipfile.ZipFile(stripped) as archive:
        assert [name for name in archive.namelist() if made.AUTHOR.encode() in archive.read(name)] == []


def test_changes_and_comments_lose_their_names():
    body = f'<w:p><w:ins w:id="1" w:author="{made.AUTHOR}" w:initials="c"><w:r w:rsidR="00AA"><w:t>改</w:t></w:r></w:ins></w:p>'
    with zipfile.ZipFile(BytesIO(strip_office(BytesIO(made.docx(body))))) as archive:
        text = archive.read("word/document.xml").decode()

    assert '<w:ins w:id="1" w:author="" w:initials=""><w:r><w:t>改</w:t></w:r></w:ins>' in text


def test_a_stripped_pdf_has_its_page_and_no_author(tmp_path: Path):
    sandbox.run("strip", put(tmp_path, made.pdf_by()), FileKind.PDF, tmp_path)

    assert made.AUTHOR.encode() not in (tmp_path / "stripped").read_bytes()
    assert len(checking.open_pdf(tmp_path / "stripped")) == 1


def test_what_cannot_be_stripped_is_refused(tmp_path: Path):
    with pytest.raises(Bad, match=r"^这种文件去不掉作者信息"):
        checking.strip(put(tmp_path, made.ole("WordDocument")), FileKind.DOC, tmp_path)


# Previews.


def test_a_pdf_is_drawn_up_to_its_thirtieth_page(tmp_path: Path):
    answer = previewing.preview(put(tmp_path, made.pdf(31)), FileKind.PDF, tmp_path)

    assert answer == {"pages": 30, "of": 31, "media": "image/png", "outline": [], "cut": True}
    assert {path.name for path in tmp_path.iterdir()} == {"file", *map(str, range(1, 31))}
    assert Image.open(tmp_path / "30").size == (1_200, 1_699)


def test_a_picture_is_drawn_anew_upright_and_small(tmp_path: Path):
    answer = previewing.preview(put(tmp_path, made.jpg(6)), FileKind.JPG, tmp_path)

    drawn = Image.open(tmp_path / "1")
    assert answer == {"pages": 1, "of": 1, "media": "image/jpeg", "outline": [], "cut": False}
    assert (drawn.size, drawn.format, dict(drawn.getexif())) == ((40, 60), "JPEG", {})


def test_a_word_document_is_shown_as_its_outline(tmp_path: Path):
    answer = previewing.preview(put(tmp_path, made.docx()), FileKind.DOCX, tmp_path)

    assert answer["outline"] == [("h", "一、主要做法"), ("p", "党员带头巡河。"), ("r", "河段　｜　次数")]


def test_a_workbook_is_shown_as_its_sheets_and_rows(tmp_path: Path):
    answer = previewing.preview(put(tmp_path, made.xlsx()), FileKind.XLSX, tmp_path)

    assert answer["outline"] == [("h", "台账"), ("r", "河段　｜　次数"), ("r", "渠首　｜　3")]


def test_a_long_document_is_cut(tmp_path: Path):
    body = "<w:p><w:r><w:t>一行</w:t></w:r></w:p>" * 500

    answer = previewing.preview(put(tmp_path, made.docx(body)), FileKind.DOCX, tmp_path)

    assert (len(answer["outline"]), answer["cut"]) == (previewing.MOST_LINES, True)


# Older formats.


@pytest.mark.parametrize(
    ("kind", "content", "good"),
    [
        (FileKind.DOC, made.ole("Root Entry", "WordDocument"), True),
        (FileKind.XLS, made.ole("Root Entry", "Workbook"), True),
        (FileKind.XLS, made.ole("Root Entry", "WordDocument"), False),
        (FileKind.DOC, made.ole("WordDocument", "Macros", "_VBA_PROJECT"), False),
        (FileKind.OFD, made.packed({"OFD.xml": b"<OFD/>", "Doc_0/Document.xml": b"<a/>"}), True),
        (FileKind.OFD, made.packed({"a.xml": b"<OFD/>"}), False),
        (FileKind.OFD, made.packed({"OFD.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><OFD/>"}), False),
    ],
)
def test_older_formats_are_looked_at_as_well(kind: FileKind, content: bytes, good: bool, tmp_path: Path):
    try:
        taken = checking.check(put(tmp_path, content), kind, tmp_path) == {"cleaned": False}
    except Bad:
        taken = False

    assert taken is good
