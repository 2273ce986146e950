"""Forms of score sheets. The marks are read line by line as typed: what cannot be read stays on the page with its sentence."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict
from wtforms import StringField, TextAreaField

from ..shared.fields import VerbForm, VersionedForm
from ..standards.rules import Line
from .rules import Typed


class SheetForm(VersionedForm):
    """What every saving of a sheet carries."""

    remark = StringField("想对支部说的一句话")


class SignForm(VerbForm):
    """Signing all one's sheets."""


class ReasonForm(VerbForm):
    """A verb of a judge that needs a reason."""

    reason = TextAreaField("原因")


def typed_marks(posted: MultiDict[str, str], lines: Sequence[Line]) -> dict[str, Typed]:
    """The marks in a posted sheet: ``mark-CODE``, the boxes ``case-CODE``, and ``shown-CODE``, what stood in the field before."""
    return {
        line.code: Typed(
            posted[f"mark-{line.code}"],
            tuple(posted.getlist(f"case-{line.code}")),
            posted.get(f"shown-{line.code}", ""),
        )
        for line in lines
        if f"mark-{line.code}" in posted
    }
