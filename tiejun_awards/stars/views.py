"""Pages of stars inside: the published board, pilots beside the rest."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ..organisers import services as organisers
from ..rulebook import services as rulebook
from ..shared.access import Permission
from ..shared.errors import Refused
from ..shared.moments import actor
from ..shared.web import go, requires
from ..shared.web import listing as web_listing
from . import rules, services
from .forms import DesignateForm, EndPilotForm
from .models import Pilot

stars = Blueprint("stars", __name__, url_prefix="/stars")


@stars.route("/")
@requires(Permission.READ_STARS)
def index() -> str:
    """The stars of a year: three and above by name in unit order, pilots and the rest side by side."""
    asked = request.args.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else None
    listing = web_listing(sorts=["unit"])
    board = services.board(actor(), year, page=listing.page, size=listing.per_page)
    return render_template(
        "stars/index.html",
        board=board,
        pilots=services.pilots(actor()),
        listing=listing.counted(board.rest_count if board else 0),
    )


@stars.route("/pilots", methods=["GET", "POST"])
@requires(Permission.RUN_PILOTS)
def pilots() -> BaseResponse | tuple[str, int]:
    """The office's page of pilots: designate, end."""
    form = DesignateForm()
    form.offer(services.candidates(actor()))
    if form.validate_on_submit() and form.attempt(lambda: _designate(form)):
        flash("已确定为试点支部。", "good")
        return go(".pilots")
    found = services.pilots(actor())
    active = sum(pilot.ended_on is None for pilot in found)
    warning = rules.warning(active, rulebook.number(actor().organiser_id, "pilots.fewest"))
    return render_template("stars/pilots.html", form=form, pilots=found, warning=warning), form.status


def _designate(form: DesignateForm) -> Pilot:
    if not form.branch_id:
        raise Refused("请选一个党支部。", field="branch")
    if form.started_on.data is None:
        raise Refused("请填写开始日期，例如 2026-03-18。", field="started_on")
    organiser = organisers.get(actor().organiser_id)
    return services.designate(
        actor(),
        organiser,
        branch_id=form.branch_id,
        number=form.number.data or "",
        started_on=form.started_on.data,
        key=form.once,
    )


@stars.route("/pilots/<int:pilot_id>/end", methods=["GET", "POST"])
@requires(Permission.RUN_PILOTS)
def end_pilot(pilot_id: int) -> BaseResponse | tuple[str, int]:
    """End one pilot's spell."""
    pilot = services.get_pilot(actor(), pilot_id)
    form = EndPilotForm()
    if form.validate_on_submit() and form.attempt(lambda: _end(pilot, form)):
        flash("试点已结束。", "good")
        return go(".pilots")
    return render_template("stars/end_pilot.html", pilot=pilot, form=form), form.status


def _end(pilot: Pilot, form: EndPilotForm) -> Pilot:
    if form.ended_on.data is None:
        raise Refused("请填写结束日期，例如 2026-03-18。", field="ended_on")
    return services.end_pilot(actor(), pilot, number=form.number.data or "", ended_on=form.ended_on.data, key=form.once)
