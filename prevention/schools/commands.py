"""Commands of the schools room: ``flask schools …``. Each body is one service call in one transaction."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core import clock
from prevention.core.csv_reading import FileRefused
from prevention.core.db import unit_of_work
from prevention.network import service as network
from prevention.schools import service
from prevention.schools.ministry_files import FileKind
from prevention.schools.rules import school_year_label, school_year_of
from prevention.schools.wording import KIND_WORDS, file_refusal_in_words

group = AppGroup("schools", help="The school register and the pupils enrolled.")

ExistingFile = click.Path(exists=True, dir_okay=False, path_type=Path)
AUTO = "auto"

# How many lines of a kind a report on the terminal shows.
LINES_SHOWN = 20


@group.command("import-register")
@click.argument("files", type=ExistingFile, nargs=-1, required=True)
@click.option(
    "--province",
    "provinces",
    multiple=True,
    help="Car-plate code or name, also several times; without it, the provinces whose municipalities are loaded.",
)
@click.option(
    "--kind",
    type=click.Choice([AUTO, FileKind.STATE.value, FileKind.NON_STATE.value]),
    default=AUTO,
    show_default=True,
)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def import_register(files: Sequence[Path], provinces: Sequence[str], kind: str, *, dry_run: bool) -> None:
    """Take the ministry's registers of schools in, as published (CSV, packed or not). All FILES or none."""
    found_kind = None if kind == AUTO else FileKind(kind)
    _take_in(files, provinces=provinces, kind=found_kind, dry_run=dry_run)


@group.command("import-enrolments")
@click.argument("file", type=ExistingFile)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def import_enrolments(file: Path, *, dry_run: bool) -> None:
    """Take the ministry's pupils per school in (ANNOSCOLASTICO, CODICESCUOLA, NUMEROSTUDENTI)."""
    _take_in([file], provinces=[], kind=FileKind.ENROLMENTS, dry_run=dry_run)


@group.command("load-calendar")
@click.option("--year", "years", type=int, multiple=True, help="School year as its first calendar year, e.g. 2026.")
def load_calendar(years: Sequence[int]) -> None:
    """Load the school calendar of this school year and the next: region, national days, patron day."""
    this_year = school_year_of(clock.today())
    with unit_of_work():
        for year in years or (this_year, this_year + 1):
            added = service.load_year(None, year)
            label = school_year_label(year)
            if added is None:
                click.echo(_("%(year)s: loaded before; nothing was changed.", year=label))
            else:
                click.echo(
                    ngettext(
                        "%(year)s: loaded with %(num)d closure.",
                        "%(year)s: loaded with %(num)d closures.",
                        added,
                        year=label,
                    )
                )


def _take_in(paths: Sequence[Path], *, provinces: Sequence[str], kind: FileKind | None, dry_run: bool) -> None:
    try:
        with ExitStack() as stack:
            sources = [
                service.SourceFile(name=path.name, stream=stack.enter_context(path.open("rb"))) for path in paths
            ]
            stack.enter_context(unit_of_work())
            wanted = provinces or [province.code for province in network.loaded_provinces()]
            if dry_run:
                reports = service.preview_files(sources, provinces=wanted, kind=kind)
            else:
                reports = service.import_files(sources, provinces=wanted, kind=kind, now=clock.now())
    except FileRefused as refusal:
        words = file_refusal_in_words(refusal) + " " + _("Nothing was changed.")
        raise click.ClickException(words) from refusal
    for report in reports:
        click.echo("\n".join(_lines(report)))
    if dry_run:
        click.echo(_("Dry run: nothing was changed."))


def _lines(report: service.FileReport) -> list[str]:
    if isinstance(report, service.EnrolmentReport):
        return _enrolment_lines(report)
    return _register_lines(report)


def _register_lines(report: service.RegisterReport) -> list[str]:
    lines = [
        _(
            "%(file)s: %(kind)s %(year)s, %(rows)s rows, of which %(taken)s in %(provinces)s.",
            file=report.file_name,
            kind=KIND_WORDS[report.kind],
            year=school_year_label(report.school_year),
            rows=report.rows,
            taken=report.taken,
            provinces=", ".join(report.provinces),
        ),
        _counts_line(report.counts),
    ]
    if report.is_older:
        lines.append(_("A newer register was taken in before: only schools that were not known were added."))
    if report.missing:
        lines.append(
            ngettext(
                "%(num)d school is no longer listed; it stays in the register:",
                "%(num)d schools are no longer listed; they stay in the register:",
                len(report.missing),
            )
        )
        lines += _shortened([f"  {site.code} {site.name} ({site.municipality})" for site in report.missing])
    return lines


def _enrolment_lines(report: service.EnrolmentReport) -> list[str]:
    lines = [
        _(
            "%(file)s: %(kind)s, %(rows)s rows, of which %(taken)s of this district.",
            file=report.file_name,
            kind=KIND_WORDS[report.kind],
            rows=report.rows,
            taken=report.taken,
        ),
        _counts_line(report.counts),
    ]
    lines += [
        _(
            "  %(year)s: %(pupils)s pupils in %(schools)s schools (%(low)s with 3 or fewer).",
            year=school_year_label(year.school_year),
            pupils=year.pupils,
            schools=year.schools,
            low=year.low,
        )
        for year in report.years
    ]
    if report.absent:
        lines.append(
            ngettext(
                "%(num)d code is not in the register; its pupils are kept under the code:",
                "%(num)d codes are not in the register; their pupils are kept under the code:",
                len(report.absent),
            )
        )
        lines += _shortened([f"  {code} ({', '.join(map(school_year_label, years))})" for code, years in report.absent])
    return lines


def _counts_line(counts: service.ImportCounts) -> str:
    return "  " + _(
        "%(added)s new, %(changed)s changed, %(unchanged)s as before.",
        added=counts.added,
        changed=counts.changed,
        unchanged=counts.unchanged,
    )


def _shortened(lines: list[str]) -> list[str]:
    rest = len(lines) - LINES_SHOWN
    if rest <= 0:
        return lines
    return [*lines[:LINES_SHOWN], "  " + ngettext("and %(num)d more", "and %(num)d more", rest)]
