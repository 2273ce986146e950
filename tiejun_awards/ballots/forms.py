"""Forms of polls. Lists are typed one to a line; what is wrong is said beside its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ..shared.clock import SHANGHAI
from ..shared.dates import parse_date
from ..shared.errors import Refused
from ..shared.fields import VersionedForm
from . import questions
from .questions import MOST_ASPECTS, MOST_SUBJECTS, Kind, Question
from .rules import Base, Group, Rule, Share
from .sealing import SHORTEST_PASSPHRASE, KeyMode

MOST_PEOPLE = 5_000


class Whole(IntegerField):
    """A whole number up to ``most``, or nothing; anything else is said in Chinese."""

    def __init__(self, label: str, validators: list[Any] | None = None, *, most: int = 99_999, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.most = most

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read full-width digits too; blank is nothing."""
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        if not text.isdecimal() or len(text) > 6:
            raise ValueError("请写整数。")
        self.data = int(text)
        if self.data > self.most:
            raise ValueError(f"最多 {self.most}。")


class Moment(StringField):
    """A day and an hour as typed: 2026-11-25 9:00, 11月25日 9:00."""

    moment: datetime | None = None

    def pre_validate(self, form: object) -> None:
        """Read it. Raises ValidationError."""
        found = re.fullmatch(r"(.+?)\s*(\d{1,2})[:：](\d{2})", (self.data or "").strip())
        try:
            if not found:
                raise ValueError
            day = parse_date(found[1].strip())
            self.moment = datetime(day.year, day.month, day.day, int(found[2]), int(found[3]), tzinfo=SHANGHAI)
        except ValueError:
            raise ValidationError("请写成 2026-11-25 9:00 这样，日期在前、时间在后。") from None


_OFFERED = "请从列出的里面选。"


class OneOf(SelectField):
    """One of a list."""

    def pre_validate(self, form: object) -> None:
        """Only what was offered."""
        if not any(str(choice[0]) == str(self.data) for choice in self.choices or ()):
            raise ValidationError(_OFFERED)


class Radios(RadioField):
    """One of a few."""

    def pre_validate(self, form: object) -> None:
        """Only what was offered."""
        if not any(choice[0] == self.data for choice in self.choices or ()):
            raise ValidationError(_OFFERED)


