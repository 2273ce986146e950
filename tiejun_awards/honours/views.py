"""Pages of honours: the list inside, one exemplar, publishing."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..calls import services as calls
from ..calls.rules import PROGRAMMES
from ..documents.sheets import XLSX
from ..shared.access import Permission
from ..shared.fields import VersionedForm
from ..shared.moments import actor
from ..shared.web import download, go, requires
from ..shared.web import listing as web_listing
from . import exports, services

honours = Blueprint("honours", __name__, url_prefix="/honours")

FILTERS = ("q", "programme", "year")


@honours.route("/")
@requires(Permission.READ_HONOUR)
def index() -> str:
    """What was awarded, the latest year first, in unit order."""
    listing = web_listing(sorts=services.SORTS, filters=FILTERS)
    total, rows = services.page_of(
        actor(), listing.filters, listing.sort, listing.descending, listing.per_page, listing.page
    )
    return render_template(
        "honours/index.html",
        rows=rows,
        listing=listing.counted(total),
        programmes=PROGRAMMES,
        programme_options=[("", "全部"), *((key, each.title) for key, each in PROGRAMMES.items())],
        export_path=f"{url_for('.export')}?{urlencode(listing.filters)}",
        prefix=url_for(".show", honour_id=0).removesuffix("0"),
    )


@honours.route("/export")
@requires(Permission.READ_HONOUR)
def export() -> BaseResponse:
    """The list as .xlsx."""
    name, content = exports.honours_file(actor(), web_listing(sorts=services.SORTS, filters=FILTERS).filters)
    return download(content, XLSX, name)


@honours.route("/<int:honour_id>")
@requires(Permission.READ_HONOUR)
def show(honour_id: int) -> str:
    """One exemplar: the deeds, and how it came to the decision."""
    return render_template("honours/show.html", honour=services.get_visible(actor(), honour_id))


@honours.route("/publish/<int:call_id>", methods=["POST"])
@requires(Permission.PUBLISH_HONOURS)
def publish(call_id: int) -> BaseResponse:
    """Publish a call's results inside."""
    call = calls.get_announced(actor(), call_id)
    form = VersionedForm.sent()
    services.publish(actor(), call, version=form.version.data or 0, key=form.once)
    flash("结果已在系统内公布。", "good")
    return go(".index", programme=call.programme, year=call.year)
