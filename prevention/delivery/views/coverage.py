"""Pages of the coverage of a school year, its map, and its tables for a spreadsheet."""

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock
from prevention.delivery import sheets, wording
from prevention.delivery.coverage import (
    YearActivity,
    YearDetails,
    denominators,
    school_years,
    year_activity,
    year_details,
)
from prevention.delivery.coverage.choosing import CoverageFilter, chosen_schools
from prevention.delivery.coverage.filled import filled_map, never_reached
from prevention.delivery.coverage.groups import Dimension, GroupCoverage, gap
from prevention.delivery.coverage.points import map_of
from prevention.delivery.sheets import GROUPED, Sheet
from prevention.delivery.views.blueprint import asked, bp
from prevention.network import service as network
from prevention.roles import Role
from prevention.schools.rules import Level, school_year_label, school_year_of

# As many years are compared; more would not fit the window, and each costs seven queries.
YEARS_COMPARED = 5


@bp.get("/coverage")
@access.roles(Role.OFFICE)
def coverage() -> ResponseReturnValue:
    """Show dose, fidelity and coverage of a school year, put together by one dimension at a time."""
    this_year = school_year_of(clock.today())
    details = year_details(_asked_year(this_year), today=clock.today())
    activity = details.activity
    wanted, show = _wanted(), asked(Sheet, "show", Sheet.PROGRAMMES)
    known_years = school_years()
    years = sorted({this_year, activity.school_year, *known_years}, reverse=True)
    groups = details.groups[GROUPED[show]] if show in GROUPED else ()
    territory = network.territory() if show is Sheet.MUNICIPALITIES else None
    filled = filled_map(activity, territory) if territory is not None else None
    return render_template(
        "delivery/coverage.html",
        activity=activity,
        schools=chosen_schools(activity, wanted),
        wanted=wanted,
        show=show,
        groups=groups,
        by_key=_by_key(details, show),
        missed=details.never_reached_classes,
        gap=gap(groups),
        filled=filled,
        boundary_sources=territory.sources if territory is not None else (),
        map=map_of(activity) if show is Sheet.MUNICIPALITIES and filled is None else None,
        places_missed=never_reached(activity),
        compared=_compared(activity, known_years) if show is Sheet.YEARS else (),
        denominators=denominators(activity.enrolment_year) if activity.enrolment_year is not None else None,
        years=[(year, school_year_label(year)) for year in years],
        places=[("", _("All")), *((place.istat_code, place.name) for place in activity.municipalities)],
        tracks=wording.TRACKS,
    )


@bp.get("/coverage/<sheet>.csv")
@access.roles(Role.OFFICE)
def coverage_csv(sheet: str) -> ResponseReturnValue:
    """Hand out one table of the coverage page as a spreadsheet, with the page's filters."""
    if sheet not in list(Sheet):
        abort(404)
    details = year_details(_asked_year(school_year_of(clock.today())), today=clock.today())
    activity = details.activity
    compared = _compared(activity, school_years()) if sheet == Sheet.YEARS else ()
    text = sheets.write(Sheet(sheet), details, chosen_schools(activity, _wanted()), years=compared)
    name = f"{sheet}-{activity.school_year}.csv"
    return Response(
        text.encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _by_key(details: YearDetails, show: Sheet) -> dict[str, GroupCoverage]:
    """Give what the tables of schools and of municipalities show beside their own counts."""
    dimension = {Sheet.SCHOOLS: Dimension.SITE, Sheet.MUNICIPALITIES: Dimension.MUNICIPALITY}.get(show)
    return {each.key: each for each in details.groups[dimension]} if dimension is not None else {}


def _compared(activity: YearActivity, years: list[int]) -> tuple[YearActivity, ...]:
    """Give the years with editions up to the one that is shown, newest first."""
    before = [year for year in years if year < activity.school_year][: YEARS_COMPARED - 1]
    return (activity, *(year_activity(year, today=clock.today()) for year in before))


def _asked_year(this_year: int) -> int:
    """Read the school year of the query; anything that is none becomes this year."""
    given = request.args.get("year", type=int)
    return given if given is not None and 2000 <= given <= this_year + 1 else this_year


def _wanted() -> CoverageFilter:
    level = request.args.get("level", "")
    return CoverageFilter(
        level=Level(level) if level in list(Level) else None,
        istat_code=request.args.get("municipality", ""),
        only_missed=request.args.get("reached") == "no",
    )
