"""``flask surveys …``: each body is one service call."""

from pathlib import Path

import click
from flask.cli import AppGroup

from prevention.core import clock
from prevention.core.csv_reading import FileRefused
from prevention.core.db import unit_of_work
from prevention.surveys import service, wording
from prevention.surveys.instruments import instruments, read_instrument

group = AppGroup("surveys", help="Questionnaires and waves.")


@group.command("publish-questionnaire")
@click.argument("code", default="core")
def publish_questionnaire(code: str) -> None:
    """Publish the questionnaire CODE that comes with the application; a second run changes nothing."""
    with unit_of_work():
        row = service.publish_shipped(code)
        click.echo(f"{row.code} {row.version}")


@group.command("load-instrument")
@click.argument("code", type=click.Choice(sorted(instruments())))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--licence", required=True, help="Licence or permission under which the text may be used, with its date.")
def load_instrument(code: str, file: Path, licence: str) -> None:
    """Load the licensed text of the instrument CODE from FILE (CSV: unit, it, en); see the page of the instrument."""
    try:
        texts = read_instrument(file.read_bytes(), code, file_name=file.name)
    except FileRefused as refused:
        raise click.ClickException(wording.instrument_refusal(refused)) from refused
    with unit_of_work():
        service.load_instrument(None, code, texts, licence=licence, today=clock.today())
    click.echo(f"{code}: {len(texts)} texts")
