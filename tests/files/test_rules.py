"""Names, kinds and sizes: pure."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tiejun_awards.files import rules
from tiejun_awards.files.rules import FileKind, clean_name, disposition, kind_of, size_label, suffixes, unique_names
from tiejun_awards.shared.errors import Refused

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(list('./\\:*?"<>|\0\r\n\t\u202e\u200b\ufeff 党支部报告.pdfcon12\u0301\ud800；')),
    ),
    max_size=80,
)


@given(HOSTILE)
@example(".\u200b.a.pdf")
@example("a. .\u202epdf")
@example("con.\u202e.pdf")
@example("a.pdf\\")
@example("e\u200b\u0301.pdf")
@example("a" * 119 + "党.pdf")
@example("x./ .pdf")
def test_cleaning_a_name_twice_is_cleaning_it_once(raw: str):
    assert clean_name(clean_name(raw)) == clean_name(raw)


@given(HOSTILE)
def test_a_clean_name_is_safe_everywhere(raw: str):
    name = clean_name(raw)

    assert 1 <= len(name.encode()) <= 150
    assert name == unicodedata.normalize("NFC", name) == name.strip(". ")
    assert not set(name) & set('\\/:*?"<>|\0\r\n\t')
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in name)
    assert name.split(".")[0].lower() not in ("con", "nul", "aux", "com1", "lpt9")


@given(HOSTILE)
def test_a_header_is_whole_and_gives_the_name_back(raw: str):
    header = disposition(raw)

    assert header.isascii()
    assert header.isprintable()
    plain, star = header.removeprefix('attachment; filename="').split("\"; filename*=UTF-8''")
    assert unquote(star) == clean_name(raw)
    assert not set(plain) & set('"\\/;%')


@given(st.lists(HOSTILE, max_size=8))
def test_names_in_a_zip_are_unique_also_without_capitals(raw: list[str]):
    names = unique_names(raw)

    assert len({name.casefold() for name in names}) == len(raw)
    assert [name for name in names if set(name) & set("\\/")] == []


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("党支部工作报告.docx", "党支部工作报告.docx"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\资料\\一季度 报告.PDF", "一季度 报告.PDF"),
        ("报告\u202egpj.pdf", "报告gpj.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("CON.pdf", "_CON.pdf"),
        (".htaccess", "htaccess"),
        ("", "未命名"),
        ("...", "未命名"),
        ("🎉党建.png", "🎉党建.png"),
        ("报" * 300 + ".pdf", "报" * 40 + ".pdf"),
    ],
)
def test_a_name_keeps_its_chinese_and_loses_what_misleads(raw: str, clean: str):
    assert clean_name(raw) == clean


def test_a_repeated_name_is_numbered():
    assert unique_names(["a.pdf", "A.PDF", "a.pdf", "b"]) == ["a.pdf", "A（2）.PDF", "a（3）.pdf", "b"]


def test_a_header_for_a_chinese_name():
    assert (
        disposition("党支部.docx")
        == "attachment; filename=\"file.docx\"; filename*=UTF-8''%E5%85%9A%E6%94%AF%E9%83%A8.docx"
    )


def test_sizes_are_shown_as_file_managers_do():
    assert [size_label(n) for n in (9, 1023, 1024, 387_000, 2**20, 2_500_000, 20 * 2**20)] == [
        *("9 B", "1023 B", "1 KB", "378 KB", "1 MB", "2.4 MB", "20 MB")
    ]


def test_older_formats_are_taken_only_where_the_setting_allows_them():
    with pytest.raises(Refused, match=r"^旧版 doc 文件请另存为 docx，再传。$"):
        kind_of("a.doc")

    assert [kind_of(f"a.{kind.value}", old_formats=True) for kind in rules.OLD_FORMATS] == list(rules.OLD_FORMATS)
    assert set(suffixes(True)) - set(suffixes(False)) == {".doc", ".xls", ".ofd"}


def test_every_kind_has_a_media_type():
    assert all("/" in kind.media for kind in FileKind)
