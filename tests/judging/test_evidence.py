"""Differences between judges and sheets count only where the marks speak for them."""

import numpy as np
import pytest

from bench.judging.scenarios import all_alike
from bench.judging.simulate import simulate
from tiejun_awards.judging import evidence, plain
from tiejun_awards.judging.layout import lay_out
from tiejun_awards.judging.marks import checked
from tiejun_awards.judging.sheets import collect
from tiejun_awards.judging.standings import fair_scores
from tiejun_awards.judging.steadiness import of_steadiness

from .committees import committee


def test_well_trained_judges_of_all_subjects_give_the_plain_mean():
    same = 0
    for seed in range(20):
        random = np.random.default_rng([99, seed])
        columns = simulate(random, all_alike(random)).columns
        difference = fair_scores(*columns).score - plain.mean(*columns).score
        same += bool(np.abs(difference).max() < 1e-9)

    assert same >= 17


def test_strays_are_believed_where_there_are_some():
    random = np.random.default_rng(3)
    honest = random.normal(size=400)
    mixed = np.concatenate([honest[:390], random.normal(0, 5, 10)])

    assert evidence.of_strays(1.0, honest) == 0
    assert evidence.of_strays(1.0, mixed) > 0.99
    assert evidence.of_strays(0.0, honest) == 1


def test_unlike_judges_are_believed_where_there_are_some():
    random = np.random.default_rng(4)
    free = np.full(8, 40.0)
    alike = 9.0 * random.chisquare(40, 8)
    unlike = alike * np.array([6.0, 1, 1, 1, 1, 1, 1, 1])
    error = np.full(8, 0.02**2)
    excess = random.normal(0, 0.02, 8)

    assert of_steadiness(1.0, alike, free, alike.sum() / 320) == 0
    assert of_steadiness(1.0, unlike, free, unlike.sum() / 320) > 0.99
    assert evidence.of_spreads(1.0, excess, error) == 0
    assert evidence.of_spreads(1.0, excess + np.linspace(-0.2, 0.2, 8), error) > 0.99


@pytest.mark.parametrize(("times", "expected"), [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (6.0, 0.5), (1e300, 1.0)])
def test_what_is_believed_is_the_margin(times, expected):
    with np.errstate(divide="ignore"):
        assert evidence.believed(1.0, np.log(np.array([times])), 0.0) == pytest.approx(expected)


def test_the_mean_is_no_yardstick_for_panels_by_lot():
    def of(**how):
        return evidence.completeness(lay_out(collect(checked(*committee(1, judges=10, subjects=20, **how)))))

    assert of() == 1
    assert of(each=7) == pytest.approx(0.5)
    assert of(each=4) == 0
    assert fair_scores(*committee(1, judges=10, subjects=20, each=4)).model.belief == evidence.Belief()
