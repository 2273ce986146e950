"""The standings of a closed cycle, and what comes of a trial, as .xlsx, in unit order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..documents.sheets import Value, workbook
from ..stars.rules import star_word
from . import results, rules
from .models import RatingCycle
from .trial_rules import NOT_A_BASIS, Outcome

HEADS = (
    "党支部",
    "试点",
    "上年",
    "系统计数和核定",
    "评委评分",
    "加分",
    "减分",
    "总分",
    "按档线",
    "拟定星级",
    "评分表",
    "说明",
)


def standings_file(cycle: RatingCycle) -> tuple[str, bytes]:
    """(file name, content)."""
    rows: list[list[Value]] = [
        [
            row.name,
            "试点" if row.pilot else "",
            star_word(row.previous) if row.previous >= 0 else "首次",
            *(part / 100 for part in (row.given, row.judged, row.bonus, row.deducted, row.total)),
            star_word(row.by_total),
            star_word(row.star),
            f"{row.kept}/{row.sheets}",
            row.why,
        ]
        for row in results.all_standings(cycle)
    ]
    notes = (rules.method_sentence(cycle.announced_terms, cycle.judges, cycle.fewest_sheets),)
    return f"{cycle.title}结果.xlsx", workbook(f"{cycle.year}年度星级评定结果", HEADS, rows, notes)


TRIAL_HEADS = ("党支部", "总分", "原来的星级", "试算总分", "试算星级", "变化", "说明")


def trial_file(
    cycle: RatingCycle, outcome: Outcome, names: Mapping[int, str], notes: Sequence[str]
) -> tuple[str, bytes]:
    """(file name, content); every row says that it is no basis."""

    def star(number: int, undecided: bool) -> str:
        return "待表决" if undecided else star_word(number)

    rows: list[list[Value]] = [
        [
            names[line.branch_id],
            line.total / 100,
            star(line.star, line.undecided),
            line.trial_total / 100,
            star(line.trial_star, line.trial_undecided),
            line.word,
            NOT_A_BASIS,
        ]
        for line in outcome.lines
    ]
    left_out = [f"没有签名的评分表，没有算：{'、'.join(names[each] for each in outcome.left_out)}。"]
    return (
        f"{cycle.title}{NOT_A_BASIS}.xlsx",
        workbook(
            f"{cycle.year}年度{NOT_A_BASIS}",
            TRIAL_HEADS,
            rows,
            (NOT_A_BASIS, *notes, *left_out * bool(outcome.left_out)),
        ),
    )
