"""The database: one typed base, sessions that read unless a use case writes, and every dialect's peculiarity.

Reading is the rule: a session opened by a page cannot write (``PRAGMA query_only`` on SQLite,
``READ ONLY`` on PostgreSQL). ``writing()`` opens the one transaction that can; only ``use_case`` and
``note`` call it. On SQLite it begins with ``BEGIN IMMEDIATE``: a read that turns into a write would
fail at once with “locked”, whatever the busy timeout.
"""

from __future__ import annotations

import enum
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from flask import g, has_request_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session

from .access import Reach
from .errors import Stale

V = TypeVar("V")

BUSY_SECONDS = 5
"""How long a writer waits for a lock before the page says 503: longer would park every thread."""


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment, stored in UTC (SQLite has no time zones: there it is stored without one)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; hand the driver UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table. Constraint names are written out: they are sentences."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "%(table_name)s_pk",
            "fk": "%(table_name)s_%(column_0_name)s_fk",
            "uq": "%(table_name)s_%(column_0_name)s_uq",
            "ix": "%(table_name)s_%(column_0_name)s_ix",
        }
    )
    type_annotation_map = {datetime: UTCDateTime(), dict[str, Any]: sa.JSON(), list[Any]: sa.JSON()}  # noqa: RUF012


def choice(members: type[enum.Enum], name: str) -> sa.Enum:
    """The column type of an enumeration: text, stored by value, with a CHECK called ``name``."""
    return sa.Enum(
        members,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=20,
        values_callable=lambda kind: [member.value for member in kind],
    )


class _Session(FlaskSession):
    """Flask-SQLAlchemy's session on a connection that can only read, unless ``writing()`` is on."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        shared: Connection | None = self.info.get("one_transaction")
        if shared is not None:
            return shared
        bind = super().get_bind(*args, **kwargs)
        if self.info.get("writing") or not isinstance(bind, Engine):
            return bind
        return _reading(bind)


_readers: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


def _reading(engine: Engine) -> Engine:
    reader = _readers.get(engine)
    if reader is None:
        options: dict[str, Any] = {"reading": True}
        if engine.dialect.name == "postgresql":
            options["postgresql_readonly"] = True
        reader = _readers[engine] = engine.execution_options(**options)
    return reader


db = SQLAlchemy(session_options={"class_": _Session})


def engine_options(url: str) -> dict[str, Any]:
    """How the engine is made: a server may have hung up meanwhile, a file never does; what people wrote stays out of logs."""
    return {"pool_pre_ping": not url.startswith("sqlite"), "hide_parameters": True}


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
        connection.commit()
        return
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    reading = connection.get_execution_options().get("reading", False)
    driver = connection.connection.driver_connection
    assert driver is not None
    statement = "BEGIN" if reading else "BEGIN IMMEDIATE"
    try:
        driver.execute(f"PRAGMA query_only = {int(reading)}")
        driver.execute(statement)
    except sqlite3.OperationalError as error:  # said to the driver directly, so nobody else wraps it
        raise sa.exc.OperationalError(statement, None, error) from error


@contextmanager
def writing() -> Iterator[Session]:
    """The one transaction that may write: commits at the end, rolls back when anything is raised.

    What was read before is read again under the lock. Two of them never nest.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("use cases never call each other")
    session.rollback()
    session.info["writing"] = True
    session.info.pop("remembered", None)
    try:
        yield session
        session.commit()
    except sa.orm.exc.StaleDataError as error:
        session.rollback()
        raise Stale(None) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


def remembered(key: object, ask: Callable[[], V]) -> V:
    """Ask the database once a request. While writing nothing is remembered: what is asked may have changed."""
    info = db.session().info
    if info.get("writing"):
        return ask()
    kept: dict[object, V] = info.setdefault("remembered", {})
    if key not in kept:
        kept[key] = ask()
    return kept[key]


