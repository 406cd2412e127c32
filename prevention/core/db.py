"""The database: engine settings, column types, and the one transaction.

Works on SQLite and PostgreSQL alike. Services flush, never commit: a request is committed by
`web.commit_after_request`, a command or job by `unit_of_work`.
"""

import re
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Enum,
    MetaData,
    SQLColumnExpression,
    Uuid,
    event,
    select,
    type_coerce,
)
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.types import NullType, TypeDecorator

from prevention.core.i18n import Localised
from prevention.core.turns import Turn

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# Where a connection to SQLite keeps its place in the queue of writers.
_TURN = "turn to write"

# A full-text index of SQLite: a virtual table `…_fts` and the tables that the module keeps for it. No model has one.
_FULL_TEXT_TABLE = re.compile(r"\w+_fts(_(data|idx|content|docsize|config))?")

# How long a writer waits at SQLite's door before it gives up, in milliseconds; before that it stood in the queue.
SQLITE_BUSY_TIMEOUT_MS = 10_000


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


def as_key(column: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    """Select an id or a moment as the driver gives it: to compare, sort and look up with, not to show or write.

    For lists of thousands of rows, where turning every value into an object takes longer than the database does. On
    SQLite a key is a text, on PostgreSQL what the driver makes; keys of one column sort as its values do.
    """
    return type_coerce(column, NullType())


def uuid_of_key(key: Any) -> uuid.UUID:
    """Give the id that a key stands for."""
    return key if isinstance(key, uuid.UUID) else uuid.UUID(key)


def moment_of_key(key: Any) -> datetime:
    """Give the moment that a key stands for, aware."""
    moment = key if isinstance(key, datetime) else datetime.fromisoformat(key)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


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


def is_table_of_ours(name: str) -> bool:
    """Say whether a table of the database is one that the models describe."""
    return _FULL_TEXT_TABLE.fullmatch(name) is None


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


def in_use(model: type[Base], ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Give those rows that rows of any other table point at and would stand in the way of taking them out.

    What would go with them (``ON DELETE CASCADE``) does not count. One statement for each foreign key and ten
    thousand rows.
    """
    wanted, found = list(ids), set[uuid.UUID]()
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table is not model.__table__ or key.ondelete == "CASCADE":
                continue
            for start in range(0, len(wanted), 10_000):
                portion = wanted[start : start + 10_000]
                found.update(db.session.scalars(select(key.parent).where(key.parent.in_(portion)).distinct()))
    return found


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
    event.listen(engine, "checkin", _give_turn_back)
    event.listen(engine, "close", _leave_queue)


def _set_sqlite_up(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
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
    file = cursor.execute("PRAGMA database_list").fetchone()[2]
    if file:
        entry.info[_TURN] = Turn(f"{file}-turn")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # On the driver's own connection: this is no statement of anybody's, and it stands before every transaction.
    driver: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]  # it is SQLite's
    if not _is_writing.get():
        driver.execute("BEGIN")
        return
    take_turn(connection.connection)
    driver.execute("BEGIN IMMEDIATE")


def take_turn(connection: PoolProxiedConnection) -> None:
    """Queue for a connection that writes outside of the engine's transactions; given back with the connection."""
    turn: Turn | None = connection.info.get(_TURN)
    if turn is not None:
        turn.take()


def _give_turn_back(_driver: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    # A connection comes back to the pool right after its transaction has ended, whichever way.
    if _TURN in entry.info:
        entry.info[_TURN].give_back()


def _leave_queue(_driver: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    turn: Turn | None = entry.info.pop(_TURN, None)
    if turn is not None:
        turn.close()
