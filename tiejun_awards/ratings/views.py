"""Pages of cycles: the list, one cycle step by step, its announcement, its registered steps, its standings."""

from __future__ import annotations

import random
from collections.abc import Callable

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..decisions import services as decisions
from ..decisions.forms import StepForm, WithdrawStepForm
from ..decisions.rules import Entry, Kind
from ..documents.sheets import XLSX
from ..organisers import services as organisers
from ..panels import services as panels
from ..rulebook import services as rulebook
from ..scoring import panel_queries as panel_sheets
from ..scoring.rules import State as SheetState
from ..shared.access import Permission, can
from ..shared.clock import day_of
from ..shared.errors import Missing
from ..shared.moments import actor
from ..shared.periods import Quarter, last_ended_quarter
from ..shared.web import download, go, requires
from ..shared.web import listing as web_listing
from ..standards.rules import points
from ..stars.rules import star_word
from . import exports, pages, queries, results, rules, services, trials
from .forms import AnnounceForm, DraftForm, TieForm, VersionForm, read_places
from .models import RatingCycle
from .rules import State

ratings = Blueprint("ratings", __name__, url_prefix="/ratings")

LOTS = random.SystemRandom()
"""The judges' numbers are drawn by lot: chance that matters comes from the system."""


@ratings.route("/")
@requires(Permission.READ_RATINGS)
def index() -> str:
    """The cycles within reach, and one's own branches in them."""
    return render_template(
        "ratings/index.html", cycles=queries.cycles(actor()), own=queries.own_places(actor()), states=State
    )


@ratings.route("/draft", methods=["GET", "POST"])
@requires(Permission.RUN_RATING)
def draft() -> BaseResponse | tuple[str, int]:
    """Begin a year's cycle."""
    ended = last_ended_quarter(day_of(actor().at))
    offered = [ended.next(), ended, *rules.quarters_of(ended.previous())[::-1]]
    form = DraftForm(last_quarter=ended.code, year=str(ended.year))
    form.offer(range(ended.year + 1, ended.year - 3, -1), [(quarter.code, quarter.label) for quarter in offered])
    if form.validate_on_submit() and form.check():
        made = form.made_by(
            lambda: services.draft(
                actor(),
                organisers.get(actor().organiser_id),
                year=int(form.year.data),
                last_quarter=Quarter.from_code(form.last_quarter.data),
                key=form.once,
            )
        )
        if made:
            flash("已起草，核对后公告。", "good")
            return go(".show", cycle_id=made.id)
    return render_template("ratings/draft.html", form=form), form.status


@ratings.route("/<int:cycle_id>")
@requires(Permission.READ_RATINGS)
def show(cycle_id: int) -> str:
    """One cycle: where it is, what comes next, what was announced, what was registered."""
    cycle = queries.get_visible(actor(), cycle_id)
    runs = can(actor(), Permission.RUN_RATING, cycle)
    progress, lines = queries.progress(cycle), pages.step_lines(cycle)
    tied = len(results.undecided(cycle)) if cycle.state is State.CLOSED else 0
    return render_template(
        "ratings/show.html",
        cycle=cycle,
        runs=runs,
        stepper=pages.stepper(cycle),
        progress=progress,
        lines=lines,
        next=pages.next_of(cycle, progress, lines, day_of(actor().at), tied),
        terms=pages.terms_rows(cycle),
        method=rules.method_sentence(cycle.announced_terms, cycle.judges, cycle.fewest_sheets) if cycle.method else "",
        judges=panel_sheets.progress_by_judge(cycle.panel_id) if runs and cycle.panel_id else (),
        form=VersionForm(version=cycle.version),
        asked=trials.asked_in(actor(), cycle) if can(actor(), Permission.CONFIRM_TRIAL, cycle) else (),
        states=State,
        sheet_states=SheetState,
    )


