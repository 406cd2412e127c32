"""Commands of the network: ``flask network …``."""

from pathlib import Path

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core.csv_reading import FileRefused
from prevention.core.csv_wording import refusal_in_words
from prevention.core.db import unit_of_work
from prevention.network import service
from prevention.network.boundaries.reading import BoundariesRefused
from prevention.network.rules import OrganisationKind
from prevention.network.wording import MUNICIPALITY_REASONS, boundaries_refused_in_words, boundary_report_in_words

group = AppGroup("network", help="The district: municipalities and help services.")

ExistingFile = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("import-municipalities")
@click.argument("file", type=ExistingFile)
def import_municipalities(file: Path) -> None:
    """Take municipalities in from FILE (codice_istat, codice_catastale, comune, …)."""
    try:
        with file.open("rb") as stream, unit_of_work():
            report = service.import_municipalities(stream, file_name=file.name)
    except FileRefused as refusal:
        words = refusal_in_words(refusal, reasons=MUNICIPALITY_REASONS)
        raise click.ClickException(words + " " + _("Nothing was changed.")) from refusal
    click.echo(
        _(
            "%(rows)s municipalities: %(added)s new, %(changed)s changed, %(unchanged)s as before.",
            rows=report.rows,
            added=report.added,
            changed=report.changed,
            unchanged=report.unchanged,
        )
    )


@group.command("import-boundaries")
@click.argument("file", type=ExistingFile)
@click.option("--source", default="", help="Where the boundaries come from, e.g. ISTAT; printed under every map.")
@click.option("--licence", default="", help="The licence of the boundaries, e.g. CC BY 4.0; printed under every map.")
def import_boundaries(file: Path, source: str, licence: str) -> None:
    """Take boundaries of municipalities in from FILE (GeoJSON in degrees, EPSG:4326)."""
    try:
        with file.open("rb") as stream, unit_of_work():
            report = service.import_boundaries(stream, file_name=file.name, source=source, licence=licence)
    except BoundariesRefused as refusal:
        raise click.ClickException(boundaries_refused_in_words(refusal) + " " + _("Nothing was changed.")) from refusal
    for sentence in boundary_report_in_words(report):
        click.echo(sentence)


@group.command("add-organisation")
@click.argument("name")
@click.option("--kind", type=click.Choice([kind.value for kind in OrganisationKind]), required=True)
def add_organisation(name: str, *, kind: str) -> None:
    """Add an organisation of the district, e.g. a provider of programmes."""
    with unit_of_work():
        service.add_organisation(name, kind=OrganisationKind(kind))
    click.echo(_("%(name)s is in the network.", name=name))


@group.command("load-help-services")
def load_help_services() -> None:
    """Bring the help services in step with the file that comes with the program."""
    with unit_of_work():
        changes = service.load_help_services()
    click.echo(ngettext("%(num)d help service changed.", "%(num)d help services changed.", changes))
