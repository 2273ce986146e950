"""Forms of the quarter's overview."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField


class ExportForm(FlaskForm):
    """Have a long file made by the work process."""

    key = HiddenField()
