"""How well a committee agrees: one number would hide too much, so here are the usual five, each with its meaning."""

from dataclasses import dataclass

import numpy as np

from .layout import Layout
from .marks import Floats
from .standings import Standings


@dataclass(frozen=True, slots=True)
class Agreement:
    """Measures of agreement, 1 being perfect; None where the marks do not allow it.

    `one_judge` and `panel` are ICC(A,1) and ICC(A,k): the share of the variance of one judge's total, or of the mean
    of a panel of usual size, that is the subjects' merit (absolute agreement: severity counts against it).
    `reliability` is the same for the fair scores. `alpha` is Krippendorff's for interval data. `concordance` is
    Kendall's W with ties corrected, only where every judge marked every subject.
    """

    one_judge: float | None
    panel: float | None
    reliability: float | None
    alpha: float | None
    concordance: float | None


def agreement(standings: Standings) -> Agreement:
    """Measure the agreement of the counted sheets' totals."""
    layout, model = standings.layout, standings.model
    one = panel = reliability = None
    if model is not None:
        merit, other = model.merit_variance, model.severity_variance + model.committee_noise
        usual = layout.total.size / layout.subjects
        one, panel = merit / (merit + other), merit / (merit + other / usual)
        error = standings.standard_error[layout.subject_codes]
        reliability = max(0.0, 1.0 - float(np.mean(error**2)) / merit)
    return Agreement(one, panel, reliability, alpha(layout), concordance(layout))


def alpha(layout: Layout) -> float | None:
    """Return Krippendorff's alpha for interval data: 1 - seen disagreement within subjects / disagreement of all.

    Subjects with one sheet cannot agree or disagree and are left out. All totals alike: there is nothing to measure.
    """
    size = layout.by_subject(np.ones(layout.total.size))
    pairable = (size >= 2)[layout.subject]
    values = layout.total[pairable]
    if values.size == 0:
        return None
    mean = layout.by_subject(layout.total) / size
    within = layout.by_subject((layout.total - mean[layout.subject]) ** 2)[size >= 2]
    several = size[size >= 2]
    seen = float((within * several / (several - 1)).sum()) / values.size
    expected = float(((values - values.mean()) ** 2).sum()) / (values.size - 1)
    return 1.0 - seen / expected if expected > 0 else None


def concordance(layout: Layout) -> float | None:
    """Return Kendall's W: how alike the judges rank the subjects, from 0 to 1."""
    judges, subjects = layout.judges, layout.subjects
    if layout.total.size != judges * subjects or judges < 2 or subjects < 2:
        return None
    table = np.zeros((judges, subjects))
    table[layout.judge, layout.subject] = layout.total
    ranks = np.array([_ranks(row) for row in table])
    sums = ranks.sum(axis=0)
    ties = sum(float((counts**3 - counts).sum()) for counts in (np.unique(row, return_counts=True)[1] for row in table))
    most = judges**2 * (subjects**3 - subjects) - judges * ties
    return float(12 * ((sums - sums.mean()) ** 2).sum() / most) if most > 0 else None


def _ranks(values: Floats) -> Floats:
    """Return ranks from 1, equal values sharing the middle of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle: Floats = (last - 0.5 * (counts - 1))[place]
    return middle
