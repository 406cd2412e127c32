"""Commands that belong to no single room: the demo, and the jobs process."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from prevention import jobs
from prevention.demo import loading

demo = AppGroup("demo", help="A made-up district to walk through.")
jobs_group = AppGroup("jobs", help="What the clock does.")
GROUPS = (demo, jobs_group)


@demo.command("load")
@click.option(
    "--register",
    "register_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The ministry's register of state schools instead of the made-up one.",
)
@click.option("--if-empty", is_flag=True, help="Do nothing, without a word, where there is something already.")
def load(register_file: Path | None, *, if_empty: bool) -> None:
    """Fill an empty database with a made-up district."""
    try:
        summary = loading.load(register_file)
    except loading.NotEmpty:
        if if_empty:
            return
        raise click.ClickException(
            "The database is not empty. The demo never mixes with real rows: use another DATABASE_URL."
        ) from None
    click.echo(summary)


@demo.command("sign-ins")
def sign_ins() -> None:
    """Print whom to sign in as, and a code to answer the questionnaire with."""
    for line in loading.sign_ins():
        click.echo(line)


@demo.command("year")
def year() -> None:
    """Make the report of the demo's year and print the path of the PDF."""
    click.echo(loading.build_report(Path(current_app.instance_path) / "reports"))


@jobs_group.command("run")
def run_jobs() -> None:
    """Run the timetable until told to stop."""
    jobs.run(current_app._get_current_object())  # type: ignore[attr-defined]  # the object behind the proxy
