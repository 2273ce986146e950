"""Forms of the rulebook: entering a notice of days off, withdrawing one, changing a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from ..shared.dates import half_width
from ..shared.digests import digest
from ..shared.fields import DayField, VersionedForm
from .rules import RuleAnswer


class EnterDaysForm(FlaskForm):
    """The notice's text, pasted or from a file, with its number and year. ``do`` beside it says preview or save."""

    year = SelectField("年度", validate_choice=False)
    number = StringField(
        "文号",
        validators=[DataRequired("请填写通知的文号，没有文号不能登记。"), Length(max=60, message="文号最多 60 字。")],
    )
    text = TextAreaField("通知正文")
    file = FileField("或者选文件")
    key = HiddenField()

    offered: Sequence[str] = ()

    @classmethod
    def of_years(cls, years: Sequence[int], *, chosen: int) -> EnterDaysForm:
        """The form with its choice of years."""
        form = cls(year=str(chosen))
        form.year.choices = [(str(year), f"{year}年") for year in years]
        form.offered = [str(year) for year in years]
        return form

    @property
    def year_number(self) -> int:
        """The chosen year. Only after validation."""
        return int(self.year.data)

    def take_file(self, read: Callable[[str, IO[bytes]], str]) -> None:
        """Put the text of the chosen file in the place of the pasted one. Before validation."""
        if not self.file.data or not self.file.data.filename:
            return
        try:
            self.text.data = read(self.file.data.filename, self.file.data.stream)
        except ValueError as error:
            self.file.process_errors = [str(error)]

    def validate_year(self, field: SelectField) -> None:
        """One of the years offered."""
        if field.data not in self.offered:
            raise ValidationError("请选一个年度。")

    def validate_text(self, field: TextAreaField) -> None:
        """Something to read, unless the file already has its own sentence."""
        if not (field.data or "").strip() and not self.file.process_errors:
            raise ValidationError("请粘贴通知正文，或者选一个文件。")

    def say(self, sentence: str, name: str | None) -> None:
        """Put a refusal beside the field it belongs to, or above the form."""
        if name in self._fields:
            self._fields[name].errors = [*self._fields[name].errors, sentence]
        else:
            self.form_errors.append(sentence)


class WithdrawForm(FlaskForm):
    """Why a notice is withdrawn."""

    reason = TextAreaField(
        "为什么撤下",
        validators=[DataRequired("请写明为什么撤下。"), Length(max=300, message="最多 300 字，请删减一些。")],
    )
    key = HiddenField()


class ChangeRuleForm(VersionedForm):
    """A rule's value, its document, why, from which day. ``do`` beside it says preview or save.

    ``version``: the last change the page knew of; ``seen``: of which answer it showed what follows.
    """

    value = StringField("数值")
    source = StringField("依据")
    reason = TextAreaField("为什么改")
    since = DayField("从哪天起")
    seen = HiddenField()

    @property
    def fingerprint(self) -> str:
        """Of everything of the answer that what follows depends on."""
        answer = self.answer()
        since = answer.since.isoformat() if answer.since else ""
        return digest([half_width(answer.value).strip(), answer.source.strip(), since])

    @property
    def was_shown(self) -> bool:
        """Whether what follows from this very answer stood on the page it was sent from."""
        return self.seen.data == self.fingerprint

    def answer(self) -> RuleAnswer:
        """What was typed."""
        return RuleAnswer(self.value.data or "", self.source.data or "", self.reason.data or "", self.since.data)


class RestoreRuleForm(VersionedForm):
    """Why an own value is taken back, from which day. ``version``: the last change the page knew of."""

    reason = TextAreaField("为什么撤回")
    since = DayField("从哪天起")
