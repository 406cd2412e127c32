"""Papers of a booking: for those who may see it, in the languages of the families, accessible, without names."""

import uuid
from collections.abc import Callable
from io import BytesIO

import pytest
from pypdf import PdfReader

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import papers
from prevention.booking.models import Booking
from prevention.booking.papers.writing import Block, blocks_of
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core.db import db
from prevention.messages import service as messages
from prevention.messages.kinds import Text
from tests.factories.booking import FIRST_START, make_booking, make_slot
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client
from tests.support.verapdf import VeraResult

SignIn = Callable[[User], Client]
Verapdf = Callable[[bytes], list[VeraResult]]


@pytest.fixture
def booking(bruno: User) -> Booking:
    """Bruno's booking, whose provider also works in Romanian."""
    (grant,) = bruno.roles
    site = make_site(institute_id=grant.institute_id, name="LICEO DI PROVA")
    made = make_booking(bruno, school_class=make_school_class(site=site), special_needs="carrozzina")
    made.edition.languages = ["it", "ro"]
    db.session.flush()
    return made


def address(booking: Booking, paper: str, query: str = "") -> str:
    return f"/booking/{booking.id}/papers/{paper}.pdf{query}"


def words_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert 200 == answer.status_code
    assert "application/pdf" == answer.mimetype
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages).split())


def test_the_letter_to_families_says_what_when_where_and_whom_to_call(
    bruno: User, booking: Booking, sign_in: SignIn
) -> None:
    text = words_of(sign_in(bruno), address(booking, "families"))

    for expected in (
        f"Alle famiglie della classe {booking.school_class.label}: {booking.edition.programme.name['it']}",
        "martedì 12 gennaio 2027, 10:00–11:00",
        "LICEO DI PROVA",
        "non occorre aspettare. Si può chiamare:",
        "23 novembre 2026",
    ):
        assert expected in text
    assert "carrozzina" not in text


def test_where_a_language_has_no_text_the_letter_says_so_and_is_in_italian(
    bruno: User, booking: Booking, sign_in: SignIn
) -> None:
    client = sign_in(bruno)

    missing = words_of(client, address(booking, "families", "?language=ro"))
    page = client.page(f"/booking/{booking.id}/papers").get_text(" ")

    assert "non è ancora disponibile in rumeno" in missing
    assert "Gentili famiglie" in missing
    assert "There is no text yet in: Romanian." in page


def test_a_text_that_the_office_wrote_in_another_language_is_used(
    anna: User, bruno: User, booking: Booking, sign_in: SignIn
) -> None:
    text = Text(subject="Clasa {class}", body="Dragi familii,\n{dates}")
    messages.write_text(accounts.actor_of(anna), messages.kind_of("paper-families"), "ro", text, revision=0)

    text_ro = words_of(sign_in(bruno), address(booking, "families", "?language=ro"))

    assert "Dragi familii" in text_ro
    assert "marți 12 ianuarie 2027" in text_ro


def test_all_languages_come_in_one_file(bruno: User, booking: Booking, sign_in: SignIn) -> None:
    answer = sign_in(bruno).get(address(booking, "families", "?language=all"))

    assert 3 == len(PdfReader(BytesIO(answer.data)).pages)


@pytest.mark.parametrize("paper", ["circular", "class-register", "presence"])
def test_the_papers_for_the_school_name_class_and_dates(
    bruno: User, booking: Booking, sign_in: SignIn, paper: str
) -> None:
    text = words_of(sign_in(bruno), address(booking, paper))

    assert booking.school_class.label in text
    assert "12" in text


def test_the_presence_sheet_has_a_numbered_line_for_each_pupil_and_two_to_spare(
    bruno: User, booking: Booking, sign_in: SignIn
) -> None:
    text = words_of(sign_in(bruno), address(booking, "presence"))

    assert f" {booking.pupils + 2} Present" in text
    assert f" {booking.pupils + 3} " not in text


def test_a_long_series_and_a_large_group_take_more_sheets(bruno: User) -> None:
    starts = tuple(FIRST_START.replace(day=day) for day in range(4, 18))
    made = make_booking(bruno, slot=make_slot(starts=starts), pupils=40)

    sheet = papers.write_presence_sheet(made, today=FIRST_START.date())

    assert 4 == len(PdfReader(BytesIO(sheet)).pages)


@pytest.mark.parametrize("paper", ["families", "circular", "class-register", "presence"])
def test_every_paper_is_accessible_and_fits_for_the_archive(
    bruno: User, booking: Booking, sign_in: SignIn, verapdf: Verapdf, paper: str
) -> None:
    query = "?language=all" if paper == "families" else ""

    results = verapdf(sign_in(bruno).get(address(booking, paper, query)).data)

    assert [True, True] == [result.passed for result in results], "\n".join(map(str, results))


def test_dates_that_are_off_stand_on_no_paper(bruno: User, sign_in: SignIn) -> None:
    (grant,) = bruno.roles
    school_class = make_school_class(site=make_site(institute_id=grant.institute_id))
    starts = (FIRST_START, FIRST_START.replace(day=19))
    made = make_booking(bruno, school_class=school_class, slot=make_slot(starts=starts))
    made.meetings[1].status = MeetingStatus.CANCELLED
    db.session.flush()

    text = words_of(sign_in(bruno), address(made, "families"))

    assert "12 gennaio" in text
    assert "19 gennaio" not in text


@pytest.mark.parametrize("status", [BookingStatus.REQUESTED, BookingStatus.CANCELLED, BookingStatus.DECLINED])
def test_a_booking_that_does_not_stand_has_no_papers(
    bruno: User, booking: Booking, sign_in: SignIn, status: BookingStatus
) -> None:
    booking.status = status
    client = sign_in(bruno)

    assert "Papers can be made when" in client.page(f"/booking/{booking.id}/papers").get_text()
    client.page(address(booking, "families"), status=404)


@pytest.mark.parametrize("path", ["nothing.pdf", "families.pdf?language=zz", "families.pdf?language=fr"])
def test_a_paper_that_there_is_not_is_not_found(bruno: User, booking: Booking, sign_in: SignIn, path: str) -> None:
    sign_in(bruno).page(f"/booking/{booking.id}/papers/{path}", status=404)


def test_papers_are_for_those_who_may_see_the_booking(
    anna: User, carla: User, dario: User, client: Client, booking: Booking, sign_in: SignIn
) -> None:
    paper = address(booking, "class-register")

    assert [200, 404, 404, 303] == [
        each.get(paper).status_code for each in (sign_in(anna), sign_in(carla), sign_in(dario), client)
    ]
    sign_in(anna).page(f"/booking/{uuid.uuid4()}/papers", status=404)


def test_a_text_is_cut_into_paragraphs_and_lists() -> None:
    assert (
        Block(lines=("Uno", "due"), is_list=False),
        Block(lines=("a", "b"), is_list=True),
        Block(lines=("Tre",), is_list=False),
    ) == blocks_of("Uno\ndue\n- a\n- b\n\nTre")


def test_what_people_typed_is_printed_as_text(bruno: User, booking: Booking, sign_in: SignIn) -> None:
    booking.school_class.label = "<b>1A</b>"
    db.session.flush()

    assert "<b>1A</b>" in words_of(sign_in(bruno), address(booking, "class-register"))
