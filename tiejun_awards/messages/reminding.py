"""Reminding: which tasks are open and whose they are, what has gone out, and sending one of the three."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..accounts import people
from ..accounts.models import Person
from ..accounts.people import Holder
from ..organisers.models import Organiser
from ..rulebook import services as rulebook
from ..shared import audit
from ..shared.access import Actor, Permission
from ..shared.clock import day_of, here
from ..shared.db import db, insert_all_absent, writing
from ..shared.errors import Missing, Refused
from ..shared.use_case import tell, use_case
from . import rules, services
from .models import Reminder
from .rules import NEVER, Kind, Sent, Task, Terms

Provider = Callable[[Session, datetime, int | None], Iterable[Task]]

providers: list[Provider] = []
"""Handed in by app.py: (session, moment, one organiser or all) -> the open tasks of one kind, in unit order, by a few statements."""


@dataclass(frozen=True)
class Open:
    """Every open task with what of its reminders has gone out, and whose they are."""

    at: datetime
    tasks: Sequence[Task]
    sent: dict[tuple[int, str, int], Sent]
    holders: dict[tuple[object, ...], list[Holder]]
    names: dict[int, str]
    terms: dict[int, Terms] = field(default_factory=dict)

    def people_of(self, task: Task) -> list[tuple[int, str]]:
        """(person, name) of those whose task it is."""
        posts = [holder for role in task.roles for holder in self.holders.get(_post(role, task), ())]
        found = {holder.person_id: holder.name for holder in posts if holder.person_id != task.but_not}
        found |= {each: self.names[each] for each in task.person_ids if each in self.names}
        return list(found.items())

    def sent_of(self, task: Task) -> Sent:
        """What of a task's reminders has gone out."""
        return self.sent.get(task.key, NEVER)


def _post(role: object, task: Task) -> tuple[object, ...]:
    return role, task.organiser_id, task.branch_id, task.unit_id


def terms_of(organiser_id: int) -> Terms:
    """When the three reminders are due (rulebook)."""
    numbers = [rulebook.number(organiser_id, key) for key in ("reminders.first", "reminders.second", "reminders.after")]
    return Terms(*numbers)


def open_tasks(session: Session, at: datetime, organiser_id: int | None = None) -> Open:
    """Read everything: a few statements a kind of task, none a task."""
    tasks = [task for provider in providers for task in provider(session, at, organiser_id)]
    roles = {role for task in tasks for role in task.roles}
    holders: dict[tuple[object, ...], list[Holder]] = defaultdict(list)
    for holder in people.holders(session, roles, at) if roles else ():
        holders[holder.role, holder.organiser_id, holder.branch_id, holder.unit_id].append(holder)
    named = {each for task in tasks for each in task.person_ids}
    names = sa.select(Person.id, Person.name).where(Person.id.in_(named), Person.disabled_at.is_(None))
    batches = {task.batch for task in tasks}
    return Open(
        at,
        tasks,
        _sent(session, batches) if batches else {},
        holders,
        {row.id: row.name for row in session.execute(names)} if named else {},
        {each: terms_of(each) for each in {task.organiser_id for task in tasks}},
    )


def _sent(session: Session, batches: Iterable[str]) -> dict[tuple[int, str, int], Sent]:
    key = (Reminder.organiser_id, Reminder.batch, Reminder.thing_id)
    rows = session.execute(
        sa.select(*key, sa.func.count(), sa.func.max(Reminder.stage), sa.func.max(Reminder.day))
        .where(Reminder.batch.in_(sorted(batches)))
        .group_by(*key)
    )
    return {(row[0], row[1], row[2]): Sent(*row[3:]) for row in rows}


# Sending.


def due_now(found: Open) -> list[tuple[Task, Sent]]:
    """The tasks whose reminder goes out by itself now, each with what it will be after that."""
    table, local = rulebook.day_table(), here(found.at)
    if not rules.in_hours(local, table):
        return []
    reached = cache(rules.stage)
    due = []
    for task in found.tasks:
        now = reached(task.since, task.due, local.date(), table, found.terms[task.organiser_id])
        if rules.is_due(now, found.sent_of(task), local.date()):
            due.append((task, found.sent_of(task).by_itself(now)))
    return due


