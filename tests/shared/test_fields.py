"""What the forms of every feature share: days as people type them, refusals beside their fields."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms.validators import DataRequired

from tiejun_awards.shared.errors import Refused
from tiejun_awards.shared.fields import DayField, VerbForm


class DayForm(VerbForm):
    day = DayField("日期")


class NeededDayForm(VerbForm):
    day = DayField("日期", validators=[DataRequired("请填写日期。")])


def form(app: Flask, **typed: str) -> DayForm:
    with app.test_request_context(method="POST"):
        return DayForm(MultiDict(typed), meta={"csrf": False})


@pytest.mark.parametrize(
    ("text", "day", "shown"),
    [
        ("2026年3月18日", date(2026, 3, 18), "2026年3月18日"),
        ("２０２６-３-１８", date(2026, 3, 18), "２０２６-３-１８"),
        (" ", None, " "),
    ],
)
def test_a_day_is_read_as_typed_and_stays_as_typed(app: Flask, text: str, day: date | None, shown: str):
    typed = form(app, day=text)

    assert (typed.day.data, typed.day._value(), list(typed.day.errors)) == (day, shown, [])


def test_a_day_that_is_none_gets_its_sentence_and_a_given_one_is_shown_plainly(app: Flask):
    wrong = form(app, day="3月40日")
    wrong.validate()
    with app.test_request_context():
        given = DayForm(day=date(2026, 3, 18), meta={"csrf": False})

    assert wrong.errors == {"day": ["“3月40日”没有写年份，请写成2026-03-26或2026年3月26日。"]}
    assert (given.day._value(), given.status, wrong.status) == ("2026-03-18", 200, 422)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026年13月1日", "没有13月，月份是1至12。"),
        ("", "请填写日期。"),
        ("2026-03-18", None),
    ],
)
def test_a_needed_day_that_cannot_be_read_is_not_called_missing(app: Flask, text: str, sentence: str | None):
    with app.test_request_context(method="POST"):
        typed = NeededDayForm(MultiDict({"day": text}), meta={"csrf": False})
        typed.validate()

    assert typed.errors == ({"day": [sentence]} if sentence else {})


def test_a_refusal_stands_beside_its_field_once_or_above_the_form(app: Flask):
    typed = form(app, day="2026-03-18", key="one")
    typed.say(Refused("太早了。", field="day"))
    typed.say(Refused("太晚了。", field="day"))
    typed.say(Refused("别的。", field="other"))

    assert (typed.day.errors, typed.form_errors, typed.once) == (["太早了。"], ["别的。"], "one")


def test_a_verb_is_done_or_its_refusal_said_and_one_without_a_field_goes_up(app: Flask):
    typed = form(app)

    def refuse(field: str | None) -> None:
        raise Refused("不行。", field=field)

    assert (typed.attempt(lambda: 1), typed.made_by(lambda: "x"), typed.attempt(lambda: refuse("day"))) == (
        True,
        "x",
        False,
    )
    with pytest.raises(Refused, match=r"^不行。$"):
        typed.attempt(lambda: refuse(None))
