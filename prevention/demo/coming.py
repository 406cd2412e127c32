"""What still waits in the demo's year.

Requests with wishes and a plan for them, full dates with a class in the line, dates to choose from, a hall with seats,
requests that want a yes. Only while the school year still has days to plan: in summer there is nothing to wait for.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import planner
from prevention.booking import service as booking
from prevention.booking.models import Slot
from prevention.booking.plan_rules import NoDays
from prevention.booking.planner.reasons import reasons
from prevention.booking.rules import BookingRefusal, CountedBy, SlotPlan, Span
from prevention.booking.service import Party, Wish, facilitator_hours, planning
from prevention.core import clock
from prevention.core.db import db
from prevention.demo.activity import WEEK, coming_dates, last_institutes, suited_classes
from prevention.demo.district import District, add_facilitator, coordinators_of
from prevention.network.rules import OrganisationKind
from prevention.programmes import service as programmes
from prevention.programmes.models import Edition
from prevention.programmes.rules import BookingMode
from prevention.schools.models import SchoolClass
from prevention.schools.time_models import Room

# Asked for with wishes and planned; taken as dates to choose from; a lecture in a hall, on approval; soon full.
ASKED_FOR, TO_CHOOSE, IN_A_HALL, SOON_FULL = "peer-education", "peer-education", "testimonianza", "unplugged"
REQUESTS = 8
DATES_TO_CHOOSE_FROM = 5
SEATS = 90
# The plan is made by a count of repairs, not by the clock: the same day gives the same plan on any machine.
REPAIRS = 6
FROM_EIGHT, TO_TWO = time(8), time(14)
# Some want certain days or hours, one a day on which nobody comes: it stays without dates, and the plan says why.
WISHES = (
    Wish(weekdays=(0, 2), note="Meglio non il venerdì, siamo in laboratorio."),
    Wish(latest=time(11)),
    Wish(),
    Wish(earliest=time(10), weekdays=(1, 3, 4)),
    Wish(weekdays=(5,), note="Solo il sabato."),
    Wish(),
)


def leave_to_come(district: District, *, school_year: int, today: date, rng: Random) -> None:
    """Leave what the office, coordinators and providers find waiting when they walk in.

    Args:
        school_year: first calendar year of the year that `today` lies in.
        today: everything is asked for before it and takes place after it.
        rng: decides who asks.
    """
    try:
        planning.days_to_plan(school_year, today=today)
    except NoDays:
        return
    classes = {
        slug: rng.sample(found, len(found))
        for slug in {ASKED_FOR, IN_A_HALL, SOON_FULL}
        for found in [suited_classes(programmes.programme(slug), list(district.sites), school_year=school_year)]
    }
    people = coordinators_of(district.sites, district.people)
    _ask_for_dates(district, people, classes[ASKED_FOR], school_year=school_year)
    _plan(district, school_year=school_year, today=today)
    unreached = last_institutes(district)
    reached = {
        slug: [each for each in found if each.site.institute_id not in unreached] for slug, found in classes.items()
    }
    _offer_a_choice(district, people, reached[TO_CHOOSE][::-1], school_year=school_year, today=today)
    _fill_up(district, people, reached[SOON_FULL], school_year=school_year, today=today)
    _book_a_hall(district, people, classes[IN_A_HALL], school_year=school_year, today=today)


def _ask_for_dates(
    district: District, people: dict[uuid.UUID, User], classes: list[SchoolClass], *, school_year: int
) -> None:
    office = actor_of(district.people.office)
    edition = _edition(ASKED_FOR, school_year)
    plan = programmes.edition_plan_of(edition)
    programmes.change_edition(office, edition, replace(plan, booking_mode=BookingMode.BOTH), today=clock.today())
    second = add_facilitator("Elena Galli", district.providers[OrganisationKind.THIRD_SECTOR])
    for person in (district.people.facilitator, second):
        week = [(weekday, FROM_EIGHT, TO_TWO) for weekday in range(5)]
        facilitator_hours.save_week(office, person, week, weekly_cap=6, base_id=district.sites[0].municipality_id)
    asked = 0
    for school_class in _own_first(district, classes):
        try:
            booking.request(
                actor_of(people[school_class.site.institute_id]),
                edition,
                [_party(school_class)],
                WISHES[asked % len(WISHES)],
                now=clock.now() - (REQUESTS - asked) * timedelta(hours=7),
            )
        except BookingRefusal:
            # It takes part already: another class asks.
            continue
        asked += 1
        if asked == REQUESTS:
            break


def _plan(district: District, *, school_year: int, today: date) -> None:
    now = clock.now()
    planning.start_planning(
        actor_of(district.people.office), school_year=school_year, seconds=60, seed=7, now=now, today=today
    )
    claim = planning.claim_next_run(now)
    if claim is None:
        raise LookupError("the plan that was asked for is not there")
    outcome = planner.solve(
        claim.problem, seed=claim.seed, budget=planner.Budget(repairs=REPAIRS), listener=lambda _progress: True
    )
    planning.finish_run(claim, outcome, reasons(claim.problem, outcome.plan), now=now)


def _offer_a_choice(
    district: District,
    people: dict[uuid.UUID, User],
    classes: list[SchoolClass],
    *,
    school_year: int,
    today: date,
) -> None:
    """Publish five dates of which a class takes three, and let one class take some."""
    edition = _edition(TO_CHOOSE, school_year)
    spans = coming_dates(
        district, [edition.programme.meetings[0]] * DATES_TO_CHOOSE_FROM, school_year=school_year, after=today, lane=41
    )
    if len(spans) < DATES_TO_CHOOSE_FROM:
        return
    slot = _publish(district, edition, spans, places=2, is_choice=True)
    taken = (1, 3, 4)
    for school_class in classes:
        if _took(people, slot, school_class, numbers=taken):
            break


def _fill_up(
    district: District, people: dict[uuid.UUID, User], classes: list[SchoolClass], *, school_year: int, today: date
) -> None:
    """Publish dates with one place, let one class have it and another of the demo's coordinator wait."""
    edition = _edition(SOON_FULL, school_year)
    spans = coming_dates(district, edition.programme.meetings, school_year=school_year, after=today + 2 * WEEK, lane=47)
    if len(spans) < len(edition.programme.meetings):
        return
    slot = _publish(district, edition, spans, places=1)
    own = set(actor_of(district.people.coordinator).scope)
    others = [each for each in classes if each.site.institute_id not in own]
    if not any(_took(people, slot, each) for each in others):
        return
    for school_class in (each for each in classes if each.site.institute_id in own):
        try:
            booking.join(
                actor_of(district.people.coordinator), slot, _party(school_class), now=clock.now() - timedelta(hours=2)
            )
        except BookingRefusal:
            continue
        break


