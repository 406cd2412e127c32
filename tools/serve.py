"""Serve the site on this machine: bring the database up to date, load the demo if empty, start web and jobs.

What `make run` calls after set-up. The processes are those of the Procfile; honcho starts them and passes their
output on. A signal to stop (Ctrl-C, SIGTERM, a closed terminal) ends both and everything below them, and so does
the end of one of them; the latter is a failure and says so by the exit code.

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

from honcho.environ import parse_procfile
from honcho.manager import Manager

ROOT = Path(__file__).resolve().parent.parent
FLASK = str(ROOT / ".venv" / "bin" / "flask")
HOST = "127.0.0.1"
STARTS_WITHIN_S = 60.0
STOPPED_BY_SIGNAL = (128 + signal.SIGINT, 128 + signal.SIGTERM)


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
    manager = Manager()
    environment = {**os.environ, "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    for name, command in parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes.items():
        manager.add_process(name, command, env=environment, cwd=str(ROOT))
    # honcho answers SIGINT and SIGTERM, and would leave its children running when the terminal is closed.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    threading.Thread(target=_greet, args=(port, sign_ins), daemon=True).start()
    manager.loop()
    if manager.returncode in STOPPED_BY_SIGNAL:
        return 0
    print("One of the two processes ended by itself, so the other was stopped too.", file=sys.stderr)
    return manager.returncode or 1


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
