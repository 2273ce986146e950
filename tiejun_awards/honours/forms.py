"""Forms of honours."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired

from ..shared.fields import VerbForm


class PublishForm(VerbForm):
    """Publish a call's results."""

    version = IntegerField(validators=[InputRequired()])
