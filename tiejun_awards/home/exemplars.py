"""What waits at home of the calls: to suggest, to recommend, to review, to publish; and which calls are under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ..calls import services as calls
from ..nominations import queries as nominations
from ..selection import services as selection
from ..shared.access import Actor, Permission, Role, reach
from ..shared.clock import day_of
from .rules import Todo

Left = Callable[[date], str]
"""How many working days are left to a day, in words."""


def todos(actor: Actor, left: Left) -> list[Todo]:
    """What the actor has to do in calls, under each hat."""
    return [*_to_recommend(actor, left), *_in_selection(actor)]


def _to_recommend(actor: Actor, left: Left) -> list[Todo]:
    if not actor.holds(Role.CLERK):
        return []
    return [
        Todo(
            heading=f"报送{row.title}",
            text="已存有草稿，接着写就好。"
            if row.begun
            else "看看群众推荐了谁，集体研究后报送；没有合适的，报“不推荐”。",
            label="继续填写" if row.begun else "去推荐",
            page="recommend",
            thing_id=f"{row.id}-{row.unit_id}",
            due=row.recommend_by,
            left=left(row.recommend_by),
            hat=f"{row.unit}推荐经办",
            soon=(row.recommend_by - day_of(actor.at)).days <= 7,
        )
        for row in nominations.recommendations_due(actor)
    ]


def _in_selection(actor: Actor) -> list[Todo]:
    if not actor.holds(Role.OFFICE):
        return []
    return [
        Todo(
            heading="审查候选对象" if wait.to_review else f"公布{wait.title}的结果",
            text=f"{wait.title}。通过初审，或写明原因不列入。"
            if wait.to_review
            else "审定已核对，可以在系统内公布了。",
            label="去审查" if wait.to_review else "去公布",
            page="selection",
            thing_id=wait.call_id,
            left="单位已推荐" if wait.to_review else "已审定",
            hat="机关党委经办",
        )
        for wait in selection.waiting(actor)
    ]


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call in which colleagues can be suggested today."""

    id: int
    title: str
    suggest_by: date
    left: str


def open_calls(actor: Actor, left: Left) -> list[OpenCall]:
    """Calls in which the actor can suggest today: an invitation, not a duty."""
    if not reach(actor, Permission.SUGGEST):
        return []
    return [OpenCall(row.id, row.title, row.suggest_by, left(row.suggest_by)) for row in calls.suggesting(actor)]
