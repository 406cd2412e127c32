"""How many whole answers the site takes per second, beside a bare view with one INSERT on the same server.

Run ``.venv/bin/python -m bench.answers`` (``BENCH_DATABASE_URL`` points at an empty PostgreSQL database instead of a
fresh SQLite file). A respondent opens the form with a code (one request that brings the whole questionnaire) and sends
the answers (one request that spends the code and drops the ballot); ``with the first page`` adds the page on which a
code is typed; ``blind-signed`` is what a browser with a script does: the class's key, the signature on a blinded
credential, the ballot under the credential (the browser's arithmetic is the client's). The client is one process of
its own with a few threads and kept connections, the same for all; it shares the machine's cores with the server, so
read ratios, not rates. Answers are made up. Bounded in number and time.
"""

import http.client
import json
import multiprocessing
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, text

from bench.load import CONNECTIONS, Response, Result, Visit, drive, get, post
from prevention import create_app
from prevention.config import ROOT, Settings
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.network.models import Municipality
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import Level, school_year_of
from prevention.surveys import service
from prevention.surveys.models import Ballot, MixedAnswer
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import NOT_ASKED
from prevention.surveys.simulation import simulate_answers

WORKERS = 2
CLASSES, CODES_PER_CLASS = 60, 50
ROUNDS = 5
# How many codes a round takes of each kind; one that is blind-signed costs several times as much.
SHARE, BLIND_SHARE = 250, 80
MOST_SECONDS = 8.0
BEGINNING = 4_096
SUBMISSION = re.compile(rb'name="submission" value="([^"]+)"')


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="bench-answers-") as folder:
        environment = {
            "INSTANCE": folder,
            "SECRET_KEY": "x" * 40,
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": os.environ.get("BENCH_DATABASE_URL", ""),
        }
        app = create_app(Settings.from_environment(environment))
        codes = prepare(app)
        bodies = made_up_bodies()
        with server(environment) as served, multiprocessing.get_context("spawn").Pool(1) as client:
            results = measure(client.apply, served, codes, bodies)
        stored = count_stored(app)
    show(results, stored=stored, database=app.config["SQLALCHEMY_DATABASE_URI"].split(":")[0])


def prepare(app: Flask) -> list[str]:
    """Make the database, a wave that is open today, and its codes."""
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        with unit_of_work():
            db.session.execute(text("CREATE TABLE bare (id VARCHAR(32) PRIMARY KEY, answers TEXT)"))
            year = school_year_of(clock.today())
            site = _site()
            classes = [
                SchoolClass(site=site, school_year=year, grade=1 + n % 5, section=f"A{n}", label=f"A{n}", pupils=25)
                for n in range(CLASSES)
            ]
            db.session.add_all(classes)
            db.session.flush()
            wave = service.create_wave(
                None,
                service.NewWave(
                    name="bench",
                    school_year=year,
                    questionnaire_id=service.chosen_questionnaire("core"),
                    opens_on=clock.today(),
                    closes_on=clock.today() + timedelta(days=1),
                ),
                class_ids=[one.id for one in classes],
            )
            service.open_wave(None, wave)
            codes = [code for one in wave.classes for code in service.make_codes(None, one, number=CODES_PER_CLASS)]
        db.engine.dispose()
    Random(1).shuffle(codes)
    return codes


def _site() -> Site:
    town = Municipality(istat_code="019036", cadastral_code="D150", name="Cremona", province="CR")
    institute = Institute(code="CRIS000001", name="Bench", municipality=town, is_state=True)
    return Site(
        code="CRPS000001", institute=institute, name="Bench", municipality=town, level=Level.SECONDO_GRADO,
        type_description="LICEO", is_state=True, first_seen=2025, last_seen=2025,
    )  # fmt: skip


def made_up_bodies() -> list[bytes]:
    """Make the answers of some respondents up, as a browser would send them."""
    questionnaire, rng = parse(shipped("core")), Random(2)
    return [
        urlencode(
            {code: a for code, a in simulate_answers(questionnaire, rng, grade=2).items() if a != NOT_ASKED}, doseq=True
        ).encode()
        for _ in range(50)
    ]


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    port: int
    process: int

    def worked_s(self) -> float:
        """Give the processor time that the server's processes took so far, in seconds, from ``/proc``."""
        listed = Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        ticks = 0
        for process in (self.process, *map(int, listed)):
            # The name, in brackets, may hold anything; what counts stands behind it (proc_pid_stat(5)).
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(environment: dict[str, str]) -> Iterator[Served]:
    """Serve the application as in production, on the loopback address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "bench.answers_server:app", "--host", "127.0.0.1",
            "--port", str(port), "--workers", str(WORKERS), "--blocking-threads", "1", "--no-access-log",
        ],
        env={**os.environ, **environment},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/s/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the server did not start")


Apply = Callable[..., Result]


def measure(apply: Apply, served: Served, codes: list[str], bodies: list[bytes]) -> dict[str, list[Result]]:
    """Let each kind of respondent come in turn, several rounds, so that a passing load hits all alike."""
    unused = iter(codes)
    shares = {"answers": SHARE, "first page": SHARE, "blind": BLIND_SHARE}
    bare = [str(number) for number in range(3 * SHARE)]
    apply(run_phase, ("bare", served.port, bare[:200], bodies))
    # Each process has seen nearly every class and its key before it counts, as a minute into a lesson.
    for kind in ("look", "ask key"):
        apply(run_phase, (kind, served.port, codes[: CLASSES * 10], bodies))
    results: dict[str, list[Result]] = {"bare": [], **{kind: [] for kind in shares}}
    for _ in range(ROUNDS):
        tickets = {"bare": bare, **{kind: list(islice(unused, share)) for kind, share in shares.items()}}
        for kind, some in tickets.items():
            before = served.worked_s()
            result = apply(run_phase, (kind, served.port, some, bodies))
            result.worked_s = served.worked_s() - before
            results[kind].append(result)
    return results


def run_phase(kind: str, port: int, tickets: Sequence[str], bodies: list[bytes]) -> Result:
    """Let respondents with these codes come until the codes or the time run out."""
    visitor = {
        "bare": post_bare,
        "look": look,
        "ask key": ask_key,
        "answers": answer,
        "first page": answer_from_first_page,
        "blind": answer_blindly,
    }[kind]
    return drive(port, visitor, tickets, bodies, most_seconds=MOST_SECONDS)


def post_bare(ticket: str, body: bytes) -> Visit:
    """Send the same answers to the bare view."""
    return (yield post("/bare/", b"code=" + ticket.encode() + b"&" + body)).is_ok


def look(ticket: str, _body: bytes) -> Visit:
    """Open the form and send nothing."""
    return (yield post("/s/", b"code=" + ticket.encode())).is_ok


def ask_key(ticket: str, _body: bytes) -> Visit:
    """Ask for the key of the code's class, which is drawn when its first pupil asks."""
    return (yield post("/s/key", b"code=" + ticket.encode())).is_ok


