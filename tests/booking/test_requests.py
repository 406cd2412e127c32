"""Requests: classes ask for a programme with wishes; they change them or withdraw until the office has planned."""

import csv
import io
from collections.abc import Callable
from datetime import date, time

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import audit, rules, service
from prevention.booking.models import Booking, BookingWish
from prevention.booking.rules import BookingStatus
from prevention.booking.service import Wish
from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.programmes.rules import BookingMode, EditionStatus, EvidenceClass, Method
from tests.booking.people import NOW, book, letters, own_class, party
from tests.factories.booking import make_request, make_slot
from tests.factories.programmes import make_edition, make_programme
from tests.support.http import Client

WISH = Wish(
    weekdays=(0, 2),
    earliest=time(9),
    latest=time(12, 30),
    weeks_to_avoid=(date(2027, 2, 1),),
    note="Non nell'ora di ginnastica",
)


def edition_to_ask_for(**values: object) -> Edition:
    """An edition whose dates the office plans."""
    return make_edition(**{"booking_mode": BookingMode.REQUESTS, **values})


def bookings() -> int:
    """How many there are."""
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0


def test_classes_ask_with_one_wish(app: Flask, bruno: User) -> None:
    made = service.request(actor_of(bruno), edition_to_ask_for(), [party(bruno), party(bruno)], WISH, now=NOW)

    assert [(BookingStatus.REQUESTED, None, [])] * 2 == [(each.status, each.slot_id, each.meetings) for each in made]
    wish = made[0].wish
    assert wish is not None
    assert ([0, 2], time(9), time(12, 30), ["2027-02-01"]) == (
        wish.weekdays,
        wish.earliest,
        wish.latest,
        wish.weeks_to_avoid,
    )
    assert 2 == len(letters("booking-requested"))
    assert () == audit.violations()


def test_all_ask_or_none(app: Flask, bruno: User) -> None:
    edition = edition_to_ask_for(programme=make_programme(grade_max=2), quota_per_school=1)
    parties = [party(bruno), party(bruno, own_class(bruno, grade=5)), party(bruno)]

    with pytest.raises(rules.SeveralRefused) as no:
        service.request(actor_of(bruno), edition, parties, WISH, now=NOW)

    assert [rules.WrongGrade, rules.QuotaReached] == [type(each) for _label, each in no.value.refusals]
    assert 0 == bookings()


def test_a_class_asks_once_whether_by_dates_or_by_request(app: Flask, bruno: User) -> None:
    school_class = own_class(bruno)
    edition = make_edition(booking_mode=BookingMode.BOTH)
    service.request(actor_of(bruno), edition, [party(bruno, school_class)], Wish(), now=NOW)

    with pytest.raises(rules.AlreadyBooked):
        service.request(actor_of(bruno), edition, [party(bruno, school_class)], Wish(), now=NOW)
    with pytest.raises(rules.AlreadyBooked):
        book(bruno, make_slot(edition=edition), school_class)

    assert 1 == bookings()


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"booking_mode": BookingMode.DATES}, rules.NoRequests),
        ({"status": EditionStatus.CLOSED}, rules.EditionClosed),
        ({"group_min": 26}, rules.GroupTooSmall),
        ({"group_max": 24}, rules.GroupTooLarge),
    ],
)
def test_a_request_that_cannot_be_says_why(
    app: Flask, bruno: User, values: dict[str, object], refusal: type[rules.BookingRefusal]
) -> None:
    with pytest.raises(refusal):
        service.request(actor_of(bruno), edition_to_ask_for(**values), [party(bruno)], WISH, now=NOW)

    assert 0 == bookings()


def test_another_schools_class_does_not_ask(app: Flask, bruno: User, carla: User) -> None:
    with pytest.raises(NotYours):
        service.request(actor_of(bruno), edition_to_ask_for(), [party(carla)], WISH, now=NOW)


def test_a_request_is_changed_until_it_has_dates(app: Flask, bruno: User, carla: User) -> None:
    school_class = own_class(bruno)
    booking = make_request(bruno, school_class=school_class, edition=edition_to_ask_for())

    service.change_request(actor_of(bruno), booking, party(bruno, school_class, pupils=19, note="Ciao"), WISH)

    assert (19, "Ciao", [0, 2]) == (booking.pupils, booking.note, booking.wish and booking.wish.weekdays)
    assert 1 == db.session.scalar(select(func.count()).select_from(BookingWish))
    with pytest.raises(NotYours):
        service.change_request(actor_of(carla), booking, party(carla), WISH)
    dated = book(bruno, make_slot(edition=make_edition(auto_accept=False)))
    with pytest.raises(rules.HasDates):
        service.change_request(actor_of(bruno), dated, party(bruno), WISH)


def test_a_request_is_withdrawn_and_then_no_longer_changed(app: Flask, bruno: User) -> None:
    booking = make_request(bruno, school_class=own_class(bruno), edition=edition_to_ask_for())

    service.cancel(actor_of(bruno), booking, reason="Ripensamento", now=NOW)

    assert BookingStatus.CANCELLED is booking.status
    with pytest.raises(rules.AlreadyDecided):
        service.change_request(actor_of(bruno), booking, party(bruno), WISH)


def test_editions_that_take_requests_are_offered_for_asking(app: Flask, bruno: User) -> None:
    mine = edition_to_ask_for()
    make_edition()

    assert [mine] == service.requestable_editions(2026)
    assert mine is service.requestable_edition_for(actor_of(bruno), mine.id)
    for other in (make_edition(), edition_to_ask_for(status=EditionStatus.DRAFT)):
        with pytest.raises(NotYours):
            service.requestable_edition_for(actor_of(bruno), other.id)


def test_open_requests_wait_for_a_decision_or_for_dates(app: Flask, anna: User, bruno: User) -> None:
    dateless = make_request(bruno, edition=edition_to_ask_for())
    dated = book(bruno, make_slot(edition=make_edition(auto_accept=False)))

    for has_dates, expected in ((None, {dateless, dated}), (True, {dated}), (False, {dateless})):
        query = service.open_requests(actor_of(anna), 2026, has_dates=has_dates)
        assert expected == set(db.session.scalars(query))


def test_who_asks_for_a_talk_sees_something_better_and_the_choice_is_kept(
    anna: User, bruno: User, sign_in: Callable[[User], Client]
) -> None:
    talk = make_programme(method=Method.TALK, evidence_class=EvidenceClass.UNLIKELY_OR_HARMFUL)
    make_slot(edition=make_edition(programme=make_programme(slug="better-course")))
    edition, school_class = make_edition(programme=talk, booking_mode=BookingMode.REQUESTS), own_class(bruno)
    browser = sign_in(bruno)

    notice = browser.page(f"/booking/editions/{edition.id}/request").select_one(".notice-warning")
    answer = browser.post(
        f"/booking/editions/{edition.id}/request",
        data={
            "classes-0-class_id": str(school_class.id),
            "classes-0-chosen": "y",
            "classes-0-pupils": "20",
            "classes-0-adults": "1",
        },
    )

    assert notice.select_one('a[href="/programmes/better-course"]') is not None
    assert 303 == answer.status_code
    booking = db.session.scalars(select(Booking)).one()
    assert booking.chosen_despite_evidence
    assert "something better studied" in sign_in(anna).page(f"/booking/{booking.id}").get_text()
    (row,) = csv.DictReader(io.StringIO(sign_in(anna).get("/booking/?format=csv").get_data().decode("utf-8-sig")))
    assert "yes" == row["Chosen although something is better studied"]
