"""A unit's recommendation: kept as typed, in its order, sent once it is whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import builders, exemplars
from tests.builders import NOW, World
from tests.conftest import SignIn
from tests.exemplars import BRIEF, FIELDS, NOMINEE
from tests.pages import Browser
from tiejun_awards.accounts import services as accounts
from tiejun_awards.nominations import services
from tiejun_awards.nominations.models import Declined, Entry, Recommendation
from tiejun_awards.nominations.rules import Draft
from tiejun_awards.shared import clock
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db
from tiejun_awards.shared.errors import Refused, Stale


@pytest.fixture
def clerk(sign_in: SignIn) -> Browser:
    return sign_in("clerk")


def editor(clerk: Browser, world: World) -> str:
    path = f"/calls/{exemplars.call(world).id}/units/{world.unit('water_unit').id}"
    clerk.get(path)
    if "开始写" in clerk.page.buttons:  # type: ignore[union-attr]
        clerk.submit("开始写")
    return path


def test_suggestions_become_an_ordered_recommendation(world: World, clerk: Browser):
    exemplars.suggestion(world)
    exemplars.suggestion(world, "secretary", nominee="水处干部乙（演示）")
    exemplars.suggestion(world, "liaison", nominee="水处干部丙（演示）")
    editor(clerk, world)

    clerk.submit("列入推荐：水处干部乙（演示）")
    clerk.submit("列入推荐：" + NOMINEE)
    clerk.submit("上移第 2 位")
    values = {"rows-0-post": "科员", "rows-1-post": "科长", **FIELDS, "agreed": True}
    page = clerk.submit("检查并报送", {**values, "declined-水处干部丙(演示)": "seats"})

    assert page.alerts == ["已报送机关党委。"]
    assert builders.rows_of(Entry, "position", "nominee", "post") == [
        (1, NOMINEE, "科员"),
        (2, "水处干部乙（演示）", "科长"),
    ]
    [(nominee, reason)] = builders.rows_of(Declined, "nominee", "reason")
    assert (nominee, reason.value) == ("水处干部丙（演示）", "seats")
    assert builders.rows_of(AuditEvent, "actor_name", "action")[-1] == ("推荐单位经办", "nominations.submit")


def test_a_unit_may_put_forward_somebody_nobody_suggested_or_nobody_at_all(world: World, clerk: Browser):
    editor(clerk, world)

    page = clerk.submit("检查并报送", studied_on="2026-11-02")

    assert page.alerts == ["已报送机关党委。"]
    assert "这次不推荐" in page.main
    assert builders.count(Entry) == 0


def test_a_draft_refuses_nothing_and_sending_names_every_place(world: World, clerk: Browser):
    exemplars.suggestion(world)
    editor(clerk, world)
    typed = {"rows-0-nominee": "甲", "studied_on": "前天", "notice_from": "2026-11-03", "notice_to": "2026-11-06"}

    kept = clerk.submit("检查并报送", typed)

    assert kept.status == 422
    assert {name: kept.values[name] for name in typed} == typed
    assert set(kept.errors) == {
        *("rows-0-post", "rows-0-deeds", "studied_on", "notice_to", "notice_place", "agreed"),
        "declined-水处干部甲(演示)",
    }
    assert kept.errors["notice_to"] == "本单位公示不少于 5 个工作日，这样只有 4 个。"
    assert Draft.from_json(builders.rows_of(Recommendation, "draft")[0][0]).fields["studied_on"] == "前天"


def test_nothing_is_sent_after_the_units_last_day(world: World, clerk: Browser):
    made = exemplars.recommendation(world, sent=False)

    with clock.stopped_at(NOW + timedelta(days=12)), pytest.raises(Refused, match="单位报送在12月4日截止了"):
        services.submit(world.actor("clerk", clock.now()), made, version=made.version)


def test_what_was_sent_is_not_changed_and_its_editor_shows_it(world: World, clerk: Browser):
    made = exemplars.recommendation(world)

    with pytest.raises(Refused, match="推荐已经报送，不能再改"):
        services.save(world.actor("clerk"), made, Draft(), version=made.version)
    assert clerk.get(f"/calls/{made.call_id}/units/{made.unit_id}").path == f"/recommendations/{made.id}"


def test_two_clerks_at_once_lose_nothing(world: World, clerk: Browser):
    path = editor(clerk, world)
    made = builders.rows_of(Recommendation, "id")[0][0]
    other = db.session.get_one(Recommendation, made)
    services.save(world.actor("clerk"), other, Draft({"notice_place": "另一处"}), version=other.version)

    page = clerk.submit("检查并报送", {"rows-0-nominee": "甲", "rows-0-deeds": BRIEF})

    assert page.status == 409
    assert (page.path, page.values["rows-0-deeds"]) == (path, BRIEF)
    with pytest.raises(Stale):
        services.save(world.actor("clerk"), other, Draft(), version=1)


def test_the_office_sees_it_once_it_is_sent(world: World, office: Browser):
    draft = exemplars.recommendation(world, sent=False)
    before = office.get(f"/recommendations/{draft.id}").status
    services.submit(world.actor("clerk"), draft, version=draft.version)

    assert (before, office.get(f"/recommendations/{draft.id}").status) == (404, 200)


def test_a_unit_of_another_organiser_has_no_part_in_the_call(world: World):
    with pytest.raises(Refused, match="这份通知不是发给这个单位的"):
        services.begin(
            accounts.actor_of(exemplars.clerk_of(world, "city_unit").id, NOW),
            world.unit("city_unit"),
            exemplars.call(world),
        )
