"""The same figures give the same bytes on another machine: other folders, fonts, zone, language, hash seed, cores.

Each build runs in a process of its own, from a copy of the code, with nothing in common but the versions of the
libraries. Everything that a machine has of its own is different at once; when the two differ, take the differences
back one by one.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from prevention.config import ROOT
from prevention.core.pdf import FONT_FOLDER
from prevention.reports.figures import YearFigures
from prevention.reports.papers import Kind, Paper
from tests.factories.reports import make_figures, make_school

# Makes papers from figures in a file and prints the SHA-256 of each by its name.
BUILD = """
import json, sys
from pathlib import Path
from prevention import create_app
from prevention.reports import building
from prevention.reports.figures import YearFigures
from prevention.reports.papers import Kind, Paper

if __name__ == "__main__":
    figures, wanted, folder, processes = sys.argv[1:]
    with create_app().app_context():
        made = building.build(
            YearFigures.from_json(json.loads(Path(figures).read_text("utf-8"))),
            [Paper(kind=Kind(kind), language=language, scope=scope) for kind, language, scope in json.loads(wanted)],
            Path(folder),
            processes=int(processes),
        )
        print(json.dumps({one.file_name: one.sha256 for one in made}))
"""

# A machine without any font.
NO_FONTS = (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><cachedir>{}</cachedir></fontconfig>'
)

WANTED = [
    Paper(kind=Kind.IMPACT, language="it"),
    Paper(kind=Kind.NORMS, language="en"),
    Paper(kind=Kind.PARENTS, language="it"),
    Paper(kind=Kind.SCHOOL, language="en", scope=make_school(3).code),
    Paper(kind=Kind.MAYORS, language="it", scope=make_school(3).istat_code),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """Where the code lies, where it runs, how many processes it takes, and what its environment says."""

    code: Path
    work: Path
    processes: int
    umask: int
    environment: dict[str, str]


def build_on(machine: Machine, figures: Path) -> dict[str, str]:
    """Make the papers on a machine; give the SHA-256 of each file by name."""
    out = machine.work / "out"
    out.mkdir(parents=True)
    script = machine.work / "build.py"
    script.write_text(BUILD)
    wanted = json.dumps([(paper.kind, paper.language, paper.scope) for paper in WANTED])
    done = subprocess.run(
        [sys.executable, str(script), str(figures), wanted, str(out), str(machine.processes)],
        cwd=machine.work,
        env={
            "PATH": os.environ["PATH"], "PYTHONPATH": str(machine.code), "INSTANCE": str(machine.work / "instance"),
            "LOG_LEVEL": "ERROR", **machine.environment,
        },
        umask=machine.umask,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    hashes: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return hashes


def copied(folder: Path) -> Path:
    """Copy the package to another place, as another machine would have it."""
    shutil.copytree(ROOT / "prevention", folder / "prevention", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def figures() -> YearFigures:
    """Give a year with letters of all languages that the report's own font has."""
    schools = [make_school(3, name="Istituto «Ça va» – niño, žena, Škoda, “così”, € 5 – ½"), make_school(5)]
    base = make_figures()
    plain = base.to_json()
    named = {one.code: one.name for one in schools}
    for school in plain["activity"]["schools"]:
        school["name"] = named.get(school["code"], school["name"])
    return YearFigures.from_json(plain)


def test_papers_are_the_same_on_another_machine(figures: YearFigures, tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(figures.to_json()), encoding="utf-8")
    fonts = tmp_path / "no-fonts.conf"
    fonts.write_text(NO_FONTS.format(tmp_path / "cache"))
    here = Machine(
        code=ROOT, work=tmp_path / "here", processes=2, umask=0o022,
        environment={"HOME": os.environ.get("HOME", "/"), "TZ": "UTC", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"},
    )  # fmt: skip
    there = Machine(
        code=copied(tmp_path / "another place" / "città"), work=tmp_path / "there", processes=1, umask=0o077,
        environment={
            "HOME": str(tmp_path), "TZ": "Pacific/Kiritimati", "LANG": "it_IT.ISO-8859-1", "LC_ALL": "C",
            "PYTHONHASHSEED": "4242", "FONTCONFIG_FILE": str(fonts), "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "TMPDIR": str(tmp_path), "SOURCE_DATE_EPOCH": "1700000000",
        },
    )  # fmt: skip
    assert FONT_FOLDER.is_dir(), "without our own fonts nothing is the same anywhere"

    ours, theirs = build_on(here, path), build_on(there, path)

    assert len(WANTED) == len(ours)
    assert ours == theirs
