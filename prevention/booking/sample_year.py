"""A made-up district that asks for a whole year's meetings, from a seed: the yardstick of the year planner.

Values only; `service.sample` writes them into a database. The reference district (`REFERENCE`) has 300 classes that
ask for four meetings each, 12 facilitators who are there some two thirds of the week, and 40 sites in 15
municipalities of the province of Cremona, at their real distances. Hours, absences, trips and wishes are drawn; a class
can spare some four to eight hours a week. The same seed gives the same district on every machine.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from prevention.booking.plan_values import (
    DAY_MIN,
    Facilitator,
    Period,
    Place,
    Problem,
    Request,
    Room,
    Spacing,
    SpecialDays,
    Window,
    Wishes,
)
from prevention.network.centres import shipped_centres
from prevention.network.travel import TravelTimes
from prevention.schools.rules import RoomKind

# Cremona, Crema, Casalmaggiore, Soresina, Castelleone, Pandino: towns with many schools come first.
TOWNS = ("019036", "019035", "019021", "019098", "019025", "019067")
FIRST_DAY, LAST_DAY = date(2027, 1, 11), date(2027, 5, 7)
# Lombardy's calendar for that stretch of 2026/27: carnival, Easter, Liberation Day (a Sunday), the first of May.
CLOSURES = ((date(2027, 2, 8), date(2027, 2, 9)), (date(2027, 3, 25), date(2027, 3, 30)), (date(2027, 5, 1),) * 2)
MORNING, NOON = 8 * 60, 13 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How large a made-up district is."""

    requests: int
    facilitators: int
    sites: int
    municipalities: int
    meetings: int = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleEdition:
    """What an edition of the district asks for: length of a meeting, a room or not."""

    id: uuid.UUID
    minutes: int
    needs_room: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleYear:
    """A made-up problem, with the ISTAT code behind each municipality's id."""

    problem: Problem
    editions: tuple[SampleEdition, ...]
    istat_codes: dict[uuid.UUID, str]


REFERENCE = Size(requests=300, facilitators=12, sites=40, municipalities=15)
REFERENCE_SEED = 1


def sample_year(size: Size = REFERENCE, *, seed: int = REFERENCE_SEED) -> SampleYear:
    """Make a district up."""
    rng = Random(seed)  # noqa: S311  # to be the same again, not to be secret
    municipalities = _municipalities(size.municipalities, rng)
    editions = tuple(
        SampleEdition(id=_key(rng), minutes=minutes, needs_room=needs_room)
        for minutes, needs_room in ((60, False), (60, True), (110, False))
    )
    places = tuple(_place(municipality, rng) for municipality in _spread(list(municipalities), size.sites, rng))
    bases = list(municipalities)[:3]
    facilitators = tuple(_facilitator(number, editions, bases, rng) for number in range(size.facilitators))
    centres = shipped_centres()
    problem = Problem(
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        facilitators=facilitators,
        places=places,
        requests=tuple(_request(places, editions, facilitators, size, rng) for _ in range(size.requests)),
        travel=TravelTimes(centres={key: centres[code] for key, code in municipalities.items()}),
    )
    return SampleYear(problem=problem, editions=editions, istat_codes=municipalities)


