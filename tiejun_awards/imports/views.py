"""Pages of importing and exporting the opening data: template, upload, preview, confirmation, result."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ..accounts import people_queries
from ..documents.sheets import XLSX
from ..organisers import services as organisers
from ..organisers.models import Organiser
from ..shared.access import Permission
from ..shared.errors import Missing
from ..shared.moments import actor
from ..shared.web import download, go, requires
from . import exports, services
from .forms import RunForm, UploadForm
from .lines import BY_KEY
from .models import ImportRun, ImportState

imports = Blueprint("imports", __name__, url_prefix="/import")

Answer = BaseResponse | tuple[str, int]

after_people: list[tuple[Permission, str, str, dict[str, str]]] = []
"""(permission, words, endpoint, its filters) of what can be done with new accounts next; ``app.py`` hands it in."""


@imports.route("/", methods=["GET", "POST"])
@requires(Permission.IMPORT_DATA)
def index() -> Answer:
    """Template, export, upload, the latest imports."""
    who = actor()
    form = UploadForm()
    offered = people_queries.organisers(who, Permission.IMPORT_DATA)
    form.offer(offered, services.sheets_for(who, who.organiser_id))
    if not form.is_submitted():
        form.organiser.data = str(who.organiser_id)
    run = None
    if form.validate_on_submit():
        run = form.made_by(lambda: _upload(form))
    if run is not None:
        return go(".show", run_id=run.id)
    page = render_template(
        "imports/index.html",
        form=form,
        several=len(offered) > 1,
        runs=services.latest(who),
        sources=services.sources(who),
        sheets=services.sheets_for(who, who.organiser_id),
        most=services.MOST_BYTES // 2**20,
    )
    return page, form.status


def _upload(form: UploadForm) -> ImportRun:
    name, content = form.content
    return services.upload(
        actor(),
        _organiser(form.organiser_id),
        file_name=name,
        content=content,
        source=form.source.data or "",
        only_sheet=form.only_sheet.data or "",
        key=form.once,
    )


def _organiser(organiser_id: int | None) -> Organiser:
    return organisers.get(organiser_id or actor().organiser_id)


@imports.route("/template")
@requires(Permission.IMPORT_DATA)
def template() -> BaseResponse:
    """The empty workbook with an example in each sheet."""
    name, content = exports.template(actor(), actor().organiser_id)
    return download(content, XLSX, name)


@imports.route("/export", methods=["POST"])
@requires(Permission.IMPORT_DATA)
def export() -> BaseResponse:
    """The workbook with what there is, made by the work process."""
    job = exports.ask_for_data(actor(), _organiser(None), key=RunForm().once)
    return go("home.job", job_id=job.id)


@imports.route("/<int:run_id>")
@requires(Permission.IMPORT_DATA)
def show(run_id: int) -> str:
    """One import: how far it is, what it would change, what is wrong, what came of it."""
    run = services.get_visible(actor(), run_id)
    job = services.job_of(run)
    stuck = run.state in (ImportState.CHECKING, ImportState.WRITING) and (job is None or job.ended_at is not None)
    return render_template(
        "imports/show.html",
        run=run,
        job=job,
        stuck=stuck,
        going_on=run.state in (ImportState.CHECKING, ImportState.WRITING) and not stuck,
        preview=run.preview,
        titles={key: sheet.title for key, sheet in BY_KEY.items()},
        columns={key: [(column.key, column.head) for column in sheet.columns] for key, sheet in BY_KEY.items()},
        after_people=after_people,
    )


@imports.route("/<int:run_id>/heads", methods=["POST"])
@requires(Permission.IMPORT_DATA)
def map_heads(run_id: int) -> BaseResponse:
    """Say what unknown heads mean; the file is checked again."""
    run, form = services.get_visible(actor(), run_id), RunForm()
    unknown = run.preview.get("unknown", [])
    chosen = {(sheet, head): request.form.get(f"head-{place}", "") for place, (sheet, head, _) in enumerate(unknown)}
    if not chosen:
        raise Missing
    services.map_heads(actor(), run, meanings=chosen, key=form.once)
    return go(".show", run_id=run_id)


@imports.route("/<int:run_id>/confirm", methods=["POST"])
@requires(Permission.IMPORT_DATA)
def confirm(run_id: int) -> BaseResponse:
    """Have it written."""
    services.confirm(actor(), services.get_visible(actor(), run_id), key=RunForm().once)
    return go(".show", run_id=run_id)


@imports.route("/<int:run_id>/drop", methods=["POST"])
@requires(Permission.IMPORT_DATA)
def drop(run_id: int) -> BaseResponse:
    """Leave it; the file is deleted."""
    services.drop(actor(), services.get_visible(actor(), run_id), key=RunForm().once)
    flash("已放弃，文件已删除，数据没有改变。", "good")
    return go(".index")