@contextmanager
def one_transaction() -> Iterator[None]:
    """All that is written within lands together or not at all: each ``writing()`` becomes a savepoint.

    For filling an empty database, where it also waits for the disk once instead of once a verb. Never in a request.
    """
    session = db.session()
    session.rollback()
    with db.engine.connect() as connection, connection.begin():
        session.info["one_transaction"] = connection
        session.join_transaction_mode = "create_savepoint"
        try:
            yield
        finally:
            session.rollback()
            session.join_transaction_mode = "conditional_savepoint"
            del session.info["one_transaction"]


def note(work: Callable[[Session], None]) -> None:
    """Write something a reading request must leave behind (last seen, a denial), in a short transaction
    of its own: after the request's own where there is one, at once elsewhere."""
    if has_request_context():
        g.setdefault("notes", []).append(work)
    else:
        _write_notes([work])


def write_pending_notes() -> None:
    """Write what the request noted. Called once, when its own transaction has ended."""
    pending = g.pop("notes", None)
    if pending:
        _write_notes(pending)


def _write_notes(pending: Sequence[Callable[[Session], None]]) -> None:
    with writing() as session:
        for work in pending:
            work(session)


def insert_if_absent(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert a row unless its key is taken; True when this call inserted it. Waits for a rival in flight."""
    # What it returns, not how many rows it counts: PostgreSQL's driver does not count them here.
    return session.execute(_insert_absent(session, model).values(**values).returning(sa.literal(1))).first() is not None


def insert_all_absent(session: Session, model: type[Base], rows: Sequence[dict[str, Any]], *keys: Any) -> list[Any]:
    """Insert the rows whose keys are not taken, a thousand a statement; the columns ``keys`` of those this call inserted."""
    return list(session.execute(_insert_absent(session, model).returning(*keys), list(rows)).all()) if rows else []


def _insert_absent(session: Session, model: type[Base]) -> Any:
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(model.__table__).on_conflict_do_nothing()


def one_at_a_time(session: Session, lock: int) -> None:
    """Let only one transaction of this number run at a time; SQLite's write lock does that by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))


def within(
    reach: Reach,
    *,
    organiser: sa.ColumnElement[int] | Any,
    branch: sa.ColumnElement[int] | Any = None,
    unit: sa.ColumnElement[int] | Any = None,
) -> sa.ColumnElement[bool]:
    """The SQL twin of ``Reach.covers``: which rows lie within reach, by the columns that say where they lie."""
    if reach.everywhere:
        inside: sa.ColumnElement[bool] = sa.true()
    else:
        ways = [  # most people have one of each, and a list of values is written out anew at every execution
            column.in_(sorted(numbers)) if len(numbers) > 1 else column == min(numbers)
            for column, numbers in ((organiser, reach.organisers), (branch, reach.branches), (unit, reach.units))
            if numbers and column is not None
        ]
        inside = sa.or_(*ways) if ways else sa.false()
    own = ((branch, reach.except_branch), (unit, reach.except_unit))
    kept_out = [(column, number) for column, number in own if column is not None and number is not None]
    return sa.and_(inside, *(sa.or_(column.is_(None), column != number) for column, number in kept_out))


# Tables that only grow: the database itself refuses UPDATE and DELETE.

IMMUTABLE_TABLES: list[str] = []


def immutable(table: sa.Table) -> sa.Table:
    """Declare that rows of the table never change; the triggers come with ``create_all`` and with migrations."""
    IMMUTABLE_TABLES.append(table.name)
    for dialect in ("sqlite", "postgresql"):
        for statement in immutability_ddl(dialect, table.name):
            event.listen(table, "after_create", sa.DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))
    return table


def immutability_ddl(dialect: str, table: str) -> list[str]:
    """The statements that make a table immutable on one dialect; migrations run them too."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def is_busy(error: BaseException) -> bool:
    """Whether the database only asks for patience: SQLite's lock, PostgreSQL's lock timeout."""
    text = str(getattr(error, "orig", error)).lower()
    return "database is locked" in text or "lock timeout" in text


def back_up(target: Path) -> None:
    """Copy a running SQLite database safely, page by page (never copy the file itself)."""
    engine = db.engine
    if engine.dialect.name != "sqlite":
        raise RuntimeError("on PostgreSQL use pg_dump or WAL archiving")
    with engine.connect() as connection, sqlite3.connect(target) as copy:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.backup(copy)
