"""Pages of typing what a signed paper says: which paper, its fields, and once more where something was wrong."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ..shared.access import Permission
from ..shared.errors import Missing, Refused, Stale
from ..shared.fields import NO_VERSION
from ..shared.moments import actor
from ..shared.web import go, requires
from ..shared.web import listing as web_listing
from . import codes, queries, services
from .forms import Difference, EntryForm, differences, in_page_order, read_values
from .models import PrintedForm, Transcription
from .rules import Entry, Subject

transcribing = Blueprint("transcribing", __name__, url_prefix="/papers")

Answer = BaseResponse | str | tuple[str, int]

MOST_OFFERED = 60


@transcribing.route("/begin")
@requires(Permission.TRANSCRIBE)
def begin() -> Answer:
    """By the code on the paper, or chosen from what is not submitted yet. A code read by a phone comes here too."""
    typed = request.args.get("code")
    if typed is None:
        return _begin("", "")
    try:
        code = codes.read_code(typed)
        form = queries.print_of(actor(), code, Permission.TRANSCRIBE)
    except ValueError as error:
        return _begin(typed, str(error)), 422
    except Missing:
        return _begin(typed, "没有印过这个编码的表，或者它不是您能代录的支部的。请核对，或在下面选一份。"), 422
    return go(".enter", kind=form.kind, subject=form.subject, code=form.code)


def _begin(typed: str, wrong: str) -> str:
    listing = web_listing(sorts=["title"], filters=["q"])
    offers = {kind: form.offered(actor(), listing.filters["q"], MOST_OFFERED) for kind, form in queries.forms.items()}
    return render_template(
        "papers/begin.html",
        typed=typed,
        wrong=wrong,
        offers=[(kind, offer) for kind, found in offers.items() for offer in found],
        listing=listing,
        most=MOST_OFFERED,
    )


@transcribing.route("/enter/<kind>/<subject>", methods=["GET", "POST"])
@requires(Permission.TRANSCRIBE)
def enter(kind: str, subject: str) -> Answer:
    """Type what a signed paper says. What was printed into it stands there already."""
    found = queries.subject_of(actor(), kind, subject, Permission.TRANSCRIBE)
    printed = _printed(found)
    form = EntryForm()
    form.offer(found.authors)
    if not form.is_submitted():
        return _typing(found, form, dict(printed.content) if printed else {}, printed=printed)
    values = read_values(found.sections, request.form)
    if _only_rows():
        return _typing(found, form, values, printed=printed, more="add_row" in request.form)
    form.validate()
    entry = form.entry(values)
    wrong = services.faults(actor(), found, entry, printed)
    try:
        if not wrong and not form.errors:
            made = services.transcribe(actor(), found.owner, kind, found.key, entry, form=printed, key=form.once)
            flash("已存好，等另一位复核。原件扫描可以附在这里，不附也行。", "good")
            return go("papers.show", paper_id=made.id)
    except Refused as refused:
        wrong = {refused.field or "closed": refused.sentence}
        found = queries.subject_of(actor(), kind, subject, Permission.TRANSCRIBE)
    return _typing(found, form, values, wrong, printed=printed), 422


def _printed(subject: Subject) -> PrintedForm | None:
    code = request.args.get("code", "")
    if not code:
        return None
    found = queries.print_of(actor(), code, Permission.TRANSCRIBE)
    return found if (found.kind, found.subject) == (subject.kind, subject.key) else None


def _only_rows() -> bool:
    """Without JavaScript the buttons of a grid come here: a row more, or one emptied; nothing is kept."""
    return "add_row" in request.form or "remove_row" in request.form


def _typing(
    subject: Subject,
    form: EntryForm,
    values: dict[str, str],
    wrong: dict[str, str] | None = None,
    *,
    printed: PrintedForm | None = None,
    transcription: Transcription | None = None,
    more: bool = False,
    unlike: Sequence[Difference] | None = None,
) -> str:
    form.say_all({name: sentence for name, sentence in (wrong or {}).items() if name in form._fields})
    errors = {name: sentence for name, sentence in (wrong or {}).items() if name not in form._fields}
    for name in _removed(values):
        values.pop(name)
    return render_template(
        "papers/enter.html",
        subject=subject,
        form=form,
        values=values,
        errors=errors,
        wrong=in_page_order(subject.sections, errors),
        rows={
            section.grid.name: section.grid.rows(values) + ([] if section.grid.heads else [{}] * (3 if more else 1))
            for section in subject.sections
            if section.grid
        },
        code=codes.in_fours(printed.code) if printed else "",
        filled=bool(printed and printed.content),
        transcription=transcription,
        unlike=unlike,
        under_way=None if transcription else queries.open_one(subject.kind, subject.key),
    )


def _removed(values: dict[str, str]) -> list[str]:
    row = request.form.get("remove_row", "")
    return [name for name in values if row and name.startswith(f"{row}-")]


@transcribing.route("/<int:paper_id>/edit", methods=["GET", "POST"])
@requires(Permission.TRANSCRIBE)
def edit(paper_id: int) -> Answer:
    """Type it once more: it came back, or its writer saw a mistake before."""
    found = queries.get_for(actor(), paper_id, Permission.TRANSCRIBE)
    if not (services.is_open(found) and found.entered_by == actor().person_id):
        if request.method == "POST":
            raise Refused(services.NOT_YOURS if services.is_open(found) else f"现在是“{found.state.label}”，不能改正。")
        return go("papers.show", paper_id=found.id)
    subject = queries.form_of(found.kind).subject(found.subject, actor())
    form = EntryForm(signed_on=found.signed_on, author=found.author_id, lies_at=found.lies_at, version=found.version)
    form.offer(subject.authors)
    if not form.is_submitted():
        return _typing(subject, form, dict(found.content), printed=found.form, transcription=found)
    values = read_values(subject.sections, request.form)
    form.validate()
    if form.version.data is None:
        raise Refused(NO_VERSION)
    entry = form.entry(values)
    stale = form.version.data != found.version
    if stale and _only_rows():
        return _both(subject, form, entry, found), 409
    if _only_rows():
        return _typing(subject, form, values, printed=found.form, transcription=found, more="add_row" in request.form)
    wrong = services.faults(actor(), subject, entry, found.form, enterer=found.entered_by)
    if stale and (wrong or form.errors):
        return _both(subject, form, entry, found), 409
    try:
        if not wrong and not form.errors:
            services.correct(actor(), found, entry, version=form.version.data, key=form.once)
            flash("已改好，等另一位复核。", "good")
            return go("papers.show", paper_id=paper_id)
    except Stale:
        return _both(subject, form, entry, queries.get_for(actor(), paper_id, Permission.TRANSCRIBE)), 409
    except Refused as refused:
        wrong = {refused.field or "closed": refused.sentence}
    found = queries.get_for(actor(), paper_id, Permission.TRANSCRIBE)
    return _typing(subject, form, values, wrong, printed=found.form, transcription=found), 422


def _both(subject: Subject, form: EntryForm, entry: Entry, found: Transcription) -> str:
    """What was typed, still in the form, and beside it what was saved since the page was opened."""
    kept = Entry(found.signed_on, found.author_id, found.lies_at, dict(found.content))
    unlike = differences(subject, entry, kept)
    return _typing(subject, form, dict(entry.values), printed=found.form, transcription=found, unlike=unlike)
