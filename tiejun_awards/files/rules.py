"""The rules of attachments: which kinds, how a name is cleaned, how it is served, and what an owner is.

An owner is what attachments belong to (a report; later ratings, nominations, objections). This feature knows none of
them: each hands in an ``OwnerKind`` through ``app.py``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..shared.access import Actor
from ..shared.errors import Refused
from ..shared.labels import Labelled

MEGABYTE = 2**20


class FileKind(Labelled):
    """What may be attached."""

    JPG = "jpg", "图片"
    PNG = "png", "图片"
    PDF = "pdf", "PDF"
    DOCX = "docx", "Word"
    XLSX = "xlsx", "Excel"
    DOC = "doc", "旧版 Word"
    XLS = "xls", "旧版 Excel"
    OFD = "ofd", "OFD"

    @property
    def media(self) -> str:
        """The media type it is served as."""
        return _MEDIA[self]


_OFFICE = "application/vnd.openxmlformats-officedocument."
_MEDIA = {
    FileKind.JPG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: _OFFICE + "wordprocessingml.document",
    FileKind.XLSX: _OFFICE + "spreadsheetml.sheet",
    FileKind.DOC: "application/msword",
    FileKind.XLS: "application/vnd.ms-excel",
    FileKind.OFD: "application/ofd",
}

PICTURES = frozenset({FileKind.JPG, FileKind.PNG})
OLD_FORMATS = frozenset({FileKind.DOC, FileKind.XLS, FileKind.OFD})
"""Kept without a preview, where the installation's setting allows them."""

_BY_SUFFIX = {kind.value: kind for kind in FileKind} | {"jpeg": FileKind.JPG}


class FileState(Labelled):
    """Whether an attachment may be read."""

    KEPT = "kept", "已存好"
    QUARANTINED = "quarantined", "已隔离"


class PreviewState(Labelled):
    """How far the preview of a content is."""

    WAITING = "waiting", "正在生成预览"
    MADE = "made", "可以预览"
    NONE = "none", "不提供预览"
    FAILED = "failed", "预览没有做成"


PREVIEW_PAGES = 30
"""Pages of a PDF that are drawn."""


def suffixes(old_formats: bool) -> list[str]:
    """The endings one may choose, as a file field takes them."""
    return [f".{suffix}" for suffix, kind in _BY_SUFFIX.items() if old_formats or kind not in OLD_FORMATS]


_NAMED = {
    "heic": "苹果手机的 HEIC 图片请先转成 JPG（相机设置里选“兼容性最佳”），再传。",
    "heif": "HEIF 图片请先转成 JPG，再传。",
    "wps": "WPS 文字请另存为 docx 或 PDF，再传。",
    "et": "WPS 表格请另存为 xlsx，再传。",
    "docm": "带宏的文档不能传，请另存为 docx。",
    "xlsm": "带宏的表格不能传，请另存为 xlsx。",
    "zip": "压缩包不能传，请把里面的文件一个一个传。",
    "rar": "压缩包不能传，请把里面的文件一个一个传。",
    "7z": "压缩包不能传，请把里面的文件一个一个传。",
}
_ACTIVE = frozenset(
    {
        *("exe", "com", "bat", "cmd", "scr", "pif", "msi", "msc", "cpl", "dll", "lnk", "reg", "jar", "ps1", "sh"),
        *("js", "jse", "vbs", "vbe", "wsf", "hta", "html", "htm", "xhtml", "mht", "mhtml", "svg", "xml", "url"),
        *("php", "phtml", "asp", "aspx", "jsp", "docm", "dotm", "xlsm", "xltm", "xlam", "pptm"),
    }
)


def kind_of(name: str, *, old_formats: bool = False) -> FileKind:
    """The kind a cleaned name claims to be. Raises Refused with what to do instead."""
    stem, _, suffix = name.rpartition(".")
    suffix = suffix.lower()
    kind = _BY_SUFFIX.get(suffix) if stem else None
    if kind is None or (kind in OLD_FORMATS and not old_formats):
        fallback = "只能传图片（jpg、png）、PDF、Word（docx）和 Excel（xlsx）文件。"
        if kind in (FileKind.DOC, FileKind.XLS):
            fallback = f"旧版 {suffix} 文件请另存为 {suffix}x，再传。"
        raise Refused(_NAMED.get(suffix, fallback), field="file")
    inner = stem.lower().rpartition(".")[2].strip() if "." in stem else ""
    if inner in _ACTIVE:
        raise Refused(f"文件名里还有一个后缀“.{inner}”，请改名后再传。", field="file")
    return kind


