"""Commands of reports: ``flask reports …``."""

import re
from pathlib import Path

import click
from flask.cli import AppGroup

from prevention.core import clock
from prevention.core.db import unit_of_work
from prevention.core.i18n import DEFAULT_LANGUAGE, LANGUAGES
from prevention.reports import service
from prevention.reports.rules import YearNotOffered
from prevention.schools.rules import school_year_label

group = AppGroup("reports", help="The yearly report.")

_YEAR = re.compile(r"(?P<first>20\d\d)(?:/(?P<second>\d\d))?")


def read_year(_context: click.Context, _parameter: click.Parameter, text: str) -> int:
    """Read a school year as "2026/27" or "2026".

    Raises:
        click.BadParameter: it is neither, or the two halves do not follow each other.
    """
    found = _YEAR.fullmatch(text.strip())
    year = int(found["first"]) if found else 0
    if found is None or school_year_label(year) not in (text.strip(), f"{text.strip()}/{(year + 1) % 100:02d}"):
        raise click.BadParameter(f"{text!r} is not a school year; write it as 2026/27")
    return year


@group.command("build")
@click.option("--year", "school_year", required=True, callback=read_year, help="School year, e.g. 2026/27.")
@click.option(
    "--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where to put the PDF."
)
@click.option("--language", type=click.Choice(LANGUAGES), default=DEFAULT_LANGUAGE, show_default=True)
def build(school_year: int, folder: Path, language: str) -> None:
    """Build the yearly report into a folder and print its path."""
    try:
        with unit_of_work():
            name, pdf = service.build_report(school_year, language=language, today=clock.today())
    except YearNotOffered as refusal:
        label = school_year_label(refusal.school_year)
        raise click.ClickException(f"there is no report for the school year {label}") from refusal
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(pdf)
    click.echo(path)
