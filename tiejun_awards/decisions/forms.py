"""Forms of registered steps."""

from __future__ import annotations

from collections.abc import Callable

from wtforms import StringField, TextAreaField

from ..shared.fields import DayField, VerbForm
from .rules import Entry, Kind


class StepForm(VerbForm):
    """A step as the paper says. Which fields are asked for depends on its kind; ``faults`` of the services checks them."""

    body = StringField("哪个机构、哪次会议")
    held_on = DayField("日期")
    until = DayField("公示截止")
    place = StringField("公示地点")
    number = StringField("文号或纪要编号")
    result = TextAreaField("内容")

    def entry(self) -> Entry:
        """What was typed, trimmed."""
        texts = {name: (self[name].data or "").strip() for name in ("body", "place", "number", "result")}
        return Entry(held_on=self.held_on.data, until=self.until.data, **texts)

    def whole(self, faults: Callable[[Entry], dict[str, str]]) -> bool:
        """Whether the form was sent and nothing is wrong with it; every sentence stands beside its field."""
        if not self.is_submitted():
            return False
        self.validate()
        self.say_all(faults(self.entry()))
        return not self.errors

    def fields_of(self, kind: Kind) -> list[str]:
        """The fields this kind of step has, in the order of the page."""
        if kind is Kind.NOTICE:
            return ["held_on", "until", "place", "result"]
        if kind in (Kind.SELF_ASSESSMENT, Kind.SURVEY):
            return ["held_on", "place", "number", "result"]
        return ["body", "held_on", "number", "result"]


class WithdrawStepForm(VerbForm):
    """Why a registered step is withdrawn."""

    reason = TextAreaField("为什么撤下")


class ConfirmForm(VerbForm):
    """The number once more, read from the paper."""

    number = StringField("照着原件再填一次文号")