def _key(rng: Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def _municipalities(count: int, rng: Random) -> dict[uuid.UUID, str]:
    others = [code for code in sorted(shipped_centres()) if code not in TOWNS]
    codes = [*TOWNS, *rng.sample(others, max(0, count - len(TOWNS)))][:count]
    return {_key(rng): code for code in codes}


def _spread(municipalities: Sequence[uuid.UUID], sites: int, rng: Random) -> list[uuid.UUID]:
    """Give each municipality a site and the rest to the first ones, Cremona and Crema above all."""
    weights = [1 / (rank + 1) for rank in range(len(municipalities))]
    chosen = list(municipalities[:sites])
    return chosen + rng.choices(municipalities, weights, k=sites - len(chosen))


def _place(municipality: uuid.UUID, rng: Random) -> Place:
    hour, start = rng.choice((50, 55, 60)), 8 * 60 + rng.choice((-10, 0, 10))
    count = rng.choice((5, 6))
    periods, at = [], start
    for number in range(count):
        periods.append(Period(starts=at, ends=at + hour))
        at += hour + (10 if number == 2 else 0)
    weekdays = range(rng.choice((5, 5, 6)))
    rooms = tuple(
        Room(id=_key(rng), seats=rng.choice((25, 30, 60)), has_projector=True, kind=RoomKind.OTHER)
        for _ in range(rng.choice((1, 2)))
    )
    return Place(
        id=_key(rng),
        institute=_key(rng),
        municipality=municipality,
        periods={weekday: tuple(periods) for weekday in weekdays},
        rooms=rooms,
    )


def _facilitator(
    number: int, editions: Sequence[SampleEdition], bases: Sequence[uuid.UUID], rng: Random
) -> Facilitator:
    # Each leads two of three editions, so that nobody is the only one for any.
    led = frozenset(edition.id for place, edition in enumerate(editions) if place != number % len(editions))
    return Facilitator(
        id=_key(rng),
        editions=led,
        windows=tuple(window for weekday in range(6) for window in _window(weekday, rng)),
        exceptions=_absences(rng),
        weekly_cap=rng.randint(8, 12),
        base=rng.choice(bases),
    )


def _window(weekday: int, rng: Random) -> list[Window]:
    """Draw one day of the week: some two thirds of all mornings are free."""
    drawn = rng.random() if weekday < 5 else 1.0
    if drawn < 0.5:
        return [Window(weekday=weekday, starts=7 * 60, ends=15 * 60)]
    if drawn < 0.65:
        return [Window(weekday=weekday, starts=7 * 60, ends=11 * 60)]
    if drawn < 0.8:
        return [Window(weekday=weekday, starts=10 * 60, ends=15 * 60)]
    return []


def _absences(rng: Random) -> tuple[SpecialDays, ...]:
    days = [FIRST_DAY + timedelta(days=rng.randrange((LAST_DAY - FIRST_DAY).days)) for _ in range(rng.randint(1, 4))]
    lengths = [rng.choice((0, 0, 1, 4)) for _ in days]
    return tuple(
        SpecialDays(first_day=day, last_day=day + timedelta(days=length), is_available=False)
        for day, length in zip(days, lengths, strict=True)
    )


def _request(
    places: Sequence[Place],
    editions: Sequence[SampleEdition],
    facilitators: Sequence[Facilitator],
    size: Size,
    rng: Random,
) -> Request:
    place, edition = rng.choice(places), rng.choice(editions)
    able = [person.id for person in facilitators if edition.id in person.editions]
    periods = place.periods[0]
    # Some three hours in a row on two or three days of the week can be spared.
    first = rng.randrange(len(periods) - 2)
    wishes = Wishes(
        weekdays=frozenset(rng.sample(sorted(place.periods), rng.choice((2, 3)))),
        earliest=periods[first].starts,
        latest=periods[first + 2].ends if rng.random() < 0.9 else DAY_MIN,
        avoid_weeks=frozenset(
            FIRST_DAY + timedelta(days=7 * week) for week in rng.sample(range(16), rng.randint(0, 2))
        ),
        facilitator=rng.choice(able) if able and rng.random() < 0.1 else None,
    )
    return Request(
        id=_key(rng),
        school_class=_key(rng),
        site=place.id,
        edition=edition.id,
        minutes=(edition.minutes,) * size.meetings,
        people=rng.randint(16, 28) if not edition.needs_room else rng.randint(16, 25),
        spacing=Spacing(days=7, slack=3),
        needs_room=edition.needs_room,
        needs_projector=edition.needs_room,
        closed_days=_closed(rng),
        wishes=wishes,
        is_never_reached=rng.random() < 0.35,
    )


def _closed(rng: Random) -> frozenset[date]:
    trip = FIRST_DAY + timedelta(days=rng.randrange((LAST_DAY - FIRST_DAY).days))
    stretches = (*CLOSURES, (trip, trip + timedelta(days=rng.choice((0, 2)))))
    return frozenset(
        first + timedelta(days=offset) for first, last in stretches for offset in range((last - first).days + 1)
    )
