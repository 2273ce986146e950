"""Registering steps. Entering and withdrawing are plain steps of the verbs above (a cycle's, a call's); confirming is a verb."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from ..messages import services as messages
from ..messages.rules import Kind as MessageKind
from ..rulebook import services as rulebook
from ..shared.access import Actor, Permission, Place, Role, reach
from ..shared.clock import day_of
from ..shared.db import db, within
from ..shared.errors import Missing, Refused
from ..shared.use_case import tell, use_case
from . import rules
from .models import RegisteredStep
from .rules import CONFIRMED, Entry, Kind


class Subject(Protocol):
    """A thing whose steps are registered: a row that lies somewhere."""

    __tablename__: str
    id: Any

    @property
    def place(self) -> Place: ...


_STEPS = (  # built once: several pages show the steps of their thing
    sa.select(RegisteredStep)
    .where(
        RegisteredStep.subject == sa.bindparam("subject"),
        RegisteredStep.subject_id == sa.bindparam("subject_id"),
        RegisteredStep.withdrawn_at.is_(None),
    )
    .options(joinedload(RegisteredStep.enterer), joinedload(RegisteredStep.confirmer))
    .order_by(RegisteredStep.held_on, RegisteredStep.id)
)


def steps_of(subject: Subject) -> dict[Kind, RegisteredStep]:
    """The steps of a thing that stand, by kind."""
    rows = db.session.scalars(_STEPS, {"subject": subject.__tablename__, "subject_id": subject.id})
    return {row.kind: row for row in rows}


def notice_end(organiser_id: int, start: date, at: datetime | None = None) -> date:
    """The last day of a notice that begins on ``start``: the fifth working day, the first one counted (rulebook, as of ``at``)."""
    least = rulebook.number(organiser_id, "notice.working_days", at)
    return rulebook.day_table().nth_working_day(start, least, counting_start=True).day


def faults(organiser_id: int, kind: Kind, entry: Entry, today: date, at: datetime | None = None) -> dict[str, str]:
    """What is wrong with an entry: field -> sentence. ``at``: when its thing was announced, whose rules it keeps."""
    least = rulebook.number(organiser_id, "notice.working_days", at)
    hung = 0
    if kind is Kind.NOTICE and entry.held_on and entry.until and entry.until >= entry.held_on:
        table = rulebook.day_table()
        hung = table.working_days_between(entry.held_on, entry.until).days + table.is_working_day(entry.held_on)
    return rules.faults(kind, entry, today=today, hung=hung, least=least)


def enter(session: Session, actor: Actor, subject: Subject, about: str, kind: Kind, entry: Entry) -> RegisteredStep:
    """Register a step within the verb under way. Raises Refused beside the field that is wrong, or when it stands already."""
    organiser_id = subject.place.organiser_id
    announced_at = getattr(subject, "announced_at", None)  # from then on it keeps the rules it was announced with
    wrong = faults(organiser_id, kind, entry, day_of(actor.at), announced_at)
    if wrong:
        name, sentence = next(iter(wrong.items()))
        raise Refused(sentence, field=name)
    assert entry.held_on is not None
    slot = f"{subject.__tablename__}:{subject.id}:{kind.value}"
    if session.scalar(sa.select(RegisteredStep.id).where(RegisteredStep.slot == slot)) is not None:
        raise Refused(f"{kind.label}已经登记过了；登记错了请先撤下，再登一次。")
    until = (entry.until or notice_end(organiser_id, entry.held_on, announced_at)) if kind is Kind.NOTICE else None
    step = RegisteredStep(
        organiser_id=organiser_id,
        subject=subject.__tablename__,
        subject_id=subject.id,
        about=about,
        slot=slot,
        kind=kind,
        body=entry.body,
        held_on=entry.held_on,
        until=until,
        place_name=entry.place,
        number=entry.number,
        result=entry.result,
        entered_at=actor.at,
        entered_by=actor.person_id,
    )
    session.add(step)
    if kind in CONFIRMED:
        session.flush()
        text = f"{about}的{kind.label}已登记，等您照原件核对。"
        told, second = (MessageKind.CONFIRM, f"step:{step.id}", text, "/decisions/"), (Role.SECOND,)
        messages.tell_holders(session, actor, *told, second, organiser_id=organiser_id)
    tell(session, step=kind.value, number=entry.number, held_on=entry.held_on.isoformat())
    return step


def take_back(session: Session, actor: Actor, step: RegisteredStep, reason: str) -> None:
    """Withdraw a step entered by mistake, within the verb under way."""
    if step.withdrawn_at is not None:
        raise Refused(f"这次{step.kind.label}登记已经撤下了。")
    if not 0 < len(reason.strip()) <= 300:
        raise Refused("请写明为什么撤下，最多 300 字。", field="reason")
    step.withdrawn_at = actor.at
    step.withdrawn_because = reason.strip()
    step.slot = None
    tell(session, step=step.kind.value, reason=reason.strip())


@use_case(Permission.CONFIRM_STEP)
def confirm(actor: Actor, step: RegisteredStep, *, number: str, key: str = "") -> RegisteredStep:
    """The second hand compares a registered decision with the paper and types its number once more."""
    if step.withdrawn_at is not None:
        raise Refused("经办已撤下这次登记，不用核对了。")
    if step.confirmed_at is not None:
        raise Refused("这次登记已经核对过了。")
    if step.entered_by == actor.person_id:
        raise Refused("登记和核对要由两个人来办，请另一位复核人核对。")
    why = rules.why_not_confirmed(step.kind, step.number, number)
    if why:
        raise Refused(why, field="number")
    step.confirmed_at = actor.at
    step.confirmed_by = actor.person_id
    tell(db.session(), step=step.kind.value, number=step.number)
    return step


def visible_to(actor: Actor) -> sa.Select[tuple[RegisteredStep]]:
    """The registered steps within the actor's reach to confirm."""
    got = reach(actor, Permission.CONFIRM_STEP)
    return sa.select(RegisteredStep).where(within(got, organiser=RegisteredStep.organiser_id))


def to_confirm(actor: Actor) -> Sequence[RegisteredStep]:
    """The decisions that wait for the actor to compare them with the paper, the oldest first."""
    if not reach(actor, Permission.CONFIRM_STEP):
        return []
    return db.session.scalars(
        visible_to(actor)
        .where(
            RegisteredStep.kind.in_(CONFIRMED),
            RegisteredStep.withdrawn_at.is_(None),
            RegisteredStep.confirmed_at.is_(None),
            RegisteredStep.entered_by != actor.person_id,
        )
        .order_by(RegisteredStep.id)
        .limit(200)
        .options(joinedload(RegisteredStep.enterer))
    ).all()


def confirmed(actor: Actor, most: int = 50) -> Sequence[RegisteredStep]:
    """What was confirmed, the latest first."""
    return db.session.scalars(
        visible_to(actor)
        .where(RegisteredStep.confirmed_at.is_not(None))
        .order_by(RegisteredStep.confirmed_at.desc(), RegisteredStep.id.desc())
        .limit(most)
        .options(joinedload(RegisteredStep.enterer), joinedload(RegisteredStep.confirmer))
    ).all()


def get_visible(actor: Actor, step_id: int) -> RegisteredStep:
    """One registered step within reach. Raises Missing."""
    step = db.session.scalar(visible_to(actor).where(RegisteredStep.id == step_id))
    if step is None or step.kind not in CONFIRMED:
        raise Missing
    return step
