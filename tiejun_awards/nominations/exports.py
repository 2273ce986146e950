"""What the nominations hold of somebody: his suggestions, drafts of them included."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..accounts.exports import shown
from ..accounts.rules import DataSheet
from ..calls.models import Call
from ..shared.access import Actor
from ..shared.db import db
from .models import Recommendation, Suggestion, SuggestionDraft


def my_data(actor: Actor) -> DataSheet:
    """His suggestions, his drafts, and the recommendations he saved last for his unit."""
    made = db.session.scalars(
        sa.select(Suggestion)
        .where(Suggestion.nominator_id == actor.person_id)
        .options(joinedload(Suggestion.call))
        .order_by(Suggestion.suggested_at)
    )
    drafts = db.session.execute(
        sa.select(Call.title, SuggestionDraft)
        .join(SuggestionDraft, SuggestionDraft.call_id == Call.id)
        .where(SuggestionDraft.person_id == actor.person_id)
        .order_by(SuggestionDraft.saved_at)
    )
    saved = db.session.scalars(
        sa.select(Recommendation)
        .where(Recommendation.saved_by == actor.person_id)
        .options(joinedload(Recommendation.call), joinedload(Recommendation.unit))
        .order_by(Recommendation.saved_at)
    )
    rows = [
        ("群众推荐", one.call.title, one.nominee, one.deeds, shown(one.suggested_at), shown(one.withdrawn_at))
        for one in made
    ]
    rows += [
        (
            "草稿",
            title,
            str(draft.fields.get("nominee", "")),
            str(draft.fields.get("deeds", "")),
            shown(draft.saved_at),
            "",
        )
        for title, draft in drafts
    ]
    rows += [("单位推荐存稿", one.call.title, one.unit.name, "", shown(one.saved_at), "") for one in saved]
    return DataSheet("推荐", ("做了什么", "通知", "对象", "事迹", "时间", "撤回"), rows)
