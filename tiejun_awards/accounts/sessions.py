"""Flask's session over our own session table.

A signed-in browser holds one opaque token; everything else is in the database, so that signing out or taking
a session away works at once and a copied cookie is worth nothing. Visitors get no row: their CSRF secret and
the messages of the next page live in a short signed cookie.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, g
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeSerializer

from ..shared.moments import moment, trace
from . import services
from .services import SignedIn

_SMALL = frozenset(
    {"_flashes", "half_way"}
)  # what a signed-in browser keeps in the signed cookie; visitors: csrf_token too


class Visit(dict[str, Any], SessionMixin):
    """One browser's session during one request."""

    def __init__(self, values: dict[str, Any], *, token: str = "", signed_in: SignedIn | None = None) -> None:
        super().__init__(values)
        self.token = token
        self.signed_in = signed_in  # live or expired
        self.fresh_token = ""  # set by start(): a new cookie goes out
        self.over = False  # set by end(): the cookie is taken back
        self.modified = False

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self.modified = True

    def pop(self, key: str, *default: Any) -> Any:
        """Take a value out; taking out what is not there changes nothing."""
        self.modified = self.modified or key in self
        return super().pop(key, *default)

    @property
    def live(self) -> SignedIn | None:
        """The session, while it may still be used."""
        return self.signed_in if self.signed_in and self.signed_in.state == "live" else None

    def start(self, token: str, csrf: str) -> None:
        """The browser has signed in."""
        self.token = self.fresh_token = token
        self["csrf_token"] = csrf
        g.pop(
            "csrf_token", None
        )  # forms of this answer carry the token of the new session, not the one it was asked with
        self.pop("half_way", None)

    def end(self) -> None:
        """The browser has signed out."""
        self.over, self.fresh_token, self.signed_in = True, "", None
        self.pop("csrf_token", None)


class Sessions(SessionInterface):
    """Opens and saves ``Visit``."""

    def __init__(self, secret_key: str, *, secure: bool) -> None:
        prefix = "__Host-" if secure else ""
        self.secure = secure
        self.token_cookie, self.small_cookie = f"{prefix}session", f"{prefix}visit"
        self.signer = URLSafeSerializer(secret_key, salt="visit")

    def open_session(self, app: Flask, request: Request) -> Visit:
        """Find the session of the cookie; files of the front end need none."""
        if request.path.startswith("/static/") or request.path == "/healthz":
            return Visit({})
        small = self._read_small(request)
        token = request.cookies.get(self.token_cookie, "")
        signed_in = services.find_session(token, at=moment(), trace=trace()) if 20 < len(token) < 100 else None
        if signed_in is None:
            return Visit(small)
        values = {key: value for key, value in small.items() if key in _SMALL}
        return Visit({**values, "csrf_token": signed_in.csrf}, token=token, signed_in=signed_in)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookies that changed."""
        assert isinstance(session, Visit)
        flags: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": self.secure, "path": "/"}
        if session.fresh_token:
            response.set_cookie(self.token_cookie, session.fresh_token, **flags)
        if session.over:
            response.delete_cookie(self.token_cookie, **flags)
            response.headers["Clear-Site-Data"] = '"cache"'
        if not session.modified:
            return
        mine = bool(session.fresh_token or session.live)
        small = {key: value for key, value in session.items() if key in _SMALL or (key == "csrf_token" and not mine)}
        if small:
            response.set_cookie(self.small_cookie, self.signer.dumps(small), **flags)
        else:
            response.delete_cookie(self.small_cookie, **flags)

    def _read_small(self, request: Request) -> dict[str, Any]:
        raw = request.cookies.get(self.small_cookie)
        if not raw:
            return {}
        try:
            values = self.signer.loads(raw)
        except BadSignature:
            return {}
        return dict(values) if isinstance(values, dict) else {}
