"""Pages of the paper twin: the list, the printed form, one transcription and its comparison. Typing is ``transcribing``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..documents.qr import qr
from ..documents.sheets import XLSX
from ..files import queries as files
from ..files.rules import PICTURES, FileKind, PreviewState
from ..shared.access import Permission
from ..shared.errors import Refused, Stale
from ..shared.fields import NO_VERSION, VerbForm
from ..shared.moments import actor
from ..shared.web import download, go, requires
from ..shared.web import listing as web_listing
from . import codes, exports, queries, rules, services
from .forms import BackForm, CompareForm, WithdrawForm
from .models import Transcription
from .rules import Subject

papers = Blueprint("papers", __name__, url_prefix="/papers")

Answer = BaseResponse | str | tuple[str, int]


@papers.route("/")
@requires(Permission.READ_PAPER)
def index() -> str:
    """The transcriptions within reach, the latest first."""
    listing = web_listing(sorts=queries.SORTS, filters=queries.FILTERS)
    page = queries.page_of(actor(), listing.filters, listing.sort, listing.descending, listing.per_page, listing.page)
    return render_template(
        "papers/index.html",
        page=page,
        listing=listing.counted(page.total),
        states=rules.State,
        state_options=[("", "全部"), *((state.value, state.label) for state in rules.State)],
        period_options=[("", "全部"), *((code, rules.period_label(code)) for code in page.periods)],
        export_path=f"{url_for('.export')}?{urlencode(listing.filters)}",
        prefix=url_for(".show", paper_id=0).removesuffix("0"),
    )


@papers.route("/export")
@requires(Permission.READ_PAPER)
def export() -> BaseResponse:
    """The list as .xlsx."""
    filters = web_listing(sorts=queries.SORTS, filters=queries.FILTERS).filters
    name, content = exports.papers_file(actor(), filters)
    return download(content, XLSX, name)


# Printing.


@papers.route("/print/<kind>/<subject>", methods=["POST"])
@requires(Permission.PRINT_PAPER)
def print_form(kind: str, subject: str) -> BaseResponse:
    """Give a blank or filled form its code, and show it."""
    found = queries.subject_of(actor(), kind, subject, Permission.PRINT_PAPER)
    content = {}
    if "filled" in request.form:
        if not queries.form_of(kind).may_read(actor(), found):
            raise Refused("这份还没有提交，草稿只有支部自己能看；您可以打印空白表。")
        content = dict(found.current)
    form = services.print_form(actor(), found.owner, kind, found.key, content=content, key=request.form.get("key", ""))
    return go(".form", code=form.code)


@papers.route("/forms/<code>")
@requires(Permission.PRINT_PAPER)
def form(code: str) -> str:
    """A printed form: A4, with its code and where it leads."""
    found = queries.print_of(actor(), code, Permission.PRINT_PAPER)
    subject = queries.subject_of(actor(), found.kind, found.subject, Permission.PRINT_PAPER)
    site = (current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/")
    return render_template(
        "papers/form.html",
        heading=queries.form_of(found.kind).title,
        form=found,
        subject=subject,
        period=rules.period_label(subject.period),
        code=codes.in_fours(found.code),
        picture=qr(f"{site}{url_for('transcribing.begin', code=found.code)}"),
    )


# One transcription.


@papers.route("/<int:paper_id>")
@requires(Permission.READ_PAPER)
def show(paper_id: int) -> str:
    """What was typed; who may compare it does so here, section by section."""
    return _show(queries.get_visible(actor(), paper_id))


def _show(found: Transcription, **forms: Any) -> str:
    subject = queries.form_of(found.kind).subject(found.subject, actor())
    why_not = services.why_not_compared(actor(), found)
    compares = not why_not
    compare: CompareForm = forms.get("compare") or CompareForm(formdata=None)
    compare.offer(subject.sections)
    scans = files.lines_of("paper", found.id, writer=True)
    return render_template(
        "papers/show.html",
        paper=found,
        subject=subject,
        sections=[(section, list(section.lines(found.content))) for section in subject.sections],
        replaced=_replaced(found, subject),
        open=services.is_open(found),
        compares=compares,
        why_not=why_not,
        compare=compare,
        boxes=list(compare.alike),
        back=forms.get("back") or BackForm(formdata=None),
        withdraw=forms.get("withdraw") or WithdrawForm(formdata=None),
        mine=found.entered_by == actor().person_id,
        scans=scans,
        drawn=[scan for scan in scans if scan.preview is PreviewState.MADE and scan.kind in (*PICTURES, FileKind.PDF)],
        code=codes.in_fours(found.form.code) if found.form else "",
    )


def _replaced(found: Transcription, subject: Subject) -> list[tuple[str, str]]:
    """What the system held and the paper says otherwise: it stays to be read here, by those whose draft it was."""
    if not queries.form_of(found.kind).may_write(actor(), subject):
        return []
    same = {line for section in subject.sections for line in section.lines(found.content)}
    return [line for section in subject.sections for line in section.lines(found.replaced) if line not in same]


def _done(form: VerbForm, verb: Callable[[], object]) -> bool:
    """Do it; whether it was done. What changed since the page was opened is looked at anew on the same page."""
    try:
        return form.attempt(verb)
    except Stale:
        form.say(Refused("您打开页面之后，这份代录改过了。请照现在的内容再看一遍。", field=""))
        return False


@papers.route("/<int:paper_id>/compare", methods=["POST"])
@requires(Permission.COMPARE_PAPER)
def compare(paper_id: int) -> Answer:
    """一样: the paper counts."""
    found = queries.get_for(actor(), paper_id, Permission.COMPARE_PAPER)
    form = CompareForm()
    form.offer(queries.form_of(found.kind).subject(found.subject, actor()).sections)
    form.validate()
    if form.version.errors:
        raise Refused(NO_VERSION)
    if not form.errors and _done(
        form,
        lambda: services.compare(
            actor(),
            found,
            signed_on=form.signed_on.data,
            alike=tuple(form.alike.data or ()),
            version=form.version.data or 0,
            key=form.once,
        ),
    ):
        flash(f"{found.about}已复核，按纸上的日期算。", "good")
        return go(".show", paper_id=paper_id)
    if form.form_errors:  # what was ticked may have changed since
        form.alike.data = []
    return _show(queries.get_visible(actor(), paper_id), compare=form), form.status


@papers.route("/<int:paper_id>/return", methods=["POST"])
@requires(Permission.COMPARE_PAPER)
def send_back(paper_id: int) -> Answer:
    """不一样: back to whoever typed it, saying what."""
    found, form = queries.get_for(actor(), paper_id, Permission.COMPARE_PAPER), BackForm.sent()
    if _done(
        form,
        lambda: services.send_back(
            actor(), found, reason=form.reason.data or "", version=form.version.data or 0, key=form.once
        ),
    ):
        flash("已退回，代录的人会看到您写的。", "good")
        return go(".show", paper_id=paper_id)
    return _show(queries.get_visible(actor(), paper_id), back=form), form.status


@papers.route("/<int:paper_id>/withdraw", methods=["POST"])
@requires(Permission.TRANSCRIBE)
def withdraw(paper_id: int) -> Answer:
    """Not needed any more."""
    found, form = queries.get_for(actor(), paper_id, Permission.TRANSCRIBE), WithdrawForm.sent()
    if _done(
        form,
        lambda: services.withdraw(
            actor(), found, reason=form.reason.data or "", version=form.version.data or 0, key=form.once
        ),
    ):
        flash("已撤下，记录还在。", "good")
        return go(".show", paper_id=paper_id)
    return _show(queries.get_visible(actor(), paper_id), withdraw=form), form.status
