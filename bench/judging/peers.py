"""What other products and the literature do with the same marks: each a function of the sheets to scores by subject.

PRODUCTS are the ways of reviewing and marking tools (conference systems, skating, wine, pairwise judging); RESEARCH
are the models of the literature that this product's own method grew from, shown to see what its parts are worth.
"""

from collections.abc import Callable

import numpy as np

from .scenarios import Array
from .simulate import Case

Sheet = tuple[Array, Array, Array]  # judge, subject, total


def sheets_of(case: Case) -> tuple[Array, Array, Array, Array]:
    """Return judge, subject and total of every sheet, and the marks, shape (sheets, indicators)."""
    judges = case.committee.severity.size
    key = case.subject * judges + case.judge
    keys, place = np.unique(key, return_inverse=True)
    marks = np.zeros((keys.size, case.committee.maxima.size))
    marks[place, case.indicator] = case.mark
    return keys % judges, keys // judges, marks.sum(axis=1), marks


def mean(judge: Array, subject: Array, total: Array) -> Array:
    return np.bincount(subject, total) / np.bincount(subject)


def _ranked(subject: Array, total: Array) -> list[Array]:
    order = np.lexsort((total, subject))
    return np.split(total[order], np.cumsum(np.bincount(subject))[:-1])


def median(judge: Array, subject: Array, total: Array) -> Array:
    return np.array([np.median(values) for values in _ranked(subject, total)])


def trimmed(judge: Array, subject: Array, total: Array) -> Array:
    """Olympic: without the highest and the lowest sheet where there are three."""
    return np.array([values[1:-1].mean() if values.size > 2 else values.mean() for values in _ranked(subject, total)])


def zscore(judge: Array, subject: Array, total: Array) -> Array:
    """Every judge's totals brought to the committee's mean and standard deviation."""
    counts = np.maximum(np.bincount(judge), 1)
    means = np.bincount(judge, total) / counts
    deviations = np.sqrt(np.bincount(judge, (total - means[judge]) ** 2) / np.maximum(counts - 1, 1))
    usual = np.sqrt(np.mean(deviations[counts > 1] ** 2)) if (counts > 1).any() else 1.0
    deviations = np.where(deviations > 1e-9, deviations, usual)
    return mean(judge, subject, total.mean() + usual * (total - means[judge]) / deviations[judge])


def _like_means(order: Array, judge: Array, subject: Array, total: Array) -> Array:
    """Give a ranking (worst first) the scale of the plain means."""
    scores = np.empty(order.size)
    scores[order] = np.sort(mean(judge, subject, total))
    return scores


def sorted_scores(judge: Array, subject: Array, total: Array) -> Array:
    """HotCRP's "counts": compare the best score first, then the second best, and so on; a ranking."""
    rows = _ranked(subject, np.round(total / 10))
    longest = max(row.size for row in rows)
    table = np.array([np.r_[row[::-1], np.full(longest - row.size, -1.0)] for row in rows])
    return _like_means(np.lexsort(table.T[::-1]), judge, subject, total)


def pairwise(judge: Array, subject: Array, total: Array) -> Array:
    """Bradley-Terry on every pair a judge ranked (gavel's model without its annotator quality); a ranking."""
    subjects = int(subject.max()) + 1
    wins = np.zeros((subjects, subjects))
    for number in np.unique(judge):
        mine = np.flatnonzero(judge == number)
        better = np.sign(total[mine, None] - total[None, mine])
        wins[np.ix_(subject[mine], subject[mine])] += (better > 0) + 0.5 * (better == 0)
    np.fill_diagonal(wins, 0)
    games = wins + wins.T
    strength = np.zeros(subjects)
    for _ in range(30):
        chance = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
        slope = (wins - games * chance).sum(axis=1) - strength
        curve = games * chance * (1 - chance)
        hessian = np.diag(curve.sum(axis=1) + 1.0) - curve
        strength += np.linalg.solve(hessian, slope)
    return _like_means(np.argsort(strength, kind="stable"), judge, subject, total)


