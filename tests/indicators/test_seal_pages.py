"""The office's pages of sealed surveys: what came out and for whom, one more table, a correction."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.core.db import db
from prevention.core.models import AuditEntry
from prevention.indicators import corrections, ledger
from prevention.indicators.models import PublishedTableRow, SealCorrection, SealedWave
from prevention.indicators.tasks import correct_next_seal, seal_next_closed_wave
from tests.factories.indicators import few_questions, make_closed_wave
from tests.support.http import Client, soup
from tests.support.queries import counted_queries

LIST = "/figures/seals/"
REASON = "The school took its answers back."
GRADE_1 = "secondo_grado-1"


@pytest.fixture
def sealed(app: Flask) -> SealedWave:
    """Three upper secondary schools with two classes each: the first and the second year."""
    make_closed_wave(schools=3, classes=2, pupils=22, questionnaire_id=few_questions())
    seal_next_closed_wave()
    return db.session.scalars(select(SealedWave)).one()


@pytest.fixture
def office(anna: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(anna)


def page_of(sealed: SealedWave, what: str = "") -> str:
    return f"{LIST}{sealed.wave_id}{what}"


def correction(sealed: SealedWave, **other: Any) -> dict[str, Any]:
    return {
        "seal": str(sealed.id),
        "rules": ["R2", "R3", "R4", "R5", "R6", "R9"],
        "school": "",
        "reason": REASON,
    } | other


def wish(**other: Any) -> dict[str, Any]:
    return {"indicator": "I09", "dimension": "all", "grades": [GRADE_1], "act": "publish"} | other


def tables() -> int:
    return db.session.scalar(select(func.count(PublishedTableRow.id))) or 0


def trail(action: str) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.action == f"indicators.{action}").order_by(AuditEntry.at)
    return list(db.session.scalars(query))


def a_school(client: Client, sealed: SealedWave) -> str:
    options = client.page(page_of(sealed, "/correct")).select("select[name=school] option")
    return str(options[1]["value"])


def test_the_page_says_what_was_published_and_for_whom(sealed: SealedWave, office: Client) -> None:
    assert sealed.wave_name in office.page(LIST).get_text()

    page = office.page(page_of(sealed))

    assert sealed.sha256 in page.get_text()
    assert f"of {tables()}" in page.select_one(".table-count").get_text()
    for asked, more in (("whom=school", "each school, its own row"), ("table=sex", "By sex")):
        rows = office.page(f"{page_of(sealed)}?{asked}").select_one("#ledger").parent.select("tbody tr")
        assert rows
        assert all(more in row.get_text() for row in rows)


def test_the_ledger_is_taken_away_as_a_file(sealed: SealedWave, office: Client) -> None:
    lines = office.get(f"{page_of(sealed)}?format=csv").get_data(as_text=True).splitlines()

    assert tables() == len(lines) - 1
    assert sealed.sha256 in lines[1]


def test_the_page_asks_the_database_the_same_however_much_is_published(sealed: SealedWave, office: Client) -> None:
    office.page(page_of(sealed))
    with counted_queries() as few:
        office.page(f"{page_of(sealed)}?table=all")

    with counted_queries() as many:
        office.page(page_of(sealed))

    assert few.count == many.count


# ---------------------------------------------------------------------------------------------- one more table


def test_a_table_is_tested_without_coming_out_then_published(sealed: SealedWave, office: Client) -> None:
    before = tables()
    address = page_of(sealed, "/release")

    tested = office.post(address, data=wish(act="test"), follow_redirects=True)

    assert "may come out" in tested.get_data(as_text=True)
    assert soup(tested).select_one(f"input[name=grades][value={GRADE_1}]").has_attr("checked")
    assert (before, 1) == (tables(), len(trail("table_tested")))

    published = office.post(address, data=wish(), follow_redirects=True)

    assert "is published" in published.get_data(as_text=True)
    assert (before + 1, 1) == (tables(), len(trail("table_released")))
    assert 1 == len(soup(published).select_one("#ledger").parent.select("tbody tr"))


def test_a_table_that_gives_something_away_is_refused_with_the_reason_and_that_is_written_down(
    sealed: SealedWave, office: Client
) -> None:
    """The table of all, once more."""
    before = tables()

    response = office.post(page_of(sealed, "/release"), data=wish(grades=[]))

    assert 422 == response.status_code
    assert "published already" in soup(response).select_one(".notice-warning").get_text()
    assert before == tables()
    assert ["already_published"] == [one.facts["why"] for one in trail("table_refused")]
    assert "published already" in office.page(page_of(sealed)).select_one("#tests").parent.get_text()


@pytest.mark.parametrize(
    "other",
    [
        {"indicator": "I99"},
        {"dimension": "school"},
        {"grades": ["secondo_grado-9"]},
        {"act": "perhaps"},
        {"indicator": ""},
        {"tracks": ["' OR 1=1"]},
    ],
)
def test_a_wish_of_something_that_is_no_choice_changes_nothing(
    sealed: SealedWave, office: Client, other: dict[str, Any]
) -> None:
    before = tables()

    assert 422 == office.post(page_of(sealed, "/release"), data=wish(**other)).status_code

    assert (before, 0) == (tables(), len(trail("table_refused")))


def test_what_was_published_meanwhile_has_the_table_tested_again(
    sealed: SealedWave, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables()
    # Somebody else is quicker, between the test and the entry.
    monkeypatch.setattr(ledger, "claim_release", lambda *_root, **_seen: False)

    response = office.post(page_of(sealed, "/release"), data=wish())

    assert (422, before) == (response.status_code, tables())
    assert "meanwhile" in soup(response).select_one(".error-summary").get_text()


# ------------------------------------------------------------------------------------------------- corrections


def test_a_school_that_withdraws_is_asked_for_carried_out_and_seen(sealed: SealedWave, office: Client) -> None:
    code = a_school(office, sealed)

    asked = office.post(page_of(sealed, "/correct"), data=correction(sealed, school=code), follow_redirects=True)

    assert REASON in soup(asked).select_one(".notice-info").get_text()
    assert "one is asked for" in office.page(LIST).get_text()
    # The task rolls back what it only read; what a test made must stand before.
    db.session.commit()
    assert correct_next_seal()
    steps = office.page(page_of(sealed)).select(".seal-steps li")
    assert 2 == len(steps)
    assert sealed.sha256 in steps[0].get_text()
    assert REASON in steps[1].get_text()
    assert "Withdrawn" in steps[1].get_text()
    # It is in the file no more, so nobody can withdraw it again.
    assert code not in str(office.page(page_of(sealed, "/correct")).select_one("select[name=school]"))


def test_rules_that_are_left_ticked_stay_as_they_are(sealed: SealedWave, office: Client) -> None:
    before = ledger.population_of(sealed).discards

    office.post(page_of(sealed, "/correct"), data=correction(sealed, rules=["R2", "R3", "R4", "R5", "R6"]))

    found = db.session.scalars(select(SealCorrection)).one()
    assert set(before) - {"R9"} == set(found.recipe["discards"])


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, "change nothing"),
        ({"reason": "because"}, "10"),
        ({"reason": ""}, ""),
        ({"rules": ["R1"]}, ""),
        ({"rules": ["R99"]}, ""),
        ({"school": "CRPS999999"}, ""),
        ({"grades": ["1"]}, "Choose the school"),
        ({"grades": ["x"]}, ""),
        ({"seal": str(uuid4())}, "corrected meanwhile"),
        ({"seal": ""}, ""),
    ],
)
def test_a_correction_that_is_none_changes_nothing(
    sealed: SealedWave, office: Client, other: dict[str, Any], words: str
) -> None:
    response = office.post(page_of(sealed, "/correct"), data=correction(sealed, **other))

    assert 422 == response.status_code
    assert words in response.get_data(as_text=True)
    assert {} == corrections.pending_corrections()


def test_a_correction_is_asked_for_once(sealed: SealedWave, office: Client) -> None:
    data = correction(sealed, rules=["R2"])
    assert 303 == office.post(page_of(sealed, "/correct"), data=data).status_code

    response = office.post(page_of(sealed, "/correct"), data=data)

    assert 422 == response.status_code
    assert 1 == db.session.scalar(select(func.count(SealCorrection.id)))
    assert office.page(page_of(sealed, "/correct")).select_one("form textarea") is None


# ----------------------------------------------------------------------------------------------------- doors


@pytest.mark.parametrize("what", ["", "/correct", "/release"])
def test_only_the_office_gets_in_and_nothing_is_found_where_nothing_is(
    sealed: SealedWave, office: Client, bruno: User, dario: User, sign_in: Callable[[User], Client], what: str
) -> None:
    address = page_of(sealed, what)

    for person in (bruno, dario):
        client = sign_in(person)
        assert {403} == {client.get(LIST).status_code, client.get(address).status_code}
        if what:
            assert 403 == client.post(address, data=wish() | correction(sealed)).status_code
    for nowhere in (uuid4(), sealed.id, "nonsense"):
        assert 404 == office.get(f"{LIST}{nowhere}{what}").status_code
        if what:
            assert 404 == office.post(f"{LIST}{nowhere}{what}", data=wish() | correction(sealed)).status_code
    assert ({}, 0) == (corrections.pending_corrections(), len(trail("table_released")))


def test_before_anything_is_sealed_the_list_says_so(office: Client) -> None:
    assert office.page(LIST).select_one(".empty") is not None
