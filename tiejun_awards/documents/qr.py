"""QR codes as SVG paths: no picture file, and nothing a page would have to allow."""

from __future__ import annotations

from dataclasses import dataclass

import segno


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR code as one SVG path on a square of so many modules."""

    size: int
    path: str


def qr(text: str) -> Picture:
    """The QR code of a text, with the four light modules around it that readers need."""
    matrix = segno.make(text, error="m", micro=False).matrix
    rows = []
    for y, row in enumerate(matrix):
        start = None
        for x, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                rows.append(f"M{start + 4} {y + 4}h{x - start}v1h-{x - start}z")
                start = None
    return Picture(len(matrix) + 8, "".join(rows))
