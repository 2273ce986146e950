"""The State Council's arrangements as published, from the package `chinesecalendar` (2004 up to its last year)."""

from functools import cache

from ..shared.calendar import DayTable, SpecialDay

_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


@cache
def official_days() -> DayTable:
    """The published days, in Chinese. Nothing is known after the package's last year: the office's own days go on."""
    # Imported on first use: most commands never ask for a working day and should not wait for the package.
    from chinese_calendar import holidays, workdays

    days = {day: SpecialDay(works=False, name=_NAMES.get(name, name)) for day, name in holidays.items()}
    days |= {day: SpecialDay(works=True, name=_NAMES.get(name, name)) for day, name in workdays.items()}
    return DayTable(frozenset(day.year for day in days), days)
