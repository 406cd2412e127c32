"""Booking and calling off on both databases: each thing happens once, and those concerned are told."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import event, func, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import audit, rules, service
from prevention.booking.models import Booking, Slot
from prevention.booking.rules import BookingStatus, MeetingStatus, SlotStatus
from prevention.core.access import Actor, NotYours
from prevention.core.clock import ROME
from prevention.core.db import db
from prevention.core.models import AuditEntry
from prevention.messages import service as messages
from prevention.messages.models import OutboxMessage
from prevention.programmes import service as programmes
from prevention.programmes.models import Edition
from prevention.programmes.rules import CatalogueFilter, EditionStatus, EvidenceClass, Method
from prevention.roles import Role
from prevention.schools.models import SchoolClass
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, HOUR, make_booking, make_slot
from tests.factories.network import make_organisation
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import SCHOOL_YEAR, make_school_class, make_site
from tests.support.queries import counted_queries

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def own_class(person: User, **values: Any) -> SchoolClass:
    """A class of the person's own school."""
    return make_school_class(site=make_site(institute_id=person.roles[0].institute_id), **values)


def book(person: User, slot: Slot, school_class: SchoolClass | None = None, **values: Any) -> Booking:
    """Book as this person, for a class of their own school."""
    return service.book(
        actor_of(person),
        service.slot_for(actor_of(person), slot.id),
        school_class or own_class(person),
        **{"pupils": 25, "adults": 1, "now": NOW, **values},
    )


def outbox() -> dict[str, OutboxMessage]:
    """The messages by the occasion they name."""
    return {message.key: message for message in db.session.scalars(select(OutboxMessage))}


def provider_of(edition: Edition, name: str = "Dario") -> User:
    """A facilitator of the edition's provider."""
    return make_user(name, Role.FACILITATOR, organisation_id=edition.organisation_id)


def test_a_booking_takes_a_place_and_copies_the_dates(app: Flask, bruno: User) -> None:
    slot = make_slot(starts=[FIRST_START, FIRST_START + WEEK], places=3)

    booking = book(bruno, slot, special_needs="Una rampa", note="Secondo piano")

    assert 1 == slot.places_taken
    assert (25, 1, "Una rampa", "Secondo piano") == (
        booking.pupils,
        booking.adults,
        booking.special_needs,
        booking.note,
    )
    assert [FIRST_START, FIRST_START + WEEK] == [meeting.starts_at for meeting in booking.meetings]
    assert [meeting.id for meeting in slot.edition.programme.meetings] == [
        meeting.programme_meeting_id for meeting in booking.meetings
    ]
    assert () == audit.violations()


def test_a_booking_leaves_a_line_in_the_trail(app: Flask, bruno: User) -> None:
    booking = book(bruno, make_slot())

    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "booking.booked")).one()
    assert (bruno.id, booking.id) == (entry.actor_id, entry.subject_id)


def test_the_booker_and_the_facilitator_get_an_invitation_for_each_date(app: Flask, bruno: User) -> None:
    edition = make_edition(programme=make_programme(meetings=2))
    dario = provider_of(edition)
    slot = make_slot(starts=[FIRST_START, FIRST_START + WEEK], edition=edition, facilitator_id=dario.id)

    booking = book(bruno, slot, special_needs="Dislessia")

    for person in (bruno, dario):
        message = outbox()[f"booking-confirmed:{booking.id}:{person.id}"]
        assert person.email == message.recipient
        assert "Dislessia" not in message.body
        assert f"/booking/{booking.id}" in message.body
        events = [Calendar.from_ical(file.content).walk("VEVENT")[0] for file in messages.attachments_of(message)]
        assert [str(meeting.id) for meeting in booking.meetings] == [str(event["UID"]) for event in events]
        assert [FIRST_START, FIRST_START + WEEK] == [event["DTSTART"].dt.astimezone(UTC) for event in events]


def test_each_recipient_reads_their_own_language(app: Flask, bruno: User) -> None:
    edition = make_edition()
    dario = provider_of(edition)
    bruno.language, dario.language = "en", "it"

    booking = book(bruno, make_slot(edition=edition, facilitator_id=dario.id))

    english = outbox()[f"booking-confirmed:{booking.id}:{bruno.id}"]
    italian = outbox()[f"booking-confirmed:{booking.id}:{dario.id}"]
    assert "Tuesday 12 January 2027, 10:00" in english.body
    assert "martedì 12 gennaio 2027, 10:00" in italian.body
    assert edition.programme.name["it"] in italian.subject


