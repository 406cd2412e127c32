"""The adversary: who has the whole database, the files, the logs and the order in which codes were spent, and links.

`flask surveys prove-anonymity` lets made-up pupils answer in a scratch installation, mixes and closes as always, and
then tries to say of every stored answer whose it is. For each order that the system could give away (keys, places in
the file, transaction marks) the adversary pairs the n-th answer of a class with the n-th pupil who spent a code. Two
statistics over all classes: how many pairs are right (by chance one a class, Poisson), and the mean rank correlation
of the two orders (by chance zero, normal). An order that does better than chance at `ALARM`, shared over all
statistics, is a leak. What the adversary cannot use here is when and from where messages came: that is the network's,
and the pupils' page says so.

The made-up pupils write their number into their answers, which is how the truth is known; real ones do not.
"""

import logging
import math
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import SystemRandom

from flask import Flask
from sqlalchemy import inspect, select, text

from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.network.models import Municipality
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import Level, school_year_of
from prevention.surveys import service
from prevention.surveys.models import MixedAnswer, Wave

# How often a run without any leak may cry wolf.
ALARM = 1e-4

# Answers that carry a pupil's number: two items of the core questionnaire with 11 and 8 usable values.
_FIRST_YEAR, _PER_YEAR = 2005, 11
MOST_PUPILS = 8 * _PER_YEAR


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """What happened: each class's codes, in the order in which its pupils (0, 1, 2 …) spent them."""

    wave_id: uuid.UUID
    codes: dict[bytes, list[str]]
    log: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Attack:
    """How well one order linked: right pairs over all classes, mean rank correlation, and the chance of either."""

    order: str
    classes: int
    right: int
    correlation: float
    chance: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What the adversary found. `traces` says where a code was found that must not be anywhere."""

    attacks: tuple[Attack, ...]
    traces: tuple[str, ...]

    @property
    def bound(self) -> float:
        """The chance below which one attack counts as a link."""
        return ALARM / max(len(self.attacks), 1)

    @property
    def links(self) -> tuple[str, ...]:
        """Name the orders that link better than chance."""
        return tuple(attack.order for attack in self.attacks if attack.chance < self.bound)

    @property
    def holds(self) -> bool:
        """Say whether nothing was found."""
        return not self.links and not self.traces


def play(app: Flask, *, classes: int, pupils: int) -> Played:
    """Let made-up pupils answer in an empty, migrated installation; mix half way; close, mix and tidy."""
    if not 10 <= pupils <= MOST_PUPILS:
        raise ValueError(f"from 10 to {MOST_PUPILS} pupils a class")
    with app.app_context(), _everything_logged() as lines:
        with unit_of_work():
            wave, codes = _make_wave(classes, pupils)
            wave_id = wave.id
        browser = app.test_client()
        # One class after the other sits down, and within each the pupils hand in one by one.
        for spent in codes.values():
            for number, code in enumerate(spent):
                sent = browser.post("/s/answers", data=_answers(number, code))
                if sent.status_code != 200:
                    raise RuntimeError(f"a made-up pupil was answered {sent.status_code}")
            with unit_of_work():
                if service.next_wave_to_mix() is not None:
                    service.mix(wave_id)
        with unit_of_work():
            service.close_wave(None, db.session.get_one(Wave, wave_id))
            service.mix(wave_id)
        service.tidy_up()
    return Played(wave_id=wave_id, codes=codes, log="\n".join(lines))


def attack(app: Flask, played: Played) -> Verdict:
    """Read everything there is to read and link."""
    with app.app_context():
        orders = _orders_on_postgresql() if db.engine.dialect.name == "postgresql" else _orders_on_sqlite()
        answers = {
            row.answer_key: (bytes(row.cluster_mark), _number(row.answers))
            for row in db.session.scalars(select(MixedAnswer).where(MixedAnswer.wave_id == played.wave_id))
        }
        traces = tuple(_traces(app, played))
        db.session.rollback()
    attacks = tuple(_attack(name, order, answers) for name, order in sorted(orders.items()))
    return Verdict(attacks=attacks, traces=traces)


def _attack(name: str, order: Sequence[uuid.UUID], answers: dict[uuid.UUID, tuple[bytes, int]]) -> Attack:
    from scipy.stats import norm, poisson, spearmanr

    by_class: dict[bytes, list[int]] = {}
    for key in order:
        mark, number = answers[key]
        by_class.setdefault(mark, []).append(number)
    guesses = list(by_class.values())
    right = max(sum(_right(guess) for guess in guesses), sum(_right(guess[::-1]) for guess in guesses))
    correlations = [float(spearmanr(range(len(guess)), guess).statistic) for guess in guesses]
    mean = sum(correlations) / len(correlations)
    # The rank correlation of n shuffled values has the variance 1 / (n - 1).
    spread = math.sqrt(sum(1 / (len(guess) - 1) for guess in guesses)) / len(guesses)
    by_pairs = 2 * float(poisson.sf(right - 1, len(guesses)))
    by_ranks = 2 * float(norm.sf(abs(mean) / spread))
    return Attack(
        order=name, classes=len(guesses), right=right, correlation=mean, chance=min(1.0, 2 * min(by_pairs, by_ranks))
    )


def _right(guess: Sequence[int]) -> int:
    return sum(1 for place, number in enumerate(guess) if place == number)


def _orders_on_sqlite() -> dict[str, list[uuid.UUID]]:
    keys = list(db.session.scalars(select(MixedAnswer.answer_key)))
    content = b"".join(_files().values())
    return {
        "key": sorted(keys),
        "as the table gives them": keys,
        "place in the file": sorted(keys, key=lambda key: content.index(key.hex.encode())),
    }


def _orders_on_postgresql() -> dict[str, list[uuid.UUID]]:
    keys = list(db.session.scalars(select(MixedAnswer.answer_key)))

    def ordered_by(column: str) -> list[uuid.UUID]:
        return list(db.session.scalars(select(MixedAnswer.answer_key).order_by(text(column))))

    return {
        "key": sorted(keys),
        "as the table gives them": keys,
        "place in the table": ordered_by("ctid"),
        "transaction, then place": ordered_by("xmin::text::bigint, ctid"),
    }


def _traces(app: Flask, played: Played) -> Iterator[str]:
    """Say where a redeemed code is still to be found: rows, files of the database, log."""
    spellings = [
        spelling.encode()
        for codes in played.codes.values()
        for code in codes
        for spelling in (code, code.replace("-", ""), code.split("-", 1)[1])
    ]
    places = {"the log": played.log.encode()}
    connection = db.session.connection()
    for table in inspect(connection).get_table_names():
        rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608  # names of our own tables
        places[f"the table {table}"] = repr(rows).encode()
    if db.engine.dialect.name == "sqlite":
        places.update(_files())
    for place, content in places.items():
        if any(spelling in content for spelling in spellings):
            yield place


def _files() -> dict[str, bytes]:
    path = Path(str(db.engine.url.database))
    files = (path, path.with_name(path.name + "-wal"))
    return {f"the file {file.name}": file.read_bytes() for file in files if file.exists()}


def _make_wave(classes: int, pupils: int) -> tuple[Wave, dict[bytes, list[str]]]:
    today = clock.today()
    year = school_year_of(today)
    town = Municipality(istat_code="019036", cadastral_code="D150", name="Cremona", province="CR")
    institute = Institute(code="CRIS000001", name="Made up", municipality=town, is_state=True)
    site = Site(
        code="CRPS000001", institute=institute, name="Made up", municipality=town, level=Level.SECONDO_GRADO,
        type_description="LICEO", is_state=True, first_seen=year, last_seen=year,
    )  # fmt: skip
    rows = [
        SchoolClass(site=site, school_year=year, grade=1, section=f"A{n}", label=f"1A{n}", pupils=pupils)
        for n in range(classes)
    ]
    db.session.add_all(rows)
    db.session.flush()
    wave = service.create_wave(
        None,
        service.NewWave(
            name="made up",
            school_year=year,
            questionnaire_id=service.chosen_questionnaire("core"),
            opens_on=today,
            closes_on=today + timedelta(days=1),
        ),
        class_ids=[row.id for row in rows],
    )
    service.open_wave(None, wave)
    codes = {}
    for wave_class in wave.classes:
        drawn = service.make_codes(None, wave_class, number=pupils)
        SystemRandom().shuffle(drawn)
        codes[wave_class.id.bytes] = drawn
    return wave, codes


def _answers(number: int, code: str) -> dict[str, str]:
    return {
        "code": code,
        "submission": f"{number}-{code[-4:]}",
        "language": "it",
        "T0": "yes",
        "A2": str(_FIRST_YEAR + number // _PER_YEAR),
        "L1a": str(number % _PER_YEAR),
    }


def _number(answers: dict[str, str]) -> int:
    return (int(answers["A2"]) - _FIRST_YEAR) * _PER_YEAR + int(answers["L1a"])


class _everything_logged:  # noqa: N801  # used as a function
    """Collect what anybody logs meanwhile, at the most talkative level."""

    def __enter__(self) -> list[str]:
        self.lines: list[str] = []
        self.root, self.handler = logging.getLogger(), logging.Handler(logging.DEBUG)
        self.handler.emit = lambda record: self.lines.append(record.getMessage())  # type: ignore[method-assign]
        self.level = self.root.level
        self.root.addHandler(self.handler)
        self.root.setLevel(logging.DEBUG)
        return self.lines

    def __exit__(self, *_error: object) -> None:
        self.root.removeHandler(self.handler)
        self.root.setLevel(self.level)
