"""What waits of signed papers: transcriptions to compare, and those that came back to whoever typed them. One statement."""

from __future__ import annotations

from collections.abc import Iterator

from ..papers import queries as papers
from ..shared.access import Actor, Role
from .rules import Todo


def paper_todos(actor: Actor) -> Iterator[Todo]:
    """Everything of papers that waits for the actor."""
    to_compare, to_correct = papers.waiting(actor)
    if to_correct:
        yield Todo(
            heading=f"待代录：改正 {to_correct} 份",
            text="复核时和原件不一样，退回来了；写下的都还在。",
            label="去改正",
            page="correct_papers",
            thing_id=0,
            hat="机关党委经办" if actor.holds(Role.OFFICE) else "党建联络员",
            left="已退回",
            soon=True,
        )
    if to_compare:
        yield Todo(
            heading=f"待复核：{to_compare} 份代录",
            text="对着原件逐节打勾，再填一次签字日期。",
            label="去复核",
            page="compare_papers",
            thing_id=0,
            hat="复核人" if actor.holds(Role.SECOND) else "机关党委经办",
        )
