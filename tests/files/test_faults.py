"""Uploads while workers are killed and connections break; the memory of a worker that takes in large files."""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.files import made
from tests.files.running import FIRST, Client, running

A_REPORT = 3


def content(number: int, padding: int = 20_000) -> bytes:
    return made.pdf_by.__wrapped__(f"{number} " + os.urandom(padding // 2).hex())


@pytest.mark.parametrize(("uploads", "kills"), [(12, 1), pytest.param(400, 3, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_lost_when_workers_are_killed(
    tmp_path: Path, uploads: int, kills: int, record_property: Callable[[str, object], None]
):
    acknowledged: dict[str, str] = {}
    unanswered = 0
    with running(tmp_path, workers=2, drafts=uploads // A_REPORT + 1) as server:
        clients = [Client(server.port) for _ in range(4)]
        lock = threading.Lock()

        def send(number: int) -> None:
            nonlocal unanswered
            client, sent = clients[number % 4], content(number)
            if number % 8 == 0:
                client.break_off(FIRST + number // A_REPORT, sent)
            for _ in range(20):
                try:
                    status, _ = client.upload(FIRST + number // A_REPORT, f"{number}.pdf", sent)
                except (OSError, http.client.HTTPException):
                    unanswered += 1
                    time.sleep(0.3)
                    continue
                if status == 503:
                    continue
                assert status == 200
                with lock:
                    acknowledged[f"{number}.pdf"] = hashlib.sha256(sent).hexdigest()
                return

        with ThreadPoolExecutor(4) as pool:
            work = [pool.submit(send, number) for number in range(uploads)]
            for kill in range(1, kills + 1):
                while len(acknowledged) < uploads * kill // (kills + 1) and not all(each.done() for each in work):
                    time.sleep(0.01)
                os.kill(server.workers()[0], signal.SIGKILL)
            for each in work:
                each.result()
        rows = {
            str(name): str(sha256)
            for name, sha256 in server.rows(f"SELECT name, sha256 FROM attachment WHERE owner_id >= {FIRST}")
        }

    record_property("asked again", unanswered)
    assert len(acknowledged) == uploads
    assert acknowledged == rows
    for sha256 in rows.values():
        file = tmp_path / "uploads" / "content" / sha256[:2] / sha256
        assert hashlib.sha256(file.read_bytes()).hexdigest() == sha256


ALL_SIZES = (100_000, 1_000_000, 5_000_000, 10_000_000, 20_000_000)


@pytest.mark.parametrize(
    ("sizes", "rounds"), [((100_000, 20_000_000), 1), pytest.param(ALL_SIZES, 2, marks=pytest.mark.slow)]
)
def test_large_uploads_hold_the_memory_of_a_worker(
    tmp_path: Path, sizes: tuple[int, ...], rounds: int, record_property: Callable[[str, object], None]
):
    with running(tmp_path, workers=1, drafts=20) as server:
        client = Client(server.port)
        client.upload(FIRST, "warm.pdf", content(0))
        [pid] = server.workers()
        before = server.peak_mb(pid)
        number = 3
        for _ in range(rounds):
            for size in sizes:
                number += 1
                status, answer = client.upload(FIRST + number // A_REPORT, f"{number}.pdf", content(number, size))
                assert status == 200, answer
        after = server.peak_mb(pid)

    record_property("MB before, at most", (before, after))
    assert after - before <= 50
