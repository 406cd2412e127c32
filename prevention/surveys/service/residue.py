"""What a database keeps of rows that are gone: SQLite's free pages and write-ahead log, PostgreSQL's dead rows.

Run after a wave was closed, mixed or sealed. It never fails its caller: a table that is busy is tidied the next time.
What it cannot reach is written down for operators (docs/operations.md): PostgreSQL's own write-ahead log until it is
recycled, replicas, and back-ups.
"""

from typing import cast

import structlog
from sqlalchemy import Connection, Engine

from prevention.core.db import db
from prevention.surveys.models import AccessCode, Ballot, CodeGuard, CredentialKey, MixedAnswer, SpentCredential

log = structlog.get_logger()

TABLES = (AccessCode, Ballot, CodeGuard, CredentialKey, MixedAnswer, SpentCredential)


def tidy_up() -> bool:
    """Rewrite the tables of answers and codes without what was deleted; say whether all of it worked.

    Takes a lock of its own on what it rewrites, outside of any transaction: call it when none is open.
    """
    bound = cast(Engine | Connection, db.engine)
    if isinstance(bound, Connection):
        return False  # joined to somebody's transaction, in which none of this may run
    is_sqlite = bound.dialect.name == "sqlite"
    statements = (
        ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")
        if is_sqlite
        else tuple(f"VACUUM (FULL, ANALYZE) {table.__tablename__}" for table in TABLES)
    )
    db.session.rollback()
    # The driver's own connection: the engine's would open a transaction, in which none of these may run.
    connection = bound.raw_connection()
    try:
        if not is_sqlite:
            connection.rollback()
            connection.dbapi_connection.autocommit = True  # type: ignore[union-attr]  # a fresh one has it
        for statement in statements:
            connection.cursor().execute(statement)
    except bound.dialect.loaded_dbapi.Error as error:
        log.warning("residue_not_tidied", reason=type(error).__name__)
        return False
    finally:
        if not is_sqlite:
            connection.dbapi_connection.autocommit = False  # type: ignore[union-attr]
        connection.close()
    return True
