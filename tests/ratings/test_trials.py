"""Trials (试算): what they come to, when they are open, the second person in between, and that they change nothing.

The cycle of 2025 in the rated world is published with water 100.00, air 88.00, own 99.00: five stars, four, and four because the one
place of the quota is taken.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from sqlalchemy.exc import IntegrityError

from tests import builders, rating_builders
from tests.builders import NOW, World
from tests.conftest import SignIn, Statements
from tests.pages import Browser
from tests.rating_builders import cycle_of, trial_of
from tiejun_awards.messages.models import Message
from tiejun_awards.oversight import supervising
from tiejun_awards.oversight.rules import Kind as Told
from tiejun_awards.ratings import services, trial_rules, trials
from tiejun_awards.ratings.models import CycleBranch, LineValue, RatingCycle, RatingTrial, Standing
from tiejun_awards.ratings.rules import Method, State
from tiejun_awards.ratings.trial_rules import NOT_A_BASIS, Line, Trial, TrialState, differences, read_numbers
from tiejun_awards.scoring.models import Mark, Sheet
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, one_transaction, writing
from tiejun_awards.shared.errors import Missing, NotAllowed, Refused

REASON = "机关党委会前测算档线。"


def path_of(world: World, year: int) -> str:
    return f"/ratings/{cycle_of(world, year).id}/trial"


def stars(world: World, cycle: RatingCycle, trial: Trial) -> dict[str, tuple[int, int]]:
    """Branch -> (star by its own terms, star by the trial's)."""
    codes = {world.branch(code).id: code for code in rating_builders.BRANCHES}
    return {codes[line.branch_id]: (line.star, line.trial_star) for line in trials.run(cycle, trial).lines}


def kept(cycle: RatingCycle) -> list[object]:
    """Everything a trial must not touch."""
    tables = [RatingCycle, CycleBranch, LineValue, Standing, Sheet, Mark]
    return [cycle.id, *(db.session.execute(sa.select(model.__table__).order_by("id")).all() for model in tables)]


# What comes of one.


def test_the_same_terms_give_the_published_stars(rated: World):
    cycle = cycle_of(rated, 2025)
    published = {row.branch_id: (row.total, row.star) for row in db.session.scalars(sa.select(Standing))}

    outcome = trials.run(cycle, trial_of(cycle))

    assert {line.branch_id: (line.total, line.star) for line in outcome.lines} == published
    assert {line.branch_id: (line.trial_total, line.trial_star) for line in outcome.lines} == published
    assert (outcome.changed, outcome.left_out, {line.word for line in outcome.lines}) == (0, [], {"不变"})
    assert outcome.counts == [
        *(("五星级", 1, 1), ("四星级", 2, 2), ("三星级", 0, 0), ("二星级", 0, 0), ("一星级", 0, 0), ("不定级", 0, 0)),
    ]


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [
        ({"floor_4": 88}, {"water": (5, 5), "air": (4, 4), "own": (4, 4)}),  # 88.00 reaches 88
        ({"floor_4": 89}, {"water": (5, 5), "air": (4, 3), "own": (4, 4)}),
        ({"floor_3": 75, "floor_4": 89, "floor_5": 100}, {"water": (5, 5), "air": (4, 3), "own": (4, 4)}),
        ({"floor_5": 85}, {"water": (5, 5), "air": (4, 4), "own": (4, 4)}),  # one place only
        ({"share": 70}, {"water": (5, 5), "air": (4, 4), "own": (4, 5)}),  # 70 % of three are two places
        ({"share": 100, "floor_5": 88}, {"water": (5, 5), "air": (4, 5), "own": (4, 5)}),
        ({"first": 3}, {"water": (5, 3), "air": (4, 3), "own": (4, 3)}),  # all are rated for the first time
    ],
)
def test_other_terms_change_exactly_these_branches(rated: World, numbers: dict[str, int], wanted: dict[str, object]):
    cycle = cycle_of(rated, 2025)

    assert stars(rated, cycle, trial_of(cycle, **numbers)) == wanted


