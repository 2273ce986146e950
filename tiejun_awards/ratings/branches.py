"""The verbs of one branch in a cycle: agree its values, record a bonus, a deduction or a bar, tell the judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from ..shared.access import Actor, Permission
from ..shared.db import db
from ..shared.errors import Refused
from ..shared.facts import Fact
from ..shared.use_case import tell, use_case
from ..standards import rules as standards
from ..standards.rules import Line, Scheme
from . import queries, services
from .models import BranchEntry, CycleBranch, EntryKind, LineValue, RatingCycle
from .rules import State

MOST_WORDS = 500
"""支部自述: characters."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed of one line: how often each case holds, and a reason in words."""

    times: Mapping[str, int]
    reason: str = ""


def counted_times(line: Line, facts: Mapping[str, Fact], party_groups: int) -> dict[str, int]:
    """How often the counted cases of a line hold; cases whose fact could not be counted are not in it."""
    return {
        case.code: case.times(facts[case.counted].count, party_groups) for case in line.counted if case.counted in facts
    }


def uncounted(line: Line, facts: Mapping[str, Fact]) -> bool:
    """Whether the system would count this line, but could not."""
    return any(case.counted not in facts for case in line.counted)


def evidence(line: Line, facts: Mapping[str, Fact]) -> list[list[str]]:
    """The rows a line was counted from, as they are kept."""
    return [
        [row.on.isoformat(), row.text]
        for case in line.counted
        if case.counted in facts
        for row in facts[case.counted].rows
    ]


@use_case(Permission.VERIFY_BRANCH)
def verify(
    actor: Actor,
    place: CycleBranch,
    agreed: Mapping[str, Agreed],
    *,
    version: int,
    late_reason: str = "",
    key: str = "",
) -> CycleBranch:
    """核定: one agreed value a line; what the system counted stands, what it could not count the check team gives."""
    cycle, scheme = place.cycle, queries.scheme_of(place.cycle)
    if cycle.state not in (State.ANNOUNCED, State.SCORING):
        raise Refused(f"现在是“{cycle.state.label}”，不能核定。")
    late = cycle.state is State.SCORING
    if late and not 0 < len(late_reason.strip()) <= 200:
        raise Refused("评分已经开始，更正要写明原因，最多 200 字。", field="late_reason")
    facts = queries.facts_of(place)
    kept = {
        row.line: row for row in db.session.scalars(sa.select(LineValue).where(LineValue.cycle_branch_id == place.id))
    }
    changed = {}
    for line in scheme.given:
        times, reason = _agreed(line, agreed.get(line.code, Agreed({})), facts, place.branch.party_groups)
        value = line.most - standards.taken_off(line, times)
        row = kept.get(line.code)
        if row is None:
            row = LineValue(cycle_branch_id=place.id, line=line.code, most=line.most)
            db.session.add(row)
        elif row.value != value:
            changed[line.code] = [row.value, value]
        row.value, row.times, row.reason, row.rows = value, times, reason, evidence(line, facts)
    place.verified_at, place.verified_by = actor.at, actor.person_id
    tell(db.session(), changed=changed, **({"late": late_reason.strip()} if late else {}))
    return place


def _agreed(line: Line, said: Agreed, facts: Mapping[str, Fact], party_groups: int) -> tuple[dict[str, int], str]:
    times = {}
    for case in line.cases:
        often = said.times.get(case.code, 0)
        if not 0 <= often <= case.most:
            raise Refused(f"{line.code}“{case.text}”最多 {case.most} 次。", field=f"times-{line.code}-{case.code}")
        if often:
            times[case.code] = often
    times |= dict(counted_times(line, facts, party_groups).items())
    reason = said.reason.strip()
    if len(reason) > 200:
        raise Refused("说明最多 200 字，请删减一些。", field=f"reason-{line.code}")
    return {code: often for code, often in times.items() if often}, reason


@use_case(Permission.RECORD_ENTRY)
def record(
    actor: Actor, place: CycleBranch, kind: EntryKind, *, code: str, value: int | None = None, basis: str, key: str = ""
) -> BranchEntry:
    """Record a bonus, a deduction, a bar or an exemption with the paper it stands on; a closed cycle is settled anew."""
    _refuse_published(place.cycle)
    scheme = queries.scheme_of(place.cycle)
    amount = _amount(scheme, kind, code, value)
    if not 0 < len(basis.strip()) <= 120:
        raise Refused("请填写依据（文号、通报或认定材料），最多 120 字；没有依据不生效。", field="basis")
    taken = sa.select(BranchEntry.id).where(BranchEntry.cycle_branch_id == place.id, BranchEntry.code == code)
    if db.session.scalar(taken) is not None:
        raise Refused("这一项已经登记过了，同一事项只算一次。", field="code")
    entry = BranchEntry(
        cycle_branch_id=place.id,
        kind=kind,
        code=code,
        value=amount,
        basis=basis.strip(),
        entered_at=actor.at,
        entered_by=actor.person_id,
    )
    db.session.add(entry)
    tell(db.session(), branch=place.branch_id, entry=kind.value, code=code, value=amount, basis=basis.strip())
    _settle_closed(place.cycle)
    return entry


def _amount(scheme: Scheme, kind: EntryKind, code: str, value: int | None) -> int:
    if kind is EntryKind.EXEMPT:
        return 0
    if kind is EntryKind.BAR:
        bar = scheme.bar(code)
        if bar is None:
            raise Refused("请选一种不得评定情形。", field="code")
        return bar.star
    extra = scheme.beside(code)
    if extra is None or (extra in scheme.bonuses) is not (kind is EntryKind.BONUS):
        raise Refused(f"请选一项{kind.label}。", field="code")
    amount = extra.most if value is None else value
    if not 0 < amount <= extra.most:
        raise Refused(f"“{extra.text}”最多 {standards.points(extra.most)} 分。", field="value")
    return amount


@use_case(Permission.RECORD_ENTRY)
def strike(actor: Actor, place: CycleBranch, code: str, *, key: str = "") -> CycleBranch:
    """撤下 a bonus, a deduction, a bar or an exemption."""
    _refuse_published(place.cycle)
    entry = db.session.scalar(
        sa.select(BranchEntry).where(BranchEntry.cycle_branch_id == place.id, BranchEntry.code == code)
    )
    if entry is None:
        raise Refused("这一项已经撤下了。")
    tell(db.session(), branch=place.branch_id, entry=entry.kind.value, code=code, basis=entry.basis)
    db.session.delete(entry)
    _settle_closed(place.cycle)
    return place


def _refuse_published(cycle: RatingCycle) -> None:
    if cycle.state is State.PUBLISHED:
        raise Refused("结果已经公布，不能再改。")


def _settle_closed(cycle: RatingCycle) -> None:
    if cycle.state is State.CLOSED:
        services.settle_again(db.session(), cycle)


@use_case(Permission.SELF_ASSESS)
def tell_judges(actor: Actor, place: CycleBranch, *, words: str, version: int, key: str = "") -> CycleBranch:
    """支部自述: what the branch itself says to the judges, until scoring begins."""
    if place.cycle.state is not State.ANNOUNCED:
        raise Refused(f"现在是“{place.cycle.state.label}”，自述不能再改。")
    if len(words.strip()) > MOST_WORDS:
        raise Refused(f"自述最多 {MOST_WORDS} 字，请删减一些。", field="words")
    place.own_words = words.strip()
    return place
