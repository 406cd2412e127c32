"""The certificate of hours: what the registers say, and nothing before they say it."""

import uuid
from collections.abc import Callable
from io import BytesIO

import pytest
from pypdf import PdfReader

from prevention.accounts.models import User
from prevention.core.db import db
from prevention.core.i18n import in_language
from prevention.delivery.certificate import hours_words
from prevention.delivery.rules import Outcome, Reason
from tests.factories.delivery import WEEK, make_booked_meetings, make_register
from tests.factories.programmes import make_edition, make_programme
from tests.support.http import Client
from tests.support.verapdf import VeraResult

SignIn = Callable[[User], Client]


def address(booking_id: uuid.UUID) -> str:
    return f"/registers/certificate/{booking_id}.pdf"


def words_of(client: Client, booking_id: uuid.UUID) -> str:
    answer = client.get(address(booking_id))
    assert 200 == answer.status_code
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages).split())


def test_hours_held_are_certified_for_the_class(anna: User, sign_in: SignIn) -> None:
    meetings = make_booked_meetings(edition=make_edition(programme=make_programme(meetings=4)))
    make_register(meetings[0], minutes=60)
    make_register(meetings[1], minutes=50)
    make_register(meetings[2], outcome=Outcome.NOT_HELD, reason=next(iter(Reason)))
    booking = meetings[0].booking

    text = words_of(sign_in(anna), booking.id)

    assert "Attestato di ore" in text
    assert "per un totale di 1 ora e 50 minuti" in text
    assert 2 == text.count("20 alunni presenti su 25")


def test_a_register_of_a_date_that_was_moved_proves_nothing(anna: User, sign_in: SignIn) -> None:
    (meeting,) = make_booked_meetings()
    make_register(meeting)
    meeting.starts_at, meeting.ends_at = meeting.starts_at + WEEK, meeting.ends_at + WEEK
    db.session.flush()

    answer = sign_in(anna).get(address(meeting.booking_id))

    assert 303 == answer.status_code


def test_before_anything_was_held_one_is_told_so(anna: User, sign_in: SignIn) -> None:
    (meeting,) = make_booked_meetings()
    client = sign_in(anna)

    answer = client.get(address(meeting.booking_id))

    assert 303 == answer.status_code
    assert "registered as held" in client.page(answer.headers["Location"]).get_text()


def test_a_certificate_is_accessible_and_fits_for_the_archive(
    anna: User, sign_in: SignIn, verapdf: Callable[[bytes], list[VeraResult]]
) -> None:
    (meeting,) = make_booked_meetings()
    make_register(meeting)

    results = verapdf(sign_in(anna).get(address(meeting.booking_id)).data)

    assert [True, True] == [result.passed for result in results], "\n".join(map(str, results))


def test_others_get_none(carla: User, dario: User, client: Client, sign_in: SignIn) -> None:
    (meeting,) = make_booked_meetings()
    make_register(meeting)

    assert [404, 404, 303] == [
        each.get(address(meeting.booking_id)).status_code for each in (sign_in(carla), sign_in(dario), client)
    ]
    sign_in(carla).page(address(uuid.uuid4()), status=404)


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 minuti"), (1, "1 minuto"), (60, "1 ora"), (390, "6 ore e 30 minuti")]
)
@pytest.mark.usefixtures("app")
def test_hours_are_written_in_words(minutes: int, words: str) -> None:
    with in_language("it"):
        assert words == hours_words(minutes)
