"""Trees in the order they are drawn, and what the regulation usually asks of a branch."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.organisation.rules import Reminder, as_tree, reminders

REGULATION = "《中国共产党支部工作条例（试行）》"


@dataclass(frozen=True)
class Node:
    """A row that knows its parent."""

    id: int
    parent_id: int | None


def test_a_tree_is_drawn_parents_first_and_siblings_in_the_order_they_came():
    rows = [Node(5, 2), Node(1, None), Node(2, 1), Node(3, 1), Node(4, 2), Node(6, None)]

    assert [(depth, row.id) for depth, row in as_tree(rows)] == [(0, 1), (1, 2), (2, 5), (2, 4), (1, 3), (0, 6)]


def test_a_row_whose_parent_is_not_shown_stands_at_the_top():
    assert as_tree([Node(2, 1), Node(3, 2)]) == [(0, Node(2, 1)), (1, Node(3, 2))]


FORESTS = st.integers(0, 12).flatmap(
    lambda size: st.tuples(*(st.integers(-1, number - 1) for number in range(size))).map(
        lambda parents: [Node(number, None if parent < 0 else parent) for number, parent in enumerate(parents)]
    )
)


@given(FORESTS)
def test_every_row_is_drawn_once_right_below_its_kind(rows: list[Node]):
    drawn = as_tree(rows)
    depths = {row.id: depth for depth, row in drawn}

    assert sorted(depths) == [row.id for row in rows]
    assert all(depths[row.id] == (0 if row.parent_id is None else depths[row.parent_id] + 1) for row in rows)


@pytest.mark.parametrize(
    ("members", "committee_size", "units"), [(3, 0, 1), (6, 0, 5), (7, 3, 1), (7, 7, 1), (50, 5, 5), (20, 3, 0)]
)
def test_a_usual_branch_is_reminded_of_nothing(members: int, committee_size: int, units: int):
    assert reminders(members=members, committee_size=committee_size, units=units) == []


@pytest.mark.parametrize(
    ("members", "committee_size", "units", "found"),
    [
        (2, 0, 1, [Reminder("正式党员 2 名，一般不少于 3 名才单独成立支部。", REGULATION + "第五条")]),
        (51, 5, 1, [Reminder("正式党员 51 名，一般不超过 50 名。", REGULATION + "第四条")]),
        (
            7,
            2,
            1,
            [
                Reminder(
                    "正式党员 7 名以上设支委会，一般 3 至 5 人，最多 7 人；现在是 2 人。",
                    REGULATION + "第二十条",
                )
            ],
        ),
        (8, 8, 6, 2),
    ],
)
def test_what_is_unusual_is_said_with_its_article(
    members: int, committee_size: int, units: int, found: list[Reminder] | int
):
    said = reminders(members=members, committee_size=committee_size, units=units)

    assert (len(said) if isinstance(found, int) else said) == found
