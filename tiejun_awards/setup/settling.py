"""What a confirmed answer changes: the one place where open questions reach into the rest of the system."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..organisation.models import Unit, UnitKind
from ..rulebook import services as rulebook
from ..shared.access import Actor
from .models import OpenQuestion
from .sections import Asked


def apply_answer(session: Session, actor: Actor, question: OpenQuestion) -> list[str]:
    """Put a confirmed answer into effect; a sentence for each thing that is otherwise now. A helper of the verb.

    Kinds of units are written down. Values of rules are set in the rulebook, with the document as their source. Everything else
    is a text people go by.
    """
    said = []
    for part in question.question.parts:
        answer = question.answers[part.name]
        if part.unit:
            said += _set_kind(session, question, part, answer)
        elif part.rule:
            said += _set_rule(session, actor, question, part, answer)
    return said


def _set_kind(session: Session, question: OpenQuestion, part: Asked, answer: str) -> list[str]:
    unit = session.scalar(
        sa.select(Unit).where(Unit.organiser_id == question.organiser_id, Unit.code == part.unit).with_for_update()
    )
    if unit is None or (unit.kind is UnitKind(answer) and not unit.kind_unconfirmed):
        return []
    unit.kind, unit.kind_unconfirmed = UnitKind(answer), False
    return [f"{unit.name}定为{unit.kind.label}。"]


def _set_rule(session: Session, actor: Actor, question: OpenQuestion, part: Asked, answer: str) -> list[str]:
    rule = rulebook.rule(question.organiser_id, part.rule)
    if rule.shown == answer:
        return []
    return [f"规则“{rule.title}”现在是 {rule.shown}，请照 {answer} 修改。"]
