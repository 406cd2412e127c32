"""The mail to mayors: with their own pages, once for an edition; who has no address is listed."""

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.db import db
from prevention.messages.models import OutboxMessage
from prevention.network.models import Municipality
from prevention.reports import edition_papers, letters, mayor_letters
from prevention.reports.edition_rules import BuildState, EditionState, NotNow
from prevention.reports.models import ReportEdition
from prevention.reports.papers import Kind
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.network import make_municipality
from tests.factories.reports import make_figures, make_report_edition
from tests.support.http import Client

SignIn = Callable[[User], Client]
CREMONA, CREMA = "019000", "019001"


@pytest.fixture
def crema(app: object) -> Municipality:
    """Crema, whose mayor has an address; Cremona's has none."""
    make_municipality(istat_code=CREMONA, name="Cremona")
    return make_municipality(istat_code=CREMA, name="Crema", mayor_email="sindaco@example.org")


def an_edition(**values: object) -> ReportEdition:
    """Give a published edition with the pages of Crema and Cremona."""
    edition = make_report_edition(
        **{
            "state": EditionState.PUBLISHED, "build": BuildState.DONE, "identifier": "0" * 64,
            "signed_at": clock.now(), "published_at": clock.now(), "figures": make_figures(school_year=2025).to_json(),
            **values,
        }
    )  # fmt: skip
    for scope in (CREMA, CREMONA):
        edition_papers.add_paper(
            edition.id, kind=Kind.MAYORS, language="it", scope=scope, file_name=f"{scope}.pdf", content=scope.encode(),
            printed=(),
        )  # fmt: skip
    return edition


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.key.startswith("report-mayor:"))))


def test_each_mayor_gets_the_address_of_their_own_pages_once(crema: Municipality) -> None:
    edition = an_edition()

    letters.tell_published(edition)
    letters.tell_published(edition)

    (mail,) = mails()
    assert "sindaco@example.org" == mail.recipient
    assert "Crema" in mail.subject
    assert f"/reports/published/2025/mayors-it-{CREMA}.pdf" in mail.body
    assert CREMONA not in mail.body


def test_who_has_an_account_is_written_to_in_their_language(crema: Municipality) -> None:
    make_user("Sindaca").email = "sindaco@example.org"
    db.session.flush()
    edition = an_edition()

    mayor_letters.tell_mayors(edition)

    (mail,) = mails()
    assert "en" == mail.language
    assert mail.subject.startswith("Prevention at school")
    assert f"/reports/published/2025/mayors-en-{CREMA}.pdf" in mail.body


def test_an_address_that_comes_later_is_written_to_and_nobody_twice(crema: Municipality, anna: User) -> None:
    edition = an_edition()
    mayor_letters.tell_mayors(edition)
    cremona = db.session.scalars(select(Municipality).where(Municipality.istat_code == CREMONA)).one()
    assert ["Cremona"] == [sheet.name for sheet in mayor_letters.mayor_sheets(edition) if not sheet.email]

    cremona.mayor_email = "cremona@example.org"
    crema.mayor_email = "other@example.org"
    db.session.flush()

    assert 1 == mayor_letters.tell_mayors_again(actor_of(anna), edition)
    assert {"sindaco@example.org", "cremona@example.org"} == {mail.recipient for mail in mails()}


def test_nothing_is_written_before_publication(crema: Municipality) -> None:
    edition = an_edition(state=EditionState.SIGNED, published_at=None)

    with pytest.raises(NotNow):
        mayor_letters.tell_mayors(edition)

    assert [] == mails()


def test_the_office_sees_who_has_no_address_and_writes_to_the_others(
    crema: Municipality, anna: User, sign_in: SignIn
) -> None:
    edition = an_edition()
    client, address = sign_in(anna), f"/reports/editions/{edition.id}/mayors"

    before = client.page(address).text
    assert 303 == client.post(address).status_code
    after = client.page(address).text

    assert "1 has no address" in before
    assert "sindaco@example.org" in before
    assert "not written" in before
    assert "on its way" in after
    assert 1 == len(mails())


def test_the_mail_to_mayors_is_the_offices_matter(
    crema: Municipality, anna: User, bruno: User, dario: User, sign_in: SignIn
) -> None:
    signed = an_edition(state=EditionState.SIGNED, published_at=None)
    address = f"/reports/editions/{signed.id}/mayors"

    for client in (sign_in(bruno), sign_in(dario), sign_in(make_user("Elena", Role.ANALYST))):
        assert (403, 403) == (client.get(address).status_code, client.post(address).status_code)
    office = sign_in(anna)
    assert 422 == office.post(address).status_code
    assert 422 == office.post(address, data={"note": "x" * 3000}).status_code
    for mark in (uuid.uuid4(), "x"):
        assert 404 == office.get(f"/reports/editions/{mark}/mayors").status_code
        assert 404 == office.post(f"/reports/editions/{mark}/mayors").status_code
    assert [] == mails()
