"""A panel's sheets as a whole: every mark of it, and how far its judges and branches have come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ..panels.models import Seat
from ..shared.db import db
from .models import Mark, Sheet
from .rules import State

_S = Sheet.__table__.c


def sheets_of_panel(panel_id: int) -> Sequence[Any]:
    """The marks of a panel as rows (seat, branch, state, line, value), by branch, seat and line."""
    return db.session.execute(
        sa.select(_S.seat_id, _S.branch_id, _S.state, Mark.line, Mark.value)
        .select_from(Sheet.__table__.join(Mark.__table__, Mark.sheet_id == _S.id))
        .where(_S.panel_id == panel_id)
        .order_by(_S.branch_id, _S.seat_id, Mark.line)
    ).all()


def progress(panel_id: int) -> dict[State, int]:
    """How many sheets of a panel stand where."""
    rows = db.session.execute(sa.select(_S.state, sa.func.count()).where(_S.panel_id == panel_id).group_by(_S.state))
    return {**dict.fromkeys(State, 0), **{row[0]: row[1] for row in rows}}


def counts_by_branch(panel_id: int) -> Sequence[Any]:
    """(branch, sheets, signed sheets) of a panel."""
    return db.session.execute(
        sa.select(_S.branch_id, sa.func.count(), sa.func.sum(sa.case((_S.state == State.SIGNED, 1), else_=0)))
        .where(_S.panel_id == panel_id)
        .group_by(_S.branch_id)
    ).all()


def progress_by_judge(panel_id: int) -> Sequence[Any]:
    """(number of the seat, sheets, confirmed or signed, signed) of a panel's judges."""
    return db.session.execute(
        sa.select(
            Seat.number,
            sa.func.count(),
            sa.func.sum(sa.case((_S.state == State.OPEN, 0), else_=1)),
            sa.func.sum(sa.case((_S.state == State.SIGNED, 1), else_=0)),
        )
        .join(Seat, Seat.id == _S.seat_id)
        .where(_S.panel_id == panel_id)
        .group_by(Seat.number)
        .order_by(Seat.number)
    ).all()
