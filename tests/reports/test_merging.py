"""Two people in one draft: where they differ, and what is kept of each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.reports.drafts import Difference, Draft, differences, merge
from tiejun_awards.reports.sections import FIELDS

words = st.text("甲乙丙 ", max_size=3)
rows = st.lists(st.fixed_dictionaries({"topic": words}), max_size=2).map(tuple)
fixes = st.lists(st.fixed_dictionaries({"how": words}), max_size=2).map(tuple)
drafts = st.builds(
    Draft, st.dictionaries(st.sampled_from(["members", "tasks", "problems"]), words), rows, fixes, st.booleans()
)
picks = st.dictionaries(
    st.sampled_from(["members", "tasks", "problems", "records", "fixes"]), st.sampled_from(["mine", "theirs"])
)
ALL_THEIRS = dict.fromkeys([*FIELDS, "records", "fixes"], "theirs")


def shown(draft: Draft) -> dict[str, str]:
    """The fields as they are compared: one that is missing is one that is empty."""
    return {name: text for name, text in draft.fields.items() if text}


def test_each_place_is_named_with_its_section_and_both_texts():
    mine = Draft(
        {"tasks": "完成八成", "problems": "不多", "members": "20"},
        ({"kind": "committee", "held_on": "2026-04-08", "topic": "研究工作", "attendance": "", "page": ""},),
        ({"status": "done", "how": "已改"},),
    )
    theirs = Draft({"tasks": "完成九成", "problems": "不多"}, (), ({"status": "going_on", "how": ""},))

    assert differences(mine, theirs) == [
        Difference("members", "一、正式党员", "20", ""),
        Difference("tasks", "五、重点任务进展", "完成八成", "完成九成"),
        Difference("records", "二、组织生活记录", "支委会 2026-04-08 研究工作", ""),
        Difference("fixes", "八、上季度问题整改", "已整改 已改", "正在整改"),
    ]


def test_a_merged_draft_holds_at_each_place_what_was_picked():
    mine = Draft({"tasks": "完成八成", "brand": "我的"}, ({"topic": "我的"},), ({"how": "我的"},), confirmed=True)
    theirs = Draft({"tasks": "完成九成", "support": "他们的"}, ({"topic": "他们的"},), ({"how": "他们的"},))

    picked = {"tasks": "theirs", "support": "theirs", "brand": "mine", "records": "theirs", "fixes": "mine"}
    assert merge(mine, theirs, picked) == Draft(
        {"tasks": "完成九成", "brand": "我的", "support": "他们的"}, ({"topic": "他们的"},), ({"how": "我的"},), True
    )


@given(drafts)
def test_a_draft_does_not_differ_from_itself(draft: Draft):
    assert differences(draft, draft) == []
    assert merge(draft, draft, ALL_THEIRS) == draft


@given(drafts, drafts)
def test_both_see_the_same_places_from_their_side(mine: Draft, theirs: Draft):
    turned = [Difference(place.name, place.label, place.theirs, place.mine) for place in differences(theirs, mine)]

    assert differences(mine, theirs) == turned


@given(drafts, drafts)
def test_with_nothing_picked_mine_stays_and_with_all_of_theirs_picked_theirs_does(mine: Draft, theirs: Draft):
    assert merge(mine, theirs, {}) == mine

    all_theirs = merge(mine, theirs, ALL_THEIRS)
    assert (shown(all_theirs), all_theirs.records, all_theirs.fixes) == (shown(theirs), theirs.records, theirs.fixes)
    assert all_theirs.confirmed == mine.confirmed


@given(drafts, drafts, picks)
def test_after_merging_the_two_differ_from_it_exactly_where_the_other_was_picked(
    mine: Draft, theirs: Draft, picked: dict[str, str]
):
    merged = merge(mine, theirs, picked)
    places = {place.name for place in differences(mine, theirs)}
    taken = {name for name in places if picked.get(name) == "theirs"}

    assert {place.name for place in differences(merged, theirs)} == places - taken
    assert {place.name for place in differences(merged, mine)} == taken