def test_another_method_is_counted_over_all_sheets_of_all_branches(judged: World):
    marks = {f"judge{number}": {"water": {"6.2": 1000 - 100 * number}} for number in range(2, 8)}
    cycle = rating_builders.closed(judged, marks=marks)
    water = judged.branch("water").id

    outcome = trials.run(cycle, Trial(cycle.announced_terms, Method.MEAN))
    line = next(line for line in outcome.lines if line.branch_id == water)

    # Water's sheets are 21, 19, 18, 17, 16, 15, 14: 17 without the first and the last, 120 / 7 = 17.14 with them.
    assert (outcome.method, outcome.trial_method) == (Method.TRIMMED, Method.MEAN)
    assert line.totals == ("96.00", "96.14")


@pytest.fixture
def judged(world: World) -> World:
    rating_builders.build_people(world)
    return world


def test_a_change_has_a_word_and_a_sign_besides_its_colour():
    def line(star: int, undecided: bool, tried: int, trial_undecided: bool) -> tuple[str, str, str, bool]:
        made = Line(1, 9000, star, undecided, 9000, tried, trial_undecided)
        return made.word, made.kind, made.icon, made.changed

    assert line(5, False, 3, False) == ("降 2 星", "look", "chevron-down", True)
    assert line(3, False, 4, False) == ("升 1 星", "good", "chevron-up", True)
    assert line(5, False, 4, True) == ("变为待表决", "look", "hourglass", True)
    assert line(4, True, 5, False) == ("不再待表决", "good", "hourglass", True)
    assert line(4, False, 4, False) == ("不变", "", "chevron-down", False)


def test_what_a_trial_varies_is_said_in_words(rated: World):
    cycle = cycle_of(rated, 2025)
    tried = trial_of(cycle, floor_5=92, share=20, first=3)

    assert differences(cycle.announced_terms, Trial(tried.terms, Method.MEAN)) == [
        *("五星级分数线 90 分改为 92 分", "五星级比例 30% 改为 20%", "首次评定 5 星改为 3 星"),
        "计分方法用“全部评分表平均”",
    ]
    assert differences(cycle.announced_terms, trial_of(cycle)) == []


def test_numbers_are_read_within_the_bounds_of_the_rulebook(rated: World):
    typed = rating_builders.numbers(cycle_of(rated, 2025), floor_5="８０", floor_4="85", share="abc", climb="9")

    numbers, faults = read_numbers(typed)

    assert numbers["floor_5"] == 80
    assert faults["floor_5"] == "五星级分数线要高于四星级分数线。"
    assert faults["share"] == "请填整数，不用写单位。"
    assert faults["climb"].startswith("只能填 1 至 5。")
    assert sorted(faults) == ["climb", "floor_5", "share"]


# Open: before scoring and after publication.


def test_after_publication_the_office_tries_other_terms_and_nothing_is_stored(rated: World, office: Browser):
    before = kept(cycle_of(rated, 2025))
    office.get(f"/ratings/{cycle_of(rated, 2025).id}")
    empty = office.click("试算")
    page = office.submit("试算", floor_4="89", share="70")

    assert empty.h1 == "2025年度党支部星级评定试算（不作依据）"
    assert empty.values["floor_5"] == "90"
    assert "试算结果" not in empty.main
    assert page.rows(1) == [
        ["水生态环境处党支部", "100.00", "★★★★★ 五星级", "100.00", "★★★★★ 五星级", "不变"],
        ["大气环境处党支部", "88.00", "★★★★☆ 四星级", "88.00", "★★★☆☆ 三星级", "降 1 星"],
        ["机关党委办公室党支部", "99.00", "★★★★☆ 四星级", "99.00", "★★★★★ 五星级", "升 1 星"],
    ]
    assert page.rows(0)[:3] == [["五星级", "1", "2"], ["四星级", "2", "0"], ["三星级", "0", "1"]]
    assert "四星级分数线 80 分改为 89 分；五星级比例 30% 改为 70%。" in page.main
    assert "星级有变化 2 个支部" in page.main
    assert page.main.count("不作依据") >= 3
    assert page.all("//body[@class='trial']")
    db.session.rollback()
    assert kept(cycle_of(rated, 2025)) == before
    assert builders.count(RatingTrial) == 0


