"""What 意见建议 hold of somebody: what he put his name to."""

from __future__ import annotations

import sqlalchemy as sa

from ..accounts.exports import shown
from ..accounts.rules import DataSheet
from ..shared.access import Actor
from ..shared.db import db
from .models import Feedback


def my_data(actor: Actor) -> DataSheet:
    """His opinions; what was left without a name is nobody's."""
    found = db.session.scalars(
        sa.select(Feedback).where(Feedback.written_by == actor.person_id).order_by(Feedback.written_at)
    )
    return DataSheet("意见建议", ("时间", "内容"), [(shown(one.written_at), one.text) for one in found])
