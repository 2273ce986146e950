"""Pages of attachments: those of an owner, a preview, the bytes. Every one asks the owner who may see it."""

from __future__ import annotations

from typing import IO, Any

from flask import Blueprint, Response, current_app, flash, make_response, render_template, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from ..shared.access import Permission
from ..shared.errors import Missing, Refused
from ..shared.moments import actor
from ..shared.refusals import is_fragment
from ..shared.web import go, requires
from . import exports, previews, queries, rules, services, store
from .rules import OwnerKind, PreviewState

files = Blueprint("files", __name__, url_prefix="/files")

SANDBOX = "sandbox; default-src 'none'"
"""What an opened file may do in a browser: nothing."""

_JOBS = previews.draw  # the kind of job is known wherever the pages are


@files.route("/of/<kind>/<int:owner_id>")
@requires(Permission.READ_FILE)
def index(kind: str, owner_id: int) -> str:
    """The attachments of one owner, and a form for more."""
    return _index(*queries.owner_of(actor(), kind, owner_id))


def _index(kind: OwnerKind, owner: Any, refused: list[tuple[str, str]] | None = None) -> str:
    writes = queries.may_attach(actor(), kind, owner)
    closed = kind.why_closed(owner)
    place = kind.describe(owner)
    return render_template(
        "files/index.html",
        place=place,
        crumbs=[(label, url_for(endpoint, **values)) for label, endpoint, values in place.crumbs],
        lines=queries.lines_of(kind.kind, owner.id, writer=writes or kind.read_at_once),
        upload=_uploader(kind, owner),
        open=writes and not closed,
        closed=closed if writes else "",
        refused=refused or [],
        prefix=_prefix(),
    )


def _uploader(kind: OwnerKind, owner: Any) -> queries.Uploader:
    return queries.uploader(kind, owner, old_formats=current_app.config["OLD_FORMATS"])


def _prefix() -> str:
    return url_for(".show", file_id=0).removesuffix("0")


@files.route("/of/<kind>/<int:owner_id>/add", methods=["POST"])
@requires(Permission.ATTACH_FILE)
def add(kind: str, owner_id: int) -> BaseResponse | tuple[str, int] | str:
    """Take in one file or several; each is kept or refused by itself."""
    owner_kind, owner = queries.owner_of(actor(), kind, owner_id)
    services.refuse_closed(actor(), owner_kind, owner)
    chosen = [file for file in request.files.getlist("file") if file.filename]
    refused = [] if chosen else [("", "请先选要传的文件。附件都可以不传。")]
    for file in chosen:
        try:
            _take_in(owner_kind, owner, file)
        except Refused as no:
            refused.append((rules.clean_name(file.filename or ""), no.sentence))
    if is_fragment():
        if refused:
            return render_template("files/refused.html", refused=refused), 422
        lines = queries.lines_of(kind, owner_id, writer=True)
        bare = "bare" in request.form
        return render_template("files/lines.html", lines=lines, prefix=_prefix(), removable=not bare)
    if refused:
        return _index(owner_kind, owner, refused), 422
    flash(f"已附上 {len(chosen)} 个文件。", "good")
    return go(".index", kind=kind, owner_id=owner_id)


def _take_in(kind: OwnerKind, owner: Any, file: FileStorage) -> None:
    upload = services.taken_in(
        file.stream,  # type: ignore[arg-type]
        file.filename or "",
        most=queries.most_bytes(owner.place.organiser_id),
        old_formats=current_app.config["OLD_FORMATS"],
        clamd=current_app.config["CLAMD"],
    )
    with upload as checked:
        services.attach(actor(), owner, kind, checked)
    if checked.virus:
        raise Refused("病毒检查发现这个文件带病毒，已经隔离，谁也打不开。请给电脑杀毒后，换一份干净的再传。")


@files.route("/<int:file_id>/remove", methods=["POST"])
@requires(Permission.ATTACH_FILE)
def remove(file_id: int) -> BaseResponse:
    """Take a file from its owner."""
    found, kind, owner = queries.get_visible(actor(), file_id)
    where = {"kind": kind.kind, "owner_id": owner.id}
    services.remove(actor(), owner, kind, found.id, key=request.form.get("key", ""))
    flash("已移除这个附件。", "good")
    return go(".index", **where)


@files.route("/<int:file_id>")
@requires(Permission.READ_FILE)
def show(file_id: int) -> str:
    """What a file holds, without opening it in another program."""
    found, kind, owner = queries.readable(actor(), file_id)
    preview = queries.preview_of(found.sha256)
    place = kind.describe(owner)
    crumbs = [(label, url_for(endpoint, **values)) for label, endpoint, values in place.crumbs]
    return render_template(
        "files/show.html",
        file=found,
        size=rules.size_label(found.size),
        preview=preview,
        state=preview.state if preview else PreviewState.NONE,
        states=PreviewState,
        crumbs=[*crumbs, ("附件", url_for(".index", kind=kind.kind, owner_id=owner.id))],
        pages=[url_for(".page", file_id=found.id, number=n + 1) for n in range(preview.pages if preview else 0)],
    )


@files.route("/<int:file_id>/pages/<int:number>")
@requires(Permission.READ_FILE)
def page(file_id: int, number: int) -> Response:
    """One drawn page."""
    found, _, _ = queries.readable(actor(), file_id)
    preview = queries.preview_of(found.sha256)
    if preview is None or not 1 <= number <= preview.pages:
        raise Missing
    try:
        drawn = store.store().open(store.preview_key(found.sha256, number))
    except store.Damaged as error:
        raise Missing from error
    return _sent(drawn, preview.media, f'inline; filename="{number}"')


@files.route("/<int:file_id>/file")
@requires(Permission.READ_FILE)
def download(file_id: int) -> Response:
    """The file itself, its hash just verified."""
    found, _, _ = queries.readable(actor(), file_id)
    return _sent(services.opened(actor(), found), found.kind.media, rules.disposition(found.name))


@files.route("/of/<kind>/<int:owner_id>/all")
@requires(Permission.READ_FILE)
def download_all(kind: str, owner_id: int) -> Response:
    """全部附件 in one zip."""
    owner_kind, owner = queries.owner_of(actor(), kind, owner_id)
    content = exports.all_of(actor(), owner_kind, owner)
    name = rules.disposition(f"{owner_kind.describe(owner).title}.zip")
    return _sent(content, "application/zip", name)


def _sent(content: IO[bytes], media: str, disposition: str) -> Response:
    """Bytes somebody brought: never in the page's own name, never kept by a cache."""
    response: Response = make_response(send_file(content, mimetype=media, conditional=False, etag=False, max_age=0))
    response.headers["Content-Disposition"] = disposition
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "no-store"
    return response
