"""How migrations reach the database: the application's own engine, one transaction per migration.

Our own column types are written as what they are in the database, so that a migration never imports the
application: it must still run when the application has moved on.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import Enum

from prevention.core.db import LocalisedText, UtcDateTime, begin_writing, db, end_writing, is_table_of_ours


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our types as plain SQLAlchemy ones."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, LocalisedText):
        return "sa.JSON()"
    if kind == "type" and isinstance(item, Enum):
        values = ", ".join(repr(value) for value in item.enums)
        return f"sa.Enum({values}, name={item.name!r}, native_enum=False, create_constraint=True, length=32)"
    return False


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out the tables that SQLite makes for a full-text index."""
    return kind != "table" or name is None or is_table_of_ours(name)


def run_migrations() -> None:
    """Run on a live connection; printing SQL without one is not offered."""
    given = context.config.attributes.get("connection")
    options: dict[str, Any] = {
        "target_metadata": db.metadata,
        "render_item": render_item,
        "compare_type": True,
        "include_name": include_name,
        "transaction_per_migration": True,
    }
    begin_writing()
    try:
        if given is not None:
            context.configure(connection=given, **options)
            with context.begin_transaction():
                context.run_migrations()
            return
        with current_app.extensions["migrate"].db.engine.connect() as connection:
            context.configure(connection=connection, **options)
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    finally:
        end_writing()


run_migrations()
