"""`flask reports build`: the report without a browser, all of it or none."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from pypdf import PdfReader

from prevention.reports import building
from prevention.reports.folders import STAGING
from tests.factories.surveys import make_wave

NAMES = {"yearly-report", "technical-annex", "for-parents", "how-many-really"}

Build = Callable[..., Result]


@pytest.fixture
def build(app: Flask, tmp_path: Path) -> Build:
    """Run the command for the last closed year into a folder, unless told otherwise."""

    def run(*more: str, year: str = "2025/26", folder: Path = tmp_path / "out") -> Result:
        arguments = ["reports", "build", "--year", year, "--out", str(folder), *more]
        return app.test_cli_runner().invoke(args=arguments)

    return run


# Making papers takes processes and seconds, and knows no database: once is enough.
@pytest.mark.usefixtures("quick_processes")
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_every_paper_is_written_and_twice_the_same(build: Build, tmp_path: Path) -> None:
    folders = [tmp_path / "new" / "folder", tmp_path / "again"]

    results = [build("--language", "en", folder=folder) for folder in folders]

    assert [0, 0] == [result.exit_code for result in results], results[0].output
    paths = {Path(line) for line in results[0].stdout.splitlines()}
    assert set(folders[0].iterdir()) == paths
    assert {folders[0] / f"{name}-cremona-2025-26.pdf" for name in NAMES} == paths
    for path in paths:
        assert path.read_bytes() == (folders[1] / path.name).read_bytes()
    report = PdfReader(folders[0] / "yearly-report-cremona-2025-26.pdf")
    assert "School year 2025/26" in report.pages[0].extract_text()


def test_a_year_that_is_not_closed_is_refused_with_what_it_lacks(build: Build, tmp_path: Path) -> None:
    wave = make_wave(school_year=2026)

    result = build(year="2026")

    assert 1 == result.exit_code
    assert "the school year 2026/27 is not closed:\n  - Lessons end on 8 June 2027.\n" in result.output
    assert f"\n  - Not closed and sealed yet: {wave.name}." in result.output
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("year", ["", "26/27", "2026/28", "2026-27", "2027/28", "1999", "next", "2026/27/28"])
def test_what_is_no_school_year_is_refused_and_nothing_is_written(build: Build, tmp_path: Path, year: str) -> None:
    assert 0 != build(year=year).exit_code
    assert [] == list(tmp_path.iterdir())


def test_a_language_that_is_not_spoken_is_refused(build: Build) -> None:
    assert 0 != build("--language", "de").exit_code


def test_a_build_that_fails_leaves_the_folder_as_it_was(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    (folder / STAGING).mkdir(parents=True)
    (folder / STAGING / "half.pdf").write_bytes(b"%PDF of a build that was killed")
    (folder / "yearly-report-cremona-2025-26.pdf").write_bytes(b"%PDF of before")
    # As if one paper could not be made: two are, and then the disk is full.
    monkeypatch.setattr(building, "build", _full_after_one)

    result = build("--kind", "parents", "--kind", "impact")

    assert (1, f"Error: there is no space left for {folder}; nothing in it was changed\n") == (
        result.exit_code,
        result.output,
    )
    assert [b"%PDF of before"] == [path.read_bytes() for path in folder.iterdir()]


def _full_after_one(_figures: object, _wanted: object, folder: Path) -> None:
    (folder / "for-parents-cremona-2025-26.pdf").write_bytes(b"%PDF")
    raise OSError(28, "No space left on device")
