"""The model of a committee and its fit: how strict, how stretched and how steady every judge is.

A sheet's total is  level + spread*(subject - level) + severity + noise.  Severity and spread belong to the judge,
the noise is as large as the judge is unsteady, and all are pulled towards the committee's own average as far as
little data demands. Sources: the crossed random-effects models used to calibrate conference reviews (Platt and
Burges; Ge, Welling and Ghahramani 2013; MacKay and others 2017), the spread of Flach and others 2009, and robust
weights on leave-one-out residuals. docs/judging.md derives every line and works one example by hand.
"""

from dataclasses import dataclass

import numpy as np

from . import evidence, robust
from .evidence import Belief
from .layout import Layout
from .marks import Floats
from .solve import Equations, conjugate_gradients, is_small
from .steadiness import of_steadiness, steadied

SHEETS_FOR_SPREAD = 8
"""A judge's spread can be told from noise only if the median judge has this many sheets."""

USUAL_SEVERITY = 3.0**2
"""Variance of the judges' severities expected beforehand (points squared),"""

SEVERITY_PRIOR = 1.0
"""worth as much as this many judges whose severity is known: three or four judges alone could not tell it from none."""

USUAL_SPREAD = 0.06**2
"""Variance of the judges' spreads expected beforehand,"""

SPREAD_PRIOR = 1.0
"""worth as much as this many judges whose spread is known."""

MATCHING_PRIOR = 2.0
"""Standard deviation of how strongly good subjects may have been sent to lenient or strict judges."""

STEP = 0.9
"""How far a pass moves each robust weight towards its new value: not quite all the way, so that none swings."""

LEAST_NOISE = 0.25
"""Smallest noise variance of a sheet (points squared): marks come in steps, so nobody agrees more closely than that."""


@dataclass(slots=True)
class Fit:
    """What the fit found; arrays by the layout's subject (s), judge (j) or sheet (f) numbers, in points out of 100."""

    layout: Layout
    middle: float  # the committee's level
    level: Floats  # s: shrunk level of the subject
    severity: Floats  # j: positive is lenient
    spread: Floats  # j: 1 is usual, below 1 squeezed
    noise: Floats  # j: variance of one full sheet
    weight: Floats  # f: robust weight
    distance: Floats  # f: standard deviations from what the others say
    strays: float  # share of sheets far from the others
    committee_noise: float
    merit_variance: float
    severity_variance: float
    spread_variance: float
    matching: float
    expected: Floats  # s: level expected before any mark
    severity_error: Floats  # j: variance of the severity
    spread_error: Floats  # j: variance of the spread
    leverage: Floats  # f
    precision: Floats  # f: weight * cover / noise
    passes: int
    belief: Belief  # how far strays and unlike judges are believed

    @property
    def degrees_of_freedom(self) -> float:
        return max(3.0, float(self.weight @ (1.0 - self.leverage)))

    @property
    def believed_strays(self) -> float:
        return self.strays * self.belief.strays

    def equations(self) -> Equations:
        """Return the linear conditions at the present weights."""
        layout, spread = self.layout, self.spread[self.layout.judge]
        pull = 1.0 / self.merit_variance
        cross = self.precision * spread
        subject = layout.by_subject(cross * spread) + pull
        judge = layout.by_judge(self.precision) + 1.0 / self.severity_variance
        cross -= pull * self.matching * layout.share
        return Equations(layout, cross, subject, judge, pull * self.matching**2)

    def corrected(self) -> Floats:
        """Return every sheet's total with the judge's severity and spread taken off (f)."""
        judge = self.layout.judge
        return self.middle + (self.layout.total - self.middle - self.severity[judge]) / self.spread[judge]

    def residual(self) -> Floats:
        """Return how far every sheet lies from what the model says it should be (f)."""
        judge, subject = self.layout.judge, self.layout.subject
        told = self.middle + self.spread[judge] * (self.level - self.middle)[subject] + self.severity[judge]
        return self.layout.total - told

    def score(self) -> Floats:
        """Return the weighted mean of the corrected sheets of each subject, not pulled to the average (s)."""
        judge = self.layout.judge
        cross = self.precision * self.spread[judge]
        above = self.layout.total - self.middle - self.severity[judge]
        return self.middle + self.layout.by_subject(cross * above) / self.layout.by_subject(cross * self.spread[judge])


def fit(layout: Layout) -> Fit:
    """Fit the model by alternating a linear solve with updates of weights and variances, from a fixed start."""
    found = _start(layout)
    equations = _come_to_rest(found)
    doubt = evidence.completeness(layout)
    if doubt > 0.0:
        found.belief = _belief(found, equations, doubt)
        found.weight = 1.0 - found.belief.strays * (1.0 - found.weight)
        _come_to_rest(found)
    return found


