"""Forms of pilots."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import SelectField, StringField

from ..shared.fields import DayField, VerbForm


class DesignateForm(VerbForm):
    """Which branch, by which document, from when."""

    branch = SelectField("党支部", validate_choice=False)
    number = StringField("文号")
    started_on = DayField("开始日期")

    def offer(self, branches: Sequence[tuple[int, str]]) -> None:
        """The branches to choose from."""
        self.branch.choices = [("", "请选择"), *((str(branch), name) for branch, name in branches)]

    @property
    def branch_id(self) -> int:
        """The chosen branch; 0 for none."""
        chosen = self.branch.data or ""
        return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else 0


class EndPilotForm(VerbForm):
    """By which document, when."""

    number = StringField("文号")
    ended_on = DayField("结束日期")
