"""A partner's desk is the page of the organisation; a facilitator or an analyst keeps their own."""

from collections.abc import Callable

from prevention.accounts.models import User
from prevention.demo.district import COORDINATOR_EMAIL, FACILITATOR_EMAIL, OFFICE_EMAIL, SECOND_EMAIL
from prevention.demo.network_life import PARTNER_EMAIL
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.network import make_organisation
from tests.support.http import Client


def test_the_desk_of_a_partner_is_the_page_of_the_organisation(dario: User, sign_in: Callable[[User], Client]) -> None:
    partner = make_user("Franca", Role.PARTNER, organisation_id=make_organisation(name="Comune").id)

    response = sign_in(partner).get("/desk")

    assert (303, "/network/mine") == (response.status_code, response.location)
    assert "Comune" in sign_in(partner).page("/network/mine").text
    assert 200 == sign_in(dario).get("/desk").status_code
    assert 200 == sign_in(make_user("Elena", Role.ANALYST)).get("/desk").status_code


def test_the_people_of_the_demo_are_different_people() -> None:
    people = [OFFICE_EMAIL, COORDINATOR_EMAIL, FACILITATOR_EMAIL, SECOND_EMAIL, PARTNER_EMAIL]

    assert len(people) == len(set(people))
