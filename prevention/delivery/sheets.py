"""The tables of the coverage page as text for a spreadsheet.

Written for the office's own spreadsheet in an Italian setting: semicolons between columns, a comma before decimals.
What is published for machines comes from the open data instead. An unknown number is an empty cell; "<=3" pupils
stay "<=3".
"""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from flask_babel import gettext as _

from prevention.delivery import wording
from prevention.delivery.coverage.groups import Dimension, GroupCoverage, MissedClasses
from prevention.delivery.coverage.tally import YearDetails
from prevention.delivery.coverage.values import (
    MunicipalityCoverage,
    ProgrammeActivity,
    SchoolCoverage,
    YearActivity,
)
from prevention.programmes.wording import EVIDENCE, LEVELS
from prevention.schools.rules import school_year_label

Cell = str | int | float | Decimal | None

# A cell that begins with one of these is run as a formula by spreadsheets (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Sheet(StrEnum):
    """One table of the coverage page."""

    PROGRAMMES = "programmes"
    SCHOOLS = "schools"
    MUNICIPALITIES = "municipalities"
    INSTITUTES = "institutes"
    TRACKS = "tracks"
    GRADES = "grades"
    AREAS = "areas"
    CLASSES = "classes"
    YEARS = "years"


# The sheets that put the year together by a dimension.
GROUPED = {
    Sheet.INSTITUTES: Dimension.INSTITUTE,
    Sheet.TRACKS: Dimension.TRACK,
    Sheet.GRADES: Dimension.GRADE,
    Sheet.AREAS: Dimension.PLANNING_AREA,
}


def write(
    sheet: Sheet,
    year: YearDetails,
    schools: Sequence[SchoolCoverage],
    *,
    years: Sequence[YearActivity] = (),
) -> str:
    """Write one table; `schools` are those that the reader's filter left, `years` what the sheet of years compares."""
    if sheet in GROUPED:
        return _text(_group_head(), (_group(row) for row in year.groups[GROUPED[sheet]]))
    activity = year.activity
    match sheet:
        case Sheet.PROGRAMMES:
            return _text(_programme_head(), (_programme(row) for row in activity.programmes))
        case Sheet.SCHOOLS:
            by_code = {each.key: each for each in year.groups[Dimension.SITE]}
            return _text(_school_head(), (_school(row) + _shares(by_code.get(row.code)) for row in schools))
        case Sheet.MUNICIPALITIES:
            by_istat = {each.key: each for each in year.groups[Dimension.MUNICIPALITY]}
            rows = (_municipality(row) + _shares(by_istat.get(row.istat_code)) for row in activity.municipalities)
            return _text(_municipality_head(), rows)
        case Sheet.CLASSES:
            return _text(_missed_head(), (_missed(row) for row in year.never_reached_classes))
        case _:
            return _text(_year_head(), (_year(row) for row in years))


def _group_head() -> list[str]:
    return [
        _("Code"),
        _("Group"),
        _("Schools"),
        _("Schools reached"),
        _("Schools with 3 pupils or fewer"),
        _("Schools without a known number of pupils"),
        _("Classes entered"),
        _("Classes reached"),
        _("Classes with the whole programme"),
        _("Pupils enrolled"),
        _("Pupils reached"),
        _("Pupil-hours"),
        *_shares_head(),
    ]


def _group(row: GroupCoverage) -> list[Cell]:
    return [
        row.key,
        wording.group_words(row),
        row.sites,
        row.sites_reached,
        row.sites_low,
        row.sites_unknown,
        row.classes,
        row.classes_reached,
        row.classes_completed,
        row.pupils_enrolled,
        row.pupils_reached,
        row.pupil_hours,
        *_shares(row),
    ]


def _missed_head() -> list[str]:
    return [_("Code"), _("School"), _("Municipality"), _("Classes never reached")]


def _missed(row: MissedClasses) -> list[Cell]:
    return [row.code, row.school, row.municipality, ", ".join(row.labels)]


def _year_head() -> list[str]:
    return [
        _("School year"),
        _("Schools"),
        _("Schools reached"),
        _("Classes entered"),
        _("Classes reached"),
        _("Classes with the whole programme"),
        _("Pupils enrolled"),
        _("Pupil-hours"),
        _("Hours per pupil"),
        _("Share of hours with rated evidence"),
        _("Fidelity"),
        _("Registers missing"),
    ]


