"""Entering and withdrawing notices of days off, and what they do to dates people were told."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.builders import World, rows_of
from tests.conftest import Statements
from tiejun_awards.organisers.models import Organiser
from tiejun_awards.reports import due
from tiejun_awards.reports.models import ReportPeriod
from tiejun_awards.rulebook import pages, services
from tiejun_awards.rulebook.models import DayNotice
from tiejun_awards.shared.access import Actor
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.calendar import Dated, SpecialDay
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import NotAllowed, Refused
from tiejun_awards.shared.periods import Quarter

# Invented: the arrangement of 2027 is not published yet.
YEAR_2027 = """一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至12日（周五）放假调休，共8天。2月13日（周六）、2月20日（周六）上班。
三、清明节：4月3日（周六）至6日（周二）放假，共4天。
"""
LATER_DUE = YEAR_2027.replace("1月1日（周五）至3日（周日）放假，共3天", "1月1日（周五）至5日（周二）放假，共5天")
EARLIER_DUE = YEAR_2027.replace(
    "1月1日（周五）至3日（周日）放假，共3天。", "1月1日放假。1月2日（周六）、3日（周日）上班。"
)
EID = "开斋节：3月10日（周三）放假1天。"
NUMBER, EID_NUMBER = "国办发明电〔2026〕9号", "宁政办发〔2027〕1号"


@pytest.fixture
def office_acts(world: World) -> Actor:
    return world.actor("office")


@pytest.fixture
def top(world: World) -> Organiser:
    return world.organiser("department")


def enter(
    actor: Actor, organiser: Organiser, text: str = YEAR_2027, number: str = NUMBER, year: int = 2027
) -> DayNotice:
    return services.enter_days(actor, organiser, year=year, number=number, text=text)


def q4() -> Dated:
    return due.due_day(1, Quarter(2026, 4))


def test_a_notice_of_a_whole_year_makes_the_year_known(office_acts: Actor, top: Organiser):
    before = q4()

    made = enter(office_acts, top)

    table = services.day_table()
    assert (before, q4()) == (Dated(date(2027, 1, 12), True), Dated(date(2027, 1, 13)))
    assert (made.year, made.number, made.whole_year, made.entered_name, len(made.days)) == (
        2027,
        NUMBER,
        True,
        "机关党委经办",
        17,
    )
    assert 2027 in table.known_years
    assert table.exceptions[date(2027, 2, 13)] == SpecialDay(works=True, name="春节")
    assert rows_of(AuditEvent, "action", "object_type", "object_id", "detail")[-1] == (
        "rulebook.enter_days",
        "day_notice",
        made.id,
        {"year": 2027, "number": NUMBER, "days": 17, "whole_year": True},
    )


def test_a_partial_notice_leaves_the_year_unknown_and_its_days_certain(office_acts: Actor, top: Organiser):
    made = enter(office_acts, top, EID, EID_NUMBER)

    table = services.day_table()
    assert (made.whole_year, 2027 in table.known_years) == (False, False)
    assert (table.is_known(date(2027, 3, 10)), table.is_working_day(date(2027, 3, 10))) == (True, False)
    assert table.is_known(date(2027, 3, 11)) is False


def test_a_partial_notice_wins_on_its_days_even_when_the_year_comes_later(office_acts: Actor, top: Organiser):
    enter(office_acts, top, "古尔邦节：2月13日放假。", EID_NUMBER)
    enter(office_acts, top)

    assert services.day_table().exceptions[date(2027, 2, 13)] == SpecialDay(works=False, name="古尔邦节")


def test_a_later_whole_year_notice_takes_the_place_of_the_earlier_and_withdrawing_it_gives_it_back(
    office_acts: Actor, top: Organiser
):
    enter(office_acts, top)
    enter(office_acts, top, EID, EID_NUMBER)
    revised = enter(office_acts, top, YEAR_2027.replace("2月20日（周六）", "2月21日（周日）"), "国办发明电〔2026〕10号")
    with_revised = [(line.notice.number, line.fate) for line in pages.year_of_days(2027).notices]

    services.withdraw(office_acts, services.get_notice(revised.id), reason="贴错了")

    assert with_revised == [("国办发明电〔2026〕10号", "在用"), (EID_NUMBER, "在用"), (NUMBER, "已被代替")]
    assert [(line.notice.number, line.fate) for line in pages.year_of_days(2027).notices] == [
        ("国办发明电〔2026〕10号", "已撤下"),
        (EID_NUMBER, "在用"),
        (NUMBER, "在用"),
    ]
    table = services.day_table()
    assert (table.is_working_day(date(2027, 2, 20)), table.is_working_day(date(2027, 2, 21))) == (True, False)


def test_the_same_number_again_takes_its_own_place_and_is_withdrawn_as_one(office_acts: Actor, top: Organiser):
    enter(office_acts, top, YEAR_2027.replace("2月20日（周六）", "2月21日（周日）"))
    again = enter(office_acts, top)
    fates = [line.fate for line in pages.year_of_days(2027).notices]

    services.withdraw(office_acts, services.get_notice(again.id), reason="文号不对")

    assert fates == ["在用", "已重新登记"]
    assert rows_of(DayNotice, "withdrawn_because") == [("文号不对",), ("文号不对",)]
    assert 2027 not in services.day_table().known_years


def test_the_table_is_asked_for_with_one_query_while_nothing_changes(
    office_acts: Actor, top: Organiser, statements: Statements
):
    enter(office_acts, top)
    first = services.day_table()
    db.session.remove()  # another request

    with statements() as said:
        again = services.day_table()

    assert again is first
    assert len(said) == 1


# Dates people were told.


def test_a_due_day_moves_back_with_the_notice_and_is_written_down_as_told(office_acts: Actor, top: Organiser):
    enter(office_acts, top, LATER_DUE)

    assert q4() == Dated(date(2027, 1, 15))
    assert (1, "2026Q4", date(2027, 1, 15)) in rows_of(ReportPeriod, "organiser_id", "quarter", "told_due")


def test_a_due_day_people_can_see_never_gets_earlier(office_acts: Actor, top: Organiser):
    seen = q4().day

    enter(office_acts, top, EARLIER_DUE)

    computed = services.day_table().nth_working_day(date(2026, 12, 31), 8)
    assert (seen, computed.day, q4().day) == (date(2027, 1, 12), date(2027, 1, 11), date(2027, 1, 12))


def test_withdrawing_leaves_the_later_day_people_were_told(office_acts: Actor, top: Organiser):
    made = enter(office_acts, top, LATER_DUE)

    services.withdraw(office_acts, services.get_notice(made.id), reason="贴错了")

    assert q4() == Dated(date(2027, 1, 15), True)


def test_the_preview_says_what_follows_and_saves_nothing(office_acts: Actor, world: World):
    later = pages.preview(office_acts, year=2027, number="国办发明电[2026]9号", text=LATER_DUE)
    earlier = pages.preview(office_acts, year=2027, number=NUMBER, text=EARLIER_DUE)
    partial = pages.preview(office_acts, year=2027, number=EID_NUMBER, text=EID)

    known = "这是全年安排，登记后2027年的日期不再是暂定。"
    moved = "2026年第四季度报告截止日由2027年1月12日变为2027年1月15日。"
    held = "2026年第四季度报告截止日仍为2027年1月12日：已通知的日期不会提前。"
    assert (later.number, later.obstacle) == (NUMBER, None)
    assert later.outlook.sentences[:2] == [known, moved]
    assert earlier.outlook.sentences[:2] == [known, held]
    assert partial.outlook.sentences == ["这是补充安排，只管读到的这些日子；2027年的其余日子仍暂按周一至周五推算。"]
    assert rows_of(DayNotice, "id") == []


def test_the_preview_names_what_is_replaced_and_published_days_left_out(office_acts: Actor, top: Organiser):
    enter(office_acts, top)

    preview = pages.preview(office_acts, year=2027, number="国办发明电〔2026〕10号", text=LATER_DUE)
    of_2026 = pages.preview(office_acts, year=2026, number="甲", text="2月1日至15日放假")

    assert preview.outlook.sentences[:2] == [
        "这是全年安排。",
        f"登记后代替已登记的{NUMBER}，原来的登记留着备查。",
    ]
    assert of_2026.outlook.sentences[1].startswith("国务院办公厅公布的2026年安排里还有1月1日（周四）至1月3日（周六）、")


# What is refused.


@pytest.mark.parametrize(
    ("year", "number", "text", "sentence", "field"),
    [
        (2003, NUMBER, YEAR_2027, "年度应在2004至2100之间。", "year"),
        (2027, " ", YEAR_2027, "请填写通知的文号，最多 60 字。", "number"),
        (2027, "9" * 61, YEAR_2027, "请填写通知的文号，最多 60 字。", "number"),
        (2027, NUMBER, "春节：2月30日放假。", "通知还有没读懂的地方，请按提示改正后再登记。", "text"),
        (2027, NUMBER, "", "通知还有没读懂的地方，请按提示改正后再登记。", "text"),
    ],
)
def test_a_notice_that_is_not_right_is_refused(
    office_acts: Actor, top: Organiser, year: int, number: str, text: str, sentence: str, field: str
):
    with pytest.raises(Refused) as refused:
        enter(office_acts, top, text, number, year)

    assert (refused.value.sentence, refused.value.field) == (sentence, field)
    assert rows_of(DayNotice, "id") == []


def test_the_same_notice_twice_is_refused(office_acts: Actor, top: Organiser):
    enter(office_acts, top)

    with pytest.raises(Refused, match="已经登记过，读到的日子和这次一样，不必再登"):
        enter(office_acts, top, number="国办发明电（2026）9号")


def test_a_whole_year_is_not_replaced_by_a_few_days_under_its_number(office_acts: Actor, top: Organiser):
    enter(office_acts, top)

    with pytest.raises(Refused, match="已登记为2027年的全年安排，这次只读到几天"):
        enter(office_acts, top, EID)


def test_a_double_click_enters_once(office_acts: Actor, top: Organiser):
    made = [
        services.enter_days(office_acts, top, year=2027, number=NUMBER, text=YEAR_2027, key="same").id for _ in range(2)
    ]

    assert rows_of(DayNotice, "id") == [(made[0],)]
    assert made[0] == made[1]


def test_a_notice_is_withdrawn_once_and_only_while_it_holds(office_acts: Actor, top: Organiser):
    first, second = enter(office_acts, top).id, enter(office_acts, top, LATER_DUE, "国办发明电〔2026〕10号").id

    with pytest.raises(Refused, match="的这次登记已经不用了，不必撤下"):
        services.withdraw(office_acts, services.get_notice(first), reason="错了")
    with pytest.raises(Refused, match="请写明为什么撤下"):
        services.withdraw(office_acts, services.get_notice(second), reason="  ")
    services.withdraw(office_acts, services.get_notice(second), reason="错了")
    with pytest.raises(Refused, match="已经在2026年11月23日撤下了"):
        services.withdraw(office_acts, services.get_notice(second), reason="错了")


@pytest.mark.parametrize("who", ["second", "secretary", "leader", "security_admin", "city_office"])
def test_only_the_top_office_enters_and_withdraws(world: World, office_acts: Actor, top: Organiser, who: str):
    made = enter(office_acts, top).id

    with pytest.raises(NotAllowed):
        enter(world.actor(who), world.organiser("department"), EID, EID_NUMBER)
    with pytest.raises(NotAllowed):
        services.withdraw(world.actor(who), services.get_notice(made), reason="错了")


def test_a_city_office_does_not_enter_days_of_its_own(world: World):
    with pytest.raises(Refused, match="各市不必另登"):
        enter(world.actor("city_office"), world.organiser("city"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"withdrawn_at": datetime(2026, 1, 1).astimezone()},
        {"withdrawn_because": "没有人"},
        {"number": ""},
        {"year": 1999},
    ],
)
def test_the_database_refuses_half_a_withdrawal(office_acts: Actor, top: Organiser, wrong: dict[str, object]):
    enter(office_acts, top)

    with pytest.raises(sa.exc.IntegrityError), writing() as session:
        session.execute(sa.update(DayNotice).values(**wrong))


def test_an_hour_later_another_process_sees_the_new_days(
    office_acts: Actor, top: Organiser, now: datetime, world: World
):
    enter(office_acts, top)
    stale = services.day_table()

    enter(world.actor("office", now + timedelta(hours=1)), world.organiser("department"), EID, EID_NUMBER)

    assert (stale.is_working_day(date(2027, 3, 10)), services.day_table().is_working_day(date(2027, 3, 10))) == (
        True,
        False,
    )
