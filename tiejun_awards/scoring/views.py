"""A judge's pages: the panels he sits on, his sheets, one sheet a branch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, current_app, flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..documents.qr import qr
from ..panels import services as panels
from ..shared.access import Permission
from ..shared.clock import day_of, here
from ..shared.dates import chinese_day_weekday, chinese_time
from ..shared.errors import Refused, Stale
from ..shared.moments import actor
from ..shared.web import go, requires
from ..standards.rules import points
from . import queries, rules, services
from .forms import ReasonForm, SheetForm, SignForm, typed_marks
from .queries import MyPanel, SheetView
from .rules import Given, Reading, State, Typed

scoring = Blueprint("scoring", __name__, url_prefix="/scoring")


@scoring.route("/")
@requires(Permission.MARK)
def index() -> BaseResponse | str:
    """The panels one sits on; with one of them straight to it."""
    panels = queries.panels_of(actor())
    if len(panels) == 1:
        return go(".panel", panel_id=panels[0].id)
    return render_template("scoring/index.html", panels=panels)


@scoring.route("/<int:panel_id>", methods=["GET", "POST"])
@requires(Permission.MARK)
def panel(panel_id: int) -> BaseResponse | str:
    """One's sheets of a panel; signing all of them."""
    mine = queries.my_panel(actor(), panel_id)
    form = SignForm()
    if form.validate_on_submit():
        services.sign(actor(), queries.seat_of(actor(), panel_id), key=form.once)
        flash(f"{len(mine.lines)} 份评分表已签名提交，谢谢。", "good")
        return go(".panel", panel_id=panel_id)
    most = sum(line.most for line in queries.scheme_of(mine.panel).judged)
    return render_template("scoring/panel.html", mine=mine, form=form, points=points, most=most, states=State)


