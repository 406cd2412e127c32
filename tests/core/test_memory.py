"""The collector of a serving process leaves alone what start-up made."""

import subprocess
import sys
from pathlib import Path

from prevention.config import ROOT

ASKS = "import gc, wsgi; before = gc.get_freeze_count(); print(before > 100_000, len(gc.get_objects()) < before / 10)"


def test_the_server_keeps_what_start_up_made_out_of_the_collectors_rounds(tmp_path: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", ASKS],
        cwd=ROOT,
        env={"INSTANCE": str(tmp_path), "SECRET_KEY": "x" * 40, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert asked.stdout.split() == ["True", "True"]
    assert asked.stderr == ""
