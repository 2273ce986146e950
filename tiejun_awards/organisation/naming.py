"""No two units, and no two party organisations, of one organiser are called the same at the same time: helpers of the verbs.

Names come and go with terms, which no UNIQUE can say: whoever writes a name or a term holds the lock first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..shared.db import one_at_a_time
from ..shared.errors import Refused
from ..shared.importing import Asked, Change, Fault, Identity
from . import rules
from .models import FormerName, PartyOrganisation, Unit
from .rules import Named

_LOCK = 7_150


def named(row: Unit | PartyOrganisation, since: date | None = None) -> Named:
    """A row as its name is compared: from when it bears it, and until when."""
    if isinstance(row, Unit):
        return Named(row.code, row.name, since or row.starts_on, row.ends_on)
    return Named(row.code, row.name, since or row.founded_on, row.ended_on)


def refuse_same_name(
    session: Session, row: Unit | PartyOrganisation, wanted: Named, field: str = "name", *, was: Named | None = None
) -> None:
    """Raise Refused, beside a field, where another is called so on a day of the wanted term.

    ``was``: what the row is now; whoever changes neither name nor term is not held up by what was entered before.
    """
    if was is not None and was.same_as(wanted):
        return
    one_at_a_time(session, _LOCK)
    with session.no_autoflush:
        other = rules.called_the_same(wanted, _others(session, row))
    if other is not None:
        raise Refused(
            f"已经有一个“{other.name}”，代码 {other.code}，这段时间里两个会同名。请写能区别开的名称，或者先给那一个登记最后一天。",
            field=field,
        )


def _others(session: Session, row: Unit | PartyOrganisation) -> Iterable[Named]:
    kind: Any = type(row)
    whose = FormerName.unit_id if kind is Unit else FormerName.organisation_id
    borne = sa.select(whose, sa.func.max(FormerName.until)).where(whose.is_not(None)).group_by(whose)
    until = dict(session.execute(borne).tuples().all())
    rows = sa.select(kind).where(kind.organiser_id == row.organiser_id, kind.id != (row.id or 0))
    for other in session.scalars(rows):
        yield named(other, until[other.id] + timedelta(days=1) if other.id in until else None)


def same_names(asked: Asked, changes: Sequence[Change], sheet: str) -> Iterator[Fault]:
    """A fault for each line of an import that would give two one name, with what there is and with the file's own lines."""
    if asked.writing:
        one_at_a_time(asked.session, _LOCK)
    final: dict[Identity, Mapping[str, Any]] = {key: row.values for key, row in asked.existing.get(sheet, {}).items()}
    final |= {key: row.values for key, row in asked.coming.get(sheet, {}).items()}
    names: dict[str, list[Named]] = {}
    for each in map(_said, final.values()):
        names.setdefault(each.key, []).append(each)
    for change in changes:
        wanted = _said(change.row.values)
        if change.existing is not None and _said(change.existing.values).same_as(wanted):
            continue
        other = rules.called_the_same(wanted, (each for each in names[wanted.key] if each.code != wanted.code))
        if other is not None:
            what = f"和代码是 {other.code} 的同名，同一段时间里两个都在用。"
            yield Fault(change.row.number, "name", what, "请写能区别开的名称，或者给其中一个写上最后一天。")


def _said(values: Mapping[str, Any]) -> Named:
    first, last = ("starts_on", "ends_on") if "starts_on" in values else ("founded_on", "ended_on")
    return Named(values["code"], values["name"], values[first], values[last])
