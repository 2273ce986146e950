"""The columns of marks, checked once at the door so that nothing behind it has to ask again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import BadMaxima, MarkOutOfRange, NoMarks, UnequalColumns, UnknownCode

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AnyInts = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]
Codes = AnyInts | Sequence[int]
Values = NDArray[np.floating[Any]] | NDArray[np.integer[Any]] | Sequence[float]

TOLERANCE = 1e-9
"""Points by which a mark may pass its maximum: the dust of a conversion to binary, no more."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Checked marks, one row each: who marked (judge), whom (subject), what (indicator), how much (mark).

    `maxima[k]` is the most that indicator k can give. `judges` and `subjects` are the sizes of the code ranges;
    codes nobody used are allowed (a branch whose judges were all recused).
    """

    judge: AnyInts
    subject: AnyInts
    indicator: AnyInts
    mark: Floats
    maxima: Floats
    judges: int
    subjects: int

    @property
    def scale(self) -> float:
        """Factor that brings a full sheet to 100 points."""
        return 100.0 / float(self.maxima.sum())


def checked(
    judge: Codes,
    subject: Codes,
    indicator: Codes,
    mark: Values,
    maxima: Values,
    *,
    judges: int | None = None,
    subjects: int | None = None,
) -> Marks:
    """Return the columns as `Marks`, or raise the `BadMarks` that names what is wrong with them.

    `judges` and `subjects` give the number of codes; left out, the largest code in use decides.
    """
    tops = np.asarray(maxima, dtype=np.float64)
    if tops.ndim != 1 or tops.size == 0 or not np.isfinite(tops).all() or not (tops > 0).all():
        raise BadMaxima("every indicator needs a finite maximum above zero")
    values = _numbers(mark)
    columns = {"judge": np.asarray(judge), "subject": np.asarray(subject), "indicator": np.asarray(indicator)}
    if values.ndim != 1 or any(column.shape != values.shape for column in columns.values()):
        raise UnequalColumns("judge, subject, indicator and mark must be columns of one length")
    if values.size == 0:
        raise NoMarks("there is no mark to score")
    judges = _size(columns["judge"], judges, "judge")
    subjects = _size(columns["subject"], subjects, "subject")
    _size(columns["indicator"], tops.size, "indicator")
    # min and max carry a NaN along, so one comparison catches it.
    if not (values.min() >= 0 and np.isfinite(values.max())):
        raise MarkOutOfRange("a mark must be a number of at least zero")
    if values.max() > tops.min() and (values > tops[columns["indicator"]] + TOLERANCE).any():
        raise MarkOutOfRange("a mark is above the maximum of its indicator")
    return Marks(columns["judge"], columns["subject"], columns["indicator"], values, tops, judges, subjects)


def _numbers(mark: Values) -> Floats:
    try:
        return np.asarray(mark, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MarkOutOfRange("a mark is not a number") from error


def _size(codes: AnyInts, size: int | None, name: str) -> int:
    if not np.issubdtype(codes.dtype, np.integer):
        raise UnknownCode(f"{name} codes must be whole numbers")
    low, high = int(codes.min()), int(codes.max())
    if low < 0 or (size is not None and high >= size):
        raise UnknownCode(f"{name} code {low if low < 0 else high} is not among the known ones")
    return high + 1 if size is None else size
