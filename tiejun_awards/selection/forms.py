"""Forms of the selection."""

from __future__ import annotations

from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from ..nominations.rules import EndReason
from ..shared.fields import VerbForm


class EntryVerbForm(VerbForm):
    """A verb on an entry."""

    version = IntegerField(validators=[InputRequired()])


class EndForm(EntryVerbForm):
    """不列入: why, and what stays inside."""

    reason = SelectField(
        "原因",
        choices=[("", "请选"), *((reason.value, reason.label) for reason in EndReason)],
        validators=[DataRequired("请选一个原因；推荐人和被推荐人会看到它。")],
    )
    ground = TextAreaField("内部说明")
