"""What a database holds, as plain data that two databases can be compared by."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

Schema = dict[str, dict[str, Any]]


def read(engine: sa.Engine) -> Schema:
    """Every table: columns with type and nullability, keys, foreign keys, UNIQUEs, CHECKs by name and text, indexes, triggers."""
    with engine.connect() as connection:
        return _read(connection)


def _read(connection: sa.Connection) -> Schema:
    look = sa.inspect(connection)
    tables = [name for name in look.get_table_names() if name != "alembic_version"]
    return {
        table: {
            "columns": [
                (column["name"], repr(column["type"]), column["nullable"], column["default"], column.get("identity"))
                for column in look.get_columns(table)
            ],
            "primary key": (
                look.get_pk_constraint(table)["name"],
                look.get_pk_constraint(table)["constrained_columns"],
            ),
            "foreign keys": sorted(
                (
                    key["name"] or "",
                    key["constrained_columns"],
                    key["referred_table"],
                    key["referred_columns"],
                    key["options"],
                )
                for key in look.get_foreign_keys(table)
            ),
            "unique": sorted((key["name"] or "", key["column_names"]) for key in look.get_unique_constraints(table)),
            "checks": sorted((check["name"] or "", check["sqltext"]) for check in look.get_check_constraints(table)),
            "indexes": sorted(
                (index["name"] or "", index["column_names"], bool(index["unique"])) for index in look.get_indexes(table)
            ),
            "triggers": triggers(connection, table),
        }
        for table in sorted(tables)
    }


def triggers(connection: sa.Connection, table: str) -> list[tuple[str, str]]:
    """The triggers of a table: name and text, on a server with that of its function."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table ORDER BY name"
    else:
        asked = (
            "SELECT tgname, pg_get_triggerdef(t.oid) || pg_get_functiondef(tgfoid) FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = tgrelid WHERE c.relname = :table AND NOT tgisinternal ORDER BY tgname"
        )
    return [(name, text) for name, text in connection.execute(sa.text(asked), {"table": table})]


def names(schema: Schema) -> set[str]:
    """Every identifier in it."""
    found = set(schema)
    for table in schema.values():
        found |= {column[0] for column in table["columns"]} | {table["primary key"][0]}
        for kind in ("foreign keys", "unique", "checks", "indexes", "triggers"):
            found |= {thing[0] for thing in table[kind]}
    return found


def declared_names(metadata: sa.MetaData) -> set[str]:
    """Every identifier the models declare; triggers are named by what declares them."""
    found: set[str] = set()
    for table in metadata.sorted_tables:
        found |= {table.name, *(column.name for column in table.columns)}
        found |= {str(constraint.name) for constraint in table.constraints}
        found |= {str(index.name) for index in table.indexes}
    return found
