"""The databases tests run on: kept copies that every test starts from, and empty ones for the tests of migrations.

SQLite by default; PostgreSQL when TIEJUN_TEST_POSTGRES is the URL of an account that may create databases. Everything
made on a server is called ``tiejun_test_…`` with the number of this process, and dropped at the end.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
import sqlalchemy as sa

IN_MEMORY = Path("/dev/shm")
POSTGRES = os.environ.get("TIEJUN_TEST_POSTGRES", "")


class Databases(Protocol):
    """One database that tests use (``url``), copies of it kept under a word, and empty ones."""

    url: str

    def let_go(self, engine: sa.Engine) -> None:
        """What an application does with its connections before its database is kept or put back."""

    def keep_as(self, word: str) -> None:
        """Keep what the database holds now. Nobody may be in a transaction."""

    def start_from(self, word: str) -> None:
        """Put a kept copy in the database's place. Nobody may be in a transaction."""

    def empty(self) -> str:
        """The URL of a new database without a table."""

    def drop_all(self) -> None:
        """Leave nothing behind."""


class Files:
    """SQLite: a database is a file, in memory where the machine offers that."""

    def __init__(self) -> None:
        self._folder = folder = Path(tempfile.mkdtemp(dir=IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None))
        self._made = 0
        self._file = folder / "app.db"
        self.url = f"sqlite:///{self._file}"

    def let_go(self, engine: sa.Engine) -> None:
        engine.dispose()  # the file is replaced by another

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
        shutil.rmtree(self._folder)


class Server:
    """PostgreSQL: one database for each process, its rows put back by COPY: a tenth of the time a new database takes.

    Its own connection stays open, and so do the application's: with warm catalogues putting back takes a fifth of the time.
    """

    def __init__(self, admin_url: str, worker: str) -> None:
        self._admin = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT")
        self._prefix = f"tiejun_test_{os.getpid()}_{worker}"
        self._names: list[str] = []
        self._kept: dict[str, Kept] = {}
        self.url = self.empty()
        url = self._admin.url.set(drivername="postgresql", database=self._names[0])
        self._connection = psycopg.connect(url.render_as_string(hide_password=False))

    def empty(self) -> str:
        name = f"{self._prefix}_{len(self._names)}"
        self._names.append(name)
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        url = self._admin.url.set(database=name).update_query_dict({"options": "-csynchronous_commit=off"})
        return url.render_as_string(hide_password=False)

    def let_go(self, engine: sa.Engine) -> None:
        pass

    def keep_as(self, word: str) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            names = cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            tables = {}
            for (name,) in names:
                with cursor.copy(f'COPY "{name}" TO STDOUT') as copy:
                    tables[name] = b"".join(bytes(block) for block in copy)
            numbers = cursor.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
        # As replica: no trigger keeps what only grows, no foreign key asks for an order.
        emptying = "SET LOCAL session_replication_role = replica; SET LOCAL synchronous_commit = off;"
        emptying += "".join(f'DELETE FROM "{name}";' for name in tables)
        numbering = "".join(f"SELECT setval('{name}', {last or 1}, {last is not None});" for name, last in numbers)
        self._kept[word] = Kept(emptying, {name: rows for name, rows in tables.items() if rows}, numbering)

    def start_from(self, word: str) -> None:
        kept = self._kept[word]
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(kept.emptying)
            for name, rows in kept.rows.items():
                with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                    copy.write(rows)
            cursor.execute(kept.numbering)

    def drop_all(self) -> None:
        self._connection.close()
        with self._admin.connect() as connection:
            for name in self._names:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._admin.dispose()


@dataclass(frozen=True)
class Kept:
    """What puts a database back: the statements that empty its tables, their rows as COPY writes them, where sequences stand."""

    emptying: str
    rows: dict[str, bytes]
    numbering: str


@contextmanager
def databases(worker: str) -> Iterator[Databases]:
    """The databases of one process of the test run."""
    made: Databases = Server(POSTGRES, worker) if POSTGRES else Files()
    try:
        yield made
    finally:
        made.drop_all()
