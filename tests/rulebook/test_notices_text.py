"""What the office pastes. The arrangements of 2024 to 2026 are facts, told here in the sentences of the real notices."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.rulebook.notices_text import LONGEST_TEXT, DayEntry, NoticeReading, Problem, read_notice
from tiejun_awards.rulebook.official_days import official_days
from tiejun_awards.shared.calendar import DayTable, SpecialDay
from tiejun_awards.shared.dates import chinese_date, chinese_day, chinese_day_weekday, half_width

NOTICE_2024 = """一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。
"""
NOTICE_2025 = """一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
"""
NOTICE_2026 = """国务院办公厅关于2026年部分节假日安排的通知
国办发明电〔2025〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作，确保人民群众祥和平安度过节日假期。
国务院办公厅
2025年11月4日
"""
NOTICES = {2024: NOTICE_2024, 2025: NOTICE_2025, 2026: NOTICE_2026}


def warnings_left_out(reading: NoticeReading) -> list[tuple[int, str]]:
    return [(problem.line_number, problem.sentence) for problem in reading.problems if problem.blocks]


def days(reading: NoticeReading) -> list[tuple[str, bool]]:
    return [(entry.day.isoformat(), entry.works) for entry in reading.entries]


def every_day_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def table_of(reading: NoticeReading, year: int) -> DayTable:
    return DayTable().with_entries(
        {entry.day: SpecialDay(entry.works, entry.name) for entry in reading.entries}, [year]
    )


@pytest.mark.parametrize("year", NOTICES)
def test_the_real_notices_are_read_day_by_day_as_published(year: int):
    reading = read_notice(NOTICES[year], year)
    table = table_of(reading, year)

    differing = [day for day in every_day_of(year) if table.is_working_day(day) != chinese_calendar.is_workday(day)]
    published = {day for day in official_days().exceptions if day.year == year}

    assert (reading.problems, reading.can_be_saved) == ((), True)
    assert differing == []
    assert {entry.day for entry in reading.entries} == published


@pytest.mark.parametrize("year", NOTICES)
@pytest.mark.parametrize(
    "pasted",
    [
        lambda text: text.replace("\n", ""),
        half_width,
        lambda text: text.replace("，", ","),
        lambda text: text.translate({ord("0") + n: ord("０") + n for n in range(10)}),
        lambda text: text.replace("月", " 月 ").replace("放假", "放 假"),
        lambda text: text.replace("至", "至\n").replace("、2月", "、\n2月"),
        lambda text: text.replace("日（", "日\n（").replace("，共", "，\n共"),
        lambda text: text.replace("：", "：\n").replace("\n", "\r\n"),
        lambda text: text.replace("至", "—"),
    ],
    ids=[
        "one line",
        "half-width",
        "mixed commas",
        "full-width digits",
        "spaces",
        "broken",
        "broken more",
        "crlf",
        "dashes",
    ],
)
def test_the_way_it_was_copied_does_not_matter(year: int, pasted):
    straight, copied = read_notice(NOTICES[year], year), read_notice(pasted(NOTICES[year]), year)

    assert copied.problems == ()
    assert days(copied) == days(straight)


def test_an_entry_says_its_festival_and_its_line():
    entries = read_notice(NOTICE_2026, 2026).entries

    assert entries[0] == DayEntry(date(2026, 1, 1), False, "元旦", 5)
    assert entries[4] == DayEntry(date(2026, 2, 14), True, "春节", 6)


def test_a_break_in_the_middle_of_a_date_keeps_the_line_it_began_in():
    reading = read_notice(
        "二、春节：2月15\n日至\n23日（农历正月初七、周二）放假\n调休，共9天。2月1\n4日（周日）、\n2月28日（周日）上班。",
        2027,
    )

    assert warnings_left_out(reading) == []
    assert [(entry.day.day, entry.line_number) for entry in reading.entries if entry.works] == [(14, 4), (28, 6)]


def test_lines_from_a_spreadsheet_typed_lines_and_sentences_may_be_mixed():
    reading = read_notice(
        "日期\t放假/上班\t名称\n"
        "1\t2027-01-01\t放假\t元旦\n"
        "2\t2027/1/2 0:00\t休\t元旦\n"
        "2027年1月3日 上班\n"
        "上班\t2027-02-20\n"
        "2027-02-28\t班\t春节放假调休\n"
        "2027-03-10,放假,开斋节\n"
        "10-25 放假 自治区成立纪念日\n"
        "\n"
        "劳动节：5月1日（周六）至5日（周三）放假，共5天。",
        2027,
    )

    assert warnings_left_out(reading) == []
    assert [(entry.day.isoformat(), entry.works, entry.name) for entry in reading.entries] == [
        ("2027-01-01", False, "元旦"),
        ("2027-01-02", False, "元旦"),
        ("2027-01-03", True, ""),
        ("2027-02-20", True, ""),
        ("2027-02-28", True, "春节"),
        ("2027-03-10", False, "开斋节"),
        *((f"2027-05-0{day}", False, "劳动节") for day in (1, 2, 3, 4, 5)),
        ("2027-10-25", False, "自治区成立纪念日"),
    ]


@pytest.mark.parametrize(
    ("text", "first", "last", "count"),
    [
        ("春节：1月31日至2月6日放假，共7天", "2027-01-31", "2027-02-06", 7),
        ("2027年12月31日至2028年1月2日放假，共3天", "2027-12-31", "2028-01-02", 3),
        ("12月31日至1月2日放假，共三天", "2027-12-31", "2028-01-02", 3),
        ("元旦：12月31日至1月2日放假，共3天", "2026-12-31", "2027-01-02", 3),
        ("元旦：2026年12月31日至2027年1月2日放假", "2026-12-31", "2027-01-02", 3),
        ("1月1日放假1天", "2027-01-01", "2027-01-01", 1),
        ("1月1日放假一天", "2027-01-01", "2027-01-01", 1),
        ("1月1日放假，与周末连休", "2027-01-01", "2027-01-01", 1),
        ("1月1日放假，与周末连休，共3天", "2027-01-01", "2027-01-01", 1),
        ("6月21日放假，与周末连休，共3天", "2027-06-21", "2027-06-21", 1),
        ("9月15日、16日和17日放假，共3天", "2027-09-15", "2027-09-17", 3),
        ("1月1-3日放假", "2027-01-01", "2027-01-03", 3),
        ("1月1日～3日放假", "2027-01-01", "2027-01-03", 3),
        ("1月1号到3号休息", "2027-01-01", "2027-01-03", 3),
        ("2027/1/1-1/3 放假", "2027-01-01", "2027-01-03", 3),
        ("2027.1.1—2027.1.3 公休", "2027-01-01", "2027-01-03", 3),
        ("放假3天：1月1日至3日", "2027-01-01", "2027-01-03", 3),
        ("1月1日星期五至1月3日星期日不上班", "2027-01-01", "2027-01-03", 3),
    ],
)
def test_a_range_is_read_however_it_is_written(text: str, first: str, last: str, count: int):
    reading = read_notice(text, 2027)

    assert warnings_left_out(reading) == []
    assert (days(reading)[0], days(reading)[-1], len(days(reading))) == ((first, False), (last, False), count)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("放假：1月1日至2日 上班：1月3日", [("01-01", False), ("01-02", False), ("01-03", True)]),
        ("放假时间为3月20日至21日，共2天，3月28日照常上班", [("03-20", False), ("03-21", False), ("03-28", True)]),
        ("3月20日放假，3月28日补班", [("03-20", False), ("03-28", True)]),
        ("3月20日，3月28日上班", [("03-20", True), ("03-28", True)]),
        ("春节放假安排：2月6日至7日放假，2月14日上班", [("02-06", False), ("02-07", False), ("02-14", True)]),
        ("上班 2月14日 2月28日", [("02-14", True), ("02-28", True)]),
        ("3月27日至28日上班", [("03-27", True), ("03-28", True)]),
        ("3月8日不放假", [("03-08", True)]),
        ("上班 2月14日（周日），地点不变，2月28日（周日）", [("02-14", True), ("02-28", True)]),
    ],
)
def test_each_day_goes_with_its_own_word(text: str, expected: list[tuple[str, bool]]):
    reading = read_notice(text, 2027)

    assert warnings_left_out(reading) == []
    assert days(reading) == [(f"2027-{day}", works) for day, works in expected]


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("1月1日（周一）放假", 1, "2027年1月1日是周五，不是周一，请核对"),
        ("1月1日至3日（星期六）放假", 1, "2027年1月3日是周日，不是周六，请核对"),
        ("1月1日至3日放假，共4天", 1, "写的是共4天，列出的日期却是3天，请核对"),
        ("1月1日至3日放假两天", 1, "写的是共2天，列出的日期却是3天，请核对"),
        ("1月1日放假，与周末连休，共5天", 1, "写的是共5天，列出的日期却是1天，请核对"),
        ("1月1日放假\n\n1月1日上班", 3, "2027年1月1日又写放假又写上班（第1行已写过），请核对"),
        ("1月1日放假；1月1日上班", 1, "2027年1月1日又写放假又写上班，请核对"),
        ("2026-03-01 放假", 1, "2026年3月1日不在2027年"),
        ("2028年3月1日上班", 1, "2028年3月1日不在2027年"),
        ("13月1日放假", 1, "没有13月，月份是1至12"),
        ("2月30日放假", 1, "2027年2月没有30日"),
        ("20270年1月1日放假", 1, "年份“20270”不对，请写1900至2100之间的四位数"),
        ("1月" + "9" * 900 + "日放假", 1, "2027年1月没有999999日"),
        ("1日放假", 1, "“1日”没有写月份"),
        ("1月5日至2日放假", 1, "从2027年1月5日到2027年1月2日不像一段假期，请核对"),
        ("5月1日至7月1日放假", 1, "从2027年5月1日到2027年7月1日不像一段假期，请核对"),
        ("1月1日", 1, "“1月1日”没有写明放假还是上班"),
        ("2027-01-01\t元旦", 1, "“2027-01-01 元旦”没有写明放假还是上班"),
        ("元旦放假", 1, "“元旦放假”里没有看出日期"),
        ("1/1/2027 放假", 1, "年份“1”不对，请写1900至2100之间的四位数"),
        ("1月1日放假，1月4日", 1, "看不出“1月1日”是放假还是上班，请分成两句写"),
        ("放假安排1月4日上班", 1, "看不出“1月4日”是放假还是上班，请分成两句写"),
        ("放假1月1日至3日，1月4日上班", 1, "看不出“1月1日至3日,1月4日”是放假还是上班，请分成两句写"),
        ("2月13日至16日上班", 1, "调休上班的日子请一天一天写"),
        ("12月31日下午放假半天", 1, "“12月31日下午放假半天”是半天，工作日按整天计算，请去掉这一句或写成整天"),
        ("1月1日放假，2月6－7放假", 1, "“1月1日放假,2月6-7放假”里的“-7”没有看懂，请写成2027年1月1日或2027-01-01"),
        ("关于2026年部分节假日安排的通知", 1, "这是2026年的安排，不是2027年的"),
        (
            "各单位在放假期间请注意防火防盗防诈骗保平安，电话12345",
            1,
            "“各单位在放假期间请注意防火防盗防诈骗保平安,电话…”里没有看出日期",
        ),
    ],
)
def test_what_is_doubtful_is_an_error_with_its_line_and_no_entry(text: str, line: int, sentence: str):
    reading = read_notice(text, 2027)

    assert (line, sentence) in warnings_left_out(reading)
    assert (reading.entries, reading.can_be_saved) == ((), False)


def test_an_error_in_one_line_leaves_the_others_readable():
    reading = read_notice("1月1日放假\n1月33日放假\n1月2日放假", 2027)

    assert days(reading) == [("2027-01-01", False), ("2027-01-02", False)]
    assert reading.problems == (Problem(2, "2027年1月没有33日"),)
    assert not reading.can_be_saved


@pytest.mark.parametrize("text", ["", " \n\t", "　\n"])
def test_an_empty_text_is_told_what_to_paste(text: str):
    reading = read_notice(text, 2027)

    assert reading.problems == (Problem(0, "没有内容，请粘贴放假通知的正文，或每行写一天，例如2027-01-01 放假 元旦"),)
    assert not reading.can_be_saved


@pytest.mark.parametrize(
    "text", ["大家好", "国办发明电〔2025〕7号", "2027年节假日放假安排", "鼓励职工在除夕（2月5日）休息"]
)
def test_a_text_without_a_day_is_told_what_to_paste(text: str):
    reading = read_notice(text, 2027)

    assert reading.entries == ()
    assert [problem.sentence[:12] for problem in reading.problems] == ["没有读到放假或上班的日子"]


def test_a_text_longer_than_any_notice_is_refused_unread():
    reading = read_notice("1月1日放假\n" * LONGEST_TEXT, 2027)

    assert reading == NoticeReading((), (Problem(0, "内容太长，最多20000字，请只粘贴放假安排"),))


@pytest.mark.parametrize("part", ["1月1日放假", "1月1日、\n", "至\n", "休\t", "放假", "上班1月1日-", "(", "1,\n"])
def test_a_text_that_is_no_notice_is_refused_without_long_work(part: str):
    reading = read_notice(part * (LONGEST_TEXT // len(part)), 2027)

    assert (reading.entries, reading.can_be_saved) == ((), False)


def test_a_make_up_day_on_an_ordinary_weekday_is_a_warning():
    reading = read_notice(NOTICE_2026 + "5月11日上班", 2026)

    assert reading.problems == (Problem(15, "5月11日（周一）本来就是工作日，不必写上班", blocks=False),)
    assert reading.can_be_saved


def test_a_year_of_suspiciously_few_days_is_a_warning():
    reading = read_notice("开斋节：3月10日（周三）放假1天", 2027)

    few = "只读到1天放假，2027年全年不会少于13天；若只是补充个别日子，可以保存"
    assert reading.problems == (Problem(0, few, blocks=False),)
    assert (reading.can_be_saved, reading.is_whole_year) == (True, False)
    assert read_notice(NOTICE_2026, 2026).is_whole_year


def test_the_date_below_the_issuer_is_no_day_of_the_arrangement():
    notice = "自治区人民政府办公厅关于2027年开斋节放假的通知\n开斋节：3月10日（周三）放假1天。\n自治区人民政府办公厅\n2027年2月20日"

    assert days(read_notice(notice, 2027)) == [("2027-03-10", False)]
    assert warnings_left_out(read_notice(notice, 2027)) == []


def test_the_same_day_said_twice_is_one_entry():
    reading = read_notice("2027-01-01 放假 元旦\n1月1日放假", 2027)

    assert reading.entries == (DayEntry(date(2027, 1, 1), False, "元旦", 1),)


WEEKENDS_OFF = st.dictionaries(st.dates(date(2027, 1, 1), date(2027, 12, 31)), st.booleans(), min_size=1, max_size=30)
FORMS = st.sampled_from(
    [
        lambda day, verb: f"{day.isoformat()}\t{verb}\t元旦",
        lambda day, verb: f"{day.year}/{day.month}/{day.day} {verb}",
        lambda day, verb: f"{chinese_date(day)} {verb}",
        lambda day, verb: f"{chinese_day(day)}{verb}。",
        lambda day, verb: f"春节：{chinese_day_weekday(day)}{verb}。",
        lambda day, verb: f"{verb}\t{day.isoformat()}",
    ]
)


@given(WEEKENDS_OFF, st.data())
def test_whatever_arrangement_is_written_is_read_back(arrangement: dict[date, bool], data: st.DataObject):
    lines = [data.draw(FORMS)(day, "上班" if works else "放假") for day, works in arrangement.items()]

    reading = read_notice("\n".join(lines), 2027)

    assert {entry.day: entry.works for entry in reading.entries} == arrangement
    assert warnings_left_out(reading) == []
    assert [lines[entry.line_number - 1] for entry in reading.entries] == [
        lines[list(arrangement).index(day)] for day in sorted(arrangement)
    ]


@given(st.dates(date(2027, 1, 1), date(2027, 12, 10)), st.integers(2, 10))
def test_a_range_with_weekdays_and_its_count_is_read_back(first: date, length: int):
    last = first + timedelta(days=length - 1)
    text = f"一、某节：{chinese_day_weekday(first)}至{chinese_day_weekday(last)}放假调休，共{length}天。"

    reading = read_notice(text, 2027)

    assert [entry.day for entry in reading.entries] == [first + timedelta(days=n) for n in range(length)]
    assert {entry.name for entry in reading.entries} == {"某节"}


@given(
    st.text(
        alphabet="0123456789年月日号至到-~/.、，。：；（）()周六星期放假上班调休共天春节元旦\t\n 半鼓励", max_size=120
    )
)
def test_no_text_breaks_the_reader_and_no_entry_stands_under_an_error_about_both_ways(text: str):
    reading = read_notice(text, 2027)

    assert reading.entries or reading.problems
    assert list(reading.entries) == sorted(set(reading.entries))
    assert len({entry.day for entry in reading.entries}) == len(reading.entries)
    assert all(1 <= entry.line_number <= len(text.splitlines()) for entry in reading.entries)
