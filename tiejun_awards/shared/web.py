"""What every page shares: who may open it, what the templates are given, headers, refusals as pages."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa
from flask import Flask, Response, abort, current_app, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from . import audit, clock
from .access import Actor, Permission, Trace, can, reach
from .db import db, is_busy, note, write_pending_notes
from .errors import NotAllowed, SaysNo
from .listing import Listing

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


# Who may open a page.


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Guard a view: 401 for visitors, 403 for people whose roles reach nowhere with the permission."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                abort(401)
            if not reach(actor(), permission):
                raise NotAllowed(f"您现在的身份不包括“{permission.label}”。")
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that signed-out people may open. The list of these is short and frozen in a test."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def refuse_unguarded_routes(app: Flask) -> None:
    """Stop the application from starting when a route names no permission and is not marked open."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not (hasattr(view, "permission") or hasattr(view, "open_to_all") or rule.endpoint == "static"):
            raise RuntimeError(f"{rule.rule} names no permission")


def actor() -> Actor:
    """Who acts in this request. Only behind ``requires``."""
    return current_user._get_current_object()  # type: ignore[no-any-return]


def moment() -> datetime:
    """The moment of this request: taken once, when it is first asked for."""
    if "now" not in g:
        g.now = clock.now()
    return g.now  # type: ignore[no-any-return]


def trace() -> Trace:
    """Where this request came from, under a number of its own."""
    if "trace" not in g:
        g.trace = Trace(secrets.token_hex(8), request.remote_addr or "")
    return g.trace  # type: ignore[no-any-return]


# What the templates are given.


@dataclass(frozen=True, slots=True)
class NavItem:
    """One word of the main menu."""

    label: str
    endpoint: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One word of the main menu as this page shows it."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Site:
    """What the frame of every page says about the installation and its organiser."""

    organiser_name: str
    filing_number: str
    contact: str
    demo: bool
    large_text: bool
    feedback_url: str
    name: str = "铁军建设管理"


class Assets:
    """Names of the built front-end files, from the manifest that ``make assets`` wrote."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._prefix = prefix
        path = folder / "manifest.json"
        self._names: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def url(self, name: str) -> str:
        """The URL of a built file; its own name where assets are not built yet."""
        return f"{self._prefix}/{self._names.get(name, name)}"


class RowNumber(IntegerConverter):
    """A row's number in an address: what no row can have is not found before the database is asked for it."""

    regex = "[0-9]{1,10}"

    def __init__(self, rules: Map) -> None:
        super().__init__(rules, max=2**31 - 1)


def install(app: Flask, *, nav: Sequence[NavItem], site: Callable[[], Site]) -> None:
    """Hang the frame onto the application."""
    app.url_map.converters["int"] = RowNumber
    assets = Assets(Path(app.root_path) / "static" / "vendor", "/static/vendor")

    @app.before_request
    def send_old_browsers_on() -> BaseResponse | None:
        agent = request.user_agent.string
        if ("Trident/" in agent or "MSIE " in agent) and not request.path.startswith("/static/"):
            return redirect(request.script_root + "/static/ie.html")
        return None

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {"nav": _menu(app, nav), "site": site(), "can": _can}

    app.jinja_env.globals.update(
        asset=assets.url,
        SPRITE=assets.url("sprite.svg"),
        new_key=lambda: secrets.token_urlsafe(12),
        Permission=Permission,
    )
    app.after_request(_finish)
    _install_refusals(app)


def _menu(app: Flask, nav: Sequence[NavItem]) -> list[MenuEntry]:
    if not current_user.is_authenticated:
        return []
    paths = app.extensions.setdefault("nav_paths", {})
    entries = []
    for item in nav:
        if reach(actor(), item.permission):
            if item.endpoint not in paths:
                paths[item.endpoint] = url_for(item.endpoint).removeprefix(request.script_root)
            same = (request.blueprint or "") == item.endpoint.split(".")[0]
            entries.append(MenuEntry(item.label, request.script_root + paths[item.endpoint], same))
    return entries


def _can(permission: Permission, subject: Any = None) -> bool:
    return current_user.is_authenticated and can(actor(), permission, subject)


def _finish(response: Response) -> Response:
    """End the reading transaction, write what was noted, set the headers."""
    db.session.rollback()
    try:
        write_pending_notes()
    except Exception:
        log.exception("a note of request %s was not written", trace().request_id)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith("/static/vendor/") and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


# Refusals as pages.

_PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})
"""Statuses with a page of their own in templates/errors."""


def _install_refusals(app: Flask) -> None:
    @app.errorhandler(SaysNo)
    def says_no(error: SaysNo) -> BaseResponse:
        if error.status == 403:
            _note_denial(error.sentence)
        return refusal(error.status, error.sentence)

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> BaseResponse:
        return refusal(
            400, "页面放得太久，或者登录状态变了。请用浏览器的后退键回到刚才的页面，复制写下的内容，刷新后再交。"
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> BaseResponse:
        if isinstance(error.response, Response) or error.code is None or error.code < 400:
            return error.get_response()
        if error.code == 401:
            return app.extensions["ask_to_sign_in"]()  # type: ignore[no-any-return]
        response = refusal(error.code)
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response

    @app.errorhandler(sa.exc.OperationalError)
    def busy(error: sa.exc.OperationalError) -> BaseResponse:
        if not is_busy(error):
            return failed(error)
        response = refusal(503, "写入的人正多，请几秒后再点一次；写下的内容还在页面上。")
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(sa.exc.IntegrityError)
    def clash(error: sa.exc.IntegrityError) -> BaseResponse:
        log.warning("request %s: %s", trace().request_id, error.orig)
        return refusal(409, "同一时间有人做了同样的事。请刷新页面看现在的情况，再决定是否继续。")

    @app.errorhandler(Exception)
    def failed(error: Exception) -> BaseResponse:
        if app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        log.exception("request %s failed", trace().request_id, exc_info=error)
        return refusal(500)


def refusal(status: int, sentence: str = "") -> BaseResponse:
    """The page (or, for htmx and fetch, the fragment) of a refusal."""
    db.session.rollback()
    known = status if status in _PAGES else 400 if status < 500 else 500
    if is_fragment():
        response = make_response(render_template("errors/fragment.html", reason=sentence), status)
        response.headers["HX-Reswap"] = "none"
        return response
    if known >= 500:  # without the frame: it would ask the database
        page = current_app.jinja_env.get_template(f"errors/{known}.html")
        body = page.render(reason=sentence, reference=trace().request_id, home=request.script_root + "/")
    else:
        body = render_template(f"errors/{known}.html", reason=sentence)
    return make_response(body, status)


def is_fragment() -> bool:
    """Whether the request wants a piece of a page (autosave, live checks)."""
    return "HX-Request" in request.headers


def _note_denial(sentence: str) -> None:
    who = actor() if current_user.is_authenticated else None
    endpoint, at = request.endpoint or "", moment()

    def write(session: Any) -> None:
        audit.record(
            session,
            who,
            "web.denied",
            at=at,
            outcome=audit.Outcome.DENIED,
            detail={"endpoint": endpoint, "sentence": sentence},
        )

    note(write)


# Going on after a verb.


def go(endpoint: str, **values: Any) -> BaseResponse:
    """Redirect after a verb (303: the browser asks for the next page with GET)."""
    return redirect(url_for(endpoint, **values), code=303)


def listing(*, sorts: Iterable[str], filters: Iterable[str] = (), per_page: int = 50) -> Listing:
    """What this list page was asked for."""
    path = request.script_root + request.path
    return Listing.read(request.args, path, sorts=sorts, filters=filters, per_page=per_page)
