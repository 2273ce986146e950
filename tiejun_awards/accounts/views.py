"""Signing in and out, the password once more, 大字版."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Request,
    current_app,
    flash,
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
from ..shared.errors import NotAllowed, Refused, TooMany
from ..shared.moments import actor, moment, trace
from ..shared.refusals import is_fragment
from ..shared.web import Site, open_to_all, requires
from . import carrying, factors, password_rules, rules, services, signing_in
from .forms import CodeForm, ConfirmForm, Onward, PanelSlipForm, SignInForm, SlipForm
from .live_sessions import Visitor
from .models import CarriedForm
from .policy import policy
from .services import SignedIn
from .sessions import Visit
from .signing_in import Entered, HalfWay

accounts = Blueprint("accounts", __name__)

Answer = Response | str | tuple[str, int]


def visit() -> Visit:
    """This browser's session."""
    return session._get_current_object()  # type: ignore[no-any-return, attr-defined]


def visitor() -> Visitor:
    """This browser, as signing in knows it."""
    return Visitor(moment(), trace(), request.user_agent.string, visit().token)


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
        url_for("home.feedback") if known and known.state == "live" and known.actor.only_panel is None else "",
        url_for("messages.index") if known and known.state == "live" and known.actor.only_panel is None else "",
        known.unread if known else 0,
    )


@accounts.before_app_request
def duties_first() -> Response | None:
    """Whoever has to change a password or take up the second step does that before anything else.

    To somebody with a judge's slip the home page is the panel's.
    """
    live = visit().live
    if live is not None and live.actor.only_panel is not None and request.endpoint == "home.index":
        return redirect(url_for("scoring.panel", panel_id=live.actor.only_panel), code=303)
    if live is None or not live.duty or request.endpoint in rules.WITH_A_DUTY:
        return None
    if request.method == "GET" and not is_fragment():
        path = request.full_path if request.query_string else request.path
        return redirect(url_for(rules.DUTIES[live.duty], next=rules.safe_next(path)), code=303)
    raise NotAllowed("请先按页面的要求改好密码或登记两步登录。")


@accounts.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> Answer:
    """The sign-in page. After it: the second step, the text that was kept, the page that was asked for, or home."""
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(request.script_root + rules.safe_next(request.args.get("next", "/")), code=303)
    form = SignInForm(next=request.args.get("next", "/"))
    return _try(
        form,
        lambda: signing_in.sign_in(form.username.data or "", form.password.data or "", visitor=visitor()),
        lambda: render_template("accounts/sign_in.html", form=form, kept=bool(form.carried.data)),
    )


@accounts.route("/sign-in/code", methods=["GET", "POST"])
@open_to_all
def code() -> Answer:
    """The second step, after a right password."""
    half = visit().get("half_way")
    if not half or moment() - datetime.fromisoformat(half["at"]) >= rules.HALF_WAY_LASTS:
        visit().pop("half_way", None)
        return redirect(url_for(".sign_in"), code=303)
    form = CodeForm(next=half["next"], carried=half["carried"])
    return _try(
        form,
        lambda: signing_in.second_step(HalfWay(half["person"], half["mark"]), form.code.data or "", visitor=visitor()),
        lambda: render_template("accounts/code.html", form=form),
    )


@accounts.route("/slip", methods=["GET", "POST"])
@open_to_all
def slip() -> Answer:
    """首次登录、重设密码: by a printed slip. Opening its address fills the code in, and does nothing."""
    form = SlipForm(code=request.args.get("code", "")[:60])
    return _try(
        form,
        lambda: signing_in.use_slip(
            *(form.username.data or "", form.code.data or "", form.new_password.data or "", form.again.data or ""),
            visitor=visitor(),
        ),
        lambda: render_template(
            "accounts/slip.html", form=form, said=password_rules.said(policy().profile, policy().password_days)
        ),
    )


@accounts.route("/panel-slip", methods=["GET", "POST"])
@open_to_all
def panel_slip() -> Answer:
    """A judge's slip of the day. Opening its address signs nobody in: that takes the button."""
    form = PanelSlipForm(code=request.args.get("code", "")[:60])
    return _try(
        form,
        lambda: signing_in.use_panel_slip(form.code.data or "", visitor=visitor()),
        lambda: render_template("accounts/panel_slip.html", form=form),
    )


