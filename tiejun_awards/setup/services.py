"""The open questions (待定事项): finding them, answering, confirming with a document, opening again."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..rulebook import services as rulebook
from ..rulebook.rules import Rule
from ..shared.access import Actor, Permission, reach
from ..shared.clock import day_of
from ..shared.db import db, within
from ..shared.errors import Missing, Refused
from ..shared.use_case import tell, use_case
from . import rules
from .models import OpenQuestion
from .rules import Paper, QuestionState, Texts
from .sections import QUESTIONS
from .settling import apply_answer


def visible_to(actor: Actor) -> sa.Select[tuple[OpenQuestion]]:
    """The open questions within reach, in the order they were written down."""
    got = reach(actor, Permission.READ_RULES)
    return sa.select(OpenQuestion).where(within(got, organiser=OpenQuestion.organiser_id)).order_by(OpenQuestion.id)


def questions_of(actor: Actor, state: QuestionState | None = None) -> Sequence[OpenQuestion]:
    """The actor's own organiser's questions, or those in one state; only what is still asked."""
    found = visible_to(actor).where(
        OpenQuestion.organiser_id == actor.organiser_id, OpenQuestion.key.in_(list(QUESTIONS))
    )
    if state is not None:
        found = found.where(OpenQuestion.state == state)
    return db.session.scalars(found.options(joinedload(OpenQuestion.confirmer))).all()


def get_visible(actor: Actor, question_id: int) -> OpenQuestion:
    """One open question with those who wrote it. Raises Missing."""
    found = db.session.scalar(
        visible_to(actor)
        .where(OpenQuestion.id == question_id, OpenQuestion.key.in_(list(QUESTIONS)))
        .options(joinedload(OpenQuestion.writer), joinedload(OpenQuestion.confirmer))
    )
    if found is None:
        raise Missing
    return found


def still_open(actor: Actor) -> int:
    """For those who settle them: how many are not confirmed."""
    got = reach(actor, Permission.SETTLE_QUESTIONS)
    if not got:
        return 0
    return (
        db.session.scalar(
            sa.select(sa.func.count(OpenQuestion.id)).where(
                within(got, organiser=OpenQuestion.organiser_id),
                OpenQuestion.state == QuestionState.PROPOSED,
                OpenQuestion.key.in_(list(QUESTIONS)),
            )
        )
        or 0
    )


def changes_rules(question: OpenQuestion) -> bool:
    """Whether confirming the answer sets values of rules: then the password is asked for again."""
    return any(part.rule for part in question.question.parts)


def rules_of(question: OpenQuestion) -> dict[str, Rule]:
    """The rules an answer is about, as they hold now: name of the part -> rule."""
    return {part.name: rulebook.rule(question.organiser_id, part.rule) for part in question.question.parts if part.rule}


@use_case(Permission.SETTLE_QUESTIONS)
def answer(actor: Actor, question: OpenQuestion, *, texts: Texts, version: int, key: str = "") -> OpenQuestion:
    """Write another proposal (建议稿)."""
    _write(actor, question, texts)
    return question


@use_case(Permission.SETTLE_QUESTIONS)
def confirm(
    actor: Actor, question: OpenQuestion, *, texts: Texts, paper: Paper, version: int, key: str = ""
) -> OpenQuestion:
    """Register which document says so; from now on the answer holds, and what it is the value of has it."""
    wrong = rules.faults_of_paper(paper, day_of(actor.at))
    if wrong:
        name, sentence = next(iter(wrong.items()))
        raise Refused(sentence, field=name)
    _write(actor, question, texts)
    question.state = QuestionState.CONFIRMED
    question.decided_by, question.decided_on, question.document = paper.decided_by, paper.decided_on, paper.document
    question.confirmed_at, question.confirmed_by = actor.at, actor.person_id
    took_effect = apply_answer(db.session(), actor, question)
    tell(db.session(), document=paper.document, decided_by=paper.decided_by, took_effect=took_effect)
    return question


def _write(actor: Actor, question: OpenQuestion, texts: Texts) -> None:
    if question.state is QuestionState.CONFIRMED:
        raise Refused("这一项已经确认；要改，请先重新打开，写明原因。")
    wrong = rules.faults_of(question.question, texts)
    if wrong:
        name, sentence = next(iter(wrong.items()))
        raise Refused(sentence, field=name)
    question.answers = rules.plain(question.question, texts)
    question.written_at, question.written_by = actor.at, actor.person_id
    tell(db.session(), question=question.key, answers=question.answers)


@use_case(Permission.SETTLE_QUESTIONS)
def reopen(actor: Actor, question: OpenQuestion, *, reason: str, version: int, key: str = "") -> OpenQuestion:
    """Ask again what was confirmed, with a reason. What took effect stays until another answer is confirmed."""
    if question.state is not QuestionState.CONFIRMED:
        raise Refused("这一项还没有确认，直接改就可以。")
    if not 0 < len(reason.strip()) <= 300:
        raise Refused("请写明为什么重新打开，最多 300 字。", field="reason")
    tell(db.session(), question=question.key, reason=reason.strip(), document=question.document)
    question.state = QuestionState.PROPOSED
    question.decided_by, question.decided_on, question.document = "", None, ""
    question.confirmed_at = question.confirmed_by = None
    return question
