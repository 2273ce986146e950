"""The auditor's pages of the trail, and the supervision page."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..documents.sheets import XLSX
from ..shared.access import Permission
from ..shared.audit import Outcome
from ..shared.clock import day_of
from ..shared.dates import parse_date
from ..shared.listing import Listing
from ..shared.moments import actor
from ..shared.seen import saw
from ..shared.web import download, go, requires
from ..shared.web import listing as web_listing
from . import exports, services, supervising, words
from .rules import Kind
from .services import Filters

oversight = Blueprint("oversight", __name__, url_prefix="/audit")
supervision = Blueprint("supervision", __name__, url_prefix="/supervision")

PER_PAGE = 50
TRAIL_FILTERS = ("who", "action", "thing", "outcome", "first", "last")


# The audit trail.


@oversight.route("/")
@requires(Permission.READ_AUDIT)
def trail() -> str:
    """Events, the latest first."""
    saw(actor(), "oversight.read")
    asked, filters = _asked_of_trail()
    found = services.page_of_trail(
        filters, size=PER_PAGE, before=request.args.get("before", ""), after=request.args.get("after", "")
    )
    kept = urlencode({name: value for name, value in asked.filters.items() if value})
    return render_template(
        "oversight/trail.html",
        found=found,
        rows=services.rows_of(found.events),
        sealed=services.state_of_seal(),
        filters=asked.filters,
        filtered=asked.filtered,
        kept=f"{kept}&" if kept else "",
        outcomes=[("", "全部"), *((each.value, each.label) for each in Outcome)],
        prefix=url_for(".event", event_id=0).removesuffix("0"),
        export=f"{url_for('.export_trail')}?{kept}",
    )


@oversight.route("/export")
@requires(Permission.READ_AUDIT)
def export_trail() -> BaseResponse | Response:
    """The events under the filters as .xlsx."""
    asked, filters = _asked_of_trail()
    found = services.page_of_trail(filters, size=exports.MOST)
    if found.older:
        flash(f"符合条件的超过 {exports.MOST} 条，请缩小日期范围再导出。", "look")
        return go(".trail", **{name: value for name, value in asked.filters.items() if value})
    saw(actor(), "oversight.exported")
    return download(exports.trail_file(found.events, services.state_of_seal()), XLSX, "审计日志.xlsx")


@oversight.route("/<int:event_id>")
@requires(Permission.READ_AUDIT)
def event(event_id: int) -> str:
    """One event, with its place in the chain."""
    saw(actor(), "oversight.read")
    found = services.get_event(event_id)
    seal, checkpoint = services.seal_of(found)
    return render_template(
        "oversight/event.html",
        event=found,
        label=services.label_of(found.action),
        thing=services.names_of([found]).get((found.object_type, found.object_id), ""),
        detail=words.in_words(found.detail),
        seal=seal,
        checkpoint=checkpoint,
    )


@oversight.route("/who-saw")
@requires(Permission.READ_AUDIT)
def who_saw() -> str:
    """Who looked at pages about one person."""
    saw(actor(), "oversight.read")
    person = request.args.get("person", "").strip()[:60]
    since, until = _days(first=day_of(actor().at) - timedelta(days=90), last=day_of(actor().at))
    found = services.who_saw(person, since, until) if person else ()
    return render_template(
        "oversight/who_saw.html",
        person=person,
        since=since,
        until=until,
        found=found,
        names=services.names_of(found),
        most=services.MOST_WHO_SAW,
    )


def _asked_of_trail() -> tuple[Listing, Filters]:
    asked = web_listing(sorts=["at"], filters=TRAIL_FILTERS)
    said = asked.filters
    first, last = _day(said["first"]), _day(said["last"])
    if first and last:
        first, last = _in_order(first, last)
    return asked, Filters(said["who"], said["action"], said["thing"], said["outcome"], first, last)


def _day(text: str) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError as error:
        flash(f"{error}，这一项没有用上。", "look")
        return None


def _in_order(first: date, last: date) -> tuple[date, date]:
    if first > last:
        flash("“从”的日期晚于“到”的日期，已经对调。", "look")
        return last, first
    return first, last


def _days(*, first: date, last: date) -> tuple[date, date]:
    return _in_order(_day(request.args.get("first", "")) or first, _day(request.args.get("last", "")) or last)


# The supervision page.


@supervision.route("/")
@requires(Permission.READ_SUPERVISION)
def index() -> str:
    """One dated line for each exception: what, about whom, why, by whom."""
    kind, first, last = _asked_of_supervision()
    counted = supervising.counts(actor(), first, last)
    asked = web_listing(sorts=["at"], filters=("kind", "first", "last"), per_page=PER_PAGE)
    asked = asked.counted(counted[kind] if kind else sum(counted.values()))
    query = supervising.supervised(actor(), kind, first, last).offset(asked.offset).limit(PER_PAGE)
    return render_template(
        "oversight/supervision.html",
        lines=supervising.lines(supervising.events_of(query)),
        counted=counted,
        kinds=[("", "全部"), *((each.value, each.label) for each in Kind)],
        listing=asked,
        first=first,
        last=last,
        sealed=services.state_of_seal(),
        export=url_for(".export", kind=kind.value if kind else "", first=first, last=last),
    )


@supervision.route("/export")
@requires(Permission.READ_SUPERVISION)
def export() -> BaseResponse:
    """The lines under the filters as .xlsx."""
    kind, first, last = _asked_of_supervision()
    events = supervising.events_of(supervising.supervised(actor(), kind, first, last).limit(exports.MOST + 1))
    if len(events) > exports.MOST:
        flash(f"这段时间超过 {exports.MOST} 行，请缩小日期范围再导出。", "look")
        return go(".index", kind=kind.value if kind else "", first=first, last=last)
    content = exports.supervision_file(supervising.lines(events))
    return download(content, XLSX, f"监督页{first:%Y%m%d}-{last:%Y%m%d}.xlsx")


def _asked_of_supervision() -> tuple[Kind | None, date, date]:
    today = day_of(actor().at)
    first, last = _days(first=date(today.year, 1, 1), last=today)
    asked = request.args.get("kind", "")
    return next((kind for kind in Kind if kind.value == asked), None), first, last
