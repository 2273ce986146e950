"""The sheet of stars given in earlier years, as an import reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ..organisation.models import PartyKind, PartyOrganisation
from ..organisation.sheets import refer
from ..shared.access import Permission
from ..shared.clock import day_of
from ..shared.importing import Asked, Change, Column, Existing, Fault, Identity, Kind, Sheet
from .models import StarHolding
from .rules import STAR_WORDS

FIRST_YEAR = 2000


def _holdings(session: Any, organiser_id: int) -> dict[Identity, Existing]:
    rows = session.execute(
        sa.select(StarHolding, PartyOrganisation.code)
        .join(PartyOrganisation, PartyOrganisation.id == StarHolding.branch_id)
        .where(StarHolding.organiser_id == organiser_id)
        .order_by(StarHolding.year, PartyOrganisation.position, StarHolding.id)
    )
    return {
        (branch, held.year): Existing(
            held.id,
            {
                "branch": branch,
                "year": held.year,
                "star": STAR_WORDS[held.star],
                "number": held.number,
                "given_on": held.given_on,
            },
        )
        for held, branch in rows
    }


def _check(asked: Asked, changes: Sequence[Change]) -> Iterator[Fault]:
    today = day_of(asked.actor.at)
    for change in changes:
        values, number = change.row.values, change.row.number
        yield from refer(asked, change, ("parties", "branch"))
        if asked.value("parties", (values["branch"],), "kind") not in (None, PartyKind.BRANCH.label):
            yield Fault(number, "branch", "这不是党支部。", "星级只授予党支部。")
        if not FIRST_YEAR <= values["year"] <= today.year:
            yield Fault(number, "year", f"年度应在 {FIRST_YEAR} 至 {today.year} 之间。")
        if values["given_on"] > today:
            yield Fault(number, "given_on", "这一天还没有到。")


def _write(asked: Asked, changes: Sequence[Change]) -> list[StarHolding]:
    written = [
        StarHolding(
            organiser_id=asked.organiser_id,
            branch_id=asked.id_of("parties", change.row.values["branch"]),
            year=change.row.values["year"],
            star=STAR_WORDS.index(change.row.values["star"]),
            number=change.row.values["number"],
            given_on=change.row.values["given_on"],
        )
        for change in changes
    ]
    asked.session.add_all(written)
    return written


STARS = Sheet(
    "stars",
    "历年星级",
    (
        Column("branch", "支部代码", required=True, most=20, code=True),
        Column("year", "年度", Kind.NUMBER, required=True),
        Column("star", "星级", required=True, options=STAR_WORDS),
        Column("number", "文号", required=True),
        Column("given_on", "授予日期", Kind.DAY, required=True),
    ),
    Permission.RUN_RATING,
    ("示例-B01", "2019", "四星级", "宁环党发〔2020〕3号", "2020-01-20"),
    lambda values: (values["branch"], values["year"]),
    _holdings,
    _check,
    _write,
    note="只补登以往的星级；已经登记或公布的不能在这里改。",
    fixed=True,
    needs=("parties",),
)
