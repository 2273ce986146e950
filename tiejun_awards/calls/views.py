"""Pages of calls: the list, one call, drafting and announcing."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..organisers import services as organisers
from ..shared.access import Permission
from ..shared.clock import day_of
from ..shared.errors import Missing, Refused
from ..shared.moments import actor
from ..shared.web import go, requires
from ..shared.web import listing as web_listing
from . import rules, services
from .forms import AnnounceForm, CallForm
from .models import Call
from .rules import PROGRAMMES, State

calls = Blueprint("calls", __name__, url_prefix="/calls")


@calls.route("/")
@requires(Permission.READ_CALL)
def index() -> str:
    """The calls within reach, the latest year first."""
    listing = web_listing(sorts=services.SORTS, filters=("q", "programme", "year"))
    total, rows = services.page_of(
        actor(), listing.filters, listing.sort, listing.descending, listing.per_page, listing.page
    )
    return render_template(
        "calls/index.html",
        rows=rows,
        listing=listing.counted(total),
        programmes=PROGRAMMES,
        programme_options=[("", "全部"), *((key, each.title) for key, each in PROGRAMMES.items())],
        prefix=url_for(".show", call_id=0).removesuffix("0"),
    )


@calls.route("/<int:call_id>")
@requires(Permission.READ_CALL)
def show(call_id: int) -> str:
    """One call: what is looked for, until when, what can be done."""
    call = services.get_visible(actor(), call_id)
    return render_template(
        "calls/show.html",
        call=call,
        phase=call.phase(day_of(actor().at)),
        phases=rules.Phase,
        units=services.recommending(actor(), call),
    )


@calls.route("/new", methods=["GET", "POST"])
@requires(Permission.WRITE_CALL)
def new() -> BaseResponse | str | tuple[str, int]:
    """Draft a call."""
    form = CallForm()
    if form.validate_on_submit():
        try:
            call = services.draft(actor(), organisers.get(actor().organiser_id), form.plan(), key=form.once)
        except Refused as refused:
            return _wrong(form, refused, None)
        flash("草稿已存好，核对无误后再发出。", "good")
        return go(".show", call_id=call.id)
    if not form.is_submitted():
        form.year.data = day_of(actor().at).year
        form.per_unit.data = 2
    return _edit(form, None)


@calls.route("/<int:call_id>/edit", methods=["GET", "POST"])
@requires(Permission.WRITE_CALL)
def edit(call_id: int) -> BaseResponse | str | tuple[str, int]:
    """Change a draft."""
    call = services.get_visible(actor(), call_id)
    if call.state is not State.DRAFT:
        return go(".show", call_id=call.id)
    form = CallForm(obj=call)
    if form.validate_on_submit():
        try:
            services.change(actor(), call, form.plan(), version=form.version.data or 0, key=form.once)
        except Refused as refused:
            return _wrong(form, refused, services.get_visible(actor(), call_id))
        flash("已存好。", "good")
        return go(".show", call_id=call_id)
    if not form.is_submitted():
        form.form.data = call.form.value
    return _edit(form, call)


def _wrong(form: CallForm, refused: Refused, call: Call | None) -> tuple[str, int]:
    if refused.field is None:
        raise refused
    form.say(refused)
    return _edit(form, call)


def _edit(form: CallForm, call: Call | None) -> tuple[str, int]:
    department = services.is_department(organisers.get(actor().organiser_id))
    if form.errors:
        faults = rules.faults(form.plan(), department=department)
        form.say_all({name: sentence for name, sentence in faults.items() if not form[name].errors})
    page = render_template("calls/edit.html", form=form, call=call, department=department)
    return page, 422 if form.errors else 200


@calls.route("/<int:call_id>/announce", methods=["POST"])
@requires(Permission.WRITE_CALL)
def announce(call_id: int) -> BaseResponse | tuple[str, int]:
    """Announce a draft; what is missing is said in its editor, beside the field."""
    call = services.get_visible(actor(), call_id)
    form = AnnounceForm()
    if not form.validate():
        raise Missing
    try:
        services.announce(actor(), call, version=form.version.data or 0, key=form.once)
    except Refused as refused:
        if refused.field is None:
            raise
        call = services.get_visible(actor(), call_id)
        editor = CallForm(None, obj=call)
        editor.form.data = call.form.value
        editor.say(refused)
        return _edit(editor, call)
    flash("通知已发出，全体干部职工和各单位经办都能看到。", "good")
    return go(".show", call_id=call_id)
