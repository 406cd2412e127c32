"""Writes the made-up district of `sample_year` into an empty database, so that the year planner can be tried on it.

Never into one that holds anything: made-up rows do not mix with real ones. Flushes; the command commits.
"""

import uuid
from datetime import date, datetime, time, timedelta
from importlib.resources import files

from sqlalchemy import func, select

from prevention.accounts.models import User, UserRole
from prevention.booking.models import Booking, BookingMeeting, BookingWish
from prevention.booking.plan_models import FacilitatorDays, FacilitatorHours, FacilitatorTerms
from prevention.booking.plan_values import DAY_MIN, Facilitator, Place, Request
from prevention.booking.rules import BookingStatus
from prevention.booking.sample_year import SampleEdition, SampleYear
from prevention.core import clock, facts
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.network import service as network
from prevention.network.models import Municipality, Organisation
from prevention.network.rules import OrganisationKind
from prevention.programmes.models import Edition, Programme, ProgrammeMeeting
from prevention.programmes.rules import BookingMode, EditionStatus, EvidenceClass, Method, RoomNeed, Topic
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import Level, class_label
from prevention.schools.school_time import ClosureKind
from prevention.schools.time_models import BellPeriod, ClosureClass, Room, SchoolClosure

SCHOOL_YEAR = 2026
# A teacher comes with each class.
ADULTS = 1


class NotEmpty(Exception):
    """The database holds schools or people already."""


def write_sample(sample: SampleYear, *, now: datetime) -> None:
    """Write a made-up district: schools, bell times, facilitators with their hours, and requests that wait.

    Raises:
        NotEmpty: there are schools or people already.
    """
    if db.session.scalar(select(func.count(Institute.id))) or db.session.scalar(select(func.count(User.id))):
        raise NotEmpty
    facts.state_fact(facts.IS_DEMO, "yes")
    office = _person("Ufficio", "office@sample.invalid", UserRole(role=Role.OFFICE))
    towns = _municipalities(sample)
    problem = sample.problem
    for number, place in enumerate(problem.places, start=1):
        _write_place(number, place, towns)
    schools.load_year(None, SCHOOL_YEAR)
    providers = [_write_edition(number, edition, sample) for number, edition in enumerate(sample.editions, start=1)]
    for number, person in enumerate(problem.facilitators, start=1):
        _write_facilitator(
            number, person, dict(zip((one.id for one in sample.editions), providers, strict=True)), towns
        )
    places = {place.id: place for place in problem.places}
    db.session.flush()
    for number, request in enumerate(problem.requests, start=1):
        _write_request(number, request, places[request.site], office, now=now)
    db.session.flush()


def _person(name: str, email: str, *roles: UserRole, key: uuid.UUID | None = None) -> User:
    person = User(
        id=key or uuid.uuid4(), name=name, email=email, fs_uniquifier=uuid.uuid4().hex, active=True, language="it"
    )
    person.roles = list(roles)
    db.session.add(person)
    db.session.flush()
    return person


def _municipalities(sample: SampleYear) -> dict[uuid.UUID, Municipality]:
    """Take the province's municipalities in, and give those of the sample by their id there."""
    with files("prevention.network").joinpath("data/cremona_municipalities.csv").open("rb") as table:
        network.import_municipalities(table, file_name="cremona_municipalities.csv")
    by_code = {town.istat_code: town for town in db.session.scalars(select(Municipality))}
    return {key: by_code[code] for key, code in sample.istat_codes.items()}


def _write_place(number: int, place: Place, towns: dict[uuid.UUID, Municipality]) -> None:
    town = towns[place.municipality]
    db.session.add(
        Institute(
            id=place.institute,
            code=f"CRIS{number:06d}",
            name=f"Istituto di prova {number}",
            municipality_id=town.id,
            is_state=True,
        )
    )
    db.session.add(
        Site(
            id=place.id,
            code=f"CRPS{number:06d}",
            institute_id=place.institute,
            name=f"Scuola di prova {number}",
            municipality_id=town.id,
            level=Level.SECONDO_GRADO,
            type_description="LICEO SCIENTIFICO",
            is_state=True,
            first_seen=SCHOOL_YEAR,
            last_seen=SCHOOL_YEAR,
        )
    )
    db.session.flush()
    db.session.add_all(
        BellPeriod(site_id=place.id, weekday=weekday, number=at, starts=_time(period.starts), ends=_time(period.ends))
        for weekday, periods in place.periods.items()
        for at, period in enumerate(periods, start=1)
    )
    db.session.add_all(
        Room(id=room.id, site_id=place.id, name=f"Aula {at}", capacity=room.seats, has_projector=room.has_projector)
        for at, room in enumerate(place.rooms, start=1)
    )


