"""Marks as a committee would give them, the true scores, and what an oracle makes of the same marks."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from .scenarios import Array, Committee, Random

FLOORS = (58.0, 66.0, 74.0, 82.0)
"""Thresholds of the simulated stars, in the thick of the marks, where they are hardest to meet."""

STEP = 0.5


@dataclass(slots=True)
class Case:
    """One replicate: the columns of marks, the truth by subject, the oracle's scores, and the committee behind them."""

    committee: Committee
    judge: Array
    subject: Array
    indicator: Array
    mark: Array
    truth: Array
    oracle: Array

    @property
    def columns(self) -> tuple[Array, Array, Array, Array, Array]:
        """The arguments of every method."""
        return self.judge, self.subject, self.indicator, self.mark, self.committee.maxima


def simulate(random: Random, committee: Committee) -> Case:
    """Draw marks: bounded, in half points, in random order of rows."""
    judge, subject = np.nonzero(committee.panel)
    maxima = committee.maxima
    profile = random.normal(0, 0.05, (committee.merit.size, maxima.size))
    profile -= profile @ maxima[:, None] / 100.0
    usual = committee.merit[:, None] / 100.0 + profile
    halo = committee.noise[judge] * random.normal(0, committee.halo, judge.size) / 100.0
    jitter = committee.noise[judge, None] * random.normal(0, committee.jitter, (judge.size, maxima.size))
    spread = committee.spread[judge]
    shift = (committee.severity + (1 - committee.spread) * 74.0)[judge] + committee.favour[judge, subject]
    share = spread[:, None] * usual[subject] + (shift / 100.0 + halo)[:, None] + jitter
    marks = np.clip(np.round(share * maxima / STEP) * STEP, 0, maxima)

    width = np.sqrt((committee.halo / 100.0) ** 2 + committee.jitter**2)
    truth = _bounded_mean(usual, width) @ maxima
    # The oracle takes off every systematic effect exactly; what the judge's own noise did remains.
    share = usual[subject] + (halo[:, None] + jitter) / spread[:, None]
    fair = np.clip(np.round(share * maxima / STEP) * STEP, 0, maxima)
    mean = _bounded_mean(usual[subject], width * (committee.noise[judge] / spread)[:, None])
    known = fair.sum(axis=1) - mean @ maxima + truth[subject]
    weight = (spread / committee.noise[judge]) ** 2
    oracle = np.bincount(subject, weight * known) / np.bincount(subject, weight)

    rows = random.permutation(marks.size)
    sheet, indicator = np.divmod(rows, maxima.size)
    return Case(committee, judge[sheet], subject[sheet], indicator, marks.ravel()[rows], truth, oracle)


def _bounded_mean(share: Array, width: Array | float) -> Array:
    """Return the mean of a normal share of the maximum after it was cut to 0..1."""
    low, high = -share / width, (1 - share) / width
    density = (np.exp(-0.5 * low**2) - np.exp(-0.5 * high**2)) / np.sqrt(2 * np.pi)
    inside = ndtr(high) - ndtr(low)
    mean: Array = share * inside + width * density + (1 - ndtr(high))
    return mean
