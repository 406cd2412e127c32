"""The harness: real databases, a savepoint around each test, HTML parsed on every response, named people.

Anna works in the education office, Bruno coordinates school A, Carla school B, Dario delivers workshops.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser
from pytest_socket import socket_allow_hosts
from sqlalchemy.orm import scoped_session

from prevention.accounts.models import User
from prevention.core import clock
from prevention.core.db import db
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.network import make_organisation
from tests.factories.schools import make_institute
from tests.support.browser import chromium
from tests.support.databases import (
    Databases,
    PostgresqlDatabases,
    SqliteDatabases,
    build_app,
    postgresql_server,
)
from tests.support.http import Client, use_strict_client
from tests.support.verapdf import VeraResult, check_all, why_missing

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
IN_CI = os.environ.get("CI") == "true"

# A Monday morning in the middle of a school year.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

# The cluster's package is 478 MB: its test is left out where it is not installed, and the first lines say so.
HAS_SPARK = find_spec("pyspark") is not None and shutil.which("java") is not None
collect_ignore = [] if HAS_SPARK else ["indicators/test_spark.py"]

# What may be missing even in CI, because it is no part of the project.
ABSENT_BY_NATURE = ("public data",)


# Files are handed out whole. Those that take longest come first, the longest of all at the top: otherwise a worker
# begins one of them when the others have almost done. A file that is not named here is only begun later.
LONGEST_FIRST = (
    "indicators/test_sealing.py", "browser/test_main_pages.py", "surveys/test_in_browser.py",
    "booking/test_every_list.py", "journeys/test_whole_year.py", "reports/test_editions.py", "reports/test_papers.py",
    "reports/test_impact.py", "indicators/test_disclosure.py", "surveys/test_class_at_once.py",
    "indicators/test_sealing_killed.py",
    "indicators/test_microdata.py", "journeys/test_booking_year.py", "indicators/test_cube.py",
    "resources/test_pages_browser.py", "resources/test_uploads_live.py", "reports/test_killed.py",
    "surveys/test_under_fire.py", "indicators/test_dose_of_truth.py", "surveys/test_arabic_in_browser.py",
    "booking/planner/test_runs.py", "booking/test_life_at_once.py", "surveys/test_languages_in_browser.py",
    "surveys/test_staff_pages_in_browser.py", "reports/test_following.py", "browser/test_offline_register.py",
    "reports/test_maps.py", "reports/test_same_bytes.py", "reports/test_commands.py", "indicators/test_releases.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; within a file nothing moves."""
    place = {str(Path(__file__).parent / name): number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(str(item.path), len(place)))


def pytest_report_header() -> str:
    """Say whether the cluster is tested."""
    return "Spark: tested" if HAS_SPARK else "Spark: not tested; `make test-spark` installs it and does"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of bytes by its argument: packed files differ by the hour, and workers must agree."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, turn a skip into a failure: there, everything a test needs is to be had."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr)
        if not any(word in reason for word in ABSENT_BY_NATURE):
            report.outcome = "failed"
            report.longrepr = f"skipped in CI: {reason}"
    return report


@pytest.fixture(autouse=True)
def _no_network() -> None:
    """Let a test reach this machine only."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def _postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresqlDatabases]:
    folder = tmp_path_factory.mktemp("postgresql")
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgresql_server())
        except ModuleNotFoundError:
            pytest.skip("no PostgreSQL: install the test dependencies or set TEST_DATABASE_URL")
        databases = PostgresqlDatabases(url, folder)
        yield databases
        databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Each database system in turn."""
    found: Databases = request.getfixturevalue(f"_{request.param}")
    return found


@contextmanager
def _shared_app(databases: Databases, instance: Path) -> Iterator[Flask]:
    with databases.fresh() as url:
        app = build_app(instance, url)
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def _sqlite_app(_sqlite: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with _shared_app(_sqlite, tmp_path_factory.mktemp("instance-sqlite")) as app:
        yield app


@pytest.fixture(scope="session")
def _postgresql_app(_postgresql: PostgresqlDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with _shared_app(_postgresql, tmp_path_factory.mktemp("instance-postgresql")) as app:
        yield app


@pytest.fixture
def app(databases: Databases, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application on each database, inside a transaction that is rolled back when the test ends."""
    app: Flask = request.getfixturevalue(f"_{databases.name}_app")
    app.extensions["facts"].clear()
    with app.app_context(), clock.frozen(NOW):
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        engines = db._app_engines[app]
        engines[None] = connection  # type: ignore[assignment]  # a connection serves where an engine does
        db.session.configure(join_transaction_mode="create_savepoint")
        use_strict_client(app)
        try:
            yield app
        finally:
            db.session.remove()
            engines[None] = engine
            outer.rollback()
            connection.close()


@pytest.fixture
def session(app: Flask) -> scoped_session:  # type: ignore[type-arg]  # the extension's session class is private
    """The session of the test; what the test flushes, requests see."""
    return db.session


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser that nobody has signed in with."""
    client = app.test_client()
    assert isinstance(client, Client)
    return client


@pytest.fixture
def sign_in(app: Flask) -> Callable[[User], Client]:
    """Sign a person in and give their browser."""

    def signed_in(user: User) -> Client:
        client = app.test_client()
        assert isinstance(client, Client)
        client.sign_in(user)
        return client

    return signed_in


@pytest.fixture
def frozen_clock(app: Flask) -> datetime:
    """The moment at which the clock stands still in tests."""
    return NOW


@pytest.fixture
def anna(app: Flask) -> User:
    """Anna, education office."""
    return make_user("Anna", Role.OFFICE)


@pytest.fixture
def bruno(app: Flask) -> User:
    """Bruno, coordinator of school A."""
    return make_user("Bruno", Role.COORDINATOR, institute_id=make_institute(name="School A").id)


@pytest.fixture
def carla(app: Flask) -> User:
    """Carla, coordinator of school B."""
    return make_user("Carla", Role.COORDINATOR, institute_id=make_institute(name="School B").id)


@pytest.fixture
def dario(app: Flask) -> User:
    """Dario, facilitator of a provider."""
    return make_user("Dario", Role.FACILITATOR, organisation_id=make_organisation().id)


@pytest.fixture
def live_app(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database of its own, with real commits; for tests of two at once."""
    with databases.fresh() as url:
        app = build_app(tmp_path / f"instance-{uuid.uuid4().hex[:6]}", url)
        use_strict_client(app)
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data beside the project; skips where there is none."""
    if not SHARED_DATA.is_dir():
        pytest.skip("public data is not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def verapdf() -> Callable[[bytes], list[VeraResult]]:
    """Ask veraPDF about a PDF: first PDF/UA-1, then PDF/A-3a. Skips where there is no JDK."""
    missing = why_missing()
    if missing is not None:
        pytest.skip(missing)
    return check_all