def test_the_sheet_says_in_every_row_that_it_is_no_basis(rated: World, office: Browser):
    office.get(path_of(rated, 2025))
    office.submit("试算", floor_4="89")
    page = office.click("导出 Excel")
    sheet = load_workbook(BytesIO(page.content)).worksheets[0]
    bad = office.get(path_of(rated, 2025) + "/export?floor_5=abc")

    assert sheet.title == "2025年度试算（不作依据）"
    assert [cell.value for cell in sheet[3]] == [
        *("大气环境处党支部", 88, "四星级", 88, "三星级", "降 1 星", NOT_A_BASIS),
    ]
    assert [sheet.cell(row, 1).value for row in (5, 6)] == [NOT_A_BASIS, "四星级分数线 80 分改为 89 分"]
    assert (bad.status, bad.values["floor_5"]) == (422, "abc")


def test_before_scoring_the_last_published_cycle_is_tried_with_the_terms_of_this_one(judged: World, office: Browser):
    cycle = rating_builders.drafted(judged, year=2026)
    none = office.get(f"/ratings/{cycle.id}/trial")
    before = NOW - timedelta(days=240)
    taken = {"air": {"1.1": {"a": 1}, "3.5": {"a": 1}, "4.4": {"a": 8}}, "own": {"1.1": {"b": 1}}}
    rating_builders.published(judged, year=2025, at=before, taken=taken)
    office.get(f"/ratings/{cycle.id}")
    office.click("试算")
    page = office.submit("试算", floor_4="89")

    assert "第一轮评定公布以后，就可以在这里试算。" in none.main
    assert none.buttons.count("试算") == 0
    assert "本轮还没有评分，所以用最近公布的2025年度党支部星级评定试算" in page.main
    assert [row[-1] for row in page.rows(1)] == ["不变", "降 1 星", "不变"]
    assert builders.count(RatingTrial) == 0


def test_bad_input_has_its_sentence_beside_the_field_and_stays(rated: World, office: Browser):
    office.get(path_of(rated, 2025))

    page = office.submit("试算", floor_5="九十", floor_4="60", share="4", bonus_cap="")

    assert page.status == 422
    assert page.errors == {
        "floor_5": "请填整数，不用写单位。",
        "floor_4": "四星级分数线要高于三星级分数线。",
        "share": "只能填 5 至 100。依据：各地方案多为30%以内，也有10%。",
        "bonus_cap": "请填整数，不用写单位。",
    }
    assert (page.values["floor_5"], page.values["share"]) == ("九十", "4")
    assert "试算结果" not in page.main
    assert office.get(path_of(rated, 2025) + "?floor_5=90&method=luck").errors["method"] == "请选一种计分方法。"


# In between: a reason and a second person.


