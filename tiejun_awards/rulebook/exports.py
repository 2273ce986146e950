"""The rules with their sources as .xlsx."""

from __future__ import annotations

from ..documents.sheets import workbook
from . import rule_pages
from .rules import Kind, Mode, Use

HEADS = ("类别", "规则", "数值", "单位", "作用", "依据", "建议值", "起始", "本单位改过", "上级的数", "编号")


def rules_file(organiser_id: int, text: str = "", mode: Mode | None = None, only: str = "") -> tuple[str, bytes]:
    """(file name, content) of the rules a page shows."""
    rows = [
        (
            heading,
            rule.title,
            int(rule.value) if rule.kind is Kind.NUMBER else rule.shown,
            rule.unit,
            rule.use.label if rule.use is Use.REFERENCE else rule.mode.label,
            rule.source,
            "是" if rule.proposed else "",
            rule.since,
            "是" if line.own else "",
            line.above.shown if line.above else "",
            rule.key,
        )
        for heading, lines in rule_pages.by_group(organiser_id, text, mode, only)
        for line in lines
        for rule in [line.rule]
    ]
    notes = ("“提醒”的规则只提醒，不妨碍办理；建议值在文件中没有写明，由机关党委确认；供参考的系统暂不据此提示。",)
    return "规则一览.xlsx", workbook("规则一览", HEADS, rows, notes)
