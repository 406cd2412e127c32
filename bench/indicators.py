"""How long a whole wave takes from records to tables: all indicators, all groups, disclosure control.

Run ``.venv/bin/python -m bench.indicators [answers]`` (25,000 unless said otherwise). Answers are made up. Beside it
stands a bare DuckDB query over the same sealed file: one hand-written share by school and sex. Needs no database.
"""

import resource
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import TypeVar

from flask import Flask

from prevention.indicators import seal
from prevention.indicators.catalogue import catalogue
from prevention.indicators.cleaning import clean
from prevention.indicators.engines import connect
from prevention.indicators.manifest import sealed_items, wordings
from prevention.indicators.policy import policy
from prevention.indicators.tables import Source, build_tables
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import Questionnaire
from prevention.surveys.service import SurveyRow
from prevention.surveys.simulation import class_effect, simulate_answers

Given = TypeVar("Given")

CLASS_PUPILS = 20
CLASSES_PER_SCHOOL = 25
TRACKS = ("liceo", "tecnico", "professionale")
BARE = """
    SELECT site_code, "A1", AVG(CASE WHEN "B2" NOT IN ('none', 'not_asked', 'declined') THEN 1.0 ELSE 0.0 END)
    FROM read_parquet(?) WHERE "B1" IS NOT NULL GROUP BY ALL
"""


def main() -> None:
    """Measure and print."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 25_000
    questionnaire = parse(shipped("core"))
    rows = _made_up(questionnaire, wanted)
    print(f"{len(rows):,} answers, {len(sealed_items(questionnaire))} questions, {wanted // CLASS_PUPILS:,} classes")
    with tempfile.TemporaryDirectory(prefix="bench-indicators-") as folder:
        app = Flask(__name__, instance_path=folder)
        with app.app_context():
            cleaned, cleaning_s = _timed(lambda: clean(rows, questionnaire=questionnaire))
            wave_id = uuid.uuid4()
            file, writing_s = _timed(lambda: seal.write(wave_id, cleaned.kept, items=sealed_items(questionnaire)))
            path = seal.checked(file.name, sha256=file.sha256)
        source = Source(
            wave_id=wave_id,
            wave_name="bench",
            school_year=2026,
            sealed_on=date(2026, 11, 23),
            wordings=wordings(questionnaire),
            places={},
        )
        tables, tables_s = _timed(lambda: build_tables(path, source, catalogue=catalogue(), policy=policy()))
        bare_s = min(_bare(path) for _ in range(3))
        size = file.size
    cells = [cell for table in tables for cell in table.cells]
    hidden = Counter(str(cell.reason) for cell in cells if not cell.shown)
    print(f"clean              {cleaning_s:6.2f} s  {len(cleaned.kept):,} kept")
    print(f"write sealed file  {writing_s:6.2f} s  {size / 1e6:.1f} MB")
    print(f"build all tables   {tables_s:6.2f} s  {len(tables)} tables, {len(cells):,} cells, hidden: {dict(hidden)}")
    print(f"one bare share     {bare_s:6.3f} s")
    print(f"peak memory        {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MiB")


def _timed(work: Callable[[], Given]) -> tuple[Given, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def _bare(path: Path) -> float:
    began = time.perf_counter()
    with connect() as engine:
        engine.execute(BARE, [str(path)]).fetchall()
    return time.perf_counter() - began


def _made_up(questionnaire: Questionnaire, wanted: int) -> list[SurveyRow]:
    rng = Random(1)
    # Making answers up takes longer than everything that is measured: a pool of them is used again and again.
    pool = [simulate_answers(questionnaire, rng, grade=1 + number % 5) for number in range(4_000)]
    rows = []
    for number in range(wanted // CLASS_PUPILS):
        school = number // CLASSES_PER_SCHOOL
        effect = class_effect(rng)
        rows += [
            SurveyRow(
                cluster=str(number),
                site_code=f"CRXX{school:06d}",
                institute_code=f"CRIS{school:06d}",
                municipality=f"0190{school % 4:02d}",
                level="secondo_grado",
                track=TRACKS[school % 3],
                grade=1 + number % 5,
                answers=pool[int(rng.random() ** (1 + abs(effect)) * len(pool))],
            )
            for _ in range(CLASS_PUPILS)
        ]
    return rows


if __name__ == "__main__":
    main()
