"""A partner's desk is the page of the organisation; a facilitator or an analyst keeps their own."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from prevention.accounts.models import User
from prevention.demo.district import COORDINATOR_EMAIL, FACILITATOR_EMAIL, OFFICE_EMAIL, SECOND_EMAIL
from prevention.demo.network_life import PARTNER_EMAIL
from prevention.indicators.published import Dimension
from prevention.network.rules import OrganisationKind
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.network import make_municipality, make_organisation
from tests.factories.published import hidden_cell, make_table, publish, shown_cell
from tests.support.http import Client


def test_the_desk_of_a_partner_is_the_page_of_the_organisation(dario: User, sign_in: Callable[[User], Client]) -> None:
    partner = make_user("Franca", Role.PARTNER, organisation_id=make_organisation(name="Comune").id)

    response = sign_in(partner).get("/desk")

    assert (303, "/network/mine") == (response.status_code, response.location)
    assert "Comune" in sign_in(partner).page("/network/mine").text
    assert 200 == sign_in(dario).get("/desk").status_code
    assert 200 == sign_in(make_user("Elena", Role.ANALYST)).get("/desk").status_code


def test_a_partner_sees_the_published_figures_of_the_municipality_or_of_the_district(
    app: Flask, sign_in: Callable[[User], Client]
) -> None:
    """Shown figures only: what is hidden for the town is not there, and not replaced by the district's."""
    town = make_municipality(name="Crema")
    publish(
        make_table(shown_cell(share=0.18)),
        make_table(shown_cell(town.istat_code, share=0.31), dimension=Dimension.MUNICIPALITY),
        make_table(hidden_cell(town.istat_code), dimension=Dimension.MUNICIPALITY, indicator_id="I04"),
    )

    def words(**organisation: Any) -> str:
        partner = make_user("Franca", Role.PARTNER, organisation_id=make_organisation(**organisation).id)
        return sign_in(partner).page("/network/mine").get_text(" ", strip=True)

    of_town = words(kind=OrganisationKind.MUNICIPALITY, municipality_id=town.id)
    of_trust = words(kind=OrganisationKind.HEALTH_AUTHORITY)

    assert ("31 %" in of_town, "18 %" in of_town, "Crema" in of_town) == (True, False, True)
    assert ("18 %" in of_trust, "31 %" in of_trust) == (True, False)


def test_the_people_of_the_demo_are_different_people() -> None:
    people = [OFFICE_EMAIL, COORDINATOR_EMAIL, FACILITATOR_EMAIL, SECOND_EMAIL, PARTNER_EMAIL]

    assert len(people) == len(set(people))
