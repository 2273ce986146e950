"""The verbs of a sheet: save, confirm, sign, take the signature back, declare an interest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from ..accounts.services import refuse_unconfirmed
from ..accounts.slips import issue_panel_slip
from ..panels import services as panels
from ..panels.models import Panel, Recusal, Seat
from ..panels.rules import Ground
from ..shared import audit
from ..shared.access import Actor, Permission
from ..shared.db import db
from ..shared.errors import NotAllowed, Refused
from ..shared.use_case import hush, tell, use_case
from ..shared.workflow import step
from ..standards.rules import Line, Scheme
from . import rules
from .models import Mark, Sheet
from .queries import given, is_barred
from .rules import Given, State, Verb

EDITING_SESSION = timedelta(minutes=30)
"""Autosaves of one sheet within this time of each other are one line of the audit trail."""


# Making sheets, within the verb that opens a panel.


def make_sheets(session: Session, panel: Panel, branches: Sequence[int]) -> int:
    """A sheet for each judge and branch but the recused ones, in the order of the branches; how many."""
    recused = {
        (row.seat_id, row.branch_id)
        for row in session.execute(
            sa.select(Recusal.seat_id, Recusal.branch_id).join(Seat).where(Seat.panel_id == panel.id)
        )
    }
    rows = [
        {
            "panel_id": panel.id,
            "seat_id": seat.id,
            "person_id": seat.person_id,
            "organiser_id": panel.organiser_id,
            "branch_id": branch,
            "position": position,
            "state": State.OPEN,
            "version": 1,
            "remark": "",
        }
        for seat in session.scalars(sa.select(Seat).where(Seat.panel_id == panel.id))
        for position, branch in enumerate(branches, 1)
        if (seat.id, branch) not in recused
    ]
    if rows:
        session.execute(sa.insert(Sheet), rows)
    return len(rows)


# Verbs.


@dataclass(frozen=True, slots=True)
class Saved:
    """A sheet as it was just kept."""

    version: int
    at: datetime | None


_PANEL = sa.select(Panel.opened_at, Panel.closed_at).where(Panel.id == sa.bindparam("panel_id"))
_HELD = _PANEL.with_for_update(read=True)


def _hold_panel(actor: Actor, panel_id: int) -> None:
    """Hold the panel while marking, so that it does not close in between. Raises Refused unless it is open.

    Raises NotAllowed on another panel than that of the slip one is signed in by.
    """
    if is_barred(actor, panel_id):
        raise NotAllowed("您是凭评委登录条登录的，只能填那一次的评分表。")
    opened_at, closed_at = db.session.execute(_HELD, {"panel_id": panel_id}).one()
    if closed_at is not None:
        raise Refused("评分已经结束，不能再改；需要更正请找机关党委经办。")
    if opened_at is None:
        raise Refused("评分还没有开始。")


@use_case(Permission.MARK)
def save(
    actor: Actor,
    sheet: Sheet,
    scheme: Scheme,
    marks: Mapping[str, Given],
    *,
    remark: str = "",
    version: int,
    confirm: bool = False,
    key: str = "",
) -> Saved:
    """Keep the marks; with ``confirm`` the judge stands by them. Raises Refused once signed or closed."""
    _hold_panel(actor, sheet.panel_id)
    if sheet.state is State.SIGNED:
        raise Refused("这份评分表已经签名，要改请先在评分表首页撤回签名。")
    lines = {line.code: line for line in scheme.judged}
    kept = given(sheet.id)
    now = {**kept, **_write(sheet, kept, lines, marks)}
    changed = now != kept
    if sheet.remark != remark.strip()[:200]:
        sheet.remark, changed = remark.strip()[:200], True
    if confirm:
        missing = [code for code in lines if code not in now]
        if missing:
            raise Refused(f"还有 {len(missing)} 项没有分数。", field=f"mark-{missing[0]}")
        if sheet.state is not State.CONFIRMED:
            sheet.state, changed = step(rules.MOVES, sheet.state, Verb.CONFIRM), True
            sheet.confirmed_at = actor.at
            tell(db.session(), confirmed=True)
    recently = sheet.saved_at is not None and actor.at - sheet.saved_at < EDITING_SESSION
    if not changed or (recently and not confirm):
        hush(db.session())
    if changed:
        sheet.saved_at = actor.at
    db.session.flush()
    return Saved(sheet.version, sheet.saved_at)


def _write(
    sheet: Sheet, kept: Mapping[str, Given], lines: Mapping[str, Line], marks: Mapping[str, Given]
) -> dict[str, Given]:
    """Write the marks that are new or changed; they are the result."""
    row = Mark.__table__.c
    changed = {code: entry for code, entry in marks.items() if kept.get(code) != entry}
    for code, entry in changed.items():
        if code not in lines or not 0 <= entry.value <= lines[code].most:
            raise Refused("这一项不在您要评的项目里。", field=f"mark-{code}")
    values = [
        {"sheet_id": sheet.id, "line": code, "value": entry.value, "most": lines[code].most, "cases": list(entry.cases)}
        for code, entry in changed.items()
    ]
    new = [each for each in values if each["line"] not in kept]
    for each in values:
        if each["line"] in kept:
            where = (row.sheet_id == sheet.id, row.line == each["line"])
            db.session.execute(sa.update(Mark.__table__).where(*where).values(value=each["value"], cases=each["cases"]))  # type: ignore[arg-type]
    if new:
        db.session.execute(sa.insert(Mark), new)
    return changed


@use_case(Permission.MARK)
def sign(actor: Actor, seat: Seat, *, key: str = "") -> Seat:
    """Sign all one's sheets of a panel: refused while any is not confirmed, naming them."""
    _hold_panel(actor, seat.panel_id)
    sheets = _sheets_of(seat)
    waiting = [sheet.branch.name for sheet in sheets if sheet.state is State.OPEN]
    if waiting:
        named = "、".join(waiting[:5]) + (f" 等 {len(waiting)} 个支部" if len(waiting) > 5 else "")
        raise Refused(f"还没有确认：{named}。逐份确认以后再签名。")
    signed = [sheet for sheet in sheets if sheet.state is State.CONFIRMED]
    for sheet in signed:
        sheet.state = step(rules.MOVES, sheet.state, Verb.SIGN)
        sheet.signed_at = actor.at
    if not signed:
        hush(db.session())
    tell(db.session(), sheets=len(signed))
    return seat


