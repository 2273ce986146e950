"""The verbs of a cycle: draft, announce, open, close, register a step, publish. Those of one branch are in ``branches``."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..accounts import people
from ..decisions import services as decisions
from ..decisions.models import RegisteredStep
from ..decisions.rules import Entry, Kind
from ..messages import services as messages
from ..messages.rules import Kind as MessageKind
from ..organisation.models import PartyKind, PartyOrganisation
from ..organisers.models import Organiser
from ..panels import services as panels
from ..panels.models import Panel
from ..rulebook import services as rulebook
from ..scoring import panel_queries as panel_sheets
from ..scoring import services as sheets
from ..scoring.rules import State as SheetState
from ..shared.access import Actor, Permission
from ..shared.clock import day_of
from ..shared.dates import chinese_date
from ..shared.db import db
from ..shared.errors import Refused
from ..shared.periods import Quarter
from ..shared.use_case import tell, use_case
from ..shared.workflow import step
from ..standards import services as standards
from ..stars import services as stars
from . import queries, results, rules
from .models import CycleBranch, RatingCycle, Standing
from .rules import Terms, Verb


def terms_of(organiser_id: int) -> Terms:
    """The terms as the rulebook has them now: frozen with a cycle when it is announced."""

    def number(key: str) -> int:
        return rulebook.number(organiser_id, key)

    floors = tuple(
        number(key) * 100 for key in ("rating.floor_2", "rating.floor_3", "rating.floor_4", "rating.floor_5")
    )
    return Terms(
        floors,
        quota=number("rating.quota"),
        climb=number("rating.climb"),
        first=number("rating.first"),
        new_months=number("rating.new_months"),
        bonus_cap=number("rating.bonus_cap") * 100,
        judges_for_trimming=number("rating.judges_for_trimming"),
        sheets_for_trimming=number("rating.sheets_for_trimming"),
    )


@use_case(Permission.RUN_RATING)
def draft(actor: Actor, organiser: Organiser, *, year: int, last_quarter: Quarter, key: str = "") -> RatingCycle:
    """起草 a year's rating with the organiser's newest standard."""
    if db.session.scalar(
        sa.select(RatingCycle.id).where(RatingCycle.organiser_id == organiser.id, RatingCycle.year == year)
    ):
        raise Refused(f"{year}年度的星级评定已经起草过了。", field="year")
    if last_quarter.first_day > day_of(actor.at):
        raise Refused(f"{last_quarter.label}还没有开始，考核期不能到那时。", field="last_quarter")
    standard = standards.newest(db.session(), organiser.id, actor.at)
    cycle = RatingCycle(
        organiser_id=organiser.id,
        year=year,
        last_quarter=last_quarter.code,
        standard_id=standard.id,
        drafted_at=actor.at,
        terms=terms_of(organiser.id).as_json(),
    )
    db.session.add(cycle)
    tell(db.session(), year=year)
    return cycle


@use_case(Permission.RUN_RATING)
def announce(
    actor: Actor, cycle: RatingCycle, *, ground: str, number: str, judges: Sequence[int], version: int, key: str = ""
) -> RatingCycle:
    """公告: freezes standard and terms, seats the judges in the order their lots were drawn, writes down who is recused."""
    state = step(rules.MOVES, cycle.state, Verb.ANNOUNCE)
    ground = _text(ground, 120, "ground", "请填写年度计划依据，例如年度督查检查考核计划的文号。")
    number = _text(number, 60, "number", "请填写公告的文号，没有文号不能公告。")
    session = db.session()
    branches = _branches(cycle)
    if not branches:
        raise Refused("这个主办党组织还没有在册的党支部，不能开始评定。")
    panel = panels.seat_judges(session, cycle.organiser_id, cycle.standard_id, cycle.title, judges, actor.at)
    cycle.terms = terms_of(cycle.organiser_id).as_json()
    cycle.state, cycle.announced_at, cycle.panel_id = state, actor.at, panel.id
    cycle.ground, cycle.number = ground, number
    _place(session, cycle, branches)
    panels.recuse_by_rule(session, panel, [branch.id for branch in branches], actor.at)
    tell(session, number=cycle.number, branches=len(branches), judges=len(judges), terms=cycle.terms)
    return cycle


def _text(text: str, most: int, field: str, sentence: str) -> str:
    if not 0 < len(text.strip()) <= most:
        raise Refused(sentence if not text.strip() else f"最多 {most} 字，请删减一些。", field=field)
    return text.strip()


def _branches(cycle: RatingCycle) -> Sequence[PartyOrganisation]:
    return db.session.scalars(
        sa.select(PartyOrganisation)
        .where(
            PartyOrganisation.organiser_id == cycle.organiser_id,
            PartyOrganisation.kind == PartyKind.BRANCH,
            PartyOrganisation.ended_on.is_(None),
            sa.or_(PartyOrganisation.founded_on.is_(None), PartyOrganisation.founded_on <= cycle.quarters[-1].last_day),
        )
        .order_by(PartyOrganisation.position, PartyOrganisation.id)
    ).all()


def _place(session: Session, cycle: RatingCycle, branches: Sequence[PartyOrganisation]) -> None:
    before = stars.latest_stars([branch.id for branch in branches], cycle.year)
    pilots = stars.active_pilots(cycle.organiser_id)
    last_day, months = cycle.quarters[-1].last_day, cycle.announced_terms.new_months
    session.execute(
        sa.insert(CycleBranch),
        [
            {
                "cycle_id": cycle.id,
                "organiser_id": cycle.organiser_id,
                "branch_id": branch.id,
                "position": position,
                "version": 1,
                "pilot": branch.id in pilots,
                "new": rules.is_new(branch.founded_on, last_day, months),
                "previous": before.get(branch.id, -1),
                "tie_place": 0,
                "own_words": "",
            }
            for position, branch in enumerate(branches, 1)
        ],
    )


@use_case(Permission.RUN_RATING)
def open_scoring(actor: Actor, cycle: RatingCycle, *, version: int, key: str = "") -> RatingCycle:
    """开始评分: every branch is verified and the earlier steps are registered; each judge gets a sheet a branch."""
    state = step(rules.MOVES, cycle.state, Verb.OPEN)
    found = queries.progress(cycle)
    if found.verified < found.branches:
        raise Refused(f"还有 {found.branches - found.verified} 个支部没有核定，核定完再开始评分。")
    _refuse_missing(cycle, rules.BEFORE_SCORING)
    panel = db.session.get_one(Panel, cycle.panel_id)
    places = db.session.scalars(
        sa.select(CycleBranch.branch_id).where(CycleBranch.cycle_id == cycle.id).order_by(CycleBranch.position)
    ).all()
    made = sheets.make_sheets(db.session(), panel, places)
    marked = {row[0] for row in panel_sheets.counts_by_branch(panel.id)}
    if len(marked) < len(places):
        raise Refused(f"有 {len(places) - len(marked)} 个支部的评委全都要回避，请重新组成评委会。")
    cycle.state, cycle.scoring_at = state, actor.at
    panel.opened_at = actor.at
    tell(db.session(), sheets=made)
    return cycle


def _refuse_missing(cycle: RatingCycle, kinds: Sequence[Kind]) -> Mapping[Kind, RegisteredStep]:
    found = decisions.steps_of(cycle)
    missing = [kind.label for kind in kinds if kind not in found]
    if missing:
        raise Refused(f"还没有登记：{'、'.join(missing)}。")
    return found


@use_case(Permission.RUN_RATING)
def close(actor: Actor, cycle: RatingCycle, *, version: int, anyway: bool = False, key: str = "") -> RatingCycle:
    """结束评分: settles which method holds and where every branch stands. Unsigned sheets do not count."""
    from . import settling  # brings numpy: opened when a cycle closes, not with every worker

    panel = db.session.get_one(Panel, cycle.panel_id)
    db.session.refresh(panel, with_for_update=True)  # no judge saves in between
    state = step(rules.MOVES, cycle.state, Verb.CLOSE)
    sheets_now = panel_sheets.progress(panel.id)
    unsigned = sum(sheets_now.values()) - sheets_now[SheetState.SIGNED]
    if unsigned and not anyway:
        raise Refused(
            f"还有 {unsigned} 份评分表没有签名，结束后不计入。确实要结束，请勾选“未签名的不计”。", field="anyway"
        )
    inputs = settling.inputs_of(db.session(), cycle)
    fewest = settling.fewest_sheets(inputs)
    if fewest == 0:
        bare = [db.session.get_one(PartyOrganisation, each.place.branch_id).name for each in inputs if not each.sheets]
        raise Refused(f"还没有一份签名的评分表：{'、'.join(bare[:5])}{' 等' if len(bare) > 5 else ''}，不能结束。")
    cycle.judges = settling.judges_of(inputs)
    cycle.fewest_sheets = fewest
    cycle.method = rules.method_of(cycle.announced_terms, cycle.judges, fewest).value
    cycle.state, cycle.closed_at = state, actor.at
    panel.closed_at = actor.at
    _write_standings(db.session(), settling.settled(cycle, inputs))
    tell(db.session(), method=cycle.method, judges=cycle.judges, fewest=fewest, unsigned=unsigned)
    return cycle


def settle_again(session: Session, cycle: RatingCycle) -> None:
    """Work a closed cycle's standings out anew, after something they stand on changed. Within the verb under way."""
    from . import settling  # as above

    session.flush()
    session.execute(sa.delete(Standing).where(Standing.cycle_id == cycle.id))
    _write_standings(session, settling.settle(session, cycle))