def _person_id(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


class Boxes(SelectMultipleField):
    """Several of a few."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: object) -> None:
        """Only what was offered."""
        offered = {str(choice[0]) for choice in self.choices or ()}
        if not {str(chosen) for chosen in self.data or ()} <= offered:
            raise ValidationError(_OFFERED)


def _options(members: type[Kind] | type[Share] | type[Base] | type[KeyMode]) -> list[tuple[str, str]]:
    return [(member.value, member.label) for member in members]


class PlanForm(FlaskForm):
    """A poll as the office writes it."""

    version = IntegerField(validators=[Optional()])
    key = HiddenField()
    title = StringField("名称", [DataRequired("请写名称。"), Length(max=100, message="最多 100 字。")])
    kind = Radios("问什么", choices=_options(Kind), default=Kind.APPROVE.value)
    subjects = TextAreaField("名单", [DataRequired("请写名单，一行一个。")])
    aspects = TextAreaField("分项")
    most = Whole("至多选几个")
    recusal = BooleanField("票上有“回避”一栏")
    ways = Boxes(
        "怎样投",
        choices=[
            ("slip", "测评码（现场领取，手机扫码）"),
            ("account", "自己的账号"),
            ("paper", "纸质票（两位计票人录入）"),
        ],
    )
    expected = Whole("应到人数", [InputRequired("请写应到人数。")], most=MOST_PEOPLE)
    groups = TextAreaField("分类加权")
    attendance = OneOf("到会要求", choices=_options(Share), default=Share.HALF.value)
    majority = OneOf("通过线", choices=_options(Share), default=Share.OVER_HALF.value)
    base = OneOf("通过线按谁算", choices=_options(Base), default=Base.EXPECTED.value)
    seats = Whole("名额", most=MOST_SUBJECTS)
    source = StringField("依据", [DataRequired("请写按哪份文件、哪一条。"), Length(max=200, message="最多 200 字。")])
    opens_at = Moment("开始", [DataRequired("请写开始时间。")])
    closes_at = Moment("截止", [DataRequired("请写截止时间。")])
    key_mode = Radios("开箱钥匙", choices=_options(KeyMode), default=KeyMode.TWO.value)

    def validate_subjects(self, field: TextAreaField) -> None:
        """A list without doubles."""
        _refuse(questions.wrong_list(questions.lines_of(field.data or ""), MOST_SUBJECTS, "名单"))

    def validate_aspects(self, field: TextAreaField) -> None:
        """A list without doubles."""
        _refuse(questions.wrong_list(questions.lines_of(field.data or ""), MOST_ASPECTS, "分项"))

    def validate_most(self, field: Whole) -> None:
        """Needed where one chooses."""
        if self.kind.data == Kind.CHOOSE.value and not field.process_errors and not field.data:
            raise ValidationError("请写至多选几个。")

    def validate_ways(self, field: Boxes) -> None:
        """At least one."""
        _refuse("" if field.data else "请至少选一种投法。")

    def validate_groups(self, field: TextAreaField) -> None:
        """Lines that can be read, weights that make 100 per cent."""
        groups = self.read_groups()
        if groups and sum(group.weight for group in groups) != 10_000:
            raise ValidationError(f"权重加起来应当是 100%，现在是 {sum(g.weight for g in groups) / 100:g}%。")

    def validate_closes_at(self, field: Moment) -> None:
        """After the beginning."""
        if field.moment and self.opens_at.moment and field.moment <= self.opens_at.moment:
            raise ValidationError("截止要晚于开始。")

    def read_groups(self) -> tuple[Group, ...]:
        """The groups as typed. Raises ValidationError."""
        found = []
        for line in questions.lines_of(self.groups.data or ""):
            read = re.fullmatch(r"(.{1,30}?)\s+(\d{1,3}(?:\.\d{1,2})?)\s*[%％]\s+(\d{1,4})\s*人?", line)
            if not read:
                raise ValidationError(f"“{line[:20]}”读不懂，请写成：机关党委委员 40% 12人。")
            found.append(Group(read[1], round(float(read[2]) * 100), int(read[3])))
        return tuple(found)

    def question(self) -> Question:
        """What is asked."""
        kind = Kind(self.kind.data)
        aspects = questions.lines_of(self.aspects.data or "") if kind is Kind.GRADE else ()
        most = (self.most.data or 0) if kind is Kind.CHOOSE else 0
        recusal = bool(self.recusal.data) and kind is Kind.APPROVE
        return Question(kind, questions.lines_of(self.subjects.data or ""), aspects, most, recusal)

    def rule(self) -> Rule:
        """By which rule it is counted."""
        return Rule(
            Share(self.attendance.data),
            Share(self.majority.data),
            Base(self.base.data),
            self.seats.data or 0,
            self.source.data or "",
        )


def _refuse(sentence: str) -> None:
    if sentence:
        raise ValidationError(sentence)


class VotersForm(VersionedForm):
    """The roll."""

    usernames = TextAreaField("账号")
    branches = Boxes("整个支部", coerce=_person_id)
    recused = TextAreaField("回避")


class TellersForm(VersionedForm):
    """Who watches and who counts."""

    watcher_1 = OneOf("监票人甲", coerce=_person_id, default=0)
    watcher_2 = OneOf("监票人乙", coerce=_person_id, default=0)
    counter_1 = OneOf("计票人甲", coerce=_person_id, default=0)
    counter_2 = OneOf("计票人乙", coerce=_person_id, default=0)


class SlipsForm(FlaskForm):
    """How many 测评码."""

    version = IntegerField(validators=[InputRequired()])
    number = Whole("印几个", [InputRequired("请写印几个。")])


class CloseForm(VersionedForm):
    """The numbers of the room at the closing."""

    slips_issued = Whole("发出的测评码", [Optional()])
    present = Whole("实到人数", [Optional()])


class VoidForm(VersionedForm):
    """Why a poll is void."""

    reason = TextAreaField("为什么作废", [DataRequired("请写明为什么作废。"), Length(max=300, message="最多 300 字。")])


class RunOffForm(VersionedForm):
    """When the run-off is."""

    opens_at = Moment("开始", [DataRequired("请写开始时间。")])
    closes_at = Moment("截止", [DataRequired("请写截止时间。")])

    def validate_closes_at(self, field: Moment) -> None:
        """After the beginning."""
        if field.moment and self.opens_at.moment and field.moment <= self.opens_at.moment:
            raise ValidationError("截止要晚于开始。")


class NewPassphraseForm(FlaskForm):
    """A 监票人's passphrase, twice."""

    passphrase = PasswordField(
        "开箱口令",
        [
            InputRequired("请写开箱口令。"),
            Length(min=SHORTEST_PASSPHRASE, max=200, message=f"至少 {SHORTEST_PASSPHRASE} 个字符，一句话最好记。"),
        ],
    )
    again = PasswordField("再写一遍")

    def validate_again(self, field: PasswordField) -> None:
        """The same."""
        if field.data != self.passphrase.data:
            raise ValidationError("两遍不一样，请再写一遍。")


class OpenForm(FlaskForm):
    """The passphrase that opens."""

    passphrase = PasswordField("开箱口令")


class CodeForm(FlaskForm):
    """A 测评码 typed in."""

    code = StringField("测评码", [DataRequired("请输入票上的 8 位测评码。")])


class BallotForm(FlaskForm):
    """The token of a ballot; its answers are read by item."""


def read_paper(posted: Mapping[str, str], names: list[str]) -> tuple[dict[str, int], dict[str, str]]:
    """(numbers, name -> sentence) of a paper count as typed; blank is nought."""
    numbers, wrong = {}, {}
    for name in names:
        text = posted.get(name, "").strip() or "0"
        if text.isdecimal() and len(text) <= 5:
            numbers[name] = int(text)
        else:
            wrong[name] = "请写整数。"
    return numbers, wrong


def beside(form: FlaskForm, refused: Refused) -> None:
    """Put the sentence beside its field; raise it again when it belongs to none."""
    field = form._fields.get(refused.field or "")
    if field is None:
        raise refused
    field.errors = [*field.errors, refused.sentence]
