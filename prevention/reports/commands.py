"""Commands of reports: ``flask reports …``."""

import re
from pathlib import Path

import click
from flask.cli import AppGroup

from prevention.core import clock
from prevention.core.db import unit_of_work
from prevention.core.languages import OFFERED_LANGUAGES
from prevention.reports import building, service
from prevention.reports.consistency import Papers
from prevention.reports.papers import Kind, papers_of
from prevention.reports.rules import YearNotOffered
from prevention.schools.rules import school_year_label

group = AppGroup("reports", help="The papers of a year.")

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
    "--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where to put the PDFs."
)
@click.option("--language", type=click.Choice(list(OFFERED_LANGUAGES)), help="One language only; all without it.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="These kinds of papers only.",
)
def build(school_year: int, folder: Path, language: str | None, kinds: tuple[str, ...]) -> None:
    """Build every paper of a school year into a folder, compare them, and print their paths."""
    try:
        with unit_of_work():
            figures = service.figures_of(school_year, today=clock.today())
    except YearNotOffered as refusal:
        label = school_year_label(refusal.school_year)
        raise click.ClickException(f"there is no report for the school year {label}") from refusal
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [
        one for one in papers_of(figures, languages=(language,) if language else None) if not kinds or one.kind in kinds
    ]
    if not wanted:
        raise click.ClickException(f"no such paper is made in {language}: its words are not complete and approved")
    compared = Papers()
    for built in building.build(figures, wanted, folder):
        compared.add(built.paper.language, built.file_name, built.figures)
        click.echo(folder / built.file_name)
    for disagreement in compared.disagreements():
        click.echo(disagreement, err=True)
    if compared.disagreements():
        raise click.ClickException("the papers do not say the same")
    click.echo(f"{compared.compared} figures stand in more than one paper, and are equal in all.", err=True)
