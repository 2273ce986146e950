"""What was awarded: frozen, inside, in unit order."""

from __future__ import annotations

from io import BytesIO

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from sqlalchemy.exc import DBAPIError

from tests import builders, exemplars
from tests.builders import World
from tests.pages import Browser
from tiejun_awards.honours import services
from tiejun_awards.honours.models import Honour
from tiejun_awards.nominations.models import Entry
from tiejun_awards.nominations.rules import EntryState
from tiejun_awards.shared.db import writing
from tiejun_awards.shared.errors import Refused


def test_an_exemplar_tells_what_was_done_and_how_it_was_decided(world: World, staff: Browser):
    honour = exemplars.honour(world)

    page = staff.get(f"/honours/{honour.id}")

    for told in (
        "担当作为好干部",
        "水生态环境处",
        exemplars.BRIEF,
        builders.NUMBER,
        "2026年11月18日",
        "通报表扬",
        honour.code,
    ):
        assert told in page.main
    assert builders.rows_of(Entry, "state") == [(EntryState.AWARDED,)]


def test_the_roll_lists_by_year_and_unit_without_rank_and_exports(world: World, staff: Browser):
    exemplars.honour(world)

    page = staff.get("/honours/")
    book = load_workbook(BytesIO(staff.get("/honours/export").content))

    assert page.heads == [["对象", "单位", "项目", "年度", "决定"]]
    assert [row[1:4] for row in page.rows()] == [["水生态环境处", "担当作为好干部", "2026年度"]]
    [head, line] = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert (head[0], line[0], line[8]) == ("年度", 2026, builders.NUMBER)
    assert "没有符合条件的典型" in staff.get("/honours/?year=1999").main


def test_an_empty_roll_says_what_will_stand_there(world: World, staff: Browser):
    assert "还没有公布过结果" in staff.get("/honours/").main


def test_what_was_published_is_not_changed_and_not_published_again(world: World):
    honour = exemplars.honour(world)
    call = exemplars.call(world)

    with pytest.raises(Refused, match="现在是“已公布”，不能公布结果"):
        services.publish(world.actor("office"), call, version=call.version)
    with pytest.raises(DBAPIError, match="honour only grows"), writing() as session:
        session.execute(sa.update(Honour).where(Honour.id == honour.id).values(nominee="别人"))
