"""Alembic without its files of settings: up, down, and writing the next revision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Engine

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

# Alembic is imported where it is used: web workers never migrate, and it costs them half a second at every start.

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def _config(engine: Engine | None = None) -> AlembicConfig:
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["engine"] = engine
    return config


def heads() -> list[str]:
    """The newest revisions there are scripts of: always exactly one."""
    from alembic.script import ScriptDirectory

    return list(ScriptDirectory.from_config(_config()).get_heads())


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring a database to a revision; one that stands at the newest already is left alone."""
    if revision == "head" and _stands_at(engine) == _newest():
        return
    from alembic import command

    command.upgrade(_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take a database back to a revision."""
    from alembic import command

    command.downgrade(_config(engine), revision)


def write_revision(engine: Engine, message: str) -> None:
    """Write the next revision from the difference between models and database; it is to be read and mended."""
    from alembic import command

    number = f"{len(list((SCRIPTS / 'versions').glob('[0-9]*.py'))) + 1:04d}"
    command.revision(_config(engine), message, autogenerate=True, rev_id=number)


def _newest() -> str:
    """The number of the newest script, by its file name."""
    return max(path.name[:4] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def _stands_at(engine: Engine) -> str:
    """The revision a database stands at; "" for an empty one."""
    if not sa.inspect(engine).has_table("alembic_version"):
        return ""
    with engine.connect() as connection:
        return connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or ""
