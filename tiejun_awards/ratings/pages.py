"""What the pages of a cycle show, worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..decisions import services as decisions
from ..decisions.models import RegisteredStep
from ..decisions.rules import Kind
from ..rulebook import services as rulebook
from ..rulebook.rules import Rule
from ..scoring.rules import Brief
from ..scoring.rules import State as SheetState
from ..shared.clock import day_of
from ..shared.dates import chinese_date, chinese_day
from ..shared.facts import Fact
from ..standards import rules as standards
from ..standards.rules import Line, Scheme, points
from ..stars.rules import star_word
from . import branches, queries, rules, services
from .models import CycleBranch, RatingCycle
from .queries import Progress, Value
from .rules import State

STEPS = (
    (State.DRAFTED, "起草"),
    (State.ANNOUNCED, "公告、核定"),
    (State.SCORING, "评委评分"),
    (State.CLOSED, "初评、公示、审定"),
    (State.PUBLISHED, "公布"),
)


def stepper(cycle: RatingCycle) -> list[tuple[str, str]]:
    """The steps of a cycle: (label, done or now or nothing)."""
    order = [state for state, _ in STEPS]
    at = order.index(cycle.state)
    published = cycle.state is State.PUBLISHED
    return [
        (label, "done" if place < at or (place == at and published) else "now" if place == at else "")
        for place, (_, label) in enumerate(STEPS)
    ]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One registered step of a cycle on its page."""

    kind: Kind
    step: RegisteredStep | None
    open: bool  # can be registered now

    @property
    def words(self) -> str:
        """What is known of it, in a line."""
        step = self.step
        if step is None:
            return "还没有登记" if self.open else "还没有到这一步"
        parts = [chinese_date(step.held_on) + (f"至{chinese_day(step.until)}" if step.until else "")]
        parts += [text for text in (step.body, step.place_name, step.number) if text]
        if not step.counts:
            parts.append("等复核人核对")
        return "；".join(parts)


def step_lines(cycle: RatingCycle) -> list[StepLine]:
    """The registered steps of a cycle, in their order."""
    found = decisions.steps_of(cycle)
    order = list(State)
    lines = [
        StepLine(
            kind,
            found.get(kind),
            order.index(cycle.state) >= order.index(since) and cycle.state is not State.PUBLISHED,
        )
        for kind, since in rules.REGISTERED_IN.items()
    ]
    if Kind.TIE_VOTE in found:
        lines.append(StepLine(Kind.TIE_VOTE, found[Kind.TIE_VOTE], False))
    return lines


@dataclass(frozen=True, slots=True)
class Next:
    """What the office does next: a sentence, and where the button leads (an endpoint of this feature), if anywhere."""

    words: str
    label: str = ""
    page: str = ""
    waits: bool = False  # for others: nothing is asked of the office now


def next_of(cycle: RatingCycle, progress: Progress, lines: Sequence[StepLine], today: date, tied: int) -> Next:
    """What comes next in a cycle."""
    match cycle.state:
        case State.DRAFTED:
            return Next("核对考核期和标准，填写依据和文号，抽签组成评委会，然后公告。", "公告", "announce")
        case State.ANNOUNCED if progress.verified < progress.branches:
            left = progress.branches - progress.verified
            return Next(f"党建督导员逐个支部核定，还有 {left} 个。", "看各支部", "branch_list", waits=True)
        case State.ANNOUNCED:
            missing = [line.kind for line in lines if line.kind in rules.BEFORE_SCORING and line.step is None]
            if missing:
                return Next(f"登记{missing[0].label}。", f"登记{missing[0].label}", f"step:{missing[0].value}")
            return Next("各支部都已核定，可以开始评分。", "开始评分", "open_scoring")
        case State.SCORING:
            unsigned = progress.sheets_in_all - progress.sheets[SheetState.SIGNED]
            if unsigned:
                return Next(f"评委正在评分，还有 {unsigned} 份没有签名。", "结束评分", "close", waits=True)
            return Next("评分表全部签名，可以结束评分。", "结束评分", "close")
        case State.CLOSED if tied:
            return Next(
                f"五星级名额线上有 {tied} 个支部同分，书面规则分不出先后，请提请机关党委表决后登记。",
                "登记同分表决",
                "tie",
            )
        case State.CLOSED:
            return _after_closing(lines, today)
        case _:
            assert cycle.published_at is not None
            return Next(f"{chinese_date(day_of(cycle.published_at))}已公布。")


def _after_closing(lines: Sequence[StepLine], today: date) -> Next:
    by_kind = {line.kind: line for line in lines}
    for kind in rules.BEFORE_PUBLISHING:
        if by_kind[kind].step is None:
            return Next(f"登记{kind.label}。", f"登记{kind.label}", f"step:{kind.value}")
    notice, approval = by_kind[Kind.NOTICE].step, by_kind[Kind.APPROVAL].step
    assert notice is not None
    assert approval is not None
    assert notice.until is not None
    if today <= notice.until:
        return Next(f"公示到{chinese_date(notice.until)}为止，期满后公布。")
    if not approval.counts:
        return Next("党组审定已登记，等复核人照原件核对。")
    return Next("公示期满、审定已核对，可以公布。", "公布结果", "publish")


