"""A cycle from draft to published star: what is refused on the way, what is frozen, what is recomputed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import builders, rating_builders
from tests.builders import NOW, World
from tiejun_awards.decisions import services as decisions
from tiejun_awards.decisions.rules import Entry, Kind
from tiejun_awards.panels.models import Recusal, Seat
from tiejun_awards.ratings import branches, queries, results, services
from tiejun_awards.ratings.models import CycleBranch, EntryKind, LineValue, RatingCycle, Standing
from tiejun_awards.ratings.rules import Method, State
from tiejun_awards.reports.rules import State as ReportState
from tiejun_awards.rulebook import services as rulebook
from tiejun_awards.shared.access import Permission
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import NotAllowed, Refused, Stale
from tiejun_awards.shared.periods import Quarter
from tiejun_awards.standards.models import Standard
from tiejun_awards.stars.models import StarHolding


@pytest.fixture
def judged(world: World) -> World:
    """The world with its judges and supervisors, and no cycle yet."""
    rating_builders.build_people(world)
    return world


def office(world: World):
    return world.actor("office")


def standings(world: World) -> dict[str, tuple[int, int]]:
    """branch -> (total, star)."""
    rows = db.session.execute(sa.select(Standing.branch_id, Standing.total, Standing.star))
    names = {world.branch(code).id: code for code in rating_builders.BRANCHES}
    return {names[branch]: (total, star) for branch, total, star in rows}


# Announcing.


def test_announcing_freezes_terms_and_standard_seats_the_judges_and_writes_recusals_down(judged: World):
    cycle = rating_builders.announced(judged)

    assert (cycle.state, cycle.title) == (State.ANNOUNCED, "2026年度党支部星级评定")
    assert cycle.terms["floors"] == [6000, 7000, 8000, 9000]
    assert [row[0] for row in builders.rows_of(Seat, "number")] == [1, 2, 3, 4, 5, 6, 7]
    air = judged.branch("air").id
    assert builders.rows_of(Recusal, "branch_id", "reason") == [(air, ""), (air, "")]  # judge and judge2 belong to air
    assert [row[1:] for row in builders.rows_of(CycleBranch, "branch_id", "position", "previous")] == [
        *((1, -1), (2, -1), (3, -1)),
    ]
    assert builders.only(Standard).suggested


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ground": " "}, "ground"),
        ({"number": ""}, "number"),
        ({"number": "号" * 61}, "number"),
        ({"judges": [1, 1, 2, 3, 4]}, "judges"),
        ({"judges": []}, "judges"),
        ({"judges": [999_999] * 5}, "judges"),
    ],
)
def test_an_announcement_without_its_papers_or_a_panel_is_refused_beside_the_field(judged: World, change, field):
    cycle = rating_builders.drafted(judged)
    filled = {"ground": "计划", "number": "1号", "judges": [judged.person(name).id for name in rating_builders.JUDGES]}

    with pytest.raises(Refused) as refused:
        services.announce(office(judged), cycle, **{**filled, **change}, version=cycle.version)

    assert refused.value.field == field
    assert builders.count(Seat) == 0


def test_a_year_is_drafted_once_and_not_before_its_period(judged: World):
    rating_builders.drafted(judged)

    with pytest.raises(Refused, match=r"^2026年度的星级评定已经起草过了。$"):
        rating_builders.drafted(judged)
    with pytest.raises(Refused, match=r"^2027年第一季度还没有开始"):
        services.draft(
            office(judged), judged.organiser("department"), year=2027, last_quarter=Quarter.from_code("2027Q1")
        )


def test_rules_changed_after_the_announcement_do_not_move_the_cycle(judged: World, monkeypatch: pytest.MonkeyPatch):
    cycle = rating_builders.announced(judged)
    monkeypatch.setattr(rulebook, "number", lambda organiser_id, key: 1)

    assert cycle.announced_terms.floors == (6000, 7000, 8000, 9000)


# Verifying.


def test_what_the_system_counts_is_counted_and_what_it_cannot_is_given(judged: World):
    cycle = rating_builders.announced(judged, year=2025, last="2026Q3")  # 2025Q4 … 2026Q3: two quarters have reports
    place = rating_builders.verify(judged, cycle, "water", {"3.1": {"a": 2}, "2.4": {"c": 1}})

    values = queries.values_of(place)
    assert (values["3.1"].value, values["2.4"].value, values["1.1"].value) == (200, 200, 400)
    assert place.verified_by == judged.person("supervisor").id
    assert len(values) == 22


def test_facts_of_a_year_of_reports_stand_whatever_is_typed(judged: World):
    for quarter in ("2025Q4", "2026Q1"):
        for code, who in (("water", "secretary"), ("air", "air_secretary"), ("own", "own_secretary")):
            builders.report(judged.branch(code), quarter, ReportState.SUBMITTED, writer=judged.person(who))
    cycle = rating_builders.announced(judged)
    place = rating_builders.verify(judged, cycle, "water", {"3.1": {"a": 4}, "3.6": {"b": 1}})

    values = queries.values_of(place)
    assert (values["3.1"].value, values["3.1"].times) == (400, {})  # four general meetings were held
    assert (values["3.4"].value, values["3.4"].times) == (0, {"a": 8})  # four of twelve party days
    assert values["3.6"].times == {"a": 1, "b": 1}  # not held, by count; the other case is given
    assert values["1.3"].times == {}  # all four came in time
    assert values["3.1"].rows[0][1] == "讨论季度工作"


def test_nobody_verifies_his_own_branch_or_one_he_is_not_linked_to(judged: World):
    cycle = rating_builders.announced(judged)
    supervisor = judged.actor("supervisor_air")
    own = builders._one(CycleBranch, branch_id=judged.branch("water").id, cycle_id=cycle.id)

    with pytest.raises(NotAllowed):
        branches.verify(supervisor, own, {}, version=1)
    with pytest.raises(NotAllowed):
        branches.verify(office(judged), own, {}, version=1)


def test_two_supervisors_at_once_are_told(judged: World):
    cycle = rating_builders.announced(judged)
    rating_builders.verify(judged, cycle, "water")
    place = builders._one(CycleBranch, branch_id=judged.branch("water").id, cycle_id=cycle.id)

    with pytest.raises(Stale):
        branches.verify(judged.actor("supervisor"), place, {}, version=1)


def test_a_late_correction_needs_its_reason_and_is_on_record(rated: World):
    cycle = rating_builders.cycle_of(rated, 2026)

    with pytest.raises(Refused) as refused:
        rating_builders.verify(rated, cycle, "water")
    rating_builders.verify(rated, cycle, "water", late_reason="总结已补报。")

    assert refused.value.field == "late_reason"
    detail = builders.rows_of(AuditEvent, "detail")[-1][0]
    assert detail == {"changed": {"4.1": [150, 300]}, "late": "总结已补报。"}


# Scoring.


def test_scoring_opens_only_when_all_is_verified_and_registered(judged: World):
    cycle = rating_builders.announced(judged)

    def refusal() -> str:
        with pytest.raises(Refused) as refused:
            services.open_scoring(office(judged), cycle, version=cycle.version)
        return refused.value.sentence

    first = refusal()
    rating_builders.verified(judged, cycle)
    second = refusal()
    for kind in (Kind.SELF_ASSESSMENT, Kind.SURVEY):
        rating_builders.register(judged, cycle, kind)
    opened = services.open_scoring(office(judged), cycle, version=cycle.version)

    assert first == "还有 3 个支部没有核定，核定完再开始评分。"
    assert second == "还没有登记：支部自评、党员群众测评。"
    assert (opened.state, queries.progress(opened).sheets_in_all) == (State.SCORING, 19)  # 7 + 5 + 7


def test_closing_with_unsigned_sheets_asks_and_a_branch_without_a_sheet_stops_it(rated: World):
    cycle = rating_builders.cycle_of(rated, 2026)

    with pytest.raises(Refused) as asked:
        services.close(office(rated), cycle, version=cycle.version)
    closed = services.close(office(rated), cycle, version=cycle.version, anyway=True)

    assert (asked.value.field, asked.value.sentence[:11]) == ("anyway", "还有 16 份评分表没")
    assert (closed.chosen_method, closed.judges, closed.fewest_sheets) == (Method.MEAN, 1, 1)


def test_a_cycle_nobody_signed_cannot_be_closed(judged: World):
    cycle = rating_builders.scoring_open(judged)

    with pytest.raises(
        Refused,
        match=r"^还没有一份签名的评分表：水生态环境处党支部、大气环境处党支部、机关党委办公室党支部，不能结束。$",
    ):
        services.close(office(judged), cycle, version=cycle.version, anyway=True)


def test_with_seven_judges_and_five_sheets_the_highest_and_lowest_sheet_go(judged: World):
    marks = {f"judge{number}": {"water": {"6.2": 1000 - 100 * number}} for number in range(2, 8)}
    cycle = rating_builders.closed(judged, marks=marks)

    # Water: 21, 19, 18, 17, 16, 15, 14: without 21 and 14 the mean of 19 … 15 is 17.
    row = db.session.scalars(sa.select(Standing).where(Standing.branch_id == judged.branch("water").id)).one()
    assert cycle.chosen_method is Method.TRIMMED
    assert (row.judged, row.sheets, row.kept, row.total) == (1700, 7, 5, 9600)
    assert (sum(row.categories), row.judged_lines["6.2"]) == (9600, 600)


def test_with_fewer_judges_all_branches_get_the_plain_mean(judged: World):
    cycle = rating_builders.scoring_open(judged, judges=rating_builders.JUDGES[:5])
    for number, username in enumerate(rating_builders.JUDGES[:5]):
        rating_builders.mark(judged, cycle, username, {"water": {"6.2": 1000 - 50 * number}})
    cycle = services.close(office(judged), cycle, version=cycle.version)

    row = db.session.scalars(sa.select(Standing).where(Standing.branch_id == judged.branch("water").id)).one()
    assert (cycle.chosen_method, row.judged, row.kept) == (Method.MEAN, 2000, 5)


# What is added beside the lines, and ties.


def place_of(world: World, code: str) -> CycleBranch:
    cycle = builders.only(RatingCycle)
    return queries.get_branch(world.actor("office"), cycle.id, world.branch(code).id, Permission.READ_STANDINGS)


def test_a_bar_with_its_paper_caps_the_star_and_settles_a_closed_cycle_anew(judged: World):
    rating_builders.closed(judged, taken={"air": {"1.1": {"b": 1}}, "own": {"4.1": {"a": 1}}})
    before = standings(judged)

    branches.record(office(judged), place_of(judged, "water"), EntryKind.BAR, code="v1", basis="组通〔2026〕2号")
    after = standings(judged)
    branches.strike(office(judged), place_of(judged, "water"), "v1")

    assert before == {"water": (10_000, 5), "air": (9900, 4), "own": (9850, 4)}
    assert after == {"water": (10_000, 2), "air": (9900, 5), "own": (9850, 4)}  # a barred branch holds no place
    assert standings(judged) == before


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        (EntryKind.BAR, {"code": "v1", "basis": " "}, "basis"),
        (EntryKind.BAR, {"code": "b1", "basis": "1号"}, "code"),
        (EntryKind.BONUS, {"code": "d1", "basis": "1号"}, "code"),
        (EntryKind.BONUS, {"code": "b3", "value": 150, "basis": "1号"}, "value"),
    ],
)
def test_an_entry_without_its_paper_or_over_its_amount_is_refused_beside_the_field(judged: World, kind, values, field):
    rating_builders.announced(judged)

    with pytest.raises(Refused) as refused:
        branches.record(office(judged), place_of(judged, "water"), kind, **values)

    assert refused.value.field == field


def test_the_same_matter_counts_once_and_the_office_does_not_touch_its_own_branch(judged: World):
    rating_builders.announced(judged)
    branches.record(office(judged), place_of(judged, "water"), EntryKind.BONUS, code="b3", basis="1号")

    with pytest.raises(Refused, match=r"^这一项已经登记过了，同一事项只算一次。$"):
        branches.record(office(judged), place_of(judged, "water"), EntryKind.BONUS, code="b3", basis="2号")
    with pytest.raises(NotAllowed):
        branches.record(office(judged), place_of(judged, "own"), EntryKind.BONUS, code="b3", basis="1号")
    branches.record(judged.actor("second"), place_of(judged, "own"), EntryKind.BONUS, code="b3", basis="1号")


def test_stars_climb_one_a_year_unless_an_exemption_is_on_paper(judged: World):
    for code, star in (("water", 2), ("air", 5), ("own", 4)):
        builders.add(
            StarHolding(
                organiser_id=judged.organiser("department").id,
                branch_id=judged.branch(code).id,
                year=2025,
                star=star,
                number="1号",
                given_on=date(2026, 2, 1),
            )
        )
    rating_builders.closed(
        judged, taken={"air": {"1.1": {"a": 1}, "3.5": {"a": 1}, "4.4": {"a": 8}}, "own": {"4.1": {"a": 1}}}
    )
    capped = standings(judged)
    branches.record(office(judged), place_of(judged, "water"), EntryKind.EXEMPT, code="exempt", basis="厅党组纪要9号")

    assert capped == {"water": (10_000, 3), "air": (8800, 4), "own": (9850, 5)}
    assert standings(judged)["water"] == (10_000, 5)
    why = {row.branch_id: row.why for row in db.session.scalars(sa.select(Standing))}
    assert why[judged.branch("air").id] == "按档线，比上年降1星。"


def test_a_tie_at_the_quota_line_waits_for_the_committees_vote(judged: World):
    cycle = rating_builders.closed(judged, taken={"air": {"1.1": {"a": 1}}})
    tied = results.undecided(cycle)
    entry = Entry("厅机关党委会议", NOW.date(), number="纪要3号", result="表决。")
    water, own = (place for place, _ in tied)

    assert [name for _, name in tied] == ["水生态环境处党支部", "机关党委办公室党支部"]
    for wrong in ({water: 1, own: 1}, {water: 1}, {water: 0, own: 1}):
        with pytest.raises(Refused, match=r"^请给 2 个同分支部各排一个名次，从 1 到 2，不重复。$"):
            services.register_tie_vote(office(judged), cycle, wrong, entry)
    services.register_tie_vote(office(judged), cycle, {water: 2, own: 1}, entry)

    assert (standings(judged)["own"][1], standings(judged)["water"][1], results.undecided(cycle)) == (5, 4, [])
    with pytest.raises(Refused, match=r"^没有待表决的同分支部。$"):
        services.register_tie_vote(office(judged), cycle, {}, entry)


def test_a_new_branch_takes_part_and_gets_no_star(judged: World):
    with writing():
        judged.branch("air").founded_on = date(2026, 2, 1)
    rating_builders.closed(judged)

    row = db.session.scalars(sa.select(Standing).where(Standing.branch_id == judged.branch("air").id)).one()
    assert (row.star, row.why) == (0, "成立不满规定时间，参加评定但不确定星级，不定级。")


# Publishing and recomputing.


def test_nothing_is_published_before_notice_and_confirmed_approval(judged: World):
    cycle = rating_builders.closed(judged, taken={"own": {"4.1": {"a": 1}}, "air": {"1.1": {"b": 1}}})

    def refusal() -> str:
        with pytest.raises(Refused) as refused:
            services.publish(office(judged), cycle, version=cycle.version)
        return refused.value.sentence

    said = [refusal()]
    for kind in (Kind.REVIEW, Kind.DISCIPLINE):
        rating_builders.register(judged, cycle, kind)
    rating_builders.register(judged, cycle, Kind.NOTICE, held_on=NOW.date(), until=None)
    rating_builders.register(judged, cycle, Kind.APPROVAL)
    said.append(refusal())
    services.withdraw_step(office(judged), cycle, Kind.NOTICE, reason="日期登错了。")
    rating_builders.register(
        judged, cycle, Kind.NOTICE, held_on=NOW.date() - timedelta(days=10), until=NOW.date() - timedelta(days=1)
    )
    said.append(refusal())
    decisions.confirm(judged.actor("second"), decisions.steps_of(cycle)[Kind.APPROVAL], number=builders.NUMBER)
    done = services.publish(office(judged), cycle, version=cycle.version)

    assert said == [
        "还没有登记：机关党委初评、纪检意见、公示、党组审定。",
        "公示到2026年11月27日为止，2026年11月28日起才能公布。",
        "党组审定的登记还没有经复核人核对，核对以后才能公布。",
    ]
    assert (done.state, len(done.digest)) == (State.PUBLISHED, 64)
    assert [row[1] for row in builders.rows_of(StarHolding, "branch_id", "star", "year", order_by="branch_id")] == [
        5,
        4,
        4,
    ]
    with pytest.raises(Refused, match=r"^结果已经公布，不能再登记或撤下。$"):
        services.withdraw_step(office(judged), cycle, Kind.NOTICE, reason="再改。")
    with pytest.raises(Refused, match=r"^结果已经公布，不能再改。$"):
        branches.record(office(judged), place_of(judged, "water"), EntryKind.BONUS, code="b3", basis="1号")


def verify_command(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["ratings", "verify", *arguments])
    return result.exit_code, result.output.strip()


def test_a_published_cycle_is_recomputed_equal_and_a_changed_mark_is_named(rated: World, app: Flask):
    equal = verify_command(app, "2025")
    elsewhere = verify_command(app, "2025", "--organiser", "city")
    with writing() as session:
        session.execute(sa.text("UPDATE mark SET value = value - 50 WHERE id = (SELECT min(id) FROM mark)"))
    changed = verify_command(app, "2025", "--organiser", "department")

    assert equal == (0, "厅机关党委2025年度党支部星级评定：3 个支部，重算一致。")
    assert elsewhere == (3, "2025年度没有公布过的星级评定。")
    assert changed[0] == 2
    assert "水生态环境处党支部：评分表、核定分值或加减分和公布时不一样。" in changed[1]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE line_value SET value = value - 10 WHERE id = (SELECT min(id) FROM line_value)", "和公布时不一样"),
        ("UPDATE standing SET star = 3 WHERE id = (SELECT min(id) FROM standing)", "重算的结果和公布的不一样"),
        ("DELETE FROM standing WHERE id = (SELECT min(id) FROM standing)", "没有公布的结果"),
        ("UPDATE rating_cycle SET judges = judges, digest = '" + "0" * 64 + "' WHERE year = 2025", "公告的规则"),
    ],
)
def test_whatever_else_was_changed_by_hand_is_found(rated: World, app: Flask, statement: str, said: str):
    with writing() as session:
        session.execute(sa.text(statement))

    code, output = verify_command(app, "2025")

    assert (code, said in output) == (2, True)


def test_publishing_twice_at_once_happens_once(rated: World):
    cycle = rating_builders.cycle_of(rated, 2025)

    with pytest.raises(Refused, match=r"^现在是“已公布”，不能公布结果。$"):
        services.publish(office(rated), cycle, version=cycle.version)
    assert builders.count(StarHolding) == 3
    assert builders.count(LineValue) == 2 * 3 * 22
