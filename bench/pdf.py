"""How long the yearly report takes beside bare WeasyPrint on the very same finished page, in the same run.

Run ``.venv/bin/python -m bench.pdf``. "Ours" is everything after the figures: words, charts, layout, tags, PDF/A and
PDF/UA, data attached. "Bare" is ``weasyprint.HTML(page).write_pdf()`` with the same fonts and no tags. The two take
turns in one process and the best of each counts, in seconds of processor time, so that neighbours on the machine
matter less. The ratio travels between machines, the seconds do not.

Then every paper of such a district: 80 school sheets, the pages for 113 mayors and the papers of the whole, in
Italian, on all cores (`reports.building`), beside the same pages one after the other by bare WeasyPrint. What is set
against bare WeasyPrint is processor time, that of the processes' start included; how busy the cores were is printed
beside it. Peak memory is that of the largest process; it is printed for a fifth of the papers too, so that one sees
that it does not grow.
"""

import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import weasyprint
from pypdf import PdfReader
from weasyprint.text.fonts import FontConfiguration

from prevention import create_app
from prevention.config import Settings
from prevention.core.pdf import STATIC, font_faces
from prevention.indicators.catalogue import catalogue
from prevention.indicators.published import Dimension, PublishedTable
from prevention.reports import building, charts, papers
from prevention.reports.figures import GroupName, YearFigures
from tests.factories.reports import make_activity, make_cell, make_figures, make_school, make_table

Made = TypeVar("Made")

SCHOOLS = 80
MUNICIPALITIES = 113
REPEATS = 3
# Bare WeasyPrint makes one in so many of the pages; the others are taken to cost the same.
BARE_EVERY = 4
REPORT = papers.Paper(kind=papers.Kind.IMPACT, language="it")
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """Best seconds of processor time of each part; `cold` is the first report of a process, no chart remembered."""

    cold: float
    words: float
    paper: float
    bare: float

    @property
    def ratio(self) -> float:
        """Ours beside bare, charts drawn before."""
        return (self.words + self.paper) / self.bare


@dataclass(frozen=True, kw_only=True, slots=True)
class Lot:
    """Many papers made at once: seconds on the wall and of processors, bare WeasyPrint's, bytes at the peak."""

    papers: int
    pages: int
    seconds: float
    cpu: float
    bare: float
    peak: int


def main() -> None:
    """Measure and print."""
    figures = district()
    with tempfile.TemporaryDirectory(prefix="bench-pdf-") as folder:
        app = create_app(Settings.from_environment({"INSTANCE": folder, "LOG_LEVEL": "ERROR"}))
        with app.app_context():
            bare_pdf(papers.page(make_figures(), REPORT).html)
            charts._svg.cache_clear()
            result, pdf = measure(figures)
            lots = [measure_lot(figures, share=share) for share in (5, 1)]
    pages = len(PdfReader(BytesIO(pdf)).pages)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        f"Yearly report: {SCHOOLS} schools, {len(figures.tables)} survey tables, {pages} pages, {len(pdf) // 1024} KiB"
    )
    print(f"  bare WeasyPrint, same page   {result.bare:6.2f} s")
    print(f"  words and remembered charts  {result.words:6.2f} s")
    print(f"  accessible, archivable PDF   {result.paper:6.2f} s")
    print(f"  ours beside bare             {result.ratio:6.2f} x   {pages / (result.words + result.paper):.1f} pages/s")
    print(f"  first report, charts drawn   {result.cold:6.2f} s   {result.cold / result.bare:.2f} x bare")
    print(f"  peak memory                  {peak / MEBIBYTE:6.0f} MiB")
    print(f"Papers of the year, on {os.cpu_count()} cores")
    for lot in lots:
        print(
            f"  {lot.papers:4} papers, {lot.pages:5} pages  {lot.seconds:6.1f} s"
            f"  {lot.pages / lot.seconds:5.1f} pages/s"
            f"  {lot.cpu / lot.bare:.2f} x bare (processor time)"
            f"  {lot.cpu / lot.seconds:.1f} cores busy"
            f"  largest process {lot.peak / MEBIBYTE:.0f} MiB"
        )


