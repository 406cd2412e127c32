"""How fast and how lean the school register is read and taken in, beside a bare loop over the same file.

Run ``.venv/bin/python -m bench.register``. Each figure comes from a process of its own, so that its peak of memory is
its own (Linux); the ratio beside it compares with ``csv.reader`` walking over the same packed file in that process,
just before. The file is the ministry's register of state schools when public data lies beside the checkout, else one
of the same shape made here. Times on a shared machine are orders of magnitude; ratios travel better.
"""

import csv
import gc
import gzip
import io
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask_migrate import upgrade

from prevention import create_app
from prevention.config import ROOT, Settings
from prevention.core import clock
from prevention.core.csv_reading import open_table
from prevention.core.db import unit_of_work
from prevention.network import service as network
from prevention.network.provinces import PROVINCES, find_province
from prevention.schools import service as schools
from prevention.schools.ministry_files import kind_of
from prevention.schools.register import RegisterReader

PUBLISHED = ROOT.parent / "shared" / "data" / "schools" / "SCUANAGRAFESTAT20252620250901.csv.gz"
ROWS = 50_349
REPEATS = 3
MEBIBYTE = 1024 * 1024

HEADER = (
    "ANNOSCOLASTICO,AREAGEOGRAFICA,REGIONE,PROVINCIA,CODICEISTITUTORIFERIMENTO,DENOMINAZIONEISTITUTORIFERIMENTO,"
    "CODICESCUOLA,DENOMINAZIONESCUOLA,INDIRIZZOSCUOLA,CAPSCUOLA,CODICECOMUNESCUOLA,DESCRIZIONECOMUNE,"
    "DESCRIZIONECARATTERISTICASCUOLA,DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA,INDICAZIONESEDEDIRETTIVO,"
    "INDICAZIONESEDEOMNICOMPRENSIVO,INDIRIZZOEMAILSCUOLA,INDIRIZZOPECSCUOLA,SITOWEBSCUOLA,SEDESCOLASTICA"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One measurement: rows, seconds, those of the bare loop just before, and how far memory rose, in bytes."""

    rows: int
    seconds: float
    bare_seconds: float
    memory: int

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.rows / self.seconds


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="bench-register-") as folder:
        path = PUBLISHED if PUBLISHED.is_file() else make_file(Path(folder) / "register.csv.gz")
        origin = "the ministry's file" if path == PUBLISHED else "a file of the same shape, made up"
        print(f"School register: {origin}, {path.stat().st_size / MEBIBYTE:.1f} MiB packed")
        report("bare csv.reader", measured(walk_bare, path))
        report("read and check", measured(read, path))
        report("take in one province (CR)", measured(take_in_cremona, path))
        report("take in all of Italy", measured(take_in_italy, path))
        report("all of Italy again", measured(take_in_italy_again, path))


def report(name: str, result: Result) -> None:
    """Print one line."""
    print(
        f"  {name:28} {result.rows:7,} rows {result.seconds:7.2f} s {result.rate:10,.0f} rows/s"
        f"  {result.seconds / result.bare_seconds:6.1f} x bare  peak +{result.memory / MEBIBYTE:6.1f} MiB"
    )


def measured(task: Callable[[Path], Result], path: Path) -> Result:
    """Run a task in processes of its own and give the fastest run."""
    context = multiprocessing.get_context("spawn")
    results = []
    for _repeat in range(REPEATS):
        with context.Pool(1) as pool:
            results.append(pool.apply(task, (path,)))
    return min(results, key=lambda result: result.seconds)


def watched(path: Path, work: Callable[[], int]) -> Result:
    """Walk over the file barely, do some work, and say how long both took and how far memory rose for the work."""
    bare_seconds = min(_seconds_of(partial(_walk, path)) for _repeat in range(REPEATS))
    gc.collect()
    _forget_peak()
    before = _memory("VmRSS")
    rows = 0

    def counted() -> None:
        nonlocal rows
        rows = work()

    seconds = _seconds_of(counted)
    return Result(rows=rows, seconds=seconds, bare_seconds=bare_seconds, memory=_memory("VmHWM") - before)


def _seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _walk(path: Path) -> int:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
        return sum(1 for _row in csv.reader(lines)) - 1


def _forget_peak() -> None:
    # Linux: 5 resets the high-water mark of this process, see proc(5). Setting up a database must not count.
    Path("/proc/self/clear_refs").write_text("5")


def _memory(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


def walk_bare(path: Path) -> Result:
    """Walk over the file with nothing but the standard library."""
    return watched(path, partial(_walk, path))


def read(path: Path) -> Result:
    """Read and check every row, building none that is not wanted."""

    def walk() -> int:
        with path.open("rb") as stream:
            table = open_table(stream, file_name=path.name)
            reader = RegisterReader(table, kind=kind_of(table), provinces=frozenset({"CREMONA"}))
            for _row in reader:
                pass
            return reader.row_count

    return watched(path, walk)


def take_in_cremona(path: Path) -> Result:
    """Take one province in; the whole file is checked on the way."""
    with _database(path):
        return watched(path, lambda: _take_in(path, provinces=["CR"]))


def take_in_italy(path: Path) -> Result:
    """Take every row in."""
    with _database(path):
        return watched(path, lambda: _take_in(path, provinces=[]))


def take_in_italy_again(path: Path) -> Result:
    """Take every row in a second time, which changes nothing."""
    with _database(path):
        _take_in(path, provinces=[])
        return watched(path, lambda: _take_in(path, provinces=[]))


def _take_in(path: Path, *, provinces: list[str]) -> int:
    with path.open("rb") as stream, unit_of_work():
        return schools.import_register(stream, file_name=path.name, provinces=provinces, now=clock.now()).rows


@contextmanager
def _database(path: Path) -> Iterator[None]:
    """Give a fresh SQLite database that knows every municipality of the file."""
    with tempfile.TemporaryDirectory(prefix="bench-register-") as folder:
        app = create_app(
            Settings.from_environment(
                {"INSTANCE": folder, "SECRET_KEY": "x" * 40, "LOG_LEVEL": "ERROR", "BASE_URL": "http://localhost"}
            )
        )
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            with unit_of_work():
                network.import_municipalities(_municipalities(path), file_name="municipalities.csv")
            yield


def _municipalities(path: Path) -> io.BytesIO:
    """List the municipalities of the file, with ISTAT codes made up under their province's."""
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
        places = {
            (row["CODICECOMUNESCUOLA"], row["DESCRIZIONECOMUNE"], row["PROVINCIA"]) for row in csv.DictReader(lines)
        }
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["codice_istat", "codice_catastale", "comune", "provincia"])
    numbers: dict[str, int] = {}
    for cadastral_code, name, province_name in sorted(places):
        province = find_province(province_name)
        if province is None:
            raise ValueError(province_name)
        numbers[province.code] = number = numbers.get(province.code, 0) + 1
        writer.writerow([f"{province.istat_code}{number:03d}", cadastral_code, name, province.code])
    return io.BytesIO(text.getvalue().encode())


