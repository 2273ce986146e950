"""The process in which hostile input is read: ``python -m tiejun_awards.files.child TASK KIND FILE FOLDER``.

It gives itself limits before it opens anything, says its answer as one line of JSON, and dies. Web workers and the work
process start it (``sandbox.py``) and never decode a picture or a page themselves.
"""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module
from pathlib import Path

from .rules import Bad, FileKind

MEMORY = 512 * 2**20
SECONDS = 60
LARGEST_FILE = 64 * 2**20

TASKS = {"check": "checking", "preview": "previewing", "strip": "checking", "tables": "tables"}
"""Task -> the module that does it: checking starts without what only previews need."""


def limit() -> None:
    """Little memory, time and disk; no core file."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(task: str, kind: str, file: str, folder: str) -> int:
    """Do the task; the answer is ``{"bad": sentence}`` or what the task found."""
    limit()
    try:
        work = getattr(import_module(f"{__package__}.{TASKS[task]}"), task)
        answer = work(Path(file), FileKind(kind), Path(folder))
    except Bad as bad:
        answer = {"bad": bad.sentence}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
