"""Programmes as data, and what has to be known of a call before it is announced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..shared.labels import Labelled


class Form(Labelled):
    """How somebody is recognised. 表彰 and 创建示范 need an approved item and a department; the others do not."""

    SELECTED = "selected", "选树"
    ELECTED = "elected", "推选"
    PRAISED = "praised", "通报表扬"
    COMMENDED = "commended", "表彰"
    DEMONSTRATED = "demonstrated", "创建示范"


APPROVED = {
    Form.COMMENDED: "《评比达标表彰活动管理办法》（中办发〔2018〕69号）",
    Form.DEMONSTRATED: "《创建示范活动管理办法（试行）》第三、四条",
}
"""Forms that only a department runs, with an approval: form -> the document that says so."""


class Subject(Labelled):
    """Whom a programme looks for."""

    PERSON = "person", "个人"
    COLLECTIVE = "collective", "集体"


class Visibility(Labelled):
    """Where results are shown. Publishing outside is another verb with a paper of its own."""

    INSIDE = "inside", "系统内公布"


@dataclass(frozen=True, slots=True)
class Programme:
    """One item of the plan for which exemplars are selected."""

    key: str
    title: str
    subject: Subject
    criteria: tuple[str, ...]
    barred: tuple[str, ...]  # 否决情形
    source: str
    short: str  # in honour numbers
    form: Form = Form.PRAISED
    visibility: Visibility = Visibility.INSIDE


_BARRED = (
    "在党纪政务处分影响期内，或者正在接受审查调查",
    "近三年发生较大以上责任事故（事件），或者因环境违法违规、失职被问责",
    "环境监测数据弄虚作假",
    "推荐材料弄虚作假，或者信访举报查实影响推荐",
    "已获得同级及以上同类荣誉，同一事由重复推荐",
)

_PLAN = "宁环党发〔2020〕25号，措施第22条；条件为建议稿，由机关党委确认"

PROGRAMMES: dict[str, Programme] = {
    programme.key: programme
    for programme in (
        Programme(
            "good_team",
            "干事创业好班子",
            Subject.COLLECTIVE,
            (
                "政治过硬，坚决落实党中央决策部署和自治区党委要求",
                "团结协作，认真执行民主集中制",
                "干事创业氛围浓，污染防治攻坚战等重点任务完成好",
                "作风优良，联系群众，为基层减负",
                "清正廉洁，近三年班子成员无违纪违法",
            ),
            _BARRED,
            _PLAN,
            "HBZ",
        ),
        Programme(
            "good_cadre",
            "担当作为好干部",
            Subject.PERSON,
            (
                "政治可靠，对党忠诚",
                "在急难险重任务中敢于负责、勇于担当",
                "善于作为，实绩突出",
                "群众公认，作风过硬，务实廉洁",
                "近三年年度考核均在称职（合格）以上",
            ),
            (*_BARRED, "年度考核基本称职以下，或者民主评议基本合格以下"),
            _PLAN,
            "HGB",
        ),
    )
}
"""The programmes calls can be made for, in the plan's order."""


class State(Labelled):
    """Where a call is; what can be done in it on a day is its phase."""

    DRAFT = "draft", "草稿"
    ANNOUNCED = "announced", "进行中"
    PUBLISHED = "published", "已公布"


class Verb(Labelled):
    """What can be done with a call."""

    ANNOUNCE = "announce", "发出"
    PUBLISH = "publish", "公布结果"


MOVES = {
    (State.DRAFT, Verb.ANNOUNCE): State.ANNOUNCED,
    (State.ANNOUNCED, Verb.PUBLISH): State.PUBLISHED,
}


class Phase(Labelled):
    """What a call is about on a day."""

    DRAFT = "draft", "草稿"
    COMING = "coming", "未开始"
    SUGGESTING = "suggesting", "群众推荐中"
    RECOMMENDING = "recommending", "单位推荐中"
    SELECTING = "selecting", "评选中"
    PUBLISHED = "published", "已公布"


