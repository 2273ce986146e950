"""Forms of accounts."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length


class ConfirmForm(FlaskForm):
    """The password again, and where to go on."""

    password = PasswordField(
        "密码", validators=[InputRequired("请写密码。"), Length(max=256, message="密码没有这么长。")]
    )
    next = HiddenField()


class SignInForm(FlaskForm):
    """User name and password; where to go on; typed text that waits for its writer."""

    username = StringField("账号", validators=[InputRequired("请写账号。"), Length(max=80, message="账号没有这么长。")])
    password = PasswordField(
        "密码", validators=[InputRequired("请写密码。"), Length(max=256, message="密码没有这么长。")]
    )
    next = HiddenField()
    carried = HiddenField()
