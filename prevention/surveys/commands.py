"""``flask surveys …``: each body is one service call."""

import tempfile
from collections.abc import Iterator
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
    """Let somebody who has everything try to say whose answer is whose, in an installation of its own.

    Made-up pupils answer, one after the other. The adversary knows in which order the pupils of each class used their
    slips, has the whole database with its files and log, and guesses. Fails if guessing with all that is better than
    guessing blindly, or if a slip's code was written down anywhere.
    """
    with tempfile.TemporaryDirectory(prefix="prove-anonymity-") as folder:
        scratch = current_app.extensions["scratch"](Path(folder), database)
        verdict = adversary.attack(scratch, adversary.play(scratch, classes=classes, pupils=pupils))
        with scratch.app_context():
            db.engine.dispose()
    for line in _in_words(verdict, classes=classes, pupils=pupils):
        click.echo(line)
    if not verdict.holds:
        raise SystemExit(1)


def _in_words(verdict: adversary.Verdict, *, classes: int, pupils: int) -> Iterator[str]:
    """Say what was tried and what came of it, for somebody who did not write it."""
    answers = classes * pupils
    yield f"{classes} classes of {pupils} made-up pupils answered. The adversary knows in which order the pupils of"
    yield "each class used their slips, has the whole database, its files and its log, and says of each answer whose it"
    yield f"is. Whoever guesses blindly is right {classes} times of {answers}: once in each class."
    yield ""
    yield f"  {'Guessing by':28}{'right':>12}  {'likeness':>8}  a blind guess is as good"
    for tried in verdict.attacks:
        yield (
            f"  {tried.order:28}{f'{tried.right} of {answers}':>12}  {tried.correlation:>+8.3f}"
            f"  once in {1 / tried.chance:,.0f} runs"
        )
    yield ""
    yield "Likeness: of the order tried to the true one. 0 is none, 1 the same, -1 the same backwards."
    searched = "all tables, the log, and SQLite's files; what PostgreSQL keeps of old rows is in docs/operations.md"
    yield f"Codes of slips found in: {', '.join(verdict.traces) or 'nothing'} (searched: {searched})."
    yield f"A link counts as found when a blind guess is as good less than once in {1 / verdict.bound:,.0f} runs."
    if verdict.holds:
        yield "HOLDS: no answer is linked to a pupil better than by guessing blindly."
    else:
        found = [f"guessing by {order}" for order in verdict.links] + [f"a code in {place}" for place in verdict.traces]
        yield f"DOES NOT HOLD: {', '.join(found)}."
    yield "Not tried: who watches the network sees which device sends when; who stands behind a pupil sees the screen."