def terms_rows(cycle: RatingCycle) -> list[tuple[str, str, list[Rule]]]:
    """The terms in words, each with the rules it comes from: of a draft as they would be announced now, then as announced."""
    terms = services.terms_of(cycle.organiser_id) if cycle.state is State.DRAFTED else cycle.announced_terms
    two, three, four, five = (points(floor) for floor in terms.floors)
    first = "按得分直接定星" if terms.first >= 5 else f"最高{star_word(terms.first)}"

    def by(*keys: str) -> list[Rule]:
        return [rulebook.rule(cycle.organiser_id, f"rating.{key}", cycle.announced_at) for key in keys]

    return [
        ("考核期", f"{cycle.quarters[0].label}至{cycle.quarters[-1].label}", []),
        (
            "档线",
            f"{five} 分以上五星级，{four} 分以上四星级，{three} 分以上三星级，{two} 分以上二星级，以下一星级",
            by("floor_5"),
        ),
        ("五星级比例", f"参评支部的 {terms.quota}% 以内" if terms.quota < 100 else "不限", by("quota")),
        ("升星", f"一年最多升 {terms.climb} 星；首次评定{first}", by("climb", "first")),
        ("新成立支部", f"到期末不满 {terms.new_months} 个月的，参加评定、不确定星级", by("new_months")),
        ("加分", f"合计最多 {points(terms.bonus_cap)} 分", by("bonus_cap")),
        (
            "计分方法",
            f"评委 {terms.judges_for_trimming} 名以上且每个支部至少 {terms.sheets_for_trimming} 份签名评分表时，"
            "去掉最高、最低各一份再平均；否则全部平均。全部支部用同一种。",
            by("judges_for_trimming", "sheets_for_trimming"),
        ),
        ("同分", "五星级名额线上同分的，不达标指标少的在前；再看“党建与业务融合”得分；仍同分由机关党委表决。", []),
    ]


# Verifying.


@dataclass(frozen=True, slots=True)
class CaseField:
    """A 扣分情形 on the page of those who verify. ``fixed`` was counted by the system and is not typed."""

    name: str
    text: str
    off: str
    most: int
    value: str
    fixed: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class VerifyLine:
    """One line on that page."""

    line: Line
    cases: Sequence[CaseField]
    rows: Sequence[tuple[str, str]]
    uncounted: bool
    reason: str


def verify_lines(
    place: CycleBranch,
    scheme: Scheme,
    facts: Mapping[str, Fact],
    values: Mapping[str, Value],
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> list[VerifyLine]:
    """The lines with one agreed value, as they are to be agreed: counted cases filled in, others as kept or typed."""
    return [_verify_line(place, line, facts, values.get(line.code), typed, faults or {}) for line in scheme.given]


def _verify_line(
    place: CycleBranch,
    line: Line,
    facts: Mapping[str, Fact],
    kept: Value | None,
    typed: Mapping[str, str] | None,
    faults: Mapping[str, str],
) -> VerifyLine:
    counted = branches.counted_times(line, facts, place.branch.party_groups)
    cases = []
    for case in line.cases:
        name = f"times-{line.code}-{case.code}"
        if case.code in counted:
            value = str(counted[case.code])
        elif typed is not None:
            value = typed.get(name, "")
        else:
            often = kept.times.get(case.code, 0) if kept else 0
            value = str(often) if often else ""
        cases.append(
            CaseField(name, case.text, points(case.off), case.most, value, case.code in counted, faults.get(name, ""))
        )
    reason = typed.get(f"reason-{line.code}", "") if typed is not None else kept.reason if kept else ""
    rows = [(day, text) for day, text in branches.evidence(line, facts)]
    return VerifyLine(line, cases, rows, branches.uncounted(line, facts), reason)


# What a judge is shown.


def brief(panel_id: int, branch_id: int, scheme: Scheme) -> Brief:
    """What was counted and verified of a branch, for the judges of its cycle's panel. Neither star nor total."""
    place = queries.place_on_panel(panel_id, branch_id)
    values = queries.values_of_place(place.id)
    rows = []
    for category in scheme.categories:
        lines = [line for line in category.lines if line.giver is not standards.Giver.JUDGED]
        if not lines:
            continue
        got = sum(values[line.code].value for line in lines if line.code in values)
        off = "；".join(filter(None, (_off(line, values.get(line.code)) for line in lines)))
        rows.append((category.name, f"{points(got)} / {points(sum(line.most for line in lines))}", off))
    groups = f"，{place.party_groups} 个党小组" if place.party_groups else ""
    facts = [("党员", f"{place.members} 名{groups}")]
    if place.pilot:
        facts.append(("试点", "规范化标准化建设试点支部"))
    if place.survey:
        facts.append(("群众测评", f"各支部合计：{place.survey}"))
    return Brief(facts, rows, [("支部自述", place.own_words)] if place.own_words else [])


def _off(line: Line, value: Value | None) -> str:
    if value is None or value.value == line.most:
        return ""
    words = standards.in_words(line, value.times)
    return f"{line.code} {words}" + (f"（{value.reason}）" if value.reason else "")
