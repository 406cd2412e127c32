"""Commands of the programmes: ``flask programmes …``."""

import click
from flask.cli import AppGroup

from prevention.core.db import unit_of_work
from prevention.programmes import service

group = AppGroup("programmes", help="The catalogue of programmes.")


@group.command("load-known")
def load_known() -> None:
    """Add the programmes known in Italy that are missing from the catalogue."""
    with unit_of_work():
        report = service.load_known()
    for slug in report.added:
        click.echo(f"added {slug}")
    click.echo(f"{len(report.added)} added, {report.kept} already there")
