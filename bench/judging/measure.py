"""One replicate of one family: every method on the same marks, measured against the truth."""

from collections import defaultdict
from fractions import Fraction

import numpy as np

from tiejun_awards.judging.chances import star_chances
from tiejun_awards.judging.outcomes import Rules, settle
from tiejun_awards.judging.rounding import hundredths
from tiejun_awards.judging.standings import Standings, fair_scores

from . import peers
from .scenarios import Array
from .simulate import FLOORS, Case

Figures = dict[str, dict[str, list[float]]]  # method -> measure -> one figure a replicate


def rules_of(case: Case) -> Rules:
    floors = tuple(round(100 * floor) for floor in FLOORS)
    return Rules(floors, lowest=1, quota=Fraction(case.committee.quota).limit_denominator(1000))


def scores_of(case: Case, *, research: bool = True) -> tuple[dict[str, Array], Standings]:
    """Return the scores of every method by name, and our own standings."""
    judge, subject, total, marks = peers.sheets_of(case)
    methods = {**peers.PRODUCTS, **(peers.RESEARCH if research else {})}
    scores = {name: method(judge, subject, total) for name, method in methods.items()}
    scores["trimmed marks"] = peers.trimmed_indicators(case, subject, marks)
    standings = fair_scores(*case.columns)
    scores["fair"] = standings.score
    return scores, standings


def measure(case: Case, figures: Figures, *, research: bool = True, draws: int = 400, seed: int = 1) -> None:
    """Add one replicate's figures: wrong stars, squared error, tau-b, top-k overlap; for ours also honesty."""
    rules = rules_of(case)
    true_stars = settle(hundredths(case.truth), rules).star
    k = rules.places(case.truth.size)
    best = set(np.argsort(-case.truth)[:k].tolist())
    scores, standings = scores_of(case, research=research)
    for name, values in {**scores, "oracle": case.oracle}.items():
        star = settle(hundredths(values), rules).star
        of = figures[name]
        of["wrong"].append(float((star != true_stars).mean()))
        of["square"].append(float(((values - case.truth) ** 2).mean()))
        of["tau"].append(tau_b(values, case.truth))
        of["top"].append(len(best & set(np.argsort(-values)[:k].tolist())) / k)
    low, high = standings.interval(0.9)
    mine = figures["fair"]
    mine["covered"].append(float(((low <= case.truth) & (case.truth <= high)).mean()))
    star = settle(hundredths(standings.score), rules).star
    chances = star_chances(standings, rules, seed=seed, draws=draws)
    stated = chances.of(star)
    mine["stated"].append(float(stated.mean()))
    mine["right"].append(float((star == true_stars).mean()))
    chosen = np.argsort(-standings.score)[:k]
    mine["top stated"].append(chances.of_top(chosen))
    sure = stated >= 0.8
    if sure.any():
        mine["sure stated"].append(float(stated[sure].mean()))
        mine["sure right"].append(float((star == true_stars)[sure].mean()))


def tau_b(one: Array, other: Array) -> float:
    """Kendall's tau-b: agreement of two rankings, ties taken into account."""
    left, right = np.triu_indices(one.size, 1)
    a, b = np.sign(one[left] - one[right]), np.sign(other[left] - other[right])
    ties = float(np.sqrt(float(a @ a) * float(b @ b)))
    return float(a @ b) / ties if ties else 0.0


def new_figures() -> Figures:
    return defaultdict(lambda: defaultdict(list))
