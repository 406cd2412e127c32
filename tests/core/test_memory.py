"""A serving process keeps little, and its collector leaves alone what start-up made."""

import subprocess
import sys
from pathlib import Path

from prevention.config import ROOT

FREEZES = "import gc, wsgi; n = gc.get_freeze_count(); print(n > 100_000, len(gc.get_objects()) < n / 10)"
LOADS = "import sys, wsgi; print(*sorted(set(sys.argv[1:]) & sys.modules.keys()))"
LATE = ("duckdb", "openpyxl", "ortools", "pandas", "pyxform", "scipy", "vl_convert", "weasyprint", "xlsxwriter")


def _ask(tmp_path: Path, program: str, *words: str) -> list[str]:
    asked = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=ROOT,
        env={"INSTANCE": str(tmp_path), "SECRET_KEY": "x" * 40, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stderr == ""
    return asked.stdout.split()


def test_the_server_keeps_what_start_up_made_out_of_the_collectors_rounds(tmp_path: Path) -> None:
    assert _ask(tmp_path, FREEZES) == ["True", "True"]


def test_the_server_starts_without_the_libraries_that_few_requests_need(tmp_path: Path) -> None:
    assert _ask(tmp_path, LOADS, *LATE) == []
