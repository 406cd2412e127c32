"""Statements that thousands send within minutes: compiled once, run on the driver's own cursor, in few journeys.

Building and compiling a statement takes longer than the database does, and on PostgreSQL each word of a transaction
(`BEGIN`, the statement, `COMMIT`) is a journey to the server and back. So a `Prepared` is compiled once for each
database system, `one_statement` sends a statement that is its own transaction, and `short_transaction` is for several
that belong together. Neither has a session, and both give a `Direct` instead of a connection of SQLAlchemy, whose own
work is another part of the cost. An application that is bound to one connection instead of an engine joins the
transaction of that connection.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Dialect, Select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.dml import UpdateBase

from prevention.core.db import db, take_turn


@dataclass(frozen=True, slots=True)
class Direct:
    """A connection of the driver, out of the engine's pool, and the dialect that it speaks."""

    connection: PoolProxiedConnection
    dialect: Dialect

    def run(self, sql: str) -> None:
        """Run a statement without values and without rows."""
        try:
            self.connection.cursor().execute(sql)
        except Exception as error:
            raise _as_sqlalchemy_error(error, sql, self.dialect) from error


class Prepared:
    """A statement that is compiled once; see the module.

    Values and rows are converted by the columns' types as always. Parameters are named after the statement's bind
    parameters, or after the columns of an INSERT.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase, *, columns: tuple[str, ...] = ()) -> None:
        self.statement, self.columns = statement, columns
        self._compiled: dict[str, _Compiled] = {}

    def first(self, connection: Connection | Direct, **values: Any) -> tuple[Any, ...] | None:
        """Run the statement; give its first row, or None when it gives none."""
        dialect = connection.dialect
        made = self._compiled.get(dialect.name) or self._compile(dialect)
        given = {**made.constants, **values}
        bound: tuple[Any, ...] | dict[str, Any]
        if made.is_positional:
            bound = tuple([process(given[name]) if process else given[name] for name, process in made.binds])
        else:
            bound = {name: process(given[name]) if process else given[name] for name, process in made.binds}
        if isinstance(connection, Connection) and not connection.in_transaction():
            connection.begin()
        cursor: DBAPICursor = connection.connection.cursor()
        try:
            cursor.execute(made.sql, bound)
            row = cursor.fetchone() if made.results else None
        except Exception as error:
            # Told apart by SQLAlchemy's names everywhere else.
            raise _as_sqlalchemy_error(error, made.sql, dialect) from error
        finally:
            cursor.close()
        if row is None:
            return None
        return tuple(process(value) if process else value for process, value in zip(made.results, row, strict=True))

    def _compile(self, dialect: Dialect) -> "_Compiled":
        compiled = self.statement.compile(dialect=dialect, column_keys=list(self.columns) or None)
        types = {name: bind.type.dialect_impl(dialect) for bind, name in compiled.bind_names.items()}
        names = compiled.positiontup if compiled.positional else list(types)
        made = _Compiled(
            sql=str(compiled),
            binds=[(name, types[name].bind_processor(dialect)) for name in names or ()],
            constants={name: value for name, value in compiled.params.items() if value is not None},
            results=[
                column.type.dialect_impl(dialect).result_processor(dialect, None)
                for column in self.statement.exported_columns
            ],
            is_positional=compiled.positional,
        )
        self._compiled[dialect.name] = made
        return made


@dataclass(frozen=True, kw_only=True, slots=True)
class _Compiled:
    sql: str
    binds: list[tuple[str, Callable[[Any], Any] | None]]
    constants: dict[str, Any]
    results: list[Callable[[Any], Any] | None]
    is_positional: bool


@contextmanager
def one_statement() -> Iterator[Connection | Direct]:
    """Give a connection on which each statement is a transaction of its own, kept as soon as it has run."""
    bound = cast(Engine | Connection, db.engine)
    if isinstance(bound, Connection):
        with bound.begin_nested():
            yield bound
        return
    connection = _taken_from(bound)
    try:
        # SQLite's driver opens no transaction by itself here; see `db.listen_to_sqlite`.
        if bound.dialect.name == "postgresql":
            connection.dbapi_connection.autocommit = True  # type: ignore[union-attr]  # a fresh one has it
        yield Direct(connection, bound.dialect)
    finally:
        _give_back(connection, bound.dialect)


@contextmanager
def short_transaction() -> Iterator[Connection | Direct]:
    """Give a connection for a few statements that write; committed at the end, undone on any error."""
    bound = cast(Engine | Connection, db.engine)
    if isinstance(bound, Connection):
        with bound.begin_nested():
            yield bound
        return
    connection = _taken_from(bound)
    direct = Direct(connection, bound.dialect)
    try:
        if bound.dialect.name == "sqlite":
            take_turn(connection)
            direct.run("BEGIN IMMEDIATE")
        yield direct
        try:
            connection.commit()
        except Exception as error:
            raise _as_sqlalchemy_error(error, "COMMIT", bound.dialect) from error
    finally:
        # The pool undoes what was not committed.
        connection.close()


def _taken_from(engine: Engine) -> PoolProxiedConnection:
    try:
        return engine.raw_connection()
    except engine.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_error(error, "CONNECT", engine.dialect) from error


def _give_back(connection: PoolProxiedConnection, dialect: Dialect) -> None:
    if dialect.name == "postgresql":
        try:
            connection.dbapi_connection.autocommit = False  # type: ignore[union-attr]  # not given back yet
        except dialect.loaded_dbapi.Error:
            # The server went away, or somebody stopped in the middle of a statement: not for the next one.
            connection.invalidate()
    connection.close()


def _as_sqlalchemy_error(error: Exception, sql: str, dialect: Dialect) -> Exception:
    """Wrap a driver's error as SQLAlchemy does, without the values: they are people's."""
    return DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)
