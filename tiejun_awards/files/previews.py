"""Drawing a content in the work process: the child reads it, its pages go to the store, its lines to the row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..shared.db import writing
from ..shared.errors import Refused
from ..shared.jobs import Product, job_kind
from . import sandbox, store
from .models import FilePreview
from .rules import FileKind, PreviewState


@job_kind("files.preview")
def draw(arguments: dict[str, Any], progress: Callable[[int], None]) -> Product:
    """Make the preview of one content. A file nobody can draw is no failure of the job: the row says so."""
    sha256, kind = arguments["sha256"], FileKind(arguments["file_kind"])
    place = store.store()
    with store.workplace() as folder:
        file = folder / "original"
        try:
            with place.checked(sha256) as source, file.open("wb") as target:
                while block := source.read(store.BLOCK):
                    target.write(block)
            drawn = sandbox.run("preview", file, kind, folder, seconds=sandbox.PREVIEW_SECONDS)
        except (Refused, store.Damaged):
            keep(sha256, state=PreviewState.FAILED)
            return Product("这个文件做不成预览，可以下载看。")
        progress(80)
        for page in range(1, drawn["pages"] + 1):
            with (folder / str(page)).open("rb") as picture:
                place.put(place.bring(picture), store.preview_key(sha256, page))
    keep(
        sha256,
        state=PreviewState.MADE,
        pages=drawn["pages"],
        total=drawn["of"],
        media=drawn["media"],
        cut=drawn["cut"],
        outline=drawn["outline"],
    )
    return Product("预览做好了。")


def keep(sha256: str, **values: Any) -> None:
    """Write down what was drawn, for nobody in particular: the content is what it belongs to."""
    with writing() as session:
        row = session.get(FilePreview, sha256)
        if row is not None:  # swept meanwhile otherwise
            for name, value in values.items():
                setattr(row, name, value)
