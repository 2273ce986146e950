"""Signing in and out, 大字版."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Request,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response

from ..organisers import services as organisers
from ..organisers.models import Organiser
from ..shared.access import Actor, Permission
from ..shared.errors import Refused
from ..shared.moments import actor, moment, trace
from ..shared.refusals import is_fragment
from ..shared.web import Site, open_to_all, requires
from . import rules, services
from .forms import ConfirmForm, SignInForm
from .models import CarriedForm
from .services import SignedIn
from .sessions import Visit

accounts = Blueprint("accounts", __name__)


def visit() -> Visit:
    """This browser's session."""
    return session._get_current_object()  # type: ignore[no-any-return, attr-defined]


def who_acts(_request: Request) -> Actor | None:
    """Who this request's cookie belongs to: what Flask-Login shows as current_user."""
    live = visit().live
    return live.actor if live else None


def site() -> Site:
    """What the frame says: of the organiser one belongs to, or of the installation's first."""
    known = visit().signed_in
    large = known.actor.large_text if known else request.cookies.get("large_text") == "1"
    if known:
        named: SignedIn | Organiser | None = known
        name = known.organiser_name
    else:
        named = organisers.top()
        name = named.name if named else ""
    return Site(
        name,
        named.filing_number if named else "",
        named.contact if named else "",
        bool(current_app.config["DEMO"]),
        large,
        url_for("home.feedback") if known and known.state == "live" else "",
        url_for("messages.index") if known and known.state == "live" else "",
        known.unread if known else 0,
    )


@accounts.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> Response | str | tuple[str, int]:
    """The sign-in page. After it: the text that was kept, the page that was asked for, or home."""
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(request.script_root + rules.safe_next(request.args.get("next", "/")), code=303)
    form = SignInForm(next=request.args.get("next", "/"))
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200
    username = form.username.data or ""
    try:
        token, csrf = services.sign_in(
            username,
            form.password.data or "",
            at=moment(),
            trace=trace(),
            agent=request.user_agent.string,
        )
    except Refused as refused:
        form.form_errors.append(refused.sentence)
        return render_template("accounts/sign_in.html", form=form, kept=bool(form.carried.data)), 422
    visit().start(token, csrf)
    if form.carried.data:
        carried = services.take_carried(form.carried.data, person_name=username, at=moment())
        if carried is not None:
            return _resume(carried)
        flash("刚才没有交上来的内容是另一个账号写的，只有那个账号登录后才能继续。", "look")
    return redirect(request.script_root + rules.safe_next(form.next.data or "/"), code=303)


def _resume(carried: CarriedForm) -> str:
    g.pop("csrf_token", None)  # the token of the new session, not the one this page was asked with
    return render_template("accounts/resume.html", path=request.script_root + carried.path, fields=carried.fields)


def ask_to_sign_in() -> Response:
    """What somebody without a session gets: the sign-in page, and a promise to keep what was typed."""
    expired = visit().signed_in
    if is_fragment():
        return make_response(render_template("accounts/expired_fragment.html"), 401)
    if request.method == "GET":
        path = request.full_path if request.query_string else request.path
        return redirect(url_for("accounts.sign_in", next=path), code=302)
    token = ""
    view = current_app.view_functions.get(request.endpoint or "")
    if expired is not None and not hasattr(view, "keeps_nothing"):
        pairs = [(name, value) for name, value in request.form.items(multi=True)]
        token = services.carry(expired.actor.person_id, request.path, pairs, at=moment())
    form = SignInForm(formdata=None, next=_came_from(), carried=token)
    return make_response(render_template("accounts/sign_in.html", form=form, kept=bool(token), expired=True), 401)


def _came_from() -> str:
    return rules.safe_next(urlsplit(request.referrer or "/").path.removeprefix(request.script_root))


@accounts.route("/sign-out", methods=["POST"])
@requires(Permission.USE_SYSTEM)
def sign_out() -> Response:
    """End this browser's session."""
    services.sign_out(actor(), services.me(actor()), token=visit().token)
    visit().end()
    flash("已退出登录。", "good")
    return redirect(url_for(".sign_in"), code=303)


@accounts.route("/confirm", methods=["GET", "POST"])
@requires(Permission.USE_SYSTEM)
def confirm() -> Response | str | tuple[str, int]:
    """The password again, before the few verbs that ask for it; then back to where it was asked."""
    form = ConfirmForm(next=request.args.get("next", "/"))
    if form.validate_on_submit():
        if services.confirm_password(actor(), form.password.data or "", token=visit().token):
            return redirect(request.script_root + rules.safe_next(form.next.data or "/"), code=303)
        form.password.errors = ["密码不对，请再试一次。连错五次会退出登录。"]
    return render_template("accounts/confirm.html", form=form), 422 if form.errors else 200


@accounts.route("/large-text", methods=["POST"])
@open_to_all
def large_text() -> Response:
    """Switch 大字版: kept per person, or in a cookie for visitors."""
    response = redirect(request.script_root + rules.safe_next(request.form.get("next", "/")), code=303)
    if current_user.is_authenticated:
        services.set_large_text(actor(), services.me(actor()), on=not actor().large_text)
    else:
        on = request.cookies.get("large_text") != "1"
        secure = not current_app.config["DEMO"]
        value = "1" if on else "0"
        response.set_cookie("large_text", value, max_age=31_536_000, secure=secure, httponly=True, samesite="Lax")
    return response
