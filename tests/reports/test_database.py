"""What the database itself refuses, whoever asks it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.builders import NOW, World, rows_of
from tiejun_awards.reports.models import LifeRecord, Report, ReportReview, ReportRevision
from tiejun_awards.reports.rules import State
from tiejun_awards.shared.db import Base, writing

DAY = timedelta(days=1)


@pytest.mark.parametrize("model", [ReportRevision, ReportReview])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_what_was_submitted_and_said_of_it_is_never_changed(world: World, model: type[Base], verb: str):
    table = model.__table__
    assert isinstance(table, sa.Table)
    before = rows_of(model, *table.columns.keys())
    statement = sa.delete(table) if verb == "DELETE" else sa.update(table).values(report_id=table.c.report_id)

    with pytest.raises(DBAPIError, match=f"{table.name} only grows"), writing() as session:
        session.execute(statement)

    assert rows_of(model, *table.columns.keys()) == before


@pytest.mark.parametrize(
    ("state", "values"),
    [
        (State.DRAFT, {"submitted_at": NOW, "revisions": 1}),
        (State.DRAFT, {"state": "submitted"}),
        (State.DRAFT, {"state": "handed_in"}),
        (State.DRAFT, {"revisions": 1}),
        (State.DRAFT, {"quarter": "26Q4"}),
        (State.DRAFT, {"return_reason": "没有退回过"}),
        (State.DRAFT, {"accepted_at": NOW}),
        (State.SUBMITTED, {"submitted_at": None}),
        (State.SUBMITTED, {"state": "returned"}),
        (State.SUBMITTED, {"state": "accepted"}),
        (State.SUBMITTED, {"first_submitted_at": NOW + DAY}),
        (State.RETURNED, {"return_reason": ""}),
        (State.ACCEPTED, {"accepted_at": None}),
    ],
)
def test_a_report_whose_state_and_dates_contradict_each_other_is_refused(
    world: World, state: State, values: dict[str, object]
):
    report = sa.select(Report.id).where(Report.state == state).limit(1).scalar_subquery()

    with pytest.raises(DBAPIError), writing() as session:
        session.execute(sa.update(Report.__table__).where(Report.__table__.c.id == report).values(**values))  # type: ignore[arg-type]


def test_a_branch_has_one_report_a_quarter(world: World):
    first = world.report("water", "2026Q3")

    with pytest.raises(IntegrityError), writing() as session:
        session.add(
            Report(
                branch_id=first.branch_id,
                organiser_id=first.organiser_id,
                quarter="2026Q3",
                draft={},
                saved_at=NOW,
                saved_by=first.saved_by,
            )
        )


@pytest.mark.parametrize(("attended", "expected"), [(-1, 3), (4, 3)])
def test_nobody_attends_beyond_those_expected(world: World, attended: int, expected: int):
    with pytest.raises(IntegrityError), writing() as session:
        session.execute(sa.update(LifeRecord).values(attended=attended, expected=expected))
