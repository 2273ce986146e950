"""A running installation for tests of uploads: gunicorn alone, a database with many drafts of one branch, a client that sends files."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import world as bench_world
from tests.journeys.conftest import OURS
from tiejun_awards.shared.db import db

ROOT = Path(__file__).resolve().parents[2]
FIRST = 10_000  # the number of the first draft


@dataclass(frozen=True)
class Running:
    """One gunicorn and the folder it works in."""

    folder: Path
    port: int
    master: int

    def workers(self) -> list[int]:
        text = Path(f"/proc/{self.master}/task/{self.master}/children").read_text("ascii")
        return [int(pid) for pid in text.split()]

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.folder / "app.db", timeout=10) as connection:
            rows = connection.execute(statement).fetchall()
        connection.close()
        return rows

    def peak_mb(self, pid: int) -> float:
        """The most memory a process ever had resident."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
        assert found is not None
        return int(found[1]) / 1024


@contextmanager
def running(folder: Path, *, workers: int, drafts: int) -> Iterator[Running]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env |= {"TIEJUN_MODE": "demo", "DATA_DIR": str(folder), "SECRET_KEY": "b" * 48, "MOST_SESSIONS": "9"}
    with bench_world.build(folder, 5).app_context():
        db.engine.dispose()
    _draft(folder / "app.db", drafts)
    command = [
        *(sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--workers", str(workers)),
        *("--worker-class", "gthread", "--threads", "4", "--log-level", "critical", "--no-control-socket"),
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        _wait(port)
        yield Running(folder, port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _draft(file: Path, count: int) -> None:
    """So many drafts of the secretary's branch, of quarters long past."""
    with sqlite3.connect(file) as connection:
        ((branch, organiser, person),) = connection.execute(
            "SELECT branch_id, organiser_id, id FROM person WHERE username = 'secretary'"
        ).fetchall()
        connection.executemany(
            "INSERT INTO report (id, branch_id, organiser_id, quarter, state, version, revisions, saved_at, saved_by, return_reason, draft)"
            " VALUES (?, ?, ?, ?, 'draft', 1, 0, '2026-01-01 00:00:00.000000', ?, '', '{}')",
            [(FIRST + n, branch, organiser, f"{1900 + n // 4}Q{n % 4 + 1}", person) for n in range(count)],
        )
    connection.close()


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("gunicorn did not answer within 30 seconds")


class Client:
    """The secretary at a plain HTTP connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        token = self._token("/sign-in")
        form = {"csrf_token": token, "username": "secretary", "password": bench_world.PASSWORD, "next": "/"}
        status, _ = self.send(
            "POST", "/sign-in", urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        )
        assert status == 303
        self.token = self._token(f"/files/of/report/{FIRST}")

    def _token(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.send("GET", path)[1])
        assert found is not None
        return found[1]

    def send(self, method: str, path: str, body: bytes = b"", media: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": media} if media else {}
        headers |= {"HX-Request": "true"} if media.startswith("multipart") else {}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, text

    def upload(self, report: int, name: str, content: bytes) -> tuple[int, str]:
        """(status, answer). Raises OSError or HTTPException when nobody answered."""
        return self.send(
            "POST", f"/files/of/report/{report}/add", self.body(name, content), "multipart/form-data; boundary=XxX"
        )

    def body(self, name: str, content: bytes) -> bytes:
        token = f'--XxX\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{self.token}\r\n'.encode()
        file = f'--XxX\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        return token + file + content + b"\r\n--XxX--\r\n"

    def break_off(self, report: int, content: bytes) -> None:
        """Begin an upload and hang up in its middle."""
        body = self.body("half.pdf", content)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"POST /files/of/report/{report}/add HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Length: {len(body)}\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(
                head.encode() + b"Content-Type: multipart/form-data; boundary=XxX\r\n\r\n" + body[: len(body) // 2]
            )
