"""登录管理: the accounts one looks after, slips for them, a person's sessions and second step."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from ..documents.qr import qr
from ..documents.sheets import XLSX
from ..organisers import services as organisers
from ..shared.access import Permission
from ..shared.fields import VerbForm
from ..shared.listing import Listing
from ..shared.moments import actor, moment
from ..shared.web import download, go, listing, requires
from . import desk, factors, live_sessions, people_exports
from .forms import PeopleForm
from .own_views import line_of, shown

Answer = Response | str | tuple[str, int]

sign_ins = Blueprint("sign_ins", __name__, url_prefix="/sign-ins")


@sign_ins.route("/")
@requires(Permission.READ_SIGN_INS)
def index() -> str:
    """Who has a password, who uses the second step; boxes to tick for printing slips."""
    return _list(PeopleForm(formdata=None))


def _asked() -> Listing:
    return replace(listing(sorts=("username", "name"), filters=("q", "state"), per_page=100), path=url_for(".index"))


def _list(form: PeopleForm) -> str:
    page, rows = desk.accounts(actor(), _asked())
    return render_template(
        "accounts/sign_ins.html",
        listing=page,
        rows=rows,
        kept=desk.kept_from(actor(), [person for person, _ in rows]),
        export_path=f"{url_for('.export')}?{urlencode(page.filters)}",
        states=desk.STATE_NAMES,
        form=form,
        ticked=set(form.people.data or []),
    )


@sign_ins.route("/export")
@requires(Permission.READ_SIGN_INS)
def export() -> Response:
    """The accounts under the page's filters as .xlsx."""
    return download(people_exports.sign_ins_file(desk.every_account(actor(), _asked())), XLSX, "登录管理.xlsx")


@sign_ins.route("/slips", methods=["POST"])
@requires(Permission.ISSUE_SLIP)
def print_slips() -> Answer:
    """Slips on a sheet to be printed and cut: shown this once."""
    form = PeopleForm()
    people = desk.chosen(actor(), form.people.data or [])
    made = form.made_by(lambda: desk.issue_slips(actor(), organisers.get(actor().organiser_id), people))
    if made is None:
        return _list(form), form.status
    address = f"{site_address()}{url_for('accounts.slip')}"
    drawn = [(person, kind, code, qr(f"{address}?code={code}")) for person, kind, code in made]
    return render_template("accounts/slips.html", slips=drawn, address=address)


@sign_ins.route("/<int:person_id>")
@requires(Permission.READ_SIGN_INS)
def show(person_id: int) -> str:
    """One account: what is set; for 系统管理员 where it is signed in."""
    person = desk.get_visible(actor(), person_id)
    factor = factors.factor_of(person.id)
    rows = live_sessions.sessions_of(person.id, moment())
    return render_template(
        "accounts/sign_in_of.html",
        person=person,
        factor=factor,
        asked=shown(factor.asked_at) if factor and desk.is_asked(factor, moment()) else "",
        password_set=shown(person.password_set_at),
        rows=[line_of(row, "") for row in rows],
    )


@sign_ins.route("/<int:person_id>/end", methods=["POST"])
@requires(Permission.END_SESSIONS)
def end_sessions(person_id: int) -> Response:
    """End everything somebody is signed in by."""
    ended = desk.end_sessions_of(actor(), desk.get_visible(actor(), person_id), key=VerbForm().once)
    flash(f"{ended} 处登录已结束。" if ended else "这个账号现在没有登录。", "good")
    return go(".show", person_id=person_id)


@sign_ins.route("/<int:person_id>/ask-reset", methods=["POST"])
@requires(Permission.ASK_FACTOR_RESET)
def ask_factor_reset(person_id: int) -> Response:
    """Ask that a lost second step be let go."""
    desk.ask_factor_reset(actor(), desk.get_visible(actor(), person_id), key=VerbForm().once)
    flash("申请已登记，请安全管理员在三天内核准。", "good")
    return go(".show", person_id=person_id)


@sign_ins.route("/<int:person_id>/reset", methods=["POST"])
@requires(Permission.RESET_FACTOR)
def reset_factor(person_id: int) -> Response:
    """Let it go."""
    desk.reset_factor(actor(), desk.get_visible(actor(), person_id), key=VerbForm().once)
    flash("两步登录已解除，这个账号下次只用密码登录。", "good")
    return go(".show", person_id=person_id)


def site_address() -> str:
    """Where people open the system, for printing."""
    return str(current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/")