# Names.

_MOST_STEM = 120  # bytes of UTF-8: every file system takes it, with room for a number in a zip
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_DROPPED = frozenset(
    {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
)  # control, bidi and invisible, surrogates, no characters
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
NAMELESS = "未命名"


def clean_name(raw: str) -> str:
    """A file name without what could mislead a reader, a file system or a header; its Chinese stays.

    Cleaning twice is cleaning once: each step is repeated until nothing changes, since one can uncover work for another.
    """
    name = raw[:4_000]
    while (cleaner := _cleaned(name)) != name:
        name = cleaner
    return name


def _cleaned(name: str) -> str:
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = [part for part in name.split("/") if part.strip(". ")]
    name = parts[-1] if parts else ""
    name = "".join(" " if char.isspace() else char for char in name)
    name = "".join(char for char in name if unicodedata.category(char) not in _DROPPED)
    name = " ".join(name.translate(_FORBIDDEN).split()).strip(". ")
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > 10:
        stem, dot, suffix = name, "", ""
    stem = _cut(stem.rstrip(". ")) or NAMELESS
    if stem.partition(".")[0].strip().lower() in _DEVICES:
        stem = f"_{stem}"
    return f"{stem}{dot}{suffix.strip()}"


def _cut(stem: str) -> str:
    """At most so many bytes, no character halved."""
    return stem.encode()[:_MOST_STEM].decode(errors="ignore").rstrip(". ")


def disposition(name: str) -> str:
    """The Content-Disposition of a download (RFC 6266): a plain name for old clients, the real one beside it."""
    name = clean_name(name)
    stem, dot, suffix = name.rpartition(".")
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_ ") else "_" for char in stem or suffix)
    plain = plain.strip("_ ") or "file"
    ending = dot + "".join(char for char in suffix if char.isascii() and char.isalnum()) if dot else ""
    return f"attachment; filename=\"{plain}{ending}\"; filename*=UTF-8''{quote(name, safe='')}"


def unique_names(names: Iterable[str]) -> list[str]:
    """Names that can lie in one folder, also where capitals do not count: repeated ones are numbered （2）, （3）."""
    taken: set[str] = set()
    found = []
    for each in map(clean_name, names):
        stem, dot, suffix = each.rpartition(".") if "." in each else (each, "", "")
        name, number = each, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}（{number}）{dot}{suffix}"
        taken.add(name.casefold())
        found.append(name)
    return found


def size_label(size: int) -> str:
    """“380 KB”, “2.4 MB”: a size as file managers show it."""
    if size < 1024:
        return f"{size} B"
    if size < MEGABYTE:
        return f"{round(size / 1024)} KB"
    return f"{size / MEGABYTE:.1f}".removesuffix(".0") + " MB"


# Refusals of the child process.

INCOMPLETE = "文件不完整，可能没有传完或已损坏。请重新导出后再传。"
DAMAGED = "文件打不开，可能已损坏。请用原来的软件另存一份再传。"


class Bad(Exception):
    """The file is refused; the sentence says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


# Owners.


@dataclass(frozen=True, slots=True)
class Place:
    """What a page of attachments says about their owner, and the ways back to it."""

    title: str
    crumbs: tuple[tuple[str, str, dict[str, Any]], ...]  # (label, endpoint, values), the owner's own page last


@dataclass(frozen=True, slots=True)
class OwnerKind:
    """One kind of owner, as the feature above describes it.

    ``find(actor, id)`` is the owner if the actor may see it, else raises Missing: the owner's own ``visible_to``.
    ``may_attach(actor, owner)``: its own right to write. ``why_closed(owner)``: the sentence of a state in which nothing
    is added or removed, or nothing. ``most``: the key of the rule that says how many files. ``read_at_once``: whoever sees
    the owner reads its files before they are part of a submission.
    """

    kind: str
    most: str
    find: Callable[[Actor, int], Any]
    may_attach: Callable[[Actor, Any], bool]
    why_closed: Callable[[Any], str]
    describe: Callable[[Any], Place]
    read_at_once: bool = False
