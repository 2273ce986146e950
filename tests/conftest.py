"""Fixtures of every test.

``now``          the moment of every test that touches the database: Monday 2026-11-23 10:00 in Shanghai; the clock stands still
                 there. ``with clock.stopped_at(now + timedelta(hours=1)):`` is an hour later.
``app``          the application on a migrated, empty database of the test's own; an application context is pushed, so services
                 are called directly. Whatever uses it (or what follows) is marked ``database`` by itself.
``world``        the small organisation of ``builders.py``, in that database: ``world.actor("secretary")``,
                 ``world.branch("water")``, ``world.report("water", "2026Q3")`` …
``rated``        the same with the star ratings of ``rating_builders.py``: one cycle published, one half marked.
``sign_in``      ``sign_in("instructor")`` is a ``Browser`` (see ``pages.py``) with that person of ``world`` signed in; ``sign_in(person)``
                 for one the test made.
``office``, ``second``, ``secretary``, ``liaison``, ``staff``, ``city_office``, ``city_secretary``
                 the most used of these browsers.
``visitor``      a ``Browser`` with nobody signed in.
``statements``   ``with statements() as said: …`` gathers the SQL statements said meanwhile.
``database_kind``  "sqlite" or "postgresql", for the few tests of one of them.
``all_databases``  ``.empty()`` gives the URL of a database without a table.

A request never shares the test's application context (``pages.FreshClient``): two people signed in stay two people, and what a
page has changed is read again by the test.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from config import Config
from tests import builders, rating_builders
from tests.builders import World
from tests.databases import POSTGRES, Databases, databases
from tests.pages import Browser, FreshClient
from tiejun_awards.accounts.models import Person
from tiejun_awards.app import create_app
from tiejun_awards.shared import clock, migrating
from tiejun_awards.shared.db import db, one_transaction

SignIn = Callable[[str | Person], Browser]
Statements = Callable[[], AbstractContextManager[list[str]]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the database runs on both databases, unless it says that either will do."""
    for item in items:
        if {"app", "all_databases"} & set(getattr(item, "fixturenames", ())) and not item.get_closest_marker("either"):
            item.add_marker("database")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Files and long texts go by the name of their argument: a file may hold the time it was made at, and workers must agree."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > 100) else None


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Instead of pytest-flask's: one standing request would make one person of two signed-in clients."""


@pytest.fixture
def now() -> Iterator[datetime]:
    with clock.stopped_at(builders.NOW) as moment:
        yield moment


@pytest.fixture(scope="session")
def all_databases(worker_id: str) -> Iterator[Databases]:
    with databases(worker_id) as made:
        yield made


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "postgresql" if POSTGRES else "sqlite"


@pytest.fixture(scope="session")
def application(all_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One application for all tests of a process, on a database that is put back before each."""
    config = Config(
        data_dir=tmp_path_factory.mktemp("data"),
        mode="demo",
        secret_key="of-the-tests-only-" * 3,
        database_url=all_databases.url,
        demo_password=builders.PASSWORD,
        testing=True,
    )
    application = create_app(config)
    application.test_client_class = FreshClient
    with application.app_context():
        migrating.upgrade(db.engine)
        all_databases.let_go(db.engine)
    all_databases.keep_as("nothing")
    return application


@pytest.fixture(scope="session")
def kept_world(application: Flask, all_databases: Databases) -> str:
    """The word under which the built world is kept."""
    all_databases.start_from("nothing")
    with application.app_context(), clock.stopped_at(builders.NOW):
        with one_transaction():
            builders.build_world()
        db.session.remove()
        all_databases.let_go(db.engine)
    all_databases.keep_as("world")
    return "world"


@pytest.fixture(scope="session")
def kept_rated(application: Flask, all_databases: Databases, kept_world: str) -> str:
    """The word under which the rated world is kept."""
    all_databases.start_from(kept_world)
    with application.app_context(), clock.stopped_at(builders.NOW):
        with one_transaction():
            rating_builders.build_rated()
        db.session.remove()
        all_databases.let_go(db.engine)
    all_databases.keep_as("rated")
    return "rated"


@pytest.fixture
def app(request: pytest.FixtureRequest, application: Flask, all_databases: Databases, now: datetime) -> Iterator[Flask]:
    kept = next((name for name in ("rated", "world") if name in request.fixturenames), "")
    word = request.getfixturevalue(f"kept_{kept}") if kept else "nothing"
    with application.app_context():
        all_databases.let_go(db.engine)
        all_databases.start_from(word)
        for folder in ("results", "uploads", "incoming"):
            shutil.rmtree(Path(application.config["DATA_DIR"]) / folder, ignore_errors=True)
        Path(application.config["AUDIT_CHECKPOINTS"]).unlink(missing_ok=True)
        yield application
        db.session.remove()
        all_databases.let_go(db.engine)


@pytest.fixture
def put_back(request: pytest.FixtureRequest, app: Flask, all_databases: Databases) -> Callable[[], None]:
    """Puts the database of the test back to where it began."""
    word = "rated" if "rated" in request.fixturenames else "world"

    def put() -> None:
        db.session.remove()
        all_databases.let_go(db.engine)
        all_databases.start_from(word)

    return put


@pytest.fixture
def world(app: Flask, now: datetime) -> World:
    return World(now)


@pytest.fixture
def rated(world: World) -> World:
    return world


@pytest.fixture
def sign_in(world: World, app: Flask) -> SignIn:
    def signed_in(who: str | Person) -> Browser:
        person = world.person(who) if isinstance(who, str) else who
        browser = Browser(app)
        browser.hold(builders.session_token(person, clock.now()))
        return browser

    return signed_in


@pytest.fixture
def visitor(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def office(sign_in: SignIn) -> Browser:
    return sign_in("office")


@pytest.fixture
def second(sign_in: SignIn) -> Browser:
    return sign_in("second")


@pytest.fixture
def secretary(sign_in: SignIn) -> Browser:
    return sign_in("secretary")


@pytest.fixture
def liaison(sign_in: SignIn) -> Browser:
    return sign_in("liaison")


@pytest.fixture
def staff(sign_in: SignIn) -> Browser:
    return sign_in("staff")


@pytest.fixture
def city_office(sign_in: SignIn) -> Browser:
    return sign_in("city_office")


@pytest.fixture
def city_secretary(sign_in: SignIn) -> Browser:
    return sign_in("city_secretary")


@pytest.fixture
def statements(app: Flask) -> Statements:
    @contextmanager
    def gathered() -> Iterator[list[str]]:
        said: list[str] = []

        def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            said.append(statement)

        engine = db.engine
        event.listen(engine, "before_cursor_execute", hear)
        try:
            yield said
        finally:
            event.remove(engine, "before_cursor_execute", hear)

    return gathered