def test_while_marks_are_in_nothing_is_shown_before_a_second_person_has_confirmed(
    rated: World, office: Browser, second: Browser, sign_in: SignIn
):
    before = kept(cycle_of(rated, 2026))
    ignored = office.get(path_of(rated, 2026) + "?" + "&".join(f"{name}=95" for name in trial_rules.VARIED))
    bare = office.submit("申请试算", floor_4="99", floor_5="100", reason=" ")
    asked = office.submit("申请试算", reason=REASON)
    trial = builders.only(RatingTrial)
    waiting = second.get(f"/ratings/trials/{trial.id}")
    second.get("/")
    second.click("去核准")
    confirmed = second.submit("核准并试算")
    mine = office.get(f"/ratings/trials/{trial.id}")
    others = sign_in(builders.person("office2", rated.organiser("department"), Role.OFFICE))
    theirs = others.get(f"/ratings/trials/{trial.id}")

    assert "试算结果" not in ignored.main
    assert (bare.status, bare.errors) == (422, {"reason": "请写明为什么要在评分期间试算。"})
    assert (bare.values["floor_4"], bare.values["floor_5"]) == ("99", "100")
    assert "等另一位复核人核准，核准以前什么都不算。" in asked.main
    assert "核准并试算" not in asked.buttons
    for page in (asked, waiting, theirs):
        assert "试算结果" not in page.main
    # judge3 alone has signed: water lost 1.50 in 4.1, own one point of 1.4; 100.00 reaches 100, 99.00 reaches 99, 98.50 does not.
    assert mine.rows(1) == confirmed.rows(1)
    assert [[row[1], row[4], row[5]] for row in mine.rows(1)] == [
        ["98.50", "★★★☆☆ 三星级", "降 1 星"],
        ["100.00", "★★★★★ 五星级", "不变"],
        ["99.00", "★★★★☆ 四星级", "不变"],
    ]
    assert "结果只给申请人和核准人看。" in theirs.main
    assert others.get(f"/ratings/trials/{trial.id}/export").status == 404
    assert office.get(f"/ratings/trials/{trial.id}/export").status == 200
    assert kept(cycle_of(rated, 2026)) == before


def test_what_was_confirmed_is_kept_as_it_was_then(rated: World):
    trial = rating_builders.asked(rated, confirmed=True)
    office = rated.actor("office")
    then = trials.outcome_for(office, trial)
    rating_builders.mark(rated, cycle_of(rated, 2026), "judge4", {"air": {"6.2": 0}})

    assert then is not None
    assert trials.outcome_for(office, trials.get_visible(office, trial.id)) == then
    assert (trial.state, trial.decided_by) == (TrialState.CONFIRMED, rated.person("second").id)


def test_the_asker_does_not_confirm_his_own_trial(rated: World):
    builders.grant(rated.person("office"), Role.SECOND)
    trial = rating_builders.asked(rated)

    with pytest.raises(Refused, match=r"^申请和核准要由两个人来办，请另一位复核人核准。$"):
        trials.confirm_trial(rated.actor("office"), trial)
    with pytest.raises(Refused, match=r"^申请和核准要由两个人来办"):
        trials.refuse_trial(rated.actor("office"), trial, reason="不算了。")
    with pytest.raises(NotAllowed):
        trials.confirm_trial(rated.actor("leader"), trial)


def test_a_judge_of_the_panel_neither_asks_nor_confirms(rated: World):
    cycle, trial = cycle_of(rated, 2026), rating_builders.asked(rated)
    builders.grant(rated.person("judge4"), Role.SECOND)
    builders.grant(rated.person("judge5"), Role.OFFICE)

    with pytest.raises(Refused, match=r"^您是本轮评委，评分期间不能申请、也不能核准试算。$"):
        trials.confirm_trial(rated.actor("judge4"), trial)
    with pytest.raises(Refused, match=r"^您是本轮评委"):
        trials.ask_for_trial(rated.actor("judge5"), cycle, trial_of(cycle), reason=REASON)
    with pytest.raises(Missing):
        trials.get_visible(rated.actor("judge"), trial.id)


def test_one_line_on_the_supervision_page_once_it_is_confirmed(rated: World):
    trial = rating_builders.asked(rated)

    def lines() -> list[tuple[str, str, str]]:
        found = supervising.supervised(rated.actor("discipline"), Told.TRIAL, NOW.date(), NOW.date())
        return [(line.about, line.who, line.sentence) for line in supervising.lines(supervising.events_of(found))]

    before = lines()
    trials.confirm_trial(rated.actor("second"), trial)

    assert before == []
    assert lines() == [
        (
            "2026年度党支部星级评定",
            rated.person("second").name,
            f"核准评分期间的试算（不作依据），{rated.person('office').name}申请："
            f"四星级分数线 80 分改为 85 分；原因：{REASON}",
        )
    ]


