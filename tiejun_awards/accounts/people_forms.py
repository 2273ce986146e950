"""Forms of people and their posts."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired

from ..shared.fields import DayField, VerbForm, VersionedForm
from ..shared.labels import Labelled

Options = Sequence[tuple[int, str]]


class Pick(SelectField):
    """One row of a list by its number, or none. ``number`` is None for none and for what is not offered."""

    def offer(self, rows: Options, none: str = "请选择") -> None:
        """The rows to choose from, with a line for none before them unless it is empty."""
        first = [("", none)] if none else []
        self.choices = [*first, *((str(number), name) for number, name in rows)]

    @property
    def number(self) -> int | None:
        """The chosen row's number."""
        offered = {choice[0] for choice in self.choices or ()}
        return int(self.data) if self.data and self.data in offered else None


def pick(label: str) -> Pick:
    """A list to choose a row from; what was not offered counts as nothing chosen."""
    return Pick(label, choices=[], validate_choice=False)


class PersonForm(VerbForm):
    """Who an account is for, and where he belongs."""

    version = IntegerField()
    organiser = pick("主办党组织")
    username = StringField("账号", validators=[DataRequired("请写账号，最多 40 字。")])
    name = StringField("姓名", validators=[DataRequired("请写姓名，最多 60 字。")])
    mobile = StringField("手机号")
    unit = pick("单位")
    branch = pick("党支部")


class PostForm(VerbForm):
    """A post for a term."""

    role = SelectField("职务", validate_choice=False, validators=[DataRequired("请选任什么职务。")])
    branch = pick("党支部")
    unit = pick("单位")
    starts_on = DayField("任职第一天", validators=[DataRequired("请填写任职第一天，例如 2026-03-18。")])
    ends_on = DayField("最后一天")
    acting = BooleanField("代理书记")
    reason = StringField("代理事由")
    elsewhere = BooleanField("不是本支部的，也由他担任")

    def offer(self, roles: Sequence[Labelled], branches: Options, units: Options) -> None:
        """The posts this giver may give, and where."""
        self.role.choices = [("", "请选择"), *((role.value, role.label) for role in roles)]
        self.branch.offer(branches, "不分支部")
        self.unit.offer(units, "不分单位")


class EndPostForm(VersionedForm):
    """After which day a post ends."""

    last_day = DayField("任职最后一天", validators=[DataRequired("请填写任职最后一天，例如 2026-03-18。")])


class HandOverForm(VersionedForm):
    """Who takes over, and from when."""

    to = StringField("接任人的账号", validators=[DataRequired("请写接任人的账号，或者从名单里选。")])
    from_day = DayField("接任第一天", validators=[DataRequired("请填写接任第一天，例如 2026-03-18。")])
    ends_on = DayField("接任人任期最后一天")
    elsewhere = BooleanField("不是本支部的，也由他接任")
    end_acting = BooleanField("代理书记同时结束")


class DisableForm(VerbForm):
    """Why an account is disabled."""

    reason = TextAreaField("为什么停用")
