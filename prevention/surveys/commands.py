"""``flask surveys …``: each body is one service call."""

import click
from flask.cli import AppGroup

from prevention.core.db import unit_of_work
from prevention.surveys import service

group = AppGroup("surveys", help="Questionnaires and waves.")


@group.command("publish-questionnaire")
@click.argument("code", default="core")
def publish_questionnaire(code: str) -> None:
    """Publish the questionnaire CODE that comes with the application; a second run changes nothing."""
    with unit_of_work():
        row = service.publish_shipped(code)
        click.echo(f"{row.code} {row.version}")