@ratings.route("/<int:cycle_id>/announce", methods=["GET", "POST"])
@requires(Permission.RUN_RATING)
def announce(cycle_id: int) -> BaseResponse | tuple[str, int]:
    """公告: ground, number, judges; the order of the judges is drawn by lot."""
    cycle = own_cycle(cycle_id)
    judges = panels.judges_of(cycle.organiser_id, actor().at)
    form = AnnounceForm(version=cycle.version)
    form.judges.choices = [(person.id, person.name) for person in judges]
    if request.method == "GET":
        form.judges.data = [person.id for person in judges]
    if form.validate_on_submit():
        order = LOTS.sample(form.judges.data or [], len(form.judges.data or []))
        done = form.attempt(
            lambda: services.announce(
                actor(),
                cycle,
                ground=form.ground.data or "",
                number=form.number.data or "",
                judges=order,
                version=form.version.data or 0,
                key=form.once,
            )
        )
        if done:
            flash("已公告：标准、档线、名额和计分方法从现在起不再改；评委编号已抽签排定。", "good")
            return go(".show", cycle_id=cycle_id)
    page = render_template(
        "ratings/announce.html",
        cycle=cycle,
        form=form,
        terms=pages.terms_rows(cycle),
        scheme=queries.scheme_of(cycle),
        points=points,
    )
    return page, form.status


def own_cycle(cycle_id: int) -> RatingCycle:
    """A cycle the actor runs. Raises Missing for those of others."""
    cycle = queries.get_visible(actor(), cycle_id)
    if not can(actor(), Permission.RUN_RATING, cycle):
        raise Missing
    return cycle


@ratings.route("/<int:cycle_id>/open", methods=["POST"])
@requires(Permission.RUN_RATING)
def open_scoring(cycle_id: int) -> BaseResponse:
    """开始评分."""
    cycle, form = own_cycle(cycle_id), VersionForm.sent()
    services.open_scoring(actor(), cycle, version=form.version.data or 0, key=form.once)
    flash("评分开始，评委首页已出现评分表。", "good")
    return go(".show", cycle_id=cycle_id)


@ratings.route("/<int:cycle_id>/close", methods=["GET", "POST"])
@requires(Permission.RUN_RATING)
def close(cycle_id: int) -> BaseResponse | tuple[str, int]:
    """结束评分: asks first, saying what does not count."""
    cycle = own_cycle(cycle_id)
    form = VersionForm(version=cycle.version)
    if form.validate_on_submit():
        done = form.attempt(
            lambda: services.close(
                actor(), cycle, version=form.version.data or 0, anyway=bool(form.anyway.data), key=form.once
            )
        )
        if done:
            flash("评分已结束，结果已按公告的规则算出。", "good")
            return go(".standings", cycle_id=cycle_id)
    page = render_template(
        "ratings/close.html", cycle=cycle, form=form, progress=queries.progress(cycle), sheet_states=SheetState
    )
    return page, form.status


@ratings.route("/<int:cycle_id>/publish", methods=["POST"])
@requires(Permission.RUN_RATING)
def publish(cycle_id: int) -> BaseResponse:
    """公布."""
    cycle, form = own_cycle(cycle_id), VersionForm.sent()
    services.publish(actor(), cycle, version=form.version.data or 0, key=form.once)
    flash("已公布。结果和依据已封存，以后可以随时重算核对。", "good")
    return go(".show", cycle_id=cycle_id)


# Registered steps.


def _faults(cycle: RatingCycle, kind: Kind) -> Callable[[Entry], dict[str, str]]:
    return lambda entry: decisions.faults(cycle.organiser_id, kind, entry, day_of(actor().at), cycle.announced_at)


def _kind(word: str) -> Kind:
    found = next((kind for kind in rules.REGISTERED_IN if kind.value == word), None)
    if found is None:
        raise Missing
    return found


@ratings.route("/<int:cycle_id>/steps/<word>", methods=["GET", "POST"])
@requires(Permission.RUN_RATING)
def register(cycle_id: int, word: str) -> BaseResponse | tuple[str, int]:
    """Register one step from its paper."""
    cycle, kind = own_cycle(cycle_id), _kind(word)
    form = StepForm()
    if form.is_submitted():
        rules.not_before(kind, cycle.state)
    if form.whole(_faults(cycle, kind)) and form.attempt(
        lambda: services.register(actor(), cycle, kind, form.entry(), key=form.once)
    ):
        flash(f"{kind.label}已登记。", "good")
        return go(".show", cycle_id=cycle_id)
    least = rulebook.rule(cycle.organiser_id, "notice.working_days", cycle.announced_at)
    page = render_template(
        "ratings/step.html", cycle=cycle, kind=kind, form=form, fields=form.fields_of(kind), notice=least
    )
    return page, form.status


