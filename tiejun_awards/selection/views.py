"""Pages of the selection: a call's entries, one entry, the registered steps."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..calls import services as calls
from ..calls.models import Call
from ..decisions import services as decisions
from ..decisions.forms import StepForm, WithdrawStepForm
from ..decisions.rules import Kind
from ..documents.sheets import XLSX
from ..nominations import queries as nominations
from ..nominations.models import Entry
from ..nominations.rules import EndReason, EntryState
from ..rulebook import services as rulebook
from ..shared.access import Permission, can
from ..shared.clock import day_of
from ..shared.errors import Missing, Refused
from ..shared.fields import NO_VERSION, VersionedForm
from ..shared.moments import actor
from ..shared.seen import saw
from ..shared.web import download, go, requires
from ..shared.web import listing as web_listing
from . import exports, rules, services
from .forms import EndForm

selection = Blueprint("selection", __name__, url_prefix="/selection")

FILTERS = ("q", "unit", "state")


@selection.route("/<int:call_id>")
@requires(Permission.READ_SELECTION)
def index(call_id: int) -> str:
    """A call's entries in unit order: filter, sort, page, export; its steps beside."""
    who, call = actor(), _call(call_id)
    listing = web_listing(sorts=services.SORTS, filters=FILTERS, per_page=25)
    counts = services.tally(who, call, listing.filters)
    listing = listing.counted(sum(counts.values()))
    rows = services.lines(
        who,
        call,
        listing.filters,
        sort=listing.sort,
        descending=listing.descending,
        offset=listing.offset,
        limit=listing.per_page,
    )
    units, sent = calls.units_of(call.organiser_id, day_of(who.at)), nominations.sent_by_units(call.id)
    steps = decisions.steps_of(call)
    here = url_for(
        ".index", call_id=call.id
    )  # addresses below it are made of it: each url_for costs as much as two rows
    all_counts = services.tally(who, call) if listing.filtered else counts
    return render_template(
        "selection/index.html",
        call=call,
        phase=call.phase(day_of(who.at)),
        rows=rows,
        listing=listing,
        steps=steps,
        kinds=rules.STEPS,
        needed=rules.NEEDED,
        states=EntryState,
        counts=all_counts,
        obstacles=services.obstacles(who, call, steps, all_counts),
        waiting=[name for unit_id, name in units if unit_id not in sent],
        unit_options=[("", "全部"), *((str(unit_id), name) for unit_id, name in units)],
        state_options=[("", "全部"), *((state.value, state.label) for state in EntryState)],
        here=here,
        export_path=f"{here}/export?{urlencode(listing.filters)}",
        prefix=url_for(".show", entry_id=0).removesuffix("0"),
    )


def _call(call_id: int) -> Call:
    call = calls.get_announced(actor(), call_id)
    if not can(actor(), Permission.READ_SELECTION, call):
        raise Missing
    return call


@selection.route("/<int:call_id>/export")
@requires(Permission.EXPORT_SELECTION)
def export(call_id: int) -> BaseResponse:
    """The entries as .xlsx under the page's filters."""
    listing = web_listing(sorts=services.SORTS, filters=FILTERS)
    call = _call(call_id)
    name, content = exports.entries_file(actor(), call, listing.filters)
    saw(actor(), "oversight.saw_list", subject=call)
    return download(content, XLSX, name)


# An entry.


@selection.route("/entries/<int:entry_id>")
@requires(Permission.READ_SELECTION)
def show(entry_id: int) -> str:
    """One entry: what the unit wrote, how it came to it, and the review."""
    entry = services.get_visible(actor(), entry_id)
    saw(actor(), subject=entry, about=entry.nominee)
    return _show(entry, EndForm())


def _show(entry: Entry, form: EndForm) -> str:
    return render_template(
        "selection/show.html",
        entry=entry,
        form=form,
        states=EntryState,
        own=services.concerns(actor(), entry),
        open=entry.call.published_at is None,
    )


