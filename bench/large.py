"""``make bench-large``: the same pages at the size of a whole province, 20,000 branches."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from . import measure, world

SIZE = 20_000


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        app = world.build(Path(folder), SIZE)
        for page in world.PAGES:
            found = measure.page(app, page)
            sys.stdout.write(
                f"{page.name:20} {found.statements:3} statements {found.cpu_ms:8.2f} ms "
                f"{found.ratio:6.2f} x bare view {found.size:8} bytes\n"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
