"""Run migrations on the engine handed in by ``tiejun_awards.shared.migrating``."""

import sqlalchemy as sa
from alembic import context

from tiejun_awards.shared.db import Base, UTCDateTime


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our own column type by its name; everything else as Alembic does."""
    return "UTCDateTime()" if kind == "type" and isinstance(item, UTCDateTime) else False


engine: sa.Engine = context.config.attributes["engine"]

with engine.connect() as connection:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # Batch operations rebuild tables: foreign keys are checked afterwards, not meanwhile.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite,
        compare_type=True,
        render_item=render_item,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.commit()
        if broken:
            raise RuntimeError(f"rows without what they refer to: {broken[:5]}")
