from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.judging import plain

from .committees import committee, from_totals, shuffled

NINE = [92, 95, 88, 90, 91, 85, 93, 89, 94]


def test_without_the_highest_and_lowest_nine_sheets_average_91():
    summary = plain.mean_without_extremes(*from_totals([[value] for value in NINE]))  # worked example K12

    assert summary.score.tolist() == [91.0]


def test_the_exact_way_gives_the_same_91_00():
    subject, total = np.zeros(9, dtype=int), np.array(NINE) * 100
    kept = plain.sheets_kept(subject, total)

    assert (total[~kept].tolist(), plain.exact_means(subject, total, kept, 1).tolist()) == ([9500, 8500], [9100])


def test_mean_and_median_of_nine():
    columns = from_totals([[value] for value in NINE])

    assert plain.mean(*columns).score.tolist() == [pytest.approx(sum(NINE) / 9)]
    assert plain.median(*columns).score.tolist() == [91.0]


def test_the_median_of_four_is_the_middle_of_the_inner_two():
    assert plain.median(*from_totals([[80], [90], [84], [99]])).score.tolist() == [87.0]


def test_two_sheets_have_no_extremes_to_leave_out():
    columns = from_totals([[80, 70], [90, 76]])

    assert plain.mean_without_extremes(*columns).score.tolist() == [85.0, 73.0]


def test_a_whole_sheet_goes_never_single_marks():
    marks = np.array([[9, 1], [1, 9], [6, 6], [2, 2], [5, 5]])  # sums 10, 10, 12, 4, 10

    kept = plain.sheets_kept(np.zeros(5, dtype=int), marks.sum(axis=1), marks)

    assert kept.tolist() == [True, True, False, False, True]


def test_among_equal_totals_the_marks_decide_not_the_order_of_the_rows():
    marks = np.array([[3, 7], [7, 3], [5, 5]])
    subject = np.zeros(3, dtype=int)

    kept = plain.sheets_kept(subject, marks.sum(axis=1), marks)
    turned = plain.sheets_kept(subject, marks.sum(axis=1), marks[::-1])

    assert marks[kept].tolist() == marks[::-1][turned].tolist() == [[5, 5]]


def test_a_subject_without_a_kept_sheet_has_no_exact_mean():
    with pytest.raises(ZeroDivisionError):
        plain.exact_means(np.array([0]), np.array([9000]), np.array([True]), 2)


@given(st.lists(st.integers(0, 10000), min_size=1, max_size=9))
def test_exact_means_are_the_fractions_rounded_half_up(totals):
    subject, table = np.zeros(len(totals), dtype=int), np.array(totals)
    kept = plain.sheets_kept(subject, table)
    rest = sorted(totals)[1:-1] if len(totals) >= 3 else totals

    mean = Fraction(sum(rest), len(rest))

    assert plain.exact_means(subject, table, kept, 1).tolist() == [int(mean + Fraction(1, 2))]


@pytest.mark.parametrize("method", [plain.mean, plain.median, plain.mean_without_extremes])
def test_row_order_changes_nothing_and_the_error_is_never_zero(method):
    columns = committee(3, each=4)

    one, other = method(*columns), method(*shuffled(columns, 1))

    assert np.allclose(one.score, other.score, atol=1e-9)
    assert (one.standard_error > 0).all()
    assert (one.panel == 0).all()
