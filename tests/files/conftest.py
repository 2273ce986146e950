"""What tests of attachments share."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from werkzeug.datastructures import MultiDict

from tests.builders import World
from tests.pages import Browser, Page

Upload = Callable[..., Page]


@pytest.fixture
def upload(world: World) -> Upload:
    """``upload(browser, ("名.pdf", content), …)`` sends files by the plain form of a report's attachments."""

    def send(browser: Browser, *files: tuple[str, bytes], branch: str = "water", quarter: str = "2026Q4") -> Page:
        path = f"/files/of/report/{world.report(branch, quarter).id}/add"
        values: MultiDict[str, object] = MultiDict({"csrf_token": browser.csrf_token()})
        for name, content in files:
            values.add("file", (BytesIO(content), name))
        return browser.post(path, values)

    return send
