"""Forms of the home pages."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired, Length


class FeedbackForm(FlaskForm):
    """意见建议: a text, with or without the writer's name."""

    text = TextAreaField(
        "意见或建议",
        validators=[DataRequired("请写下意见或建议。"), Length(max=1_000, message="最多 1000 字，请删减一些。")],
    )
    with_name = BooleanField("附上我的名字，方便回复")
