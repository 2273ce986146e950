"""Agreement and reports, against independent libraries on small data."""

import krippendorff
import numpy as np
import pandas as pd
import pingouin
import pytest

from tiejun_awards.judging.agreement import agreement, alpha, concordance
from tiejun_awards.judging.judges import adjustment, judge_report, sheet_report
from tiejun_awards.judging.plain import mean
from tiejun_awards.judging.standings import fair_scores

from .committees import committee, from_marks, from_totals


def totals_of(standings):
    table = np.full((standings.sheets.judges, standings.sheets.subjects), np.nan)
    table[standings.sheets.judge, standings.sheets.subject] = standings.sheets.total
    return table


@pytest.mark.parametrize("each", [None, 2, 4])
@pytest.mark.parametrize("seed", [1, 2])
def test_alpha_is_krippendorffs(seed, each):
    standings = fair_scores(*committee(seed, each=each))

    expected = krippendorff.alpha(totals_of(standings), level_of_measurement="interval")

    assert alpha(standings.layout) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_icc_is_close_to_that_of_an_analysis_of_variance(seed):
    standings = fair_scores(*committee(seed, judges=10, subjects=40))
    table = totals_of(standings)
    judge, subject = np.indices(table.shape)
    long = pd.DataFrame({"judge": judge.ravel(), "subject": subject.ravel(), "total": table.ravel()})
    expected = pingouin.intraclass_corr(long, "subject", "judge", "total").set_index("Type")["ICC"]

    found = agreement(standings)

    # Ours are the components of the robust fit, pingouin's the moments of all sheets.
    assert found.one_judge == pytest.approx(expected["ICC(A,1)"], abs=0.03)
    assert found.panel == pytest.approx(expected["ICC(A,k)"], abs=0.01)


def test_concordance_is_kendalls_with_ties_corrected():
    table = np.round(totals_of(fair_scores(*committee(4, judges=6, subjects=12))) / 4) * 4
    judge, subject = np.indices(table.shape)
    long = pd.DataFrame({"judge": judge.ravel(), "subject": subject.ravel(), "total": table.ravel()})
    expected = pingouin.friedman(long, dv="total", within="subject", subject="judge")["W"].iloc[0]

    found = concordance(fair_scores(*from_marks(table[:, :, None], np.array([100.0]))).layout)

    assert found == pytest.approx(expected, abs=1e-9)


def test_agreement_of_incomplete_panels_has_no_concordance():
    found = agreement(fair_scores(*committee(1, each=3)))

    assert found.concordance is None
    assert 0 < found.one_judge < found.panel < 1
    assert 0 < found.reliability < 1


def test_what_cannot_be_measured_is_none():
    single = agreement(fair_scores(*from_totals([[80.0]])))
    equal = agreement(fair_scores(*from_totals([[70.0] * 4] * 4)))

    assert (single.one_judge, single.alpha, single.concordance) == (None, None, None)
    assert (equal.alpha, equal.concordance) == (None, None)


def test_the_report_names_the_strict_the_stretched_and_the_careless():
    random = np.random.default_rng(6)
    merit = random.normal(72, 8, 40)
    totals = merit + random.normal(0, 2, (9, 40))
    totals[0] -= 7
    totals[1] = 72 + 1.5 * (merit - 72) + random.normal(0, 2, 40)
    totals[2] += random.normal(0, 9, 40)

    report = judge_report(fair_scores(*from_marks(totals.clip(0, 100)[:, :, None], np.array([100.0]))))

    assert report is not None
    assert (np.argmin(report.severity), np.argmax(report.spread), np.argmax(report.noise_ratio)) == (0, 1, 2)
    assert report.flagged.tolist() == [False, False, True] + [False] * 6
    assert report.outfit[2] > 2 > report.outfit[3]
    assert (report.severity_error > 0).all()
    assert report.sheets.tolist() == [40] * 9


def test_a_judge_without_a_sheet_has_nothing_to_report():
    report = judge_report(fair_scores(*committee(1), judges=9))

    assert report is not None
    assert (report.sheets[8], report.flagged[8]) == (0, False)
    assert np.isnan(report.severity[8])


def test_too_few_judges_have_no_report_and_their_sheets_stand_as_they_are():
    standings = fair_scores(*from_totals([[80, 70, 90]]))

    assert judge_report(standings) is None
    assert sheet_report(standings).corrected.tolist() == [80, 70, 90]


def test_a_score_is_the_weighted_mean_of_its_corrected_sheets_and_the_adjustment_what_that_adds():
    columns = committee(9, each=4)
    standings = fair_scores(*columns)
    sheets, model = sheet_report(standings), standings.model
    assert model is not None
    worth = model.precision * model.spread[model.layout.judge] ** 2

    means = np.bincount(sheets.subject, worth * sheets.corrected) / np.bincount(sheets.subject, worth)

    assert means == pytest.approx(standings.score)
    assert mean(*columns).score + adjustment(standings) == pytest.approx(standings.score)
