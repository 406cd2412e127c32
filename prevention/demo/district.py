"""The places and people of the demo: municipalities, schools, classes, organisations, sign-ins."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import Grant, add_user
from prevention.core import clock
from prevention.core.db import db
from prevention.network import service as network
from prevention.network.models import Organisation
from prevention.network.rules import OrganisationKind
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.history_models import ClassLineage
from prevention.schools.models import Enrolment, Institute, SchoolClass, Site
from prevention.schools.rules import TARGET_LEVELS, Level, class_label

HERE = Path(__file__).parent
DEMO_REGISTER = HERE / "register.csv"
MUNICIPALITIES = Path(network.__file__).parent.parent / "data" / "cremona_municipalities.csv"
# Printed on the sign-in page: it opens a demo, nothing else.
PASSWORD = "prevenzione"  # noqa: S105  # as said
OFFICE_EMAIL = "anna@example.org"
# A report is written by one person and signed by another.
SECOND_EMAIL = "giulia@example.org"
COORDINATOR_EMAIL = "bruno@example.org"
FACILITATOR_EMAIL = "dario@example.org"
ANALYST_EMAIL = "elena@example.org"

# With a real register, as many of its schools get classes: more would make the demo slow, not better.
MOST_SITES = {Level.PRIMO_GRADO: 12, Level.SECONDO_GRADO: 10}
SECTIONS = {Level.PRIMO_GRADO: "ABC", Level.SECONDO_GRADO: "ABC"}


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Who signs in; `facilitators` by the organisation they belong to."""

    office: User
    coordinator: User
    facilitator: User
    analyst: User


@dataclass(frozen=True, kw_only=True, slots=True)
class District:
    """The district of the demo: sites of the target levels with classes, and providers by what they are."""

    people: People
    sites: tuple[Site, ...]
    providers: dict[OrganisationKind, Organisation]


def build_district(register: Path | None, *, years: tuple[int, ...], rng: Random) -> District:
    """Take the register in and add classes, enrolments, organisations and people.

    Args:
        register: a file of the ministry; None takes the made-up one.
        years: school years that get classes, oldest first.
        rng: decides sizes.
    """
    _import_municipalities()
    path = register or DEMO_REGISTER
    with path.open("rb") as stream:
        schools.import_register(stream, file_name=path.name, provinces=("CR",), now=clock.now())
    sites = _chosen_sites()
    _add_classes(sites, years=years, rng=rng)
    providers = _add_organisations()
    network.load_help_services()
    return District(people=_add_people(sites, providers), sites=sites, providers=providers)


def _import_municipalities() -> None:
    if not network.municipalities():
        with MUNICIPALITIES.open("rb") as stream:
            network.import_municipalities(stream, file_name=MUNICIPALITIES.name)


def _chosen_sites() -> tuple[Site, ...]:
    chosen: list[Site] = []
    for level in TARGET_LEVELS:
        of_level = select(Site).where(Site.level == level, Site.is_state).order_by(Site.code)
        chosen += db.session.scalars(of_level.limit(MOST_SITES[level]))
    return tuple(chosen)


