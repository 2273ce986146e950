"""The simulator is part of the evidence, so it is tested too."""

import numpy as np
import pytest

from bench.judging import peers
from bench.judging.measure import measure, new_figures, tau_b
from bench.judging.rows import Row
from bench.judging.scenarios import COMPLETE, FAMILIES, Committee
from bench.judging.simulate import simulate


def draw(family, seed):
    random = np.random.default_rng(seed)
    return simulate(random, FAMILIES[family](random))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_gives_marks_that_can_be_measured(family):
    case, again = draw(family, 1), draw(family, 1)
    figures = new_figures()

    measure(case, figures, draws=50)

    assert case.mark.tolist() == again.mark.tolist()
    assert ((case.mark >= 0) & (case.mark <= case.committee.maxima[case.indicator])).all()
    assert case.committee.panel.any(axis=0).all()
    assert {"fair", "oracle", "trimmed", "additive"} <= figures.keys()
    if family in COMPLETE:
        assert case.committee.panel.mean() > 0.8


def test_the_truth_is_what_many_average_judges_would_give():
    random = np.random.default_rng(2)
    judges = 4000
    committee = Committee(
        merit=np.array([55.0, 74, 93]),
        panel=np.ones((judges, 3), dtype=bool),
        severity=np.zeros(judges),
        spread=np.ones(judges),
        noise=np.ones(judges),
        favour=np.zeros((judges, 3)),
    )

    case = simulate(random, committee)
    judge, subject, total, _ = peers.sheets_of(case)

    assert peers.mean(judge, subject, total) == pytest.approx(case.truth, abs=0.3)
    assert case.oracle == pytest.approx(case.truth, abs=0.3)


def test_peers_do_what_their_products_say():
    judge, subject = np.array([0, 1, 2, 0, 1, 2]), np.array([0, 0, 0, 1, 1, 1])
    total = np.array([90.0, 80, 40, 70, 60, 20])

    assert peers.mean(judge, subject, total).tolist() == [70, 50]
    assert peers.median(judge, subject, total).tolist() == [80, 60]
    assert peers.trimmed(judge, subject, total).tolist() == [80, 60]
    assert peers.pairwise(judge, subject, total).tolist() == [70, 50]
    assert peers.sorted_scores(judge, subject, total).tolist() == [70, 50]
    assert np.ptp(peers.zscore(judge, subject, total)) == pytest.approx(20)
    assert np.ptp(peers.additive(judge, subject, total)) == pytest.approx(20)


def test_tau_b_counts_pairs_in_the_same_order():
    assert tau_b(np.array([1.0, 2, 3]), np.array([1.0, 2, 3])) == pytest.approx(1)
    assert tau_b(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])) == pytest.approx(-1)
    assert tau_b(np.array([1.0, 1, 1]), np.array([3.0, 2, 1])) == 0


def test_a_row_is_met_between_its_bounds():
    assert Row("x", 0.5, high=0.5).met
    assert not Row("x", 0.51, high=0.5).met
    assert not Row("x", float("nan"), high=0.5).met
