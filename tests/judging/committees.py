"""Small committees for the tests, as columns of marks."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Columns = tuple[Array, Array, Array, Array, Array]


def from_totals(table: list[list[float | None]]) -> Columns:
    """Return columns for a table of totals out of 100, a row a judge; None where the judge did not mark."""
    rows = [(j, i, 0, value) for j, row in enumerate(table) for i, value in enumerate(row) if value is not None]
    judge, subject, indicator, mark = (np.array(column) for column in zip(*rows, strict=True))
    return judge, subject, indicator, mark.astype(float), np.array([100.0])


def from_marks(marks: Array, maxima: Array) -> Columns:
    """Return columns for marks of shape (judges, subjects, indicators); NaN where there is none."""
    judge, subject, indicator = np.nonzero(~np.isnan(marks))
    return judge, subject, indicator, marks[judge, subject, indicator], maxima


def committee(
    seed: int, *, judges: int = 8, subjects: int = 20, indicators: int = 6, each: int | None = None
) -> Columns:
    """Return marks of a believable committee; `each` judges a subject drawn by lot, or all of them."""
    random = np.random.default_rng(seed)
    top = 100.0 / indicators
    merit = random.normal(74, 9, subjects)
    severity = random.normal(0, 4, judges)
    share = (merit + severity[:, None])[:, :, None] / 100 + random.normal(0, 0.08, (judges, subjects, indicators))
    marks = np.clip(np.round(share * top * 2) / 2, 0, top)
    if each is not None:
        for subject in range(subjects):
            marks[random.permutation(judges)[each:], subject] = np.nan
    return from_marks(marks, np.full(indicators, top))


def shuffled(columns: Columns, seed: int) -> Columns:
    """Return the same marks in another order of rows."""
    order = np.random.default_rng(seed).permutation(columns[0].size)
    judge, subject, indicator, mark, maxima = columns
    return judge[order], subject[order], indicator[order], mark[order], maxima
