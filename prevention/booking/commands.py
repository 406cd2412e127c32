"""Commands of booking: ``flask booking …``."""

import sys

import click
from flask.cli import AppGroup

from prevention.booking import audit

group = AppGroup("booking", help="Dated places and bookings.")


@group.command("audit")
def check() -> None:
    """Search the whole database for overbooking, double booking and orphans; fail when there are any."""
    found = audit.violations()
    for violation in found:
        click.echo(f"{violation.fault.value}: {violation.row_id}")
    click.echo(f"{len(found)} found")
    if found:
        sys.exit(1)
