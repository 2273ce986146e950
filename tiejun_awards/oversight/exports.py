"""The trail and the supervision page as .xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ..accounts.exports import shown
from ..accounts.rules import DataSheet
from ..documents.sheets import Value, workbook
from ..shared.access import Actor
from ..shared.audit import AuditEvent
from ..shared.clock import here
from ..shared.db import db
from . import services, words
from .services import Sealed
from .supervising import Line

MOST = 5_000
"""Rows of one file: who needs more asks for fewer days at a time."""

TRAIL_HEADS = ("编号", "时间", "人员", "做了什么", "代码", "对象", "结果", "详情", "来源地址", "请求号", "事件指纹")
SUPERVISION_HEADS = ("时间", "事项", "对象", "改了什么、为什么", "经办")


def trail_file(events: Sequence[Any], sealed: Sealed) -> bytes:
    """Events as the list shows them, with the fingerprint each is sealed by; the head of the chain below."""
    names = services.names_of(events)
    rows: list[list[Value]] = []
    for event in events:
        thing = names.get((event.object_type, event.object_id), "")
        said = "；".join(f"{name}：{text}" for name, text in words.in_words(event.detail))
        rows.append(
            [
                *(event.id, f"{here(event.at):%Y-%m-%d %H:%M:%S}", event.actor_name, services.label_of(event.action)),
                *(event.action, thing or f"{event.object_type} {event.object_id or ''}".strip(), event.outcome.label),
                *(said, event.address, event.request_id, event.leaf),
            ]
        )
    signed = sealed.checkpoint
    notes = [f"封存链到第 {sealed.seq} 环。"]
    if signed:
        notes.append(
            f"最近的检查点：第 {signed.seq} 环，链值 {signed.chain}，签名 {signed.signature}（{signed.algorithm}，密钥 {signed.key_id}）。"
        )
    return workbook("审计日志", TRAIL_HEADS, rows, notes)


def supervision_file(lines: Sequence[Line]) -> bytes:
    """The lines of the supervision page."""
    rows: list[list[Value]] = [
        [f"{here(line.at):%Y-%m-%d %H:%M}", line.kind.label, line.about, line.sentence, line.who] for line in lines
    ]
    return workbook("监督页", SUPERVISION_HEADS, rows)


def my_data(actor: Actor) -> DataSheet:
    """What somebody did, the latest first: his own lines of the trail."""
    events = db.session.scalars(
        sa.select(AuditEvent).where(AuditEvent.actor_id == actor.person_id).order_by(AuditEvent.id.desc()).limit(MOST)
    )
    rows = [(shown(event.at), services.label_of(event.action), event.outcome.label, event.address) for event in events]
    return DataSheet("操作记录", ("时间", "操作", "结果", "网络地址"), rows)