def send(session: Session, found: Open, due: Sequence[tuple[Task, Sent]]) -> list[Task]:
    """Write the reminders and the messages of those nobody else has sent meanwhile. Tasks that are nobody's use up nothing."""
    due = [(task, sent) for task, sent in due if found.people_of(task)]
    rows = [
        {
            "organiser_id": task.organiser_id,
            "batch": task.batch,
            "thing_id": task.thing_id,
            "number": sent.times,
            "stage": sent.used,
            "day": day_of(found.at),
            "sent_at": found.at,
        }
        for task, sent in due
    ]
    keys = (Reminder.organiser_id, Reminder.batch, Reminder.thing_id)
    mine = {tuple(row) for row in insert_all_absent(session, Reminder, rows, *keys)}
    sent_now = [task for task, _ in due if task.key in mine]
    services.write(
        session,
        found.at,
        [
            (Kind.REMINDER, f"{task.batch}:{task.thing_id}", rules.reminder_text(task), task.path, person_id)
            for task in sent_now
            for person_id, _ in found.people_of(task)
        ],
    )
    return sent_now


def remind(now: datetime) -> int:
    """What the work process does every few minutes. How many tasks were reminded of; one line of the audit trail a batch."""
    if not due_now(open_tasks(db.session(), now)):
        return 0
    with writing() as session:
        found = open_tasks(session, now)  # once more: what was done meanwhile needs no reminder
        sent_now = send(session, found, due_now(found))
        for (organiser_id, batch), count in Counter((task.organiser_id, task.batch) for task in sent_now).items():
            detail = {"batch": batch, "count": count}
            audit.record(session, None, "messages.remind", at=now, organiser_id=organiser_id, detail=detail)
    return len(sent_now)


@use_case(Permission.REMIND)
def remind_now(actor: Actor, organiser: Organiser, *, batch: str, key: str = "") -> Organiser:
    """One of the three reminders at once, of every task of a batch that may have one today. Raises Refused with when it can be."""
    found = open_tasks(db.session(), actor.at, organiser.id)
    tasks = [task for task in found.tasks if task.batch == batch]
    table, local = rulebook.day_table(), here(actor.at)
    why = rules.why_not_now([found.sent_of(task) for task in tasks], local, table)
    if why:
        raise Refused(why)
    terms, today = terms_of(organiser.id), local.date()
    due = [
        (task, sent.by_hand(rules.stage(task.since, task.due, today, table, terms)))
        for task, sent in ((task, found.sent_of(task)) for task in tasks)
        if rules.may_now(sent, today)
    ]
    sent_now = send(db.session(), found, due)
    if not sent_now:
        raise Refused("这些事现在没有人任职在办，提醒不到谁；请先在任职里指定。")
    tell(db.session(), batch=batch, count=len(sent_now))
    return organiser


# The office's page.


@dataclass(frozen=True, slots=True)
class Batch:
    """Tasks of one kind and period: one line of the office's page."""

    batch: str
    tasks: Sequence[Task]
    due: date
    times: str
    next_day: date | None
    why_not: str

    @property
    def kind(self) -> rules.TaskKind:
        """What people are reminded of."""
        return self.tasks[0].kind

    @property
    def title(self) -> str:
        """“2026年第三季度报告”."""
        return self.tasks[0].title


def batches(actor: Actor) -> tuple[Open, list[Batch]]:
    """What is open within the office's reach, a batch at a time."""
    organiser_id = actor.organiser_id
    found = open_tasks(db.session(), actor.at, organiser_id)
    table, local, terms = rulebook.day_table(), here(actor.at), terms_of(organiser_id)
    coming = cache(rules.next_day)
    made = []
    for batch, group in groupby(found.tasks, lambda task: task.batch):
        tasks = list(group)
        sent = [found.sent_of(task) for task in tasks]
        days = [
            coming(task.since, task.due, each, local.date(), table, terms)
            for task, each in zip(tasks, sent, strict=True)
        ]
        made.append(
            Batch(
                batch,
                tasks,
                min(task.due for task in tasks),
                rules.times(each.times for each in sent),
                min((day for day in days if day), default=None),
                rules.why_not_now(sent, local, table),
            )
        )
    return found, made


def batch_of(actor: Actor, batch: str) -> tuple[Open, Batch]:
    """One of them. Raises Missing."""
    found, all_of_them = batches(actor)
    one = next((each for each in all_of_them if each.batch == batch), None)
    if one is None:
        raise Missing
    return found, one
