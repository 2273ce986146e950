"""Read the year's days off and make-up days from what the office pastes.

Three forms, mixed as they come: the sentences of 国务院办公厅关于某年部分节假日安排的通知 (and of the region's own notice for
开斋节 and 古尔邦节), lines of a spreadsheet (`2027-01-01<TAB>放假<TAB>元旦`), and typed lines (`2027年1月3日 上班`).

What is doubtful is an error, never a guess: wrong working days move every deadline. A day under an error is not among
the entries.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ..shared.dates import chinese_date, chinese_day_weekday
from .notice_spans import Span, find_spans
from .notice_statements import Statement, split_statements

STATUTORY_DAYS = 13
"""Days off for everybody in a year (全国年节及纪念日放假办法, 国务院令第795号, since 2025). An arrangement names at least these."""
LONGEST_TEXT, LONGEST_STATEMENT = 20_000, 1_000
"""In characters. A notice has about 700, a spreadsheet of a whole year about 8,000, a sentence fewer than 200."""

_WORKS = r"不放假|(?:调休)?(?:上班|补班)|工作日"
_OFF = r"不上班|(?:调休)?放假(?:调休)?|公休|休息"
_VERB = re.compile(rf"(?P<works>{_WORKS}|(?<![^\t])班(?![^\t]))|(?P<off>{_OFF}|(?<![^\t])[休假](?![^\t]))")
_BETWEEN_DAYS_OF_A_LIST = re.compile(r"[ 、,和及]*")
_STATED_DAYS = re.compile(r"(?<!第)([0-9]+|[一二两三四五六七八九十])天")
_NUMBERS_WITHOUT_MEANING = re.compile(r"^\s*[0-9]{1,3}(?=[\t.、)])|[0-9]{4}年|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_ARRANGEMENT_OF = re.compile(r"([0-9]{4})年[^0-9,]{0,40}(?:放假|节假日)[^0-9,]{0,12}(?:安排|通知)")
_FESTIVAL = re.compile(r"元旦|春节|清明节?|劳动节|端午节?|中秋节?|国庆节?|开斋节|古尔邦节")
_ISSUER = re.compile(r"(?:厅|府|院|局|委|会|部)\s*$")
_HOW_TO = "请粘贴放假通知的正文，或每行写一天，例如2027-01-01 放假 元旦"


@dataclass(frozen=True, order=True, slots=True)
class DayEntry:
    """One day of the arrangement, the festival it belongs to (or "") and the line it was read from (from 1)."""

    day: date
    works: bool
    name: str
    line_number: int


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """What to look at again. Line 0 is the text as a whole. A warning (blocks False) lets the text be saved."""

    line_number: int
    sentence: str
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class NoticeReading:
    """What was understood, by date, and what was not, by line."""

    entries: tuple[DayEntry, ...]
    problems: tuple[Problem, ...]

    @property
    def can_be_saved(self) -> bool:
        return bool(self.entries) and not any(problem.blocks for problem in self.problems)

    @property
    def is_whole_year(self) -> bool:
        """Whether the year is known after this; the region's notice of one festival leaves it as it was."""
        return sum(not entry.works for entry in self.entries) >= STATUTORY_DAYS


def read_notice(text: str, year: int) -> NoticeReading:
    """Read the arrangement of `year`. The last days of the year before and the first of the next may belong to it."""
    if not text.strip():
        return NoticeReading((), (Problem(0, f"没有内容，{_HOW_TO}"),))
    if len(text) > LONGEST_TEXT:
        return NoticeReading((), (Problem(0, f"内容太长，最多{LONGEST_TEXT}字，请只粘贴放假安排"),))
    problems: list[Problem] = []
    read: list[DayEntry] = []
    above = ""
    for statement in split_statements(text):
        read += _read(statement, above, year, problems)
        above = statement.text
    entries = _one_a_day(read, problems)
    problems += _doubts(entries, year, problems)
    return NoticeReading(tuple(sorted(entries)), tuple(sorted(set(problems))))


