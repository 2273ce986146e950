import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.judging import errors
from tiejun_awards.judging.marks import checked
from tiejun_awards.judging.sheets import collect

from .committees import committee, from_marks, shuffled

NAN = np.nan


def sheets(columns, **sizes):
    return collect(checked(*columns, **sizes))


def test_marks_of_one_judge_and_subject_make_one_sheet():
    marks = np.array([[[10.0, 20, 30], [5, 5, 5]], [[0, 0, 0], [NAN, NAN, NAN]]])

    found = sheets(from_marks(marks, np.array([20.0, 40, 40])))

    assert list(zip(found.judge, found.subject, found.total, found.cover, strict=True)) == [
        (0, 0, 60, 1),
        (1, 0, 0, 1),
        (0, 1, 15, 1),
    ]


def test_maxima_that_do_not_sum_to_100_are_scaled():
    found = sheets(from_marks(np.array([[[2.0, 4]], [[4, 16]]]), np.array([4.0, 17])))

    assert found.total.tolist() == pytest.approx([600 / 21, 2000 / 21])


def test_a_missing_mark_is_filled_in_with_the_indicators_usual_share_and_the_sheets_own_tone():
    marks = np.array([[[16.0, 24, 32]], [[18, 32, NAN]]])  # of 20, 40, 40

    found = sheets(from_marks(marks, np.array([20.0, 40, 40])))

    # Usual: 17, 28, 32. The second sheet gave 50 where 45 is usual, a tone of 5/60 a point; 32 + 40 * 5/60.
    assert found.total.tolist() == [72, pytest.approx(50 + 32 + 40 * 5 / 60)]
    assert found.cover.tolist() == [1, 0.6]


def test_a_sheet_that_covers_less_than_60_percent_does_not_count():
    marks = np.array([[[16.0, 24, 32]], [[18, NAN, 30]], [[NAN, 30, NAN]]])

    found = sheets(from_marks(marks, np.array([20.0, 40, 40])))

    assert (found.judge.tolist(), found.unfinished) == ([0, 1], 1)


def test_filled_in_totals_stay_within_the_sheet():
    marks = np.array([[[2.0, 4, 40]], [[20, 40, NAN]], [[2, 4, NAN]], [[2, 4, 1]]])

    assert sheets(from_marks(marks, np.array([20.0, 40, 40]))).total.max() == 100


def test_an_indicator_nobody_marked_is_not_a_zero():
    marks = np.array([[[15.0, 30, NAN]], [[15, 30, NAN]]])

    assert sheets(from_marks(marks, np.array([20.0, 40, 40]))).total.tolist() == pytest.approx([75, 75])


def test_more_indicators_than_one_word_of_bits_holds():
    marks = np.ones((2, 2, 120))
    marks[1, 1, :10] = NAN

    found = sheets(from_marks(marks, np.full(120, 2.0)))

    assert found.total.tolist() == pytest.approx([50, 50, 50, 50])
    assert found.cover.tolist() == [1, 1, 1, pytest.approx(110 / 120)]


@pytest.mark.parametrize("indicators", [1, 6, 48, 49, 100])
def test_a_mark_given_twice_is_refused(indicators):
    judge, subject, indicator, mark, maxima = from_marks(np.ones((2, 3, indicators)), np.full(indicators, 1.0))
    last = [-1]

    with pytest.raises(errors.MarkedTwice):
        sheets((*(np.r_[column, column[last]] for column in (judge, subject, indicator, mark)), maxima))


def test_a_mark_given_twice_is_refused_even_where_another_is_missing():
    columns = np.array([0, 0, 0]), np.array([0, 0, 0]), np.array([0, 0, 0]), np.ones(3), np.ones(2)

    with pytest.raises(errors.MarkedTwice):
        sheets(columns)


def test_no_finished_sheet_is_no_mark():
    with pytest.raises(errors.NoMarks):
        sheets((np.array([0]), np.array([0]), np.array([0]), np.array([1.0]), np.array([1.0, 1.0])))


ONE = np.array([0])


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ((ONE, ONE, ONE, np.array([NAN]), [1.0]), errors.MarkOutOfRange),
        ((ONE, ONE, ONE, np.array([np.inf]), [1.0]), errors.MarkOutOfRange),
        ((ONE, ONE, ONE, np.array([-np.inf]), [1.0]), errors.MarkOutOfRange),
        ((ONE, ONE, ONE, np.array([-0.5]), [1.0]), errors.MarkOutOfRange),
        ((ONE, ONE, ONE, np.array([1.5]), [1.0]), errors.MarkOutOfRange),
        ((ONE, ONE, ONE, ["good"], [1.0]), errors.MarkOutOfRange),
        ((ONE, ONE, ONE, [None], [1.0]), errors.MarkOutOfRange),
        ((ONE - 1, ONE, ONE, [1.0], [1.0]), errors.UnknownCode),
        ((ONE, ONE - 1, ONE, [1.0], [1.0]), errors.UnknownCode),
        ((ONE, ONE, ONE + 1, [1.0], [1.0]), errors.UnknownCode),
        ((ONE + 0.5, ONE, ONE, [1.0], [1.0]), errors.UnknownCode),
        ((ONE, np.array(["red"]), ONE, [1.0], [1.0]), errors.UnknownCode),
        ((ONE, ONE, ONE, [1.0, 1.0], [1.0]), errors.UnequalColumns),
        ((ONE, ONE, ONE, [[1.0]], [1.0]), errors.UnequalColumns),
        (([], [], [], [], [1.0]), errors.NoMarks),
        ((ONE, ONE, ONE, [1.0], []), errors.BadMaxima),
        ((ONE, ONE, ONE, [0.0], [0.0]), errors.BadMaxima),
        ((ONE, ONE, ONE, [0.0], [NAN]), errors.BadMaxima),
        ((ONE, ONE, ONE, [0.0], [np.inf]), errors.BadMaxima),
        ((ONE, ONE, ONE, [0.0], [-1.0]), errors.BadMaxima),
    ],
)
def test_bad_marks_are_refused_by_name(columns, error):
    with pytest.raises(error):
        checked(*columns)


def test_codes_beyond_the_known_ones_are_refused():
    with pytest.raises(errors.UnknownCode, match="subject code 3"):
        checked(ONE, ONE + 3, ONE, [1.0], [1.0], subjects=3)


def test_every_bad_mark_is_a_value_error():
    assert issubclass(errors.BadMarks, ValueError)


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 60))
def test_sheets_are_what_a_dictionary_would_add_up(seed, judges, subjects):
    columns = shuffled(committee(seed, judges=judges, subjects=subjects, each=min(2, judges)), seed)
    sums: dict[tuple[int, int], float] = {}
    for judge, subject, _, mark, _ in zip(*columns[:4], columns[0], strict=True):
        sums[subject, judge] = sums.get((subject, judge), 0.0) + mark

    found = sheets(columns)

    assert list(zip(found.subject, found.judge, strict=True)) == sorted(sums)
    assert found.total.tolist() == pytest.approx([sums[key] for key in sorted(sums)])


def test_codes_far_apart_need_no_table_of_all_pairs():
    far = 2_000_000_000

    found = sheets((np.array([0, far]), np.array([far, 7]), np.array([0, 0]), [50.0, 60.0], [100.0]), judges=far + 1)

    assert (found.subject.tolist(), found.judge.tolist(), found.total.tolist()) == ([7, far], [far, 0], [60, 50])
