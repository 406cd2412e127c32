"""`flask reports build`: the report without a browser."""

from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader


def test_the_papers_are_written_and_their_paths_printed(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"

    result = app.test_cli_runner().invoke(
        args=["reports", "build", "--year", "2026/27", "--out", str(folder), "--language", "en"]
    )

    assert 0 == result.exit_code, result.output
    paths = {Path(line) for line in result.stdout.splitlines()}
    assert set(folder.iterdir()) == paths
    names = ("yearly-report", "technical-annex", "for-parents", "how-many-really")
    assert {folder / f"{name}-cremona-2026-27.pdf" for name in names} == paths
    assert "School year 2026/27" in PdfReader(folder / "yearly-report-cremona-2026-27.pdf").pages[0].extract_text()


@pytest.mark.parametrize("year", ["2026", "2026/27"])
def test_a_school_year_is_read_in_both_ways(app: Flask, tmp_path: Path, year: str) -> None:
    result = app.test_cli_runner().invoke(
        args=["reports", "build", "--year", year, "--out", str(tmp_path), "--kind", "parents"]
    )

    assert 0 == result.exit_code, result.output


@pytest.mark.parametrize("year", ["", "26/27", "2026/28", "2026-27", "2027/28", "1999", "next", "2026/27/28"])
def test_what_is_no_school_year_is_refused_and_nothing_is_written(app: Flask, tmp_path: Path, year: str) -> None:
    result = app.test_cli_runner().invoke(args=["reports", "build", "--year", year, "--out", str(tmp_path / "out")])

    assert 0 != result.exit_code
    assert not (tmp_path / "out").exists()


def test_a_language_that_is_not_spoken_is_refused(app: Flask, tmp_path: Path) -> None:
    result = app.test_cli_runner().invoke(
        args=["reports", "build", "--year", "2026", "--out", str(tmp_path), "--language", "de"]
    )

    assert 0 != result.exit_code
