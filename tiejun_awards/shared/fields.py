"""What the forms of every feature share: a day as people type it, and a form that can say a refusal beside its field."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.widgets import TextInput

from .dates import parse_date
from .errors import Refused


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

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""


class VerbForm(FlaskForm):
    """A form that does something: it carries the idempotency key, and says refusals where they belong."""

    key = HiddenField()

    @property
    def once(self) -> str:
        """The idempotency key as services take it."""
        return self.key.data or ""

    def say(self, refused: Refused) -> None:
        """Put a refusal beside the field it names, or above the form."""
        self.say_all({refused.field or "": refused.sentence})

    def say_all(self, faults: dict[str, str]) -> None:
        """Put sentences beside the fields they are for: field -> sentence."""
        for name, sentence in faults.items():
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, sentence]
            else:
                self.form_errors.append(sentence)
