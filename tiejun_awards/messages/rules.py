"""When somebody may be reminded, and of what; the words of messages, of the text for a group, of one personal line.

Nobody is reminded more than three times of one thing, twice on a day, outside working hours or of what is done; no text for a
group names who is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ..shared.access import Role
from ..shared.calendar import DayTable
from ..shared.dates import chinese_day, chinese_day_weekday, chinese_time
from ..shared.labels import Labelled

MOST = 3
"""Reminders of one thing; the database holds it too."""

OPENS, CLOSES = time(8, 30), time(17, 30)
"""建议值: office hours, in which people are reminded and e-mail goes out."""

READ_KEPT, KEPT = timedelta(days=180), timedelta(days=365)
"""建议值: how long a read message is kept, and any message."""

REMINDERS_KEPT = timedelta(days=730)


class Kind(Labelled):
    """What a message is about."""

    REPORT = "report", "季度报告"
    RATING = "rating", "星级评定"
    SELECTION = "selection", "组织推荐"
    SUGGESTION = "suggestion", "我的推荐"
    CONFIRM = "confirm", "核对登记"
    REMINDER = "reminder", "提醒"


class TaskKind(Labelled):
    """What people are reminded of."""

    REPORT = "report", "季度报告没有提交"
    SHEETS = "sheets", "评分表没有签名"
    RECOMMEND = "recommend", "单位推荐没有报送"
    CONFIRM = "confirm", "登记的决定等核对"


_ASKED = {
    TaskKind.REPORT: ("各位书记、联络员", "提交", "已经提交的不用理会"),
    TaskKind.SHEETS: ("各位评委", "评完并签名", "已经签名的不用理会"),
    TaskKind.RECOMMEND: ("各推荐单位", "报送（没有合适的报“不推荐”）", "已经报送的不用理会"),
    TaskKind.CONFIRM: ("各位复核人", "照原件核对", "已经核对的不用理会"),
}
"""Who is spoken to in a group, what they are asked to do, and who need not mind."""


@dataclass(frozen=True, slots=True)
class Task:
    """One open thing of one branch, unit, judge or decision. Tasks of one ``batch`` are one line of the office's page.

    Whose it is: the holders of ``roles`` at its branch, unit or organiser (but one), and the people of ``person_ids``.
    """

    kind: TaskKind
    batch: str
    thing_id: int
    organiser_id: int
    title: str
    where: str
    due: date
    since: date
    path: str
    roles: tuple[Role, ...] = ()
    branch_id: int | None = None
    unit_id: int | None = None
    person_ids: tuple[int, ...] = ()
    but_not: int | None = None  # who may not do it, whatever post he holds

    @property
    def key(self) -> tuple[int, str, int]:
        """What its reminders are kept under."""
        return self.organiser_id, self.batch, self.thing_id


@dataclass(frozen=True, slots=True)
class Terms:
    """When the three reminders are due: so many working days before and after the due day (rulebook)."""

    first: int
    second: int
    after: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What of a task's reminders has gone out: how many, the furthest of the three moments they stand for, the last day."""

    times: int = 0
    used: int = 0
    last: date | None = None

    def by_hand(self, reached: int) -> Sent:
        """After one the office sends now: it stands for the next of the three moments."""
        return Sent(self.times + 1, max(min(self.used + 1, MOST), reached), self.last)

    def by_itself(self, reached: int) -> Sent:
        """After one that goes out because its moment is reached."""
        return Sent(self.times + 1, reached, self.last)


NEVER = Sent()


def stage(since: date, due: date, today: date, table: DayTable, terms: Terms) -> int:
    """Which of the three reminders is reached on that day: 1, 2, 3, or 0 as long as it is too early."""
    if today <= since:
        return 0
    days = table.working_days_between(today, due).days
    if today > due:
        return 3 if -days >= terms.after else 2
    if days <= terms.second:
        return 2
    return 1 if days <= terms.first else 0


def is_due(reached: int, sent: Sent, today: date) -> bool:
    """Whether a reminder goes out by itself. One that was missed is not made up for: the latest that is reached goes."""
    return reached > sent.used and may_now(sent, today)