def test_the_last_place_is_given_once(app: Flask, bruno: User, carla: User) -> None:
    slot = make_slot()
    book(bruno, slot)

    with pytest.raises(rules.SlotFull):
        book(carla, slot)

    assert 1 == slot.places_taken
    assert 1 == db.session.scalar(select(func.count()).select_from(Booking))
    assert () == audit.violations()


def test_a_claim_on_a_place_that_has_just_gone_is_refused(app: Flask, bruno: User, carla: User) -> None:
    """The page was loaded while a place was free; the statement that claims it sees that it is gone."""
    slot = service.slot_for(actor_of(carla), make_slot().id)
    book(bruno, slot)
    _pretend(slot, places_taken=0)

    with pytest.raises(rules.SlotFull):
        service.book(actor_of(carla), slot, own_class(carla), pupils=20, now=NOW)

    assert 1 == slot.places_taken
    assert () == audit.violations()


def test_a_claim_on_dates_just_called_off_is_refused(app: Flask, bruno: User, anna: User) -> None:
    slot = service.slot_for(actor_of(bruno), make_slot().id)
    service.cancel_slot(actor_of(anna), slot, reason="Malattia", now=NOW)
    _pretend(slot, status=SlotStatus.OPEN)

    with pytest.raises(rules.SlotCancelled):
        service.book(actor_of(bruno), slot, own_class(bruno), pupils=20, now=NOW)


def _pretend(slot: Slot, **values: Any) -> None:
    """Let the session believe what another transaction has changed since."""
    for name, value in values.items():
        db.session.refresh(slot)
        set_committed_value(slot, name, value)


def test_a_class_is_booked_once_for_an_edition(app: Flask, bruno: User) -> None:
    slot = make_slot(places=2)
    school_class = own_class(bruno)
    first = book(bruno, slot, school_class)

    with pytest.raises(rules.AlreadyBooked) as no:
        book(bruno, slot, school_class)

    assert first.id == no.value.booking_id
    assert 1 == slot.places_taken


def test_the_database_itself_refuses_the_second_booking_and_the_place_comes_back(app: Flask, bruno: User) -> None:
    """A rival whose booking appears after the rules have spoken: the index refuses, by the same name."""
    slot = make_slot(places=2)
    school_class = own_class(bruno)
    rivals: list[uuid.UUID] = []

    def come_first(session: Session, *_context: Any) -> None:
        mine = next((row for row in session.new if isinstance(row, Booking)), None)
        if mine is not None and not rivals:
            rivals.append(mine.school_class_id)
            values = {"pupils": 20, "adults": 0, "special_needs": "", "note": "", "cancel_reason": ""}
            session.connection().execute(
                insert(Booking).values(
                    id=uuid.uuid4(),
                    slot_id=mine.slot_id,
                    edition_id=mine.edition_id,
                    school_class_id=mine.school_class_id,
                    status=BookingStatus.CONFIRMED,
                    chosen_despite_evidence=False,
                    booked_by=mine.booked_by,
                    booked_at=NOW,
                    **values,
                )
            )

    event.listen(db.session, "before_flush", come_first)
    try:
        with pytest.raises(rules.AlreadyBooked):
            book(bruno, slot, school_class)
    finally:
        event.remove(db.session, "before_flush", come_first)

    assert [school_class.id] == rivals
    assert 0 == slot.places_taken


def test_a_class_is_not_in_two_places_at_once(app: Flask, bruno: User) -> None:
    school_class = own_class(bruno)
    first = book(bruno, make_slot(), school_class)

    with pytest.raises(rules.ClassBusy) as no:
        book(bruno, make_slot(starts=[FIRST_START + HOUR / 2]), school_class)

    assert first.id == no.value.booking_id


def test_a_booking_called_off_stands_in_nobodys_way(app: Flask, bruno: User) -> None:
    school_class = own_class(bruno)
    slot = make_slot()
    service.cancel(actor_of(bruno), book(bruno, slot, school_class), reason="Gita", now=NOW)

    again = book(bruno, slot, school_class)

    assert BookingStatus.CONFIRMED is again.status
    assert 1 == slot.places_taken
    assert () == audit.violations()


