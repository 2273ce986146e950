"""What a first start asks, as data: the organiser, the smallest staffing of four people, the open questions.

Page, terminal and answers file ask for the same fields under the same names (``office_username``; in a file ``username`` under
``[office]``). The open questions stand in data/questions.toml; an installation goes on asking them until each is confirmed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from ..shared.rights import Role

_FOLDER = Path(__file__).with_name("data")


class Kind(Enum):
    """How an answer is given. ``YES`` is a box to tick: “yes” or nothing."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    CHOICE = "choice"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked for. ``most``: characters of a text, or the greatest number."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    default: str = ""
    help: str = ""
    most: int = 60
    least: int = 0
    optional: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    rule: str = ""  # the rulebook's key, where the answer is the value of a rule
    unit: str = ""  # the code of a unit, where the answer is its kind

    @property
    def is_number(self) -> bool:
        """Whether a few digits are all there is room for."""
        return self.kind is Kind.NUMBER

    def in_words(self, answer: str) -> str:
        """An answer as it is read: a choice by its words."""
        return dict(self.choices).get(answer, answer)


@dataclass(frozen=True, slots=True)
class Question:
    """An open question (待定事项): no document found says it, so somebody has to."""

    key: str
    number: int
    title: str
    why: str
    decides: str  # the body or post that decides
    effect: str  # where the answer is used
    parts: tuple[Asked, ...]

    @property
    def defaults(self) -> dict[str, str]:
        """The proposed answer (建议稿)."""
        return {part.name: part.default for part in self.parts}


@dataclass(frozen=True, slots=True)
class Seat:
    """One of the four people without whom nothing can be run with separated powers."""

    key: str
    title: str
    who: str
    does: str
    roles: tuple[Role, ...]


SEATS = (
    Seat(
        "office",
        "机关党委经办",
        "机关党委（人事与老干部处）的同志",
        "导入支部和人员，组织季度报告、星级评定和先进典型选树；不因此评分或投票。",
        (Role.OFFICE,),
    ),
    Seat(
        "sysadmin",
        "系统管理员",
        "信息中心的同志",
        "管账号、登录条和系统设置；不评分，看不到选票。",
        (Role.SYSTEM_ADMIN,),
    ),
    Seat(
        "secadmin",
        "安全管理员兼复核人",
        "其他支部的一位党建联络员，和经办人不在同一个支部",
        "管岗位授权；照原件复核经办人登记的决定，代办经办人本人所在支部的事。",
        (Role.SECURITY_ADMIN, Role.SECOND),
    ),
    Seat(
        "auditor",
        "审计管理员兼纪检",
        "机关纪委的同志",
        "查审计日志，登记纪检意见；不评分。",
        (Role.AUDITOR, Role.DISCIPLINE),
    ),
)

ORGANISER = (
    Asked(
        "organiser_name", "主办党组织全称", default="自治区生态环境厅机关党委", help="印在每一页的页脚和文件的开头。"
    ),
    Asked(
        "organiser_code",
        "代码",
        default="department",
        help="英文字母、数字和短横线，命令行和导入表里用，定了就不改。",
        most=20,
    ),
    Asked(
        "organiser_level",
        "层级",
        Kind.CHOICE,
        "department",
        "设区市级的不能开展创建示范和表彰。",
        choices=(("department", "厅级"), ("city", "设区市级")),
    ),
    Asked(
        "organiser_contact",
        "联系方式",
        default="机关党委（人事与老干部处）",
        help="写处室和电话，忘记密码的人照它来找。",
    ),
    Asked("organiser_filing_number", "网站备案编号", help="有就印在页脚，还没有就空着。", most=40, optional=True),
)

UNITS = (
    Asked(
        "units_load",
        "载入自治区生态环境厅的 25 个单位",
        Kind.YES,
        "yes",
        "厅机关处室、派出和执法机构、直属事业单位、五市局和宁东，名称以 2020 年方案为准，以后可以改。党支部、人员和任职以后用表格导入。",
    ),
)


@cache
def _content(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


def units() -> Mapping[str, Any]:
    """The department's units as the plan names them: ``since`` and ``unit``, a list of rows."""
    return _content("units")


def _person(seat: Seat) -> tuple[Asked, ...]:
    later = ("", "以后再填")
    return (
        Asked(f"{seat.key}_name", "姓名"),
        Asked(f"{seat.key}_username", "账号", help="登录时用，例如姓名拼音 zhangsan。", most=40),
        Asked(f"{seat.key}_mobile", "手机号", most=20, optional=True),
        Asked(
            f"{seat.key}_unit",
            "所在单位",
            Kind.CHOICE,
            optional=True,
            choices=(later, *((row["code"], row["name"]) for row in units()["unit"])),
        ),
    )


PEOPLE: dict[str, tuple[Asked, ...]] = {seat.key: _person(seat) for seat in SEATS}
"""Seat -> what is asked of the person in it."""


def _part(question: str, row: Mapping[str, Any]) -> Asked:
    return Asked(
        f"{question}_{row['key']}",
        row["label"],
        Kind(row.get("kind", "text")),
        str(row["default"]),
        row.get("help", ""),
        row.get("most", 500),
        row.get("least", 0),
        row.get("optional", False),
        tuple((value, words) for value, words in row.get("choices", ())),
        row.get("rule", ""),
        row.get("unit", ""),
    )


QUESTIONS: dict[str, Question] = {
    row["key"]: Question(
        row["key"],
        number,
        row["title"],
        row["why"],
        row["decides"],
        row["effect"],
        tuple(_part(row["key"], part) for part in row["parts"]),
    )
    for number, row in enumerate(_content("questions")["question"], 1)
}

ASKED: dict[str, Asked] = {
    asked.name: asked
    for group in (ORGANISER, *PEOPLE.values(), UNITS, *(question.parts for question in QUESTIONS.values()))
    for asked in group
}
"""Everything a first start asks for, by name."""

DEFAULTS: dict[str, str] = {asked.name: asked.default for asked in ASKED.values()}
