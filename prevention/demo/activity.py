"""A year of activity, made up: editions, dated places, bookings, and the registers of what was held.

Every provider works in lanes: one hour of one weekday, week after week, so that nobody is asked to be in two places
at once. Meetings skip the days on which schools are closed.
"""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import service as booking
from prevention.booking.models import BookingMeeting, Slot
from prevention.booking.rules import BookingRefusal, SlotPlan, Span
from prevention.core import clock
from prevention.core.db import db
from prevention.delivery import service as delivery
from prevention.delivery.rules import Extent, LedBy, Outcome, Reason, RegisterEntry
from prevention.demo.district import District, coordinators_of
from prevention.network.rules import OrganisationKind
from prevention.programmes import service as programmes
from prevention.programmes.models import Edition, Programme, ProgrammeMeeting
from prevention.programmes.plans import EditionPlan
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import Level
from prevention.schools.school_time import days_of

WEEK = timedelta(days=7)
HOURS = (time(8, 10), time(10, 20), time(12, 25))
# The earliest last bell of the demo's schools.
LAST_BELL = time(13, 40)


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """How a programme runs in the demo: its provider, how many series of dates a year, classes in each."""

    slug: str
    provider: OrganisationKind
    series: int
    places: int
    has_facilitator: bool = False


OFFERS = (
    Offer(slug="lifeskills-training-1", provider=OrganisationKind.HEALTH_AUTHORITY, series=4, places=4),
    Offer(slug="lifeskills-training-2", provider=OrganisationKind.HEALTH_AUTHORITY, series=3, places=3),
    Offer(slug="lifeskills-training-3", provider=OrganisationKind.HEALTH_AUTHORITY, series=2, places=3),
    Offer(slug="unplugged", provider=OrganisationKind.HEALTH_AUTHORITY, series=4, places=4),
    Offer(slug="diario-della-salute", provider=OrganisationKind.HOSPITAL_TRUST, series=3, places=3),
    Offer(slug="peer-education", provider=OrganisationKind.THIRD_SECTOR, series=14, places=1, has_facilitator=True),
    Offer(slug="testimonianza", provider=OrganisationKind.THIRD_SECTOR, series=2, places=3, has_facilitator=True),
)

# So many lanes apart, the dates of two offers never share an hour of a weekday.
LANES_PER_OFFER = 8

# Shares out of all meetings that have passed.
SHARE_NOT_HELD, SHARE_WITHOUT_REGISTER = 0.04, 0.05

# Minutes lost from which on whoever led the meeting noted a change.
MUCH_LOST = 20
SHORTENED = "Attività finale a coppie invece che in plenaria: l'ora è cominciata tardi."

REASONS = (Reason.LESSON_TOOK_THE_HOUR, Reason.CLASS_AWAY, Reason.FACILITATOR_AWAY)


def run_year(
    district: District,
    *,
    school_year: int,
    today: date,
    busyness: float,
    rng: Random,
    unreached: Collection[uuid.UUID] = (),
) -> None:
    """Make up the activity of a school year up to `today`, and open dates after it.

    Args:
        unreached: institutes that take no place this year, as some never do: the board and the report must show it.
        school_year: first calendar year of the school year.
        today: nothing after it has been held.
        busyness: share of the places that get booked, 0 to 1.
        rng: decides everything else.
    """
    coordinators = coordinators_of(district.sites, district.people)
    opened_at = morning(date(school_year, 9, 10))
    with clock.frozen(opened_at):
        slots = _publish_year(district, school_year=school_year)
    with clock.frozen(opened_at + 3 * WEEK):
        reached = [site for site in district.sites if site.institute_id not in unreached]
        _book_places(reached, slots, coordinators, school_year=school_year, busyness=busyness, rng=rng)
    _register_meetings(district, school_year=school_year, today=today, rng=rng)
    if school_year >= today.year - 1:
        _publish_coming_dates(district, school_year=school_year, today=today)


