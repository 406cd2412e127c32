"""How fast search with facets answers over 20,000 materials, beside a bare full-text query in the same run.

Run ``.venv/bin/python -m bench.resources``. It fills a database of each system (SQLite, and PostgreSQL where the test
dependencies are installed) with made-up materials whose words follow the reference catalogue, then asks the questions
of `reference`, with and without facets, through the whole page (server time: routing, search, counts, rows, template)
and beside it the bare statement that only asks the index which lines hold the words. Times on a shared machine are
orders of magnitude; ratios travel better.
"""

import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, text

from prevention import create_app
from prevention.accounts import service as accounts
from prevention.config import ROOT, Settings
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.core.memory import settle
from prevention.programmes import service as programmes
from prevention.resources import reference, search, service
from prevention.resources.models import Resource, ResourceCare, ResourceGrade
from prevention.resources.rules import Status
from prevention.resources.search.words import question_groups
from prevention.schools.rules import TARGET_LEVELS

MATERIALS = int(os.environ.get("MATERIALS", "20000"))
LIMIT_MS = 100
FACETS = ("", "&grade=secondo_grado-2", "&kind=activity&kind=lesson_plan", "&topic=alcohol&length=hour&language=it")


def main() -> int:
    """Measure and print; say by the exit code whether a page took longer than promised."""
    worst = 0
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with ExitStack() as stack:
            try:
                url, folder = stack.enter_context(database())
            except ModuleNotFoundError:
                print(f"{name}: not installed")
                continue
            worst = max(worst, _measure(name, _application(url, folder)))
    return worst


def _measure(name: str, app: Flask) -> int:
    with app.app_context():
        seconds = _seconds(_fill)
        print(f"{name}: {MATERIALS:,} materials, written and indexed in {seconds:.0f} s")
        questions = [question.asked for question in reference.questions("question")]
        settle()  # as the server does
        client = app.test_client()
        for asked in questions[:5]:
            client.get("/resources/", query_string={"text": asked})
        pages = [
            _seconds(lambda asked=asked, facet=facet: client.get(f"/resources/?text={asked}{facet}"))  # type: ignore[misc]  # called at once
            for asked in questions
            for facet in FACETS
        ]
        searches = [_seconds(lambda asked=asked: _find(asked)) for asked in questions for _facet in FACETS]  # type: ignore[misc]  # as above
        bare = [_seconds(lambda asked=asked: _bare(asked)) for asked in questions for _facet in FACETS]  # type: ignore[misc]  # as above
        everything = [_seconds(lambda: client.get("/resources/")) for _ in range(20)]
    print(f"  {'':38} {'median':>8} {'p95':>8}")
    for words, times in (
        ("bare full-text query", bare),
        ("search with counts of all facets", searches),
        ("the whole page, with facets", pages),
        ("the whole page, without a question", everything),
    ):
        ratio = _p95(times) / _p95(bare)
        print(f"  {words:38} {statistics.median(times) * 1000:6.1f}ms {_p95(times) * 1000:6.1f}ms  {ratio:5.1f} x bare")
    return int(max(_p95(pages), _p95(everything)) * 1000 > LIMIT_MS)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _find(asked: str) -> object:
    found = search.find(search.Wanted(text=asked), today=clock.today())
    db.session.rollback()
    return found


def _bare(asked: str) -> object:
    """Ask the index alone for the best eighteen lines that hold any of the words."""
    words = [word for group in question_groups(asked) for word in group]
    if db.engine.dialect.name == "sqlite":
        statement = "SELECT rowid FROM resource_fts WHERE resource_fts MATCH :q ORDER BY rank LIMIT 18"
        query = " OR ".join(f'"{word}"' for word in words)
    else:
        statement = (
            "SELECT number FROM resource_index, to_tsquery('simple', :q) q WHERE words @@ q "
            "ORDER BY ts_rank(words, q) DESC LIMIT 18"
        )
        query = " | ".join(f"'{word}'" for word in words)
    rows = db.session.execute(text(statement), {"q": query}).all()
    db.session.rollback()
    return rows


def _fill() -> None:
    rng = Random(20261127)
    with unit_of_work():
        programmes.load_known()
        db.session.flush()
        author = accounts.add_user("bench@example.org", name="Bench", password=None, grants=()).id
        texts = list(reference.details_by_key(service.programme_choices()).values())
        words = [word for one in texts for word in f"{one.title} {one.abstract}".split()]
        grades = [(level, grade) for level in TARGET_LEVELS for grade in level.grades]
        now = clock.now()
        resources: list[dict[str, object]] = []
        cares: list[dict[str, object]] = []
        pairs: list[dict[str, object]] = []
        for _number in range(MATERIALS):
            one, made = rng.choice(texts), uuid.uuid4()
            resources.append(
                {
                    "id": made, "title": " ".join(rng.choices(words, k=6))[:160],
                    "abstract": " ".join(rng.choices(words, k=45)), "kind": rng.choice(texts).kind,
                    "language": one.language, "other_languages": [], "licence": one.licence, "authors": "Autrice",
                    "link": "https://example.org/", "source_link": "", "minutes": rng.choice([None, 20, 50, 90]),
                    "topics": list(one.topics), "skills": list(rng.choice(texts).skills), "access": [],
                    "programme_id": one.programme_id, "created_by": author, "created_at": now,
                }
            )  # fmt: skip
            cares.append(
                {
                    "resource_id": made, "status": Status.PUBLISHED, "owner_id": author, "changed_by": author,
                    "changed_at": now, "reviewed_at": now, "published_at": now - timedelta(days=rng.randrange(700)),
                    "review_by": clock.today() + timedelta(days=rng.randrange(-60, 700)),
                }
            )  # fmt: skip
            pairs.extend(
                {"resource_id": made, "level": level, "grade": grade}
                for level, grade in rng.sample(grades, rng.randrange(4))
            )
        for model, rows in ((Resource, resources), (ResourceCare, cares), (ResourceGrade, pairs)):
            db.session.execute(insert(model), rows)
        search.reindex()


def _application(url: str, folder: Path) -> Flask:
    app = create_app(
        Settings.from_environment(
            {"INSTANCE": str(folder), "SECRET_KEY": "x" * 40, "LOG_LEVEL": "ERROR", "DATABASE_URL": url}
        )
    )
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        if url.startswith("postgresql"):
            db.session.execute(text("ANALYZE"))
        db.session.rollback()
    return app


@contextmanager
def _sqlite() -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory(prefix="bench-resources-") as name:
        yield f"sqlite:///{name}/bench.sqlite", Path(name)


@contextmanager
def _postgresql() -> Iterator[tuple[str, Path]]:
    from tests.support.databases import postgresql_server  # only with the test dependencies

    with postgresql_server() as url, tempfile.TemporaryDirectory(prefix="bench-resources-") as name:
        yield url, Path(name)


if __name__ == "__main__":
    sys.exit(main())
