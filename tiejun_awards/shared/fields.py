"""What the forms of every feature share: a day as people type it, and a form that can say a refusal beside its field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple, Self, TypeVar

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from .dates import chinese_date, parse_date
from .errors import Refused, Stale, Unconfirmed

R = TypeVar("R")

NO_VERSION = "这次提交缺了页面的版本号，请刷新页面再试。"


def as_typed(text: str, most: int) -> str:
    """What was typed, at most so many characters of it: line ends as they are here, nothing that cannot be printed."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in plain if char in "\n\t" or char.isprintable())[:most]


class DayField(Field):
    """A day in any of the ways ``dates.parse_date`` reads. ``data`` is a date or None; what was typed stays on the page."""

    widget = TextInput()
    data: date | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed; the sentence of what cannot be read stands beside the field."""
        self.data = None
        text = str(valuelist[0]) if valuelist else ""
        if text.strip():
            try:
                self.data = parse_date(text)
            except ValueError as error:
                raise ValueError(f"{error}。") from None

    def pre_validate(self, form: object) -> None:
        """What cannot be read has its sentence: no validator says instead that nothing was typed."""
        if self.process_errors:
            raise StopValidation

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""

    def plain(self) -> str:
        """The day however it was typed: two ways of writing one day are no difference."""
        return chinese_date(self.data) if self.data else ""


class Boxes(SelectMultipleField):
    """Several of a list, each a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class VerbForm(FlaskForm):
    """A form that does something: it carries the idempotency key, and says refusals where they belong."""

    key = HiddenField()

    @property
    def once(self) -> str:
        """The idempotency key as services take it."""
        return self.key.data or ""

    def attempt(self, verb: Callable[[], object]) -> bool:
        """Do the verb; whether it was done. A refusal that belongs beside a field is said there, any other is raised."""
        return self.made_by(verb) is not None

    def made_by(self, verb: Callable[[], R]) -> R | None:
        """The same, giving what the verb returned."""
        try:
            return verb()
        except Refused as refused:
            if refused.field is None or isinstance(refused, Unconfirmed):
                raise
            self.say(refused)
            return None

    @property
    def status(self) -> int:
        """The status of the page the form is shown on: 422 when something in it is wrong."""
        return 422 if self.errors else 200

    def say(self, refused: Refused) -> None:
        """Put a refusal beside the field it names, or above the form."""
        self.say_all({refused.field or "": refused.sentence})

    def say_all(self, faults: dict[str, str]) -> None:
        """Put sentences beside the fields they are for: field -> sentence. A field that has one already keeps it."""
        for name, sentence in faults.items():
            if name in self._fields:
                self._fields[name].errors = list(self._fields[name].errors) or [sentence]
            else:
                self.form_errors.append(sentence)


class VersionedForm(VerbForm):
    """A verb on something that may have changed since: it carries the version the page was opened with."""

    version = IntegerField(validators=[InputRequired(NO_VERSION)])

    @classmethod
    def sent(cls) -> Self:
        """The posted form of a verb that needs nothing else. Raises Refused where the version is missing."""
        form = cls()
        if not form.validate():
            raise Refused(NO_VERSION)
        return form


class Both(NamedTuple):
    """One field as it was typed, beside what somebody else has saved meanwhile."""

    label: str
    mine: str
    theirs: str

    @property
    def differs(self) -> bool:
        """Whether saving the form again would change what was saved."""
        return self.mine != self.theirs


def save(form: VerbForm, verb: Callable[[], object], again: Callable[[], VerbForm]) -> tuple[bool, list[Both]]:
    """Do the verb: (done, every field of both versions where somebody else saved meanwhile).

    ``again`` fills a form of the same kind from what is saved now; the typed one is then put at that version.
    """
    try:
        return form.attempt(verb), []
    except Stale:
        saved = again()
        form["version"].raw_data, form["version"].data = None, saved["version"].data
        return False, both(form, saved)


def both(typed: VerbForm, saved: VerbForm) -> list[Both]:
    """Every field somebody fills in, in the order of the form: whoever adds a field cannot forget it here."""
    shown = [field for field in typed if not isinstance(field, HiddenField) and field.short_name != "version"]
    return [Both(field.label.text, _plain(field), _plain(saved[field.short_name])) for field in shown]


def _plain(field: Field) -> str:
    if hasattr(field, "plain"):
        return str(field.plain())
    if isinstance(field, BooleanField):
        return "是" if field.data else "否"
    if isinstance(field, SelectField):
        words = {str(choice[0]): str(choice[1]) for choice in field.choices or ()}
        return words.get(str(field.data or ""), str(field.data or ""))
    return str(field.data or "").strip()
