"""Who is recused, and how many judges make a panel."""

from __future__ import annotations

import pytest

from tiejun_awards.panels.rules import Ground, ground_of, why_no_panel


@pytest.mark.parametrize(
    ("branch", "unit", "ground"),
    [
        (1, 9, Ground.BRANCH),
        (2, 5, Ground.UNIT),
        (1, 5, Ground.BRANCH),
        (2, 9, None),
        (None, None, None),
        (None, 6, Ground.UNIT),
    ],
)
def test_the_own_branch_and_branches_of_the_own_unit_are_not_marked(branch, unit, ground):
    assert ground_of(branch, unit, 1, [5, 6]) is ground


@pytest.mark.parametrize(
    ("count", "why"),
    [
        (5, ""),
        (7, ""),
        (3, "评委至少 5 名，现在选了 3 名。"),
        (6, "评委应为单数，现在选了 6 名。"),
        (0, "评委至少 5 名，现在选了 0 名。"),
    ],
)
def test_a_panel_is_an_odd_number_of_five_or_more(count, why):
    assert why_no_panel(count, fewest=5) == why
