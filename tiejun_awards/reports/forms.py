"""Forms of reports. The report itself is read field by field as typed: a draft refuses nothing."""

from __future__ import annotations

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from ..shared.fields import VersionedForm, as_typed
from . import drafts
from .drafts import Draft
from .sections import FIELDS


class ReasonForm(VersionedForm):
    """A verb that needs a reason: returning, reopening."""

    reason = TextAreaField(
        "要改哪里、为什么",
        validators=[DataRequired("请写明要改哪里、为什么。"), Length(max=500, message="最多 500 字，请删减一些。")],
    )


class BeginForm(FlaskForm):
    """Begin a report: of which branch, on which quarter."""

    key = HiddenField()
    quarter = StringField()


def read_draft(posted: Mapping[str, str]) -> Draft:
    """The draft in a posted form: every field as typed, records and fixes by their numbers."""
    fields = {name: as_typed(posted[name], drafts.MOST_TYPED) for name in FIELDS if name in posted}
    records = _rows(posted, "records", drafts.RECORD_FIELDS, drafts.MOST_RECORDS + 40)
    fixes = _rows(posted, "fixes", ("status", "how"), drafts.MOST_FIXES)
    kept = tuple(row for row in records if not drafts.is_blank(row))
    return Draft(fields, kept, fixes, "confirmed" in posted)


def _rows(posted: Mapping[str, str], name: str, columns: tuple[str, ...], most: int) -> tuple[dict[str, str], ...]:
    found = []
    for index in range(most):
        row = {column: as_typed(posted.get(f"{name}-{index}-{column}", ""), drafts.MOST_TYPED) for column in columns}
        if not any(f"{name}-{index}-{column}" in posted for column in columns):
            continue
        found.append(row)
    return tuple(found)