def _year(row: YearActivity) -> list[Cell]:
    totals = row.totals
    return [
        school_year_label(row.school_year),
        totals.sites,
        totals.sites_reached,
        totals.classes,
        totals.classes_reached,
        totals.classes_completed,
        totals.pupils_enrolled,
        totals.pupil_hours,
        totals.hours_per_pupil,
        totals.rated_share,
        totals.fidelity,
        totals.registers_missing,
    ]


def _programme_head() -> list[str]:
    return [
        _("Programme"),
        _("Evidence"),
        _("Classes booked"),
        _("Classes reached"),
        _("Classes with the whole programme"),
        _("Meetings planned"),
        _("Meetings due"),
        _("Meetings held"),
        _("Meetings not held"),
        _("Registers missing"),
        _("Minutes held"),
        _("Pupils present"),
        _("Pupils expected"),
        _("Pupil-hours"),
        _("Activities planned"),
        _("Activities in full"),
        _("Fidelity"),
    ]


def _programme(row: ProgrammeActivity) -> list[Cell]:
    return [
        row.programme.text(),
        str(EVIDENCE[row.evidence_class]),
        row.classes,
        row.classes_reached,
        row.classes_completed,
        row.meetings_planned,
        row.meetings_due,
        row.meetings_held,
        row.meetings_not_held,
        row.registers_missing,
        row.minutes_held,
        row.pupils_present,
        row.pupils_expected,
        row.pupil_hours,
        row.activities_planned,
        row.activities_full,
        row.fidelity,
    ]


def _shares_head() -> list[str]:
    return [
        _("Hours per pupil, at least"),
        _("Hours per pupil, at most"),
        _("Share of hours with rated evidence"),
        _("Fidelity"),
        _("Classes with the whole programme, share at least"),
        _("Classes with the whole programme, share at most"),
    ]


def _shares(group: GroupCoverage | None) -> list[Cell]:
    if group is None:
        return [None] * 6
    hours, covered = group.hours_per_pupil, group.class_coverage
    return [
        hours.least if hours else None,
        hours.most if hours else None,
        group.rated_share,
        group.fidelity,
        covered.least if covered else None,
        covered.most if covered else None,
    ]


def _school_head() -> list[str]:
    return [
        _("Code"),
        _("School"),
        _("Institute"),
        _("Level"),
        _("Track"),
        _("Municipality"),
        _("ISTAT code"),
        _("Classes entered"),
        _("Classes booked"),
        _("Classes reached"),
        _("Classes with the whole programme"),
        _("Pupils enrolled"),
        _("Pupils reached"),
        _("Pupil-hours"),
        _("Hours per pupil"),
        *_shares_head(),
    ]


def _school(row: SchoolCoverage) -> list[Cell]:
    return [
        row.code,
        row.name,
        row.institute,
        str(LEVELS[row.level]),
        str(wording.TRACKS[row.track]) if row.track else None,
        row.municipality,
        row.istat_code,
        row.classes,
        row.classes_booked,
        row.classes_reached,
        row.classes_completed,
        "<=3" if row.is_enrolment_low else row.pupils_enrolled,
        row.pupils_reached,
        row.pupil_hours,
        row.hours_per_pupil,
    ]


def _municipality_head() -> list[str]:
    return [
        _("ISTAT code"),
        _("Municipality"),
        _("Schools"),
        _("Schools reached"),
        _("Schools without a known number of pupils"),
        _("Classes reached"),
        _("Pupils enrolled"),
        _("Pupils reached"),
        _("Pupil-hours"),
        _("Hours per pupil"),
        *_shares_head(),
    ]


def _municipality(row: MunicipalityCoverage) -> list[Cell]:
    return [
        row.istat_code,
        row.name,
        row.sites,
        row.sites_reached,
        row.sites_unknown,
        row.classes_reached,
        row.pupils_enrolled,
        row.pupils_reached,
        row.pupil_hours,
        row.hours_per_pupil,
    ]


def _text(head: list[str], rows: Iterable[list[Cell]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case int():
            return str(value)
        case float() | Decimal():
            return str(Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)).replace(".", ",")
        case _:
            return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