def _book_a_hall(
    district: District, people: dict[uuid.UUID, User], classes: list[SchoolClass], *, school_year: int, today: date
) -> None:
    """Publish a lecture in a school's hall, counted by seats and on approval, and let classes ask for it."""
    office = actor_of(district.people.office)
    edition = _edition(IN_A_HALL, school_year)
    plan = programmes.edition_plan_of(edition)
    programmes.change_edition(office, edition, replace(plan, auto_accept=False), today=clock.today())
    halls = db.session.scalars(
        select(Room)
        .where(Room.name == "Aula magna", Room.site_id.in_([site.id for site in district.sites]))
        .order_by(Room.id)
    ).all()
    hall = next(
        (room for room in halls if room.site.institute_id not in actor_of(district.people.coordinator).scope), None
    )
    spans = coming_dates(district, edition.programme.meetings, school_year=school_year, after=today + WEEK, lane=52)
    if hall is None or not spans:
        return
    slot = _publish(district, edition, spans, places=SEATS, counted_by=CountedBy.HEADS, hall=hall)
    asked = 0
    for school_class in _own_first(district, classes):
        asked += _took(people, slot, school_class)
        if asked == 3:
            break


def _publish(
    district: District,
    edition: Edition,
    spans: tuple[Span, ...],
    *,
    places: int,
    is_choice: bool = False,
    counted_by: CountedBy = CountedBy.CLASSES,
    hall: Room | None = None,
) -> Slot:
    return booking.publish_slot(
        actor_of(district.people.office),
        edition,
        SlotPlan(
            places=places,
            counted_by=counted_by,
            is_choice=is_choice,
            books_from=None,
            books_until=clock.day_of(spans[0].starts_at) - timedelta(days=3),
            meetings=spans,
        ),
        details=booking.SlotDetails(
            site_id=hall.site_id if hall else None,
            room_id=hall.id if hall else None,
            note="Si entra dall'ingresso principale; portare l'elenco dei presenti." if hall else "",
        ),
        now=clock.now(),
    )


def _took(
    people: dict[uuid.UUID, User], slot: Slot, school_class: SchoolClass, *, numbers: tuple[int, ...] | None = None
) -> bool:
    try:
        booking.book_classes(
            actor_of(people[school_class.site.institute_id]),
            slot,
            [_party(school_class)],
            numbers=numbers,
            now=clock.now() - timedelta(hours=5),
        )
    except BookingRefusal:
        return False
    return True


def _edition(slug: str, school_year: int) -> Edition:
    edition = programmes.edition_of(programmes.programme(slug), school_year)
    if edition is None:
        raise LookupError(f"{slug} has no edition in {school_year}")
    return edition


def _party(school_class: SchoolClass) -> Party:
    return Party(school_class=school_class, pupils=school_class.pupils or 20, adults=1)


def _own_first(district: District, classes: Iterable[SchoolClass]) -> Iterator[SchoolClass]:
    """Give two classes of the demo's coordinator first, who then finds requests of their own, and all others."""
    own = set(actor_of(district.people.coordinator).scope)
    every = list(classes)
    first = [each for each in every if each.site.institute_id in own][:2]
    yield from first
    yield from (each for each in every if each not in first)