def _publish_year(district: District, *, school_year: int) -> list[Slot]:
    office = actor_of(district.people.office)
    autumn, winter = _monday_after(date(school_year, 9, 30)), _monday_after(date(school_year + 1, 1, 6))
    open_days = _open_days(district, school_year=school_year)
    published: list[Slot] = []
    for lane, offer in enumerate(OFFERS):
        programme = programmes.programme(offer.slug)
        edition = _open_edition(district, programme, offer, school_year=school_year)
        for series in range(offer.series):
            first_week = autumn if series % 2 == 0 else winter
            spans = _dates(
                programme.meetings, open_days, first_week=first_week, lane=lane * LANES_PER_OFFER + series // 2
            )
            published.append(
                booking.publish_slot(
                    office,
                    edition,
                    SlotPlan(
                        places=offer.places,
                        books_from=None,
                        books_until=clock.day_of(spans[0].starts_at) - timedelta(days=1),
                        meetings=spans,
                    ),
                    details=booking.SlotDetails(
                        facilitator_id=district.people.facilitator.id if offer.has_facilitator else None
                    ),
                    now=clock.now(),
                )
            )
    return published


def _open_edition(district: District, programme: Programme, offer: Offer, *, school_year: int) -> Edition:
    plan = EditionPlan(
        school_year=school_year,
        organisation_id=district.providers[offer.provider].id,
        group_min=8,
        group_max=30,
        note="",
        is_open=True,
        languages=("it", "en") if offer.slug == "unplugged" else ("it",),
        needs={"it": "Un'aula con LIM o proiettore", "en": "A room with a screen"} if offer.has_facilitator else {},
    )
    return programmes.open_edition(actor_of(district.people.office), programme, plan, today=clock.today())


def coming_dates(
    district: District, meetings: Sequence[ProgrammeMeeting], *, school_year: int, after: date, lane: int
) -> tuple[Span, ...]:
    """Give one open school day a week from three weeks after a day on; fewer than meetings when the year ends.

    Args:
        lane: decides weekday and hour.
    """
    first_week = _monday_after(after + timedelta(days=20))
    return _dates(meetings, _open_days(district, school_year=school_year), first_week=first_week, lane=lane)


def _publish_coming_dates(district: District, *, school_year: int, today: date) -> None:
    """Leave dates open after today, for the visitor to book."""
    office = actor_of(district.people.office)
    open_days = _open_days(district, school_year=school_year)
    first_week = _monday_after(today + timedelta(days=20))
    for lane, offer in enumerate(OFFERS):
        programme = programmes.programme(offer.slug)
        edition = programmes.edition_of(programme, school_year)
        for series in range(3):
            spans = _dates(
                programme.meetings, open_days, first_week=first_week + series * WEEK, lane=12 + lane * 2 + series
            )
            if edition is None or len(spans) < len(programme.meetings):
                continue
            booking.publish_slot(
                office,
                edition,
                SlotPlan(
                    places=offer.places,
                    books_from=None,
                    books_until=clock.day_of(spans[0].starts_at) - timedelta(days=3),
                    meetings=spans,
                ),
                details=booking.SlotDetails(),
                now=clock.now(),
            )


def _open_days(district: District, *, school_year: int) -> frozenset[date]:
    """Give the days on which every school of the demo has lessons for everybody."""
    times = schools.school_times([site.id for site in district.sites], school_year=school_year).values()
    first, last = max(each.first_day for each in times), min(each.last_day for each in times)
    return frozenset(day for day in days_of(first, last) if all(each.is_open(day) for each in times))