def test_calling_off_frees_the_place_once(app: Flask, bruno: User) -> None:
    slot = make_slot()
    booking = book(bruno, slot)

    service.cancel(actor_of(bruno), booking, reason="Gita", now=NOW)
    with pytest.raises(rules.AlreadyCancelled):
        service.cancel(actor_of(bruno), booking, reason="Gita", now=NOW)

    assert 0 == slot.places_taken
    assert (BookingStatus.CANCELLED, "Gita", bruno.id, NOW) == (
        booking.status,
        booking.cancel_reason,
        booking.cancelled_by,
        booking.cancelled_at,
    )
    assert [MeetingStatus.CANCELLED] == [meeting.status for meeting in booking.meetings]


def test_calling_off_takes_the_same_entries_out_of_the_calendars(app: Flask, bruno: User) -> None:
    booking = book(bruno, make_slot())

    service.cancel(actor_of(bruno), booking, reason="Gita in montagna", now=NOW)

    message = outbox()[f"booking-cancelled:{booking.id}:{bruno.id}"]
    beside, file = messages.attachments_of(message)
    assert beside.content == file.content
    calendar = Calendar.from_ical(file.content)
    (event,) = calendar.walk("VEVENT")
    assert "Gita in montagna" in message.body
    assert ("CANCEL", str(booking.meetings[0].id), 1) == (calendar["METHOD"], event["UID"], event["SEQUENCE"])


def test_what_has_begun_is_not_called_off(app: Flask, bruno: User) -> None:
    booking = book(bruno, make_slot())

    with pytest.raises(rules.AlreadyStarted):
        service.cancel(actor_of(bruno), booking, reason="Tardi", now=FIRST_START)

    assert BookingStatus.CONFIRMED is booking.status


def test_calling_dates_off_tells_every_class(app: Flask, anna: User, bruno: User, carla: User) -> None:
    slot = make_slot(places=3)
    bookings = [book(bruno, slot), book(carla, slot)]

    assert 2 == service.cancel_slot(actor_of(anna), slot, reason="Malattia", now=NOW)

    assert (SlotStatus.CANCELLED, 0) == (slot.status, slot.places_taken)
    assert {BookingStatus.CANCELLED} == {booking.status for booking in bookings}
    assert {bruno.email, carla.email} == {
        message.recipient for key, message in outbox().items() if key.startswith("booking-cancelled")
    }
    with pytest.raises(rules.AlreadyCancelled):
        service.cancel_slot(actor_of(anna), slot, reason="Malattia", now=NOW)
    assert () == audit.violations()


def test_another_schools_class_cannot_be_booked(app: Flask, bruno: User, carla: User) -> None:
    with pytest.raises(NotYours):
        book(bruno, make_slot(), own_class(carla))


def test_the_choice_of_a_weak_offer_beside_a_better_one_is_written_down(app: Flask, bruno: User) -> None:
    talk = make_programme(method=Method.TALK, evidence_class=EvidenceClass.UNLIKELY_OR_HARMFUL)
    slot = make_slot(edition=make_edition(programme=talk))
    alone = book(bruno, slot)
    service.cancel(actor_of(bruno), alone, reason="Ripensamento", now=NOW)
    make_programme(slug="better")

    beside = book(bruno, slot)

    assert (False, True) == (alone.chosen_despite_evidence, beside.chosen_despite_evidence)


@pytest.mark.parametrize(
    ("values", "wanted", "is_there"),
    [
        ({}, {}, True),
        ({}, {"grade": 5}, True),
        ({}, {"level": "primo_grado"}, False),
        ({}, {"programme": "another"}, False),
        ({}, {"from_day": date(2027, 1, 12)}, True),
        ({}, {"from_day": date(2027, 1, 13)}, False),
        ({"books_until": date(2026, 11, 22)}, {}, False),
        ({"books_until": date(2026, 11, 23)}, {}, True),
        ({"status": SlotStatus.CANCELLED}, {}, False),
        ({"places_taken": 1}, {}, False),
        ({"places_taken": 1}, {"only_free": False}, True),
        ({"starts": [NOW]}, {}, False),
    ],
)
def test_the_list_of_open_dates_shows_what_can_be_booked(
    app: Flask, values: dict[str, Any], wanted: dict[str, Any], is_there: bool
) -> None:
    slot = make_slot(**values)

    found = db.session.scalars(service.open_slots(service.SlotFilter(**wanted), now=NOW)).all()

    assert ([slot] if is_there else []) == list(found)


