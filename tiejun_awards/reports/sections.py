"""The form of the quarterly report as data: twelve sections and their fields (党支部书记抓党建季度报告)."""

from __future__ import annotations

from dataclasses import dataclass

from ..shared.labels import Labelled


class RecordKind(Labelled):
    """Kinds of one-line records of organisation life (三会一课 and what belongs to it)."""

    GENERAL_MEETING = "general_meeting", "党员大会"
    COMMITTEE = "committee", "支委会"
    GROUP_MEETING = "group_meeting", "党小组会"
    LECTURE = "lecture", "党课"
    PARTY_DAY = "party_day", "主题党日"
    LIFE_MEETING = "life_meeting", "组织生活会"
    APPRAISAL = "appraisal", "民主评议党员"


KIND_BY_WORD = {
    **{kind.label: kind for kind in RecordKind},
    **{kind.value: kind for kind in RecordKind},
    "党支部党员大会": RecordKind.GENERAL_MEETING,
    "支部党员大会": RecordKind.GENERAL_MEETING,
    "党支部委员会会议": RecordKind.COMMITTEE,
    "支部委员会会议": RecordKind.COMMITTEE,
    "支部委员会": RecordKind.COMMITTEE,
    "民主评议": RecordKind.APPRAISAL,
}
"""Words people type or paste for a kind of record."""


class Fixing(Labelled):
    """What became of a problem of the quarter before."""

    DONE = "done", "已整改"
    GOING_ON = "going_on", "正在整改"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. ``limit`` counts characters without spaces; ``last`` offers last quarter's text."""

    name: str
    label: str
    kind: str = "count"  # count | text (one line) | long (several lines)
    unit: str = ""
    limit: int = 0
    help: str = ""
    required: bool = False
    last: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """One of the twelve sections."""

    number: int
    title: str
    fields: tuple[Field, ...] = ()

    @property
    def numeral(self) -> str:
        """一, 二 … 十二."""
        return "一二三四五六七八九十"[self.number - 1] if self.number <= 10 else "十" + "一二"[self.number - 11]


SECTIONS: tuple[Section, ...] = (
    Section(
        1,
        "基本信息",
        (
            Field("members", "正式党员", unit="名", required=True),
            Field("probationary", "预备党员", unit="名", required=True),
            Field("retired", "其中离退休", unit="名"),
            Field("committee_size", "支委", unit="名"),
            Field("party_groups", "党小组", unit="个"),
        ),
    ),
    Section(
        2,
        "组织生活落实",
        (
            Field("study_sessions", "集中学习", unit="次"),
            Field("study_hours", "集中学习时长", unit="学时"),
            Field(
                "study_note", "学习情况说明", "text", limit=60, help="可写学习强国、网络学院等，一句话即可，不写积分。"
            ),
        ),
    ),
    Section(
        3,
        "党员队伍",
        (
            Field("applicants", "入党申请人", unit="名"),
            Field("activists", "入党积极分子", unit="名"),
            Field("candidates", "发展对象", unit="名"),
            Field("admitted", "接收预备党员", unit="名"),
            Field("made_full", "预备党员转正", unit="名"),
            Field("transferred_in", "组织关系转入", unit="名"),
            Field("transferred_out", "组织关系转出", unit="名"),
            Field("dues_due", "党费应交", unit="人"),
            Field("dues_paid", "党费实交", unit="人"),
            Field("pledges_made", "党员公诺", unit="项"),
            Field("pledges_kept", "已兑现", unit="项"),
            Field("cared_for", "关怀帮扶", unit="人次"),
            Field("punished", "受处分", unit="人", help="只填人数。"),
        ),
    ),
    Section(
        4,
        "书记履职",
        (
            Field("party_work", "研究党建工作", unit="次"),
            Field("lectures_given", "书记讲党课", unit="次"),
            Field("talks", "谈心谈话", unit="人"),
            Field("ideology", "研究意识形态", unit="次"),
            Field("integrity", "研究党风廉政", unit="次"),
            Field("project", "书记项目", "text", limit=100, help="带头领办的一件事和进展；没有可不填。"),
        ),
    ),
    Section(
        5,
        "重点任务与业务融合",
        (
            Field("tasks", "重点任务进展", "long", limit=300, help="本单位承担的措施推进到哪一步，一两句话。"),
            Field("brand", "品牌建设、结对共建、志愿服务", "long", limit=200, help="没有新情况可以沿用上季度。"),
        ),
    ),
    Section(
        6, "亮点做法", (Field("highlight", "亮点做法", "long", limit=500, help="做了什么、有什么变化，一件就好。"),)
    ),
    Section(
        7,
        "存在问题及原因",
        (
            Field(
                "problems",
                "存在问题及原因",
                "long",
                limit=500,
                help="至少 1 条，一条一行。自己查出来、写在这里的问题不扣分。",
                required=True,
            ),
        ),
    ),
    Section(8, "上季度问题整改"),
    Section(9, "下季度打算", (Field("next_quarter", "下季度打算", "long", limit=300, help="要紧的几件。"),)),
    Section(10, "需上级协调事项", (Field("support", "需上级协调事项", "long", limit=200, help="没有就写“无”。"),)),
    Section(11, "附件"),
    Section(12, "书记确认"),
)

FIELDS: dict[str, Field] = {field.name: field for section in SECTIONS for field in section.fields}
