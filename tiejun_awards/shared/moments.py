"""Who acts in this request, when, and from where: taken once, when first asked for."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import g, request
from flask_login import current_user

from . import clock
from .access import Actor, Trace


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