def _read(statement: Statement, above: str, year: int, problems: list[Problem]) -> Iterator[DayEntry]:
    text = statement.text
    if len(text) > LONGEST_STATEMENT:
        problems.append(Problem(statement.line_at(0), f"“{_shortened(text[:100])}”这一句太长，请分成几句或每行写一天"))
        return
    name = _name(statement)
    spans = list(find_spans(text, year, name))
    verbs = _verbs(text)
    line = statement.line_at(spans[0].start if spans else 0)
    sentence = _whole_statement_problem(text, above, year, spans, verbs)
    if sentence is not None:
        if sentence:
            problems.append(Problem(line, sentence))
        return
    for group, works, stated in _groups_with_verbs(text, spans, verbs):
        line = statement.line_at(group[0].start)
        errors = [Problem(statement.line_at(span.start), span.error) for span in group if span.error]
        days = {day for span in group for day in span.days}
        if works is None:
            shown = text[group[0].start : group[-1].end]
            errors = [Problem(line, f"看不出“{_shortened(shown)}”是放假还是上班，请分成两句写")]
        elif works and any(len(span.days) > 1 and min(day.weekday() for day in span.days) < 5 for span in group):
            errors = [Problem(line, "调休上班的日子请一天一天写")]
        elif not works and not errors and stated and _number(stated) not in _lengths(days, text):
            errors = [Problem(line, f"写的是共{_number(stated)}天，列出的日期却是{len(days)}天，请核对")]
        problems += errors
        if not errors:
            for span in group:
                yield from (DayEntry(day, bool(works), name, statement.line_at(span.start)) for day in span.days)


def _whole_statement_problem(
    text: str, above: str, year: int, spans: list[Span], verbs: list[re.Match[str]]
) -> str | None:
    """Why a statement is not read: a sentence, or "" when there is nothing to read in it. None: read it."""
    other = _ARRANGEMENT_OF.search(text)
    if other and int(other[1]) != year:
        return f"这是{other[1]}年的安排，不是{year}年的"
    # “鼓励各单位安排职工在除夕（2月9日）休息” is advice, not an arrangement.
    if "鼓励" in text:
        return ""
    # “7号” alone is a document's number.
    if not any(span.has_month for span in spans) and not (verbs and _should_name_a_day(text)):
        return ""
    if not spans:
        return f"“{_shortened(text)}”里没有看出日期"
    if not verbs:
        # The date below the issuer's name, or one of the year before, is that of the notice.
        is_signature = spans[0].stated_year and (_ISSUER.search(above) or spans[0].stated_year == str(year - 1))
        return "" if is_signature else f"“{_shortened(text)}”没有写明放假还是上班"
    if "半天" in text:
        return f"“{_shortened(text)}”是半天，工作日按整天计算，请去掉这一句或写成整天"
    rest = text
    for span in reversed(spans):
        rest = rest[: span.start] + " " * (span.end - span.start) + rest[span.end :]
    unread = re.search("[-/.0-9]*[0-9]", _NUMBERS_WITHOUT_MEANING.sub("", _STATED_DAYS.sub("", rest)))
    return f"“{_shortened(text)}”里的“{unread[0][:12]}”没有看懂，请写成2027年1月1日或2027-01-01" if unread else None


def _verbs(text: str) -> list[re.Match[str]]:
    """放假 and 上班 in a statement; in a spreadsheet's line the cell that is the word alone, when there is one."""
    verbs = list(_VERB.finditer(text))
    cells = [verb for verb in verbs if re.search(r"(?:^|\t) *$", text[: verb.start()])]
    cells = [verb for verb in cells if re.match(r" *(?:\t|$)", text[verb.end() :])]
    return cells if "\t" in text and cells else verbs


