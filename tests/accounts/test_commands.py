"""Adding people from the command line."""

from flask import Flask

from prevention.accounts.service import find_user
from prevention.roles import Role
from tests.factories.network import make_organisation
from tests.factories.schools import make_institute

PASSWORD = ["--password", "long enough to be one"]


def add(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["accounts", "add-person", *arguments, *PASSWORD])
    return result.exit_code, result.output


def test_the_first_person_of_the_office_is_added(app: Flask) -> None:
    code, _output = add(app, "eva@example.org", "--name", "Eva", "--role", "office")

    user = find_user("eva@example.org")
    assert code == 0
    assert user is not None
    assert [Role.OFFICE] == [grant.role for grant in user.roles]


def test_a_coordinator_needs_an_institute_of_the_register(app: Flask) -> None:
    institute = make_institute()

    refused, words = add(app, "eva@example.org", "--name", "Eva", "--role", "coordinator", "--institute", "CRIS00000X")
    taken, _output = add(
        app, "eva@example.org", "--name", "Eva", "--role", "coordinator", "--institute", institute.code
    )

    assert (1, True) == (refused, "--institute" in words)
    assert taken == 0


def test_a_facilitator_needs_an_organisation_of_the_network(app: Flask) -> None:
    organisation = make_organisation()

    refused, words = add(app, "eva@example.org", "--name", "Eva", "--role", "facilitator")
    arguments = ("--name", "Eva", "--role", "facilitator", "--organisation", organisation.name)
    taken, _output = add(app, "eva@example.org", *arguments)

    assert (1, True) == (refused, "--organisation" in words)
    assert taken == 0


def test_a_short_password_is_refused_and_nobody_is_added(app: Flask) -> None:
    result = app.test_cli_runner().invoke(
        args=["accounts", "add-person", "eva@example.org", "--name", "Eva", "--role", "office", "--password", "short"]
    )

    assert (1, None) == (result.exit_code, find_user("eva@example.org"))
