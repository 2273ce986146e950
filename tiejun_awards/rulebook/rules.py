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


GROUPS = {
    "reports": "季度报告",
    "life": "组织生活",
    "rating": "星级评定",
    "pilots": "试点支部",
    "notice": "公示",
    "files": "附件",
    "nominations": "先进典型",
    "reminders": "提醒",
}
"""Headings of the page of rules, in its order, by the first word of the key."""

_PLAN = "宁环党发〔2020〕25号，措施第7条"
_REGULATION = "《中国共产党支部工作条例（试行）》"
_REMIND = "建议值；一件事最多提醒 3 次，只在工作时间"


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
        "rating.floor_5",
        "五星级分数线",
        90,
        "分（含）以上",
        Mode.DEFAULT,
        "各地方案以90/80/70/60分档最多",
        proposed=True,
    ),
    _rule(
        "rating.floor_4",
        "四星级分数线",
        80,
        "分（含）以上",
        Mode.DEFAULT,
        "各地方案以90/80/70/60分档最多",
        proposed=True,
    ),
    _rule(
        "rating.floor_3",
        "三星级分数线",
        70,
        "分（含）以上",
        Mode.DEFAULT,
        "各地方案以90/80/70/60分档最多",
        proposed=True,
    ),
    _rule(
        "rating.floor_2",
        "二星级分数线",
        60,
        "分（含）以上",
        Mode.DEFAULT,
        "各地方案以90/80/70/60分档最多",
        proposed=True,
    ),
    _rule(
        "rating.quota",
        "五星级比例",
        30,
        "%以内，向下取整，至少1个",
        Mode.ENFORCE,
        "各地方案多为30%以内，也有10%",
        proposed=True,
    ),
    _rule(
        "rating.climb",
        "逐级晋升",
        1,
        "星/年以内",
        Mode.ENFORCE,
        "各地方案通行“逐级晋升”，破格须有依据",
        proposed=True,
    ),
    _rule(
        "rating.first",
        "首次评定",
        5,
        "星为上限（5为按得分直接定星）",
        Mode.DEFAULT,
        "建议值",
        proposed=True,
    ),
    _rule(
        "rating.new_months",
        "新成立支部",
        12,
        "个月内参加评定、不确定星级",
        Mode.ENFORCE,
        "嵊州等地做法：当年新成立的不定星级",
        proposed=True,
    ),
    _rule(
        "rating.bonus_cap",
        "加分封顶",
        10,
        "分",
        Mode.DEFAULT,
        "参照110分制中的加分10分",
        proposed=True,
    ),
    _rule(
        "rating.judges_for_trimming",
        "去掉最高最低分所需评委",
        7,
        "名以上",
        Mode.DEFAULT,
        "评审通行做法",
        proposed=True,
    ),
    _rule(
        "rating.sheets_for_trimming",
        "去掉最高最低分所需评分表",
        5,
        "份以上（每个支部）",
        Mode.DEFAULT,
        "建议值",
        proposed=True,
    ),
    _rule("pilots.most", "试点支部上限", 4, "个", Mode.ENFORCE, _PLAN),
    _rule("pilots.fewest", "试点支部下限", 2, "个", Mode.WARN, _PLAN),
    _rule(
        "notice.working_days",
        "公示期",
        5,
        "个工作日以上",
        Mode.ENFORCE,
        "各地推荐评选通知的通行要求，公示不少于5个工作日",
        proposed=True,
    ),
    _rule(
        "nominations.deeds_least",
        "群众推荐事迹",
        100,
        "字以上",
        Mode.ENFORCE,
        "建议值；写清一两件事即可，三分钟能写完",
        proposed=True,
    ),
    _rule(
        "nominations.deeds_most",
        "群众推荐事迹",
        600,
        "字以内",
        Mode.ENFORCE,
        "建议值；控制篇幅，为基层减负",
        proposed=True,
    ),
    _rule(
        "nominations.brief_most",
        "单位推荐简要事迹",
        500,
        "字以内",
        Mode.ENFORCE,
        "各地推荐评选通知的通行要求，简要事迹300至500字",
        proposed=True,
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
    _rule("reminders.first", "第一次提醒", 5, "个工作日（截止前）", Mode.DEFAULT, _REMIND, proposed=True),
    _rule("reminders.second", "第二次提醒", 1, "个工作日（截止前）", Mode.DEFAULT, _REMIND, proposed=True),
    _rule("reminders.after", "第三次提醒", 1, "个工作日（截止后）", Mode.DEFAULT, _REMIND, proposed=True),
    _rule("reminders.confirm_within", "核对登记", 5, "个工作日内", Mode.DEFAULT, "建议值", proposed=True),
    _rule("reminders.mark_within", "评分表签名", 10, "个工作日内（开始评分后）", Mode.DEFAULT, "建议值", proposed=True),
)

RULES: dict[str, Rule] = {rule.key: rule for rule in _ALL}
