"""The open questions as .xlsx, for the meeting that decides them."""

from __future__ import annotations

from ..documents.sheets import workbook
from ..shared.access import Actor
from . import services

HEADS = ("序号", "待定事项", "为什么要定", "由谁决定", "答案", "用在哪里", "状态", "文号", "决定日期")


def questions_file(actor: Actor) -> tuple[str, bytes]:
    """(file name, content) of all open questions of the actor's organiser."""
    rows = [
        (
            row.question.number,
            row.question.title,
            row.question.why,
            row.decided_by or row.question.decides,
            "；".join(f"{label}：{answer}" for label, answer in row.in_words),
            row.question.effect,
            row.state.label,
            row.document,
            row.decided_on.isoformat() if row.decided_on else "",
        )
        for row in services.questions_of(actor)
    ]
    notes = ("建议稿由系统先拟，有文件依据并确认后作数。",)
    return "待定事项.xlsx", workbook("待定事项", HEADS, rows, notes)
