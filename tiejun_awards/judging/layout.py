"""The sheets as the fit wants them: codes without gaps, sorted by subject, with quick sums either way."""

from dataclasses import dataclass
from typing import cast

import numpy as np

from .marks import AnyInts, Floats, Ints
from .sheets import Sheets


@dataclass(frozen=True, slots=True)
class Layout:
    """Sheets with subjects and judges renumbered 0..n-1 over those that have a sheet, sorted by subject.

    `share` is one over the number of sheets of the sheet's subject, `first[i]` the first sheet of subject i.
    `subject_codes` and `judge_codes` lead back to the caller's codes.
    """

    judge: Ints
    subject: Ints
    total: Floats
    cover: Floats
    share: Floats
    first: Ints
    subject_codes: Ints
    judge_codes: Ints

    @property
    def judges(self) -> int:
        return self.judge_codes.size

    @property
    def subjects(self) -> int:
        return self.subject_codes.size

    def by_subject(self, values: Floats) -> Floats:
        """Sum a value of every sheet over the sheets of each subject."""
        return cast("Floats", np.bincount(self.subject, values, minlength=self.subjects))

    def by_judge(self, values: Floats) -> Floats:
        """Sum a value of every sheet over the sheets of each judge."""
        return cast("Floats", np.bincount(self.judge, values, minlength=self.judges))

    def slopes(self, weight: Floats, along: Floats, unsure: Floats) -> tuple[Floats, Floats]:
        """Return each judge's slope of the totals on `along` (known up to the variance `unsure`) and its variance."""
        sheets = self.by_judge(weight)
        total, mean = (self.by_judge(weight * values) / sheets for values in (self.total, along))
        apart = along - mean[self.judge]
        across = self.by_judge(weight * apart * (self.total - total[self.judge]))
        squares = self.by_judge(weight * (apart**2 + unsure))
        return across / squares, 1.0 / squares


def lay_out(sheets: Sheets) -> Layout:
    """Renumber the subjects and judges of `sheets` without gaps."""
    subject_codes, subject = _without_gaps(sheets.subject, sheets.subjects)
    judge_codes, judge = _without_gaps(sheets.judge, sheets.judges)
    first = np.flatnonzero(np.diff(subject, prepend=-1))
    share = (1.0 / np.bincount(subject))[subject]
    return Layout(judge, subject, sheets.total, sheets.cover, share, first, subject_codes, judge_codes)


def _without_gaps(codes: AnyInts, size: int) -> tuple[Ints, Ints]:
    used = np.zeros(size, dtype=np.bool_)
    used[codes] = True
    place = np.cumsum(used) - 1
    return np.flatnonzero(used), place[codes]
