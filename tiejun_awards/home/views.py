"""The home page, feedback, long work under way, and whether the system is up."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..accounts import services as accounts
from ..shared.access import Permission
from ..shared.clock import day_of
from ..shared.dates import chinese_date, chinese_weekday
from ..shared.jobs import result_path
from ..shared.moments import actor
from ..shared.web import go, open_to_all, requires
from . import rules, services
from .forms import FeedbackForm

home = Blueprint("home", __name__)

_PAGES = {"edit": "reports.edit", "begin": "reports.begin", "review": "quarters.review_next"}


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
    )


def _address(todo: rules.Todo) -> str:
    if todo.page == "begin":
        branch_id, code = str(todo.thing_id).split("-")
        return url_for("reports.begin", branch_id=branch_id, code=code)
    if todo.page == "edit":
        return url_for("reports.edit", report_id=todo.thing_id)
    if todo.page == "vote":
        return url_for("booth.vote", poll_id=todo.thing_id)
    return url_for(_PAGES[todo.page], code=todo.thing_id)


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
