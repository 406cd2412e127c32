"""Commands of the library: ``flask resources …``."""

import uuid

import click
from flask.cli import AppGroup

from prevention.accounts import service as accounts
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.resources import quality, search

group = AppGroup("resources", help="The library of materials.")


class _Undo(Exception):
    """Raised to roll a measurement back."""


@group.command("reindex")
def reindex() -> None:
    """Write the search index anew, e.g. after an update or when programmes were renamed."""
    with unit_of_work():
        count = search.reindex()
    click.echo(f"{count} materials indexed.")


@group.command("search-quality")
def search_quality() -> None:
    """Print recall@5 over the teachers' questions. Works on any database and leaves nothing in it."""
    measured: dict[str, quality.Quality] = {}
    try:
        with unit_of_work():
            author = accounts.add_user(
                f"{uuid.uuid4().hex}@example.org", name="Search quality", password=None, grants=()
            )
            measured = quality.measure(author.id, now=clock.now())
            raise _Undo
    except _Undo:
        pass
    for kind, words in (
        ("question", "fixed set"),
        ("held_out", "held out of the first tuning"),
        ("fresh", "written after the first tuning"),
        ("newest", "written after the synonyms, never tuned on"),
    ):
        result = measured[kind]
        click.echo(
            f"{db.engine.dialect.name}: {words}, {result.questions} questions: recall@{quality.AT} {result.recall:.3f}"
        )
        for asked, found in result.missed:
            click.echo(f"  missed: {asked}  ->  {', '.join(found) or 'nothing'}")
