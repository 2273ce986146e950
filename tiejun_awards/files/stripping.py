"""Taking out what a file tells about its maker: place and device from pictures, author and company from documents.

Pictures lose it when they come in, without being decoded: the picture itself stays bit for bit. Documents keep it for
those who may see them; ``strip_office`` makes the copy that objections show.
"""

from __future__ import annotations

import re
import struct
from io import BytesIO
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from .checks import safe_zip, unpack
from .pictures import jpeg_parts, png_chunks
from .rules import FileKind

_PNG_TELLS = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})
_JPEG_TELLS = frozenset({*range(0xE1, 0xF0), 0xFE}) - {0xE2, 0xEE}
"""APP1 (Exif, XMP), APP3–APP13, APP15, comments. APP2 (colour profile) and APP14 (Adobe's colours) change the picture."""


def clean_picture(content: bytes, kind: FileKind) -> bytes:
    """The same picture without Exif, place, device, author and comments; how it is to be turned stays."""
    if kind is FileKind.PNG:
        kept = (chunk for name, chunk in png_chunks(content) if name not in _PNG_TELLS)
        return content[:8] + b"".join(kept)
    parts = jpeg_parts(content)
    turned = orientation(parts)
    cleaned = [part for marker, part in parts if not _tells(marker, part)]
    if turned not in (0, 1):
        cleaned.insert(1, _exif_of(turned))
    return b"".join(cleaned)


def _tells(marker: int, part: bytes) -> bool:
    return marker in _JPEG_TELLS or (marker == 0xE2 and not part[4:].startswith(b"ICC_PROFILE"))


def orientation(parts: list[tuple[int, bytes]]) -> int:
    """How the camera was held: Exif's tag 0x0112, 0 where it says nothing that can be read."""
    for marker, part in parts:
        if marker == 0xE1 and part[4:10] == b"Exif\0\0":
            tiff = part[10:]
            order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
            try:
                (at,) = struct.unpack_from(f"{order}I", tiff, 4)
                (count,) = struct.unpack_from(f"{order}H", tiff, at)
                for entry in range(min(count, 200)):
                    tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * entry)
                    if (tag, kind) == (0x0112, 3) and 1 <= value <= 8:
                        return int(value)
            except struct.error:
                return 0
    return 0


def _exif_of(turned: int) -> bytes:
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, turned, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# Documents.

_EMPTY_PROPERTIES = {
    "docProps/core.xml": (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
    ),
    "docProps/app.xml": (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
    ),
    "docProps/custom.xml": (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
    ),
}
_WHO = re.compile(rb'(\s(?:[A-Za-z0-9]+:)?(?:author|initials|userId|providerId|userName)=)"[^"]*"')
_WHEN_SAVED = re.compile(rb'\s(?:[A-Za-z0-9]+:)?rsid[A-Za-z]*="[^"]*"')
_AUTHORS = re.compile(rb"(<(?:[A-Za-z0-9]+:)?author>)[^<]*(</)")
_DROPPED = re.compile(r"^(docProps/thumbnail\.|word/people\.xml$|xl/persons/|customXml/)")


def strip_office(file: BinaryIO) -> bytes:
    """The same docx or xlsx without author, company, times, thumbnails, and the names beside changes and comments."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as stripped:
        for name, content in unpack(safe_zip(file)):
            if _DROPPED.match(name):
                continue
            if name in _EMPTY_PROPERTIES:
                content = _EMPTY_PROPERTIES[name]
            elif name.endswith(".xml") and not name.startswith("["):
                content = _AUTHORS.sub(rb"\1\2", _WHO.sub(rb'\1""', _WHEN_SAVED.sub(b"", content)))
            elif name.lower().endswith((".jpg", ".jpeg")) and content[:3] == b"\xff\xd8\xff":
                content = clean_picture(content, FileKind.JPG)
            elif name.lower().endswith(".png") and content[:4] == b"\x89PNG":
                content = clean_picture(content, FileKind.PNG)
            elif name.endswith(".rels") or name == "[Content_Types].xml":
                content = _without_dropped(content)
            stripped.writestr(name, content)
    return out.getvalue()


_POINTERS = re.compile(
    rb'<(?:Relationship|Override)\s[^>]*(?:Target|PartName)="[^"]*(?:thumbnail|people\.xml|persons/|customXml/)[^"]*"[^>]*/>'
)


def _without_dropped(content: bytes) -> bytes:
    """Without what points at a part that was left out."""
    return _POINTERS.sub(b"", content)
