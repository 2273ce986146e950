"""Forms of rating cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ..decisions.forms import StepForm
from ..shared.dates import parse_count
from ..shared.fields import Boxes, VerbForm, VersionedForm
from ..standards.rules import Line
from .rules import Method, Terms
from .trial_rules import VARIED, Trial, read_numbers, title_of, with_numbers


class DraftForm(VerbForm):
    """Which year, and with which quarter the period ends."""

    year = SelectField("年度", validate_choice=False)
    last_quarter = SelectField("考核期截至", validate_choice=False)

    def offer(self, years: Sequence[int], quarters: Sequence[tuple[str, str]]) -> None:
        """What can be chosen."""
        self.year.choices = [(str(year), f"{year}年度") for year in years]
        self.last_quarter.choices = list(quarters)
        self.years, self.codes = [str(year) for year in years], [code for code, _ in quarters]

    def check(self) -> bool:
        """Whether both were chosen from what is offered; the sentence stands beside the field."""
        faults = {}
        if self.year.data not in self.years:
            faults["year"] = "请选一个年度。"
        if self.last_quarter.data not in self.codes:
            faults["last_quarter"] = "请选考核期截至哪个季度。"
        self.say_all(faults)
        return not faults


class VersionForm(VersionedForm):
    """A verb on a cycle: for closing, whether unsigned sheets may be left out."""

    anyway = BooleanField("未签名的不计，仍要结束")


class AnnounceForm(VerbForm):
    """The paper of the announcement, and who judges."""

    version = IntegerField(validators=[InputRequired()])
    ground = StringField("年度计划依据")
    number = StringField("公告文号")
    judges = Boxes("评委", coerce=int, validate_choice=False)


class EntryForm(VerbForm):
    """A bonus, a deduction, a bar or an exemption, with the paper it stands on."""

    code = SelectField("事项", validate_choice=False)
    value = StringField("分值")
    basis = StringField("依据")


class WordsForm(VerbForm):
    """支部自述."""

    version = IntegerField(validators=[InputRequired()])
    words = TextAreaField("支部自述")


class VerifyForm(VersionedForm):
    """What every saving of a branch's values carries; the cases are read line by line."""

    late_reason = StringField("更正原因")


class TrialForm(VerbForm):
    """The numbers a trial varies, the method, and while marks are in the reason."""

    floor_5 = StringField(title_of("floor_5"))
    floor_4 = StringField(title_of("floor_4"))
    floor_3 = StringField(title_of("floor_3"))
    floor_2 = StringField(title_of("floor_2"))
    share = StringField(title_of("share"))
    climb = StringField(title_of("climb"))
    first = StringField(title_of("first"))
    bonus_cap = StringField(title_of("bonus_cap"))
    method = SelectField("计分方法", validate_choice=False)
    reason = TextAreaField("为什么要在评分期间试算")

    def offer(self) -> None:
        """The methods one can choose from."""
        self.method.choices = [("", "按公告的规则"), *((method.value, method.label) for method in Method)]

    def trial(self, terms: Terms) -> Trial | None:
        """What was typed, on the terms it starts from; None when something is wrong, which is then said beside its field."""
        numbers, faults = read_numbers({name: self[name].data or "" for name in VARIED})
        method = self.method.data or ""
        if method and method not in [each.value for each in Method]:
            faults["method"] = "请选一种计分方法。"
        self.say_all(faults)
        return None if faults else Trial(with_numbers(terms, numbers), Method(method) if method else None)


class TrialAnswerForm(VerbForm):
    """What the second person says to a trial; the reason only where it is refused."""

    reason = TextAreaField("为什么不同意")


class TieForm(StepForm):
    """The committee's vote on a tie; the places are read branch by branch."""


def read_times(posted: Mapping[str, str], lines: Sequence[Line]) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """How often each case was said to hold, by line; and a sentence for each field that could not be read."""
    times: dict[str, dict[str, int]] = {}
    faults: dict[str, str] = {}
    for line in lines:
        for case in line.cases:
            name = f"times-{line.code}-{case.code}"
            text = posted.get(name, "").strip()
            if not text:
                continue
            try:
                often = parse_count(text)
            except ValueError as error:
                faults[name] = f"{error}。"
                continue
            if often > case.most:
                faults[name] = f"最多 {case.most} 次。"
            elif often:
                times.setdefault(line.code, {})[case.code] = often
    return times, faults


def read_places(posted: Mapping[str, str], tied: Sequence[int]) -> dict[int, int]:
    """The places of tied branches as typed; what is no number is 0."""
    found = {}
    for place in tied:
        text = posted.get(f"place-{place}", "").strip()
        found[place] = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return found


def read_amount(text: str) -> int | None:
    """A bonus as typed, in hundredths; None when the field was left empty. Raises ValueError with a sentence."""
    plain = text.strip()
    if not plain:
        return None
    whole, _, rest = plain.partition(".")
    if not (
        whole.isascii() and whole.isdigit() and len(whole) < 4 and (not rest or (rest.isdigit() and len(rest) <= 2))
    ):
        raise ValueError("请用数字填写分值，例如 1.5。")
    return int(whole) * 100 + int((rest + "00")[:2])
