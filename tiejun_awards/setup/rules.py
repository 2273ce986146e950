"""What is wrong with the answers of a first start, and with an answer to an open question. Pure; every sentence beside its field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from ..accounts.rules import mobile_key, username_key
from ..shared.dates import chinese_date, parse_count
from ..shared.labels import Labelled
from .sections import ASKED, DEFAULTS, ORGANISER, PEOPLE, QUESTIONS, SEATS, UNITS, Asked, Kind, Question

Texts = Mapping[str, str]
"""Name of what was asked -> what was typed."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The document an answer goes back to."""

    decided_by: str
    decided_on: date | None
    document: str


class QuestionState(Labelled):
    """Where an open question stands."""

    PROPOSED = "proposed", "建议稿"
    CONFIRMED = "confirmed", "已确认"


_CODE = re.compile(r"[a-z][a-z0-9-]*")
_USERNAME_SIGNS = frozenset("._-@")
_NAME_SIGNS = frozenset(" ·•．.-'（）()")


def fault_of(asked: Asked, text: str) -> str:
    """What is wrong with one answer by itself, or nothing."""
    text = text.strip()
    if asked.kind is Kind.YES:
        return "" if text in ("", "yes") else "请写 yes，或者空着。"
    if not text:
        return "" if asked.optional else f"请{'选' if asked.kind is Kind.CHOICE else '填写'}{asked.label}。"
    if asked.kind is Kind.CHOICE:
        return "" if text in dict(asked.choices) else f"没有“{text[:20]}”这一项，请选列出的一项。"
    if asked.kind is Kind.NUMBER:
        return _fault_of_number(asked, text)
    if len(text) > asked.most:
        return f"{asked.label}最多 {asked.most} 字，现在 {len(text)} 字，请删减一些。"
    return _OWN_RULES.get(asked.name.partition("_")[2] if asked.name in _OF_PEOPLE else asked.name, _nothing)(text)


def _fault_of_number(asked: Asked, text: str) -> str:
    try:
        number = parse_count(text, asked.most)
    except ValueError as error:
        return f"{error}。"
    return "" if number >= asked.least else f"最小是 {asked.least}，请核对。"


def _nothing(_text: str) -> str:
    return ""


def fault_of_code(text: str) -> str:
    """What is wrong with an organiser's code."""
    return "" if _CODE.fullmatch(text) else "代码只能用小写英文字母、数字和短横线，字母开头，例如 department。"


def fault_of_name(text: str) -> str:
    """What is wrong with somebody's name: letters of any script, the dots and signs of names, nothing that cannot be seen."""
    plain = unicodedata.normalize("NFKC", text)
    if any(not _in_a_name(char) for char in plain):
        return "姓名里有看不见或不是文字的字符，请重新输入。"
    if not any(unicodedata.category(char).startswith("L") for char in plain):
        return "姓名里没有文字，请核对。"
    return ""


