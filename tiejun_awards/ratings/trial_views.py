"""Pages of trials (试算): an open one on the cycle's page, and those that are asked for while marks are in."""

from __future__ import annotations

from flask import flash, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ..documents.sheets import XLSX
from ..shared.access import Permission, can
from ..shared.errors import Missing
from ..shared.moments import actor
from ..shared.web import download, go, requires
from . import exports, trial_rules, trials
from .branch_views import ratings
from .forms import TrialAnswerForm, TrialForm
from .models import RatingCycle, RatingTrial
from .rules import State, Terms
from .trial_rules import Outcome, Trial
from .views import own_cycle

__all__ = ["ratings"]


@ratings.route("/<int:cycle_id>/trial", methods=["GET", "POST"])
@requires(Permission.RUN_RATING)
def trial(cycle_id: int) -> BaseResponse | tuple[str, int]:
    """试算: open before scoring and after publication, where nothing is stored; in between it is asked for here."""
    cycle = own_cycle(cycle_id)
    terms = trials.terms_now(cycle)
    if request.method == "POST" or trial_rules.marks_are_in(cycle.state):
        return _ask(cycle, terms)
    base = trials.base_of(cycle)
    form, tried = _sent(terms)
    outcome = trials.run(base, tried) if base is not None and tried is not None else None
    page = render_template(
        "ratings/trial.html",
        cycle=cycle,
        base=base,
        form=form,
        asking=False,
        outcome=outcome,
        names=trials.names_in(outcome) if outcome else {},
        varied=trial_rules.differences(base.announced_terms, tried) if base and tried else (),
        asked=trials.asked_in(actor(), cycle) if cycle.state is State.PUBLISHED else (),
        fields=trial_rules.FIELDS,
        export=f"{request.script_root}{request.path}/export?{request.query_string.decode()}",
    )
    return page, form.status


def _sent(terms: Terms) -> tuple[TrialForm, Trial | None]:
    """The form as the address fills it in, and the trial it asks for; without any the form as the terms fill it in."""
    if not any(name in request.args for name in trial_rules.VARIED):
        form = TrialForm(None, data=trial_rules.numbers_of(terms))
        form.offer()
        return form, None
    form = TrialForm(request.args, meta={"csrf": False})
    form.offer()
    return form, form.trial(terms)


def _ask(cycle: RatingCycle, terms: Terms) -> BaseResponse | tuple[str, int]:
    trials.refuse_when_open(cycle)  # published since the page was opened
    form = TrialForm(data=trial_rules.numbers_of(terms))
    form.offer()
    if form.validate_on_submit():
        tried = form.trial(terms)
        row = tried and form.made_by(
            lambda: trials.ask_for_trial(actor(), cycle, tried, reason=form.reason.data or "", key=form.once)
        )
        if row:
            flash("已交复核人核准，核准以后才算出结果。", "good")
            return go(".show_trial", trial_id=row.id)
    page = render_template(
        "ratings/trial.html",
        cycle=cycle,
        base=cycle,
        form=form,
        asking=True,
        outcome=None,
        asked=trials.asked_in(actor(), cycle),
        fields=trial_rules.FIELDS,
    )
    return page, form.status


@ratings.route("/<int:cycle_id>/trial/export")
@requires(Permission.RUN_RATING)
def export_trial(cycle_id: int) -> BaseResponse:
    """What an open trial comes to, as .xlsx."""
    cycle = own_cycle(cycle_id)
    base = trials.base_of(cycle)
    if trial_rules.marks_are_in(cycle.state) or base is None:
        raise Missing("评分开始以后、公布以前，试算要先申请、经核准；结果在申请里导出。")
    _, tried = _sent(trials.terms_now(cycle))
    if tried is None:
        return go(".trial", cycle_id=cycle_id, **request.args)
    return _file(base, trials.run(base, tried), trial_rules.differences(base.announced_terms, tried))


def _file(cycle: RatingCycle, outcome: Outcome, varied: list[str]) -> BaseResponse:
    name, content = exports.trial_file(cycle, outcome, trials.names_in(outcome), varied)
    return download(content, XLSX, name)


# Asked for while marks are in.


@ratings.route("/trials/<int:trial_id>")
@requires(Permission.READ_TRIALS)
def show_trial(trial_id: int) -> BaseResponse | tuple[str, int]:
    """One that was asked for: what, why, where it stands; what came of it for the asker and the second person only."""
    return _page(trials.get_visible(actor(), trial_id), TrialAnswerForm())


def _page(row: RatingTrial, form: TrialAnswerForm) -> tuple[str, int]:
    outcome = trials.outcome_for(actor(), row)
    mine = row.asked_by == actor().person_id
    page = render_template(
        "ratings/trial_asked.html",
        row=row,
        form=form,
        mine=mine,
        states=trial_rules.TrialState,
        answers=row.state is trial_rules.TrialState.ASKED and not mine and can(actor(), Permission.CONFIRM_TRIAL, row),
        outcome=outcome,
        names=trials.names_in(outcome) if outcome else {},
        varied=trial_rules.differences(row.cycle.announced_terms, row.trial),
        runs=can(actor(), Permission.RUN_RATING, row.cycle),
    )
    return page, form.status


@ratings.route("/trials/<int:trial_id>/confirm", methods=["POST"])
@requires(Permission.CONFIRM_TRIAL)
def confirm_trial(trial_id: int) -> BaseResponse:
    """核准: run and shown to both."""
    row = trials.get_visible(actor(), trial_id)
    trials.confirm_trial(actor(), row, key=TrialAnswerForm().once)
    flash("已核准。结果只有您和申请人看得到，监督页上有一条记录。", "good")
    return go(".show_trial", trial_id=trial_id)


@ratings.route("/trials/<int:trial_id>/refuse", methods=["POST"])
@requires(Permission.CONFIRM_TRIAL)
def refuse_trial(trial_id: int) -> BaseResponse | tuple[str, int]:
    """退回, with a reason."""
    row = trials.get_visible(actor(), trial_id)
    form = TrialAnswerForm()
    if form.validate_on_submit() and form.attempt(
        lambda: trials.refuse_trial(actor(), row, reason=form.reason.data or "", key=form.once)
    ):
        flash("已退回，申请人会看到原因。", "good")
        return go(".show_trial", trial_id=trial_id)
    return _page(trials.get_visible(actor(), trial_id), form)


@ratings.route("/trials/<int:trial_id>/export")
@requires(Permission.READ_TRIALS)
def export_asked_trial(trial_id: int) -> BaseResponse:
    """What came of a confirmed trial, as .xlsx."""
    row = trials.get_visible(actor(), trial_id)
    outcome = trials.outcome_for(actor(), row)
    if outcome is None:
        raise Missing("核准以后才有结果，而且只给申请人和核准人。")
    return _file(row.cycle, outcome, trial_rules.differences(row.cycle.announced_terms, row.trial))
