"""Who is recused (回避): from the own branch, the own unit, and what is declared."""

from __future__ import annotations

from collections.abc import Collection

from ..shared.labels import Labelled


class Ground(Labelled):
    """Why a judge does not mark a branch."""

    BRANCH = "branch", "本支部"
    UNIT = "unit", "本单位"
    DECLARED = "declared", "申报的关系"


def ground_of(judge_branch: int | None, judge_unit: int | None, branch: int, units: Collection[int]) -> Ground | None:
    """Why a judge is recused from a branch by the rule: it is his own, or serves his unit. None when he is not."""
    if judge_branch == branch:
        return Ground.BRANCH
    if judge_unit is not None and judge_unit in units:
        return Ground.UNIT
    return None


def why_no_panel(count: int, *, fewest: int) -> str:
    """Why so many judges are no panel, or nothing."""
    if count < fewest:
        return f"评委至少 {fewest} 名，现在选了 {count} 名。"
    if count % 2 == 0:
        return f"评委应为单数，现在选了 {count} 名。"
    return ""
