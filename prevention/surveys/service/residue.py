"""What a database keeps of rows that are gone: SQLite's free pages and write-ahead log, PostgreSQL's dead rows.

Owed from the moment a wave is closed or erased (`owe_tidying`), in the transaction of that, and done by the jobs
process within half a minute; a table that is busy is tidied the next time, and so is what a killed process left.
What it cannot reach is written down for operators (docs/operations.md): PostgreSQL's own write-ahead log until it is
recycled, replicas, and back-ups.
"""

import secrets
from typing import cast

import structlog
from sqlalchemy import Connection, Engine, select, update

from prevention.core.db import db, take_turn
from prevention.core.facts import state_fact
from prevention.core.models import InstallationFact
from prevention.surveys.models import AccessCode, Ballot, CodeGuard, CredentialKey, MixedAnswer, SpentCredential

log = structlog.get_logger()

TABLES = (AccessCode, Ballot, CodeGuard, CredentialKey, MixedAnswer, SpentCredential)


# The fact that says that tidying is owed; its value is drawn anew each time, or `_NOTHING`.
_OWED, _NOTHING = "surveys_tidying_owed", "no"


def owe_tidying() -> None:
    """Write down, in the transaction that deletes, that what it deletes is to be tidied away. Flushes."""
    state_fact(_OWED, secrets.token_hex(8))
    db.session.flush()


def owed_tidying() -> str | None:
    """Give the mark of what is owed, or None. One query."""
    owed = db.session.scalar(select(InstallationFact.value).where(InstallationFact.key == _OWED))
    return None if owed == _NOTHING else owed


def settle_tidying(owed: str) -> None:
    """Say that tidying was done; what was deleted meanwhile stays owed. Flushes."""
    db.session.execute(
        update(InstallationFact)
        .where(InstallationFact.key == _OWED, InstallationFact.value == owed)
        .values(value=_NOTHING),
        execution_options={"synchronize_session": False},
    )


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
        take_turn(connection)
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
