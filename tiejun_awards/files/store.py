"""Where the bytes lie: by their SHA-256, through fsspec, in a local folder or at whatever FILES_URL names.

    content/ab/ab12…        an attachment's bytes     quarantine/ab12…   infected ones, never served
    previews/ab/ab12…/1     drawn pages               incoming/          under way

A content is written aside, synced to the disk and renamed, so it is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, BinaryIO

from flask import current_app
from fsspec.core import url_to_fs

BLOCK = 2**20
ORPHAN_AFTER = timedelta(hours=1)


class Damaged(Exception):
    """What is stored is not what was stored, or is gone."""


class Store:
    """One place of storage."""

    def __init__(self, url: str) -> None:
        self._files, self._root = url_to_fs(url, use_listings_cache=False)
        self._local = "file" in (self._files.protocol, *self._files.protocol)

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}"

    def bring(self, source: BinaryIO) -> str:
        """Write bytes aside, safe on the disk; the key they wait under until ``put``."""
        key = f"incoming/{secrets.token_hex(16)}"
        self._files.makedirs(self._path("incoming"), exist_ok=True)
        source.seek(0)
        with self._files.open(self._path(key), "wb") as target:
            while block := source.read(BLOCK):
                target.write(block)
            if self._local:
                target.flush()
                os.fsync(target.fileno())
        return key

    def put(self, waiting: str, key: str) -> None:
        """Give what was brought its name; done when this returns, also when the power fails the moment after."""
        folder = self._path(key).rpartition("/")[0]
        self._files.makedirs(folder, exist_ok=True)
        self._files.mv(self._path(waiting), self._path(key))
        if self._local:
            for each in (folder, folder.rpartition("/")[0], self._root):
                handle = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)

    def drop(self, key: str) -> None:
        """Remove a file or a folder, if it is there."""
        with suppress(FileNotFoundError):
            self._files.rm(self._path(key), recursive=True)

    def open(self, key: str) -> IO[bytes]:
        """The bytes under a key. Raises Damaged when there are none."""
        try:
            found: IO[bytes] = self._files.open(self._path(key), "rb")
        except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
            raise Damaged from error
        return found

    def checked(self, sha256: str) -> IO[bytes]:
        """A private copy of a content whose hash has just been verified, from its beginning. Raises Damaged."""
        copy: IO[bytes] = tempfile.TemporaryFile(dir=incoming())  # noqa: SIM115 (handed on open)
        digest = hashlib.sha256()
        with self.open(content_key(sha256)) as source:
            while block := source.read(BLOCK):
                digest.update(block)
                copy.write(block)
        if digest.hexdigest() != sha256:
            copy.close()
            raise Damaged
        copy.seek(0)
        return copy

    def old(self, folder: str, now: datetime) -> Iterator[tuple[str, str]]:
        """(key, name) of the files below a folder that have lain there for longer than an upload can take."""
        before = (now - ORPHAN_AFTER).timestamp()
        for path, info in self._files.find(self._path(folder), detail=True).items():
            if _made(info) < before:
                yield path[len(self._root) + 1 :], path.rpartition("/")[2]


def _made(info: dict[str, Any]) -> float:
    found = info.get("mtime") or info.get("created") or info.get("LastModified") or 0
    return found.timestamp() if isinstance(found, datetime) else float(found)


def content_key(sha256: str) -> str:
    """Where an attachment's bytes lie."""
    return f"content/{sha256[:2]}/{sha256}"


def preview_key(sha256: str, page: int | None = None) -> str:
    """Where a drawn page lies; without a page, the folder of them all."""
    folder = f"previews/{sha256[:2]}/{sha256}"
    return folder if page is None else f"{folder}/{page}"


_opened = lru_cache(maxsize=8)(Store)


def store() -> Store:
    """The storage of this installation."""
    return _opened(current_app.config["FILES_URL"] or f"{current_app.config['DATA_DIR']}/uploads")


def incoming() -> Path:
    """The folder of this machine for what is under way: only its owner reads it, and the sweep empties it."""
    folder = Path(current_app.config["DATA_DIR"]) / "incoming"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder for one piece of work, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=incoming()) as folder:
        yield Path(folder)
