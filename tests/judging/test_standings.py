import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiejun_awards.judging import errors, plain
from tiejun_awards.judging.standings import Caution, fair_scores, fair_scores_by_id

from .committees import committee, from_marks, from_totals, shuffled

slow = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_a_strict_judges_severity_is_taken_off():
    table = [[80, 70, 90, 60, None, None], [80, 70, None, None, 75, 85], [None, None, 80, 50, 65, 75]]

    standings = fair_scores(*from_totals(table))

    # The third judge is ten points stricter: 6.7 below the committee's average judge, the others 3.3 above.
    assert standings.model is not None
    assert standings.model.severity.tolist() == pytest.approx([3.33, 3.33, -6.67], abs=0.1)
    assert standings.score.tolist() == pytest.approx([76.67, 66.67, 86.67, 56.67, 71.67, 81.67], abs=0.1)


def test_where_all_agree_nothing_is_changed():
    columns = from_totals([[60, 70, 80, 90, 75]] * 4)

    standings = fair_scores(*columns)

    assert standings.score.tolist() == pytest.approx([60, 70, 80, 90, 75], abs=1e-6)
    assert (standings.standard_error > 0.1).all()


@slow
@given(st.integers(0, 2**32 - 1), st.sampled_from([None, 2, 3, 5]))
def test_shuffling_rows_and_renaming_judges_and_subjects_changes_nothing(seed, each):
    columns = committee(seed, each=each)
    random = np.random.default_rng(seed)
    judge, subject, indicator, mark, maxima = shuffled(columns, seed)
    judge_name, subject_name = random.permutation(8), random.permutation(20)
    name = random.permutation(maxima.size)

    one = fair_scores(*columns)
    other = fair_scores(judge_name[judge], subject_name[subject], name[indicator], mark, maxima)

    assert np.abs(one.score - other.score[subject_name]).max() <= 0.01
    assert np.abs(one.standard_error - other.standard_error[subject_name]).max() <= 0.01


def test_the_same_marks_give_the_same_bits():
    columns = committee(5, each=3)

    assert fair_scores(*columns).score.tobytes() == fair_scores(*columns).score.tobytes()


@slow
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 6),
    st.integers(1, 8),
    st.sampled_from([0.0, 0.3, 0.6]),
    st.sampled_from([0.5, 5.0, 10.0]),
)
def test_any_marks_give_finite_scores_and_an_honest_error(seed, judges, subjects, missing, step):
    random = np.random.default_rng(seed)
    marks = random.integers(0, round(10 / step) + 1, (judges, subjects, 3)) * step
    marks[random.random(marks.shape) < missing] = np.nan
    marks[0, 0] = 10.0  # one full sheet at least

    standings = fair_scores(*from_marks(marks, np.full(3, 10.0)), judges=judges, subjects=subjects)

    assert np.isfinite(standings.score).all()
    assert ((standings.score >= 0) & (standings.score <= 100)).all()
    assert (standings.standard_error > 0).all()
    assert np.isfinite(standings.standard_error).all()
    assert (standings.degrees_of_freedom >= 3).all()
    low, high = standings.interval()
    assert ((low <= standings.score) & (standings.score <= high)).all()


@pytest.mark.parametrize(
    "table",
    [
        [[80.0]],
        [[0.0]],
        [[100.0]],
        [[80, 70, 90, 60]],
        [[80], [70], [90], [60]],
        [[100.0] * 5] * 5,
        [[0.0] * 5] * 5,
        [[70.0] * 5] * 5,
        [[100, None, None], [None, 0, None], [None, None, 50]],
        [[0, 100] * 3] * 2 + [[100, 0] * 3] * 2,
    ],
    ids=[
        "one mark",
        "one zero",
        "one full",
        "one judge",
        "one subject",
        "full",
        "zero",
        "equal",
        "no links",
        "opposed",
    ],
)
def test_edge_cases_are_finite_within_bounds_and_never_sure(table):
    standings = fair_scores(*from_totals(table))

    assert ((standings.score >= 0) & (standings.score <= 100)).all()
    assert (standings.standard_error >= 0.1).all()
    assert np.isfinite(standings.standard_error).all()


def test_one_judge_gives_raw_totals_and_a_wide_interval():
    standings = fair_scores(*from_totals([[80, 70, 90, 60]]))

    low, high = standings.interval()
    assert standings.score.tolist() == [80, 70, 90, 60]
    assert Caution.FEW in standings.cautions
    assert standings.model is None
    assert (np.minimum(high, 100) - low >= 20).all()


