"""Forms of suggestions and recommendations. A recommendation is read as typed: a draft refuses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ..shared.fields import VerbForm, as_typed
from .rules import Draft, Relation, Suggested

MOST_TYPED = 5_000


class SuggestForm(VerbForm):
    """Who, how the nominator knows him, what he did."""

    unit_id = SelectField("所在单位", validate_choice=False)
    nominee = StringField("姓名")
    relation = SelectField("我和推荐对象", validate_choice=False)
    deeds = TextAreaField("做了什么事")

    def offer(self, units: Sequence[tuple[int, str]]) -> None:
        """Hand in the units to choose from."""
        self.unit_id.choices = [("", "请选"), *((str(unit_id), name) for unit_id, name in units)]
        self.relation.choices = [("", "请选"), *((relation.value, relation.label) for relation in Relation)]

    def typed(self) -> Suggested:
        """What was typed, blanks squeezed."""
        unit = self.unit_id.data or ""
        relation = self.relation.data or ""
        known = {each.value: each for each in Relation}
        return Suggested(
            int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None,
            " ".join(_clean(self.nominee.data).split()),
            known.get(relation),
            _squeezed(self.deeds.data),
        )

    def kept(self) -> dict[str, Any]:
        """What was typed, as it is."""
        return {name: _clean(self[name].data) for name in ("unit_id", "nominee", "relation", "deeds")}


class RecommendationForm(FlaskForm):
    """What every verb on a recommendation carries."""

    version = IntegerField(validators=[InputRequired()])
    key = HiddenField()


def read_draft(posted: Mapping[str, str], per_unit: int, suggested: Sequence[str]) -> Draft:
    """The draft in a posted form: every field as typed, rows by their numbers."""
    fields = {
        name: _clean(posted.get(name))[:60].strip()
        for name in ("studied_on", "notice_from", "notice_to", "notice_place")
    }
    rows = tuple(
        {
            "nominee": _clean(posted.get(f"rows-{place}-nominee"))[:200],
            "post": _clean(posted.get(f"rows-{place}-post"))[:200],
            "deeds": _squeezed(posted.get(f"rows-{place}-deeds")),
        }
        for place in range(per_unit + 1)
        if f"rows-{place}-nominee" in posted
    )
    declined = {key: posted[f"declined-{key}"][:20] for key in suggested if posted.get(f"declined-{key}")}
    return Draft(fields, rows, declined, "agreed" in posted)


def _clean(text: str | None) -> str:
    return as_typed(text or "", MOST_TYPED)


def _squeezed(text: str | None) -> str:
    """Lines without what stands around them, and one blank where there were several: lengths stay within the columns."""
    return "\n".join(" ".join(line.split()) for line in _clean(text).splitlines() if line.strip())
