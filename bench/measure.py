"""Timing of one page against the bare view."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from flask import Flask
from flask.testing import FlaskClient
from lxml.html import fromstring
from sqlalchemy import event
from sqlalchemy.engine import Engine

from .bare import bare_app
from .world import Page, signed_in

_VERSION = re.compile(r'name="version"[^>]*value="(\d+)"')
WARM, TIMES, TURN = 20, 200, 4


@dataclass(frozen=True, slots=True)
class Measured:
    """What one page cost."""

    statements: int
    cpu_ms: float
    ratio: float
    size: int


def page(app: Flask, asked: Page) -> Measured:
    """Statements of one request, then CPU of 200, in turns of 4 with the bare view."""
    client, bare = signed_in(app, asked.username), bare_app().test_client()
    path = asked.path.replace("/now", "/" + app.config["BENCH_QUARTER"])

    get = _saving(client, path, asked.saves) if asked.saves else lambda: client.get(path)

    def get_bare() -> Any:
        return bare.get("/")

    for _ in range(WARM):
        response = get()
        get_bare()
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    statements = _statements(get)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(TIMES // TURN):
        theirs += _times(get_bare)
        ours += _times(get)
    cost, base = statistics.median(ours), statistics.median(theirs)
    return Measured(statements, cost * 1_000, cost / base, len(response.data))


def _saving(client: FlaskClient, path: str, saves: str) -> Callable[[], Any]:
    """Posting a page's form, one mark up and down, each time with the version the last answer gave."""
    html = client.get(path).get_data(as_text=True)
    tree: Any = fromstring(html)
    form = tree.get_element_by_id("sheet")
    values = {name: value for name, value in form.form_values() if not name.startswith("shown-")}
    marks = cycle(("8", "9"))

    def post() -> Any:
        values["mark-6.2"] = next(marks)
        answer = client.post(saves, data=values, headers={"HX-Request": "true"})
        values["version"] = _VERSION.findall(answer.get_data(as_text=True))[0]
        return answer

    return post


def _times(once: Callable[[], Any]) -> list[float]:
    found = []
    for _ in range(TURN):
        start = time.process_time()
        once()
        found.append(time.process_time() - start)
    return found


def _statements(once: Callable[[], Any]) -> int:
    counted: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        counted.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        once()
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return len(counted)


def worker_memory_mb() -> float:
    """Resident memory of a gunicorn worker of the demo after its pages were opened a few times."""
    from .world import open_pages_of

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
        port = str(20_000 + os.getpid() % 20_000)
        environment = {**os.environ, "DATA_DIR": folder, "PORT": port, "WEB_WORKERS": "1", "TIEJUN_MODE": "demo"}
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            base = f"http://127.0.0.1:{port}"
            _wait(base)
            open_pages_of(base)
            return max(_resident_mb(pid) for pid in _workers(server.pid))
        finally:
            server.terminate()
            server.wait(30)


def _wait(base: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{base}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def _workers(parent: int) -> list[int]:
    """The gunicorn workers below ``serve``: grandchildren whose command line names gunicorn."""
    below = [pid for child in _children(parent) for pid in _children(child)]
    return [pid for pid in below if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(child) for child in text.split()]


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
