"""Questions about organisers."""

from __future__ import annotations

import sqlalchemy as sa

from ..shared.db import db
from .models import Organiser


def top() -> Organiser | None:
    """The installation's first organiser: the one above all others. None before anything is set up."""
    return db.session.scalar(sa.select(Organiser).where(Organiser.parent_id.is_(None)).order_by(Organiser.id).limit(1))


def get(organiser_id: int) -> Organiser:
    """One organiser by id."""
    return db.session.get_one(Organiser, organiser_id)
