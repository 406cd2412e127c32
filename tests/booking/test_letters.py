"""Letters about bookings: to whom, in whose language, with which entries; the same change told twice is one mail."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from flask import Flask
from flask_babel import lazy_gettext
from icalendar import Calendar, Component
from sqlalchemy import select

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import letters
from prevention.booking.letters import Move
from prevention.booking.models import Booking, BookingMeeting, BookingWish
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core.db import db
from prevention.core.mail import compose
from prevention.messages import service as messages
from prevention.messages.kinds import Text
from prevention.messages.models import LetterText, OutboxMessage
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, make_booking, make_slot
from tests.factories.network import make_organisation
from tests.factories.programmes import make_edition, make_programme

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
DATES = (FIRST_START, FIRST_START + WEEK)


@pytest.fixture
def booking(bruno: User) -> Booking:
    """Bruno's booking of two dates that Dario, who reads Italian, leads."""
    return make_two_dates(bruno)


def make_two_dates(booker: User, starts: Sequence[datetime] = DATES) -> Booking:
    provider = make_organisation()
    dario = make_user("Dario", Role.FACILITATOR, organisation_id=provider.id, language="it")
    edition = make_edition(programme=make_programme(meetings=len(starts)), organisation=provider)
    return make_booking(booker, slot=make_slot(edition=edition, starts=starts, facilitator_id=dario.id))


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.key)))


def mail_to(name: str) -> OutboxMessage:
    (found,) = [mail for mail in mails() if mail.recipient.startswith(name)]
    return found


def entries(mail: OutboxMessage) -> list[Component]:
    """The calendar entries of a mail, each once, read as a mail program reads them."""
    files = [file for file in messages.attachments_of(mail) if not file.is_alternative]
    return [event for file in files for event in Calendar.from_ical(file.content).walk("VEVENT")]