def _write_edition(number: int, edition: SampleEdition, sample: SampleYear) -> Organisation:
    provider = Organisation(name=f"Ente di prova {number}", kind=OrganisationKind.THIRD_SECTOR)
    programme = Programme(
        slug=f"percorso-di-prova-{number}",
        name=Localised(it=f"Percorso di prova {number}", en=f"Sample programme {number}"),
        summary=Localised(it="Inventato.", en="Made up."),
        topics=[Topic.LIFE_SKILLS.value],
        levels=[Level.SECONDO_GRADO.value],
        grade_min=1,
        grade_max=5,
        method=Method.SKILLS,
        delivered_by=Localised(it="Operatori", en="Facilitators"),
        evidence_class=EvidenceClass.NOT_RATED,
        evidence_note=Localised(it="Inventato.", en="Made up."),
        meetings=[
            ProgrammeMeeting(
                number=at, title=Localised(it=f"Incontro {at}", en=f"Meeting {at}"), minutes=edition.minutes
            )
            for at in range(1, len(sample.problem.requests[0].minutes) + 1)
        ],
    )
    db.session.add_all([provider, programme])
    db.session.flush()
    db.session.add(
        Edition(
            id=edition.id,
            programme_id=programme.id,
            school_year=SCHOOL_YEAR,
            organisation_id=provider.id,
            status=EditionStatus.OPEN,
            booking_mode=BookingMode.REQUESTS,
            room_need=RoomNeed.PROJECTOR if edition.needs_room else RoomNeed.NONE,
        )
    )
    return provider


def _write_facilitator(
    number: int,
    person: Facilitator,
    providers: dict[uuid.UUID, Organisation],
    towns: dict[uuid.UUID, Municipality],
) -> None:
    roles = [
        UserRole(role=Role.FACILITATOR, organisation_id=provider.id)
        for edition, provider in providers.items()
        if edition in person.editions
    ]
    _person(f"Operatore {number}", f"facilitator-{number}@sample.invalid", *roles, key=person.id)
    base = None if person.base is None else towns[person.base].id
    db.session.add(FacilitatorTerms(user_id=person.id, weekly_cap=person.weekly_cap, base_id=base))
    db.session.add_all(
        FacilitatorHours(
            user_id=person.id, weekday=window.weekday, starts=_time(window.starts), ends=_time(window.ends)
        )
        for window in person.windows
    )
    db.session.add_all(
        FacilitatorDays(user_id=person.id, first_day=days.first_day, last_day=days.last_day, is_available=False)
        for days in person.exceptions
    )


def _write_request(number: int, request: Request, place: Place, office: User, *, now: datetime) -> None:
    section, cohort = f"{number:03d}", uuid.uuid4()
    pupils = request.people - ADULTS
    values = {"site_id": place.id, "section": section, "pupils": pupils, "cohort_id": cohort}
    db.session.add(
        SchoolClass(
            id=request.school_class,
            school_year=SCHOOL_YEAR,
            grade=2,
            label=class_label(grade=2, section=section),
            **values,
        )
    )
    _close(request, place)
    if not request.is_never_reached:
        _write_last_year(request, values, office)
    wishes = request.wishes
    db.session.add(
        Booking(
            id=request.id,
            edition_id=request.edition,
            school_class_id=request.school_class,
            pupils=pupils,
            adults=ADULTS,
            status=BookingStatus.REQUESTED,
            booked_by=office.id,
            booked_at=now + timedelta(seconds=number),
            wish=BookingWish(
                weekdays=sorted(wishes.weekdays),
                earliest=_time(wishes.earliest) if wishes.earliest else None,
                latest=_time(wishes.latest) if wishes.latest < DAY_MIN else None,
                weeks_to_avoid=[day.isoformat() for day in sorted(wishes.avoid_weeks)],
                facilitator_id=wishes.facilitator,
            ),
        )
    )


def _write_last_year(request: Request, values: dict[str, object], office: User) -> None:
    """Let the class have had the programme a year before, so that it was reached."""
    before = db.session.scalar(
        select(Edition).where(
            Edition.school_year == SCHOOL_YEAR - 1,
            Edition.programme_id == select(Edition.programme_id).where(Edition.id == request.edition).scalar_subquery(),
        )
    )
    if before is None:
        this_year = db.session.get_one(Edition, request.edition)
        before = Edition(
            programme_id=this_year.programme_id,
            school_year=SCHOOL_YEAR - 1,
            organisation_id=this_year.organisation_id,
            status=EditionStatus.CLOSED,
        )
        db.session.add(before)
    label = class_label(grade=1, section=str(values["section"]))
    school_class = SchoolClass(id=uuid.uuid4(), school_year=SCHOOL_YEAR - 1, grade=1, label=label, **values)
    starts_at = datetime.combine(date(SCHOOL_YEAR, 2, 3), time(9), tzinfo=clock.ROME)
    db.session.add(
        Booking(
            edition=before,
            school_class=school_class,
            pupils=request.people - ADULTS,
            booked_by=office.id,
            booked_at=starts_at - timedelta(days=90),
            meetings=[BookingMeeting(number=1, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))],
        )
    )


def _close(request: Request, place: Place) -> None:
    """Write the days on which only this class is away; the district's closures come with the calendar."""
    own = [day for day in sorted(request.closed_days) if day.weekday() < 6]
    for day in own:
        closure = SchoolClosure(
            school_year=SCHOOL_YEAR,
            first_day=day,
            last_day=day,
            kind=ClosureKind.TRIP,
            reason=Localised(it="Uscita didattica", en="Trip"),
            institute_id=place.institute,
            classes=[ClosureClass(school_class_id=request.school_class)],
        )
        db.session.add(closure)


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
