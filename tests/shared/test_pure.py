"""The small pure files: labels, workflows, ways to say no, facts, digests, the clock, lists."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.shared import clock
from tiejun_awards.shared.digests import canonical, digest
from tiejun_awards.shared.errors import Missing, NotAllowed, Refused, SaysNo, Stale
from tiejun_awards.shared.facts import Fact, Row, count_all
from tiejun_awards.shared.labels import Labelled
from tiejun_awards.shared.listing import Listing, asked_quarter
from tiejun_awards.shared.periods import Quarter
from tiejun_awards.shared.workflow import mermaid, step


class Door(Labelled):
    """States of the tests."""

    OPEN = "open", "开着"
    SHUT = "shut", "关着"


class Deed(Labelled):
    """Verbs of the tests."""

    SHUT = "shut", "关上"
    PAINT = "paint", "刷漆"


MOVES = {(Door.OPEN, Deed.SHUT): Door.SHUT, (Door.SHUT, Deed.PAINT): Door.SHUT}


def test_a_member_is_stored_by_its_word_and_shown_by_its_label():
    assert [(door.value, door.label, Door(door.value)) for door in Door] == [
        ("open", "开着", Door.OPEN),
        ("shut", "关着", Door.SHUT),
    ]


def test_a_workflow_goes_where_its_table_says():
    assert (step(MOVES, Door.OPEN, Deed.SHUT), step(MOVES, Door.SHUT, Deed.PAINT)) == (Door.SHUT, Door.SHUT)


def test_a_move_that_is_not_in_the_table_is_refused_in_words():
    with pytest.raises(Refused, match=r"^现在是“关着”，不能关上。$"):
        step(MOVES, Door.SHUT, Deed.SHUT)


def test_a_workflow_is_drawn_from_its_table():
    assert mermaid(MOVES) == "stateDiagram-v2\n    开着 --> 关着: 关上\n    关着 --> 关着: 刷漆"


def test_each_way_to_say_no_has_its_status_and_its_sentence():
    ways = [SaysNo("不行。"), Refused("不行。", field="text"), NotAllowed("不行。"), Missing(), Stale("那一稿")]

    assert [(way.status, way.sentence[:2]) for way in ways] == [
        (400, "不行"),
        (409, "不行"),
        (403, "不行"),
        (404, "没有"),
        (409, "您打"),
    ]
    assert (ways[1].field, ways[4].subject) == ("text", "那一稿")  # type: ignore[attr-defined]


def test_facts_of_every_feature_are_gathered_by_branch_and_key_and_none_is_counted_twice():
    meetings = Fact("meetings", "党员大会", 2, (Row(date(2026, 1, 9), "第一次"), Row(date(2026, 3, 9), "第二次")))
    talks = Fact("talks", "谈心谈话", 8)
    quarters = [Quarter(2026, 1)]

    def reports(branches, _quarters):
        return {branch: {"meetings": meetings} for branch in branches}

    def life(_branches, _quarters):
        return {2: {"talks": talks}}

    assert count_all([reports, life], [1, 2], quarters) == {
        1: {"meetings": meetings},
        2: {"meetings": meetings, "talks": talks},
    }
    with pytest.raises(ValueError, match=r"^two features count meetings$"):
        count_all([reports, life, reports], [1, 2], quarters)


def test_the_same_content_has_the_same_digest_however_it_is_ordered():
    one, other = {"甲": 1, "乙": [True, None]}, {"乙": [True, None], "甲": 1}

    assert canonical(one) == canonical(other) == '{"乙":[true,null],"甲":1}'
    assert digest(one) == digest(other) != digest({"甲": 1})


def test_the_clock_runs_unless_it_is_stopped():
    moment = datetime(2026, 12, 31, 23, 30, tzinfo=clock.SHANGHAI)
    before = clock.now()

    with clock.stopped_at(moment):
        inside = clock.now()

    assert (inside, inside.tzinfo, clock.day_of(inside)) == (moment, UTC, date(2026, 12, 31))
    assert before <= clock.now() <= datetime.now(UTC)


# Lists.

SORTS = ("unit", "state", "submitted")


def read(**arguments: str) -> Listing:
    return Listing.read(arguments, "/quarters/2026Q3", sorts=SORTS, filters=("q", "state"))


@given(st.dictionaries(st.sampled_from(["sort", "page", "q", "state", "other"]), st.text(max_size=100)))
def test_whatever_an_address_says_a_list_has_a_sort_it_offers_and_a_page(arguments: dict[str, str]):
    listing = read(**arguments).counted(120)

    assert listing.sort in SORTS
    assert 1 <= listing.page <= listing.pages == 3
    assert 0 <= listing.offset < 120
    assert all(len(value) <= 80 for value in listing.filters.values())


@given(st.dictionaries(st.sampled_from(["sort", "q", "state"]), st.text(max_size=40)), st.integers(1, 3))
def test_the_address_of_a_page_reads_back_as_that_page(arguments: dict[str, str], page: int):
    listing = read(**arguments).counted(120)
    address = urlsplit(listing.url(page=page))

    again = Listing.read(dict(parse_qsl(address.query)), address.path, sorts=SORTS, filters=("q", "state")).counted(120)

    assert (again.page, again.sort, again.descending) == (page, listing.sort, listing.descending)
    assert {name: value.strip() for name, value in again.filters.items()} == dict(listing.filters)


@pytest.mark.parametrize("sort", ["name; DROP TABLE report", "-", "--unit", "UNIT", "unit,state", "1", "unit desc"])
def test_a_sort_that_is_not_offered_is_the_first_one(sort: str):
    listing = read(sort=sort)

    assert (listing.sort, listing.descending) == ("unit", False)


@pytest.mark.parametrize("page", ["0", "-1", "1e3", "٣", "９", " 2", "9999999", "x", "1.0", ""])
def test_a_page_that_is_no_number_is_the_first_one(page: str):
    assert read(page=page).page == 1


def test_a_page_past_the_end_is_the_last():
    assert [(read(page="9").counted(total).page, read().counted(total).pages) for total in (0, 50, 51)] == [
        (1, 1),
        (1, 1),
        (2, 2),
    ]


def test_a_second_click_on_a_head_turns_the_list_round():
    once, twice = read(sort="state"), read(sort="-state")

    assert once.url(sort="state").endswith("?sort=-state")
    assert twice.url(sort="state").endswith("?sort=state")
    assert once.url(sort="unit").endswith("?sort=unit")


def test_a_head_says_which_way_its_list_is_sorted():
    lists = read(sort="state"), read(sort="-state")

    assert [[listing.aria_sort(key) for key in ("unit", "state")] for listing in lists] == [
        ["none", "ascending"],
        ["none", "descending"],
    ]


def test_a_list_says_whether_anything_is_filtered():
    assert [read().filtered, read(q=" ").filtered, read(q="水").filtered] == [False, False, True]


@pytest.mark.parametrize("code", ["2026Q5", "1899Q4", "2101Q1", "9999Q4", "x", "", "2026q1"])
def test_a_quarter_no_calendar_of_ours_holds_is_missing(code: str):
    with pytest.raises(Missing):
        asked_quarter(code)


def test_a_quarter_is_read_from_its_address():
    assert asked_quarter("2026Q3") == Quarter(2026, 3)
