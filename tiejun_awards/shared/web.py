"""What every page shares: who may open it, what the templates are given, headers, refusals as pages."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Request, Response, abort, redirect, request, send_file, url_for
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from . import clock, dates, refusals
from .access import Permission, can, reach
from .db import db, write_pending_notes
from .errors import NotAllowed
from .listing import Listing
from .moments import actor, trace
from .refusals import refusal

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


def keeps_nothing(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view whose form is not kept for its writer when the session has ended: a ballot."""
    view.keeps_nothing = True  # type: ignore[attr-defined]
    return view


def refuse_unguarded_routes(app: Flask) -> None:
    """Stop the application from starting when a route names no permission and is not marked open."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not (hasattr(view, "permission") or hasattr(view, "open_to_all") or rule.endpoint == "static"):
            raise RuntimeError(f"{rule.rule} names no permission")


# What the templates are given.


@dataclass(frozen=True, slots=True)
class NavItem:
    """One page a menu leads to."""

    label: str
    endpoint: str
    permission: Permission
    places: frozenset[str] = (
        frozenset()
    )  # blueprints and endpoints that belong to it; empty: those of its own blueprint

    def holds(self, endpoint: str, blueprint: str) -> bool:
        """Whether a page belongs here."""
        places = self.places or {self.endpoint.split(".")[0]}
        return endpoint in places or blueprint in places


@dataclass(frozen=True, slots=True)
class NavGroup:
    """One word of the main menu and what stands below it, in a second line where there is more than one."""

    label: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One word of a menu as this page shows it."""

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
    messages_url: str = ""
    unread: int = 0
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


class Typed(ImmutableMultiDict[str, Any]):
    """What an address or a form holds, without NUL: no keyboard types it, and PostgreSQL fails on it."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__(
            [(name, value.replace("\0", "") if isinstance(value, str) else value) for name, value in pairs]
        )


class TypedRequest(Request):
    """A request that reads its address and its form so."""

    parameter_storage_class = Typed


def install(app: Flask, *, nav: Sequence[NavGroup], site: Callable[[], Site]) -> None:
    """Hang the frame onto the application."""
    app.request_class = TypedRequest
    app.url_map.converters["int"] = RowNumber
    assets = Assets(Path(app.root_path) / "static" / "vendor", "/static/vendor")

    @app.before_request
    def insist_on_https() -> BaseResponse | None:
        if app.config["DEMO"] or request.is_secure or request.remote_addr in ("127.0.0.1", "::1"):
            return None
        return refusal(403, f"请通过 https 访问：{app.config['PUBLIC_URL']}")

    @app.before_request
    def send_old_browsers_on() -> BaseResponse | None:
        agent = request.user_agent.string
        if ("Trident/" in agent or "MSIE " in agent) and not request.path.startswith("/static/"):
            return redirect(request.script_root + "/static/ie.html")
        return None

    @app.context_processor
    def frame() -> dict[str, Any]:
        main, below = _menus(app, nav)
        return {"nav": main, "subnav": below, "site": site(), "can": _can}

    app.jinja_env.globals.update(
        asset=assets.url,
        SPRITE=assets.url("sprite.svg"),
        new_key=lambda: secrets.token_urlsafe(12),
        Permission=Permission,
        chinese_date=dates.chinese_date,
        chinese_day=dates.chinese_day,
        chinese_day_weekday=dates.chinese_day_weekday,
        chinese_time=dates.chinese_time,
        day_of=clock.day_of,
        here=clock.here,
    )
    app.after_request(_finish)
    refusals.install(app)


def _menus(app: Flask, nav: Sequence[NavGroup]) -> tuple[list[MenuEntry], list[MenuEntry]]:
    """The main menu, and the second line of the word this page belongs to."""
    main: list[MenuEntry] = []
    below: list[MenuEntry] = []
    if not current_user.is_authenticated:
        return main, below
    endpoint, blueprint = request.endpoint or "", request.blueprint or ""
    for group in nav:
        open_to_me = [item for item in group.items if reach(actor(), item.permission)]
        if not open_to_me:
            continue
        here = [item.holds(endpoint, blueprint) for item in open_to_me]
        main.append(MenuEntry(group.label, _path(app, open_to_me[0].endpoint), any(here)))
        if any(here) and len(open_to_me) > 1:
            below = [
                MenuEntry(item.label, _path(app, item.endpoint), mine)
                for item, mine in zip(open_to_me, here, strict=True)
            ]
    return main, below


def _path(app: Flask, endpoint: str) -> str:
    paths = app.extensions.setdefault("nav_paths", {})
    if endpoint not in paths:
        paths[endpoint] = url_for(endpoint).removeprefix(request.script_root)
    return request.script_root + str(paths[endpoint])


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


# Going on after a verb.


def go(endpoint: str, **values: Any) -> BaseResponse:
    """Redirect after a verb (303: the browser asks for the next page with GET)."""
    return redirect(url_for(endpoint, **values), code=303)


def download(content: bytes, kind: str, name: str) -> Response:
    """A file made for this reader: saved under its Chinese name, kept by no cache. ``kind`` is its media type."""
    response = send_file(BytesIO(content), kind, as_attachment=True, download_name=name, max_age=0)
    response.headers["Cache-Control"] = "no-store"
    return response


def listing(*, sorts: Iterable[str], filters: Iterable[str] = (), per_page: int = 50) -> Listing:
    """What this list page was asked for."""
    path = request.script_root + request.path
    return Listing.read(request.args, path, sorts=sorts, filters=filters, per_page=per_page)
