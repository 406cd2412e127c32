"""A serving process keeps little, and its collector leaves alone what start-up made."""

import subprocess
import sys

import pytest

from prevention.config import ROOT

PROGRAM = """
import gc, sys, wsgi
frozen = gc.get_freeze_count()
print(frozen > 100_000, len(gc.get_objects()) < frozen / 10, *sorted(set(sys.argv[1:]) & sys.modules.keys()))
"""
LATE = ("duckdb", "openpyxl", "ortools", "pandas", "pyxform", "scipy", "vl_convert", "weasyprint", "xlsxwriter")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a server that has just started says of itself."""
    asked = subprocess.run(
        [sys.executable, "-c", PROGRAM, *LATE],
        cwd=ROOT,
        env={"INSTANCE": str(tmp_path_factory.mktemp("server")), "SECRET_KEY": "x" * 40, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stderr == ""
    return asked.stdout.split()


def test_the_server_keeps_what_start_up_made_out_of_the_collectors_rounds(said: list[str]) -> None:
    assert said[:2] == ["True", "True"]


def test_the_server_starts_without_the_libraries_that_few_requests_need(said: list[str]) -> None:
    assert said[2:] == []
