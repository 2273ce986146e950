"""The example of docs/judging.md, step by step: if a number here changes, change it there."""

from fractions import Fraction

import numpy as np
import pytest

from tiejun_awards.judging import evidence, model, plain, robust
from tiejun_awards.judging.layout import lay_out
from tiejun_awards.judging.marks import checked
from tiejun_awards.judging.outcomes import Rules, settle
from tiejun_awards.judging.rounding import hundredths
from tiejun_awards.judging.sheets import collect
from tiejun_awards.judging.standings import fair_scores

from .committees import from_marks

NONE = np.nan
MARKS = np.array(
    [
        [[52, 34], [47, 31], [42, 28], [NONE, NONE]],  # 甲, recused from 丁支部
        [[48, 32], [44, 30], [40, 26], [48, NONE]],  # 乙, one mark missing
        [[54, 35], [48, 31], [34, 22], [54, 36]],  # 丙
        [[50, 35], [45, 30], [43, 27], [51, 35]],  # 丁
    ]
)
COLUMNS = from_marks(MARKS, np.array([60.0, 40.0]))


def near(*values):
    return pytest.approx(list(values), abs=0.0006)


def test_step_by_step():
    layout = lay_out(collect(checked(*COLUMNS)))
    tone = (48 - Fraction(700, 15)) / 60  # what is usual on the first indicator: 700 points in 15 marks
    usual = Fraction(432, 14)  # and on the second: 432 in 14
    assert layout.total[12] == pytest.approx(float(48 + usual + tone * 40))

    found = model._start(layout)
    assert found.level.tolist() == near(85, 76.5, 65.5, 85.978)
    assert found.severity.tolist() == near(2.187, -3.271, 0.292, 0.792)
    assert [found.noise[0], found.merit_variance, found.severity_variance] == near(18.245, 67.727, 4.050)

    equations = model._solve(found, True, 0.001)
    assert equations.subject_precision.tolist() == near(0.234, 0.234, 0.234, 0.157)
    assert equations.judge_precision.tolist() == near(0.411, 0.444, 0.466, 0.466)
    assert equations.matrix()[0].tolist() == near(0.373, -0.039, -0.039, -0.039)
    assert found.severity.tolist() == near(0.868, -1.348, 0.122, 0.357)
    assert found.level.tolist() == near(84.574, 76.610, 66.304, 85.473)
    assert found.residual()[:4].tolist() == near(0.558, -3.226, 4.304, 0.069)

    assert robust.consistency(found.strays) == pytest.approx(0.9675, abs=0.0005)
    model._steadiness(found)
    assert found.committee_noise == pytest.approx(19.657, abs=0.001)
    assert found.noise.tolist() == near(12.658, 13.042, 20.613, 12.585)

    model._variances(found, equations)
    assert [found.merit_variance, found.severity_variance, found.matching] == near(64.219, 3.701, -0.201)

    model._weights(found)
    assert found.distance[10] == pytest.approx(-2.635, abs=0.001)
    assert found.weight[10] == pytest.approx(0.8884, abs=0.0005)
    assert found.score().tolist() == near(84.612, 76.251, 66.719, 85.618)


def test_what_the_marks_show_and_what_is_believed():
    found = model._start(lay_out(collect(checked(*COLUMNS))))
    equations = model._come_to_rest(found)

    assert found.passes == 10
    assert found.severity.tolist() == near(1.016, -1.750, 0.264, 0.469)
    assert found.noise.tolist() == near(10.402, 10.517, 24.280, 10.292)
    assert found.weight[10] == pytest.approx(0.856, abs=0.001)
    assert hundredths(found.score()).tolist() == [8439, 7612, 6733, 8524]
    assert evidence.completeness(found.layout) == 1  # 15 of 16 sheets
    assert model._belief(found, equations, 1.0) == evidence.Belief(0.0, 0.0, 0.0)


def test_the_end():
    standings = fair_scores(*COLUMNS)
    fitted = standings.model

    assert fitted is not None
    assert fitted.passes == 17
    assert fitted.severity.tolist() == near(0.777, -1.209, 0.111, 0.322)
    assert fitted.noise.tolist() == near(19.180, 19.180, 19.180, 19.180)
    assert fitted.weight.tolist() == [1.0] * 15
    assert hundredths(standings.score).tolist() == [8500, 7650, 6550, 8621]
    assert hundredths(standings.standard_error).tolist() == [219, 219, 219, 276]
    assert standings.degrees_of_freedom[0] == pytest.approx(10.63, abs=0.01)
    assert hundredths(standings.interval()[0]).tolist() == [8105, 7255, 6155, 8124]
    assert hundredths(plain.mean(*COLUMNS).score).tolist() == [8500, 7650, 6550, 8525]
    assert hundredths(plain.mean_without_extremes(*COLUMNS).score).tolist() == [8550, 7650, 6800, 8600]
    rules = Rules((6000, 7000, 8000, 9000), lowest=1, quota=Fraction(30, 100))
    assert settle(hundredths(standings.score), rules).star.tolist() == [4, 3, 2, 4]
