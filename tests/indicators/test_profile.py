"""Risk and protection of a place: ranked, beside the district, with what to do; nothing but published figures."""

import tomllib
from typing import Any

import pytest

from prevention.accounts.models import User
from prevention.core.db import db
from prevention.indicators.profile import (
    PROFILE_FILE,
    BadProfile,
    DataMark,
    Profile,
    factors,
    mark_of,
    parse,
    profile_of,
)
from prevention.indicators.published import Audience, Dimension, PublishedCell, PublishedTable
from prevention.programmes.rules import Topic
from prevention.schools.models import Site
from tests.factories.published import hidden_cell, make_table, masked_cell, publish, shown_cell
from tests.factories.schools import make_site
from tests.support.http import Client
from tests.support.queries import counted_queries

CODE = "CRPS00000A"


def around(share: float, half: float = 0.04, domain: str = "all") -> PublishedCell:
    return shown_cell(domain, share=share, low=share - half, high=share + half)


def of_all(indicator_id: str, share: float, half: float = 0.02) -> PublishedTable:
    return make_table(around(share, half), indicator_id=indicator_id)


def of_school(indicator_id: str, cell: PublishedCell) -> PublishedTable:
    return make_table(cell, indicator_id=indicator_id, dimension=Dimension.SCHOOL, audience=Audience.SCHOOL)


def profile(*tables: PublishedTable) -> Profile:
    found = profile_of(tables, dimension=Dimension.SCHOOL, domain=CODE)
    assert found is not None
    return found


def test_risks_are_ranked_by_who_is_at_risk_and_protection_by_who_is_not_protected() -> None:
    found = profile(
        of_school("I35a", around(0.7, domain=CODE)), of_school("I24", around(0.2, domain=CODE)),
        of_school("I40", around(0.9, domain=CODE)), of_school("I43", around(0.4, domain=CODE)),
    )  # fmt: skip

    assert [("I35a", 1), ("I24", 2)] == [(row.factor.indicator_id, row.rank) for row in found.risks]
    assert [("I43", 1), ("I40", 2)] == [(row.factor.indicator_id, row.rank) for row in found.protections]


def test_masked_figures_come_after_numbers_and_hidden_ones_have_no_rank() -> None:
    found = profile(
        of_school("I35a", hidden_cell(CODE)),
        of_school("I24", masked_cell(CODE)),
        of_school("I26", around(0.1, 0.02, CODE)),
    )

    assert [("I26", 1), ("I24", 2), ("I35a", None)] == [(row.factor.indicator_id, row.rank) for row in found.risks]
    assert [DataMark.ENOUGH, DataMark.MASKED, DataMark.HIDDEN] == [row.mark for row in found.risks]


def test_what_is_clearly_worse_than_in_the_district_is_acted_on_first() -> None:
    found = profile(
        of_all("I35a", 0.7), of_school("I35a", around(0.7, domain=CODE)),
        of_all("I43", 0.8), of_school("I43", around(0.6, domain=CODE)),
    )  # fmt: skip

    assert ["belonging", "rules_at_home"] == [action.key for action in found.actions]
    assert found.protections[0].against_whole is not None


def test_three_things_at_most_each_once_and_none_for_want_of_data() -> None:
    many = profile(*(of_school(one.indicator_id, around(0.5, domain=CODE)) for one in factors()))
    wide = profile(*(of_school(one.indicator_id, around(0.5, 0.2, CODE)) for one in factors()))

    assert 3 == len({action.key for action in many.actions}) == len(many.actions)
    assert () == wide.actions


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        (around(0.5, 0.14), DataMark.ENOUGH),
        (around(0.5, 0.15), DataMark.TOO_WIDE),
        (around(0.1, 0.07), DataMark.TOO_WIDE),
        (around(0.9, 0.07), DataMark.TOO_WIDE),
        (around(0.03, 0.02), DataMark.ENOUGH),
        (masked_cell(), DataMark.MASKED),
        (hidden_cell(), DataMark.HIDDEN),
    ],
)
def test_enough_data_is_said_by_the_interval(cell: PublishedCell, mark: DataMark) -> None:
    assert mark is mark_of(cell)


def test_nobody_asked_is_no_profile() -> None:
    assert profile_of([make_table(indicator_id="I01")]) is None
    assert profile_of([of_all("I43", 0.5)], dimension=Dimension.SCHOOL, domain=CODE) is None


def test_every_action_leads_to_a_topic_of_programmes() -> None:
    assert {one.action.topic for one in factors()} <= set(Topic)


@pytest.mark.parametrize(
    "wrong",
    [
        {"indicator": "I99"},
        # A risk that one wishes to be higher.
        {"indicator": "I43"},
        {"indicator": "I45"},
        {"action": "none"},
    ],
)
def test_what_cannot_be_a_factor_is_refused(wrong: dict[str, str]) -> None:
    given = tomllib.loads(PROFILE_FILE.read_text())
    given["factors"][0] |= wrong

    with pytest.raises(BadProfile):
        parse(given)


# ------------------------------------------------------------------------------------------------------- pages


def site_of(person: User) -> Site:
    site = make_site(institute_id=person.roles[0].institute_id)
    db.session.flush()
    return site


def release(site: Site) -> None:
    publish(of_all("I43", 0.8), of_school("I43", around(0.6, domain=site.code)))


def test_a_coordinator_sees_the_profile_of_the_own_school(bruno: User, sign_in: Any) -> None:
    site = site_of(bruno)
    release(site)

    page = sign_in(bruno).page(f"/figures/profile/{site.code}")

    row = page.select_one("#protection ~ .table-frame tbody tr, section[aria-labelledby=protection] tbody tr")
    assert "56" in row.get_text()
    assert page.select_one("section[aria-labelledby=actions] a[href*='topic=wellbeing']") is not None


def test_no_other_school_sees_it_nor_anybody_who_is_not_signed_in(
    bruno: User, carla: User, dario: User, anna: User, sign_in: Any, client: Client
) -> None:
    site = site_of(bruno)
    release(site)
    address = f"/figures/profile/{site.code}"

    statuses = [sign_in(person).get(address).status_code for person in (anna, carla, dario)]

    assert [200, 404, 403] == statuses
    assert 303 == client.get(address).status_code
    assert 404 == sign_in(bruno).get("/figures/profile/CRPS99999X").status_code
    assert site.code not in client.page("/figures/profile/").get_text()


def test_everybody_sees_the_district_and_its_municipalities(client: Client) -> None:
    town = make_table(around(0.6, domain="019036"), indicator_id="I43", dimension=Dimension.MUNICIPALITY)
    publish(of_all("I43", 0.8), town)

    page, of_town = client.page("/figures/profile/"), client.page("/figures/profile/?place=019036")
    nowhere = client.page("/figures/profile/?place=nowhere")

    assert "78" in page.select_one("section[aria-labelledby=protection]").get_text()
    assert "56" in of_town.select_one("section[aria-labelledby=protection]").get_text()
    assert page.select_one("main").get_text() == nowhere.select_one("main").get_text()


def test_before_anything_is_published_the_page_says_so(client: Client) -> None:
    assert client.page("/figures/profile/").select_one(".empty") is not None


def test_the_page_asks_the_database_the_same_whatever_is_published(client: Client) -> None:
    publish(of_all("I43", 0.8))
    client.page("/figures/profile/")
    with counted_queries() as few:
        client.page("/figures/profile/")
    publish(*(of_all(one.indicator_id, 0.5) for one in factors()))

    with counted_queries() as many:
        client.page("/figures/profile/")

    assert few.count == many.count