@ratings.route("/<int:cycle_id>/steps/<word>/withdraw", methods=["GET", "POST"])
@requires(Permission.RUN_RATING)
def withdraw_step(cycle_id: int, word: str) -> BaseResponse | tuple[str, int]:
    """撤下 a step entered by mistake."""
    cycle, kind = own_cycle(cycle_id), _kind(word)
    step = decisions.steps_of(cycle).get(kind)
    if step is None:
        raise Missing
    form = WithdrawStepForm()
    if form.validate_on_submit() and form.attempt(
        lambda: services.withdraw_step(actor(), cycle, kind, reason=form.reason.data or "", key=form.once)
    ):
        flash(f"{kind.label}的登记已撤下，可以重新登记。", "good")
        return go(".show", cycle_id=cycle_id)
    return render_template("ratings/withdraw_step.html", cycle=cycle, step=step, form=form), form.status


@ratings.route("/<int:cycle_id>/tie", methods=["GET", "POST"])
@requires(Permission.RUN_RATING)
def tie(cycle_id: int) -> BaseResponse | tuple[str, int]:
    """Register the committee's vote on a tie at the quota line."""
    cycle = own_cycle(cycle_id)
    tied = results.undecided(cycle)
    form = TieForm()
    places = read_places(request.form, [place for place, _ in tied])
    if form.whole(_faults(cycle, Kind.TIE_VOTE)) and form.attempt(
        lambda: services.register_tie_vote(actor(), cycle, places, form.entry(), key=form.once)
    ):
        flash("同分表决已登记，星级已重新排定。", "good")
        return go(".standings", cycle_id=cycle_id)
    page = render_template(
        "ratings/tie.html",
        cycle=cycle,
        tied=tied,
        form=form,
        fields=form.fields_of(Kind.TIE_VOTE),
        kind=Kind.TIE_VOTE,
        typed=request.form,
    )
    return page, form.status


# Standings.


@ratings.route("/<int:cycle_id>/standings")
@requires(Permission.READ_STANDINGS)
def standings(cycle_id: int) -> str:
    """Where every branch stands, in unit order: office and leaders only."""
    cycle = _closed(cycle_id)
    listing = web_listing(sorts=["unit"], filters=["q", "star", "only"])
    page = results.standings(cycle, listing)
    return render_template(
        "ratings/standings.html",
        cycle=cycle,
        page=page,
        listing=listing.counted(page.total),
        method=rules.method_sentence(cycle.announced_terms, cycle.judges, cycle.fewest_sheets),
        terms=cycle.announced_terms,
        points=points,
        star_options=[
            ("", "全部"),
            *((str(star), f"{star_word(star)} {page.stars.get(star, 0)}") for star in range(5, -1, -1)),
        ],
        only_options=[("", "全部"), ("pilot", "试点支部"), ("adjusted", "按规则调整的"), ("changed", "星级有变化的")],
        branch_path=url_for(".result", cycle_id=cycle_id, branch_id=0).removesuffix("0"),
        published=cycle.state is State.PUBLISHED,
    )


@ratings.route("/<int:cycle_id>/standings/export")
@requires(Permission.READ_STANDINGS)
def export_standings(cycle_id: int) -> BaseResponse:
    """The same as .xlsx."""
    name, content = exports.standings_file(_closed(cycle_id))
    return download(content, XLSX, name)


def _closed(cycle_id: int) -> RatingCycle:
    cycle = queries.get_visible(actor(), cycle_id)
    if not can(actor(), Permission.READ_STANDINGS, cycle) or cycle.state not in (State.CLOSED, State.PUBLISHED):
        raise Missing("评分结束以后才有结果。")
    return cycle