@scoring.route("/<int:panel_id>/slips", methods=["GET", "POST"])
@requires(Permission.PRINT_JUDGE_SLIPS)
def slips(panel_id: int) -> str:
    """Slips of the day for the judges of a panel, to be printed and cut: shown this once."""
    panel = queries.panel_run_by(actor(), panel_id)
    form, drawn = SignForm(), []
    site = str(current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/")
    address = f"{site}{url_for('accounts.panel_slip')}"
    if form.validate_on_submit():
        made = services.print_slips(actor(), panel)
        drawn = [(seat, code, qr(f"{address}?code={code}")) for seat, code in made]
    seats = panels.seats(panel_id)
    today = chinese_day_weekday(day_of(actor().at))
    return render_template(
        "scoring/slips.html", panel=panel, seats=seats, slips=drawn, form=form, address=address, today=today
    )


@scoring.route("/<int:panel_id>/unsign", methods=["GET", "POST"])
@requires(Permission.MARK)
def unsign(panel_id: int) -> BaseResponse | tuple[str, int]:
    """Take the signature back, with a reason."""
    mine = queries.my_panel(actor(), panel_id)
    form = ReasonForm()
    if form.validate_on_submit() and form.attempt(
        lambda: services.unsign(
            actor(), queries.seat_of(actor(), panel_id), reason=form.reason.data or "", key=form.once
        )
    ):
        flash("签名已撤回，改好以后请重新签名。", "good")
        return go(".panel", panel_id=panel_id)
    return render_template("scoring/unsign.html", mine=mine, form=form), form.status


@scoring.route("/<int:panel_id>/branches/<int:branch_id>", methods=["GET", "POST"])
@requires(Permission.MARK)
def sheet(panel_id: int, branch_id: int) -> BaseResponse | str:
    """One branch on one page: context on the left, the judged lines on the right."""
    if request.method == "GET":
        view = queries.my_sheet_view(actor(), panel_id, branch_id)
        return _page(view, _shown(view))
    found, scheme = queries.my_sheet(actor(), panel_id, branch_id)
    form = SheetForm.sent()
    typed = typed_marks(request.form, scheme.judged)
    reading = rules.read_sheet(scheme.judged, typed, queries.given(found.id))
    if reading.faults:
        return _answer(panel_id, branch_id, typed, reading, status=422)
    confirm = request.form.get("do") != "save"
    try:
        services.save(
            *(actor(), found, scheme, reading.given),
            remark=form.remark.data or "",
            version=form.version.data or 0,
            confirm=confirm,
        )
    except Stale:
        return _answer(panel_id, branch_id, typed, reading, status=409)
    return _onwards(queries.my_panel(actor(), panel_id), branch_id, confirm=confirm)


def _onwards(mine: MyPanel, branch_id: int, *, confirm: bool) -> BaseResponse:
    if not confirm:
        flash("已存好，还没有确认这一份。", "good")
        return go(".sheet", panel_id=mine.panel.id, branch_id=branch_id)
    following = mine.after(branch_id)
    if following is None or not mine.open:
        flash("每一份都确认了，请核对后签名提交。" if not mine.open else "已确认。", "good")
        return go(".panel", panel_id=mine.panel.id)
    return go(".sheet", panel_id=mine.panel.id, branch_id=following)


@scoring.route("/<int:panel_id>/branches/<int:branch_id>/autosave", methods=["POST"])
@requires(Permission.MARK)
def autosave(panel_id: int, branch_id: int) -> BaseResponse | str:
    """Keep what can be read of the sheet while it is being filled in; what cannot stays on the page."""
    found, scheme = queries.my_sheet(actor(), panel_id, branch_id)
    form = SheetForm()
    if not form.validate():
        raise Refused("这次没有存上：页面缺了版本号，请刷新页面。")
    reading = rules.read_sheet(scheme.judged, typed_marks(request.form, scheme.judged), {})
    try:
        saved = services.save(
            actor(), found, scheme, reading.given, remark=form.remark.data or "", version=form.version.data or 0
        )
    except Stale:
        return make_response(render_template("scoring/autosave.html", stale=True), 409)
    return render_template("scoring/autosave.html", version=saved.version, saved=_when(saved.at), faults=reading.faults)


@scoring.route("/<int:panel_id>/branches/<int:branch_id>/interest", methods=["GET", "POST"])
@requires(Permission.MARK)
def interest(panel_id: int, branch_id: int) -> BaseResponse | tuple[str, int]:
    """我与这个支部有关系，要回避."""
    found, _ = queries.my_sheet(actor(), panel_id, branch_id)
    form = ReasonForm()
    name = found.branch.name
    if form.validate_on_submit() and form.attempt(
        lambda: services.declare_interest(actor(), found, reason=form.reason.data or "", key=form.once)
    ):
        flash(f"已申报回避{name}，这一份不用评了。", "good")
        return go(".panel", panel_id=panel_id)
    return render_template("scoring/interest.html", sheet=found, form=form), form.status


def _shown(view: SheetView) -> dict[str, Typed]:
    """The sheet as it is kept: full marks where nothing is kept yet."""
    return {
        line.code: Typed(points(given.value), given.cases, points(given.value))
        for line in view.scheme.judged
        for given in (view.given.get(line.code, Given(line.most)),)
    }


def _answer(
    panel_id: int, branch_id: int, typed: Mapping[str, Typed], reading: Reading, *, status: int
) -> BaseResponse:
    view = queries.my_sheet_view(actor(), panel_id, branch_id)
    return make_response(_page(view, typed, reading, stale=status == 409), status)


def _page(view: SheetView, typed: Mapping[str, Typed], reading: Reading | None = None, *, stale: bool = False) -> str:
    lines = view.scheme.judged
    given = reading.given if reading else rules.read_sheet(lines, typed, view.given).given
    return render_template(
        "scoring/sheet.html",
        sheet=view,
        brief=queries.briefs[0](view.panel_id, view.branch_id, view.scheme),
        lines=[(line, typed.get(line.code), reading.faults.get(line.code) if reading else None) for line in lines],
        faults=reading.faults if reading else {},
        sum=points(sum(each.value for each in given.values())),
        most=points(sum(line.most for line in lines)),
        points=points,
        saved=_when(view.saved_at),
        stale=stale,
        pale=view.state is State.OPEN,
    )


def _when(moment: datetime | None) -> str:
    return chinese_time(here(moment)) if moment else ""