def _come_to_rest(found: Fit) -> Equations:
    """Repeat solve and updates until no level moves."""
    small = is_small(found.layout)
    # In a small set every subject comes to rest; in a large one, all but one in fifty; the rest is within 0.02 point.
    tolerance, most, restless = (0.001, 100, 0.0) if small else (0.01, 40, 0.02)
    before = found.level
    for number in range(1, most + 1):
        equations = _solve(found, small, tolerance)
        _steadiness(found)
        _spreads(found, equations)
        _variances(found, equations)
        _weights(found)
        found.passes += 1
        moving = np.abs(found.level - before) >= tolerance
        before = found.level
        if number > 3 and float(moving.mean()) <= restless:
            break
    return _solve(found, small, tolerance / 10)


def _belief(found: Fit, equations: Equations, doubt: float) -> Belief:
    """Return how far the differences found are believed, by their likelihood against that of none."""
    squares, free = _squares(found)
    slope, error = _slopes(found, equations)
    return Belief(
        strays=evidence.of_strays(doubt, _distances(found, found.noise)),
        steadiness=of_steadiness(doubt, squares, free, found.committee_noise),
        spread=evidence.of_spreads(doubt, slope - slope.mean(), error),
    )


def _start(layout: Layout) -> Fit:
    """Plain means: of each subject's sheets, then of each judge's differences from them."""
    judges, sheets = layout.judges, layout.total.size
    each = layout.by_judge(np.ones(sheets))
    level = layout.by_subject(layout.share * layout.total)
    severity = layout.by_judge(layout.total - level[layout.subject]) / each
    severity -= severity.mean()
    rest = layout.total - severity[layout.judge]
    level = layout.by_subject(layout.share * rest)
    noise = max(LEAST_NOISE, 1.5 * float(np.mean((rest - level[layout.subject]) ** 2)))
    return Fit(
        layout=layout,
        middle=float(level.mean()),
        level=level,
        severity=severity,
        spread=np.ones(judges),
        noise=np.full(judges, noise),
        weight=np.ones(sheets),
        distance=np.zeros(sheets),
        strays=robust.USUAL_STRAYS,
        committee_noise=noise,
        merit_variance=max(LEAST_NOISE, float(level.var())),
        severity_variance=max(LEAST_NOISE, float(severity.var())),
        spread_variance=0.01 if float(np.median(each)) >= SHEETS_FOR_SPREAD else 0.0,
        matching=0.0,
        expected=np.full(layout.subjects, float(level.mean())),
        severity_error=np.zeros(judges),
        spread_error=np.zeros(judges),
        leverage=np.zeros(sheets),
        precision=layout.cover / noise,
        passes=0,
        belief=Belief(),
    )


def _solve(found: Fit, small: bool, tolerance: float) -> Equations:
    """Set severities and levels for the present weights, spreads and variances; keep the committee's level free."""
    layout = found.layout
    judge, subject = layout.judge, layout.subject
    spread = found.spread[judge]
    found.precision = found.weight * layout.cover / found.noise[judge]
    equations = found.equations()
    above = layout.total - found.middle * (1.0 - spread)
    pull = 1.0 / found.merit_variance
    right = layout.by_subject(found.precision * spread * above) + pull * found.middle
    target = found.precision * above - equations.cross * (right / equations.subject_precision)[subject]
    target = layout.by_judge(target - pull * found.matching * found.middle * layout.share)
    if small:
        inverse = np.linalg.inv(equations.matrix())
        severity = inverse @ target
        # On the committee's own scale: what the severities have in common is not an error.
        row = inverse.mean(axis=0)
        found.severity_error = np.maximum(np.diag(inverse) - 2 * row + row.mean(), 0.0)
    else:
        found.severity_error = 1.0 / equations.diagonal()
        severity = conjugate_gradients(
            equations, target, found.severity, scale=found.severity_error, tolerance=tolerance / 3
        )
    levels = right / equations.subject_precision + equations.levels(severity[judge])
    # The committee's level is whatever makes its severities average to nothing.
    shift = float(severity.mean())
    found.severity = severity - shift
    found.level = levels + shift
    share = found.precision * spread**2 / equations.subject_precision[subject]
    found.leverage = np.minimum(share + found.precision * found.severity_error[judge] * (1.0 - share) ** 2, 1.0)
    return equations


