"""Dose, fidelity and coverage of a school year: `year_activity` and the values it gives.

Definitions are those of the indicator list (P01 to P04, P10), counted for lower and upper secondary schools only,
because the programmes are for pupils of 11 to 19 years.
"""

from prevention.delivery.coverage.details import LedCount, ProgrammeDetails, ReasonCount
from prevention.delivery.coverage.groups import Dimension, GroupCoverage, HoursPerPupil
from prevention.delivery.coverage.reading import Denominators, denominators, school_years, year_activity, year_details
from prevention.delivery.coverage.tally import YearDetails
from prevention.delivery.coverage.values import (
    ActivityTotals,
    EquityGap,
    MunicipalityCoverage,
    ProgrammeActivity,
    SchoolCoverage,
    YearActivity,
)

__all__ = [
    "ActivityTotals",
    "Denominators",
    "Dimension",
    "EquityGap",
    "GroupCoverage",
    "HoursPerPupil",
    "LedCount",
    "MunicipalityCoverage",
    "ProgrammeActivity",
    "ProgrammeDetails",
    "ReasonCount",
    "SchoolCoverage",
    "YearActivity",
    "YearDetails",
    "denominators",
    "school_years",
    "year_activity",
    "year_details",
]
