"""Trials that are no averages over marks as they come: a planted mark, other labels, edge cases, weight and haste."""

import subprocess
import sys
from collections.abc import Callable
from time import perf_counter

import numpy as np

from tiejun_awards.judging import plain
from tiejun_awards.judging.standings import Caution, Standings, fair_scores

from .rows import Row
from .scenarios import FAMILIES, Array, Committee, Random, separate_panels
from .simulate import Case, simulate
from .speed import in_own_process


def favour(seed: int, replicates: int) -> list[Row]:
    """One judge gives a middling subject full marks: how many ranks does it gain?"""
    gains: dict[str, list[float]] = {"fair": [], "trimmed": [], "mean": []}
    methods = {"fair": fair_scores, "trimmed": plain.mean_without_extremes, "mean": plain.mean}
    for number, (family, draw) in enumerate(FAMILIES.items()):
        if family == "pilot":
            continue
        for replicate in range(replicates):
            random = np.random.default_rng([seed, 1000 + number, replicate])
            case = simulate(random, draw(random))
            middling = int(np.argsort(case.truth)[case.truth.size // 2])
            chosen = random.choice(np.unique(case.judge[case.subject == middling]))
            mine = (case.judge == chosen) & (case.subject == middling)
            pushed = np.where(mine, case.committee.maxima[case.indicator], case.mark)
            for name, method in methods.items():
                before, after = (
                    method(case.judge, case.subject, case.indicator, mark, case.committee.maxima).score
                    for mark in (case.mark, pushed)
                )
                risen = (before > before[middling]).sum() - (after > after[middling]).sum()
                gains[name].append(float(risen) / case.truth.size)
    fair, trimmed, mean = (float(np.mean(gains[name])) for name in ("fair", "trimmed", "mean"))
    return [
        Row("ranks gained by one judge's full marks / trimmed mean", fair / trimmed, high=0.5),
        Row("ranks gained by one judge's full marks / mean", fair / mean, high=0.2),
    ]


def labels(seed: int, replicates: int) -> list[Row]:
    """Rename judges, subjects and indicators and shuffle the rows."""
    worst = 0.0
    for number, draw in enumerate(FAMILIES.values()):
        for replicate in range(replicates):
            random = np.random.default_rng([seed, 2000 + number, replicate])
            case = simulate(random, draw(random))
            before, after, name = _renamed(case, random)
            worst = max(worst, float(np.abs(before.score - after.score[name]).max()))
    return [Row("largest change by other labels and another order of rows", worst, high=0.01, unit="points")]


def _renamed(case: Case, random: Random) -> tuple[Standings, Standings, Array]:
    judge, subject, indicator, mark, maxima = case.columns
    order = random.permutation(mark.size)
    name = random.permutation(case.truth.size)
    other = random.permutation(case.committee.severity.size)
    item = random.permutation(maxima.size)
    tops = np.empty(maxima.size)
    tops[item] = maxima
    after = fair_scores(other[judge[order]], name[subject[order]], item[indicator[order]], mark[order], tops)
    return fair_scores(*case.columns), after, name


def edges(seed: int) -> list[Row]:
    """Committees at the edge of what can be judged; counts those with an unusable score or no doubt at all."""
    nan = np.nan
    tables = {
        "one mark": [[80.0]],
        "one judge": [[80.0, 70, 90]],
        "one subject": [[80.0], [70], [90], [60]],
        "all equal": [[70.0] * 6] * 5,
        "all full": [[100.0] * 6] * 5,
        "all zero": [[0.0] * 6] * 5,
        "nobody linked": [[80.0, nan, nan], [nan, 70, nan], [nan, nan, 60]],
        "opposed": [[0.0, 100, 0, 100]] * 2 + [[100, 0, 100, 0]] * 2,
    }
    failed = 0
    for table in tables.values():
        marks = np.array(table)
        judge, subject = np.nonzero(~np.isnan(marks))
        found = fair_scores(judge, subject, np.zeros_like(judge), marks[judge, subject], [100.0])
        sane = np.isfinite(found.score).all() and (found.score >= 0).all() and (found.score <= 100).all()
        failed += not (sane and np.isfinite(found.standard_error).all() and (found.standard_error > 0).all())
    missed = 0
    for replicate in range(20):
        random = np.random.default_rng([seed, 3000, replicate])
        missed += not _parts_named(random, separate_panels(random))
    return [
        Row("edge cases without a finite score in 0..100 and a doubt", failed, high=0, unit=f"of {len(tables)}"),
        Row("separate panels not recognised and named", missed, high=0, unit="of 20"),
    ]


def _parts_named(random: Random, committee: Committee) -> bool:
    case = simulate(random, committee)
    found = fair_scores(*case.columns)
    judges_of = [set(np.flatnonzero(committee.panel[:, subject])) for subject in range(case.truth.size)]
    apart = all(
        found.panel[one] == found.panel[other]
        for one in range(len(judges_of))
        for other in range(one)
        if judges_of[one] & judges_of[other]
    )
    return apart and Caution.SEPARATE in found.cautions and int(found.panel.max()) > 0


def haste(seed: int, *, large: bool) -> list[Row]:
    """Time as a ratio to the plain mean of the same run, memory, a department's cycle, and the import."""
    rows = []
    million: dict[str, float] = {}
    for judges, most in ((40, 50.0), (833, 100.0)):
        million = figures = in_own_process(12_500, judges, seed=seed)
        rows.append(Row(f"1,000,000 marks, {judges} judges: time / plain mean", figures["ratio"], high=most))
        rows.append(Row(f"1,000,000 marks, {judges} judges: memory", figures["peak MiB"], high=250, unit="MiB"))
        rows.append(Row(f"1,000,000 marks, {judges} judges: coverage", figures["covered"], 0.86, 0.97))
    if large:
        figures = in_own_process(312_500, 20_833, seed=seed, repeats=3)
        rows.append(Row("25,000,000 marks: time / plain mean", figures["ratio"], high=45))
        rows.append(Row("25,000,000 marks: memory", figures["peak MiB"], high=1536, unit="MiB"))
        rows.append(Row("25,000,000 marks: coverage", figures["covered"], 0.86, 0.97))
        # Linear over the two sizes promised above, of one density: the plain mean grows by half in time a mark,
        # since what it gathers from no longer fits the processor's cache.
        growth = figures["fair"] / million["fair"] / 25
        rows.append(Row("25,000,000 marks: time a mark / that of 1,000,000, 833 judges", growth, high=1.5))
    rows.append(Row("a department's cycle (36 x 9 x 6)", 1000 * _cycle(seed), high=30, unit="ms"))
    rows.append(Row("memory added by the import", _import_weight(), high=60, unit="MB"))
    return rows


def _cycle(seed: int) -> float:
    random = np.random.default_rng([seed, 4000])
    judge, subject, indicator = (axis.ravel() for axis in np.indices((9, 36, 6)))
    share = (random.normal(74, 9, 36)[subject] + random.normal(0, 4, 9)[judge]) / 100
    mark = np.clip(np.round((share + random.normal(0, 0.08, share.size)) * 7) / 2, 0, 3.5)

    def once() -> float:
        start = perf_counter()
        fair_scores(judge, subject, indicator, mark, np.full(6, 3.5))
        return perf_counter() - start

    return min(once() for _ in range(7))


def _import_weight() -> float:
    script = (
        "from bench.judging.memory import peak_memory; before = peak_memory();"
        "import tiejun_awards.judging.standings, tiejun_awards.judging.chances, tiejun_awards.judging.plain,"
        "tiejun_awards.judging.judges, tiejun_awards.judging.agreement; print((peak_memory() - before) * 1024 / 1e6)"
    )
    weights = [
        float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    return min(weights)


TRIALS: list[Callable[..., list[Row]]] = [favour, labels, edges, haste]
