"""A judge's own sheets: found, shown with what stands beside the marks, and never anybody else's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from ..organisation.models import PartyOrganisation
from ..panels.models import Panel, Recusal, Seat
from ..panels.rules import Ground
from ..shared.access import Actor, Permission, can, reach
from ..shared.db import db
from ..shared.errors import Missing, NotAllowed
from ..standards import services as standards
from ..standards.models import Standard
from ..standards.rules import Scheme
from .models import Mark, Sheet
from .rules import Brief, Given, State

briefs: list[Callable[[int, int, Scheme], Brief]] = []
"""Handed in by app.py: (panel id, branch id, standard) -> what a judge is shown beside the marks."""


def visible_to(actor: Actor) -> sa.Select[tuple[Sheet]]:
    """The sheets that are the actor's own to mark."""
    got = reach(actor, Permission.MARK)
    here = sa.true() if actor.only_panel is None else Sheet.panel_id == actor.only_panel
    return sa.select(Sheet).where(sa.false() if got.person is None else Sheet.person_id == got.person, here)


def is_barred(actor: Actor, panel_id: int) -> bool:
    """Whether somebody signed in by a judge's slip asks for another panel than the slip's."""
    return actor.only_panel not in (None, panel_id)


def scheme_of(panel: Panel) -> Scheme:
    """The standard a panel marks by."""
    return standards.scheme_with(panel.standard_id, panel.standard.digest)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One of a judge's sheets in the list."""

    branch_id: int
    branch: str
    state: State
    value: int | None  # sum of his marks, hundredths


@dataclass(frozen=True, slots=True)
class MyPanel:
    """A judge's seat on one panel, with the sheets of it in their order."""

    panel: Panel
    seat_id: int
    number: int
    lines: Sequence[SheetLine]

    @property
    def open(self) -> list[SheetLine]:
        """The sheets not confirmed yet."""
        return [line for line in self.lines if line.state is State.OPEN]

    @property
    def signed(self) -> bool:
        """Whether all of them are signed."""
        return bool(self.lines) and all(line.state is State.SIGNED for line in self.lines)

    def after(self, branch_id: int) -> int | None:
        """The branch to go on with: the next one not confirmed, or the next one, or None after the last."""
        ids = [line.branch_id for line in self.lines]
        place = ids.index(branch_id) if branch_id in ids else -1
        following = [*self.lines[place + 1 :], *self.lines[: place + 1]]
        waiting = next((line.branch_id for line in following if line.state is State.OPEN), None)
        return waiting if waiting is not None else (ids[place + 1] if place + 1 < len(ids) else None)


_S, _P = Sheet.__table__.c, PartyOrganisation.__table__.c
_LINES = (
    sa.select(_S.branch_id, _P.name, _S.state, sa.func.sum(Mark.value))
    .select_from(
        Sheet.__table__.join(PartyOrganisation.__table__, _P.id == _S.branch_id).outerjoin(
            Mark.__table__, Mark.sheet_id == _S.id
        )
    )
    .where(_S.seat_id == sa.bindparam("seat_id"))
    .group_by(_S.id, _S.branch_id, _P.name, _S.state, _S.position)
    .order_by(_S.position)
)


def my_panel(actor: Actor, panel_id: int) -> MyPanel:
    """The actor's seat on a panel. Raises Missing when he has none."""
    seat = db.session.scalar(
        sa.select(Seat)
        .join(Panel, Panel.id == Seat.panel_id)
        .where(Seat.panel_id == panel_id, Seat.person_id == actor.person_id)
        .options(contains_eager(Seat.panel).joinedload(Panel.standard))
    )
    if seat is None or seat.panel.opened_at is None or is_barred(actor, panel_id):
        raise Missing
    rows = db.session.execute(_LINES, {"seat_id": seat.id})
    lines = [SheetLine(branch, name, state, value) for branch, name, state, value in rows]
    return MyPanel(seat.panel, seat.id, seat.number, lines)


_MY_PANELS = (
    sa.select(
        Panel,
        sa.func.sum(sa.case((Sheet.state == State.OPEN, 0), else_=1)),
        sa.func.count(),
        sa.func.sum(sa.case((Sheet.state == State.SIGNED, 1), else_=0)),
    )
    .join(Sheet, Sheet.panel_id == Panel.id)
    .where(Sheet.person_id == sa.bindparam("person_id"), Panel.opened_at.is_not(None))
    .group_by(Panel.id)
    .order_by(Panel.id.desc())
)


def my_panels(actor: Actor) -> Sequence[tuple[Panel, int, int]]:
    """The open panels the actor marks on, with how many sheets are confirmed and how many there are in all."""
    if not reach(actor, Permission.MARK):
        return []
    rows = db.session.execute(_MY_PANELS, {"person_id": actor.person_id})
    return [
        (panel, int(done), int(total))
        for panel, done, total, signed in rows
        if panel.is_open and signed < total and not is_barred(actor, panel.id)
    ]


def panels_of(actor: Actor) -> Sequence[Panel]:
    """All panels the actor had sheets on, the latest first."""
    return db.session.scalars(
        sa.select(Panel)
        .where(
            Panel.id.in_(sa.select(Seat.panel_id).where(Seat.person_id == actor.person_id)),
            Panel.opened_at.is_not(None),
            sa.true() if actor.only_panel is None else Panel.id == actor.only_panel,
        )
        .order_by(Panel.id.desc())
    ).all()


_SHEET = (
    sa.select(Sheet, Panel.standard_id, Standard.digest)
    .join(Panel, Panel.id == Sheet.panel_id)
    .join(Standard, Standard.id == Panel.standard_id)
    .where(
        Sheet.person_id == sa.bindparam("person_id"),
        Sheet.panel_id == sa.bindparam("panel_id"),
        Sheet.branch_id == sa.bindparam("branch_id"),
    )
)


