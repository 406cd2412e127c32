"""``flask surveys …``: each body is one service call."""

import tempfile
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from prevention.core import clock
from prevention.core.csv_reading import FileRefused
from prevention.core.db import db, unit_of_work
from prevention.surveys import adversary, service, wording
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


@group.command("prove-anonymity")
@click.option("--classes", default=12, show_default=True, type=click.IntRange(2, 200))
@click.option("--pupils", default=25, show_default=True, type=click.IntRange(10, adversary.MOST_PUPILS))
@click.option("--database", default="", help="An empty PostgreSQL database to try it on; a new SQLite file without.")
def prove_anonymity(classes: int, pupils: int, database: str) -> None:
    """Let an adversary link made-up answers to codes, in an installation of its own; fails if one link is found."""
    with tempfile.TemporaryDirectory(prefix="prove-anonymity-") as folder:
        scratch = current_app.extensions["scratch"](Path(folder), database)
        verdict = adversary.attack(scratch, adversary.play(scratch, classes=classes, pupils=pupils))
        with scratch.app_context():
            db.engine.dispose()
    click.echo(f"{classes} classes of {pupils}; by chance {classes} right pairs, correlation 0")
    for tried in verdict.attacks:
        click.echo(
            f"  {tried.order:26} {tried.right:4} right pairs, correlation {tried.correlation:+.3f},"
            f" as good by chance once in {1 / tried.chance:,.0f}"
        )
    click.echo(f"  codes found in: {', '.join(verdict.traces) or 'nothing'}")
    click.echo(f"Bound: once in {1 / verdict.bound:,.0f}. " + ("Holds." if verdict.holds else "LINKED."))
    if not verdict.holds:
        raise SystemExit(1)
