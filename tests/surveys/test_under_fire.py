"""A class of 25 sends at once to the real server while it is killed and started again: nothing acknowledged is lost."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from prevention import create_app
from prevention.config import ROOT, Settings
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.surveys.models import AccessCode, Ballot
from tests.factories.surveys import make_class_with_codes
from tests.support.databases import Databases
from tests.support.ports import free_port

PUPILS, ROUNDS = 25, 2
PATIENCE_S = 90
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Server:
    """The server as in production, on the loopback address; `kill` is what a power cut does to it."""

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
            time.sleep(0.2)
        raise TimeoutError("the server did not start")

    def kill(self) -> None:
        """End it and its workers without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask(self, method: str, address: str, body: bytes = b"") -> int:
        """Make one request; give its status, or 0 when no answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, address, body, FORM)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            return 0
        else:
            return response.status
        finally:
            connection.close()


@contextmanager
def running(databases: Databases, folder: Path) -> Iterator[tuple[Server, list[str], Settings]]:
    """Serve a class that answers today."""
    with databases.fresh() as url:
        environment = {"INSTANCE": str(folder), "SECRET_KEY": "x" * 40, "LOG_LEVEL": "ERROR", "DATABASE_URL": url}
        settings = Settings.from_environment(environment)
        app = create_app(settings)
        with app.app_context():
            with unit_of_work():
                room = make_class_with_codes(
                    number=PUPILS * ROUNDS, opens_on=clock.today(), closes_on=clock.today().replace(month=12, day=31)
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


def test_what_was_acknowledged_is_stored_exactly_once_although_the_server_is_killed_twice(
    databases: Databases, tmp_path: Path
) -> None:
    acknowledged: Counter[str] = Counter()
    refused: list[int] = []
    lock, done = Lock(), Event()

    def pupil(server: Server, codes: list[str]) -> None:
        for code in codes:
            body = urlencode({"code": code, "submission": f"mark {code}", "T0": "yes", "A1": "female"}).encode()
            until = time.monotonic() + PATIENCE_S
            status = 0
            while status in (0, 502, 503) and time.monotonic() < until:
                status = server.ask("POST", "/s/answers", body)
                done.wait(0.05)
            with lock:
                if status == 200:
                    acknowledged[code] += 1
                else:
                    refused.append(status)

    with running(databases, tmp_path) as (server, codes, settings):
        threads = [Thread(target=pupil, args=(server, codes[place::PUPILS])) for place in range(PUPILS)]
        for thread in threads:
            thread.start()
        for enough in (8, 24):
            until = time.monotonic() + PATIENCE_S
            while sum(acknowledged.values()) < enough and time.monotonic() < until:
                time.sleep(0.005)
            server.kill()
            server.start()
        for thread in threads:
            thread.join()
        app = create_app(settings)
        with app.app_context():
            stored = len(list(db.session.scalars(select(Ballot.ballot_key))))
            spent = len(list(db.session.scalars(select(AccessCode.code_hash).where(AccessCode.is_spent.is_(True)))))
            db.session.remove()
            db.engine.dispose()

    assert [] == refused
    assert PUPILS * ROUNDS == len(acknowledged) == stored == spent


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_the_server_writes_no_line_about_who_answers(databases: Databases, tmp_path: Path) -> None:
    with running(databases, tmp_path) as (server, codes, _settings):
        server.ask("POST", "/s/", urlencode({"code": codes[0]}).encode())

        files = [file for file in tmp_path.rglob("*") if file.is_file()]

    assert [] == [file for file in files if codes[0].encode() in file.read_bytes()]
