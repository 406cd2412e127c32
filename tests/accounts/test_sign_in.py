"""Signing in and out."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from prevention.accounts.models import User
from prevention.accounts.service import Grant, actor_of, add_user
from prevention.core.db import db
from prevention.roles import Role
from tests.factories.schools import make_institute
from tests.support.http import Client, soup


def test_a_person_signs_in_and_finds_their_desk(client: Client, anna: User) -> None:
    response = client.post("/sign-in", data={"email": anna.email, "password": "password"})

    assert (302, True) == (response.status_code, response.headers["Location"].endswith("/desk"))
    assert 200 == client.get("/desk").status_code


def test_a_person_comes_back_to_the_page_they_wanted(client: Client, anna: User) -> None:
    asked = client.get("/messages/?status=dead")
    form = soup(client.get(asked.headers["Location"])).find("form", attrs={"class": "form"})
    assert form is not None

    response = client.post(str(form["action"]), data={"email": anna.email, "password": "password"})

    assert response.headers["Location"].endswith("/messages/?status=dead")


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_tells_nothing_about_the_address(client: Client, anna: User, password: str) -> None:
    known = client.post("/sign-in", data={"email": anna.email, "password": password})
    unknown = client.post("/sign-in", data={"email": "nobody@example.org", "password": password})

    assert soup(known).get_text().replace(anna.email, "") == soup(unknown).get_text().replace("nobody@example.org", "")
    assert 303 == client.get("/desk").status_code


def test_somebody_who_left_cannot_sign_in(client: Client, anna: User) -> None:
    anna.active = False

    client.post("/sign-in", data={"email": anna.email, "password": "password"})

    assert 303 == client.get("/desk").status_code


def test_signing_out_takes_a_post(anna: User, sign_in: Callable[[User], Client]) -> None:
    browser = sign_in(anna)

    assert 405 == browser.get("/sign-out").status_code
    assert 302 == browser.post("/sign-out").status_code
    assert 303 == browser.get("/desk").status_code


def test_adding_a_person_twice_changes_the_one_there_is(app: object) -> None:
    institute = make_institute()
    grant = Grant(role=Role.COORDINATOR, institute_id=institute.id)
    first = add_user("Eva@example.org", name="Eva", password="one", grants=(grant,))

    second = add_user("eva@example.org", name="Eva B.", password="two", grants=(grant,))
    db.session.expire_all()

    assert first.id == second.id
    assert "Eva B." == second.name
    assert 1 == len(second.roles)


def test_a_coordinator_acts_for_their_institute_only(bruno: User, carla: User) -> None:
    actor = actor_of(bruno)

    assert actor.may_act_for(bruno.roles[0].institute_id)
    assert not actor.may_act_for(carla.roles[0].institute_id)
    assert not actor.may_act_for(None)


def test_the_office_acts_for_everybody(anna: User, carla: User) -> None:
    assert actor_of(anna).may_act_for(carla.roles[0].institute_id)


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(client: Client, anna: User, target: str) -> None:
    response = client.post(
        "/sign-in", query_string={"next": target}, data={"email": anna.email, "password": "password"}
    )

    target_parts = urlsplit(response.headers.get("Location", "/"))
    assert ("", "") == (target_parts.scheme, target_parts.netloc)
    assert not target_parts.path.startswith(("//", "/\\"))
