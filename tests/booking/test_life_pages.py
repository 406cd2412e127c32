"""Pages of holds, waiting, requests, single dates and the board: who may do what; refused, nothing changes."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.booking import audit
from prevention.booking.models import Booking, Slot, SlotHold, WaitingClass
from prevention.booking.rules import BookingStatus, CountedBy, MeetingStatus, WaitingStatus
from prevention.core.db import db
from prevention.programmes.rules import BookingMode
from tests.booking.people import own_class, provider_of
from tests.factories.booking import FIRST_START, make_booking, make_request, make_slot, make_waiting_class
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client, soup
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
WEEK = timedelta(days=7)


def count(model: type) -> int:
    """How many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def rows_of(*class_ids: uuid.UUID, **values: str) -> dict[str, str]:
    """The rows of a form for these classes."""
    return {
        f"classes-{number}-{name}": value
        for number, class_id in enumerate(class_ids)
        for name, value in {"class_id": str(class_id), "chosen": "y", "adults": "1", **values}.items()
    }


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Dates with a booking of Bruno's, a request, a class of Bruno's with an offer, and who provides it."""

    slot: Slot
    booking: Booking
    request: Booking
    waiting: WaitingClass
    provider: User

    def door(self, name: str) -> str:
        """The address of a writing door."""
        meeting = self.booking.meetings[0].id
        return {
            "hold": f"/booking/slots/{self.slot.id}/hold",
            "release": f"/booking/slots/{self.slot.id}/release",
            "wait": f"/booking/slots/{self.slot.id}/wait",
            "accept": f"/booking/waiting/{self.waiting.id}/accept",
            "leave": f"/booking/waiting/{self.waiting.id}/leave",
            "ask": f"/booking/editions/{self.request.edition_id}/request",
            "change": f"/booking/{self.request.id}/request",
            "decide": "/booking/requests/decide",
            "cancel_date": f"/booking/{self.booking.id}/dates/{meeting}/cancel",
            "move_date": f"/booking/{self.booking.id}/dates/{meeting}/move",
            "cancel_slot_date": f"/booking/slots/{self.slot.id}/dates/{self.slot.meetings[0].id}/cancel",
        }[name]

    def state(self) -> tuple[object, ...]:
        """What no refused step may change."""
        db.session.expire_all()
        return (
            [meeting.status for meeting in self.booking.meetings],
            [meeting.starts_at for meeting in self.booking.meetings],
            self.booking.status,
            self.request.status,
            self.request.pupils,
            self.waiting.status,
            [date.status for date in self.slot.meetings],
            self.slot.places_taken,
            count(Booking),
            count(WaitingClass),
            count(SlotHold),
        )


@pytest.fixture
def scene(app: Flask, bruno: User) -> Scene:
    """See `Scene`."""
    edition = make_edition(programme=make_programme(meetings=2), auto_accept=False)
    slot = make_slot(edition=edition, starts=[FIRST_START, FIRST_START + WEEK], places=2)
    booking = make_booking(bruno, slot=slot, school_class=own_class(bruno))
    asked = make_edition(booking_mode=BookingMode.REQUESTS)
    request = make_request(bruno, edition=asked, school_class=own_class(bruno))
    waiting = make_waiting_class(
        bruno,
        slot,
        school_class=own_class(bruno),
        status=WaitingStatus.OFFERED,
        offer_expires_at=FIRST_START,
    )
    return Scene(slot=slot, booking=booking, request=request, waiting=waiting, provider=provider_of(edition))


DOORS = (
    "hold", "release", "wait", "accept", "leave", "ask", "change", "decide", "cancel_date", "move_date",
    "cancel_slot_date",
)  # fmt: skip
WITHOUT_PAGE = ("hold", "release", "accept", "leave", "decide")


@pytest.mark.parametrize("door", DOORS)
def test_a_stranger_changes_nothing(client: Client, scene: Scene, door: str) -> None:
    before = scene.state()

    assert 401 == client.post(scene.door(door), data={"reason": "Gita"}).status_code

    assert before == scene.state()


@pytest.mark.parametrize("door", WITHOUT_PAGE)
def test_what_has_no_page_is_not_opened(sign_in: SignIn, anna: User, bruno: User, scene: Scene, door: str) -> None:
    person = anna if door == "decide" else bruno

    assert 405 == sign_in(person).get(scene.door(door)).status_code


@pytest.mark.parametrize(
    ("who", "door", "status"),
    [
        ("anna", "hold", 403),
        ("anna", "release", 403),
        ("anna", "wait", 403),
        ("anna", "accept", 403),
        ("anna", "leave", 403),
        ("anna", "ask", 403),
        ("anna", "change", 403),
        ("dario", "accept", 403),
        ("bruno", "decide", 403),
        ("bruno", "cancel_slot_date", 403),
        ("carla", "accept", 404),
        ("carla", "leave", 404),
        ("carla", "change", 404),
        ("carla", "cancel_date", 404),
        ("carla", "move_date", 404),
        ("dario", "cancel_date", 404),
        ("dario", "move_date", 404),
        ("dario", "cancel_slot_date", 404),
        ("dario", "decide", 404),
    ],
)
def test_others_change_nothing(
    sign_in: SignIn, request: pytest.FixtureRequest, scene: Scene, who: str, door: str, status: int
) -> None:
    person = request.getfixturevalue(who)
    before = scene.state()
    data = {"reason": "Gita", "message": "No", "decision": "decline", "request": str(scene.request.id)}

    response = sign_in(person).post(
        scene.door(door), data={**data, "target": "x", **rows_of(scene.request.school_class_id)}
    )

    assert status == response.status_code
    assert before == scene.state()


def test_what_is_not_there_is_a_404(sign_in: SignIn, anna: User, bruno: User, scene: Scene) -> None:
    missing = uuid.uuid4()
    for address in (
        f"/booking/slots/{missing}/hold",
        "/booking/slots/nonsense/hold",
        f"/booking/slots/{missing}/release",
        f"/booking/slots/{missing}/wait",
        f"/booking/waiting/{missing}/accept",
        f"/booking/waiting/{missing}/leave",
        f"/booking/editions/{missing}/request",
        f"/booking/{missing}/request",
        f"/booking/{scene.booking.id}/dates/{missing}/cancel",
        f"/booking/{scene.booking.id}/dates/{missing}/move",
        f"/booking/{missing}/dates/{missing}/move",
    ):
        assert 404 == sign_in(bruno).post(address).status_code, address
    for address in (
        f"/booking/slots/{scene.slot.id}/dates/{missing}/cancel",
        f"/booking/slots/{missing}/dates/{missing}/cancel",
    ):
        assert 404 == sign_in(anna).post(address, data={"reason": "Gita"}).status_code, address
    for value in (str(missing), "nonsense"):
        data = {"request": value, "decision": "decline", "message": "No"}
        assert 404 == sign_in(anna).post("/booking/requests/decide", data=data).status_code


@pytest.mark.parametrize(
    ("who", "door", "data"),
    [
        ("bruno", "wait", {}),
        ("bruno", "ask", {}),
        ("bruno", "change", {"classes-0-pupils": "0"}),
        ("bruno", "cancel_date", {"reason": ""}),
        ("bruno", "move_date", {"target": ""}),
        ("bruno", "move_date", {"target": "nonsense"}),
        ("bruno", "move_date", {"target": "2027-01-12T08:00:00/2027-01-12T09:00:00"}),
        ("anna", "cancel_slot_date", {"reason": " "}),
        ("anna", "decide", {}),
        ("anna", "decide", {"decision": "approve"}),
        ("anna", "decide", {"decision": "perhaps", "message": "x"}),
    ],
)
def test_a_form_that_is_not_right_changes_nothing(
    sign_in: SignIn, request: pytest.FixtureRequest, scene: Scene, who: str, door: str, data: dict[str, str]
) -> None:
    before = scene.state()
    if door == "change":
        data = {**rows_of(scene.request.school_class_id), **data}

    response = sign_in(request.getfixturevalue(who)).post(scene.door(door), data=data)

    assert 422 == response.status_code
    assert before == scene.state()


def test_a_place_is_held_while_the_form_is_open_and_given_back(sign_in: SignIn, bruno: User, carla: User) -> None:
    slot = make_slot()
    own_class(bruno)
    client = sign_in(bruno)

    assert 303 == client.post(f"/booking/slots/{slot.id}/hold").status_code
    assert "kept for you until 10:15" in client.page(f"/booking/slots/{slot.id}/book").get_text()
    refused = sign_in(carla).post(f"/booking/slots/{slot.id}/hold")
    assert 422 == refused.status_code
    assert "kept for somebody else until 10:15" in soup(refused).get_text()

    assert 303 == client.post(f"/booking/slots/{slot.id}/release").status_code
    assert 303 == sign_in(carla).post(f"/booking/slots/{slot.id}/hold").status_code


def test_two_classes_are_booked_with_one_form(sign_in: SignIn, bruno: User) -> None:
    slot = make_slot(places=2)
    site = make_site(institute_id=bruno.roles[0].institute_id)
    ids = [make_school_class(site=site).id for _ in range(2)]

    response = sign_in(bruno).post(f"/booking/slots/{slot.id}/book", data=rows_of(*ids))

    assert (303, "/booking/mine") == (response.status_code, response.location)
    assert (2, 2) == (count(Booking), slot.places_taken)


def test_each_class_that_cannot_come_is_named(sign_in: SignIn, bruno: User) -> None:
    slot = make_slot(places=9, edition=make_edition(programme=make_programme(grade_max=1)))
    fits, wrong = own_class(bruno), own_class(bruno, grade=3)

    response = sign_in(bruno).post(f"/booking/slots/{slot.id}/book", data=rows_of(fits.id, wrong.id))

    assert 422 == response.status_code
    assert f"{wrong.label}: This programme is for grade 1; the class is in grade 3." in soup(response).get_text()
    assert (0, 0) == (count(Booking), slot.places_taken)


def test_dates_are_chosen_from_those_that_are_free(sign_in: SignIn, anna: User, bruno: User) -> None:
    slot = make_slot(
        edition=make_edition(), starts=[FIRST_START + WEEK * number for number in range(3)], dates_to_take=1
    )
    school_class = own_class(bruno)
    client = sign_in(bruno)

    page = client.page(f"/booking/slots/{slot.id}/book")
    assert ["1", "2", "3"] == [choice["value"] for choice in page.select("[name=numbers]")]
    assert ["1"] == [choice["value"] for choice in page.select("[name=numbers][checked]")]
    data = {**rows_of(school_class.id), "numbers": ["2"]}
    assert 303 == client.post(f"/booking/slots/{slot.id}/book", data=data).status_code

    assert [0, 1, 0] == [date.places_taken for date in slot.meetings]


def test_a_class_waits_sees_its_place_in_the_line_and_takes_the_offer(sign_in: SignIn, anna: User, bruno: User) -> None:
    slot = make_slot()
    filled_by = make_booking(anna, slot=slot)
    school_class = own_class(bruno)
    client = sign_in(bruno)

    assert client.page(f"/booking/slots/{slot.id}").select(f'a[href="/booking/slots/{slot.id}/wait"]')
    assert "schools never reached come first" in client.page(f"/booking/slots/{slot.id}/wait").get_text()
    assert 303 == client.post(f"/booking/slots/{slot.id}/wait", data=rows_of(school_class.id)).status_code
    assert school_class.label in client.page("/booking/waiting").get_text()
    sign_in(anna).post(f"/booking/{filled_by.id}/cancel", data={"reason": "Gita"})
    accept = client.page("/booking/waiting").select_one("form[action$=accept]")
    response = client.post(str(accept["action"]))

    assert 303 == response.status_code
    assert school_class.label in client.page(response.location).find("h1").get_text()
    assert 422 == client.post(str(accept["action"])).status_code
    assert (1, 2) == (slot.places_taken, count(Booking))
    assert () == audit.violations()


def test_an_offer_that_cannot_be_taken_still_stands_on_the_page_that_says_why(sign_in: SignIn, bruno: User) -> None:
    slot = make_slot()
    school_class = own_class(bruno)
    waiting = make_waiting_class(
        bruno, slot, school_class=school_class, status=WaitingStatus.OFFERED, offer_expires_at=FIRST_START
    )
    make_booking(bruno, slot=make_slot(), school_class=school_class)

    response = sign_in(bruno).post(f"/booking/waiting/{waiting.id}/accept")

    assert 422 == response.status_code
    (row,) = soup(response).select("tbody tr")
    assert row.select_one("form[action$=accept]")


def test_a_freed_place_is_invisible_to_newcomers(sign_in: SignIn, carla: User, bruno: User) -> None:
    own_class(carla)
    slot = make_slot()
    make_waiting_class(bruno, slot, school_class=own_class(bruno))
    client = sign_in(carla)

    assert not client.page("/booking/slots").select("tbody tr")
    (row,) = client.page("/booking/slots?full=yes").select("tbody tr")
    assert "Waiting list" in row.get_text()
    assert not row.select("form")
    assert 422 == client.post(f"/booking/slots/{slot.id}/hold").status_code


def test_a_class_passed_by_reads_why(sign_in: SignIn, bruno: User) -> None:
    slot = make_slot(places=45, counted_by=CountedBy.HEADS)
    skip = {"at": "2026-11-20T09:00:00+00:00", "why": "DoNotFit", "wanted": 24, "free": 20}
    make_waiting_class(bruno, slot, school_class=own_class(bruno), places=24, skips=[skip])

    page = sign_in(bruno).page("/booking/waiting")

    assert "Passed by on 20 November 2026: The class needs 24 places, and 20 were free." in page.get_text()


def test_the_waiting_list_is_taken_away_as_a_file(sign_in: SignIn, bruno: User) -> None:
    make_waiting_class(bruno, make_slot(), school_class=own_class(bruno, label="1A"))

    response = sign_in(bruno).get("/booking/waiting?format=csv")

    assert "1A" in response.get_data(as_text=True)


def test_a_coordinator_asks_with_wishes_changes_and_withdraws(sign_in: SignIn, bruno: User) -> None:
    edition = make_edition(booking_mode=BookingMode.REQUESTS)
    school_class = own_class(bruno)
    client = sign_in(bruno)
    address = f"/booking/editions/{edition.id}/request"
    assert client.page("/booking/slots").select(f'a[href="{address}"]')
    client.page(address)

    data = {**rows_of(school_class.id), "weekdays": ["0", "2"], "earliest": "09:00", "latest": "12:00"}
    response = client.post(address, data={**data, "weeks_to_avoid": ["2027-02-01"]})

    assert 303 == response.status_code
    page = client.page(response.location).get_text()
    assert "Monday, Wednesday; from 09:00; until 12:00; not in the weeks of 1 Feb 2027" in page
    (booking,) = db.session.scalars(select(Booking))
    changed = f"/booking/{booking.id}/request"
    assert client.page(changed).select("[name=weekdays][checked]")
    assert 303 == client.post(changed, data=rows_of(school_class.id, pupils="17")).status_code
    assert (17, []) == (booking.pupils, booking.wish and booking.wish.weekdays)
    assert (
        422
        == client.post(changed, data={**rows_of(school_class.id), "earliest": "12:00", "latest": "9:00"}).status_code
    )
    assert 303 == client.post(f"/booking/{booking.id}/cancel", data={"reason": "Ripensamento"}).status_code
    assert BookingStatus.CANCELLED is booking.status
    assert 422 == client.post(changed, data=rows_of(school_class.id)).status_code


def test_a_provider_decides_on_several_requests_with_one_message(sign_in: SignIn, bruno: User) -> None:
    edition = make_edition(auto_accept=False)
    slot = make_slot(edition=edition, places=3)
    asked = [
        make_booking(bruno, slot=slot, school_class=own_class(bruno), status=BookingStatus.REQUESTED) for _ in range(2)
    ]
    client = sign_in(provider_of(edition))

    assert 2 == len(client.page("/booking/requests").select("tbody input[type=checkbox]"))
    data = {"request": [str(each.id) for each in asked], "decision": "approve", "message": "Benvenuti"}
    assert 303 == client.post("/booking/requests/decide", data=data).status_code

    assert [(BookingStatus.CONFIRMED, "Benvenuti")] * 2 == [(each.status, each.decision_message) for each in asked]
    again = client.post("/booking/requests/decide", data=data)
    assert 422 == again.status_code
    assert "was decided or withdrawn before" in soup(again).get_text()
    assert "Benvenuti" in client.page(f"/booking/{asked[0].id}").get_text()


def test_the_office_declines_one_request_from_its_page(sign_in: SignIn, anna: User, scene: Scene) -> None:
    client = sign_in(anna)
    assert client.page(f"/booking/{scene.request.id}").select("button[value=decline]")

    data = {"request": str(scene.request.id), "decision": "decline", "message": "Quest'anno no"}
    response = client.post("/booking/requests/decide", data=data)

    assert (303, f"/booking/{scene.request.id}") == (response.status_code, response.location)
    assert BookingStatus.DECLINED is scene.request.status
    assert "Quest'anno no" in client.page(response.location).get_text()


def test_a_coordinator_moves_calls_off_and_brings_back_a_date(sign_in: SignIn, bruno: User, scene: Scene) -> None:
    client = sign_in(bruno)
    meeting = scene.booking.meetings[0]
    move = client.page(scene.door("move_date"))
    targets = [option["value"] for option in move.select("[name=target] option") if option["value"]]
    day_before = [value for value in targets if value.startswith("2027-01-11T")]

    assert 303 == client.post(scene.door("move_date"), data={"target": day_before[0]}).status_code
    db.session.expire_all()
    assert ((2027, 1, 11), 1) == (meeting.starts_at.timetuple()[:3], meeting.sequence)
    assert 303 == client.post(scene.door("cancel_date"), data={"reason": "Gita"}).status_code
    assert MeetingStatus.CANCELLED is meeting.status
    assert 422 == client.post(scene.door("cancel_date"), data={"reason": "Gita"}).status_code
    assert "Bring it back" in client.page(f"/booking/{scene.booking.id}").get_text()
    assert 303 == client.post(scene.door("move_date"), data={"target": day_before[0]}).status_code
    assert MeetingStatus.PLANNED is meeting.status


def test_a_provider_calls_one_date_off(sign_in: SignIn, scene: Scene) -> None:
    client = sign_in(scene.provider)
    client.page(scene.door("cancel_slot_date"))

    response = client.post(scene.door("cancel_slot_date"), data={"reason": "Malattia"})

    assert 303 == response.status_code
    assert [MeetingStatus.CANCELLED, MeetingStatus.PLANNED] == [each.status for each in scene.booking.meetings]
    assert 422 == client.post(scene.door("cancel_slot_date"), data={"reason": "Malattia"}).status_code
    assert "Call this date off" in client.page(f"/booking/slots/{scene.slot.id}").get_text()


def test_the_board_shows_what_waits_and_leads_there(sign_in: SignIn, anna: User, bruno: User, scene: Scene) -> None:
    closed = make_slot(starts=[FIRST_START.replace(month=1, day=6)])
    make_booking(anna, slot=closed)

    page = sign_in(anna).page("/booking/board")

    text = page.get_text()
    assert "There are no lessons on 6 January 2027" in text
    assert scene.request.school_class.label in text
    assert scene.waiting.school_class.label in text
    assert page.select('a[href="/booking/requests?for=dates"]')
    assert 403 == sign_in(bruno).get("/booking/board").status_code


@pytest.mark.parametrize(
    "address", ["/booking/board", "/booking/requests", "/booking/waiting", "/booking/slots?full=yes"]
)
def test_pages_take_the_same_number_of_queries_for_few_and_for_many(
    sign_in: SignIn, anna: User, bruno: User, address: str
) -> None:
    site = make_site(institute_id=bruno.roles[0].institute_id)
    edition = make_edition(auto_accept=False)
    client = sign_in(anna)

    def fill(rows: int) -> None:
        for number in range(rows):
            slot = make_slot(edition=edition, places=3, starts=[FIRST_START + number * timedelta(minutes=5)])
            make_booking(bruno, slot=slot, school_class=make_school_class(site=site), status=BookingStatus.REQUESTED)
            make_waiting_class(bruno, slot, school_class=make_school_class(site=site))
            make_request(bruno, edition=make_edition(booking_mode=BookingMode.REQUESTS))

    def read() -> int:
        with counted_queries() as sent:
            assert client.get(address).status_code == 200
        return sent.count

    fill(2)
    read()
    few = read()
    fill(20)

    assert few == read()


def test_dates_to_choose_from_are_published_with_as_many_rows_as_one_adds(sign_in: SignIn) -> None:
    edition = make_edition(programme=make_programme(meetings=2))
    client = sign_in(provider_of(edition))
    address = f"/booking/editions/{edition.id}/publish"
    data = {"facilitator_id": "", "places": "30", "counted_by": "heads", "is_choice": "y", "books_until": "2027-01-05"}
    for number in range(4):
        day = FIRST_START + WEEK * number
        data |= {f"dates-{number}-day": day.date().isoformat(), f"dates-{number}-starts": "10:00"}

    more = soup(client.post(address, data={**data, "add": "1"}))
    assert 8 == len(more.select("input[type=date][name^=dates]"))
    half = client.post(address, data={**data, "dates-4-day": "2027-02-09", "dates-4-starts": ""})
    assert 422 == half.status_code
    assert 303 == client.post(address, data={**data, "dates-4-day": "", "dates-4-starts": ""}).status_code

    (slot,) = db.session.scalars(select(Slot))
    assert (CountedBy.HEADS, 2, 4, 30) == (
        slot.counted_by,
        slot.dates_to_take,
        len(slot.meetings),
        slot.meetings[3].places,
    )