def test_all_recused_is_a_named_error():
    with pytest.raises(errors.NoMarks):
        fair_scores([], [], [], [], [100.0], judges=3, subjects=3)


def test_a_subject_nobody_marked_may_be_anywhere():
    standings = fair_scores(*committee(1, subjects=6), subjects=7)

    low, high = standings.interval()
    assert (standings.panel[6], standings.counted[6]) == (-1, 0)
    assert (low[6], high[6]) == (0, 100)
    assert standings.cautions == {Caution.UNMARKED}


def test_separate_panels_are_recognised_and_named():
    table = [[80, 70, 75, None, None, None]] * 3 + [[None, None, None, 60, 66, 90]] * 3

    standings = fair_scores(*from_totals(table))

    assert standings.panel.tolist() == [0, 0, 0, 1, 1, 1]
    assert Caution.SEPARATE in standings.cautions


def test_separate_panels_are_less_sure_than_linked_ones():
    random = np.random.default_rng(4)
    totals = random.normal(74, 9, 24) + random.normal(0, 4, (12, 1)) + random.normal(0, 3, (12, 24))
    panel = (np.arange(12)[:, None] % 2) == (np.arange(24) % 2)
    apart = np.where(panel, totals, np.nan)[:, :, None].clip(0, 100)
    linked = apart.copy()
    linked[:4] = totals[:4, :, None].clip(0, 100)

    separate, joined = (fair_scores(*from_marks(marks, np.array([100.0]))) for marks in (apart, linked))

    assert separate.standard_error.mean() > 1.05 * joined.standard_error.mean()


def test_a_single_far_sheet_hardly_moves_the_score():
    columns = committee(11, judges=9, subjects=30)
    judge, subject, _, mark, maxima = columns
    pushed = mark.copy()
    middling = int(np.argsort(plain.mean(*columns).score)[15])
    favour = (judge == 0) & (subject == middling)
    pushed[favour] = maxima[0]

    before, after = (fair_scores(judge, subject, columns[2], marks, maxima).score for marks in (mark, pushed))
    raw_before, raw_after = (plain.mean(judge, subject, columns[2], marks, maxima).score for marks in (mark, pushed))

    assert after[middling] - before[middling] <= 0.2 * (raw_after - raw_before)[middling]


def test_a_careless_judge_counts_less():
    random = np.random.default_rng(8)
    totals = random.normal(74, 9, 40) + random.normal(0, 2.5, (8, 40))
    totals[0] += random.normal(0, 12, 40)

    standings = fair_scores(*from_marks(totals.clip(0, 100)[:, :, None], np.array([100.0])))

    assert standings.model is not None
    noise, weight = standings.model.noise, standings.model.weight[standings.layout.judge == 0]
    assert noise[0] > 2.5 * np.median(noise)
    assert weight.mean() < 0.7


def test_rows_of_any_ids_give_scores_by_id():
    rows = [
        (judge, branch, indicator, 8.0 + len(branch) % 3)
        for judge in ("张", "李", "王")
        for branch in ("red", "green", "white", "blue")
        for indicator in (("6.2", "brand"), ("4.3", "ideology"))
    ]

    named = fair_scores_by_id(reversed(rows), {("4.3", "ideology"): 10, ("6.2", "brand"): 10})

    assert set(named.scores) == {"red", "green", "white", "blue"}
    assert named.scores == pytest.approx({"red": 80, "green": 100, "white": 100, "blue": 90}, abs=0.5)
    assert set(named.judges) == {"张", "李", "王"}


def test_an_indicator_nobody_announced_is_refused():
    with pytest.raises(errors.UnknownCode):
        fair_scores_by_id([("a", "b", "unheard of", 1.0)], {"known": 1.0})


def test_no_rows_are_no_marks():
    with pytest.raises(errors.NoMarks):
        fair_scores_by_id([], {"known": 1.0})


def test_large_sets_take_the_other_way_to_the_same_scores(monkeypatch):
    columns = committee(2, judges=20, subjects=80, each=4)
    written_out = fair_scores(*columns)
    monkeypatch.setattr("tiejun_awards.judging.solve.DENSE_CELLS", 0)

    iterated = fair_scores(*columns)

    assert np.abs(written_out.score - iterated.score).max() < 0.1
    assert np.abs(written_out.standard_error - iterated.standard_error).max() < 0.1
