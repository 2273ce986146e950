"""Which actions the supervision page tells, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from ..shared.access import Role
from ..shared.dates import chinese_date
from ..shared.labels import Labelled


class Kind(Labelled):
    """What the supervision page tells."""

    RULE = "rule", "改规则"
    MARK = "mark", "改分、更正"
    LATE = "late", "迟交补录"
    OVERRIDE = "override", "破格和例外"
    RECUSAL = "recusal", "回避"
    PAPER = "paper", "代录"
    EARLY = "early", "提前封箱"
    VOID = "void", "作废"
    POST = "post", "任职变更"
    TRIAL = "trial", "试算"


Sentence = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Told:
    """An action that is told: under which kind, in which words; only where the detail holds ``needs`` (one of ``among``)."""

    kind: Kind
    sentence: Sentence
    needs: str = ""
    among: tuple[str, ...] = ()


def _with_reason(words: str) -> Sentence:
    return lambda detail: words + (f"：{detail['reason']}" if detail.get("reason") else "")


def _entry(detail: Mapping[str, Any]) -> str:
    word = {"bar": "登记不得评定情形", "exempt": "登记破格晋升"}.get(detail.get("entry", ""), "登记")
    return f"{word}，依据：{detail.get('basis', '')}"


def _struck(detail: Mapping[str, Any]) -> str:
    word = {"bar": "撤下不得评定情形", "exempt": "撤下破格晋升", "bonus": "撤下加分", "deduction": "撤下减分"}
    return f"{word.get(detail.get('entry', ''), '撤下')}，原依据：{detail.get('basis', '')}"


def _rule(detail: Mapping[str, Any]) -> str:
    late = "（评定或选树进行中改的）" if detail.get("late") else ""
    changed = f"{detail.get('title') or detail.get('rule') or detail.get('key') or '规则'}{late}"
    before, after = detail.get("before", detail.get("old")), detail.get("after", detail.get("value", detail.get("new")))
    if after is not None:
        changed += f"，{before} 改为 {after}" if before is not None else f"，定为 {after}"
    return changed + (f"：{detail['reason']}" if detail.get("reason") else "")


def _rules(detail: Mapping[str, Any]) -> str:
    late = "（评定或选树进行中改的）" if detail.get("late") else ""
    changed = (f"{title}{before} 改为 {after}" for title, (before, after, _) in detail.get("rules", {}).items())
    return f"确定多条规则{late}：{'，'.join(changed)}"


# Posts: the trail holds the numbers of people; whoever asks for a sentence adds their names (``person_name``, ``before_name``).


def _title(detail: Mapping[str, Any]) -> str:
    role = next((role.label for role in Role if role.value == detail.get("role")), "职务")
    return role + ("（代理）" if detail.get("acting") else "")


def _day(detail: Mapping[str, Any], name: str, words: str) -> str:
    return f"，{words}{chinese_date(date.fromisoformat(detail[name]))}" if detail.get(name) else ""


def _granted(detail: Mapping[str, Any]) -> str:
    words = f"任命{detail.get('person_name', '')}为{_title(detail)}{_day(detail, 'starts_on', '任期开始于')}"
    return words + _day(detail, "ends_on", "到") + (f"：{detail['reason']}" if detail.get("reason") else "")


def _ended(detail: Mapping[str, Any]) -> str:
    return f"免去{detail.get('person_name', '')}的{_title(detail)}{_day(detail, 'ends_on', '任期到')}"


def _handed_over(detail: Mapping[str, Any]) -> str:
    people = f"{detail.get('before_name', '')}交接给{detail.get('person_name', '')}"
    return f"{_title(detail)}由{people}{_day(detail, 'starts_on', '任期开始于')}"


def _paper(words: str, detail: Mapping[str, Any]) -> str:
    lay = f"，过了 {detail.get('working_days')} 个工作日才录入" if detail.get("over") else ""
    timely = "；截止日之后录入，按纸上日期算按时" if detail.get("counts_in_time") else ""
    return f"{words}，纸上日期 {detail.get('signed_on', '—')}{lay}{timely}"


def _trial(detail: Mapping[str, Any]) -> str:
    asker = f"，{detail['asker']}申请" if detail.get("asker") else ""
    varied = "，".join(detail.get("varied") or ("规则没有改",))
    return f"核准评分期间的试算（不作依据）{asker}：{varied}；原因：{detail.get('reason', '')}"


TOLD: dict[str, Told] = {
    "rulebook.change_rule": Told(Kind.RULE, _rule),
    "rulebook.restore_rule": Told(Kind.RULE, _rule),
    "rulebook.adopt_rules": Told(Kind.RULE, _rules),
    "rulebook.withdraw": Told(Kind.RULE, _with_reason("撤下放假和调休通知")),
    "ratings.verify": Told(Kind.LATE, lambda detail: f"核定改在评分开始以后：{detail['late']}", "late"),
    "ratings.record": Told(Kind.OVERRIDE, _entry, "entry", ("bar", "exempt")),
    "ratings.strike": Told(Kind.MARK, _struck),
    "ratings.withdraw_step": Told(Kind.MARK, _with_reason("撤下登记的步骤")),
    "ratings.register_tie_vote": Told(Kind.MARK, lambda detail: "登记评委会对并列的表决"),
    "ratings.confirm_trial": Told(Kind.TRIAL, _trial),
    "selection.take_back": Told(Kind.MARK, _with_reason("撤下登记的选树步骤")),
    "selection.reopen": Told(Kind.MARK, _with_reason("重新列入审查")),
    "reports.reopen": Told(Kind.MARK, _with_reason("重新打开已采用的报告")),
    "scoring.unsign": Told(
        Kind.MARK,
        lambda detail: f"评委撤回签名，{detail.get('sheets', 0)} 张评分表可以再改：{detail.get('reason', '')}",
    ),
    "scoring.declare_interest": Told(Kind.RECUSAL, _with_reason("评委申报有关系，不评这个支部")),
    "papers.transcribe": Told(Kind.PAPER, partial(_paper, "代录纸质件")),
    "papers.correct": Told(Kind.PAPER, partial(_paper, "改正代录")),
    "papers.compare": Told(Kind.PAPER, partial(_paper, "复核代录的纸质件")),
    "ballots.close": Told(Kind.EARLY, lambda detail: f"比原定的{detail['early']}提前结束投票", "early"),
    "ballots.void": Told(Kind.VOID, _with_reason("作废投票")),
    "accounts.grant_post": Told(Kind.POST, _granted),
    "accounts.end_post": Told(Kind.POST, _ended),
    "imports.import_posts": Told(
        Kind.POST, lambda detail: "导入任职" + (f"（{detail['role']}）" if detail.get("role") else "")
    ),
    "setup.begin": Told(Kind.POST, lambda detail: "首次启用：任命最少的四个人"),
    "accounts.hand_over_post": Told(Kind.POST, _handed_over),
}
"""Action -> how the supervision page tells it: every override, late change, mark changed after signing, recusal,
transcription and early close has one dated line (design: rules do not move while marks are in)."""
