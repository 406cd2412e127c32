"""How long a whole wave takes from records to tables: all indicators, all groups, disclosure control.

Run ``.venv/bin/python -m bench.indicators [answers]`` (25,000 unless said otherwise). Answers are made up; schools are
as unlike as in a province: some of forty classes, many of a few, two levels, a track with one school only. Beside it
stands a bare DuckDB query over the same sealed file: one hand-written share by school and sex. Seconds are of the
clock and, in brackets, of the processor, which other work on the machine does not lengthen. Needs no database.
"""

import resource
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path
from random import Random
from typing import TypeVar

from flask import Flask

from prevention.indicators import seal
from prevention.indicators.catalogue import catalogue
from prevention.indicators.cleaning import clean
from prevention.indicators.engine import class_totals
from prevention.indicators.engines import connect
from prevention.indicators.manifest import sealed_items, wordings
from prevention.indicators.memory import Memory, Release
from prevention.indicators.policy import policy
from prevention.indicators.populations import Population
from prevention.indicators.tables import Source, cube_tables, tables_beside
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import Questionnaire
from prevention.surveys.service import SurveyRow
from prevention.surveys.simulation import class_effect, simulate_answers

Given = TypeVar("Given")

# How many classes of a school take part, one school after another; and how many pupils of a class answer.
SCHOOL_CLASSES = (40, 3, 25, 8, 16, 5, 30, 2, 12, 20, 4, 9)
CLASS_PUPILS = (22, 18, 25, 14, 20, 9, 21)
TRACKS = ("liceo", "tecnico")
BARE = """
    SELECT site_code, "A1", AVG(CASE WHEN "B2" NOT IN ('none', 'not_asked', 'declined') THEN 1.0 ELSE 0.0 END)
    FROM read_parquet(?) WHERE "B1" IS NOT NULL GROUP BY ALL
"""


def main() -> None:
    """Measure and print."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 25_000
    questionnaire = parse(shipped("core"))
    rows = _made_up(questionnaire, wanted)
    classes, schools = (len({getattr(row, name) for row in rows}) for name in ("cluster", "site_code"))
    questions = len(sealed_items(questionnaire))
    print(f"{len(rows):,} answers, {questions} questions, {classes:,} classes, {schools} schools")
    with tempfile.TemporaryDirectory(prefix="bench-indicators-") as folder:
        app = Flask(__name__, instance_path=folder)
        with app.app_context():
            cleaned, cleaning = _timed(lambda: clean(rows, questionnaire=questionnaire))
            wave_id = uuid.uuid4()
            file, writing = _timed(lambda: seal.write(wave_id, cleaned.kept, items=sealed_items(questionnaire)))
            path = seal.checked(file.name, sha256=file.sha256)
        source = Source(
            wave_id=wave_id,
            wave_name="bench",
            school_year=2026,
            sealed_on=date(2026, 11, 23),
            wordings=wordings(questionnaire),
            places={},
        )
        indicators = catalogue().answerable(frozenset(source.wordings))
        totals, adding = _timed(lambda: class_totals(path, indicators, zero_if=catalogue().zero_if))
        memory = Memory(totals, new=Population(), policy=policy())
        tables, judging = _timed(lambda: tables_beside(memory, indicators, catalogue(), source=source))
        out = (Release(population=Population(), tables=tables),)
        memory = Memory(totals, new=Population(), releases=out, policy=policy())
        cube, crossing = _timed(lambda: tuple(cube_tables(memory, indicators, catalogue(), tables, source=source)))
        bare_s = min(_bare(path) for _ in range(3))
        size = file.size
    cells = [cell for table in tables for cell in table.cells]
    hidden = Counter(str(cell.reason) for cell in cells if not cell.shown)
    _print("clean", cleaning, f"{len(cleaned.kept):,} kept")
    _print("write sealed file", writing, f"{size / 1e6:.1f} MB")
    _print("add up by class", adding, f"{len(indicators)} indicators, {adding[0] / bare_s:.0f} times one bare share")
    _print("estimate and judge", judging, f"{len(tables)} tables, {len(cells):,} cells, hidden: {dict(hidden)}")
    in_all = (adding[0] + judging[0], adding[1] + judging[1])
    _print("indicators in all", in_all, "all groups, disclosure control")
    crossings = sum(len(table.cells) for table in cube)
    _print("cube, afterwards", crossing, f"{crossings:,} perturbed cells, weighed beside all tables")
    print(f"peak memory         {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MiB")


def _print(what: str, seconds: tuple[float, float], more: str) -> None:
    print(f"{what:<19} {seconds[0]:6.2f} s ({seconds[1]:.2f} s)  {more}")


def _timed(work: Callable[[], Given]) -> tuple[Given, tuple[float, float]]:
    began, began_cpu = time.perf_counter(), time.process_time()
    return work(), (time.perf_counter() - began, time.process_time() - began_cpu)


def _bare(path: Path) -> float:
    began = time.perf_counter()
    with connect() as engine:
        engine.execute(BARE, [str(path)]).fetchall()
    return time.perf_counter() - began


def _made_up(questionnaire: Questionnaire, wanted: int) -> list[SurveyRow]:
    rng = Random(1)
    # Making answers up takes longer than everything that is measured: a pool of them is used again and again.
    pool = [simulate_answers(questionnaire, rng, grade=1 + number % 5) for number in range(4_000)]
    rows: list[SurveyRow] = []
    for cluster, (school, number) in enumerate(_classes()):
        if len(rows) >= wanted:
            break
        is_lower = school % 4 == 3
        effect = class_effect(rng)
        rows += [
            SurveyRow(
                cluster=str(cluster),
                site_code=f"CRXX{school:06d}",
                institute_code=f"CRIS{school:06d}",
                municipality=f"0190{school % 9:02d}",
                level="primo_grado" if is_lower else "secondo_grado",
                # One school is the only one of its track.
                track=None if is_lower else "professionale" if school == 4 else TRACKS[school % len(TRACKS)],
                grade=1 + number % (3 if is_lower else 5),
                answers=pool[int(rng.random() ** (1 + abs(effect)) * len(pool))],
            )
            for _ in range(CLASS_PUPILS[cluster % len(CLASS_PUPILS)])
        ]
    return rows


def _classes() -> Iterator[tuple[int, int]]:
    """Give the school and the number of one class after another, without end."""
    for school in count():
        yield from ((school, number) for number in range(SCHOOL_CLASSES[school % len(SCHOOL_CLASSES)]))


if __name__ == "__main__":
    main()
