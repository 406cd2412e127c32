"""Commands of booking: ``flask booking …``."""

import sys

import click
from flask.cli import AppGroup

from prevention.booking import audit
from prevention.booking.sample_year import REFERENCE, REFERENCE_SEED, Size, sample_year
from prevention.booking.service import sample
from prevention.core import clock
from prevention.core.db import unit_of_work

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


@group.command("sample-year")
@click.option("--seed", default=REFERENCE_SEED, show_default=True, help="The same seed makes the same district.")
@click.option("--requests", default=REFERENCE.requests, show_default=True, type=click.IntRange(1, 3000))
@click.option("--facilitators", default=REFERENCE.facilitators, show_default=True, type=click.IntRange(0, 200))
@click.option("--sites", default=REFERENCE.sites, show_default=True, type=click.IntRange(1, 400))
@click.option("--municipalities", default=REFERENCE.municipalities, show_default=True, type=click.IntRange(1, 113))
def make_sample_year(seed: int, *, requests: int, facilitators: int, sites: int, municipalities: int) -> None:
    """Fill an empty database with a made-up district whose classes wait for the dates of a year."""
    size = Size(requests=requests, facilitators=facilitators, sites=sites, municipalities=min(sites, municipalities))
    try:
        with unit_of_work():
            sample.write_sample(sample_year(size, seed=seed), now=clock.now())
    except sample.NotEmpty:
        raise click.ClickException(
            "The database is not empty. Made-up rows never mix with real ones: use another DATABASE_URL."
        ) from None
    click.echo(
        f"{requests} requests, {facilitators} facilitators, {sites} sites in {size.municipalities} municipalities "
        f"for {sample.SCHOOL_YEAR}/{(sample.SCHOOL_YEAR + 1) % 100}, made up from seed {seed}."
    )
