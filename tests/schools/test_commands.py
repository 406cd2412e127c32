"""The commands: human sentences, exit code 1 on refusal, nothing half-written."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.core.db import db, unit_of_work
from prevention.schools.models import Enrolment, Site
from tests.schools.ministry import ENROLMENT_COLUMNS as PUPILS
from tests.schools.ministry import (
    EVENING,
    district_rows,
    enrolment_row,
    institute_row,
    make_cremona,
    milan_row,
    state_row,
    written,
)


@pytest.fixture
def cremona(live_app: Flask) -> Flask:
    """An application whose network knows Cremona."""
    with live_app.app_context(), unit_of_work():
        make_cremona()
    return live_app


def run(app: Flask, *arguments: str | Path) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["schools", *map(str, arguments)])
    return result.exit_code, result.output


def sites(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Site.id))) or 0


def saved(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_register_is_taken_in_for_the_provinces_that_are_loaded(cremona: Flask, tmp_path: Path) -> None:
    path = saved(tmp_path, "register.csv", written(district_rows()))

    code, words = run(cremona, "import-register", path)

    assert 0 == code
    assert "register.csv" in words
    assert "2025/26" in words
    assert 3 == sites(cremona)


def test_a_dry_run_says_so_and_writes_nothing(cremona: Flask, tmp_path: Path) -> None:
    path = saved(tmp_path, "register.csv", written(district_rows()))

    code, words = run(cremona, "import-register", "--dry-run", "--province", "CR", path)

    assert 0 == code
    assert "3" in words
    assert 0 == sites(cremona)


def test_a_refused_file_ends_with_one_and_says_file_row_column_and_reason(cremona: Flask, tmp_path: Path) -> None:
    good = saved(tmp_path, "good.csv", written(district_rows()))
    bad = saved(tmp_path, "bad.csv", written([institute_row(), state_row("CR-1")]))

    code, words = run(cremona, "import-register", good, bad)

    assert 1 == code
    assert all(part in words for part in ("bad.csv", "3", "CODICESCUOLA", "CR-1"))
    assert 0 == sites(cremona)


def test_a_file_of_another_kind_than_said_is_refused(cremona: Flask, tmp_path: Path) -> None:
    path = saved(tmp_path, "register.csv", written(district_rows()))

    code, words = run(cremona, "import-register", "--kind", "non_state", path)

    assert 1 == code
    assert "register.csv" in words


def test_a_file_that_is_not_there_is_no_traceback(cremona: Flask, tmp_path: Path) -> None:
    code, words = run(cremona, "import-register", tmp_path / "none.csv")

    assert 2 == code
    assert "none.csv" in words


def test_what_is_no_longer_listed_is_listed(cremona: Flask, tmp_path: Path) -> None:
    run(cremona, "import-register", saved(tmp_path, "old.csv", written(district_rows())))
    rows = [{**row, "ANNOSCOLASTICO": "202627"} for row in (institute_row(), state_row())]

    code, words = run(cremona, "import-register", saved(tmp_path, "new.csv", written(rows)))

    assert 0 == code
    assert EVENING in words
    assert 3 == sites(cremona)


def test_several_provinces_may_be_named(cremona: Flask, tmp_path: Path) -> None:
    path = saved(tmp_path, "register.csv", written([*district_rows(), milan_row(CODICESCUOLA="MIPS020004")]))

    code, words = run(cremona, "import-register", "--province", "cremona", "--province", "MI", path)

    assert 1 == code
    assert "F205" in words


def test_pupils_are_taken_in_and_summed_by_year(cremona: Flask, tmp_path: Path) -> None:
    run(cremona, "import-register", saved(tmp_path, "register.csv", written(district_rows())))
    rows = [enrolment_row(pupils="321"), enrolment_row(code="CRMM81001A", pupils="<=3")]

    code, words = run(cremona, "import-enrolments", saved(tmp_path, "pupils.csv", written(rows, PUPILS)))

    assert 0 == code
    assert all(part in words for part in ("2024/25", "321", "CRMM81001A"))
    with cremona.app_context():
        assert 2 == db.session.scalar(select(func.count(Enrolment.id)))


def test_a_register_is_no_file_of_pupils(cremona: Flask, tmp_path: Path) -> None:
    code, words = run(cremona, "import-enrolments", saved(tmp_path, "register.csv", written(district_rows())))

    assert 1 == code
    assert "register.csv" in words


def test_a_long_list_is_shortened(cremona: Flask, tmp_path: Path) -> None:
    many = [state_row(f"CRPS{number:06d}") for number in range(30)]
    run(cremona, "import-register", saved(tmp_path, "old.csv", written([institute_row(), *many])))
    rows = [institute_row(ANNOSCOLASTICO="202627")]

    _code, words = run(cremona, "import-register", saved(tmp_path, "new.csv", written(rows)))

    assert 20 == words.count("  CRPS")
    assert "10" in words
