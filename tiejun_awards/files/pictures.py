"""The parts of a JPEG and a PNG, told apart without decoding them: they are whole, and nothing follows their end. Pure."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from .rules import DAMAGED, INCOMPLETE, Bad

MOST_PIXELS = 50_000_000

_TAIL = "图片后面还接着别的内容。请用看图软件另存一份再传。"


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, the whole chunk) of a PNG. Raises Bad where a checksum is wrong, the end is missing or more follows it."""
    at, name = 8, b""
    while name != b"IEND":
        length = int.from_bytes(content[at : at + 4], "big")
        name, end = content[at + 4 : at + 8], at + 12 + length
        if len(name) < 4 or end > len(content):
            raise Bad(INCOMPLETE)
        if zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            raise Bad(DAMAGED)
        if at == 8:
            if name != b"IHDR" or length != 13:
                raise Bad(DAMAGED)
            few_pixels(int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big"))
        yield name, content[at:end]
        at = end
    if at != len(content):
        raise Bad(_TAIL)


_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def jpeg_parts(content: bytes) -> list[tuple[int, bytes]]:
    """(marker, the whole part) of a JPEG; the data of a scan belongs to its part. What phones append is left out.

    Raises Bad where the end is missing, or where something that is no second picture or film of a phone follows it.
    """
    parts: list[tuple[int, bytes]] = [(0xD8, content[:2])]
    at = 2
    while True:
        while content[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if content[at : at + 1] != b"\xff" or at + 2 > len(content):
            raise Bad(INCOMPLETE if at + 2 > len(content) else DAMAGED)
        marker = content[at + 1]
        if marker == 0xD9:
            parts.append((marker, content[at : at + 2]))
            break
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if end > len(content) or end < at + 4:
            raise Bad(INCOMPLETE)
        if marker in _FRAMES:
            few_pixels(int.from_bytes(content[at + 7 : at + 9], "big"), int.from_bytes(content[at + 5 : at + 7], "big"))
        if marker == 0xDA:
            found = _NEXT_MARKER.search(content, end)
            if found is None:
                raise Bad(INCOMPLETE)
            end = found.start()
        parts.append((marker, content[at:end]))
        at = end
    if not any(marker in _FRAMES for marker, _ in parts):
        raise Bad(DAMAGED)
    tail = content[at + 2 :]
    film, trailer = tail[4:8] == b"ftyp", tail.endswith(b"SEFT")
    if tail.strip(b"\0") and not (film or trailer or tail.lstrip(b"\0").startswith(b"\xff\xd8\xff")):
        raise Bad(_TAIL)
    return parts


def few_pixels(width: int, height: int) -> None:
    """Raises Bad for a picture larger than anybody needs: it would unpack to gigabytes."""
    if not width or not height:
        raise Bad(DAMAGED)
    if width * height > MOST_PIXELS:
        raise Bad(f"图片有 {width}×{height} 像素，太大了。请缩小到 5000 万像素以内再传。")
