"""Tables that keep nothing of the order their rows came in, and are overwritten when rows are deleted: the sealed box."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from .db import db

UNORDERED = {"sqlite_with_rowid": False}
"""Options of such a table, last in ``__table_args__``: on SQLite no hidden row number, rows lie by their key."""


def wipe_traces(table: sa.Table) -> None:
    """Overwrite what was deleted from a table. In no transaction; waits no longer than a lock may take.

    SQLite zeroes deleted rows in the file at once (``secure_delete``) and keeps copies in its log only, which is emptied here.
    PostgreSQL keeps dead rows, and in which transaction each was written: an empty table gets a new file, any other is written anew
    (then rows that a transaction still under way could see stay until the next time).
    """
    db.session.rollback()
    connection = db.engine.raw_connection()
    try:
        driver = connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return
        assert driver is not None
        name = db.engine.dialect.identifier_preparer.quote(table.name)
        with driver.transaction():
            driver.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
            empty = driver.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() is None  # noqa: S608 (a table of ours)
            if empty:
                driver.execute(f"TRUNCATE {name}")
        driver.autocommit = True
        try:
            if not empty:
                driver.execute(f"VACUUM (FULL) {name}")
        finally:
            driver.autocommit = False
    finally:
        connection.close()
