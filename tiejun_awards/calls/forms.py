"""Forms of calls."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, SelectField, StringField

from ..shared.dates import parse_count
from ..shared.fields import DayField, VerbForm
from .rules import PROGRAMMES, Form, Plan


class CountField(StringField):
    """A whole number as people type it: full-width digits, “3个”. ``data`` is an int or None."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed; the sentence of what cannot be read stands beside the field."""
        self.data = None
        if valuelist and str(valuelist[0]).strip():
            try:
                self.data = parse_count(str(valuelist[0]))
            except ValueError as error:
                raise ValueError(f"{error}。") from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


class CallForm(VerbForm):
    """A call: what ``rules.Plan`` holds."""

    version = IntegerField()
    title = StringField("标题")
    programme = SelectField("项目", choices=[(key, programme.title) for key, programme in PROGRAMMES.items()])
    form = SelectField("形式", choices=[(form.value, form.label) for form in Form], default=Form.PRAISED.value)
    approval_ref = StringField("批准文号")
    year = CountField("年度")
    opens_on = DayField("开始推荐")
    suggest_by = DayField("群众推荐截止")
    recommend_by = DayField("单位报送截止")
    quota = CountField("名额")
    per_unit = CountField("每个单位最多推荐")
    number = StringField("通知文号")

    def plan(self) -> Plan:
        """What was typed, trimmed."""
        typed: dict[str, Any] = {name: (self[name].data or "").strip() for name in ("title", "number", "approval_ref")}
        read = ("opens_on", "suggest_by", "recommend_by", "year", "quota", "per_unit")
        typed |= {name: self[name].data for name in read}
        return Plan(programme=self.programme.data or "", form=Form(self.form.data), **typed)


class AnnounceForm(VerbForm):
    """Announce a call."""

    version = IntegerField()
