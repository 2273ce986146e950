"""The home page, feedback, long work under way, and whether the system is up."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..accounts import services as accounts
from ..setup import services as setup
from ..shared.access import Permission
from ..shared.clock import day_of
from ..shared.dates import chinese_date, chinese_weekday
from ..shared.jobs import result_path
from ..shared.moments import actor
from ..shared.web import go, open_to_all, requires
from . import rules, services
from .forms import FeedbackForm

home = Blueprint("home", __name__)

_ADDRESSES = {
    "edit": ("reports.edit", "report_id"),
    "begin": ("reports.begin", "branch_id", "code"),
    "review": ("quarters.review_next", "code"),
    "sheets": ("scoring.panel", "panel_id"),
    "verify": ("ratings.branch_list", "cycle_id"),
    "words": ("ratings.words", "cycle_id", "branch_id"),
    "cycle": ("ratings.show", "cycle_id"),
    "recommend": ("nominations.recommend", "call_id", "unit_id"),
    "selection": ("selection.index", "call_id"),
    "confirm": ("decisions.index",),
    "trial": ("ratings.show_trial", "trial_id"),
    "compare_papers": ("papers.index",),
    "correct_papers": ("papers.index",),
    "vote": ("booth.vote", "poll_id"),
}
"""Where the button of a thing to do leads: the endpoint, and the names of the parts of ``thing_id``."""


_FILTERED = {"compare_papers": "entered", "correct_papers": "returned"}
"""Lists that open with only what waits."""


@home.route("/")
@requires(Permission.USE_SYSTEM)
def index() -> str:
    """What waits for me, under which hat, by when."""
    who = actor()
    todos = services.waiting(who)
    today = day_of(who.at)
    return render_template(
        "home/index.html",
        todos=todos,
        addresses=[_address(todo) for todo in todos],
        headline=rules.headline(len(todos)),
        today=f"{chinese_date(today)} {chinese_weekday(today).replace('周', '星期')}",
        figures=services.quarter_figures(who),
        own=services.own_quarter(who),
        open_calls=services.open_calls(who),
        open_questions=setup.still_open(who),
    )


def _address(todo: rules.Todo) -> str:
    endpoint, *names = _ADDRESSES[todo.page]
    parts: dict[str, Any] = dict(zip(names, str(todo.thing_id).split("-"), strict=False))
    if todo.page in _FILTERED:
        parts["state"] = _FILTERED[todo.page]
    return url_for(endpoint, **parts)


@home.route("/feedback", methods=["GET", "POST"])
@requires(Permission.USE_SYSTEM)
def feedback() -> BaseResponse | str | tuple[str, int]:
    """意见建议: everybody writes, the office reads."""
    form = FeedbackForm()
    if form.validate_on_submit():
        services.give_feedback(
            actor(),
            accounts.me(actor()),
            text=form.text.data or "",
            with_name=bool(form.with_name.data),
            key=request.form.get("key", ""),
        )
        flash("收到了，谢谢。", "good")
        return go(".feedback")
    page = render_template("home/feedback.html", form=form, received=services.feedback_to_read(actor()))
    return page, 422 if form.errors else 200


@home.route("/jobs/<int:job_id>")
@requires(Permission.USE_SYSTEM)
def job(job_id: int) -> str:
    """How far a piece of long work has come."""
    return render_template("home/job.html", job=services.my_job(actor(), job_id))


@home.route("/jobs/<int:job_id>/file")
@requires(Permission.USE_SYSTEM)
def job_file(job_id: int) -> Response:
    """The file a finished job left."""
    found = services.my_job(actor(), job_id)
    path = result_path(found.file_key) if found.file_key else None
    if path is None or not path.exists():
        abort(404)
    response = send_file(path, as_attachment=True, download_name=found.file_name, max_age=0)
    response.headers["Cache-Control"] = "no-store"
    return response


@home.route("/healthz")
@open_to_all
def healthz() -> tuple[dict[str, str], int]:
    """Whether the system is up: the schema version only."""
    version = services.schema_version()
    return {"schema": version}, 200 if version else 503
