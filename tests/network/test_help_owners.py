"""The office keeps help services, and their owners are asked once a year, by a page that needs no sign-in."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from prevention.accounts.models import User
from prevention.core import clock
from prevention.messages.models import OutboxMessage
from prevention.network import service
from prevention.network.models import HelpService
from prevention.network.tasks import write_letters
from tests.support.http import Client

Rows = scoped_session[Session]
SignIn = Callable[[User], Client]

ENTRY = {
    "name_it": "Consultorio di Crema",
    "kind": "health",
    "scope": "local",
    "phone": "0373 111111",
    "hours_it": "lun-ven 9-17",
    "reach_it": "Senza appuntamento.",
    "languages": ["it", "ar"],
    "verified_on": "2026-11-20",
    "source": "Telefonata",
    "owner_name": "Consultorio",
    "owner_email": "Consultorio@example.org",
}


@pytest.fixture
def row(anna: User, sign_in: SignIn, session: Rows) -> HelpService:
    """A local service with an owner, verified on 20 November 2026."""
    service.load_help_services()
    assert 303 == sign_in(anna).post("/help/manage/new", data=ENTRY).status_code
    return session.scalars(select(HelpService).where(HelpService.is_kept_here)).one()


def asked(session: Rows) -> list[OutboxMessage]:
    return list(session.scalars(select(OutboxMessage).where(OutboxMessage.key.startswith("help-check:"))))


def address_in(mail: OutboxMessage) -> str:
    return "/help/check/" + mail.body.rsplit("/help/check/", 1)[1].split()[0]


def test_what_the_office_keeps_is_shown_with_its_languages_and_outlives_a_loading(
    row: HelpService, client: Client
) -> None:
    changes = service.load_help_services()

    page = client.page("/help/").text
    assert 0 == changes
    assert "0373 111111" in page
    assert "Arabic" in page or "arabo" in page
    assert row.code in [line.code for line in service.help_services()]


def test_a_service_of_the_file_that_the_office_changed_stays_changed(
    anna: User, row: HelpService, sign_in: SignIn, session: Rows
) -> None:
    of_file = session.scalars(select(HelpService).where(HelpService.code.startswith("serd-"))).first()
    assert of_file is not None

    sign_in(anna).post(f"/help/manage/{of_file.id}", data={**ENTRY, "phone": "0372 222222"})
    service.load_help_services()
    session.expire_all()

    assert "0372 222222" == of_file.phone


def test_an_owner_is_asked_once_when_the_year_is_nearly_over(row: HelpService, session: Rows) -> None:
    for day in (
        datetime(2027, 10, 20, 9, tzinfo=UTC),
        *(datetime(2027, 10, each, 9, tzinfo=UTC) for each in (22, 22, 25)),
    ):
        with clock.frozen(day):
            write_letters()

    mails = asked(session)
    assert ["consultorio@example.org"] == [mail.recipient for mail in mails]
    assert "0373 111111" in mails[0].body
    assert date(2027, 10, 22) == row.asked_on


def test_the_owner_confirms_once_and_the_date_is_renewed(row: HelpService, session: Rows, client: Client) -> None:
    with clock.frozen(datetime(2027, 11, 1, 9, tzinfo=UTC)):
        write_letters()
        address = address_in(asked(session)[0])
        assert "0373 111111" in client.page(address).text
        first = client.post(address, data={"right": "yes"})
        second = client.post(address, data={"right": "yes"})
        write_letters()

    assert (200, 404) == (first.status_code, second.status_code)
    assert date(2027, 11, 1) == row.verified_on
    assert 1 == len(asked(session))
    # The next year it is asked again.
    with clock.frozen(datetime(2028, 10, 20, 9, tzinfo=UTC)):
        write_letters()
    assert 2 == len(asked(session))


def test_what_the_owner_reports_reaches_the_office_and_changes_no_page(
    anna: User, row: HelpService, session: Rows, client: Client, sign_in: SignIn
) -> None:
    address = f"/help/check/{service.check_token(row)}"

    assert 422 == client.post(address, data={"remark": ""}).status_code
    assert 200 == client.post(address, data={"remark": "Nuovo numero 0373 999999"}).status_code

    assert "0373 999999" not in client.page("/help/").text
    assert "0373 999999" in sign_in(anna).page("/help/manage?state=remark").text
    sign_in(anna).post(f"/help/manage/{row.id}", data={**ENTRY, "phone": "0373 999999"})
    assert ("", "0373 999999") == (row.remark, row.phone)


def test_a_token_that_is_none_opens_nothing(row: HelpService, client: Client) -> None:
    token = service.check_token(row)

    assert [404, 404, 404] == [
        client.get(f"/help/check/{each}").status_code for each in ("x", token[:-2] + "AA", token + "a")
    ]
    assert 404 == client.post("/help/check/x", data={"right": "yes"}).status_code


@pytest.mark.parametrize(
    "wrong", [{"name_it": ""}, {"languages": "xx"}, {"verified_on": ""}, {"owner_email": "x"}], ids=str
)
def test_a_wrong_service_changes_nothing(anna: User, sign_in: SignIn, session: Rows, wrong: dict[str, str]) -> None:
    before = len(session.scalars(select(HelpService)).all())

    assert 422 == sign_in(anna).post("/help/manage/new", data={**ENTRY, **wrong}).status_code
    assert before == len(session.scalars(select(HelpService)).all())


def test_only_the_office_keeps_help_services(
    anna: User, bruno: User, dario: User, row: HelpService, sign_in: SignIn, session: Rows
) -> None:
    for person in (bruno, dario):
        browser = sign_in(person)
        assert [403, 403, 403, 403] == [
            browser.get("/help/manage").status_code,
            browser.post("/help/manage/new", data=ENTRY).status_code,
            browser.post(f"/help/manage/{row.id}", data=ENTRY).status_code,
            browser.post(f"/help/manage/{row.id}/remove").status_code,
        ]
    assert 404 == sign_in(anna).get(f"/help/manage/{uuid.uuid4()}").status_code
    assert 405 == sign_in(anna).get(f"/help/manage/{row.id}/remove").status_code
    gone = row.id
    assert 303 == sign_in(anna).post(f"/help/manage/{row.id}/remove").status_code
    assert session.get(HelpService, gone) is None


def test_an_owner_s_later_confirmation_outlives_a_loading_of_the_file(app: Flask, session: Rows) -> None:
    service.load_help_services()
    row = session.scalars(select(HelpService).where(HelpService.code == "emergency-112")).one()
    row.verified_on = date(2027, 8, 1)
    session.flush()

    assert 0 == service.load_help_services()
    assert date(2027, 8, 1) == row.verified_on