def _dates(
    meetings: Sequence[ProgrammeMeeting], open_days: frozenset[date], *, first_week: date, lane: int
) -> tuple[Span, ...]:
    """Give one open school day a week, always the same weekday and hour, for each meeting; fewer when the year ends."""
    weekday, hour = lane % 5, HOURS[(lane // 5) % len(HOURS)]
    days = (day for day in _weekly(first_week + timedelta(days=weekday)) if day in open_days)
    spans = []
    for meeting, day in zip(meetings, days, strict=False):
        starts_at = min(
            datetime.combine(day, hour, tzinfo=clock.ROME),
            datetime.combine(day, LAST_BELL, tzinfo=clock.ROME) - timedelta(minutes=meeting.minutes),
        )
        spans.append(
            Span(
                starts_at=starts_at.astimezone(UTC),
                ends_at=(starts_at + timedelta(minutes=meeting.minutes)).astimezone(UTC),
            )
        )
    return tuple(spans)


def last_institutes(district: District) -> tuple[uuid.UUID, uuid.UUID]:
    """Give the institute with the last code of lower secondary schools, and that of upper ones."""
    lower, upper = (
        max((site for site in district.sites if site.level is level), key=lambda site: site.institute.code)
        for level in (Level.PRIMO_GRADO, Level.SECONDO_GRADO)
    )
    return lower.institute_id, upper.institute_id


def _book_places(
    reached: list[Site],
    slots: list[Slot],
    coordinators: dict[uuid.UUID, User],
    *,
    school_year: int,
    busyness: float,
    rng: Random,
) -> None:
    for slot in slots:
        programme = slot.edition.programme
        suited = suited_classes(programme, reached, school_year=school_year)
        wanted = round(slot.places * busyness + rng.uniform(-0.4, 0.4))
        for school_class in islice(_spread(suited, rng), max(0, min(slot.places, wanted))):
            institute = school_class.site.institute_id
            try:
                booking.book(
                    actor_of(coordinators[institute]),
                    slot,
                    school_class,
                    pupils=school_class.pupils or 20,
                    adults=1,
                    special_needs="",
                    note="",
                    now=clock.now(),
                )
            except BookingRefusal:
                # The class has something else at that hour, or has this programme already: another one goes.
                continue


def suited_classes(programme: Programme, sites: list[Site], *, school_year: int) -> list[SchoolClass]:
    """List the classes of sites that a programme is for, in the order of the register."""
    return list(
        db.session.scalars(
            select(SchoolClass)
            .join(SchoolClass.site)
            .where(
                SchoolClass.school_year == school_year,
                SchoolClass.site_id.in_([site.id for site in sites]),
                SchoolClass.grade.between(programme.grade_min, programme.grade_max),
                Site.level.in_(programme.levels),
            )
            .options(joinedload(SchoolClass.site))
            .order_by(Site.code, SchoolClass.grade, SchoolClass.section)
        )
    )


def _spread(classes: list[SchoolClass], rng: Random) -> Iterator[SchoolClass]:
    return iter(rng.sample(classes, len(classes)))


def _register_meetings(district: District, *, school_year: int, today: date, rng: Random) -> None:
    office = actor_of(district.people.office)
    passed = db.session.scalars(
        delivery.meetings_to_register(office)
        .where(Edition.school_year == school_year, BookingMeeting.ends_at < morning(today))
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )
    for meeting in passed.all():
        luck = rng.random()
        if luck < SHARE_WITHOUT_REGISTER:
            continue
        written_at = meeting.ends_at + timedelta(hours=3)
        with clock.frozen(written_at):
            delivery.record(office, meeting, _entry(meeting, luck=luck, rng=rng), now=written_at)


def _entry(meeting: BookingMeeting, *, luck: float, rng: Random) -> RegisterEntry:
    if luck < SHARE_WITHOUT_REGISTER + SHARE_NOT_HELD:
        return RegisterEntry(outcome=Outcome.NOT_HELD, reason=rng.choice(REASONS))
    expected = meeting.booking.pupils
    planned = meeting.programme_meeting
    minutes = planned.minutes if planned else 60
    activities = planned.activities if planned else []
    lost = rng.choice([0, 0, 0, 5, 10, 20])
    return RegisterEntry(
        outcome=Outcome.HELD,
        minutes=max(10, minutes - lost),
        adaptations=SHORTENED if lost >= MUCH_LOST else "",
        expected=expected,
        present=max(1, expected - rng.choice([0, 0, 1, 1, 2, 3, 5])),
        led_by=LedBy.FACILITATOR if meeting.facilitator_id else LedBy.TEACHER,
        extents={
            activity.id: rng.choices([Extent.FULL, Extent.PART, Extent.NOT_DONE], weights=[74, 19, 7])[0]
            for activity in activities
        },
    )


def _weekly(first: date) -> Iterator[date]:
    return (first + week * WEEK for week in range(60))


def _monday_after(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def morning(day: date) -> datetime:
    """Give eight o'clock in Rome on a day, as an aware moment in UTC."""
    return datetime.combine(day, time(8), tzinfo=clock.ROME).astimezone(UTC)