@selection.route("/entries/<int:entry_id>/accept", methods=["POST"])
@requires(Permission.REVIEW_ENTRY)
def accept(entry_id: int) -> BaseResponse:
    """通过初审."""
    entry = services.get_visible(actor(), entry_id)
    form = VersionedForm.sent()
    services.accept(actor(), entry, version=form.version.data or 0, key=form.once)
    flash(f"{entry.nominee}已通过初审。", "good")
    return go(".index", call_id=entry.call_id)


@selection.route("/entries/<int:entry_id>/reopen", methods=["POST"])
@requires(Permission.REVIEW_ENTRY)
def reopen(entry_id: int) -> BaseResponse:
    """Take up again what was ended."""
    entry = services.get_visible(actor(), entry_id)
    form = VersionedForm.sent()
    services.reopen(actor(), entry, version=form.version.data or 0, key=form.once)
    flash(f"{entry.nominee}回到初审。", "good")
    return go(".show", entry_id=entry.id)


@selection.route("/entries/<int:entry_id>/end", methods=["POST"])
@requires(Permission.REVIEW_ENTRY)
def end(entry_id: int) -> BaseResponse | tuple[str, int]:
    """不列入, with a reason from the closed list."""
    entry = services.get_visible(actor(), entry_id)
    form = EndForm()
    if not form.validate():
        if form.version.errors:
            raise Refused(NO_VERSION)
        return _show(entry, form), 422
    reason, ground = EndReason(form.reason.data), form.ground.data or ""
    version = form.version.data or 0
    try:
        services.end(actor(), entry, reason=reason, ground=ground, version=version, key=form.once)
    except Refused as refused:
        if refused.field is None:
            raise
        form.say(refused)
        return _show(services.get_visible(actor(), entry_id), form), 422
    flash("已登记，推荐人和被推荐人会看到原因。", "good")
    return go(".index", call_id=entry.call_id)


# Registered steps.


@selection.route("/<int:call_id>/steps/<kind>", methods=["GET", "POST"])
@requires(Permission.REGISTER_SELECTION)
def register(call_id: int, kind: str) -> BaseResponse | tuple[str, int]:
    """Register an opinion, the notice or the decision."""
    call, wanted = _call(call_id), _kind(kind)
    form = StepForm()
    if form.validate_on_submit():
        try:
            services.register(actor(), call, wanted, form.entry(), key=form.once)
        except Refused as refused:
            if refused.field is None:
                raise
            call = _call(call_id)
            form.say_all(services.faults(actor(), call, wanted, form.entry()) or {refused.field: refused.sentence})
        else:
            flash(f"{wanted.label}已登记。", "good")
            return go(".index", call_id=call.id)
    page = render_template(
        "selection/register.html",
        call=call,
        kind=wanted,
        form=form,
        fields=form.fields_of(wanted),
        notice=rulebook.rule(call.organiser_id, "notice.working_days", call.announced_at),
    )
    return page, 422 if form.errors else 200


def _kind(value: str) -> Kind:
    found = next((kind for kind in rules.STEPS if kind.value == value), None)
    if found is None:
        raise Missing
    return found


@selection.route("/<int:call_id>/steps/<kind>/withdraw", methods=["GET", "POST"])
@requires(Permission.REGISTER_SELECTION)
def take_back(call_id: int, kind: str) -> BaseResponse | tuple[str, int]:
    """Withdraw a step registered by mistake."""
    call, wanted = _call(call_id), _kind(kind)
    registered = decisions.steps_of(call).get(wanted)
    if registered is None:
        raise Missing
    form = WithdrawStepForm()
    if form.validate_on_submit():
        try:
            services.take_back(actor(), call, registered, reason=form.reason.data or "", key=form.once)
        except Refused as refused:
            if refused.field is None:
                raise
            call = _call(call_id)
            registered = decisions.steps_of(call)[wanted]
            form.say(refused)
        else:
            flash(f"{wanted.label}的登记已撤下。", "good")
            return go(".index", call_id=call.id)
    page = render_template("selection/withdraw.html", call=call, kind=wanted, step=registered, form=form)
    return page, 422 if form.errors else 200
