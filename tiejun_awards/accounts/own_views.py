"""个人设置: the password, the second step, one's sessions, one's data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from ..documents.qr import qr
from ..documents.sheets import XLSX
from ..shared.access import Permission
from ..shared.clock import here
from ..shared.dates import chinese_date, chinese_time
from ..shared.errors import Refused
from ..shared.fields import VerbForm
from ..shared.moments import actor, moment
from ..shared.web import download, go, requires
from . import exports, factors, live_sessions, password_rules, passwords, rules, services, signing_in, totp
from . import own as verbs
from .forms import ChangePasswordForm, EndSessionForm, EnrolForm, Onward
from .models import SignInSession
from .policy import policy
from .views import onwards, visit

own = Blueprint("own", __name__, url_prefix="/account")

Answer = Response | str | tuple[str, int]

ISSUER = "铁军建设管理"


@own.route("/")
@requires(Permission.USE_SYSTEM)
def index() -> str:
    """What one can set for oneself."""
    me, factor = services.me(actor()), factors.factor_of(actor().person_id)
    return render_template(
        "accounts/index.html",
        me=me,
        factor=factor,
        left=factors.recovery_codes_left(me.id) if factor else 0,
        sessions=len(live_sessions.sessions_of(me.id, moment())),
        password_set=shown(me.password_set_at),
        enrolled=shown(factor.enrolled_at) if factor else "",
    )


@own.route("/password", methods=["GET", "POST"])
@requires(Permission.USE_SYSTEM)
def password() -> Answer:
    """修改密码."""
    form = ChangePasswordForm(next=request.args.get("next", ""), carried=request.args.get("carried", ""))
    me = services.me(actor())
    if form.validate_on_submit() and form.attempt(lambda: _take_new_password(form)):
        flash("密码已经改好，别处的登录都已结束。", "good")
        return _go_on(form)
    duty = visit().live.duty if visit().live else ""  # type: ignore[union-attr]
    page = render_template(
        "accounts/password.html",
        form=form,
        me=me,
        forced=duty == "password",
        said=password_rules.said(policy().profile, policy().password_days),
    )
    return page, form.status


def _take_new_password(form: ChangePasswordForm) -> bool:
    me, typed = services.me(actor()), form.new_password.data or ""
    signing_in.refuse_wrong_password(actor(), me, form.password.data or "")
    passwords.refuse_weak(me, typed, form.again.data or "")
    password_hash = passwords.hash_password(typed)
    visit().start(*verbs.change_password(actor(), me, password_hash=password_hash, token=visit().token))
    return True


@own.route("/two-step", methods=["GET", "POST"])
@requires(Permission.USE_SYSTEM)
def two_step() -> Answer:
    """两步登录: what it is; a new seed to scan."""
    form = Onward(next=request.args.get("next", ""), carried=request.args.get("carried", ""))
    me, live = services.me(actor()), visit().live
    forced = live is not None and live.duty == "two_step"
    if not form.validate_on_submit():
        factor = factors.factor_of(me.id)
        return render_template(
            "accounts/two_step.html",
            form=form,
            forced=forced,
            factor=factor,
            enrolled=shown(factor.enrolled_at) if factor else "",
            left=factors.recovery_codes_left(me.id),
            required=policy().two_step_required and signing_in.administers(me.id, moment()),
        )
    if not forced:
        services.refuse_unconfirmed(actor())
    seed = factors.new_seed()
    kept = _signer().dumps([me.id, seed.hex(), moment().isoformat()])
    return _enrol_page(EnrolForm(formdata=None, seed=kept, next=form.next.data, carried=form.carried.data), seed)


@own.route("/two-step/enrol", methods=["POST"])
@requires(Permission.USE_SYSTEM)
def enrol() -> Answer:
    """The first code of the new app; the recovery codes, shown this once."""
    live = visit().live
    if live is None or live.duty != "two_step":
        services.refuse_unconfirmed(actor())
    form = EnrolForm()
    seed = _seed_in(form)
    if seed is None:
        flash("这一页放得太久了，请重新扫码。", "look")
        return go(".two_step")
    step = totp.accepted_step(seed, "".join((form.code.data or "").split()), now=factors.step_at(moment()), last=-1)
    if not form.validate() or step is None:
        form.say(Refused("验证码对不上。请看手机时间准不准，等下一个验证码再试。", field="code"))
        return _enrol_page(form, seed), 422
    codes, *opened = verbs.enrol(actor(), services.me(actor()), seed=seed, step=step, token=visit().token)
    visit().start(*opened)
    return _codes_page(codes, form)


@own.route("/two-step/codes", methods=["POST"])
@requires(Permission.USE_SYSTEM)
def recovery_codes() -> str:
    """New recovery codes, shown this once."""
    form = VerbForm()
    return _codes_page(verbs.new_recovery_codes(actor(), services.me(actor()), key=""), form)


@own.route("/two-step/remove", methods=["POST"])
@requires(Permission.USE_SYSTEM)
def remove_factor() -> Response:
    """Back to the password alone."""
    verbs.remove_factor(actor(), services.me(actor()), key=VerbForm().once)
    flash("两步登录已停用。", "good")
    return go(".two_step")


@own.route("/sessions")
@requires(Permission.USE_SYSTEM)
def sessions() -> str:
    """登录记录: where one is signed in."""
    rows = live_sessions.sessions_of(actor().person_id, moment())
    return render_template(
        "accounts/sessions.html", rows=[line_of(row, visit().token) for row in rows], most=policy().most_sessions
    )


@own.route("/sessions/end", methods=["POST"])
@requires(Permission.USE_SYSTEM)
def end_session() -> Response:
    """End one of them."""
    form = EndSessionForm()
    verbs.end_session(actor(), services.me(actor()), session_key=form.session.data or "")
    flash("那一处登录已结束。", "good")
    return go(".sessions")


@own.route("/sessions/end-others", methods=["POST"])
@requires(Permission.USE_SYSTEM)
def end_other_sessions() -> Response:
    """End all but this one."""
    ended = verbs.end_other_sessions(actor(), services.me(actor()), token=visit().token)
    flash(f"别处的 {ended} 个登录已结束。" if ended else "别处没有登录。", "good")
    return go(".sessions")


@own.route("/data.xlsx")
@requires(Permission.USE_SYSTEM)
def my_data() -> Response:
    """我的数据."""
    return download(exports.my_data(actor()), XLSX, "我的数据.xlsx")


def line_of(row: SignInSession, token: str) -> dict[str, Any]:
    """A session as lists show it."""
    return {
        "key": live_sessions.key_of(row),
        "address": row.address,
        "since": shown(row.made_at),
        "seen": shown(row.seen_at),
        "here": row.token_hash == live_sessions.sha256(token),
        "panel": row.panel_id is not None,
    }


def shown(at: datetime | None) -> str:
    """A moment as these pages write it."""
    return f"{chinese_date(here(at).date())} {chinese_time(here(at))}" if at else ""


def _go_on(form: Onward) -> Response | str:
    if not form.next.data and not form.carried.data:
        return go(".index")
    return onwards(actor().person_id, form.next.data or "/", form.carried.data or "")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="two step")


def _seed_in(form: EnrolForm) -> bytes | None:
    try:
        person_id, seed, at = _signer().loads(form.seed.data or "")
    except (BadSignature, ValueError, TypeError):
        return None
    old = moment() - datetime.fromisoformat(at) >= rules.ENROLLING_LASTS
    return None if old or person_id != actor().person_id else bytes.fromhex(seed)


def _enrol_page(form: EnrolForm, seed: bytes) -> str:
    account = services.me(actor()).username
    picture = qr(totp.uri(seed, issuer=ISSUER, account=account))
    return render_template(
        "accounts/enrol.html", form=form, picture=picture, secret=totp.secret_text(seed), account=account
    )


def _codes_page(codes: list[str], form: Any) -> str:
    next_path = rules.safe_next((getattr(form, "next", None) and form.next.data) or url_for(".two_step"))
    carried = (getattr(form, "carried", None) and form.carried.data) or ""
    return render_template("accounts/codes.html", codes=codes, next=next_path, carried=carried)


@own.route("/go-on", methods=["POST"])
@requires(Permission.USE_SYSTEM)
def go_on() -> Response | str:
    """From the recovery codes on to where one was going."""
    return _go_on(Onward())
