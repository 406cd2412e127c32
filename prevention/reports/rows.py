"""The rows of the tables of activity and coverage, each value already in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from prevention.core.web import number
from prevention.delivery.coverage import MunicipalityCoverage, ProgrammeActivity, SchoolCoverage
from prevention.reports.names import told_apart
from prevention.reports.printed import Figure, fidelity_of, of_municipality, of_programme, of_school


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammeRow:
    """A programme in the tables of what was done; all values are words. A `has_…` false marks words for "not known"."""

    name: str
    classes: Figure
    meetings: Figure
    hours: Figure
    pupil_hours: Figure
    attendance: Figure
    has_attendance: bool
    completed: str
    planned: str
    full: str
    fidelity: Figure
    missing: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceRow:
    """A school or municipality in the tables of who was reached; all values are words."""

    name: str
    institute: str
    municipality: str
    schools: str
    classes: Figure
    pupils: Figure
    pupil_hours: Figure
    rate: Figure


@dataclass(frozen=True, kw_only=True, slots=True)
class MissedRow:
    """A school where no meeting was held."""

    name: str
    institute: str
    municipality: str
    enrolled: str
    is_known: bool


def programme_rows(programmes: Sequence[ProgrammeActivity]) -> tuple[ProgrammeRow, ...]:
    """Write the programmes, those with most meetings first."""
    return tuple(
        ProgrammeRow(
            name=one.programme.text(),
            **of_programme(one),
            has_attendance=one.attendance is not None,
            completed=number(one.classes_completed),
            planned=number(one.activities_planned),
            full=number(one.activities_full),
            fidelity=fidelity_of(one),
            missing=number(one.registers_missing),
        )
        for one in sorted(programmes, key=lambda one: (-one.meetings_planned, one.slug))
    )


def school_rows(schools: Sequence[SchoolCoverage]) -> tuple[PlaceRow, ...]:
    """Write the schools that were reached, by municipality and name."""
    names = told_apart(schools)
    reached = [school for school in schools if school.is_reached]
    return tuple(
        PlaceRow(
            name=names[one.code],
            institute=_institute_of(one),
            municipality=one.municipality,
            schools="",
            **of_school(one),
        )
        for one in sorted(reached, key=lambda one: (one.municipality, one.name, one.code))
    )


def municipality_rows(municipalities: Sequence[MunicipalityCoverage]) -> tuple[PlaceRow, ...]:
    """Write the municipalities, by name."""
    return tuple(
        PlaceRow(
            name=one.name,
            institute="",
            municipality=one.name,
            **of_municipality(one),
        )
        for one in municipalities
    )


def missed_rows(schools: Sequence[SchoolCoverage], names: Mapping[str, str]) -> tuple[MissedRow, ...]:
    """Write the schools where no meeting was held, in the order given."""
    return tuple(
        MissedRow(
            name=names[one.code],
            institute=_institute_of(one),
            municipality=one.municipality,
            enrolled=_enrolled_words(one),
            is_known=one.pupils_enrolled is not None,
        )
        for one in schools
    )


def _institute_of(school: SchoolCoverage) -> str:
    """Name the institute where it is not called like the school itself."""
    return "" if school.institute.casefold() == school.name.casefold() else school.institute


def _enrolled_words(school: SchoolCoverage) -> str:
    if school.pupils_enrolled is not None:
        return number(school.pupils_enrolled)
    return _("three or fewer") if school.is_enrolment_low else _("not known")
