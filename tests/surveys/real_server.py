"""The server as in production, on the loopback address, with a class that answers today."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from prevention import create_app
from prevention.config import ROOT, Settings
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from tests.factories.surveys import make_class_with_codes
from tests.support.databases import Databases
from tests.support.ports import free_port

# Against hanging only: a server starts in seconds, and a class sends within some more.
PATIENCE_S = 600
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered; status 0 when nothing came."""

    status_code: int
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Server:
    """A running server; `kill` is what a power cut does to it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment, self.port = environment, free_port()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--interface", "wsgi", "wsgi:app", "--host", "127.0.0.1",
                "--port", str(self.port), "--workers", "2", "--blocking-threads", "1", "--no-access-log",
            ],
            env={**os.environ, **self.environment}, cwd=ROOT, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if self.ask("GET", "/s/") == 200:
                return
            time.sleep(0.05)
        raise TimeoutError("the server did not start")

    def kill(self) -> None:
        """End it and its workers without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask(self, method: str, address: str, body: bytes = b"") -> int:
        """Make one request; give its status, or 0 when no answer came."""
        return self._request(method, address, body).status_code

    def post(self, address: str, *, data: Mapping[str, str]) -> Answer:
        """Send a form."""
        return self._request("POST", address, urlencode(data).encode())

    def _request(self, method: str, address: str, body: bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, address, body, FORM)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            return Answer(0)
        else:
            return Answer(response.status, content)
        finally:
            connection.close()


@contextmanager
def running(databases: Databases, folder: Path, *, pupils: int) -> Iterator[tuple[Server, list[str], Settings]]:
    """Serve a class that answers today."""
    with databases.fresh() as url:
        environment = {"INSTANCE": str(folder), "SECRET_KEY": "x" * 40, "LOG_LEVEL": "ERROR", "DATABASE_URL": url}
        settings = Settings.from_environment(environment)
        app = create_app(settings)
        with app.app_context():
            with unit_of_work():
                room = make_class_with_codes(
                    number=pupils, opens_on=clock.today(), closes_on=clock.today().replace(month=12, day=31)
                )
                codes = list(room.codes)
            db.session.remove()
            db.engine.dispose()
        server = Server(environment)
        server.start()
        try:
            yield server, codes, settings
        finally:
            server.kill()
