import subprocess
import sys

import numpy as np
import pytest

from tiejun_awards.judging import uncertainty
from tiejun_awards.judging.standings import fair_scores

from .committees import committee, from_marks


def two_panels(seed):
    """One panel of three judges, another of eight, no link between them."""
    random = np.random.default_rng(seed)
    merit = random.normal(74, 8, 30)
    totals = merit + random.normal(0, 4, (11, 1)) + random.normal(0, 3, (11, 30))
    small = (np.arange(11)[:, None] < 3) == (np.arange(30) < 10)
    return from_marks(np.where(small, totals, np.nan).clip(0, 100)[:, :, None], np.array([100.0]))


def test_parts_too_large_for_a_block_keep_their_diagonal(monkeypatch):
    exact = fair_scores(*two_panels(1))
    monkeypatch.setattr(uncertainty, "EXACT_JUDGES", 5)

    coarse = fair_scores(*two_panels(1))

    assert coarse.shared.width.tolist() == [3] * 3 + [0] * 8
    assert coarse.score.tolist() == exact.score.tolist()
    # The mean severity of the committee is taken for surer by the diagonal alone; the small part is touched by no more.
    assert coarse.standard_error[:10] == pytest.approx(exact.standard_error[:10], rel=0.06)
    assert (coarse.standard_error[10:] < exact.standard_error[10:]).all()
    assert (coarse.standard_error[10:] > 0.7 * exact.standard_error[10:]).all()
    levels = uncertainty.draw_levels(coarse.model, coarse.shared, draws=500, seed=1)
    assert np.isfinite(levels).all()


def test_drawn_severities_have_the_covariance_they_should():
    standings = fair_scores(*two_panels(2))
    shared = standings.shared
    one, other = np.indices((11, 11))
    same = (one < 3) == (other < 3)
    expected = np.where(same, 0.0, 0.0)
    expected[same] = shared.between(one[same], other[same])

    drawn = shared.draw(np.random.default_rng(1), 40_000)

    assert np.cov(drawn) == pytest.approx(expected, abs=0.05 * shared.diagonal.max())


def test_many_pairs_are_summed_in_portions_to_the_same_errors(monkeypatch):
    columns = committee(4, judges=9, subjects=30)
    whole = fair_scores(*columns).standard_error
    monkeypatch.setattr(uncertainty, "_PAIRS_AT_ONCE", 50)

    assert fair_scores(*columns).standard_error == pytest.approx(whole, rel=1e-12)


def test_intervals_of_believable_committees_hold_nine_times_in_ten():
    covered = []
    for seed in range(40):
        random = np.random.default_rng(seed)
        merit = random.normal(74, 9, 40)
        severity = random.normal(0, 4, 12)
        totals = merit + (severity - severity.mean())[:, None] + random.normal(0, 3.5, (12, 40))
        for subject in range(40):
            totals[random.permutation(12)[4:], subject] = np.nan
        columns = from_marks(totals.clip(0, 100)[:, :, None], np.array([100.0]))
        low, high = fair_scores(*columns).interval(0.9)
        covered.append(((low <= merit) & (merit <= high)).mean())

    assert 0.86 <= np.mean(covered) <= 0.97


def test_the_package_is_pure_and_light():
    script = (
        "import sys, pkgutil, importlib, tiejun_awards.judging as j;"
        "[importlib.import_module(f'{j.__name__}.{m.name}') for m in pkgutil.iter_modules(j.__path__)];"
        "print([name for name in ('flask', 'sqlalchemy', 'pandas', 'scipy.stats') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