def answer(ticket: str, body: bytes) -> Visit:
    """Open the form with a code and send the answers; say whether they were acknowledged."""
    code = b"code=" + ticket.encode()
    opened = yield post("/s/", code)
    found = SUBMISSION.search(beginning_of(opened))
    if not opened.is_ok or found is None:
        return False
    return (yield post("/s/answers", code + b"&submission=" + found[1] + b"&language=it&" + body)).is_ok


def beginning_of(page: Response) -> bytes:
    """Unpack as much of a page as holds the hidden fields, which stand before the questions."""
    if not page.is_packed:
        return page.body
    return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(page.body, BEGINNING)


def answer_from_first_page(ticket: str, body: bytes) -> Visit:
    """Begin at the page on which a code is typed."""
    first = yield get("/s/")
    return first.is_ok and (yield from answer(ticket, body))


def answer_blindly(ticket: str, body: bytes) -> Visit:
    """Open the form, have a credential signed, and send the answers under it."""
    from tests.surveys import pupil  # the arithmetic of a browser, for which there is no library here

    code = b"code=" + ticket.encode()
    opened = yield post("/s/", code)
    key = yield post("/s/key", code)
    if not (opened.is_ok and key.is_ok):
        return False
    drawn = pupil.draw_for(json.loads(key.body))
    sold = yield post("/s/credential", code + b"&blinded=" + pupil.as_text(drawn.blinded).encode())
    if not sold.is_ok:
        return False
    signature = drawn.signature(json.loads(sold.body)["signature"])
    carrier = {
        "key": drawn.mark,
        "credential": pupil.as_text(drawn.credential),
        "signature": pupil.as_text(signature),
    }
    return (yield post("/s/ballot", urlencode(carrier).encode() + b"&language=it&" + body)).is_ok


def count_stored(app: Flask) -> int:
    """Count the answers that the database holds."""
    with app.app_context():
        counts = (db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Ballot, MixedAnswer))
        return sum(counts)


def show(results: dict[str, list[Result]], *, stored: int, database: str) -> None:
    """Print the median round of each kind, the median of the ratios within each round, and what was lost."""
    print(f"Answers over HTTP: {database}, granian {WORKERS} workers, {CONNECTIONS} connections, 89 questions")
    medians = {kind: sorted(rounds, key=lambda one: one.rate)[len(rounds) // 2] for kind, rounds in results.items()}

    def ratio(kind: str) -> float:
        # Within a round, because whatever else runs on the machine changes between rounds.
        pairs = zip(results[kind], results["bare"], strict=True)
        return statistics.median(one.rate / bare.rate for one, bare in pairs)

    words = {
        "bare": "bare view, one INSERT",
        "answers": "open and send",
        "first page": "with the first page",
        "blind": "blind-signed",
    }
    for kind, result in medians.items():
        print(
            f"  {words[kind]:24} {len(result.waits):6,} completed {result.rate:8,.0f}/s"
            f"  {ratio(kind):5.2f} x bare  {_worked_ms(results[kind]):5.2f} ms of the server"
            f"  p50 {result.quantile(0.5):6.1f}  p95 {result.quantile(0.95):6.1f}  p99 {result.quantile(0.99):6.1f} ms"
        )
    acknowledged = sum(len(one.waits) for kind in ("answers", "first page", "blind") for one in results[kind])
    refused = sum(one.refused for rounds in results.values() for one in rounds)
    print(f"  acknowledged {acknowledged:,}, stored {stored:,}, lost {acknowledged - stored:,}, refused {refused:,}")


def _worked_ms(rounds: Sequence[Result]) -> float:
    """Give the processor time of the server for one completed visitor: what other people's work does not change."""
    return 1000 * sum(one.worked_s for one in rounds) / sum(len(one.waits) for one in rounds)


if __name__ == "__main__":
    main()
