"""How long and how much memory: ratios to the plainest mean there is, measured in the same run.

Each size runs in a process of its own (`python -m bench.judging.speed SUBJECTS JUDGES`), so that its peak of memory is
its own. Four judges a subject, twenty indicators, rows in random order; int64 codes, because the plain mean is quickest
on them.
"""

import json
import subprocess
import sys
from time import perf_counter

import numpy as np

from tiejun_awards.judging.standings import fair_scores

from .memory import peak_memory
from .scenarios import Array

INDICATORS = 20
EACH = 4


def columns(random: np.random.Generator, subjects: int, judges: int) -> tuple[tuple[Array, ...], Array]:
    """Return the columns of marks and the true scores; narrow types where the plain mean does not look."""
    merit = random.normal(74, 9, subjects)
    severity = random.normal(0, 4, judges)
    severity -= severity.mean()
    # Four different judges each: an offset and three different steps round the table.
    steps = np.stack([random.choice(judges - 1, EACH - 1, replace=False) + 1 for _ in range(min(subjects, 2000))])
    steps = np.concatenate([np.zeros((len(steps), 1), dtype=np.int64), steps], axis=1)
    sheet_judge = (random.integers(0, judges, (subjects, 1)) + steps[np.arange(subjects) % len(steps)]) % judges
    total = merit[:, None] + severity[sheet_judge] + random.normal(0, 3, sheet_judge.shape)
    rows = subjects * EACH * INDICATORS
    order = random.permutation(np.arange(rows, dtype=np.int32))
    sheet = order // INDICATORS
    indicator = (order % INDICATORS).astype(np.int8)
    del order
    judge = sheet_judge.astype(np.int32).ravel()[sheet]
    mark = (total.ravel() / 100.0).astype(np.float32)[sheet]
    mark += random.standard_normal(rows, dtype=np.float32) * np.float32(0.08)
    mark *= 10
    np.clip(np.round(mark, out=mark), 0, 10, out=mark)
    mark /= 2
    subject = sheet.astype(np.int64)
    subject //= EACH
    del sheet
    return (judge, subject, indicator, mark.astype(np.float64), np.full(INDICATORS, 5.0)), merit


def plain(subject: Array, mark: Array) -> Array:
    """The yardstick: the mean mark of every subject."""
    mean: Array = np.bincount(subject, mark) / np.bincount(subject)
    return mean


def run(subjects: int, judges: int, *, seed: int, repeats: int) -> dict[str, float]:
    """Return seconds (best of the repeats, taken in turns), error against the truth, coverage and peak memory."""
    table, merit = columns(np.random.default_rng(seed), subjects, judges)
    best, fair = np.inf, np.inf
    for _ in range(repeats):
        start = perf_counter()
        mean = plain(table[1], table[3])
        middle = perf_counter()
        standings = fair_scores(*table)
        best, fair = min(best, middle - start), min(fair, perf_counter() - middle)
    low, high = standings.interval(0.9)
    truth = merit
    return {
        "rows": table[3].size,
        "judges": judges,
        "plain": best,
        "fair": fair,
        "ratio": fair / best,
        "error": float(np.sqrt(np.mean((standings.score - truth) ** 2))),
        "plain error": float(np.sqrt(np.mean((mean * INDICATORS - truth) ** 2))),
        "covered": float(((low <= truth) & (truth <= high)).mean()),
        "passes": float(standings.model.passes if standings.model else 0),
        "peak MiB": peak_memory() / 1024,
    }


def in_own_process(subjects: int, judges: int, *, seed: int, repeats: int = 7) -> dict[str, float]:
    """Run one size in a fresh process and return its figures."""
    command = [sys.executable, "-m", "bench.judging.speed", str(subjects), str(judges), str(seed), str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    number = [int(value) for value in sys.argv[1:]]
    print(json.dumps(run(number[0], number[1], seed=number[2], repeats=number[3])))