def in_hours(here: datetime, table: DayTable) -> bool:
    """Whether people may be reminded at that local time."""
    return table.is_working_day(here.date()) and OPENS <= here.time() < CLOSES


def next_hours(here: datetime, table: DayTable) -> date:
    """The first day from now on whose working hours are not over."""
    day = here.date()
    if table.is_working_day(day) and here.time() < CLOSES:
        return day
    return table.nth_working_day(day, 1).day


def why_not_now(sent: Sequence[Sent], here: datetime, table: DayTable) -> str:
    """Why none of these tasks can be reminded of now, or nothing."""
    today = here.date()
    if not sent:
        return "都办完了，不用提醒。"
    if all(each.times >= MOST for each in sent):
        return f"每件事最多提醒 {MOST} 次，已经用完了。可以把下面的话发给本人，或者打个电话。"
    if not in_hours(here, table):
        day = next_hours(here, table)
        return f"只在工作日 {HOURS} 提醒，{chinese_day_weekday(day)} {chinese_time(OPENS)} 起可以。"
    if not any(may_now(each, today) for each in sent):
        day = table.nth_working_day(today, 1).day
        return f"今天已经提醒过了，一天最多一次；{chinese_day_weekday(day)} {chinese_time(OPENS)} 起可以再提醒。"
    return ""


HOURS = f"{chinese_time(OPENS)}—{chinese_time(CLOSES)}"


def may_now(sent: Sent, today: date) -> bool:
    """Whether the office may use one of a task's reminders on that day."""
    return sent.times < MOST and sent.last != today


def next_day(since: date, due: date, sent: Sent, today: date, table: DayTable, terms: Terms) -> date | None:
    """The day on which the next reminder goes out by itself; None when none is left."""
    if sent.times >= MOST or sent.used >= MOST:
        return None
    day = today if table.is_working_day(today) else table.nth_working_day(today, 1).day
    for _ in range(120):
        if is_due(stage(since, due, day, table, terms), sent, day):
            return day
        day = table.nth_working_day(day, 1).day
    return None


# Words.


def reminder_text(task: Task) -> str:
    """The message of a reminder."""
    return f"{task.where}：{task.title}，{chinese_day_weekday(task.due)}前{_ASKED[task.kind][1]}。"


def group_text(kind: TaskKind, title: str, due: date, today: date, count: int, link: str) -> str:
    """What the office pastes into a group chat. It names nobody and no branch."""
    people, verb, others = _ASKED[kind]
    day = chinese_day_weekday(due)
    ask = f"请在{day}前{verb}" if today <= due else f"截止日是{day}，还没有办的请尽快{verb}"
    return f"{people}：{title}，{ask}。现在还有 {count} 件没有办完，请看一下自己的待办；{others}。{link}"


def personal_line(task: Task, name: str, today: date, link: str) -> str:
    """One line for one person, to be sent to nobody else."""
    verb = _ASKED[task.kind][1]
    day = chinese_day(task.due)
    ask = f"请在{day}前{verb}" if today <= task.due else f"截止日是{day}，请尽快{verb}"
    return f"{name}，您好：{task.where}，{task.title}，{ask}。{link}"


def times(counts: Iterable[int]) -> str:
    """How often a batch was reminded of, in words: “2 次”, “1—2 次”."""
    found = sorted(set(counts)) or [0]
    return f"{found[0]} 次" if len(found) == 1 else f"{found[0]}—{found[-1]} 次"


# E-mail.

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}")


def address_fault(address: str) -> str:
    """What is wrong with an e-mail address, or nothing. Stricter than the standard: nothing in it can end a header."""
    if len(address) > 120 or not _ADDRESS.fullmatch(address):
        return "邮箱地址读不懂，应当像 name@example.cn 这样，用英文字母和数字。"
    return ""


FIRST_WAIT, LONGEST_WAIT, MOST_TRIES = timedelta(minutes=5), timedelta(hours=6), 12


def wait(tries: int) -> timedelta:
    """How long after so many failed attempts a mail is tried again: 5 minutes, twice as long each time, at most 6 hours."""
    return min(FIRST_WAIT * (1 << min(tries, 10)), LONGEST_WAIT)