def test_dates_of_an_edition_that_is_not_open_are_not_listed(app: Flask) -> None:
    make_slot(edition=make_edition(status=EditionStatus.CLOSED))

    assert [] == list(db.session.scalars(service.open_slots(service.SlotFilter(), now=NOW)))


def test_the_catalogue_counts_the_places_that_can_be_booked_now(app: Flask) -> None:
    edition = make_edition()
    make_slot(edition=edition, places=3, places_taken=1)
    make_slot(edition=edition, places=5, books_from=date(2026, 12, 1))
    make_slot(edition=edition, places=7, status=SlotStatus.CANCELLED)

    (offer,) = programmes.catalogue(CatalogueFilter(), school_year=SCHOOL_YEAR, now=NOW).offers

    assert offer.places is not None
    assert (2, FIRST_START) == (offer.places.free, offer.places.next_start)


def published(edition: Edition, actor: Actor, **values: Any) -> Slot:
    """Publish one place on the usual date."""
    details = values.pop("details", service.SlotDetails())
    plan = rules.SlotPlan(
        **{
            "places": 1,
            "books_from": None,
            "books_until": date(2027, 1, 5),
            "meetings": (rules.Span(starts_at=FIRST_START, ends_at=FIRST_START + HOUR),),
            **values,
        }
    )
    return service.publish_slot(actor, edition, plan, details=details, now=NOW)


def test_a_provider_publishes_dates_of_their_own_edition(app: Flask) -> None:
    edition = make_edition()
    dario = provider_of(edition)

    slot = published(edition, actor_of(dario), details=service.SlotDetails(facilitator_id=dario.id, note="Aula"))

    assert [FIRST_START] == [meeting.starts_at for meeting in slot.meetings]
    assert (dario.id, "Aula") == (slot.facilitator_id, slot.note)


def test_nobody_publishes_dates_of_another_provider(app: Flask, bruno: User, dario: User) -> None:
    edition = make_edition()

    for person in (bruno, dario):
        with pytest.raises(NotYours):
            published(edition, actor_of(person))


def test_a_facilitator_is_not_published_in_two_places_at_once(app: Flask, anna: User) -> None:
    edition = make_edition()
    details = service.SlotDetails(facilitator_id=provider_of(edition).id)
    published(edition, actor_of(anna), details=details)

    with pytest.raises(rules.FacilitatorBusy):
        published(edition, actor_of(anna), details=details)


def test_a_facilitator_of_another_provider_cannot_lead(app: Flask, anna: User, dario: User) -> None:
    with pytest.raises(rules.WrongFacilitator):
        published(make_edition(), actor_of(anna), details=service.SlotDetails(facilitator_id=dario.id))


def test_a_booking_is_there_for_those_it_concerns_alone(app: Flask, anna: User, bruno: User, carla: User) -> None:
    slot = make_slot()
    booking = book(bruno, slot)
    own_provider = provider_of(slot.edition)
    other_provider = make_user("Ezio", Role.FACILITATOR, organisation_id=make_organisation().id)

    for person in (anna, bruno, own_provider):
        assert booking is service.booking_for(actor_of(person), booking.id)
    for person in (carla, other_provider):
        with pytest.raises(NotYours):
            service.booking_for(actor_of(person), booking.id)
    with pytest.raises(NotYours):
        service.booking_for(actor_of(anna), uuid.uuid4())


