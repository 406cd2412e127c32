"""Serve the site on this machine: bring the database up to date, load the demo if empty, start web and jobs.

What `make run` calls after set-up. The processes are those of the Procfile. A signal to stop (Ctrl-C, SIGTERM, a
closed terminal) ends both and everything below them, and so does the end of one of them; the latter is a failure and
says so by the exit code. (honcho does less here: it learns of an end only when the output closes, and the workers of
a web server that was killed keep it open; and it lets everything run on when the terminal is closed.)

Not for an installation that others rely on: see docs/operations.md for the two services behind a web server.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
FLASK = str(ROOT / ".venv" / "bin" / "flask")
HOST = "127.0.0.1"
STARTS_WITHIN_S = 60.0
FOLLOWS_EVERY_S = 0.5
STOPS_WITHIN_S = 6.0
LOOKS_EVERY_S = 0.1


def main() -> int:
    """Prepare, serve, and say how it ended: 0 when stopped on purpose."""
    # Output that goes to a file or a pipe must not wait for a full buffer.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is a text stream of ours
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    os.chdir(ROOT)
    port = _port(os.environ.get("PORT") or "8000")
    os.environ.setdefault("BASE_URL", f"http://{HOST}:{port}")
    _refuse_taken_port(port)
    sign_ins = _prepare()
    return _serve(port, sign_ins)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SystemExit(
                f"Port {port} cannot be used ({error.strerror}). Choose another: make run PORT={port + 1}"
            ) from error


def _prepare() -> str:
    """Bring the database up to date and load the demo into an empty one; return the demo sign-ins."""
    for command in (("db", "upgrade"), ("demo", "load", "--if-empty")):
        subprocess.run([FLASK, *command], check=True)
    answer = subprocess.run([FLASK, "demo", "sign-ins"], check=True, stdout=subprocess.PIPE, text=True)
    return answer.stdout


def _serve(port: int, sign_ins: str) -> int:
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: asked.append(received))
    environment = {**os.environ, "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    # Each in a session of its own: Ctrl-C reaches us alone, and a whole group can be stopped with what it started.
    processes = {
        name: subprocess.Popen(["/bin/sh", "-c", command], env=environment, start_new_session=True)
        for name, command in _procfile()
    }
    threading.Thread(target=_greet, args=(port, sign_ins), daemon=True).start()
    threading.Thread(target=_follow_make, daemon=True).start()
    while not asked and all(process.poll() is None for process in processes.values()):
        time.sleep(LOOKS_EVERY_S)
    ended = [name for name, process in processes.items() if process.returncode is not None]
    _stop(list(processes.values()))
    if asked:
        print("Stopped.")
        return 0
    print(f"The {ended[0]} process ended by itself, so everything was stopped.", file=sys.stderr)
    return 1


def _procfile() -> list[tuple[str, str]]:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    pairs = [line.partition(":") for line in lines if line.strip() and not line.startswith("#")]
    return [(name.strip(), command.strip()) for name, _colon, command in pairs]


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """End the process groups: first with a request, then, after `STOPS_WITHIN_S`, without."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            _signal(process.pid, number)
        until = time.monotonic() + STOPS_WITHIN_S
        while time.monotonic() < until:
            for process in processes:
                process.poll()  # takes leave of the dead, so that their group counts as empty
            if not any(_signal(process.pid, 0) for process in processes):
                return
            time.sleep(LOOKS_EVERY_S)


def _signal(group: int, number: int) -> bool:
    """Send a signal to a group (0 only asks); say whether anybody is left in it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _follow_make() -> None:
    """Stop when the make that started this is killed, or was interrupted alone.

    Ctrl-C reaches every process of the terminal. A script that sends SIGINT to make's process id reaches make only,
    which then waits for us without passing the signal on; what shows is that it no longer catches the signal.
    """
    parent = os.getppid()
    status = Path(f"/proc/{parent}/status")
    try:
        if status.read_text().split()[1] != "make" or not _catches_interrupt(status):
            return
        while os.getppid() == parent and _catches_interrupt(status):
            time.sleep(FOLLOWS_EVERY_S)
    except OSError:
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _catches_interrupt(status: Path) -> bool:
    """Read from /proc whether a process has a handler for SIGINT."""
    caught = next(line for line in status.read_text().splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGINT - 1))


def _greet(port: int, sign_ins: str) -> None:
    """Say where to go as soon as the site answers."""
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
            continue
        line = "-" * 72
        print(f"\n{line}\n  Open http://{HOST}:{port}\n\n{sign_ins.rstrip()}\n\n  Ctrl-C stops it.\n{line}\n")
        return


if __name__ == "__main__":
    sys.exit(main())