def as_sent(mail: OutboxMessage) -> EmailMessage:
    composed = compose(
        sender="a@example.org",
        to=mail.recipient,
        subject=mail.subject,
        body=mail.body,
        attachments=messages.attachments_of(mail),
    )
    read = message_from_bytes(composed.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def off(*meetings: BookingMeeting) -> list[BookingMeeting]:
    for meeting in meetings:
        meeting.status, meeting.sequence = MeetingStatus.CANCELLED, meeting.sequence + 1
    db.session.flush()
    return list(meetings)


def test_everybody_is_told_in_their_own_language(booking: Booking) -> None:
    letters.booked(booking, now=NOW)

    assert mail_to("bruno").subject.startswith("Booked: Programme")
    assert mail_to("dario").subject.startswith("Prenotato: Percorso")
    assert "martedì 12 gennaio 2027, 10:00–11:00: Incontro 1" in mail_to("dario").body
    assert "Tuesday 12 January 2027, 10:00–11:00: Meeting 1" in mail_to("bruno").body
    assert f"/booking/{booking.id}" in mail_to("bruno").body


@pytest.mark.parametrize(
    "tell",
    [
        lambda booking: letters.requested(booking, now=NOW),
        lambda booking: letters.booked(booking, now=NOW),
        lambda booking: letters.approved(booking, now=NOW),
        lambda booking: letters.planned(booking, now=NOW),
        lambda booking: letters.declined(booking, now=NOW),
        lambda booking: letters.date_added(booking, booking.meetings, now=NOW),
        lambda booking: letters.date_cancelled(booking, booking.meetings[:1], now=NOW),
    ],
    ids=["requested", "booked", "approved", "planned", "declined", "date added", "date cancelled"],
)
def test_the_same_change_told_three_times_is_one_mail_each(booking: Booking, tell: Callable[[Booking], object]) -> None:
    tell(booking)
    once = [mail.key for mail in mails()]
    tell(booking)
    tell(booking)

    assert once == [mail.key for mail in mails()]
    assert len(once) == len({mail.recipient for mail in mails()})


def test_needs_and_notes_of_a_class_never_leave_by_mail(bruno: User) -> None:
    booking = make_booking(bruno, special_needs="carrozzina", note="telefonare")

    letters.booked(booking, now=NOW)
    letters.requested(booking, now=NOW)

    assert not any("carrozzina" in mail.body or "telefonare" in mail.body for mail in mails())


def test_a_moved_date_keeps_its_uid_and_gets_a_higher_number(booking: Booking) -> None:
    letters.booked(booking, now=NOW)
    meeting = booking.meetings[0]
    was = meeting.starts_at, meeting.ends_at
    meeting.starts_at, meeting.ends_at = was[0] + WEEK / 7, was[1] + WEEK / 7
    meeting.sequence += 1
    db.session.flush()

    letters.moved(
        booking,
        [Move(meeting=meeting, starts_at_before=was[0], ends_at_before=was[1])],
        reason="Sciopero",
        now=NOW,
    )

    before = {str(event["UID"]): event for mail in mails() if "confirmed" in mail.key for event in entries(mail)}
    told = [mail for mail in mails() if mail.key.startswith("booking-moved")]
    assert 2 == len(told)
    for mail in told:
        (event,) = entries(mail)
        assert (0, 1) == (before[str(event["UID"])]["SEQUENCE"], event["SEQUENCE"])
        assert "10:00" in mail.body
        assert "Sciopero" in mail.body


def test_a_facilitator_who_no_longer_leads_a_date_gets_a_cancellation(booking: Booking) -> None:
    meeting = booking.meetings[0]
    dario = meeting.facilitator
    elsa = make_user("Elsa", Role.FACILITATOR, organisation_id=booking.edition.organisation_id)
    meeting.facilitator, meeting.sequence = elsa, 1
    db.session.flush()

    letters.moved(
        booking,
        [
            Move(
                meeting=meeting,
                starts_at_before=meeting.starts_at,
                ends_at_before=meeting.ends_at,
                facilitator_before=dario,
            )
        ],
        now=NOW,
    )

    assert "CANCELLED" == entries(mail_to("dario"))[0]["STATUS"]
    assert "CONFIRMED" == entries(mail_to("elsa"))[0]["STATUS"]


def test_a_single_entry_stands_beside_the_text_and_as_a_file(booking: Booking) -> None:
    letters.date_cancelled(booking, off(booking.meetings[0]), reason="Neve: è chiuso", now=NOW)

    mail = as_sent(mail_to("bruno"))

    beside, file = mail.iter_parts()
    assert ("multipart/mixed", "multipart/alternative") == (mail.get_content_type(), beside.get_content_type())
    text, calendar = beside.iter_parts()
    assert ("text/plain", "text/calendar") == (text.get_content_type(), calendar.get_content_type())
    assert ("CANCEL", "utf-8") == (calendar.get_param("method"), calendar.get_param("charset"))
    assert "application/ics" == file.get_content_type()
    content = calendar.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert b"METHOD:CANCEL\r\n" in content
    assert content == file.get_payload(decode=True)
    assert str(booking.meetings[0].id) == Calendar.from_ical(content).walk("VEVENT")[0]["UID"]


def test_several_entries_are_files_with_a_method_each(booking: Booking) -> None:
    letters.booked(booking, now=NOW)

    mail = as_sent(mail_to("bruno"))

    files = list(mail.iter_attachments())
    assert ["text/calendar"] * 2 == [file.get_content_type() for file in files]
    assert ["REQUEST"] * 2 == [file.get_param("method") for file in files]
    assert {str(meeting.id) for meeting in booking.meetings} == {str(e["UID"]) for e in entries(mail_to("bruno"))}


def test_the_provider_calling_off_is_told_in_other_words(booking: Booking) -> None:
    off(*booking.meetings)
    booking.cancel_reason = "Malattia"

    letters.slot_called_off(booking, now=NOW)

    assert mail_to("bruno").subject.startswith("Called off by the provider")
    assert "Malattia" in mail_to("bruno").body
    assert {"CANCELLED"} == {event["STATUS"] for event in entries(mail_to("dario"))}


def test_who_asked_reads_what_was_decided_and_why(booking: Booking) -> None:
    booking.decision_message = "Troppo tardi"

    letters.declined(booking, now=NOW)

    assert "Troppo tardi" in mail_to("bruno").body


def test_a_request_without_dates_says_what_was_wished(bruno: User) -> None:
    bruno.language = "it"
    booking = make_booking(bruno, status=BookingStatus.REQUESTED)
    booking.meetings.clear()
    booking.wish = BookingWish(weekdays=[0, 3], earliest=time(8), latest=time(11), weeks_to_avoid=["2027-02-08"])
    db.session.flush()

    letters.requested(booking, now=NOW)

    assert "lunedì, giovedì" in mail_to("bruno").body
    assert "08:00–11:00" in mail_to("bruno").body
    assert "settimana da lunedì 8 febbraio 2027" in mail_to("bruno").body


def test_a_waiting_class_is_told_until_when_a_place_is_kept(bruno: User) -> None:
    slot, offer = make_slot(), uuid.uuid4()
    school_class = make_booking(bruno).school_class

    for _time in range(3):
        letters.waiting_offer(offer, bruno, slot, school_class, until=FIRST_START)

    assert "until Tuesday 12 January 2027, 10:00." in mail_to("bruno").body


def test_why_a_class_was_passed_over_is_said_in_its_coordinators_language(bruno: User) -> None:
    bruno.language = "it"
    slot, school_class = make_slot(), make_booking(bruno).school_class

    letters.waiting_skipped(uuid.uuid4(), bruno, slot, school_class, reason=lazy_gettext("Full"))
    letters.waiting_lapsed(uuid.uuid4(), bruno, slot, school_class)

    assert any("Perché: Al completo" in mail.body for mail in mails())


def test_the_words_of_the_office_are_used(anna: User, booking: Booking) -> None:
    messages.write_text(
        accounts.actor_of(anna),
        messages.kind_of("booked"),
        "it",
        Text(subject="Evviva {classe}", body="Ciao {nome}"),
        revision=0,
    )

    letters.booked(booking, now=NOW)

    assert f"Evviva {booking.school_class.label}" == mail_to("dario").subject
    assert "Ciao Dario" == mail_to("dario").body


def test_a_text_that_an_update_made_unusable_gives_way_to_ours(app: Flask, booking: Booking) -> None:
    del app
    db.session.add(
        LetterText(kind="booked", language="it", subject="S", body="{sparito}", revision=1, written_by=uuid.uuid4(),
                   written_at=NOW)
    )  # fmt: skip
    db.session.flush()

    letters.booked(booking, now=NOW)

    assert mail_to("dario").subject.startswith("Prenotato")


@pytest.mark.parametrize(
    ("first", "written"),
    [
        (datetime(2026, 10, 23, 7, tzinfo=UTC), ["20261023T090000", "20261026T090000"]),
        (datetime(2027, 3, 26, 8, tzinfo=UTC), ["20270326T090000", "20270329T090000"]),
    ],
    ids=["October", "March"],
)
def test_dates_on_both_sides_of_a_change_of_the_clock_are_at_nine(
    bruno: User, first: datetime, written: list[str]
) -> None:
    second = first + timedelta(days=3, hours=1 if first.month == 10 else -1)

    letters.booked(make_two_dates(bruno, (first, second)), now=NOW)

    files = [file.content.decode() for file in messages.attachments_of(mail_to("bruno"))]
    for file, start in zip(files, written, strict=True):
        assert f"DTSTART;TZID=Europe/Rome:{start}" in file
        assert "BEGIN:VTIMEZONE" in file
        (event,) = Calendar.from_ical(file).walk("VEVENT")
        assert event["DTSTART"].dt.astimezone(UTC) in (first, second)
    assert mail_to("bruno").body.count("09:00–10:00") == 2
