"""What waits for the actor, from every feature below; feedback to the organiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from ..accounts.models import Person
from ..ballots import queries as ballot_queries
from ..quarters import services as quarters
from ..quarters.services import Filters, Progress
from ..reports import queries as report_queries
from ..reports import rules as report_rules
from ..reports.due import due_day, is_asked, quarter_to_report, usual_times
from ..reports.queries import Standing
from ..reports.rules import State, Usual
from ..rulebook import services as rulebook
from ..shared.access import Actor, Permission, Role, reach
from ..shared.clock import day_of, here
from ..shared.dates import chinese_time
from ..shared.db import db, remembered, within
from ..shared.errors import Missing, Refused
from ..shared.jobs import Job
from ..shared.periods import Quarter
from ..shared.use_case import hush, use_case
from . import exemplars, rules
from .models import Feedback
from .paper_todos import paper_todos
from .rating_todos import rating_todos
from .rules import Meetings, Todo


@dataclass(frozen=True, slots=True)
class QuarterFigures:
    """Where the branches in reach stand with one quarter."""

    quarter: Quarter
    due: date
    provisional: bool
    counts: dict[Progress, int]

    @property
    def total(self) -> int:
        """All branches."""
        return sum(self.counts.values())


def waiting(actor: Actor) -> list[Todo]:
    """What waits for the actor under each hat, the nearest first."""

    def left(due: date) -> str:
        return _left(actor, due)

    in_calls = exemplars.todos(actor, left)
    own = [*_reports_to_write(actor), *_reports_to_review(actor), *rating_todos(actor, left)]
    own += [*_votes_to_cast(actor), *paper_todos(actor)]
    return rules.in_order([*own, *in_calls])


def open_calls(actor: Actor) -> list[exemplars.OpenCall]:
    """The calls in which the actor can suggest somebody today."""
    return exemplars.open_calls(actor, lambda due: _left(actor, due))


def _votes_to_cast(actor: Actor) -> list[Todo]:
    return [
        Todo(
            heading=f"投票：{poll.title}",
            text="无记名，一分钟投完；投出以后不能改。",
            label="去投票",
            page="vote",
            thing_id=poll.poll_id,
            due=day_of(poll.closes_at),
            left=f"{chinese_time(here(poll.closes_at))} 截止",
            soon=True,
        )
        for poll in ballot_queries.to_vote(actor)
    ]


def _own_standing(actor: Actor) -> list[Standing]:
    if not reach(actor, Permission.WRITE_REPORT):
        return []
    current = quarter_to_report(actor.organiser_id, actor.at)
    quarters = [quarter for quarter in (current.previous(), current) if is_asked(actor.organiser_id, quarter)]
    return remembered(("home.own_standing", actor.person_id), lambda: report_queries.own_standing(actor, *quarters))


def _reports_to_write(actor: Actor) -> list[Todo]:
    todos = []
    for standing in _own_standing(actor):
        if standing.state is State.RETURNED:
            todos.append(_to_mend(standing))
        elif standing.state in (None, State.DRAFT):
            todos.append(_to_write(actor, standing))
    return todos


@dataclass(frozen=True, slots=True)
class BranchQuarter:
    """The current quarter of the actor's own branch: how often it met, and how far the report has come."""

    branch: str
    quarter: Quarter
    meetings: Sequence[Meetings]
    steps: Sequence[tuple[str, str, str, str]]
    over: bool  # before, nothing is short yet
    usual: Sequence[Usual]  # of each line of ``meetings``


def own_quarter(actor: Actor) -> BranchQuarter | None:
    """For those who write reports: the quarter to report on, of their (first) branch."""
    quarter = quarter_to_report(actor.organiser_id, actor.at)
    mine = [standing for standing in _own_standing(actor) if standing.quarter == quarter]
    if not mine:
        return None
    standing, today = mine[0], day_of(actor.at)
    days = report_queries.life_days(standing.branch_id, quarter)
    usual = report_rules.usual_numbers(standing.party_groups, usual_times(actor.organiser_id))
    meetings = [rules.meetings(line.kind.label, days.get(line.kind, []), line.times, quarter, today) for line in usual]
    due = due_day(actor.organiser_id, quarter)
    moments = [
        (quarter.first_day, f"{quarter.short_label}开始", ""),
        (standing.submitted_at and day_of(standing.submitted_at), "提交报告", ""),
        (standing.accepted_at and day_of(standing.accepted_at), "机关党委采用", ""),
        (quarter.last_day, f"{quarter.short_label}结束", ""),
        (due.day, f"{quarter.short_label}报告截止", due.note or "季度后的工作日，节假日已扣除"),
    ]
    return BranchQuarter(
        standing.branch, quarter, meetings, rules.steps(moments, today), today > quarter.last_day, usual
    )


