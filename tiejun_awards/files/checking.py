"""Tasks of the child process: is a file what it says, down to its pixels and pages; the copy without its maker."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError
from pypdfium2 import PdfDocument, PdfiumError

from .checks import examine
from .pictures import MOST_PIXELS
from .rules import INCOMPLETE, PICTURES, Bad, FileKind
from .stripping import clean_picture, strip_office

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
FORMATS = {FileKind.JPG: ("JPEG",), FileKind.PNG: ("PNG",)}


def check(file: Path, kind: FileKind, folder: Path) -> dict[str, Any]:
    """Check the file; a picture's copy without its maker is left in the folder as ``cleaned``. Raises Bad."""
    with file.open("rb") as opened:
        examine(opened, kind)
    if kind in PICTURES:
        cleaned = clean_picture(file.read_bytes(), kind)
        decode(cleaned, kind)
        (folder / "cleaned").write_bytes(cleaned)
    elif kind is FileKind.PDF:
        open_pdf(file)
    return {"cleaned": kind in PICTURES}


def decode(content: bytes, kind: FileKind) -> Image.Image:
    """The picture's pixels. Raises Bad."""
    try:
        picture = Image.open(BytesIO(content), formats=FORMATS[kind])
        picture.load()
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        MemoryError,
        Image.DecompressionBombError,
    ) as error:
        raise Bad(INCOMPLETE) from error
    return picture


def open_pdf(file: Path) -> PdfDocument:
    """The PDF, with at least one page that can be read. Raises Bad."""
    try:
        document = PdfDocument(file)
        if not len(document):
            raise Bad("这份 PDF 里没有一页。")
        document[0].get_size()
    except PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Bad("PDF 加了密码。请去掉密码再传。") from error
        raise Bad(INCOMPLETE) from error
    return document


def strip(file: Path, kind: FileKind, folder: Path) -> dict[str, Any]:
    """Leave in the folder, as ``stripped``, a copy that does not tell who made it. Raises Bad."""
    target = folder / "stripped"
    if kind in PICTURES:
        target.write_bytes(clean_picture(file.read_bytes(), kind))
    elif kind is FileKind.PDF:
        copy = PdfDocument.new()  # pages only: information, metadata stream and attached files stay behind
        copy.import_pages(open_pdf(file))
        copy.save(target)
    elif kind in (FileKind.DOCX, FileKind.XLSX):
        with file.open("rb") as opened:
            target.write_bytes(strip_office(opened))
    else:
        raise Bad("这种文件去不掉作者信息。请另存为 PDF 或 docx。")
    return {"size": target.stat().st_size}