def _add_classes(sites: tuple[Site, ...], *, years: tuple[int, ...], rng: Random) -> None:
    lineage: list[ClassLineage] = []
    for site in sites:
        for section in SECTIONS[site.level]:
            # A generation keeps its mark when 1A becomes 2A.
            generations: dict[int, tuple[uuid.UUID, int]] = {}
            before: dict[int, SchoolClass] = {}
            for year in years:
                carried = {grade + 1: generation for grade, generation in generations.items()}
                generations = {
                    grade: carried.get(grade, (uuid.UUID(int=rng.getrandbits(128), version=4), rng.randint(17, 26)))
                    for grade in site.level.grades
                }
                made = {
                    grade: SchoolClass(
                        id=uuid.uuid4(),
                        site_id=site.id,
                        school_year=year,
                        grade=grade,
                        section=section,
                        label=class_label(grade=grade, section=section),
                        pupils=pupils,
                        cohort_id=cohort,
                    )
                    for grade, (cohort, pupils) in generations.items()
                }
                db.session.add_all(made.values())
                lineage += [
                    ClassLineage(from_class_id=before[grade].id, to_class_id=each.id)
                    for grade, each in ((grade - 1, each) for grade, each in made.items())
                    if grade in before
                ]
                before = made
        known = select(Enrolment.school_year).where(Enrolment.site_id == site.id)
        for year in set(years) - set(db.session.scalars(known)):
            pupils = sum(
                db.session.scalars(
                    select(SchoolClass.pupils).where(SchoolClass.site_id == site.id, SchoolClass.school_year == year)
                )
            )
            db.session.add(Enrolment(code=site.code, school_year=year, site_id=site.id, pupils=pupils, is_low=False))
    db.session.flush()
    db.session.add_all(lineage)
    db.session.flush()


def _add_organisations() -> dict[OrganisationKind, Organisation]:
    names = {
        OrganisationKind.EDUCATION_OFFICE: "Ufficio scolastico (demo)",
        OrganisationKind.HEALTH_AUTHORITY: "Azienda sanitaria, promozione della salute (demo)",
        OrganisationKind.HOSPITAL_TRUST: "Azienda ospedaliera, servizio dipendenze (demo)",
        OrganisationKind.THIRD_SECTOR: "Cooperativa L'Argine (demo)",
    }
    organisations = {kind: Organisation(name=name, kind=kind) for kind, name in names.items()}
    db.session.add_all(organisations.values())
    db.session.flush()
    return organisations


def _add_people(sites: tuple[Site, ...], providers: dict[OrganisationKind, Organisation]) -> People:
    upper = next(site for site in sites if site.level is Level.SECONDO_GRADO)
    office = _person(OFFICE_EMAIL, "Anna Rossi", Grant(role=Role.OFFICE))
    coordinator = Grant(role=Role.COORDINATOR, institute_id=upper.institute_id)
    facilitator = Grant(role=Role.FACILITATOR, organisation_id=providers[OrganisationKind.THIRD_SECTOR].id)
    people = People(
        office=office,
        coordinator=_person(COORDINATOR_EMAIL, "Bruno Ferrari", coordinator, password=None),
        facilitator=_person(FACILITATOR_EMAIL, "Dario Conti", facilitator, password=None),
        analyst=_person(ANALYST_EMAIL, "Elena Moretti", Grant(role=Role.ANALYST), password=None),
    )
    second = _person(SECOND_EMAIL, "Giulia Ferri", Grant(role=Role.OFFICE), password=None)
    # The same word for all: hashing it is slow on purpose, and once is enough for what stands on the page.
    for person in (people.coordinator, people.facilitator, people.analyst, second):
        person.password = office.password
    return people


def coordinators_of(sites: tuple[Site, ...], people: People) -> dict[uuid.UUID, User]:
    """Give each institute of the sites a coordinator, adding those that are missing; by institute."""
    by_institute = {role.institute_id: people.coordinator for role in people.coordinator.roles if role.institute_id}
    institutes = db.session.scalars(
        select(Institute).where(Institute.id.in_({site.institute_id for site in sites})).order_by(Institute.code)
    )
    for number, institute in enumerate(institutes, start=1):
        if institute.id not in by_institute:
            grant = Grant(role=Role.COORDINATOR, institute_id=institute.id)
            by_institute[institute.id] = _person(
                f"referente{number}@example.org", f"Referente {number}", grant, password=None
            )
    return by_institute


def add_facilitator(name: str, organisation: Organisation) -> User:
    """Add somebody who leads meetings of an organisation, and does not sign in in the demo."""
    email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
    return _person(email, name, Grant(role=Role.FACILITATOR, organisation_id=organisation.id), password=None)


def _person(email: str, name: str, grant: Grant, *, password: str | None = PASSWORD) -> User:
    return add_user(email, name=name, password=password, grants=(grant,))
