"""What people are reminded of, one kind of task a function: a statement or two each, however many branches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..calls.models import Call
from ..calls.rules import State as CallState
from ..decisions.models import RegisteredStep
from ..decisions.rules import CONFIRMED
from ..messages.reminding import Provider
from ..messages.rules import Task, TaskKind
from ..nominations.models import Recommendation
from ..nominations.rules import State as RecommendationState
from ..organisation.models import PartyKind, PartyOrganisation, Unit
from ..panels.models import Panel
from ..reports.due import due_day, is_asked
from ..reports.models import Report
from ..rulebook import services as rulebook
from ..scoring.models import Sheet
from ..scoring.rules import State as SheetState
from ..shared.access import Role
from ..shared.clock import day_of
from ..shared.periods import Quarter

_B, _R, _S, _P = PartyOrganisation.__table__.c, Report.__table__.c, Sheet.__table__.c, Panel.__table__.c
_C, _U, _D, _N = Call.__table__.c, Unit.__table__.c, RegisteredStep.__table__.c, Recommendation.__table__.c


def _of(organiser_id: int | None, column: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return sa.true() if organiser_id is None else column == organiser_id


def due_within(organiser_id: int, since: date, rule_key: str) -> date:
    """The last of so many working days after a day, as a rule gives them."""
    return rulebook.day_table().nth_working_day(since, rulebook.number(organiser_id, rule_key)).day


def reports(session: Session, at: datetime, organiser_id: int | None) -> Iterator[Task]:
    """Reports on the quarter that is over which were never handed in; returned ones are between the branch and the office."""
    quarter = Quarter.of(day_of(at)).previous()
    rows = session.execute(
        sa.select(_B.id, _B.organiser_id, _B.name, _R.id.label("report_id"))
        .select_from(_B.id.table)
        .outerjoin(Report.__table__, sa.and_(_R.branch_id == _B.id, _R.quarter == quarter.code))
        .where(
            _of(organiser_id, _B.organiser_id),
            _B.kind == PartyKind.BRANCH,
            sa.or_(_B.founded_on.is_(None), _B.founded_on <= quarter.last_day),
            sa.or_(_B.ended_on.is_(None), _B.ended_on >= day_of(at)),
            _R.first_submitted_at.is_(None),
        )
        .order_by(_B.position, _B.id)
    ).all()
    organisers = [each for each in sorted({row.organiser_id for row in rows}) if is_asked(each, quarter)]
    due = {each: due_day(each, quarter).day for each in organisers}
    for row in rows:
        if row.organiser_id not in due:
            continue
        yield Task(
            TaskKind.REPORT,
            f"report-{quarter.code}",
            row.id,
            row.organiser_id,
            f"{quarter.label}报告",
            row.name,
            due=due[row.organiser_id],
            since=quarter.last_day,
            path=f"/reports/{row.report_id}/edit" if row.report_id else f"/reports/begin/{row.id}/{quarter.code}",
            roles=(Role.SECRETARY, Role.LIAISON),
            branch_id=row.id,
        )


def sheets(session: Session, at: datetime, organiser_id: int | None) -> Iterator[Task]:
    """Judges of open panels who have sheets to sign."""
    rows = session.execute(
        sa.select(_P.id, _P.organiser_id, _P.title, _P.opened_at, _S.person_id, sa.func.count().label("number"))
        .select_from(Panel.__table__.join(Sheet.__table__, _S.panel_id == _P.id))
        .where(
            _of(organiser_id, _P.organiser_id),
            *(_P.opened_at.is_not(None), _P.closed_at.is_(None)),
            _S.state != SheetState.SIGNED,
        )
        .group_by(_P.id, _P.organiser_id, _P.title, _P.opened_at, _S.person_id)
        .order_by(_P.id, sa.func.min(_S.seat_id))
    )
    for row in rows:
        since = day_of(row.opened_at)
        yield Task(
            TaskKind.SHEETS,
            f"sheets-{row.id}",
            row.person_id,
            row.organiser_id,
            row.title,
            f"{row.number} 份评分表",
            due=due_within(row.organiser_id, since, "reminders.mark_within"),
            since=since,
            path=f"/scoring/{row.id}",
            person_ids=(row.person_id,),
        )


def recommendations(session: Session, at: datetime, organiser_id: int | None) -> Iterator[Task]:
    """Units that have not sent their recommendation in a call, as long as it can be sent."""
    today = day_of(at)
    rows = session.execute(
        sa.select(*(_C.id, _C.organiser_id, _C.title, _C.opens_on, _C.recommend_by), _U.id.label("unit_id"), _U.name)
        .select_from(Call.__table__)
        .join(Unit.__table__, _U.organiser_id == _C.organiser_id)
        .outerjoin(Recommendation.__table__, sa.and_(_N.call_id == _C.id, _N.unit_id == _U.id))
        .where(
            _of(organiser_id, _C.organiser_id),
            *(_C.state == CallState.ANNOUNCED, _C.opens_on <= today, _C.recommend_by >= today),
            *(_U.parent_id.is_(None), _U.starts_on <= today, sa.or_(_U.ends_on.is_(None), _U.ends_on >= today)),
            sa.or_(_N.id.is_(None), _N.state == RecommendationState.DRAFT),
        )
        .order_by(_C.recommend_by, _C.id, _U.position, _U.id)
    )
    for row in rows:
        yield Task(
            TaskKind.RECOMMEND,
            f"recommend-{row.id}",
            row.unit_id,
            row.organiser_id,
            row.title,
            row.name,
            due=row.recommend_by,
            since=row.opens_on,
            path=f"/calls/{row.id}/units/{row.unit_id}",
            roles=(Role.CLERK,),
            unit_id=row.unit_id,
        )


def confirmations(session: Session, at: datetime, organiser_id: int | None) -> Iterator[Task]:
    """Registered decisions that wait for the second hand."""
    rows = session.execute(
        sa.select(_D.id, _D.organiser_id, _D.about, _D.kind, _D.entered_at, _D.entered_by)
        .where(
            _of(organiser_id, _D.organiser_id),
            *(_D.kind.in_(CONFIRMED), _D.confirmed_at.is_(None), _D.withdrawn_at.is_(None)),
        )
        .order_by(_D.id)
    )
    for row in rows:
        since = day_of(row.entered_at)
        yield Task(
            TaskKind.CONFIRM,
            f"confirm-{row.id}",
            row.id,
            row.organiser_id,
            f"{row.about}的{row.kind.label}",
            "登记的决定",
            due=due_within(row.organiser_id, since, "reminders.confirm_within"),
            since=since,
            path=f"/decisions/{row.id}",
            roles=(Role.SECOND,),
            but_not=row.entered_by,
        )


PROVIDERS: list[Provider] = [reports, sheets, recommendations, confirmations]
