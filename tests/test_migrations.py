"""Every migration goes up and down, also with rows in the tables, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text

from prevention.config import ROOT
from prevention.core.db import db, is_table_of_ours, unit_of_work
from tests.support.databases import Databases, build_app
from tests.support.sample import add_one_row_per_table

FOLDER = str(ROOT / "migrations")
REVISIONS = [script.revision for script in reversed(list(ScriptDirectory(FOLDER).walk_revisions()))]  # oldest first


@pytest.fixture
def migrated(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    with databases.fresh() as url:
        app = build_app(tmp_path, url)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


def ours_only(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name is None or is_table_of_ours(name)


def tables() -> set[str]:
    return {name for name in inspect(db.engine).get_table_names() if is_table_of_ours(name)} - {"alembic_version"}


def test_the_schema_of_the_migrations_is_the_schema_of_the_models(migrated: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": ours_only})

        assert [] == compare_metadata(context, db.metadata)


def test_every_table_of_the_models_is_migrated(migrated: Flask) -> None:
    assert set(db.metadata.tables) == tables()


def test_every_constraint_has_a_name() -> None:
    unnamed = [
        (table.name, constraint)
        for table in db.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]

    assert [] == unnamed


def test_each_migration_goes_down_and_up_again(migrated: Flask) -> None:
    for _revision in REVISIONS:
        downgrade(directory=FOLDER, revision="-1")
    assert set() == tables()

    for revision in REVISIONS:
        upgrade(directory=FOLDER, revision=revision)

    assert set(db.metadata.tables) == tables()


def test_migrations_go_down_with_rows_in_the_tables(migrated: Flask) -> None:
    with unit_of_work():
        add_one_row_per_table()
    full = {name for name, table in db.metadata.tables.items() if db.session.execute(select(table).limit(1)).first()}
    db.session.remove()
    assert set(db.metadata.tables) == full, "the sample must put a row into every table"

    downgrade(directory=FOLDER, revision="base")

    assert set() == tables()


def test_nothing_is_left_half_migrated_when_a_migration_breaks(migrated: Flask) -> None:
    downgrade(directory=FOLDER, revision=REVISIONS[0])
    with db.engine.begin() as connection:
        # A table in the way makes the next migration fail.
        connection.execute(text("CREATE TABLE outbox_message (id INTEGER)"))
    before = tables()

    with pytest.raises(Exception, match="outbox_message"):
        upgrade(directory=FOLDER)

    assert before == tables()