def _write_standings(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    session.execute(sa.insert(Standing), list(rows))


# Steps from paper.


@use_case(Permission.RUN_RATING)
def register(actor: Actor, cycle: RatingCycle, kind: Kind, entry: Entry, *, key: str = "") -> RegisteredStep:
    """Register a step of the cycle that happened outside the system."""
    rules.not_before(kind, cycle.state)
    return decisions.enter(db.session(), actor, cycle, cycle.title, kind, entry)


@use_case(Permission.RUN_RATING)
def withdraw_step(actor: Actor, cycle: RatingCycle, kind: Kind, *, reason: str, key: str = "") -> RatingCycle:
    """撤下 a step entered by mistake."""
    rules.not_before(kind, cycle.state)
    found = decisions.steps_of(cycle).get(kind)
    if found is None:
        raise Refused(f"{kind.label}还没有登记，不用撤下。")
    decisions.take_back(db.session(), actor, found, reason)
    return cycle


@use_case(Permission.RUN_RATING)
def register_tie_vote(
    actor: Actor, cycle: RatingCycle, places: Mapping[int, int], entry: Entry, *, key: str = ""
) -> RatingCycle:
    """Register the committee's vote on a tie at the quota line: which of the tied branches goes first. Then settle anew."""
    tied = [place for place, _ in results.undecided(cycle)]
    if not tied:
        raise Refused("没有待表决的同分支部。")
    if sorted(places) != sorted(tied) or sorted(places.values()) != list(range(1, len(tied) + 1)):
        raise Refused(f"请给 {len(tied)} 个同分支部各排一个名次，从 1 到 {len(tied)}，不重复。", field="places")
    found = decisions.steps_of(cycle).get(Kind.TIE_VOTE)
    if found is not None:
        raise Refused("同分表决已经登记过了。")
    decisions.enter(db.session(), actor, cycle, cycle.title, Kind.TIE_VOTE, entry)
    for place_id, order in places.items():
        db.session.get_one(CycleBranch, place_id).tie_place = order
    settle_again(db.session(), cycle)
    tell(db.session(), places={str(place): order for place, order in places.items()})
    return cycle


# Publishing.


@use_case(Permission.RUN_RATING)
def publish(actor: Actor, cycle: RatingCycle, *, version: int, key: str = "") -> RatingCycle:
    """公布: after notice and confirmed approval; freezes the results and writes the stars into the branches' histories."""
    from . import settling  # as above

    state = step(rules.MOVES, cycle.state, Verb.PUBLISH)
    steps = _refuse_missing(cycle, rules.BEFORE_PUBLISHING)
    notice, approval = steps[Kind.NOTICE], steps[Kind.APPROVAL]
    assert notice.until is not None
    if day_of(actor.at) <= notice.until:
        first = notice.until + timedelta(days=1)
        raise Refused(f"公示到{chinese_date(notice.until)}为止，{chinese_date(first)}起才能公布。")
    if not approval.counts:
        raise Refused("党组审定的登记还没有经复核人核对，核对以后才能公布。")
    if results.undecided(cycle):
        raise Refused("五星级名额线上还有同分支部没有表决，请先登记表决结果。")
    inputs = settling.inputs_of(db.session(), cycle)
    rows = settling.settled(cycle, inputs)
    for each, row in zip(inputs, rows, strict=True):
        row["digest"] = each.fingerprint()
    cycle.digest = settling.frozen(cycle, inputs, rows)
    cycle.state, cycle.published_at = state, actor.at
    db.session.execute(sa.delete(Standing).where(Standing.cycle_id == cycle.id))
    _write_standings(db.session(), rows)
    found = {row["branch_id"]: row["star"] for row in rows}
    stars.give(db.session(), cycle.organiser_id, cycle.year, found, approval.number, day_of(actor.at))
    _tell_branches(db.session(), actor, cycle, found)
    tell(db.session(), digest=cycle.digest, stars={str(star): list(found.values()).count(star) for star in range(6)})
    return cycle


def _tell_branches(session: Session, actor: Actor, cycle: RatingCycle, branch_ids: Container[int]) -> None:
    """Tell the secretaries and liaisons of all rated branches that their result is there: two statements."""
    text = f"{cycle.year}年度党支部星级评定结果公布了，点开看本支部的结果。"
    messages.write(
        session,
        actor.at,
        [
            (
                MessageKind.RATING,
                f"rating:{cycle.id}:{post.branch_id}",
                text,
                f"/ratings/{cycle.id}/branches/{post.branch_id}",
                post.person_id,
            )
            for post in people.holders(session, messages.BRANCH, actor.at, organiser_id=cycle.organiser_id)
            if post.branch_id in branch_ids
        ],
    )
