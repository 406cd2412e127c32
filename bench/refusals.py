"""Whether the time of a refusal tells what is wrong with a code.

Run ``.venv/bin/python -m bench.refusals`` (``BENCH_DATABASE_URL`` as in `bench.answers`). Codes that are no good for
seven different reasons are tried in random order, one after the other, over one kept connection to the server as in
production. Printed is how long each kind waited, and how often it waited longer than a wrong slip of a class that is
there: one in two is what a coin gives, and the band beside it is what a coin gives in nine runs of ten.
"""

import http.client
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from bench.answers import prepare, server
from prevention import create_app
from prevention.config import Settings
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.schools.models import SchoolClass
from prevention.schools.rules import school_year_of
from prevention.surveys import service
from prevention.surveys.codes import ALPHABET, GUESS_BUDGET

TRIES = 400
# Wrong slips are spread over classes, so that none of them comes to rest.
WRONG_SLIPS = 8
ADDRESSES: Mapping[str, Mapping[str, str]] = {
    "open": {"path": "/s/"},
    "send": {"path": "/s/answers", "submission": "a mark", "T0": "yes", "A1": "female"},
}
MEASURE = "wrong slip"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="bench-refusals-") as folder:
        environment = {
            "INSTANCE": folder,
            "SECRET_KEY": "x" * 40,
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": os.environ.get("BENCH_DATABASE_URL", ""),
        }
        app = create_app(Settings.from_environment(environment))
        good = prepare(app)
        bad = no_good_codes(app, good)
        print(f"Refusals: {app.config['SQLALCHEMY_DATABASE_URI'].split(':')[0]}, {TRIES} tries of each kind")
        with server(environment) as served:
            connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
            for code in good[-200:]:
                ask(connection, {"path": "/s/"}, code)
            for name, fields in ADDRESSES.items():
                show(name, measure(connection, fields, bad))
            connection.close()


def no_good_codes(app: Flask, good: Sequence[str]) -> dict[str, list[str]]:
    """Give codes by what is wrong with them."""
    rng = Random(3)
    with app.app_context(), unit_of_work():
        today, moment = clock.today(), clock.now()
        spent = list(good[:50])
        for code in spent:
            service.cast_ballot(service.enter(code, moment), {"T0": "yes"}, submission="mark")
        early = _codes_of_wave(app, today + timedelta(days=1))
        late = _codes_of_wave(app, today - timedelta(days=1))
    by_class = {code[:4]: code for code in good}
    return {
        MEASURE: [f"{part}-{_signs(rng, 3)}-{_signs(rng, 4)}" for part in by_class for _ in range(WRONG_SLIPS)],
        "spent": spent,
        "early": early,
        "late": late,
        "no such class": [f"{_signs(rng, 4)}-{_signs(rng, 3)}-{_signs(rng, 4)}" for _ in range(50)],
        "no code": ["what is this", "", "K7RM", "1111-111-1111"],
    }


def _codes_of_wave(app: Flask, day: object) -> list[str]:
    year = school_year_of(clock.today())
    plan = service.NewWave(
        name="bench", school_year=year, questionnaire_id=service.chosen_questionnaire("core"),
        opens_on=day, closes_on=day,  # type: ignore[arg-type]  # a date
    )  # fmt: skip
    classes = list(db.session.scalars(select(SchoolClass.id).limit(2)))
    wave = service.create_wave(None, plan, class_ids=classes)
    service.open_wave(None, wave)
    return [code for one in wave.classes for code in service.make_codes(None, one, number=25)]


def _signs(rng: Random, number: int) -> str:
    return "".join(rng.choice(ALPHABET) for _ in range(number))


def measure(
    connection: http.client.HTTPConnection, fields: Mapping[str, str], bad: Mapping[str, Sequence[str]]
) -> dict[str, list[float]]:
    """Try each kind equally often, in random order; give how long each try took, in milliseconds."""
    rng = Random(4)
    assert TRIES <= len(bad[MEASURE]) < GUESS_BUDGET * TRIES
    wrong = iter(rng.sample(list(bad[MEASURE]), TRIES))
    waits: dict[str, list[float]] = {kind: [] for kind in bad}
    turns = [kind for kind in bad for _ in range(TRIES)]
    rng.shuffle(turns)
    for kind in turns:
        code = next(wrong) if kind == MEASURE else rng.choice(bad[kind])
        waits[kind].append(ask(connection, fields, code))
    return waits


def ask(connection: http.client.HTTPConnection, fields: Mapping[str, str], code: str) -> float:
    """Send a code; give how long the answer took, in milliseconds."""
    body = urlencode({**{name: value for name, value in fields.items() if name != "path"}, "code": code})
    began = time.perf_counter()
    connection.request("POST", fields["path"], body, {"Content-Type": "application/x-www-form-urlencoded"})
    connection.getresponse().read()
    return 1000 * (time.perf_counter() - began)


def show(name: str, waits: Mapping[str, Sequence[float]]) -> None:
    """Print the quantiles of each kind, and how often it took longer than a wrong slip."""
    # A rank sum of two samples of n from one distribution: the share has the variance (2n + 1) / 12 n^2.
    band = 1.645 * ((2 * TRIES + 1) / (12 * TRIES**2)) ** 0.5
    print(f"  {name}: longer than a wrong slip, by a coin 50 % +- {100 * band:.0f}")
    for kind, found in waits.items():
        low, half, high = (statistics.quantiles(found, n=10)[place] for place in (0, 4, 8))
        longer = sum(one > other for one in found for other in waits[MEASURE]) / TRIES**2
        print(f"    {kind:14} p10 {low:6.2f}  p50 {half:6.2f}  p90 {high:6.2f} ms  {100 * longer:3.0f} %")


if __name__ == "__main__":
    main()
