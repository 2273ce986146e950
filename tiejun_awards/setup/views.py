"""The page of the first start, which exists while there is nobody; the open questions (待定事项)."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, current_app, flash, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ..accounts.rules import is_fresh
from ..documents.sheets import XLSX
from ..shared.access import Permission
from ..shared.errors import Missing, Refused, Stale
from ..shared.moments import actor, moment, trace
from ..shared.web import download, go, keeps_nothing, listing, open_to_all, requires
from . import exports, first_run, rules, services
from .forms import QUESTION_FORMS, FirstRunForm, QuestionForm, ReopenForm
from .models import OpenQuestion
from .rules import QuestionState
from .sections import ASKED, ORGANISER, PEOPLE, QUESTIONS, SEATS, UNITS

setup = Blueprint("setup", __name__)


@setup.route("/first-run", methods=["GET", "POST"])
@open_to_all
@keeps_nothing
def begin() -> tuple[str, int]:
    """The one page of a first start; its answer is the four slips, shown once. Gone as soon as there is anybody."""
    if current_app.config["DEMO"] or not first_run.is_waiting():
        raise Missing(first_run.DONE_ALREADY) if request.method == "POST" else Missing
    form, data_dir = FirstRunForm(), Path(current_app.config["DATA_DIR"])
    if form.is_submitted():
        wrong = {"code": first_run.why_not_code(data_dir, form.code.data or ""), **rules.faults(form.texts)}
        if form.whole({name: sentence for name, sentence in wrong.items() if sentence}):
            slips = form.made_by(
                lambda: first_run.begin(form.texts, at=moment(), data_dir=data_dir, address=trace().address)
            )
            if slips:
                return render_template("setup/slips.html", slips=slips, address=current_app.config["PUBLIC_URL"]), 200
    page = render_template(
        "setup/first_run.html",
        form=form,
        organiser=ORGANISER,
        seats=SEATS,
        people=PEOPLE,
        units=UNITS,
        questions=list(QUESTIONS.values()),
        names={name: _label(name) for name in ASKED},
        has_code=first_run.has_code(data_dir),
    )
    return page, form.status


def _label(name: str) -> str:
    """What a field is called in the list of what is wrong: whose, or of which question."""
    section = name.partition("_")[0]
    whose = next((seat.title for seat in SEATS if seat.key == section), "")
    if section in QUESTIONS:
        whose = f"第 {QUESTIONS[section].number} 项"
    return f"{whose}{ASKED[name].label}"


@setup.route("/questions/")
@requires(Permission.READ_RULES)
def questions() -> str:
    """The organiser's open questions, with their answers and states."""
    page = listing(sorts=["number"], filters=["state"])
    state = next((state for state in QuestionState if state.value == page.filters["state"]), None)
    return render_template(
        "setup/questions.html",
        questions=services.questions_of(actor(), state),
        states=[(state.value, state.label) for state in QuestionState],
        state=state.value if state else "",
    )


@setup.route("/questions/export")
@requires(Permission.READ_RULES)
def export() -> BaseResponse:
    """The same as .xlsx, for the meeting that decides."""
    name, content = exports.questions_file(actor())
    return download(content, XLSX, name)


@setup.route("/questions/<int:question_id>")
@requires(Permission.READ_RULES)
def question(question_id: int) -> str:
    """One open question: what is asked, why, the answer, and the document it goes back to."""
    found = services.get_visible(actor(), question_id)
    return _page(found, ReopenForm(formdata=None, version=found.version))


def _page(found: OpenQuestion, form: ReopenForm) -> str:
    return render_template("setup/question.html", question=found, form=form, rules=services.rules_of(found))


@setup.route("/questions/<int:question_id>/edit", methods=["GET", "POST"])
@requires(Permission.SETTLE_QUESTIONS)
def edit(question_id: int) -> BaseResponse | tuple[str, int]:
    """Write another proposal, or confirm it with its document. Somebody else's newer answer is shown beside what was typed."""
    found = services.get_visible(actor(), question_id)
    if found.state is QuestionState.CONFIRMED:
        raise Refused("这一项已经确认；要改，请先重新打开，写明原因。")
    if request.method == "GET" and services.changes_rules(found) and not is_fresh(actor().reauth_at, actor().at):
        return go("accounts.confirm", next=request.path)  # confirming it changes rules
    form, status, stale = _question_form(found), 200, False
    if form.is_submitted() and form.validate():
        try:
            if form.attempt(lambda: _settle(found, form)):
                return go(".question", question_id=found.id)
        except Stale:
            found, status, stale = services.get_visible(actor(), question_id), 409, True
            form.version.process_data(found.version)
            form.version.raw_data = None
    page = render_template(
        "setup/edit_question.html", question=found, form=form, rules=services.rules_of(found), stale=stale
    )
    return page, form.status if status == 200 else status


def _question_form(found: OpenQuestion) -> QuestionForm:
    return QUESTION_FORMS[found.key](version=found.version, decided_by=found.question.decides, **found.answers)


def _settle(found: OpenQuestion, form: QuestionForm) -> OpenQuestion:
    texts, version = form.texts(found.question), form.version.data or 0
    if request.form.get("do") == "confirm":
        settled = services.confirm(actor(), found, texts=texts, paper=form.paper, version=version, key=form.once)
        flash(f"“{settled.question.title}”已确认。", "good")
    else:
        settled = services.answer(actor(), found, texts=texts, version=version, key=form.once)
        flash(f"“{settled.question.title}”已存为建议稿。", "good")
    return settled


@setup.route("/questions/<int:question_id>/reopen", methods=["POST"])
@requires(Permission.SETTLE_QUESTIONS)
def reopen(question_id: int) -> BaseResponse | tuple[str, int]:
    """Ask again what was confirmed."""
    found, form = services.get_visible(actor(), question_id), ReopenForm()
    if form.validate_on_submit() and form.attempt(
        lambda: services.reopen(
            actor(), found, reason=form.reason.data or "", version=form.version.data or 0, key=form.once
        )
    ):
        flash(f"“{found.question.title}”重新打开了，现在的答案是建议稿。", "good")
        return go(".edit", question_id=found.id)
    return _page(found, form), form.status
