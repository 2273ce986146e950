"""What a confirmed answer changes: the one place where open questions reach into the rest of the system."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..organisation.models import Unit, UnitKind
from ..organisers.models import Organiser
from ..rulebook import changes
from ..rulebook import services as rulebook
from ..rulebook.rules import RuleAnswer
from ..shared.access import Actor
from ..shared.clock import day_of
from ..shared.errors import Refused
from .models import OpenQuestion
from .sections import Asked


def apply_answer(session: Session, actor: Actor, question: OpenQuestion) -> list[str]:
    """Put a confirmed answer into effect; a sentence for each thing that is otherwise now. A helper of the verb.

    Kinds of units are written down. Values of rules are set in the rulebook, with the document as their source. Everything else
    is a text people go by. Raises Refused beside the part that the rulebook does not take.
    """
    parts = question.question.parts
    said = [sentence for part in parts if part.unit for sentence in _set_kind(session, question, part)]
    return said + _set_rules(session, actor, question, [part for part in parts if part.rule])


def _set_kind(session: Session, question: OpenQuestion, part: Asked) -> list[str]:
    kind = UnitKind(question.answers[part.name])
    unit = session.scalar(
        sa.select(Unit).where(Unit.organiser_id == question.organiser_id, Unit.code == part.unit).with_for_update()
    )
    if unit is None or (unit.kind is kind and not unit.kind_unconfirmed):
        return []
    unit.kind, unit.kind_unconfirmed = kind, False
    return [f"{unit.name}定为{kind.label}。"]


def _set_rules(session: Session, actor: Actor, question: OpenQuestion, parts: list[Asked]) -> list[str]:
    said: list[str] = []
    if not parts:
        return said
    changes.refuse_unconfirmed(actor)
    organiser = session.get_one(Organiser, question.organiser_id)
    rulebook.write_down_dates(actor)
    changed = [part.rule for part in parts if _set_rule(session, actor, organiser, question, part)]
    changes.refuse_clash(organiser, day_of(actor.at))
    rulebook.write_down_dates(actor)
    changes.tell_late(session, organiser, changed)
    for key in changed:
        now = rulebook.rule(organiser.id, key)
        said.append(f"规则“{now.title}”定为 {now.with_unit}。")
    return said


def _set_rule(session: Session, actor: Actor, organiser: Organiser, question: OpenQuestion, part: Asked) -> bool:
    now, answer = rulebook.rule(organiser.id, part.rule), question.answers[part.name]
    if (now.shown, now.source, now.proposed) == (answer, question.document, False):
        return False
    reason = f"确认待定事项“{question.question.title}”"
    try:
        changes.set_value(session, actor, organiser, part.rule, RuleAnswer(answer, question.document, reason))
    except Refused as refused:
        raise Refused(refused.sentence, field=part.name) from None
    return True
