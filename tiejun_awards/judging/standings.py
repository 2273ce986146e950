"""The façade: marks in, standings out."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np
from scipy.special import stdtrit

from . import few, links, uncertainty
from .layout import Layout, lay_out
from .marks import Codes, Floats, Ints, Values, checked
from .model import Fit, fit
from .sheets import Sheets, collect

UNMARKED_ERROR = 50.0
"""Standard error of a subject without a counted sheet: its interval is everything between 0 and 100."""


class Caution(Enum):
    """What a reader of the standings has to be told beside the numbers."""

    FEW = "few"  # fewer than three judges or subjects: plain means with a wide error, nothing corrected
    SEPARATE = "separate"  # panels no judge connects: comparable only if they are alike
    THIN = "thin"  # a subject with a single sheet
    UNMARKED = "unmarked"  # a subject nobody marked: its score is the committee's mean and says nothing
    UNFINISHED = "unfinished"  # sheets that cover less than 60 % of the points were left out


@dataclass(frozen=True)
class Summary:
    """Scores out of 100, arrays by subject code.

    `panel` is the number of the connected part a subject belongs to (-1: no counted sheet), `counted` its sheets.
    """

    score: Floats
    standard_error: Floats
    degrees_of_freedom: Floats
    panel: Ints
    counted: Ints

    def interval(self, confidence: float = 0.9) -> tuple[Floats, Floats]:
        """Return the lower and upper end of the interval of that confidence, within 0..100."""
        half = stdtrit(self.degrees_of_freedom, 0.5 + confidence / 2) * self.standard_error
        return np.clip(self.score - half, 0.0, 100.0), np.clip(self.score + half, 0.0, 100.0)


@dataclass(frozen=True)
class Standings(Summary):
    """Fair scores, and what they rest on: the counted sheets and the fitted model (None where nothing was fitted)."""

    sheets: Sheets
    cautions: frozenset[Caution]
    model: Fit | None

    @cached_property
    def layout(self) -> Layout:
        """The counted sheets as the model sees them."""
        return lay_out(self.sheets) if self.model is None else self.model.layout

    @cached_property
    def shared(self) -> uncertainty.Covariance | None:
        """The covariance of the judges' severities, or None where nothing was fitted."""
        if self.model is None:
            return None
        _, part = links.parts(self.sheets)
        return uncertainty.covariance(self.model.equations(), part[self.layout.judge_codes])

    @cached_property
    def weak_links(self) -> list[int]:
        """The judges without whose sheets a part would fall in two."""
        return links.weak_links(self.sheets)


def fair_scores(
    judge: Codes,
    subject: Codes,
    indicator: Codes,
    mark: Values,
    maxima: Values,
    *,
    judges: int | None = None,
    subjects: int | None = None,
) -> Standings:
    """Return fair scores out of 100 for columns of marks in any order; a recused judge has no row.

    `maxima[k]` is the maximum of indicator k; if they do not sum to 100, everything is scaled so that they do.
    `judges` and `subjects` are the numbers of codes (default: the largest in use). Raises a `BadMarks` subclass.
    """
    sheets = collect(checked(judge, subject, indicator, mark, maxima, judges=judges, subjects=subjects))
    layout = lay_out(sheets)
    panel, judge_part = links.parts(sheets)
    counted = np.bincount(sheets.subject, minlength=sheets.subjects)
    cautions = _cautions(sheets, panel, counted)
    model = None if Caution.FEW in cautions else fit(layout)
    if model is None:
        score, error, freedom = few.plain_means(layout)
        middle, shared = float(score.mean()), None
    else:
        shared = uncertainty.covariance(model.equations(), judge_part[layout.judge_codes])
        score, error = model.score(), uncertainty.standard_errors(model, shared)
        middle, freedom = model.middle, model.degrees_of_freedom
    scores = np.full(sheets.subjects, min(max(middle, 0.0), 100.0))
    errors = np.full(sheets.subjects, UNMARKED_ERROR)
    scores[layout.subject_codes] = np.clip(score, 0.0, 100.0)
    errors[layout.subject_codes] = error
    freedoms = np.full(sheets.subjects, freedom)
    standings = Standings(scores, errors, freedoms, panel, counted, sheets, cautions, model)
    if shared is not None:
        standings.__dict__["shared"] = shared  # already worked out: spare the property the work
    return standings


def _cautions(sheets: Sheets, panel: Ints, counted: Ints) -> frozenset[Caution]:
    few_judges = np.unique(sheets.judge).size < few.ENOUGH
    found = {
        Caution.FEW: few_judges or int((counted > 0).sum()) < few.ENOUGH,
        Caution.SEPARATE: int(panel.max()) > 0,
        Caution.THIN: bool((counted == 1).any()),
        Caution.UNMARKED: bool((counted == 0).any()),
        Caution.UNFINISHED: sheets.unfinished > 0,
    }
    return frozenset(caution for caution, holds in found.items() if holds)


@dataclass(frozen=True)
class Named:
    """Standings with the ids behind the codes: `subjects[code]` and `judges[code]`."""

    standings: Standings
    subjects: tuple[Hashable, ...]
    judges: tuple[Hashable, ...]

    @property
    def scores(self) -> dict[Hashable, float]:
        """The fair score of every subject by its id."""
        return dict(zip(self.subjects, self.standings.score.tolist(), strict=True))


def fair_scores_by_id(
    rows: Iterable[tuple[Hashable, Hashable, Hashable, float]], maxima: Mapping[Hashable, float]
) -> Named:
    """Return fair scores for rows (judge, subject, indicator, mark) of any ids; `maxima` by indicator id.

    An indicator that `maxima` does not know raises `UnknownCode`.
    """
    judges: dict[Hashable, int] = {}
    subjects: dict[Hashable, int] = {}
    indicators = {name: number for number, name in enumerate(maxima)}
    columns = [
        (
            judges.setdefault(judge, len(judges)),
            subjects.setdefault(subject, len(subjects)),
            indicators.get(indicator, -1),
            mark,
        )
        for judge, subject, indicator, mark in rows
    ]
    judge_codes, subject_codes, indicator_codes, marks = zip(*columns, strict=True) if columns else ((), (), (), ())
    standings = fair_scores(
        np.array(judge_codes, dtype=np.int64),
        np.array(subject_codes, dtype=np.int64),
        np.array(indicator_codes, dtype=np.int64),
        marks,
        list(maxima.values()),
    )
    return Named(standings, tuple(subjects), tuple(judges))