def _in_a_name(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" or char in _NAME_SIGNS


def fault_of_username(text: str) -> str:
    """What is wrong with a user name: 2 to 40 letters and digits as they are compared (NFKC), some signs between."""
    key = username_key(text)
    if any(not (char.isalnum() or char in _USERNAME_SIGNS) for char in key):
        return "账号只能用字母、汉字、数字和 . _ - @，中间不空格。"
    if not 2 <= len(key) <= 40 or not any(char.isalnum() for char in key):
        return "账号要 2 至 40 个字符。"
    return ""


def _fault_of_mobile(text: str) -> str:
    return "" if mobile_key(text) else "手机号应当是 1 开头的 11 位数字；没有就空着。"


_OWN_RULES = {
    "organiser_code": fault_of_code,
    "name": fault_of_name,
    "username": fault_of_username,
    "mobile": _fault_of_mobile,
}
_OF_PEOPLE = frozenset(asked.name for group in PEOPLE.values() for asked in group)


def faults_of(question: Question, texts: Texts) -> dict[str, str]:
    """What is wrong with the answer to an open question: name -> sentence."""
    found = {part.name: fault_of(part, texts.get(part.name, "")) for part in question.parts}
    found = {name: sentence for name, sentence in found.items() if sentence}
    more = _FURTHER_FAULTS.get(question.key)
    return found if found or more is None else more(texts)


def _faults_of_floors(texts: Texts) -> dict[str, str]:
    floors = [(star, parse_count(texts[f"stars_floor_{star}"])) for star in (5, 4, 3, 2)]
    return {
        f"stars_floor_{star}": "每一星的分数线要比上一星的低。"
        for (_, above), (star, floor) in pairwise(floors)
        if floor >= above
    }


def _faults_of_commendation(texts: Texts) -> dict[str, str]:
    if texts["commendation_form"].strip() == "commend" and not texts.get("commendation_approval", "").strip():
        return {"commendation_approval": "按表彰办理要有批准文号；没有文号，请选通报表扬、选树或推选。"}
    return {}


_FURTHER_FAULTS = {"stars": _faults_of_floors, "commendation": _faults_of_commendation}
"""Question -> what its parts have to do with each other."""


def faults(texts: Texts) -> dict[str, str]:
    """What is wrong with the answers of a first start: name -> sentence; empty when it can be done."""
    found: dict[str, str] = {}
    for asked in (*ORGANISER, *(one for group in PEOPLE.values() for one in group), *UNITS):
        sentence = fault_of(asked, texts.get(asked.name, ""))
        if sentence:
            found[asked.name] = sentence
    for question in QUESTIONS.values():
        found |= faults_of(question, texts)
    return {**faults_between(texts), **found}


def faults_between(texts: Texts) -> dict[str, str]:
    """The four are four people; the units are the department's."""
    found = {}
    for part, key, sentence in (
        ("name", _name_key, "这个姓名和{}的一样。四个岗位要由四个人担任；确是同名，请在姓名后注明单位。"),
        (
            "username",
            username_key,
            "这个账号和{}的是同一个（全角、大小写不同也算同一个）。系统三类管理员和经办人必须是不同的人。",
        ),
        ("mobile", mobile_key, "这个手机号和{}的一样，请核对。"),
    ):
        taken: dict[str, str] = {}
        for seat in SEATS:
            value = key(texts.get(f"{seat.key}_{part}", ""))
            if value and taken.setdefault(value, seat.title) != seat.title:
                found[f"{seat.key}_{part}"] = sentence.format(taken[value])
    loads = bool(texts.get("units_load", "").strip())
    if loads and texts.get("organiser_level") == "city":
        found["units_load"] = "这些是自治区生态环境厅的单位，设区市级的请不要勾选，以后导入自己的。"
    if not loads:
        for seat in SEATS:
            if texts.get(f"{seat.key}_unit", "").strip():
                found[f"{seat.key}_unit"] = "没有勾选载入单位，这里请选“以后再填”。"
    return found


def _name_key(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def read_answers(content: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """An answers file as (name -> text, what in it nobody asked for). What it leaves out keeps its default."""
    texts = dict(DEFAULTS)
    unknown = []
    for section, rows in content.items():
        for key, value in rows.items() if isinstance(rows, dict) else [("", rows)]:
            name = f"{section}_{key}"
            if name not in ASKED:
                unknown.append(f"{section}.{key}".rstrip("."))
            elif isinstance(value, bool):
                texts[name] = "yes" if value else ""
            else:
                texts[name] = str(value)
    return texts, unknown


def plain(question: Question, texts: Texts) -> dict[str, str]:
    """An answer as it is kept: trimmed, numbers in plain digits. Only what ``faults_of`` finds nothing wrong with."""
    return {
        part.name: str(parse_count(text)) if part.kind is Kind.NUMBER else text
        for part, text in ((part, texts.get(part.name, "").strip()) for part in question.parts)
    }


def faults_of_paper(paper: Paper, today: date) -> dict[str, str]:
    """What is wrong with the document of an answer: field -> sentence."""
    found = {}
    if not 0 < len(paper.decided_by) <= 60:
        found["decided_by"] = "请填写由谁决定，例如机关党委会议，最多 60 字。"
    if paper.decided_on is None:
        found["decided_on"] = "请填写决定的日期，例如 2026-03-18。"
    elif paper.decided_on > today:
        found["decided_on"] = f"{chinese_date(paper.decided_on)}还没有到，决定以后再确认。"
    if not 0 < len(paper.document) <= 60:
        found["document"] = "请填写文号或纪要编号，最多 60 字；没有文件，请先存为建议稿。"
    return found
