"""A class of 25 sends at once to the real server while it is killed and started again: nothing acknowledged is lost."""

import time
from collections import Counter
from pathlib import Path
from threading import Event, Lock, Thread
from urllib.parse import urlencode

from sqlalchemy import select

from prevention import create_app
from prevention.core.db import db
from prevention.surveys.models import AccessCode, Ballot
from tests.support.databases import Databases
from tests.surveys.real_server import PATIENCE_S, Server, running

PUPILS, ROUNDS = 25, 2


def test_what_was_acknowledged_is_stored_exactly_once_although_the_server_is_killed_twice(
    databases: Databases, tmp_path: Path
) -> None:
    """And no file of the installation, its logs among them, has a code afterwards."""
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
                # Who found nobody comes again later, and leaves the machine to the server that starts.
                done.wait(0.05 if status else 0.4)
            with lock:
                if status == 200:
                    acknowledged[code] += 1
                else:
                    refused.append(status)

    with running(databases, tmp_path, pupils=PUPILS * ROUNDS) as (server, codes, settings):
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
        written = [file for file in tmp_path.rglob("*") if file.is_file()]
        telling = [file for file in written for code in codes if code.encode() in file.read_bytes()]

    assert [] == refused
    assert PUPILS * ROUNDS == len(acknowledged) == stored == spent
    assert [] == telling
