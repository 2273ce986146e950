"""Every number of the rules as data: value, how strictly it is meant, and which document says so.

A rule marked 建议值 is this system's proposal until the office confirms it. Words like 一般 in a source
make a rule a reminder, never a bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..shared.dates import chinese_date
from ..shared.labels import Labelled


class Mode(Labelled):
    """How a rule acts."""

    ENFORCE = "enforce", "必须"
    WARN = "warn", "提醒"
    DEFAULT = "default", "默认值"


@dataclass(frozen=True, slots=True)
class Rule:
    """One number of the rules. ``value`` is exact; ``since`` says from when the source applies, where known."""

    key: str
    title: str
    value: Decimal
    unit: str
    mode: Mode
    source: str
    proposed: bool = False  # 建议值: not found in a document, to be confirmed by the office
    since: str = ""

    @property
    def group(self) -> str:
        """The heading it stands under: “组织生活”."""
        return GROUPS[self.key.split(".")[0]]

    @property
    def shown(self) -> str:
        """The value as a reader writes it: no spare zeros."""
        return f"{self.value.normalize():f}"

    @property
    def since_label(self) -> str:
        """“2018年10月28日起”, or nothing where that is not known."""
        return f"{chinese_date(date.fromisoformat(self.since))}起" if self.since else ""


GROUPS = {"reports": "季度报告", "life": "组织生活", "files": "附件"}
"""Headings of the page of rules, in its order, by the first word of the key."""

_PLAN = "宁环党发〔2020〕25号，措施第7条"
_REGULATION = "《中国共产党支部工作条例（试行）》"


def _rule(
    key: str, title: str, value: int, unit: str, mode: Mode, source: str, *, proposed: bool = False, since: str = ""
) -> Rule:
    return Rule(key, title, Decimal(value), unit, mode, source, proposed, since)


_ALL = (
    _rule(
        "reports.due_working_day",
        "季度报告截止",
        8,
        "季度后第几个工作日",
        Mode.DEFAULT,
        "建议值；季度报告制度见" + _PLAN,
        proposed=True,
    ),
    _rule(
        "reports.most_characters",
        "季度报告全文字数",
        1500,
        "字以内",
        Mode.ENFORCE,
        "建议值；控制篇幅，为基层减负",
        proposed=True,
    ),
    _rule(
        "life.general_meeting",
        "党支部党员大会",
        1,
        "次/季度",
        Mode.WARN,
        _REGULATION + "第十一条，一般每季度召开1次",
        since="2018-10-28",
    ),
    _rule(
        "life.committee",
        "党支部委员会会议",
        3,
        "次/季度",
        Mode.WARN,
        _REGULATION + "第十二条，一般每月召开1次",
        since="2018-10-28",
    ),
    _rule(
        "life.group_meeting",
        "党小组会",
        3,
        "次/季度/组",
        Mode.WARN,
        _REGULATION + "第十三条，一般每月召开1次",
        since="2018-10-28",
    ),
    _rule(
        "life.lecture",
        "党课",
        1,
        "次/季度",
        Mode.WARN,
        "建议值；" + _REGULATION + "第十六条，党课应当定期开展",
        proposed=True,
    ),
    _rule(
        "life.party_day",
        "主题党日",
        3,
        "次/季度",
        Mode.WARN,
        _REGULATION + "第十六条，每月相对固定1天",
        since="2018-10-28",
    ),
    _rule(
        "files.most_a_report",
        "一份季度报告的附件",
        3,
        "个以内",
        Mode.ENFORCE,
        "建议值；附件都可以不附，为基层减负",
        proposed=True,
    ),
    _rule(
        "files.most_megabytes", "一个附件的大小", 20, "MB 以内", Mode.ENFORCE, "建议值；打开和传输不费时", proposed=True
    ),
    _rule(
        "files.daily_megabytes",
        "一人一天传的附件",
        200,
        "MB 以内",
        Mode.ENFORCE,
        "建议值；防止误传和滥用",
        proposed=True,
    ),
)

RULES: dict[str, Rule] = {rule.key: rule for rule in _ALL}
