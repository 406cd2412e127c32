"""Commands for people: add somebody who may sign in."""

import click
from flask.cli import AppGroup

from prevention.accounts import service
from prevention.core.db import unit_of_work
from prevention.network import service as network
from prevention.roles import Role
from prevention.schools import service as schools

SHORTEST_PASSWORD = 12

group = AppGroup("accounts", help="People who sign in.")


@group.command("add-person")
@click.argument("email")
@click.option("--name", required=True, help="Name and surname, as others read it.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--institute", help="Code of the institute that a coordinator works for.")
@click.option("--organisation", help="Name of the organisation that a facilitator or partner works for.")
@click.password_option()
def add_person(
    email: str, *, name: str, role: str, institute: str | None, organisation: str | None, password: str
) -> None:
    """Add a person with a role, or give one who is there another role and a new password."""
    if len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"The password needs at least {SHORTEST_PASSWORD} characters.")
    with unit_of_work():
        service.add_user(email, name=name, password=password, grants=(_grant(role, institute, organisation),))
    click.echo(f"{email} can sign in as {role}.")


def _grant(role: str, institute: str | None, organisation: str | None) -> service.Grant:
    if role == Role.COORDINATOR:
        found = schools.institute_by_code(institute or "")
        if found is None:
            raise click.ClickException("Give the code of an institute in the register with --institute.")
        return service.Grant(role=Role.COORDINATOR, institute_id=found.id)
    if role in (Role.FACILITATOR, Role.PARTNER):
        body = network.find_organisation(organisation or "")
        if body is None:
            raise click.ClickException("Give the name of an organisation in the network with --organisation.")
        return service.Grant(role=Role(role), organisation_id=body.id)
    return service.Grant(role=Role(role))
