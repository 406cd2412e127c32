"""The database: engine settings, column types, and the one transaction.

Works on SQLite and PostgreSQL alike. Services flush, never commit: a request is committed by
`web.commit_after_request`, a command or job by `unit_of_work`.
"""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, Uuid, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from prevention.core.i18n import Localised

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# How long a writer waits for another one before it gives up, in milliseconds.
SQLITE_BUSY_TIMEOUT_MS = 20_000


class Base(DeclarativeBase):
    """Base of every row."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate(db=db, directory="migrations", compare_type=True, render_as_batch=False)

if TYPE_CHECKING:
    Model = Base
else:
    # The extension builds this class at run time, where a type checker cannot follow it.
    Model = db.Model

_is_writing: ContextVar[bool] = ContextVar("is_writing", default=False)

UUIDPk = Annotated[uuid.UUID, mapped_column(Uuid, primary_key=True, default=uuid.uuid4)]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. Naive moments are refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; SQLite keeps it without its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must be aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class LocalisedText(TypeDecorator[Localised]):
    """A `Localised` text as one JSON column. Replace the value to change it; it is not tracked in place."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: dict[str, str] | None, dialect: Dialect) -> dict[str, str] | None:
        """Store a plain dictionary."""
        return None if value is None else dict(value)

    def process_result_value(self, value: dict[str, str] | None, dialect: Dialect) -> Localised | None:
        """Give a `Localised` back."""
        return None if value is None else Localised(value)


def enum_column(choices: type[StrEnum], *, name: str) -> Enum:
    """Build a column type that stores the lower-case values of `choices` as text, with a CHECK named `name`."""
    return Enum(
        choices,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


def begin_writing() -> None:
    """Say that the transaction about to begin will write (SQLite: take the write lock at once)."""
    _is_writing.set(True)


def end_writing() -> None:
    """Forget that the last transaction wrote."""
    _is_writing.set(False)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Run one writing transaction for a command or a job: commit at the end, roll back on any error."""
    if db.session.new or db.session.dirty or db.session.deleted:
        raise RuntimeError("a unit of work was begun while another one was still open")
    # Ends a transaction that only read, so that this one can take the write lock from its first statement.
    db.session.commit()
    begin_writing()
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        end_writing()


def constraint_of(error: IntegrityError) -> str | None:
    """Name the constraint that an `IntegrityError` violated.

    Returns:
        The constraint's name on PostgreSQL and for SQLite CHECKs. SQLite names a violated UNIQUE by its columns,
        ``"table.column, table.column"``, or as ``"index 'name'"`` when it is an index on an expression: callers
        compare with both.
    """
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return str(diagnostics.constraint_name) if diagnostics.constraint_name else None
    text = str(error.orig)
    return text.split("constraint failed: ", 1)[1] if "constraint failed: " in text else None


def init_app(app: Flask) -> None:
    """Bind the database to the application and set each new connection up."""
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            listen_to_sqlite(db.engine)


def listen_to_sqlite(engine: Engine) -> None:
    """Give SQLite real transactions, foreign keys, a write-ahead log that survives a power cut, and erasure."""
    event.listen(engine, "connect", _set_sqlite_up)
    event.listen(engine, "begin", _begin_sqlite)


def _set_sqlite_up(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: `_begin_sqlite` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _is_writing.get() else "BEGIN")
