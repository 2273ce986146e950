"""The office's pages of a quarter: the matrix of branches, its export, the next report to review."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..documents.sheets import XLSX
from ..organisers import services as organisers
from ..reports.due import due_day, is_asked, left_to, quarter_to_report, usual_times
from ..shared.access import Permission
from ..shared.clock import day_of
from ..shared.listing import Listing, asked_quarter
from ..shared.moments import actor
from ..shared.web import download, go, requires
from ..shared.web import listing as web_listing
from . import exports, services
from .forms import ExportForm
from .services import COUNTED, SORTS, Filters, Progress

quarters = Blueprint("quarters", __name__, url_prefix="/quarters")


@quarters.route("/")
@requires(Permission.READ_QUARTER)
def index() -> BaseResponse:
    """The quarter that is reported on now."""
    return go(".show", code=quarter_to_report(actor().organiser_id, actor().at).code)


@quarters.route("/<code>")
@requires(Permission.READ_QUARTER)
def show(code: str) -> str:
    """Every branch of a quarter: its report, how often it met; filter, sort, page, export."""
    who, quarter = actor(), asked_quarter(code)
    listing = web_listing(sorts=SORTS, filters=("q", "unit", "state"))
    filters = _filters(listing)
    due = due_day(who.organiser_id, quarter)
    counts = services.tally(who, quarter, filters)
    listing = listing.counted(sum(counts.values()))
    lines = services.lines(
        who,
        quarter,
        filters,
        due=due.day,
        sort=listing.sort,
        descending=listing.descending,
        offset=listing.offset,
        limit=listing.per_page,
    )
    return render_template(
        "quarters/show.html",
        quarter=quarter,
        lines=lines,
        counts=counts,
        listing=listing,
        due=due,
        left=left_to(due, who.at),
        kinds=COUNTED,
        usual=usual_times(who.organiser_id),
        progress=Progress,
        units=[("", "全部"), *((str(unit_id), name) for unit_id, name in services.units_of_branches(who))],
        state_options=[("", "全部"), *((state.value, f"{state.label} {number}") for state, number in counts.items())],
        export_path=f"{url_for('.export', code=quarter.code)}?{urlencode(listing.filters)}",
        report_path=url_for("reports.show", report_id=0).removesuffix("0"),
        asked=is_asked(who.organiser_id, quarter),
        started=quarter.first_day <= day_of(who.at),
        over=quarter.last_day < day_of(who.at),
    )


@quarters.route("/<code>/export", methods=["GET", "POST"])
@requires(Permission.EXPORT_QUARTER)
def export(code: str) -> BaseResponse | str:
    """The overview as .xlsx under the page's filters: at once, or, when it is long, made by the work process."""
    who, quarter = actor(), asked_quarter(code)
    filters = _filters(web_listing(sorts=SORTS, filters=("q", "unit", "state")))
    if sum(services.tally(who, quarter, filters).values()) <= exports.AT_ONCE:
        name, content = exports.quarter_file(who, quarter, filters)
        return download(content, XLSX, name)
    form = ExportForm()
    if form.validate_on_submit():
        organiser = organisers.get(who.organiser_id)
        job = exports.ask_for_quarter_file(who, organiser, quarter, filters, key=form.key.data or "")
        return go("home.job", job_id=job.id)
    return render_template("quarters/export.html", quarter=quarter, form=form)


@quarters.route("/<code>/next")
@requires(Permission.REVIEW_REPORT)
def review_next(code: str) -> BaseResponse:
    """The next submitted report of the quarter, in unit order."""
    after = request.args.get("after", "")
    quarter = asked_quarter(code)
    found = services.next_to_review(actor(), quarter, int(after) if after.isascii() and after.isdigit() else None)
    if found is None:
        flash(f"{quarter.label}没有等您审阅的报告了。", "good")
        return redirect(url_for("home.index"), code=303)
    return go("reports.show", report_id=found)


def _filters(listing: Listing) -> Filters:
    unit = listing.filters["unit"]
    state = listing.filters["state"]
    return Filters(
        listing.filters["q"],
        int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None,
        state if state in {progress.value for progress in Progress} else "",
    )