def make_file(path: Path) -> Path:
    """Make a register of the national file's size: 104 provinces, 6,600 municipalities, six sites an institute."""
    types = ("SCUOLA PRIMARIA", "SCUOLA INFANZIA", "SCUOLA PRIMO GRADO", "LICEO SCIENTIFICO", "IST PROF ALBERGHIERO")
    provinces = [province for province in PROVINCES if province.code not in ("AO", "BZ", "TN")]
    with gzip.open(path, "wt", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(HEADER.split(","))
        for number in range(ROWS):
            place = (number // 6) % 6_600
            province = provinces[place % len(provinces)]
            institute = f"{province.code}IC{number // 6:06d}"
            is_head = number % 6 == 0
            writer.writerow(
                [
                    "202526", "NORD", "REGIONE", province.ministry_name, institute, f'IC "SCUOLA {number // 6}"',
                    institute if is_head else f"{province.code}EE{number:06d}", f'SCUOLA "NUMERO {number}"',
                    f"VIA PROVA {number}", f"{number % 90000:05d}",
                    f"{chr(ord('A') + place // 1000)}{place % 1000:03d}", f"COMUNE {place}", "NORMALE",
                    "ISTITUTO COMPRENSIVO" if is_head else types[number % len(types)], "SI" if is_head else "NO",
                    "Non Disponibile", f"{institute}@example.org", "Non Disponibile", "www.example.org", "NO",
                ]
            )  # fmt: skip
    return path


if __name__ == "__main__":
    main()
