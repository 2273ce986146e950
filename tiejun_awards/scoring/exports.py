"""What the score sheets hold of somebody: his own marks, nobody else's."""

from __future__ import annotations

import sqlalchemy as sa

from ..accounts.exports import shown
from ..accounts.rules import DataSheet
from ..organisation.models import PartyOrganisation
from ..panels.models import Panel
from ..shared.access import Actor
from ..shared.db import db
from ..standards import services as standards
from ..standards.models import Standard
from .models import Mark, Sheet


def my_data(actor: Actor) -> DataSheet:
    """A row for each mark he gave."""
    found = db.session.execute(
        sa.select(
            *(Panel.title, PartyOrganisation.name, Mark.line, Mark.value, Sheet.state, Sheet.signed_at, Sheet.remark),
            *(Standard.id, Standard.digest),
        )
        .join(Sheet, Sheet.panel_id == Panel.id)
        .join(Standard, Standard.id == Panel.standard_id)
        .join(PartyOrganisation, PartyOrganisation.id == Sheet.branch_id)
        .join(Mark, Mark.sheet_id == Sheet.id)
        .where(Sheet.person_id == actor.person_id)
        .order_by(Panel.id, Sheet.position, Mark.line)
    )
    rows = [
        (
            title,
            branch,
            standards.line_title(standard, digest, line),
            value / 100,
            state.label,
            shown(signed_at),
            remark,
        )
        for title, branch, line, value, state, signed_at, remark, standard, digest in found
    ]
    return DataSheet("我的评分", ("评定", "党支部", "项目", "分数", "情况", "签名时间", "对支部说的话"), rows)