def _to_write(actor: Actor, standing: Standing) -> Todo:
    quarter = standing.quarter
    due = due_day(actor.organiser_id, quarter)
    left = _left(actor, due.day)
    submits = standing.branch_id in reach(actor, Permission.SUBMIT_REPORT).branches
    begun = standing.report_id is not None
    return Todo(
        heading=f"{'填完并提交' if submits else '起草'}{quarter.label}书记抓党建报告",
        text=("已存有草稿，接着写就好。" if begun else "还没有开始；支部人数和上季度的问题会自动带出。")
        + (f"截止日{due.note}。" if due.provisional else ""),
        label="继续填写" if begun else "开始填写",
        page="edit" if begun else "begin",
        thing_id=standing.report_id or f"{standing.branch_id}-{quarter.code}",
        due=due.day,
        left=left,
        hat=f"{standing.branch}{'书记' if submits else '党建联络员'}",
        soon=(due.day - day_of(actor.at)).days <= 7,
    )


def _to_mend(standing: Standing) -> Todo:
    return Todo(
        heading=f"修改{standing.quarter.label}报告，再交一次",
        text=f"机关党委退回：{standing.return_reason}",
        label="去修改",
        page="edit",
        thing_id=standing.report_id or 0,
        left="已退回",
        hat=standing.branch,
        soon=True,
    )


def _reports_to_review(actor: Actor) -> list[Todo]:
    if not reach(actor, Permission.REVIEW_REPORT):
        return []
    hat = "机关党委经办" if actor.holds(Role.OFFICE) else "复核人"
    return [
        Todo(
            heading=f"审阅 {number} 份{Quarter.from_code(code).label}报告",
            text="采用，或退回并写明改哪一句。",
            label="审阅下一份",
            page="review",
            thing_id=code,
            hat=hat,
            left="已提交",
        )
        for code, number in report_queries.to_review_by_quarter(actor)
    ]


def _left(actor: Actor, due: date) -> str:
    today = day_of(actor.at)
    return rules.days_left(rulebook.day_table().working_days_between(today, due), due, today)


def quarter_figures(actor: Actor) -> QuarterFigures | None:
    """For those who look after a quarter: how many branches stand where."""
    if not reach(actor, Permission.READ_QUARTER):
        return None
    quarter = quarter_to_report(actor.organiser_id, actor.at)
    due = due_day(actor.organiser_id, quarter)
    return QuarterFigures(quarter, due.day, due.provisional, quarters.tally(actor, quarter, Filters()))


@use_case(Permission.USE_SYSTEM)
def give_feedback(actor: Actor, person: Person, *, text: str, with_name: bool, key: str = "") -> Feedback:
    """Send an opinion to the organiser, with the writer's name only if he wants it there."""
    if not text.strip():
        raise Refused("请写下意见或建议。", field="text")
    feedback = Feedback(
        organiser_id=actor.organiser_id,
        text=text.strip(),
        written_at=actor.at,
        written_by=actor.person_id if with_name else None,
    )
    db.session.add(feedback)
    if not with_name:
        hush(db.session())  # an audit line would put the name back
    return feedback


def feedback_to_read(actor: Actor, most: int = 100) -> Sequence[Feedback]:
    """What people wrote to the organisers in reach, the latest first."""
    got = reach(actor, Permission.READ_FEEDBACK)
    return db.session.scalars(
        sa.select(Feedback)
        .where(within(got, organiser=Feedback.organiser_id))
        .order_by(Feedback.id.desc())
        .limit(most)
        .options(sa.orm.joinedload(Feedback.writer))
    ).all()


def my_job(actor: Actor, job_id: int) -> Job:
    """A piece of long work the actor asked for. Raises Missing."""
    job = db.session.get(Job, job_id)
    if job is None or job.person_id != actor.person_id:
        raise Missing
    return job


def schema_version() -> str:
    """The migration the database stands at; "" where it does not answer."""
    try:
        return str(db.session.scalar(sa.text("SELECT version_num FROM alembic_version")))
    except sa.exc.SQLAlchemyError:
        return ""
