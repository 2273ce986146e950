"""Forms that change units and party organisations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired

from ..shared.dates import parse_count
from ..shared.fields import DayField, VerbForm
from ..shared.labels import Labelled

Options = Sequence[tuple[int, str]]


class NumberField(StringField):
    """A whole number as people type it; empty is 0. ``number`` is what was read."""

    number: int = 0

    def process_formdata(self, valuelist: list[object]) -> None:
        """Read what was typed; the sentence of what cannot be read stands beside the field."""
        self.data = str(valuelist[0]).strip() if valuelist else ""
        try:
            self.number = parse_count(self.data) if self.data else 0
        except ValueError as error:
            raise ValueError(f"{error}。") from None

    def process_data(self, value: Any) -> None:
        """Take the number a row holds."""
        self.data = value
        self.number = value if isinstance(value, int) else 0

    def plain(self) -> str:
        """The number however it was typed."""
        return str(self.number)


class PlaceForm(VerbForm):
    """What both trees share."""

    version = IntegerField()
    code = StringField("代码", validators=[DataRequired("请写代码，字母和数字，最多 20 个，例如 OFF01。")])
    name = StringField("名称", validators=[DataRequired("请写名称，最多 60 字。")])
    kind = SelectField("类别", validate_choice=False)
    parent = SelectField("上级", validate_choice=False)
    position = NumberField("顺序")

    def offer(self, kinds: Sequence[Labelled], parents: Options) -> None:
        """The kinds, and the rows it may hang below."""
        self.kind.choices = [(kind.value, kind.label) for kind in kinds]
        self.parent.choices = [("", "没有上级"), *((str(number), name) for number, name in parents)]

    @property
    def parent_id(self) -> int | None:
        """The chosen parent."""
        offered = {choice[0] for choice in self.parent.choices or ()}
        return int(self.parent.data) if self.parent.data and self.parent.data in offered else None


class UnitForm(PlaceForm):
    """A unit."""

    kind_unconfirmed = BooleanField("类别待确认")
    other_names = StringField("又称")
    starts_on = DayField("启用日期", validators=[DataRequired("请填写启用日期，例如 2019-01-01。")])


class PartyForm(PlaceForm):
    """A party organisation; the numbers are those of a branch."""

    branch_kind = SelectField("支部类型", validate_choice=False)
    founded_on = DayField("成立日期")
    members = NumberField("正式党员")
    probationary = NumberField("预备党员")
    committee_size = NumberField("支委")
    party_groups = NumberField("党小组")

    def offer_branch_kinds(self, kinds: Sequence[Labelled]) -> None:
        """The kinds of branches."""
        self.branch_kind.choices = [("", "不是党支部"), *((kind.value, kind.label) for kind in kinds)]


class RenameForm(VerbForm):
    """A new name, and from when."""

    version = IntegerField()
    name = StringField("新名称", validators=[DataRequired("请写新的名称，最多 60 字，和现在的不同。")])
    since = DayField("从哪天起", validators=[DataRequired("请填写新名称的第一天，例如 2026-03-18。")])


class EndForm(VerbForm):
    """After which day it ends; empty takes an end back."""

    version = IntegerField()
    last_day = DayField("最后一天")


class ServeForm(VerbForm):
    """Which unit a branch serves, and from when."""

    unit = SelectField("行政单位", validate_choice=False)
    starts_on = DayField("开始日期", validators=[DataRequired("请填写开始日期，例如 2026-03-18。")])
    ends_on = DayField("结束日期")

    def offer(self, units: Options) -> None:
        """The units to choose from."""
        self.unit.choices = [("", "请选择"), *((str(number), name) for number, name in units)]

    @property
    def unit_id(self) -> int | None:
        """The chosen unit."""
        offered = {choice[0] for choice in self.unit.choices or ()}
        return int(self.unit.data) if self.unit.data and self.unit.data in offered else None


class StopServingForm(VerbForm):
    """Which service ends, and after which day."""

    service = HiddenField()
    last_day = DayField("最后一天", validators=[DataRequired("请填写最后一天，例如 2026-03-18。")])

    @property
    def service_id(self) -> int:
        """The service it is about; 0 for what is none."""
        text = self.service.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
