"""Doing things at the same moment, each in a thread, an application context and a database session of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from tiejun_awards.shared import clock
from tiejun_awards.shared.db import db


def at_once(app: Flask, *calls: Callable[[], Any]) -> list[Any]:
    """What each call returned, or the exception it raised; all begin together, under the test's clock."""
    moment, start = clock.now(), threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        with app.app_context(), clock.stopped_at(moment):
            start.wait(10)
            try:
                return call()
            except Exception as error:
                return error
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
