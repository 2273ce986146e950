"""The databases tests run on: kept copies that every test starts from, and empty ones for the tests of migrations.

SQLite by default; PostgreSQL when TIEJUN_TEST_POSTGRES is the URL of an account that may create databases. Everything
made on a server is called ``tiejun_test_…`` with the number of this process, and dropped at the end.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

POSTGRES = os.environ.get("TIEJUN_TEST_POSTGRES", "")


class Databases(Protocol):
    """One database that tests use (``url``), copies of it kept under a word, and empty ones."""

    url: str

    def keep_as(self, word: str) -> None:
        """Keep what the database holds now. Nobody may be connected."""

    def start_from(self, word: str) -> None:
        """Put a kept copy in the database's place. Nobody may be connected."""

    def empty(self) -> str:
        """The URL of a new database without a table."""

    def drop_all(self) -> None:
        """Leave nothing behind."""


class Files:
    """SQLite: a database is a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._file = folder / "app.db"
        self.url = f"sqlite:///{self._file}"

    def keep_as(self, word: str) -> None:
        shutil.copyfile(self._file, self._folder / f"{word}.kept")

    def start_from(self, word: str) -> None:
        for leftover in self._folder.glob("app.db*"):
            leftover.unlink()
        shutil.copyfile(self._folder / f"{word}.kept", self._file)

    def empty(self) -> str:
        self._made += 1
        return f"sqlite:///{self._folder / f'empty{self._made}.db'}"

    def drop_all(self) -> None:
        for file in (*self._folder.glob("app.db*"), *self._folder.glob("empty*"), *self._folder.glob("*.kept")):
            file.unlink()


class Server:
    """PostgreSQL: a database is copied from another one by the server."""

    def __init__(self, admin_url: str, worker: str) -> None:
        self._admin = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT")
        self._prefix = f"tiejun_test_{os.getpid()}_{worker}"
        self._names: set[str] = set()
        self._database = f"{self._prefix}_app"
        self.url = self._create(self._database)

    def _create(self, name: str, template: str = "template0") -> str:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        self._names.add(name)
        return self._admin.url.set(database=name).render_as_string(hide_password=False)

    def keep_as(self, word: str) -> None:
        self._create(f"{self._prefix}_{word}", self._database)

    def start_from(self, word: str) -> None:
        self._create(self._database, f"{self._prefix}_{word}")

    def empty(self) -> str:
        return self._create(f"{self._prefix}_empty{len(self._names)}")

    def drop_all(self) -> None:
        with self._admin.connect() as connection:
            for name in self._names:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._admin.dispose()


@contextmanager
def databases(folder: Path, worker: str) -> Iterator[Databases]:
    """The databases of one process of the test run."""
    made: Databases = Server(POSTGRES, worker) if POSTGRES else Files(folder)
    try:
        yield made
    finally:
        made.drop_all()