def test_a_refused_trial_says_why_and_is_run_no_more(rated: World, office: Browser, second: Browser):
    trial = rating_builders.asked(rated)
    second.get(f"/ratings/trials/{trial.id}")
    bare = second.submit("退回申请", reason="")
    second.submit("退回申请", reason="评分结束再算。")
    page = office.get(f"/ratings/trials/{trial.id}")
    listed = office.get(path_of(rated, 2026))

    assert (bare.status, bare.errors) == (422, {"reason": "请写明为什么不同意。"})
    assert "退回的原因 评分结束再算。" in page.main
    assert "试算结果" not in page.main
    assert listed.rows()[0][2] == "没有同意"
    with pytest.raises(Refused, match=r"^现在是“没有同意”，不能核准。$"):
        trials.confirm_trial(rated.actor("second"), trials.get_visible(rated.actor("second"), trial.id))
    told = db.session.scalars(sa.select(Message.text).where(Message.person_id == rated.person("office").id)).all()
    assert told[-1] == "2026年度党支部星级评定评分期间的试算没有同意，点开看原因。"


def test_pressing_twice_asks_once(rated: World):
    cycle, office = cycle_of(rated, 2026), rated.actor("office")
    events = builders.count(AuditEvent)

    first = trials.ask_for_trial(office, cycle, trial_of(cycle), reason=REASON, key="one")
    again = trials.ask_for_trial(office, cycle, trial_of(cycle), reason=REASON, key="one")

    assert first.id == again.id
    assert (builders.count(RatingTrial), builders.count(AuditEvent) - events) == (1, 1)


def test_outside_that_time_nothing_is_asked_or_confirmed(rated: World, office: Browser):
    trial = rating_builders.asked(rated)
    office.get(path_of(rated, 2026))
    with one_transaction():
        closed = services.close(
            rated.actor("office"), cycle_of(rated, 2026), version=cycle_of(rated, 2026).version, anyway=True
        )
        rating_builders.approved(rated, closed, at=NOW)
        services.publish(rated.actor("office"), closed, version=closed.version)
    published = cycle_of(rated, 2026)

    page = office.submit("申请试算", reason="")

    assert published.state is State.PUBLISHED
    assert (page.status, page.reason) == (409, "现在是“已公布”，不用申请，可以直接试算。")
    with pytest.raises(Refused, match=r"^现在是“已公布”，不用申请，可以直接试算。$"):
        trials.ask_for_trial(rated.actor("office"), published, trial_of(published), reason=REASON)
    with pytest.raises(Refused, match=r"^现在是“已公布”，不用核准了，可以直接试算。$"):
        trials.confirm_trial(rated.actor("second"), trial)
    assert trials.waiting_for(rated.actor("second")) == []


def test_without_a_signed_sheet_there_is_nothing_to_confirm_and_branches_without_one_are_left_out(judged: World):
    cycle = rating_builders.scoring_open(judged)
    trial = trials.ask_for_trial(judged.actor("office"), cycle, trial_of(cycle), reason=REASON)

    with pytest.raises(Refused, match=r"^还没有签名的评分表，现在算不出结果，等有了签名再核准。$"):
        trials.confirm_trial(judged.actor("second"), trial)
    rating_builders.mark(judged, cycle, "judge2")  # of air, so not on it
    done = trials.confirm_trial(judged.actor("second"), trial)

    outcome = trials.outcome_for(judged.actor("second"), done)
    assert outcome is not None
    assert outcome.left_out == [judged.branch("air").id]
    assert [line.branch_id for line in outcome.lines] == [judged.branch(code).id for code in ("water", "own")]


