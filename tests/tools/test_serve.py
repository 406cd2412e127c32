"""`make run`: two processes that live and end together."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 300

FLASK = """#!/bin/sh
[ "$*" = "demo sign-ins" ] && echo "Anna may sign in"
exit 0
"""
# Each of the two starts a process of its own, as the web server starts its workers.
PROCFILE = """
web: echo $$ > web.pid; sleep 600 & echo $! > worker.pid; exec {python} -m http.server --bind 127.0.0.1 $PORT
jobs: echo $$ > jobs.pid; exec sleep 600
"""

Site = tuple["subprocess.Popen[str]", Path]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """A folder like the project's, with stand-ins for both processes; gives a function that serves it."""
    started: list[subprocess.Popen[str]] = []
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "serve.py", tmp_path / "tools")
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec {sys.executable} tools/serve.py\n")
    (tmp_path / "Procfile").write_text(PROCFILE.format(python=sys.executable))
    flask = tmp_path / ".venv" / "bin" / "flask"
    flask.parent.mkdir(parents=True)
    flask.write_text(FLASK)
    flask.chmod(0o755)

    def serve(*command: str) -> Site:
        environment = {**os.environ, "PORT": str(free_port())}
        with (tmp_path / "output").open("w") as output:
            process = subprocess.Popen(
                command, cwd=tmp_path, env=environment, stdout=output, stderr=output, text=True, start_new_session=True
            )
        started.append(process)
        wait_until(lambda: "Anna may sign in" in (tmp_path / "output").read_text())
        wait_until(lambda: len(list(tmp_path.glob("*.pid"))) == 3)
        return process, tmp_path

    yield serve
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    for file in tmp_path.glob("*.pid"):
        # Whatever a test left behind: the stand-ins have process groups of their own.
        if is_running(int(file.read_text())):
            os.kill(int(file.read_text()), signal.SIGKILL)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for something that another process brings about; fail when it does not come."""
    until = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.05)


def alive(folder: Path) -> set[str]:
    """Name the processes of the site that still run."""
    return {file.stem for file in folder.glob("*.pid") if is_running(int(file.read_text()))}


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_stop_ends_every_process(site: Callable[..., Site], sent: signal.Signals) -> None:
    """Ctrl-C, SIGTERM and a closed terminal leave nothing running, and count as a good end."""
    process, folder = site(sys.executable, "tools/serve.py")
    assert alive(folder) == {"web", "worker", "jobs"}

    process.send_signal(sent)

    assert process.wait(WITHIN_S) == 0
    wait_until(lambda: not alive(folder))


def test_an_interrupt_that_reaches_make_alone_ends_every_process(site: Callable[..., Site]) -> None:
    process, folder = site("make", "run")

    process.send_signal(signal.SIGINT)

    process.wait(WITHIN_S)
    wait_until(lambda: not alive(folder))


def test_a_make_that_is_killed_takes_every_process_along(site: Callable[..., Site]) -> None:
    process, folder = site("make", "run")

    process.kill()

    process.wait(WITHIN_S)
    wait_until(lambda: not alive(folder))


@pytest.mark.parametrize("ended", ["web", "jobs"])
def test_when_one_process_ends_everything_is_stopped_and_it_is_a_failure(site: Callable[..., Site], ended: str) -> None:
    process, folder = site(sys.executable, "tools/serve.py")

    os.kill(int((folder / f"{ended}.pid").read_text()), signal.SIGKILL)

    assert process.wait(WITHIN_S) == 1
    wait_until(lambda: not alive(folder))


def test_a_taken_port_is_refused_with_a_sentence(site: Callable[..., Site]) -> None:
    _process, folder = site(sys.executable, "tools/serve.py")
    address = next(line for line in (folder / "output").read_text().splitlines() if "Open http" in line)
    port = address.rsplit(":", 1)[1]

    second = subprocess.run(
        [sys.executable, "tools/serve.py"],
        cwd=folder,
        env={**os.environ, "PORT": port},
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 1
    assert f"Port {port} cannot be used" in second.stderr
