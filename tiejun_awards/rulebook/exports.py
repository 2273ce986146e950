"""The rules with their sources as .xlsx."""

from __future__ import annotations

from ..documents.sheets import workbook
from . import services
from .rules import Mode

HEADS = ("类别", "规则", "数值", "单位", "作用", "依据", "建议值", "起始")


def rules_file(organiser_id: int, text: str = "", mode: Mode | None = None) -> tuple[str, bytes]:
    """(file name, content) of the rules a page shows."""
    rows = [
        (
            heading,
            rule.title,
            float(rule.value),
            rule.unit,
            rule.mode.label,
            rule.source,
            "是" if rule.proposed else "",
            rule.since,
        )
        for heading, rules in services.rules_by_group(organiser_id, text, mode)
        for rule in rules
    ]
    notes = ("“提醒”的规则只提醒，不妨碍办理；建议值在文件中没有写明，由机关党委确认。",)
    return "规则一览.xlsx", workbook("规则一览", HEADS, rows, notes)
