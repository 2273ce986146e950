"""Starting the child process that reads hostile input, and what its answer means."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from ..shared.errors import Refused
from .rules import FileKind

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
CHECK_SECONDS, PREVIEW_SECONDS = 20, 90
PATIENCE = 15  # seconds somebody waits for his turn

_turns = threading.BoundedSemaphore(2)
"""Children of one process at a time: each may take half a gigabyte."""


def run(task: str, file: Path, kind: FileKind, folder: Path, *, seconds: float = CHECK_SECONDS) -> dict[str, Any]:
    """The child's answer. Raises Refused: with its sentence, or because it died or took too long."""
    if not _turns.acquire(timeout=PATIENCE):
        raise Refused("现在传文件的人多，请过一会儿再传。", field="file")
    try:
        command = [sys.executable, "-m", f"{__package__}.child", task, kind.value, str(file), str(folder)]
        done = subprocess.run(
            command, cwd=ROOT, env={"LANG": "C.UTF-8"}, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        log.warning("%s of a %s took longer than %s s", task, kind.value, seconds)
        raise Refused("这个文件打开得太慢，没有收下。请另存一份或转成 PDF 再传。", field="file") from None
    finally:
        _turns.release()
    if done.returncode:
        log.warning("%s of a %s ended with %s: %s", task, kind.value, done.returncode, done.stderr.decode()[-2_000:])
        raise Refused("这个文件打不开，没有收下。请用原来的软件另存一份再传。", field="file")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "bad" in answer:
        raise Refused(answer["bad"], field="file")
    return answer