@use_case(Permission.MARK)
def unsign(actor: Actor, seat: Seat, *, reason: str, key: str = "") -> Seat:
    """Take the signature back before closing, with a reason."""
    _hold_panel(actor, seat.panel_id)
    if not 0 < len(reason.strip()) <= 200:
        raise Refused("请写明为什么撤回签名，最多 200 字。", field="reason")
    sheets = [sheet for sheet in _sheets_of(seat) if sheet.state is State.SIGNED]
    if not sheets:
        raise Refused("还没有签名，不用撤回。")
    for sheet in sheets:
        sheet.state = step(rules.MOVES, sheet.state, Verb.UNSIGN)
        sheet.signed_at = None
    tell(db.session(), sheets=len(sheets), reason=reason.strip())
    return seat


@use_case(Permission.MARK)
def declare_interest(actor: Actor, sheet: Sheet, *, reason: str, key: str = "") -> Seat:
    """The judge has a relation to the branch and does not mark it: the sheet goes, the recusal stays on record."""
    _hold_panel(actor, sheet.panel_id)
    if sheet.state is State.SIGNED:
        raise Refused("这份评分表已经签名；请先撤回签名，再申报回避。")
    if not 0 < len(reason.strip()) <= 200:
        raise Refused("请写明是什么关系，最多 200 字；只有机关党委看得到。", field="reason")
    seat = db.session.get_one(Seat, sheet.seat_id)
    db.session.add(
        Recusal(seat_id=seat.id, branch_id=sheet.branch_id, ground=Ground.DECLARED, reason=reason.strip(), at=actor.at)
    )
    tell(db.session(), branch=sheet.branch_id)
    db.session.delete(sheet)
    return seat


@use_case(Permission.PRINT_JUDGE_SLIPS)
def print_slips(actor: Actor, panel: Panel) -> list[tuple[Seat, str]]:
    """A slip for each judge of an open panel, for the rest of the day: (seat, code), to be printed this once."""
    refuse_unconfirmed(actor)
    if not panel.is_open:
        raise Refused("评分开始以后才能打印评委登录条，结束以后不再打印。")
    made = []
    for seat in panels.seats(panel.id):
        code = issue_panel_slip(db.session(), seat.person, panel.id, by=actor.person_id, at=actor.at)
        made.append((seat, code))
        audit.record(
            db.session(),
            actor,
            "scoring.print_slip",
            at=actor.at,
            subject=seat,
            organiser_id=panel.organiser_id,
            detail={"judge": seat.person_id, "panel": panel.id},
        )
    tell(db.session(), count=len(made))
    return made


def _sheets_of(seat: Seat) -> list[Sheet]:
    return list(
        db.session.scalars(
            sa.select(Sheet)
            .where(Sheet.seat_id == seat.id)
            .order_by(Sheet.position)
            .options(joinedload(Sheet.branch))
            .with_for_update(of=Sheet)
        )
    )
