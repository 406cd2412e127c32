"""Folders for work under way: gone when the work ends, and when its process is killed."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from prevention.core import scratch

KILLED = """
import os, signal, sys
from flask import Flask
from prevention.core import scratch
with Flask("killed", instance_path=sys.argv[1]).app_context(), scratch.folder("papers") as made:
    (made / "sheet.pdf").write_bytes(b"%PDF of one school")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    with Flask("scratch", instance_path=str(tmp_path)).app_context():
        yield tmp_path / scratch.FOLDER


def folders(root: Path) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in root.iterdir() if path.is_dir())


def test_a_folder_is_its_makers_alone_and_gone_afterwards(root: Path) -> None:
    with scratch.folder("papers") as made:
        (made / "one").write_text("x")
        assert root == made.parent
        assert (0o700, 0o700) == (root.stat().st_mode & 0o777, made.stat().st_mode & 0o777)

    assert [] == folders(root)


def test_an_error_takes_the_folder_with_it(root: Path) -> None:
    with pytest.raises(ZeroDivisionError), scratch.folder("papers"):
        raise ZeroDivisionError

    assert [] == folders(root)


def test_what_a_killed_process_left_is_swept_and_what_is_in_use_is_not(root: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(root.parent)], check=False)
    assert -signal.SIGKILL == killed.returncode
    assert ["papers"] == folders(root)

    with scratch.folder("other") as made:
        assert ["other"] == folders(root)
        assert 0 == scratch.sweep()
        assert made.is_dir()