def test_a_coordinator_sees_published_dates_and_a_provider_their_own(app: Flask, bruno: User, dario: User) -> None:
    slot = make_slot()
    draft = make_slot(edition=make_edition(status=EditionStatus.DRAFT))
    called_off = make_slot(status=SlotStatus.CANCELLED)
    own_provider = provider_of(draft.edition)

    assert slot is service.slot_for(actor_of(bruno), slot.id)
    assert draft is service.slot_for(actor_of(own_provider), draft.id)
    for person, other in ((bruno, draft), (bruno, called_off), (dario, slot)):
        with pytest.raises(NotYours):
            service.slot_for(actor_of(person), other.id)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 2),
        ({"status": BookingStatus.CANCELLED}, 1),
        ({"text": "liceo aselli"}, 1),
        ({"text": "liceo 100%"}, 0),
        ({"programme": "another"}, 0),
        ({"only_ahead": True}, 2),
    ],
)
def test_the_office_filters_bookings(app: Flask, anna: User, wanted: dict[str, Any], count: int) -> None:
    make_booking(anna, school_class=make_school_class(site=make_site(name="LICEO ASELLI")))
    make_booking(anna, status=BookingStatus.CANCELLED)

    query = service.bookings_for(actor_of(anna), SCHOOL_YEAR, wanted=service.BookingFilter(**wanted), now=NOW)

    assert count == len(db.session.scalars(query).all())


def test_bookings_come_in_the_order_of_their_first_date(app: Flask, anna: User) -> None:
    late = make_booking(anna, slot=make_slot(starts=[FIRST_START + WEEK]))
    early = make_booking(anna, slot=make_slot(starts=[FIRST_START, FIRST_START + 2 * WEEK]))

    found = db.session.scalars(service.bookings_for(actor_of(anna), SCHOOL_YEAR, now=NOW)).all()

    assert [early, late] == list(found)


def test_an_agenda_holds_the_planned_dates_of_those_it_concerns(app: Flask, anna: User, dario: User) -> None:
    slot = make_slot(starts=[FIRST_START, FIRST_START + WEEK])
    booking = make_booking(anna, slot=slot)
    make_booking(anna, slot=make_slot(), status=BookingStatus.CANCELLED)
    own_provider = provider_of(slot.edition)

    ahead = db.session.scalars(service.meetings_for(actor_of(own_provider), since=FIRST_START + HOUR)).all()
    nothing = db.session.scalars(service.meetings_for(actor_of(dario), since=NOW)).all()
    until = service.meetings_for(actor_of(anna), since=NOW, until=FIRST_START + HOUR)

    assert [booking.meetings[1]] == list(ahead)
    assert [] == list(nothing)
    assert [booking.meetings[0]] == list(db.session.scalars(until))


@pytest.mark.parametrize("what", ["slots", "bookings", "agenda"])
def test_lists_take_the_same_number_of_queries_for_ten_and_for_two_hundred(app: Flask, anna: User, what: str) -> None:
    site = make_site()
    dario = make_user("Dario", Role.FACILITATOR, organisation_id=make_organisation().id)
    organisation_id = dario.roles[0].organisation_id

    def fill(count: int) -> None:
        edition = make_edition(organisation_id=organisation_id)
        for number in range(count):
            slot = make_slot(edition=edition, places=2, facilitator=dario, starts=[FIRST_START + HOUR * number])
            make_booking(anna, slot=slot, school_class=make_school_class(site=site))

    def read() -> int:
        actor = actor_of(anna)
        queries: dict[str, Any] = {
            "slots": service.open_slots(service.SlotFilter(), now=NOW),
            "bookings": service.bookings_for(actor, SCHOOL_YEAR, now=NOW),
            "agenda": service.meetings_for(actor, since=NOW),
        }
        db.session.expire_all()
        with counted_queries() as sent:
            for row in db.session.scalars(queries[what].limit(400)):
                _touch(row)
        return sent.count

    fill(10)
    few = read()
    fill(190)

    assert few == read()


def _touch(row: Any) -> None:
    """Read what the list shows of a row."""
    booking = getattr(row, "booking", row)
    _ = booking.edition.programme.name, booking.edition.organisation.name
    _ = [meeting.starts_at for meeting in booking.meetings] if booking is row else row.programme_meeting.title
    if isinstance(booking, Booking):
        _ = booking.school_class.site.municipality.name, booking.school_class.site.institute.name
        _ = booking.slot.site if booking.slot else None
    if isinstance(row, Slot):
        _ = row.site, row.facilitator.name, [meeting.minutes for meeting in row.edition.programme.meetings]


def test_school_years_begin_and_end_with_the_summer(app: Flask) -> None:
    assert (date(2026, 9, 1), date(2027, 8, 31)) == service.school_year_days(2026)


def test_the_usual_date_of_these_tests_is_ten_in_the_morning_in_cremona() -> None:
    assert 10 == FIRST_START.astimezone(ROME).hour