def additive(judge: Array, subject: Array, total: Array) -> Array:
    """Subject + judge by least squares (Fisher's incomplete blocks)."""
    return _two_way(judge, subject, total, np.ones(total.size))


def confident(judge: Array, subject: Array, total: Array) -> Array:
    """The same, each judge weighted by steadiness (MacKay and others 2017, with confidence estimated)."""
    weight = np.ones(total.size)
    for _ in range(10):
        scores, severity = _two_way_both(judge, subject, total, weight)
        rest = (total - scores[subject] - severity[judge]) ** 2
        counts = np.bincount(judge)
        own = (np.bincount(judge, rest) + 4 * rest.mean()) / (counts + 4)
        weight = 1 / own[judge]
    return _two_way(judge, subject, total, weight)


def _two_way(judge: Array, subject: Array, total: Array, weight: Array) -> Array:
    return _two_way_both(judge, subject, total, weight)[0]


def _two_way_both(
    judge: Array, subject: Array, total: Array, weight: Array, *, pull: float = 1e-6
) -> tuple[Array, Array]:
    judges = int(judge.max()) + 1
    heavy = np.bincount(subject, weight)
    table = np.zeros((heavy.size, judges))
    np.add.at(table, (subject, judge), weight)
    matrix = np.diag(table.sum(axis=0) + pull * weight.mean()) - table.T @ (table / heavy[:, None])
    raw = np.bincount(subject, weight * total) / heavy
    severity = np.linalg.solve(matrix, np.bincount(judge, weight * (total - raw[subject]), minlength=judges))
    severity -= severity.mean()
    return raw - table @ severity / heavy, severity


def random_effects(judge: Array, subject: Array, total: Array) -> Array:
    """Subject + judge as random effects (Cortes and Lawrence 2014), variances by EM; scores pulled to the mean."""
    subjects, judges = int(subject.max()) + 1, int(judge.max()) + 1
    level, merit, severe, noise = total.mean(), 80.0, 16.0, 16.0
    table = np.zeros((subjects, judges))
    table[subject, judge] = 1.0
    for _ in range(40):
        heavy = table.sum(axis=1) / noise + 1 / merit
        inverse = np.linalg.inv(
            np.diag(table.sum(axis=0) / noise + 1 / severe) - table.T @ (table / heavy[:, None]) / noise**2
        )
        right = np.bincount(subject, total - level) / noise
        severity = inverse @ (
            np.bincount(judge, total - level, minlength=judges) / noise - table.T @ (right / heavy) / noise
        )
        scores = (right - table @ severity / noise) / heavy
        lift = table / noise / heavy[:, None]
        unsure = 1 / heavy + np.einsum("ij,jk,ik->i", lift, inverse, lift)
        rest = total - level - scores[subject] - severity[judge]
        free = (1 - 1 / noise / heavy[subject] - np.diag(inverse)[judge] / noise).clip(0.05).sum()
        level += severity.mean() + scores.mean()
        merit = max(0.25, np.mean(scores**2 + unsure))
        severe = max(0.01, np.mean(severity**2 + np.diag(inverse)))
        noise = max(0.25, float(rest @ rest) / free)
    pulled: Array = np.clip(level + scores, 0, 100)
    return pulled


PRODUCTS: dict[str, Callable[[Array, Array, Array], Array]] = {
    "mean": mean,
    "median": median,
    "trimmed": trimmed,
    "z-score": zscore,
    "counts": sorted_scores,
    "pairwise": pairwise,
}
RESEARCH: dict[str, Callable[[Array, Array, Array], Array]] = {
    "additive": additive,
    "confident": confident,
    "random effects": random_effects,
}


def trimmed_indicators(case: Case, subject: Array, marks: Array) -> Array:
    """Skating's way: without the highest and lowest mark of every single indicator."""
    order = np.argsort(subject, kind="stable")
    groups = np.split(marks[order], np.cumsum(np.bincount(subject))[:-1])
    return np.array(
        [np.sort(g, axis=0)[1:-1].mean(axis=0).sum() if len(g) > 2 else g.mean(axis=0).sum() for g in groups]
    )