def phase(state: State, opens_on: date, suggest_by: date, recommend_by: date, today: date) -> Phase:
    """What is going on in a call on that day; every limit is the last day that still counts."""
    if state is State.DRAFT:
        return Phase.DRAFT
    if state is State.PUBLISHED:
        return Phase.PUBLISHED
    if today < opens_on:
        return Phase.COMING
    if today <= suggest_by:
        return Phase.SUGGESTING
    return Phase.RECOMMENDING if today <= recommend_by else Phase.SELECTING


@dataclass(frozen=True, slots=True)
class Plan:
    """What the office typed of a call. ``quota``: how many are to be recognised; ``per_unit``: how many a unit may put forward."""

    title: str = ""
    programme: str = ""
    form: Form = Form.PRAISED
    year: int | None = None
    opens_on: date | None = None
    suggest_by: date | None = None
    recommend_by: date | None = None
    quota: int | None = None
    per_unit: int | None = None
    number: str = ""
    approval_ref: str = ""


MOST_SEATS, MOST_PER_UNIT = 999, 9
LIMITS = {"title": 60, "number": 60, "approval_ref": 60}


def why_not_this_form(form: Form, approval_ref: str, *, department: bool) -> tuple[str, str]:
    """(field, sentence) of why an organiser cannot use a form, with the source; two empty texts when it can."""
    if form not in APPROVED:
        return "", ""
    instead = "请用选树、推选或通报表扬"
    if not department:
        return "form", f"设区市级主办党组织不能开展“{form.label}”，{instead}。依据：{APPROVED[form]}。"
    if not approval_ref:
        return "approval_ref", f"“{form.label}”须有批准文号；没有批准的，{instead}。依据：{APPROVED[form]}。"
    return "", ""


def faults(plan: Plan, *, department: bool = True) -> dict[str, str]:
    """What is wrong with a call: field -> sentence; empty when it can be kept. ``department``: the organiser's level."""
    found = {
        name: f"最多 {limit} 字，请删减一些。" for name, limit in LIMITS.items() if len(getattr(plan, name)) > limit
    }
    if not plan.title:
        found["title"] = "请填写通知的标题。"
    if plan.programme not in PROGRAMMES:
        found["programme"] = "请选一个项目。"
    if plan.year is None or not 2000 <= plan.year <= 2100:
        found["year"] = "请填写年度，例如 2026。"
    if plan.quota is None or not 1 <= plan.quota <= MOST_SEATS:
        found["quota"] = f"名额请填 1 至 {MOST_SEATS} 的整数。"
    if plan.per_unit is None or not 1 <= plan.per_unit <= MOST_PER_UNIT:
        found["per_unit"] = f"每个单位可推荐几个，请填 1 至 {MOST_PER_UNIT} 的整数。"
    field, sentence = why_not_this_form(plan.form, plan.approval_ref, department=department)
    if sentence:
        found[field] = sentence
    return found | _date_faults(plan)


def _date_faults(plan: Plan) -> dict[str, str]:
    found = {
        name: "请填写日期，例如 2026-03-18。"
        for name in ("opens_on", "suggest_by", "recommend_by")
        if getattr(plan, name) is None
    }
    if plan.opens_on and plan.suggest_by and plan.suggest_by < plan.opens_on:
        found["suggest_by"] = "群众推荐的截止日在开始日之前，请核对。"
    if plan.suggest_by and plan.recommend_by and plan.recommend_by < plan.suggest_by:
        found["recommend_by"] = "单位报送的截止日在群众推荐截止日之前，请核对。"
    return found


def why_not_announced(number: str, suggest_by: date, today: date) -> tuple[str, str]:
    """(field, sentence) of what keeps a kept call from being announced; two empty texts when nothing does."""
    if not number:
        return "number", "请填写通知的文号，没有文号不能发出。"
    if suggest_by < today:
        return "suggest_by", "群众推荐的截止日已经过了，请改一个以后的日子。"
    return "", ""
