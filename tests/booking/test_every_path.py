"""Every way to a date asks the rules again, as things are then: closed later, other bells, somebody or a room taken.

One table says which way asks what; a rule that a way does not ask cannot be broken on it, for the reason beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import audit, rules, service
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting, WaitingClass
from prevention.booking.plan_check import PlanFault
from prevention.booking.plan_models import FacilitatorDays, FacilitatorHours, PlannedMeeting, PlanningRun
from prevention.booking.plan_rules import MoveRefused, NoLessonThen, PlanningStatus, PlanOutdated
from prevention.booking.rules import BookingStatus, MeetingStatus, SlotPlan, Span, WaitingStatus
from prevention.booking.service import SlotDetails, plan_editing, plan_publishing
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.programmes.rules import RoomNeed
from prevention.schools.models import SchoolClass, Site
from prevention.schools.school_time import MONDAY_TO_SATURDAY, BellPlan
from prevention.schools.time_models import Room
from tests.booking.people import NOW, own_class, party
from tests.factories.booking import FIRST_START, HOUR, make_booking, make_request, make_slot, make_waiting_class
from tests.factories.planning import make_leader, make_run_row
from tests.factories.programmes import make_edition, make_programme
from tests.factories.school_time import make_bells, make_closure, make_room
from tests.factories.schools import make_site

DAY = date(2027, 1, 12)
WEEK = timedelta(days=7)
THEN = Span(starts_at=FIRST_START, ends_at=FIRST_START + HOUR)
AFTERNOON = BellPlan(starts=time(14), hours=3, minutes=60, weekdays=MONDAY_TO_SATURDAY)


@dataclass(frozen=True, kw_only=True)
class World:
    """Who wants a date on a Tuesday from 10 to 11, with whom, and where: at a host's, or at the class's own school."""

    anna: User
    bruno: User
    dario: User
    school_class: SchoolClass
    site: Site
    room: Room
    edition: Edition

    def slot(self, **values: Any) -> Slot:
        """Dates at the place, in the room, with the facilitator."""
        details = {"edition": self.edition, "site": self.site, "room": self.room, "facilitator_id": self.dario.id}
        return make_slot(**{**details, **values})

    def booking(self, slot: Slot, **values: Any) -> Booking:
        """The class, booked on dates."""
        return make_booking(self.bruno, slot=slot, school_class=self.school_class, **values)


def world(anna: User, bruno: User, *, is_at_host: bool, needs: RoomNeed = RoomNeed.NONE) -> World:
    edition = make_edition(programme=make_programme(meetings=1), auto_accept=False, room_need=needs)
    school_class = own_class(bruno)
    site = make_site() if is_at_host else school_class.site
    dario = make_leader(edition)
    return World(
        anna=anna, bruno=bruno, dario=dario, school_class=school_class, site=site, room=make_room(site=site),
        edition=edition,
    )  # fmt: skip


Act = Callable[[], object]


def publish(here: World) -> Act:
    plan = SlotPlan(places=1, books_from=None, books_until=date(2027, 1, 5), meetings=(THEN,))
    details = SlotDetails(facilitator_id=here.dario.id, site_id=here.site.id, room_id=here.room.id)
    return lambda: service.publish_slot(actor_of(here.anna), here.edition, plan, details=details, now=NOW)


def book(here: World) -> Act:
    slot = here.slot()
    return lambda: service.book(actor_of(here.bruno), slot, here.school_class, pupils=25, adults=1, now=NOW)


def wait(here: World) -> Act:
    slot = here.slot()
    make_booking(here.anna, slot=slot)
    return lambda: service.join(actor_of(here.bruno), slot, party(here.bruno, here.school_class), now=NOW)


def offered(here: World) -> WaitingClass:
    return make_waiting_class(
        here.bruno, here.slot(), school_class=here.school_class, status=WaitingStatus.OFFERED,
        offer_expires_at=NOW + WEEK,
    )  # fmt: skip


def accept(here: World) -> Act:
    waiting = offered(here)
    return lambda: service.accept(actor_of(here.bruno), waiting, now=NOW)


def approve(here: World) -> Act:
    booking = here.booking(here.slot(), status=BookingStatus.REQUESTED)
    return lambda: service.approve(actor_of(here.anna), booking, now=NOW)


def move_to_date(here: World, *, was_off: bool = False) -> Act:
    booking = here.booking(here.slot(starts=[FIRST_START + WEEK]))
    there = here.slot()
    (meeting,) = booking.meetings
    if was_off:
        _call_off(meeting)
    return lambda: service.move_to_date(actor_of(here.bruno), booking, meeting, there.meetings[0].id, now=NOW)


def bring_back_to_date(here: World) -> Act:
    return move_to_date(here, was_off=True)


def move_to_time(here: World, *, was_off: bool = False) -> Act:
    booking = make_request(
        here.bruno, edition=here.edition, school_class=here.school_class, status=BookingStatus.CONFIRMED
    )
    before = FIRST_START + WEEK
    meeting = BookingMeeting(
        number=1, starts_at=before, ends_at=before + HOUR, facilitator_id=here.dario.id, room_id=here.room.id
    )
    booking.meetings.append(meeting)
    if was_off:
        _call_off(meeting)
    db.session.flush()
    return lambda: service.move_to_time(actor_of(here.bruno), booking, meeting, THEN, now=NOW)


def bring_back_to_time(here: World) -> Act:
    return move_to_time(here, was_off=True)


def _call_off(meeting: BookingMeeting) -> None:
    meeting.status = MeetingStatus.CANCELLED
    date_ = db.session.get(SlotMeeting, meeting.slot_meeting_id) if meeting.slot_meeting_id else None
    if date_ is not None:
        date_.places_taken = date_.slot.places_taken = 0
    db.session.flush()


def plan(here: World, *, starts: datetime = FIRST_START) -> tuple[PlanningRun, PlannedMeeting]:
    run = make_run_row(status=PlanningStatus.DONE)
    asked = make_request(here.bruno, edition=here.edition, school_class=here.school_class)
    row = PlannedMeeting(
        run_id=run.id, booking=asked, number=1, facilitator_id=here.dario.id, room_id=here.room.id, is_told=True,
        starts_at=starts, ends_at=starts + HOUR,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return run, row


def publish_plan(here: World) -> Act:
    run, _row = plan(here)
    return lambda: plan_publishing.publish_plan(actor_of(here.anna), run, now=NOW)


def move_in_plan(here: World) -> Act:
    run, row = plan(here, starts=FIRST_START + WEEK)
    return lambda: plan_editing.move(
        actor_of(here.anna), run, row, day=DAY, starts=10 * 60, facilitator_id=here.dario.id, room_id=here.room.id
    )


def own_school_closes(here: World) -> None:
    make_closure(institute_id=here.school_class.site.institute_id, first_day=DAY)


def own_bells_change(here: World) -> None:
    make_bells(here.school_class.site, AFTERNOON)


def host_closes(here: World) -> None:
    make_closure(institute_id=here.site.institute_id, first_day=DAY)


def host_bells_change(here: World) -> None:
    make_bells(here.site, AFTERNOON)


def facilitator_goes_away(here: World) -> None:
    db.session.add(FacilitatorDays(user_id=here.dario.id, first_day=DAY, last_day=DAY))
    db.session.flush()


def facilitator_works_other_days(here: World) -> None:
    db.session.execute(
        delete(FacilitatorHours).where(
            FacilitatorHours.user_id == here.dario.id, FacilitatorHours.weekday == DAY.weekday()
        )
    )


def facilitator_is_taken(here: World) -> None:
    make_booking(here.anna, slot=make_slot(starts=[FIRST_START + HOUR / 2], facilitator_id=here.dario.id))


def facilitator_is_far(here: World) -> None:
    make_booking(here.anna, slot=make_slot(starts=[FIRST_START + HOUR], facilitator_id=here.dario.id, site=make_site()))


def room_is_taken(here: World) -> None:
    make_booking(here.anna, slot=make_slot(starts=[FIRST_START + HOUR / 2], site=here.site, room=here.room))


def class_is_taken(here: World) -> None:
    make_booking(here.bruno, slot=make_slot(starts=[FIRST_START + HOUR / 2]), school_class=here.school_class)


CLOSED, BELLS, HOST = rules.SchoolClosed, rules.OutsideBellTimes, rules.HostClosed
AWAY, TAKEN, FAR = rules.FacilitatorAway, rules.FacilitatorBusy, rules.TravelTooShort
ROOM, CLASS = rules.RoomBusy, rules.ClassBusy
# What may happen between the wish for a date and the answer.
HAPPENS = (
    own_school_closes, own_bells_change, host_closes, host_bells_change, facilitator_goes_away,
    facilitator_works_other_days, facilitator_is_taken, facilitator_is_far, room_is_taken, class_is_taken,
)  # fmt: skip
# None: nobody's class yet; a request and an offer keep what they stand for; published dates are the provider's choice
# of weekday; the list of those who wait asks for people and rooms when it has a place to offer.
FREE = None
TABLE: dict[Callable[[World], Act], tuple[type[Exception] | PlanFault | None, ...]] = {
    #                    school   bells  host  bells away  week  taken  far   room  class
    publish:            (FREE,   FREE,  CLOSED, BELLS, AWAY, FREE, TAKEN, FAR, ROOM, FREE),
    book:               (CLOSED, BELLS, HOST, HOST, AWAY, FREE, TAKEN, FAR, ROOM, CLASS),
    wait:               (CLOSED, BELLS, HOST, HOST, FREE, FREE, FREE, FREE, FREE, CLASS),
    accept:             (CLOSED, BELLS, HOST, HOST, AWAY, FREE, TAKEN, FAR, ROOM, CLASS),
    approve:            (CLOSED, BELLS, HOST, HOST, AWAY, FREE, FREE, FREE, FREE, FREE),
    move_to_date:       (CLOSED, BELLS, HOST, HOST, AWAY, FREE, TAKEN, FAR, ROOM, CLASS),
    bring_back_to_date: (CLOSED, BELLS, HOST, HOST, AWAY, FREE, TAKEN, FAR, ROOM, CLASS),
}  # fmt: skip
# At the class's own school its host is itself.
OWN: dict[Callable[[World], Act], tuple[type[Exception] | PlanFault | None, ...]] = {
    move_to_time:       (CLOSED, BELLS, CLOSED, BELLS, AWAY, AWAY, TAKEN, FAR, ROOM, CLASS),
    bring_back_to_time: (CLOSED, BELLS, CLOSED, BELLS, AWAY, AWAY, TAKEN, FAR, ROOM, CLASS),
}  # fmt: skip
_FAULT = PlanFault
PLANS: dict[Callable[[World], Act], tuple[type[Exception] | PlanFault | None, ...]] = {
    publish_plan: (
        _FAULT.CLOSED, _FAULT.OUTSIDE_BELL_TIMES, _FAULT.CLOSED, _FAULT.OUTSIDE_BELL_TIMES, _FAULT.FACILITATOR_AWAY,
        _FAULT.FACILITATOR_AWAY, _FAULT.FACILITATOR_BUSY, _FAULT.TRAVEL_TOO_SHORT, _FAULT.ROOM_BUSY, _FAULT.CLASS_BUSY,
    ),
    # The office may ask somebody to come on a day of theirs: the page says that it bends the rule.
    move_in_plan: (
        _FAULT.CLOSED, NoLessonThen, _FAULT.CLOSED, NoLessonThen, FREE, FREE, _FAULT.FACILITATOR_BUSY,
        _FAULT.TRAVEL_TOO_SHORT, _FAULT.ROOM_BUSY, _FAULT.CLASS_BUSY,
    ),
}  # fmt: skip


def outcome(act: Act) -> object:
    """Give the name of the refusal, the one fault of the plan, or None."""
    try:
        act()
    except (PlanOutdated, MoveRefused) as no:
        faults = no.faults if isinstance(no, MoveRefused) else [finding.fault for finding in no.findings]
        (fault,) = set(faults)
        return fault
    except (rules.BookingRefusal, NoLessonThen) as no:
        return type(no)
    return None


@pytest.mark.parametrize(
    ("path", "is_at_host"),
    [*((path, True) for path in TABLE), *((path, False) for path in (*OWN, *PLANS))],
    ids=lambda value: getattr(value, "__name__", None) or ("host" if value else "own"),
)
def test_what_happened_meanwhile_is_asked_on_every_way_to_a_date(
    app: Flask, anna: User, bruno: User, path: Callable[[World], Act], is_at_host: bool
) -> None:
    needs = RoomNeed.ROOM if path in PLANS else RoomNeed.NONE
    here = world(anna, bruno, is_at_host=is_at_host, needs=needs)
    expected = {**TABLE, **OWN, **PLANS}[path]
    act = path(here)

    found = []
    for happens in HAPPENS:
        with db.session.begin_nested() as savepoint:
            happens(here)
            found.append(outcome(act))
            savepoint.rollback()
        db.session.expire_all()

    names = [happens.__name__ for happens in HAPPENS]
    assert dict(zip(names, expected, strict=True)) == dict(zip(names, found, strict=True))
    act()
    assert () == audit.violations()


def test_the_office_sees_what_was_booked_before_it_could_not_be(app: Flask, anna: User, bruno: User) -> None:
    here = world(anna, bruno, is_at_host=True)
    booking = here.booking(here.slot())

    host_closes(here)
    facilitator_goes_away(here)

    found = service.find_conflicts(here.edition.school_year, now=NOW)
    assert ["HostClosed", "FacilitatorAway"] == [type(each.no).__name__ for each in found[booking.meetings[0].id]]
