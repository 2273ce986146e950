"""The running system and browsers to look at it with.

``server``    the real thing, started once a process: ``flask serve`` (gunicorn and the work process) in demo mode, in a folder of its own.
              At the end it is told to end with TERM, and nothing of it may be left.
``chromium``  Debian's Chromium. Without one, or with TIEJUN_NO_BROWSER=1, these tests are skipped.
``visit``     ``visit(1440)`` opens a browser of its own at that width, as a ``Visitor`` who watches every page (see ``visitor.py``).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.visitor import Visitor
from tiejun_awards.shared import clock
from tiejun_awards.shared.periods import Quarter

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Tiejun-2020-journey"
OURS = ("DATA_DIR", "DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "HOST", "PORT", "TRUSTED_PROXIES", "HUEY_REDIS_URL")

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]

Visit = Callable[..., Visitor]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A process of the test run has one server and one browser: the journeys share two of each, about evenly."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
            half = 2 if item.path.stem in ("test_first_run", "test_nomination", "test_rating") else 1
            item.add_marker(pytest.mark.xdist_group(f"browser {half}"))


@dataclass(frozen=True)
class Server:
    """The running installation."""

    url: str
    folder: Path
    env: dict[str, str] = field(repr=False)

    def flask(self, *arguments: str, data_dir: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a ``flask --app wsgi`` command on this installation, or on a copy of its folder."""
        env = {**self.env, "DATA_DIR": str(data_dir or self.folder)}
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)

    def ask(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Say a statement to its database, as somebody with the file could."""
        with sqlite3.connect(self.folder / "app.db", timeout=10) as connection:
            rows = connection.execute(statement, values).fetchall()
        connection.close()
        return rows

    def copy(self, folder: Path) -> Path:
        """A copy of its data, as of now."""
        folder.mkdir()
        shutil.copy(self.folder / "settings.toml", folder)
        with sqlite3.connect(self.folder / "app.db") as source, sqlite3.connect(folder / "app.db") as target:
            source.backup(target)
        return folder


def seed_day(today: date) -> date:
    """A day as of which every branch of the demo still has a report to write today: late in its quarter, before it is due."""
    running = Quarter.of(today)
    if (today - running.first_day).days > 30:
        return today - timedelta(days=1)
    return running.previous().first_day + timedelta(days=60)


def installation(folder: Path, **settings: str) -> Server:
    """An installation on a free port, not running yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    return Server(f"http://127.0.0.1:{port}", folder, env | {"PORT": str(port), "WEB_WORKERS": "1", **settings})


@contextmanager
def serving(running: Server) -> Iterator[None]:
    """``flask serve`` (gunicorn and the work process); at the end it is told to end with TERM, and nothing of it may be left."""
    with (running.folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
            cwd=ROOT,
            env={**running.env, "DATA_DIR": str(running.folder)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(running, process)
        yield
        assert process.poll() is None, "it ended by itself:\n" + (running.folder / "server.log").read_text("utf-8")
        process.send_signal(signal.SIGTERM)
        assert process.wait(25) == 0, (running.folder / "server.log").read_text("utf-8")
        assert _left_of(process.pid) == []
    finally:
        if _left_of(process.pid):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = installation(tmp_path_factory.mktemp("journeys"), TIEJUN_MODE="demo", DEMO_PASSWORD=PASSWORD)
    day = seed_day(clock.day_of(clock.now()))
    for command in (["db", "upgrade"], ["seed", "--demo", "--today", f"{day}"]):
        done = running.flask(*command)
        assert done.returncode == 0, done.stderr
    with serving(running):
        yield running


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, (server.folder / "server.log").read_text("utf-8")
        try:
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=5) as answer:
                assert answer.status == 200
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer within 30 seconds")


def _left_of(group: int) -> list[str]:
    """The processes of a group that still run."""
    found = subprocess.run(["ps", "-o", "stat=,args=", "-g", str(group)], capture_output=True, text=True).stdout
    return [line for line in found.splitlines() if not line.startswith("Z")]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if os.environ.get("TIEJUN_NO_BROWSER") == "1" or found is None:
        pytest.skip("no browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Visit]:
    opened: list[Visitor] = []

    def open_browser(width: int = 1440, *, javascript: bool = True) -> Visitor:
        visitor = Visitor(chromium, server.url, PASSWORD, width, javascript=javascript)
        opened.append(visitor)
        return visitor

    yield open_browser
    for visitor in opened:
        visitor.close()
    for visitor in opened:
        assert visitor.complaints == []
