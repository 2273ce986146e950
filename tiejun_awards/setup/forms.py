"""Forms of the first start and of the open questions: their fields are what ``sections`` asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField

from ..shared.fields import DayField, VerbForm, VersionedForm, as_typed
from .rules import Paper
from .sections import ASKED, QUESTIONS, Asked, Kind, Question

MOST_TYPED = 5_000
"""Characters that are carried back to the page, whatever was sent."""


def _field(asked: Asked) -> Field:
    if asked.kind is Kind.YES:
        return BooleanField(asked.label, default=asked.default == "yes")
    if asked.kind is Kind.CHOICE:
        return SelectField(asked.label, choices=list(asked.choices), default=asked.default, validate_choice=False)
    if asked.kind is Kind.LONG:
        return TextAreaField(asked.label, default=asked.default)
    return StringField(asked.label, default=asked.default)


def _texts(form: VerbForm, names: Iterable[str]) -> dict[str, str]:
    """What was typed, a ticked box as “yes”."""
    return {
        name: ("yes" if form[name].data else "")
        if isinstance(form[name], BooleanField)
        else as_typed(form[name].data or "", MOST_TYPED)
        for name in names
    }


class FirstRunForm(VerbForm):
    """Everything a first start asks for, and the setup code."""

    code = StringField("安装码")

    @property
    def texts(self) -> dict[str, str]:
        """What was typed, by name."""
        return _texts(self, ASKED)

    def whole(self, faults: Mapping[str, str]) -> bool:
        """Whether nothing is wrong with what was sent; every sentence stands beside its field."""
        self.validate()
        self.say_all(dict(faults))
        return not self.errors


for _asked in ASKED.values():
    setattr(FirstRunForm, _asked.name, _field(_asked))


class QuestionForm(VersionedForm):
    """One open question: its answer, and the document it goes back to."""

    decided_by = StringField("由谁决定")
    decided_on = DayField("决定日期")
    document = StringField("文号或纪要编号")

    @property
    def paper(self) -> Paper:
        """The document as typed."""
        return Paper((self.decided_by.data or "").strip(), self.decided_on.data, (self.document.data or "").strip())

    def texts(self, question: Question) -> dict[str, str]:
        """The answer as typed, by name."""
        return _texts(self, [part.name for part in question.parts])


def _form_of(question: Question) -> type[QuestionForm]:
    form: type[QuestionForm] = type(f"{question.key}_form", (QuestionForm,), {})
    for part in question.parts:
        setattr(form, part.name, _field(part))
    return form


QUESTION_FORMS = {question.key: _form_of(question) for question in QUESTIONS.values()}
"""Question -> its form."""


class ReopenForm(VersionedForm):
    """Why a confirmed answer is asked for again."""

    reason = TextAreaField("为什么重新打开")
