"""Forms of messages and reminders."""

from __future__ import annotations

from wtforms import BooleanField, StringField
from wtforms.validators import Length

from ..shared.fields import VerbForm


class EmailForm(VerbForm):
    """Where e-mail goes, and whether it is wanted."""

    address = StringField("邮箱地址", validators=[Length(max=120, message="邮箱地址最多 120 个字符。")])
    wanted = BooleanField("有新消息时发邮件告诉我")
