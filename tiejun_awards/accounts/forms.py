"""Forms of accounts."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from ..shared.fields import Boxes, VerbForm

_PASSWORD = [InputRequired("请写密码。"), Length(max=256, message="密码没有这么长。")]
_NAME = [InputRequired("请写账号或手机号。"), Length(max=80, message="账号没有这么长。")]
_CODE_LENGTH = Length(max=60, message="验证码没有这么长。")


class Onward(VerbForm):
    """Where to go on, and typed text that waits for its writer."""

    next = HiddenField()
    carried = HiddenField()


class SignInForm(Onward):
    """User name or mobile number, and password."""

    username = StringField("账号或手机号", validators=_NAME)
    password = PasswordField("密码", validators=_PASSWORD)


class CodeForm(Onward):
    """The second step: a code of the app, or a recovery code."""

    code = StringField("验证码或备用码", validators=[InputRequired("请写验证码。"), _CODE_LENGTH])


class ConfirmForm(Onward):
    """The password again, and the code where there is a second step."""

    password = PasswordField("密码", validators=_PASSWORD)
    code = StringField("手机上的验证码", validators=[_CODE_LENGTH])


class NewPassword(Onward):
    """A new password, twice."""

    new_password = PasswordField(
        "新密码", validators=[InputRequired("请写新密码。"), Length(max=256, message="密码最多 128 个字符。")]
    )
    again = PasswordField("再写一次新密码", validators=[InputRequired("请再写一次新密码。")])


class ChangePasswordForm(NewPassword):
    """The present password and a new one."""

    password = PasswordField("现在的密码", validators=_PASSWORD)


class SlipForm(NewPassword):
    """A printed slip: whose it is, its code, a new password."""

    username = StringField("账号或手机号", validators=_NAME)
    code = StringField(
        "登录码", validators=[InputRequired("请写登录条上的登录码。"), Length(max=60, message="登录码没有这么长。")]
    )


class PanelSlipForm(FlaskForm):
    """A judge's slip of the day."""

    code = StringField(
        "登录码", validators=[InputRequired("请写登录条上的登录码。"), Length(max=60, message="登录码没有这么长。")]
    )


class EnrolForm(Onward):
    """The first code of a new app. ``seed`` comes back signed, for its person and for a few minutes."""

    seed = HiddenField()
    code = StringField("手机上现在的验证码", validators=[InputRequired("请写手机上显示的 6 位数字。"), _CODE_LENGTH])


class EndSessionForm(VerbForm):
    """Which session ends."""

    session = HiddenField()


class PeopleForm(VerbForm):
    """Accounts to tick."""

    people = Boxes("账号", coerce=int, validate_choice=False)
