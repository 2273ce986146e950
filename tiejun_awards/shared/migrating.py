"""Alembic without its files of settings: up, down, and writing the next revision."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def _config(engine: Engine | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["engine"] = engine
    return config


def heads() -> list[str]:
    """The newest revisions there are scripts of: always exactly one."""
    return list(ScriptDirectory.from_config(_config()).get_heads())


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring a database to a revision."""
    command.upgrade(_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take a database back to a revision."""
    command.downgrade(_config(engine), revision)


def write_revision(engine: Engine, message: str) -> None:
    """Write the next revision from the difference between models and database; it is to be read and mended."""
    number = f"{len(list((SCRIPTS / 'versions').glob('[0-9]*.py'))) + 1:04d}"
    command.revision(_config(engine), message, autogenerate=True, rev_id=number)