def _groups_with_verbs(
    text: str, spans: list[Span], verbs: list[re.Match[str]]
) -> Iterator[tuple[list[Span], bool | None, str]]:
    """Lists of days, each with what it says of them (None: cannot be told) and the number of days stated.

    “2月14日、2月28日上班” is one list. The verb stands behind its days, or, when the statement ends on days, before them.
    """
    groups: list[list[Span]] = []
    for span in spans:
        if groups and _BETWEEN_DAYS_OF_A_LIST.fullmatch(text, groups[-1][-1].end, span.start):
            groups[-1].append(span)
        else:
            groups.append([span])
    edges = [0, *(group[-1].end for group in groups)]
    ends = [*(group[0].start for group in groups[1:]), len(text)]
    verb_first = not any(verb.start() >= edges[-1] for verb in verbs)
    works_before: set[bool] = set()
    for number, group in enumerate(groups):
        behind = _said(verbs, edges[number], group[0].start)
        ahead = _said(verbs, group[-1].end, ends[number])
        stated = _STATED_DAYS.search(text, group[-1].end, ends[number])
        if verb_first or number == 0:
            stated = stated or _STATED_DAYS.search(text, edges[number], group[0].start)
        if verb_first:
            # A verb that stands only between the days (“1月1日放假，1月4日”) leaves the last ones open: then all are.
            said = works_before = (behind or works_before) if number == 0 or works_before else set()
        else:
            said = ahead | behind if number == 0 else ahead
        yield group, next(iter(said)) if len(said) == 1 else None, stated[1] if stated else ""


def _said(verbs: list[re.Match[str]], start: int, end: int) -> set[bool]:
    return {verb["works"] is not None for verb in verbs if start <= verb.start() < end}


def _name(statement: Statement) -> str:
    """The festival: the heading's, else one everybody knows, else in a short line a cell that is nothing else."""
    source = statement.heading or statement.text
    known = _FESTIVAL.findall(source)
    if known or statement.heading:
        return "、".join(dict.fromkeys(known)) or statement.heading
    cells = re.split(r"[\t ,]+", source) if len(source) <= 40 else []
    names = (cell for cell in cells if re.fullmatch(r"[\u4e00-\u9fff]{2,12}", cell) and not _VERB.search(cell))
    return next((cell for cell in names if not re.search("周|星期", cell)), "")


def _number(stated: str) -> int:
    return int(stated[:6]) if stated.isdigit() else "一二三四五六七八九十".index(stated.replace("两", "二")) + 1


def _lengths(days: set[date], text: str) -> set[int]:
    """How many days “共n天” may count: with 与周末连休 the weekend beside may be counted in or not."""
    if "连休" not in text:
        return {len(days)}
    joined = set(days)
    for step in (timedelta(days=-1), timedelta(days=1)):
        for day in days:
            while (day := day + step).weekday() >= 5:
                joined.add(day)
    return {len(days), len(joined)}


def _one_a_day(read: Iterable[DayEntry], problems: list[Problem]) -> list[DayEntry]:
    """One entry a day. A day told both ways is an error and no entry."""
    entries: dict[date, DayEntry] = {}
    torn: set[date] = set()
    for entry in read:
        first = entries.setdefault(entry.day, entry)
        if first.works != entry.works:
            torn.add(entry.day)
            where = f"（第{first.line_number}行已写过）" if first.line_number != entry.line_number else ""
            problems.append(Problem(entry.line_number, f"{chinese_date(entry.day)}又写放假又写上班{where}，请核对"))
    return [entry for day, entry in entries.items() if day not in torn]


def _doubts(entries: list[DayEntry], year: int, problems: list[Problem]) -> list[Problem]:
    """What may be right and looks wrong; and that nothing was found, if nothing else was said."""
    if not entries:
        return [] if problems else [Problem(0, f"没有读到放假或上班的日子，{_HOW_TO}")]
    needless = [entry for entry in entries if entry.works and entry.day.weekday() < 5]
    doubts = [
        Problem(entry.line_number, f"{chinese_day_weekday(entry.day)}本来就是工作日，不必写上班", blocks=False)
        for entry in needless
    ]
    days_off = sum(not entry.works for entry in entries)
    if days_off < STATUTORY_DAYS and not any(problem.blocks for problem in problems):
        few = f"只读到{days_off}天放假，{year}年全年不会少于{STATUTORY_DAYS}天；若只是补充个别日子，可以保存"
        doubts.append(Problem(0, few, blocks=False))
    return doubts


def _should_name_a_day(text: str) -> bool:
    """A short line with 放假 or 上班, or one with digits, means a day; titles, table heads and preambles do not."""
    if re.search("安排|通知|日期", text):
        return False
    return len(text.strip()) <= 20 or re.search("[0-9]", re.sub("[0-9]{4}年", "", text)) is not None


def _shortened(text: str) -> str:
    kept = " ".join(text.split())
    return kept if len(kept) <= 24 else kept[:24] + "…"
