"""The demo's calls: one under way, last year's finished with honours, whatever the day."""

from __future__ import annotations

import re

import sqlalchemy as sa

from tests.builders import rows_of
from tests.setup.test_demo import HALF_WIDTH, actor
from tiejun_awards.calls.models import Call
from tiejun_awards.calls.rules import Phase
from tiejun_awards.home import services as home
from tiejun_awards.honours.models import Honour
from tiejun_awards.nominations.models import Recommendation, Suggestion
from tiejun_awards.nominations.rules import State
from tiejun_awards.shared.clock import day_of
from tiejun_awards.shared.db import db


def test_one_call_is_under_way_and_last_years_is_published(at):
    calls = db.session.scalars(sa.select(Call).order_by(Call.id)).all()

    assert [call.phase(day_of(at)) for call in calls] == [Phase.PUBLISHED, Phase.SUGGESTING]
    assert [call.about.title for call in calls] == ["干事创业好班子", "担当作为好干部"]
    assert calls[0].year < calls[1].year or calls[0].opens_on < calls[1].opens_on


def test_three_honours_are_published_in_unit_order_and_no_name_is_invented(at):
    rows = rows_of(Honour, "nominee", "number")

    assert [nominee for nominee, _ in rows] == [
        "水生态环境处（演示）",
        "监测中心应急监测室（演示）",
        "银川市生态环境局大气环境科（演示）",
    ]
    assert all(re.fullmatch(r"宁环党发〔20\d\d〕33号", number) for _, number in rows)
    assert all(name.endswith("（演示）") for name in db.session.scalars(sa.select(Suggestion.nominee)))


def test_one_unit_has_sent_one_writes_and_the_office_has_entries_to_review(at):
    now = db.session.scalars(sa.select(Call).order_by(Call.id.desc())).first()
    assert now is not None
    states = db.session.scalars(
        sa.select(Recommendation.state).filter_by(call_id=now.id).order_by(Recommendation.id)
    ).all()

    assert sorted(state.value for state in states) == [State.DRAFT.value, State.SUBMITTED.value]
    assert "审查候选对象" in [todo.heading for todo in home.waiting(actor("office", at))]
    assert [todo.label for todo in home.waiting(actor("clerk", at))] == ["继续填写"]
    assert [call.title for call in home.open_calls(actor("staff", at))] == [now.title]


def test_every_text_of_the_calls_has_full_width_punctuation(at):
    texts = [*db.session.scalars(sa.select(Suggestion.deeds)), *db.session.scalars(sa.select(Call.title))]

    assert [text for text in texts if HALF_WIDTH.search(text)] == []
