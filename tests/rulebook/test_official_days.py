"""The published days, against the package they come from and the dates computed by hand."""

import subprocess
import sys
from datetime import date, timedelta

import chinese_calendar

from tiejun_awards.rulebook.official_days import official_days
from tiejun_awards.shared.calendar import Counted, Dated, SpecialDay


def test_every_day_of_the_known_years_is_worked_as_the_package_says():
    table = official_days()
    days = [date(2004, 1, 1) + timedelta(days=n) for n in range((date(2026, 12, 31) - date(2004, 1, 1)).days + 1)]

    assert [day for day in days if table.is_working_day(day) != chinese_calendar.is_workday(day)] == []
    assert table.known_years >= set(range(2004, 2027))


def test_names_are_chinese_and_complete():
    names = {special.name for special in official_days().exceptions.values()}

    assert names == {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节", "抗战胜利70周年纪念日"}
    assert official_days().exceptions[date(2026, 2, 14)] == SpecialDay(works=True, name="春节")


def test_the_worked_examples_hold_on_the_published_arrangement_of_2020():
    table = official_days()

    assert table.nth_working_day(date(2020, 4, 30), 5, counting_start=True) == Dated(date(2020, 5, 9))
    assert table.nth_working_day(date(2020, 3, 31), 8) == Dated(date(2020, 4, 13))
    assert table.working_days_between(date(2020, 4, 13), date(2020, 4, 14)) == Counted(1)


def test_a_year_the_package_does_not_know_stays_provisional_until_the_office_enters_it():
    table = official_days()
    unknown = max(table.known_years) + 1
    new_year = {date(unknown, 1, 1): SpecialDay(works=False, name="元旦")}

    before = table.nth_working_day(date(unknown - 1, 12, 31), 8)
    after = table.with_entries(new_year, years=[unknown]).nth_working_day(date(unknown - 1, 12, 31), 8)

    assert (before.provisional, after.provisional) == (True, False)


def test_the_package_is_not_loaded_before_a_working_day_is_asked_for():
    command = "import sys, tiejun_awards.rulebook.official_days; sys.exit('chinese_calendar' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0


def test_the_table_is_built_once():
    assert official_days() is official_days()