def my_sheet(actor: Actor, panel_id: int, branch_id: int) -> tuple[Sheet, Scheme]:
    """The actor's sheet for a branch, and its standard. Raises Missing off the panel, NotAllowed where he is recused."""
    if is_barred(actor, panel_id):
        raise Missing
    asked = {"person_id": actor.person_id, "panel_id": panel_id, "branch_id": branch_id}
    row = db.session.execute(_SHEET, asked).first() if reach(actor, Permission.MARK) else None
    if row is not None:
        return row[0], standards.scheme_with(row[1], row[2])
    raise _why_none(actor, panel_id, branch_id)


def _why_none(actor: Actor, panel_id: int, branch_id: int) -> Missing | NotAllowed:
    ground = db.session.scalar(
        sa.select(Recusal.ground)
        .join(Seat, Seat.id == Recusal.seat_id)
        .where(Seat.panel_id == panel_id, Seat.person_id == actor.person_id, Recusal.branch_id == branch_id)
    )
    return Missing() if ground is None else NotAllowed(_RECUSED[ground])


@dataclass(frozen=True, slots=True)
class SheetView:
    """A sheet as its page shows it, with where it stands among the judge's own."""

    panel_id: int
    panel_title: str
    branch_id: int
    branch: str
    state: State
    version: int
    saved_at: datetime | None
    remark: str
    scheme: Scheme
    given: dict[str, Given]
    panel_open: bool
    total: int
    confirmed: int
    number: int
    before: int | None

    @property
    def writable(self) -> bool:
        """Whether marks are taken now."""
        return self.panel_open and self.state is not State.SIGNED


_OTHER = Sheet.__table__.alias("other")
_PANEL, _STANDARD = Panel.__table__.c, Standard.__table__.c


def _own(*what: Any) -> sa.ScalarSelect[Any]:
    """Something of all the judge's own sheets of the panel."""
    return sa.select(*what).where(_OTHER.c.seat_id == _S.seat_id).scalar_subquery()


_EARLIER = sa.and_(_OTHER.c.seat_id == _S.seat_id, _OTHER.c.position < _S.position)
_VIEW = (
    sa.select(
        *(_S.id, _S.state, _S.version, _S.saved_at, _S.remark, _P.name),
        *(_PANEL.title, _PANEL.opened_at, _PANEL.closed_at, _PANEL.standard_id, _STANDARD.digest),
        _own(sa.func.count()).label("total"),
        _own(sa.func.sum(sa.case((_OTHER.c.state == State.OPEN, 0), else_=1))).label("confirmed"),
        sa.select(sa.func.count()).where(_EARLIER).scalar_subquery().label("earlier"),
        sa.select(_OTHER.c.branch_id)
        .where(_EARLIER)
        .order_by(_OTHER.c.position.desc())
        .limit(1)
        .scalar_subquery()
        .label("before"),
    )
    .select_from(
        Sheet.__table__.join(Panel.__table__, _PANEL.id == _S.panel_id)
        .join(Standard.__table__, _STANDARD.id == _PANEL.standard_id)
        .join(PartyOrganisation.__table__, _P.id == _S.branch_id)
    )
    .where(
        _S.person_id == sa.bindparam("person_id"),
        _S.panel_id == sa.bindparam("panel_id"),
        _S.branch_id == sa.bindparam("branch_id"),
    )
)


def my_sheet_view(actor: Actor, panel_id: int, branch_id: int) -> SheetView:
    """The same sheet for its page: two statements. Raises like ``my_sheet``."""
    if is_barred(actor, panel_id):
        raise Missing
    asked = {"person_id": actor.person_id, "panel_id": panel_id, "branch_id": branch_id}
    row = db.session.execute(_VIEW, asked).first() if reach(actor, Permission.MARK) else None
    if row is None:
        raise _why_none(actor, panel_id, branch_id)
    return SheetView(
        *(panel_id, row.title, branch_id, row.name, row.state, row.version, row.saved_at, row.remark),
        scheme=standards.scheme_with(row.standard_id, row.digest),
        given=given(row.id),
        panel_open=row.opened_at is not None and row.closed_at is None,
        total=row.total,
        confirmed=int(row.confirmed),
        number=row.earlier + 1,
        before=row.before,
    )


_RECUSED = {
    Ground.BRANCH: "评委须回避本支部，这个支部不由您评。",
    Ground.UNIT: "评委须回避本单位的支部，这个支部不由您评。",
    Ground.DECLARED: "您已申报与这个支部有关系，不用评它。",
}


_M = Mark.__table__.c
_MARKS = sa.select(_M.line, _M.value, _M.cases).where(_M.sheet_id == sa.bindparam("sheet_id"))


def given(sheet_id: int) -> dict[str, Given]:
    """The marks on a sheet, by line."""
    rows = db.session.execute(_MARKS, {"sheet_id": sheet_id})
    return {line: Given(value, tuple(cases)) for line, value, cases in rows}


def panel_run_by(actor: Actor, panel_id: int) -> Panel:
    """A panel of whoever prints its judges' slips. Raises Missing."""
    panel = db.session.get(Panel, panel_id)
    if panel is None or not can(actor, Permission.PRINT_JUDGE_SLIPS, panel):
        raise Missing
    return panel


def seat_of(actor: Actor, panel_id: int) -> Seat:
    """The actor's seat. Raises Missing."""
    seat = db.session.scalar(
        sa.select(Seat)
        .where(Seat.panel_id == panel_id, Seat.person_id == actor.person_id)
        .options(joinedload(Seat.panel))
    )
    if seat is None or seat.panel.opened_at is None or is_barred(actor, panel_id):
        raise Missing
    return seat
