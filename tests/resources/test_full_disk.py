"""A disk that is really full: every way into the library says so, keeps nothing, and works again once there is room."""

import json
import subprocess
import sys
from pathlib import Path

from prevention.config import ROOT

# Everything is tried in one process of its own, which may be given a small disk and limits.
PROGRAM = [sys.executable, "-m", "tests.resources.full_disk"]


def test_a_full_disk_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    has_namespaces = not subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode

    ended = subprocess.run(
        [*(["unshare", "-rm"] if has_namespaces else []), *PROGRAM, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == ended.returncode, ended.stderr[-3000:]
    found = json.loads(ended.stdout)
    assert {
        "piece": [507, True],
        "form": [422, True],
        "spool": [507, True],
        "version": [422, True],
        "sheet": [422, True],
        "document": [422, True],
        "kit": [507, True],
    } == found["seen"]
    assert ("0", []) == (found["offset"], found["left"])
    assert [204, 200] == found["again"]
