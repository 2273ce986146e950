"""``make bench``: statements, CPU, bytes of the main pages with 30 and with 3,000 branches.

CPU is process time, the median of 200 warm requests, and quoted as a ratio to one fixed bare view (a Flask page
with a table of 115 rows, 24 kB, no database) measured in turns with it: these machines are noisy. Rows go to
``bench.json`` in the data folder as name, value, unit, target (an upper bound, or null) and are printed.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from config import Config

from . import ballots, measure, world

SIZES = (30, 3_000)
STATIC = Path(__file__).resolve().parent.parent / "tiejun_awards" / "static" / "vendor"


def main() -> int:
    """Measure, print, write; exit 1 when a bar is missed."""
    rows: list[dict[str, Any]] = []
    statements: dict[str, set[int]] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            app = world.build(Path(folder), size)
            for page in world.PAGES:
                found = measure.page(app, page)
                name = f"{page.name}.{size}"
                statements.setdefault(page.name, set()).add(found.statements)
                rows += [
                    _row(f"{name}.statements", found.statements, "statements", 10 if page.saves else 12),
                    _row(f"{name}.cpu", round(found.cpu_ms, 2), "ms", None),
                    _row(f"{name}.ratio", round(found.ratio, 2), "x bare view", 6),
                    _row(f"{name}.html", found.size, "bytes", 60_000),
                ]
            if size == SIZES[0]:
                rows += _ballots(app)
    rows += [_row(f"{name}.statements.spread", len(counts) - 1, "", 0) for name, counts in statements.items()]
    rows.append(_row("static.compressed", _compressed(), "bytes", 150_000))
    rows.append(_row("worker.memory", round(measure.worker_memory_mb()), "MB", 160))
    _print(rows)
    target = Config.from_env().data_dir / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(f"written to {target}\n")
    return int(any(row["target"] is not None and row["value"] > row["target"] for row in rows))


def _ballots(app: Any) -> list[dict[str, Any]]:
    """A vote, and the pages of those who run it."""
    cost = ballots.measure(app)
    rows = [
        _row("ballot.ratio", round(cost.ballot, 2), "x bare view", 6),
        _row("vote.ratio", round(cost.vote, 2), "x bare view", 6),
        _row("vote.sealing", round(cost.sealing_ms, 2), "ms", None),
    ]
    for name, path in zip(("poll_index", "poll"), cost.pages, strict=True):
        found = measure.page(app, world.Page(name, "office", path))
        rows += [
            _row(f"{name}.statements", found.statements, "statements", 12),
            _row(f"{name}.ratio", round(found.ratio, 2), "x bare view", 6),
        ]
    return rows


def _row(name: str, value: float, unit: str, target: float | None) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "target": target}


def _compressed() -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for kind in ("*.css", "*.js") for path in STATIC.glob(kind))


def _print(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        bar = "" if row["target"] is None else f"≤ {row['target']:g}"
        late = "   MISSED" if row["target"] is not None and row["value"] > row["target"] else ""
        sys.stdout.write(f"{row['name']:36} {row['value']:>10g} {row['unit']:12} {bar}{late}\n")


if __name__ == "__main__":
    raise SystemExit(main())
