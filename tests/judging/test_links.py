from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.judging import links
from tiejun_awards.judging.marks import checked
from tiejun_awards.judging.sheets import collect

from .committees import from_totals


def graph(table, **sizes):
    return collect(checked(*from_totals(table), **sizes))


def test_panels_that_share_no_judge_are_separate_parts():
    found = graph([[80, 70, None, None], [75, 72, None, None], [None, None, 60, 90], [None, None, 66, 91]])

    subjects, judges = links.parts(found)

    assert (subjects.tolist(), judges.tolist()) == ([0, 0, 1, 1], [0, 0, 1, 1])


def test_a_judge_of_both_panels_links_them_and_is_the_weak_link():
    found = graph([[80, 70, None], [75, 71, 66], [None, None, 60]])

    assert (links.parts(found)[0].tolist(), links.weak_links(found)) == ([0, 0, 0], [1])


def test_a_complete_panel_has_no_weak_link():
    assert links.weak_links(graph([[80, 70, 60], [75, 71, 66]])) == []


def test_who_has_no_sheet_belongs_to_no_part():
    found = graph([[80, None, 60]], judges=2, subjects=4)

    subjects, judges = links.parts(found)

    assert (subjects.tolist(), judges.tolist()) == ([0, -1, 0, -1], [0, -1])


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=2, max_size=5))
def test_weak_links_are_those_whose_removal_splits_what_the_others_marked(rows):
    table = [[80.0 if yes else None for yes in row] for row in rows]
    if not any(value for row in table for value in row):
        return
    found = graph(table, judges=len(table), subjects=4)

    def groups(without: int | None) -> set[frozenset[int]]:
        """Subjects joined by chains of judges, found by brute force."""
        joined = {i: {i} for i in range(4) if any(r[i] for k, r in enumerate(rows) if k != without)}
        for _, (k, row) in product(range(4), enumerate(rows)):
            mine = [i for i in joined if row[i]] if k != without else []
            for i in mine:
                joined[i] |= set().union(*(joined[other] for other in mine))
        return {frozenset(group) for group in joined.values()}

    expected = []
    for judge in range(len(rows)):
        left = {i for group in groups(judge) for i in group}
        before = {frozenset(group & left) for group in groups(None)} - {frozenset()}
        if len(groups(judge)) > len(before):
            expected.append(judge)

    assert links.weak_links(found) == expected
    assert len(set(links.parts(found)[0].tolist()) - {-1}) == len(groups(None))


def test_parts_are_numbered_by_their_first_subject():
    found = graph([[None, 70, None], [80, None, 60]])

    assert links.parts(found)[0].tolist() == [0, 1, 0]
    assert np.array_equal(links.parts(found)[1], [1, 0])
