"""Refusals as pages: every way to say no, with its status, its sentence and what to do next."""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, current_app, make_response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as BaseResponse

from . import audit
from .db import db, is_busy, note
from .errors import SaysNo, Unconfirmed
from .moments import actor, moment, trace

log = logging.getLogger(__name__)

_PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})
"""Statuses with a page of their own in templates/errors."""


def install(app: Flask) -> None:
    @app.errorhandler(SaysNo)
    def says_no(error: SaysNo) -> BaseResponse:
        if error.status == 403:
            _note_denial(error.sentence)
        response = refusal(error.status, error.sentence)
        until = getattr(error, "until", None)
        if until is not None:
            response.headers["Retry-After"] = str(max(1, int((until - moment()).total_seconds())))
        return response

    @app.errorhandler(Unconfirmed)
    def unconfirmed(error: Unconfirmed) -> BaseResponse:
        db.session.rollback()
        return app.extensions["ask_to_confirm"](error.sentence)  # type: ignore[no-any-return]

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
