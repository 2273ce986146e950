"""The standings of a closed cycle as .xlsx, in unit order."""

from __future__ import annotations

from ..documents.sheets import Value, workbook
from ..stars.rules import star_word
from . import results, rules
from .models import RatingCycle

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