def measure(figures: YearFigures) -> tuple[Result, bytes]:
    """Let the two take turns; give the best of each and the report."""
    cold_words, page = timed(lambda: papers.page(figures, REPORT))
    cold_paper, pdf = timed(lambda: papers.document(figures, page))
    rounds = []
    for _round in range(REPEATS):
        bare, _plain = timed(lambda: bare_pdf(page.html))
        words, _page = timed(lambda: papers.page(figures, REPORT))
        paper, _pdf = timed(lambda: papers.document(figures, page))
        rounds.append((bare, words, paper))
    bare, words, paper = (min(values) for values in zip(*rounds, strict=True))
    return Result(cold=cold_words + cold_paper, words=words, paper=paper, bare=bare), pdf


def measure_lot(figures: YearFigures, *, share: int) -> Lot:
    """Make every `share`-th paper of a year on all cores, then the pages of a part of them by bare WeasyPrint."""
    wanted = papers.papers_of(figures, languages=("it",))[::share]
    pages = 0
    with tempfile.TemporaryDirectory(prefix="bench-papers-") as folder:
        begin, used = time.perf_counter(), processor_seconds()
        built = list(building.build(figures, wanted, Path(folder)))
        seconds, cpu = time.perf_counter() - begin, processor_seconds() - used
        for one in built:
            pages += len(PdfReader(Path(folder) / one.file_name).pages)
    tried = wanted[::BARE_EVERY]
    bare = sum(timed(lambda page=page: bare_pdf(page))[0] for page in [papers.page(figures, one).html for one in tried])  # type: ignore[misc]  # called at once
    peak = max(one.peak for one in built)
    return Lot(
        papers=len(built), pages=pages, seconds=seconds, cpu=cpu, bare=bare * len(wanted) / len(tried), peak=peak
    )


def processor_seconds() -> float:
    """Give the seconds of processor time of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def timed(work: Callable[[], Made]) -> tuple[float, Made]:
    """Give the seconds of processor time that some work took, and what it gave."""
    begin = time.process_time()
    made = work()
    return time.process_time() - begin, made


def bare_pdf(html: str) -> bytes:
    """Make a plain PDF of the page as WeasyPrint does by itself."""
    fonts = FontConfiguration()
    base = f"{STATIC.as_uri()}/"
    style = weasyprint.CSS(string=font_faces(), base_url=base, font_config=fonts)
    made: bytes = weasyprint.HTML(string=html, base_url=base).write_pdf(stylesheets=[style], font_config=fonts)
    return made


def district() -> YearFigures:
    """Make the figures of a whole district: many schools, and every indicator by sex, grade and kind of school."""
    base = make_figures()
    schools = [
        make_school(number, is_reached=number % 5 != 0, municipality=f"Comune {number}", istat_code=f"0191{number:02d}")
        for number in range(1, SCHOOLS + 1)
    ]
    activity = make_activity(programmes=base.activity.programmes, schools=schools)
    first = activity.municipalities[0]
    others = tuple(
        replace(first, istat_code=f"0190{number:02d}", name=f"Comune senza scuole {number}")
        for number in range(1, MUNICIPALITIES - SCHOOLS + 1)
    )
    return replace(
        base,
        activity=replace(activity, municipalities=activity.municipalities + others),
        tables=_tables(is_last_year=False),
        tables_before=_tables(is_last_year=True),
        groups=tuple(GroupName(key=key, name=name) for key, name in catalogue().groups.items()),
    )


def _tables(*, is_last_year: bool) -> tuple[PublishedTable, ...]:
    year = {"school_year": 2025} if is_last_year else {}
    domains = {
        Dimension.ALL: ("all",),
        Dimension.SEX: ("female", "male"),
        Dimension.GRADE: tuple(f"secondo_grado-{grade}" for grade in range(1, 6)),
    }
    return tuple(
        make_table(
            one.id, name=one.name, group=one.group, dimension=dimension,
            cells=[make_cell(domain, share=0.1 + (place % 50) / 100) for domain in found], **year,
        )
        for place, one in enumerate(catalogue().indicators)
        for dimension, found in domains.items()
    )  # fmt: skip


if __name__ == "__main__":
    main()