def _steadiness(found: Fit) -> None:
    """Set the noise of the committee and of every judge, steadied by the committee's."""
    squares, free = _squares(found)
    noise = max(LEAST_NOISE, float(squares.sum()) / max(3.0, float(free.sum())))
    apart = found.belief.steadiness
    own = 1.0 / (apart / steadied(squares, free, noise) + (1.0 - apart) / noise)
    found.committee_noise = noise
    found.noise = np.clip(own, max(LEAST_NOISE, 0.25 * noise), 25.0 * noise)


def _squares(found: Fit) -> tuple[Floats, Floats]:
    """Return every judge's sum of squared residuals and its degrees of freedom."""
    squares = found.weight * found.layout.cover * found.residual() ** 2 / robust.consistency(found.believed_strays)
    return found.layout.by_judge(squares), found.layout.by_judge(found.weight * (1.0 - found.leverage))


def _spreads(found: Fit, equations: Equations) -> None:
    """Set every judge's spread: the slope of the sheets on the subjects' levels, pulled to 1."""
    if found.spread_variance == 0.0:
        return
    slope, error = _slopes(found, equations)
    found.spread_error = 1.0 / (1.0 / error + 1.0 / found.spread_variance)
    spread = 1.0 + found.belief.spread * (slope - 1.0) * found.spread_error / error
    found.spread = np.clip(spread / spread.mean(), 0.2, 5.0)


def _slopes(found: Fit, equations: Equations) -> tuple[Floats, Floats]:
    """Return the slope of every judge's sheets on the subjects' levels, and its variance."""
    subject = found.layout.subject
    unsure = 1.0 / equations.subject_precision
    return found.layout.slopes(found.precision, (found.level - found.middle)[subject], unsure[subject])


def _variances(found: Fit, equations: Equations) -> None:
    """Set the middle, the matching and the variances: mean squares plus what is still unsure (EM)."""
    layout = found.layout
    error = found.severity_error[layout.judge]
    lean = -equations.cross / equations.subject_precision[layout.subject]  # of the level on each severity
    lenient = layout.by_subject(found.severity[layout.judge] * layout.share)
    found.middle = float((found.level - found.matching * lenient).mean())
    moment = float((lean * layout.share) @ error)
    square = float(layout.share**2 @ error)
    together = float((found.level - found.middle) @ lenient) + moment
    alone = float(lenient @ lenient) + square
    found.matching = together / (alone + found.merit_variance / MATCHING_PRIOR**2)
    found.expected = found.middle + found.matching * lenient
    unsure = float(lean**2 @ error) - 2 * found.matching * moment + found.matching**2 * square
    unsure += float((1.0 / equations.subject_precision).sum())
    squares = float(np.sum((found.level - found.expected) ** 2))
    found.merit_variance = max(LEAST_NOISE, (squares + unsure) / layout.subjects)
    severity = float(np.sum(found.severity**2 + found.severity_error))
    found.severity_variance = (USUAL_SEVERITY * SEVERITY_PRIOR + severity) / (SEVERITY_PRIOR + layout.judges)
    if found.spread_variance > 0.0:
        # Mean squares plus unsureness would creep for a hundred passes here; squares over what was learned does not.
        learned = float((1.0 - found.spread_error / found.spread_variance).sum())
        squares = float(((found.spread - 1.0) ** 2).sum())
        found.spread_variance = (USUAL_SPREAD * SPREAD_PRIOR + squares) / (SPREAD_PRIOR + max(learned, 0.0))


def _weights(found: Fit) -> None:
    """Set each sheet's robust weight by its distance from what the OTHER judges say of the subject."""
    found.distance = _distances(found, np.minimum(found.noise, found.committee_noise))
    found.strays = robust.share_of_strays(found.distance, found.strays)
    found.weight += STEP * (robust.weight(found.distance, found.believed_strays) - found.weight)
    found.precision = found.weight * found.layout.cover / found.noise[found.layout.judge]


def _distances(found: Fit, noise: Floats) -> Floats:
    """Return how far each sheet lies from what the others say, in standard deviations for such noise of the judges."""
    layout = found.layout
    judge, subject = layout.judge, layout.subject
    spread = found.spread[judge]
    cross = found.precision * spread
    said = layout.total - found.middle * (1.0 - spread) - found.severity[judge]
    pull = 1.0 / found.merit_variance
    precision = layout.by_subject(cross * spread) + pull
    right = layout.by_subject(cross * said) + pull * found.expected
    others = np.maximum(precision[subject] - cross * spread, 1e-12)
    without = (right[subject] - cross * said) / others
    variance = noise[judge] / layout.cover + spread**2 / others + found.severity_error[judge]
    return (said - spread * without) / np.sqrt(variance)