# Light.


def more_branches(world: World, cycle: RatingCycle, count: int) -> None:
    """So many more branches, each with the sheets of water."""
    water = rating_builders.place(world, cycle.year, "water")
    with one_transaction():
        sheets = db.session.scalars(
            sa.select(Sheet).where(Sheet.branch_id == water.branch_id, Sheet.panel_id == cycle.panel_id)
        ).all()
        for number in range(count):
            branch = builders.branch(world.organiser("department"), f"more{number}")
            values = {name: getattr(water, name) for name in ("cycle_id", "organiser_id", "pilot", "new", "previous")}
            builders.add(CycleBranch(**values, branch_id=branch.id, position=100 + number))
            for sheet in sheets:
                columns = {column.name: getattr(sheet, column.name) for column in Sheet.__table__.columns}
                copy = builders.add(Sheet(**{**columns, "id": None, "branch_id": branch.id}))
                marks = db.session.scalars(sa.select(Mark).where(Mark.sheet_id == sheet.id)).all()
                for mark in marks:
                    each = {column.name: getattr(mark, column.name) for column in Mark.__table__.columns}
                    builders.add(Mark(**{**each, "id": None, "sheet_id": copy.id}))


@pytest.fixture
def query(rated: World) -> Iterator[str]:
    typed = rating_builders.numbers(cycle_of(rated, 2025), floor_4="89")
    return "?" + "&".join(f"{name}={value}" for name, value in typed.items())  # type: ignore[return-value]


def test_an_open_trial_says_the_same_few_statements_for_3_and_for_30_branches(
    rated: World, office: Browser, statements: Statements, query: str
):
    path = path_of(rated, 2025) + query
    office.get(path)
    with statements() as few:
        office.get(path)
    more_branches(rated, cycle_of(rated, 2025), 27)
    db.session.rollback()
    with statements() as many:
        page = office.get(path)

    assert (page.status, len(page.rows(1))) == (200, 30)
    assert len(few) == len(many) <= 12, "\n".join(many)


def test_a_worker_that_only_shows_pages_does_not_load_the_settling():
    loaded = "import sys, tiejun_awards.app; print([name for name in sys.modules if name.endswith('ratings.settling')])"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("who", ["office", "second"])
def test_pages_that_list_what_was_asked_for_say_the_same_few_statements_for_1_and_for_20(
    rated: World, sign_in: SignIn, statements: Statements, who: str
):
    cycle, browser = cycle_of(rated, 2026), sign_in(who)
    pages = [path_of(rated, 2026)] if who == "office" else ["/", f"/ratings/{cycle.id}"]
    rating_builders.asked(rated)

    def said() -> list[int]:
        counted = []
        for path in pages:
            browser.get(path)
            with statements() as heard:
                assert browser.get(path).status == 200
            counted.append(len(heard))
        return counted

    few = said()
    for number in range(19):
        trials.ask_for_trial(rated.actor("office"), cycle_of(rated, 2026), trial_of(cycle), reason=f"第{number}次。")

    assert said() == few
    assert max(few) <= 12


@pytest.mark.parametrize(
    "change",
    [
        {"reason": ""},
        {"state": "confirmed"},
        {"state": "confirmed", "decided_at": NOW},
        {"state": "refused", "decided_at": NOW, "decided_by": "second"},
        {"state": "confirmed", "decided_at": NOW, "decided_by": "office"},
    ],
)
def test_the_database_refuses_what_the_rules_refuse(rated: World, change: dict[str, object]):
    trial = rating_builders.asked(rated)
    values = {
        **change,
        **({"decided_by": rated.person(str(change["decided_by"])).id} if "decided_by" in change else {}),
    }
    update = sa.update(RatingTrial).where(RatingTrial.id == trial.id).values(**values)

    with pytest.raises(IntegrityError), writing() as session:
        session.execute(update)
