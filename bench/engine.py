"""What one prevalence by school and sex costs on millions of records, beside a query written by hand.

Run ``.venv/bin/python -m bench.engine [records]`` (ten million unless said otherwise). Both read the same Parquet file
in the same run, in turn; the hand-written one is what somebody would type into DuckDB. The ratio is of the best of
five. Beside it stand the totals per class that every interval needs. Memory is that of the whole process.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from prevention.indicators.catalogue import catalogue
from prevention.indicators.engine import CLASS, totals_by
from prevention.indicators.engines import connect

ROUNDS = 5
INDICATOR = "I02"
BY_HAND = """
    SELECT site_code, CASE "A1" WHEN 'female' THEN 0 WHEN 'male' THEN 1 ELSE 2 END AS sex,
           COUNT(*) AS records, COUNT(v) AS n, SUM(v) AS s, SUM(v * v) AS q
    FROM (SELECT *, CASE WHEN "B2" NOT IN ('not_asked', 'declined') THEN ("B2" <> 'none')::DOUBLE
                         WHEN "B1" = '0' THEN 0.0 END AS v
          FROM read_parquet(?) WHERE kept)
    GROUP BY ALL
"""
# A class has some 20 pupils, a school some 25 classes; other answers stand beside those that are read.
MADE_UP = """
    COPY (
        SELECT i // 20 AS cluster, 'CRXX' || lpad((i // 500)::VARCHAR, 6, '0') AS site_code,
               'CRIS000001' AS institute_code, '019036' AS municipality, 'secondo_grado' AS level,
               ['liceo', 'tecnico', 'professionale'][1 + (i // 500) % 3] AS track, 1 + (i // 20) % 5 AS grade,
               true AS kept, NULL::VARCHAR AS broken,
               CASE WHEN random() < 0.49 THEN 'female' WHEN random() < 0.96 THEN 'male' ELSE 'declined' END AS "A1",
               CASE WHEN random() < 0.6 THEN '0' ELSE '3-5' END AS "B1",
               ['none', '<1w', '1-5', 'not_asked', 'declined'][1 + (random() * 5)::INTEGER % 5] AS "B2",
               {others}
        FROM range({records}) AS t(i)
    ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""


def main() -> None:
    """Measure and print."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    indicator = [catalogue().get(INDICATOR)]
    with tempfile.TemporaryDirectory(prefix="bench-engine-") as folder:
        path = Path(folder) / "sealed.parquet"
        others = ", ".join(f'(random() * 6)::INTEGER::VARCHAR AS "X{number}"' for number in range(58))
        with connect() as engine:
            engine.execute(MADE_UP.format(others=others, records=records, path=path))
        print(f"{records:,} records, {path.stat().st_size / 1e6:.0f} MB")
        before = _peak_mib()
        ours, by_hand = [], []
        for _ in range(ROUNDS):
            by_hand.append(_timed(lambda: _by_hand(path)))
            ours.append(_timed(lambda: totals_by(("site_code", "sex"), path, indicator, zero_if=catalogue().zero_if)))
        classes = _timed(lambda: totals_by((*CLASS, "sex"), path, indicator, zero_if=catalogue().zero_if))
    print(f"by hand        {min(by_hand):6.3f} s")
    print(f"declared       {min(ours):6.3f} s  {min(ours) / min(by_hand):.2f} x by hand")
    print(f"per class      {classes:6.3f} s")
    print(f"peak memory    {_peak_mib():6.0f} MiB ({before:.0f} after the file was made up)")


def _by_hand(path: Path) -> None:
    with connect() as engine:
        engine.execute(BY_HAND, [str(path)]).fetchnumpy()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
