"""What the marks say of each judge: for the judge alone and the auditor, in 评委 1…n order drawn by lot elsewhere."""

from dataclasses import dataclass

import numpy as np

from .marks import Bools, Floats, Ints
from .sheets import Sheets
from .standings import Standings

OUTFIT_LIMIT = 2.0
"""Linacre: a mean square above 2 distorts the measurement; 0.5 to 1.5 is productive."""

DOUBTED_SHARE = 0.25
DOUBTED_LEAST = 3
HALF = 0.5


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """Arrays by judge code; a judge without a counted sheet has NaN. Points are out of 100.

    `severity` is positive for lenient (偏宽), negative for strict (偏严); `spread` above 1 is stretched. `noise_ratio`
    compares the judge's standard deviation with the committee's. `outfit` and `infit` are mean squares of the residuals
    over what was expected (1 is usual): outfit all sheets alike, infit the sure ones more. `doubted` counts the sheets
    that count less than half. `flagged` judges are worth a look: outfit above 2, or more than a quarter of at least
    three sheets doubted. A flag is a question, never a verdict.
    """

    sheets: Ints
    severity: Floats
    severity_error: Floats
    spread: Floats
    noise_ratio: Floats
    outfit: Floats
    infit: Floats
    doubted: Ints
    flagged: Bools


def judge_report(standings: Standings) -> JudgeReport | None:
    """Report on every judge, or return None where nothing was fitted."""
    model, shared = standings.model, standings.shared
    if model is None or shared is None:
        return None
    layout, codes, judges = model.layout, model.layout.judge_codes, standings.sheets.judges
    each = layout.by_judge(np.ones(layout.total.size))
    expected = model.committee_noise * np.maximum(1.0 - model.leverage, 0.05) / layout.cover
    squares = model.residual() ** 2
    outfit = layout.by_judge(squares / expected) / each
    doubted = layout.by_judge((model.weight < HALF).astype(np.float64))
    flagged = (outfit > OUTFIT_LIMIT) | ((each >= DOUBTED_LEAST) & (doubted > DOUBTED_SHARE * each))

    def spread(values: Floats) -> Floats:
        column = np.full(judges, np.nan)
        column[codes] = values
        return column

    def count(values: Floats) -> Ints:
        column = np.zeros(judges, dtype=np.int64)
        column[codes] = values
        return column

    return JudgeReport(
        sheets=count(each),
        severity=spread(model.severity),
        severity_error=spread(np.sqrt(shared.diagonal)),
        spread=spread(model.spread),
        noise_ratio=spread(np.sqrt(model.noise / model.committee_noise)),
        outfit=spread(outfit),
        infit=spread(layout.by_judge(squares) / layout.by_judge(expected)),
        doubted=count(doubted),
        flagged=count(flagged.astype(np.float64)) > 0,
    )


@dataclass(frozen=True, slots=True)
class SheetReport:
    """The counted sheets one by one: whose, on whom, its total, what it counts as corrected, and how much it counts.

    `distance` is in standard deviations from what the other judges say of the subject.
    """

    judge: Ints
    subject: Ints
    total: Floats
    corrected: Floats
    weight: Floats
    distance: Floats


def sheet_report(standings: Standings) -> SheetReport:
    """Report on every counted sheet, sorted by subject and judge; where nothing was fitted, as it came."""
    sheets: Sheets = standings.sheets
    model = standings.model
    if model is None:
        ones = np.ones(sheets.total.size)
        return SheetReport(sheets.judge, sheets.subject, sheets.total, sheets.total, ones, np.zeros(ones.size))
    return SheetReport(sheets.judge, sheets.subject, sheets.total, model.corrected(), model.weight, model.distance)


def adjustment(standings: Standings) -> Floats:
    """Return by subject code what the calibration adds to the plain mean (尺度校正); positive: strict judges."""
    sheets = standings.sheets
    counted = np.bincount(sheets.subject, minlength=sheets.subjects)
    plain = np.bincount(sheets.subject, sheets.total, minlength=sheets.subjects) / np.maximum(counted, 1)
    difference: Floats = np.where(counted > 0, standings.score - plain, 0.0)
    return difference
