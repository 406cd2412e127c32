"""The verbs of open data: list the datasets, read one. Everything comes from the release ledger."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from prevention.indicators.ledger import cube_tables, cube_years, published_tables
from prevention.indicators.published import Audience, PublishedTable
from prevention.indicators.releases import Release, releases


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """The published figures of one school year.

    `surveys` are those behind them, the newest first. `issued` is the day of the first publication, `modified` of the
    newest. `has_cube`: there are perturbed crossings too.
    """

    school_year: int
    surveys: tuple[Release, ...]
    issued: date
    modified: date
    has_cube: bool = False


def datasets() -> tuple[Dataset, ...]:
    """Give what can be had, newest school year first. Two queries."""
    with_cube = cube_years()
    return tuple(
        Dataset(
            school_year=school_year,
            surveys=of_year,
            issued=min(one.first_published_on for one in of_year),
            modified=max(one.published_on for one in of_year),
            has_cube=school_year in with_cube,
        )
        for school_year, of_year in (
            (school_year, tuple(found)) for school_year, found in groupby(releases(), key=lambda one: one.school_year)
        )
    )


def cube_of(school_year: int) -> tuple[PublishedTable, ...]:
    """Give the perturbed crossings of a school year. One query.

    Raises:
        LookupError: there are none.
    """
    tables = tuple(one for one in cube_tables(school_year) if one.cells)
    if not tables:
        raise LookupError(school_year)
    return tables


def tables_of(school_year: int) -> tuple[PublishedTable, ...]:
    """Give the tables of a school year that are for the whole district, of every measure. One query.

    Raises:
        LookupError: nothing is published for it.
    """
    tables = published_tables(school_year, audience=Audience.DISTRICT, measure=None)
    if not tables:
        raise LookupError(school_year)
    return tables
