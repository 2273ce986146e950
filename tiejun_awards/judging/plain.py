"""The plain methods: mean, median, and mean without the extremes. Same columns in, `Summary` out.

They correct nothing; their standard error is the differences between judges on the same subject, pooled. Which sheets
the mean without extremes keeps is one rule, here, for measured and for exact marks alike.
"""

import numpy as np

from . import few, links
from .layout import Layout, lay_out
from .marks import AnyInts, Bools, Codes, Floats, Ints, Values, checked
from .rounding import half_up
from .sheets import Sheets, collect
from .standings import UNMARKED_ERROR, Summary

FEWEST = 3
"""Sheets a subject must have before its highest and lowest are left out."""


def mean(
    judge: Codes,
    subject: Codes,
    indicator: Codes,
    mark: Values,
    maxima: Values,
    *,
    judges: int | None = None,
    subjects: int | None = None,
) -> Summary:
    """Return the mean of every subject's sheets, out of 100. Raises a `BadMarks` subclass, like `fair_scores`."""
    sheets = collect(checked(judge, subject, indicator, mark, maxima, judges=judges, subjects=subjects))
    layout = lay_out(sheets)
    score = layout.by_subject(layout.total) * layout.share[layout.first]
    return _summary(sheets, layout, score, layout.by_subject(np.ones(layout.total.size)))


def median(
    judge: Codes,
    subject: Codes,
    indicator: Codes,
    mark: Values,
    maxima: Values,
    *,
    judges: int | None = None,
    subjects: int | None = None,
) -> Summary:
    """Return the median of every subject's sheets; its variance is taken as π/2 times the mean's (normal sheets)."""
    sheets = collect(checked(judge, subject, indicator, mark, maxima, judges=judges, subjects=subjects))
    layout = lay_out(sheets)
    ranked = layout.total[np.lexsort((layout.total, layout.subject))]
    size = layout.by_subject(np.ones(layout.total.size)).astype(np.int64)
    score = 0.5 * (ranked[layout.first + (size - 1) // 2] + ranked[layout.first + size // 2])
    return _summary(sheets, layout, score, np.where(size > 2, size * 2.0 / np.pi, size))


def mean_without_extremes(
    judge: Codes,
    subject: Codes,
    indicator: Codes,
    mark: Values,
    maxima: Values,
    *,
    judges: int | None = None,
    subjects: int | None = None,
) -> Summary:
    """Return the mean without each subject's highest and lowest sheet; with fewer than three sheets, of all of them."""
    sheets = collect(checked(judge, subject, indicator, mark, maxima, judges=judges, subjects=subjects))
    layout = lay_out(sheets)
    kept = sheets_kept(layout.subject, layout.total).astype(np.float64)
    count = layout.by_subject(kept)
    return _summary(sheets, layout, layout.by_subject(kept * layout.total) / count, count)


def sheets_kept(subject: AnyInts, total: Floats | AnyInts, marks: Floats | AnyInts | None = None) -> Bools:
    """Tell which sheets stay when every subject's highest and lowest whole sheet are left out.

    One entry a sheet, in any order; `total` is the sheet's judged sum, exact if it is whole hundredths. Where totals
    tie, the sheets' marks (shape (sheets, indicators)) are compared one by one, first indicator first; only sheets
    alike in every mark can then take each other's place, and it makes no difference which of them goes.
    """
    keys: list[Floats | AnyInts] = [] if marks is None else list(np.asarray(marks).T[::-1])
    order = np.lexsort([*keys, np.asarray(total), np.asarray(subject)])
    ranked = np.asarray(subject)[order]
    lowest = np.flatnonzero(np.diff(ranked, prepend=-1))
    highest = np.append(lowest[1:], ranked.size) - 1
    enough = highest - lowest + 1 >= FEWEST
    kept = np.ones(ranked.size, dtype=np.bool_)
    kept[order[lowest[enough]]] = kept[order[highest[enough]]] = False
    return kept


def exact_means(subject: AnyInts, total: AnyInts, kept: Bools, subjects: int) -> Ints:
    """Return each subject's mean of the kept totals (whole hundredths), divided exactly and rounded half up once.

    A subject without a kept sheet raises `ZeroDivisionError`: it has no mean.
    """
    sums, counts = np.zeros((2, subjects), dtype=np.int64)
    np.add.at(sums, np.asarray(subject)[kept], np.asarray(total)[kept])
    np.add.at(counts, np.asarray(subject)[kept], 1)
    if (counts == 0).any():
        raise ZeroDivisionError("a subject has no sheet to take the mean of")
    return half_up(sums, counts)


def _summary(sheets: Sheets, layout: Layout, score: Floats, worth: Floats) -> Summary:
    """Spread the scores over all codes; `worth` is how many sheets' mean the score is as sure as."""
    variance, freedom = few.between_judges(layout)
    scores = np.full(sheets.subjects, float(score.mean()))
    errors = np.full(sheets.subjects, UNMARKED_ERROR)
    scores[layout.subject_codes] = score
    errors[layout.subject_codes] = np.sqrt(variance / worth)
    panel, _ = links.parts(sheets)
    counted = np.bincount(sheets.subject, minlength=sheets.subjects)
    return Summary(scores, errors, np.full(sheets.subjects, freedom), panel, counted)
