"""Names of schools as the papers write them: two of one name in a municipality are told apart by their code."""

from collections import Counter
from collections.abc import Iterable, Sequence

from prevention.delivery.coverage import SchoolCoverage


def told_apart(schools: Iterable[SchoolCoverage]) -> dict[str, str]:
    """Name schools by code; the code of the ministry stands behind a name that another one of the place has too."""
    listed = tuple(schools)
    often = Counter(_called(one) for one in listed)
    return {one.code: one.name if often[_called(one)] == 1 else f"{one.name} ({one.code})" for one in listed}


def labels(schools: Sequence[SchoolCoverage]) -> dict[str, str]:
    """Name schools by code where no municipality stands beside them: it is named where one name is in several."""
    names = told_apart(schools)
    places: dict[str, set[str]] = {}
    for one in schools:
        places.setdefault(names[one.code].casefold(), set()).add(one.municipality)
    return {
        one.code: f"{names[one.code]}, {one.municipality}"
        if len(places[names[one.code].casefold()]) > 1
        else names[one.code]
        for one in schools
    }


def _called(school: SchoolCoverage) -> tuple[str, str]:
    return school.name.casefold(), school.istat_code
