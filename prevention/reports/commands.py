"""Commands of reports: ``flask reports …``."""

import re
import sys
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import click
from flask.cli import AppGroup

from prevention.core import clock
from prevention.core.db import unit_of_work
from prevention.core.i18n import in_language
from prevention.core.languages import OFFERED_LANGUAGES
from prevention.reports import building, closing, service, wording
from prevention.reports.comparing import add_what_is_no_paper
from prevention.reports.consistency import Papers
from prevention.reports.edition_rules import Missing, YearNotClosed
from prevention.reports.figures import YearFigures
from prevention.reports.folders import FolderRefused, put_in_place, staged
from prevention.reports.papers import Kind, Paper, papers_of
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
@click.option(
    "--accept-missing",
    "accepted",
    type=click.IntRange(min=0),
    default=0,
    help="So many missing registers are accepted: the papers say how many they are.",
)
def build(school_year: int, folder: Path, language: str | None, kinds: tuple[str, ...], accepted: int) -> None:
    """Build every paper of a closed school year into a folder, compare them, and print their paths.

    The folder gets all of them or none.
    """
    figures = _figures(school_year, accepted=accepted)
    wanted = [
        one for one in papers_of(figures, languages=(language,) if language else None) if not kinds or one.kind in kinds
    ]
    if not wanted:
        raise click.ClickException(f"no such paper is made in {language}: its words are not complete and approved")
    try:
        with staged(folder) as staging:
            names, compared = _made(figures, wanted, staging)
            put_in_place(staging, folder, names)
    except FolderRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except BrokenProcessPool as error:
        raise click.ClickException(
            f"a process that made papers was ended from outside (memory?); nothing in {folder} was changed"
        ) from error
    for name in names:
        click.echo(folder / name)
    click.echo(
        f"{compared} figures stand in more than one place (papers, data, web page), and are equal in all.", err=True
    )


def _figures(school_year: int, *, accepted: int) -> YearFigures:
    """Collect the figures of a closed year, and say which registers the papers will miss."""
    label = school_year_label(school_year)
    try:
        with unit_of_work():
            missing = closing.check_closed(school_year, today=clock.today(), accepted=accepted)
            figures = service.figures_of(school_year, today=clock.today())
    except YearNotOffered as refusal:
        raise click.ClickException(f"there is no report for the school year {label}") from refusal
    except YearNotClosed as refusal:
        lines = "".join(f"\n  - {sentence}" for sentence in _sentences(refusal.missing))
        raise click.ClickException(f"the school year {label} is not closed:{lines}") from refusal
    for sentence in _sentences(missing):
        click.echo(f"{sentence} The papers say so.", err=True)
    return figures


def _made(figures: YearFigures, wanted: Sequence[Paper], staging: Path) -> tuple[list[str], int]:
    """Make papers; give their names in the order asked for, and how many figures stand in more than one."""
    compared = Papers()
    names: dict[Paper, str] = {}
    made = building.build(figures, wanted, staging)
    with click.progressbar(made, length=len(wanted), label="Making the papers", file=sys.stderr) as bar:
        for built in bar:
            compared.add(built.paper.language, built.file_name, built.figures)
            names[built.paper] = built.file_name
    add_what_is_no_paper(compared, figures, languages=tuple({paper.language: None for paper in wanted}))
    for disagreement in compared.disagreements():
        click.echo(disagreement, err=True)
    if compared.disagreements():
        raise click.ClickException("the papers do not say the same")
    return [names[paper] for paper in wanted], compared.compared


def _sentences(missing: Missing) -> list[str]:
    with in_language("en"):
        return wording.missing_words(missing)
