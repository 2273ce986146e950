"""Forms of the selection."""

from __future__ import annotations

from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired

from ..nominations.rules import EndReason
from ..shared.fields import VersionedForm


class EndForm(VersionedForm):
    """不列入: why, and what stays inside."""

    reason = SelectField(
        "原因",
        choices=[("", "请选"), *((reason.value, reason.label) for reason in EndReason)],
        validators=[DataRequired("请选一个原因；推荐人和被推荐人会看到它。")],
    )
    ground = TextAreaField("内部说明")