def _try(form: Any, get_in: Any, page: Any) -> Answer:
    """Show a form of getting in, or let somebody in by it; what is refused stands on the page, with when to come again."""
    if not form.validate_on_submit():
        return page(), 422 if form.errors else 200
    try:
        entered = get_in()
    except Refused as refused:
        if refused.field in form._fields:
            form[refused.field].errors = [refused.sentence]
        else:
            form.form_errors.append(refused.sentence)
        return page(), 422
    except TooMany as too_many:
        form.form_errors.append(too_many.sentence)
        response = make_response(page(), 429)
        wait = int(((too_many.until or moment()) - moment()).total_seconds())
        response.headers["Retry-After"] = str(max(1, wait))
        return response
    return _let_in(entered, form.next.data if isinstance(form, Onward) else "", getattr(form, "carried", None))


def _let_in(entered: Entered | HalfWay, next_path: str | None, carried: Any) -> Answer:
    token = (carried.data if carried is not None else "") or ""
    path = rules.safe_next(next_path or "/")
    if isinstance(entered, HalfWay):
        at = moment().isoformat()
        visit()["half_way"] = {
            "person": entered.person_id,
            "mark": entered.mark,
            "at": at,
            "next": path,
            "carried": token,
        }
        return redirect(url_for(".code"), code=303)
    visit().start(entered.token, entered.csrf)
    if entered.panel_id is not None:
        return redirect(url_for("scoring.panel", panel_id=entered.panel_id), code=303)
    if entered.duty:
        return redirect(url_for(rules.DUTIES[entered.duty], next=path, carried=token or None), code=303)
    if entered.old:
        days = policy().password_days
        flash(f"您的密码已经用了 {days} 天以上，办完手上的事请到“个人设置”里换一个；下次登录要先换。", "look")
    return onwards(entered.person_id, path, token)


def onwards(person_id: int, path: str, carried: str) -> Response | str:
    """Go on after proving who one is: with the text that was kept, or to a path of this site."""
    if carried:
        form = carrying.take_carried(carried, person_id=person_id, at=moment())
        if form is not None:
            return _resume(form)
        flash("刚才没有交上来的内容是另一个账号写的，只有那个账号登录后才能继续。", "look")
    return redirect(request.script_root + rules.safe_next(path), code=303)


def _resume(carried: CarriedForm) -> str:
    return render_template("accounts/resume.html", path=request.script_root + carried.path, fields=carried.fields)


def ask_to_sign_in() -> Response:
    """What somebody without a session gets: the sign-in page, and a promise to keep what was typed."""
    expired = visit().signed_in
    if is_fragment():
        return make_response(render_template("accounts/expired_fragment.html"), 401)
    if request.method == "GET":
        path = request.full_path if request.query_string else request.path
        return redirect(url_for("accounts.sign_in", next=path), code=302)
    token = _keep_typed(expired.actor.person_id) if expired is not None else ""
    form = SignInForm(formdata=None, next=_came_from(), carried=token)
    return make_response(render_template("accounts/sign_in.html", form=form, kept=bool(token), expired=True), 401)


def ask_to_confirm(sentence: str) -> Response:
    """Where somebody is led who does what asks for the password once more; what was typed waits."""
    if is_fragment():
        return make_response(render_template("errors/fragment.html", reason=sentence), 409)
    token = _keep_typed(actor().person_id)
    return redirect(url_for("accounts.confirm", next=_came_from(), carried=token or None), code=303)


def _keep_typed(person_id: int) -> str:
    view = current_app.view_functions.get(request.endpoint or "")
    if hasattr(view, "keeps_nothing"):
        return ""
    pairs = [(name, value) for name, value in request.form.items(multi=True)]
    return carrying.carry(person_id, request.path, pairs, at=moment())


def _came_from() -> str:
    return rules.safe_next(urlsplit(request.referrer or "/").path.removeprefix(request.script_root))


@accounts.route("/sign-out", methods=["POST"])
@requires(Permission.END_OWN_SESSION)
def sign_out() -> Response:
    """End this browser's session."""
    services.sign_out(actor(), services.me(actor()), token=visit().token)
    visit().end()
    flash("已退出登录。", "good")
    return redirect(url_for(".sign_in"), code=303)


@accounts.route("/confirm", methods=["GET", "POST"])
@requires(Permission.USE_SYSTEM)
def confirm() -> Answer:
    """The password again, before the few verbs that ask for it; then back to where it was asked."""
    form = ConfirmForm(next=request.args.get("next", "/"), carried=request.args.get("carried", ""))
    if not form.validate_on_submit():
        return _confirm_page(form), form.status
    try:
        token, csrf = services.confirm(actor(), form.password.data or "", form.code.data or "", visitor=visitor())
    except Refused as refused:
        form.say(refused)
        return _confirm_page(form), 422
    visit().start(token, csrf)
    return onwards(actor().person_id, form.next.data or "/", form.carried.data or "")


def _confirm_page(form: ConfirmForm) -> str:
    two_step = factors.factor_of(actor().person_id) is not None
    return render_template("accounts/confirm.html", form=form, two_step=two_step)


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
