"""Which schools of a year a reader wants to see. Pure."""

from dataclasses import dataclass

from prevention.delivery.coverage.values import SchoolCoverage, YearActivity
from prevention.schools.rules import Level


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverageFilter:
    """What a reader of the coverage asks for; None or an empty text means "any"."""

    level: Level | None = None
    istat_code: str = ""
    only_missed: bool = False


def chosen_schools(activity: YearActivity, wanted: CoverageFilter) -> tuple[SchoolCoverage, ...]:
    """Give the schools that answer the filter; those never reached come with the largest first."""
    schools = activity.never_reached if wanted.only_missed else activity.schools
    return tuple(
        school
        for school in schools
        if wanted.level in (None, school.level) and wanted.istat_code in ("", school.istat_code)
    )
