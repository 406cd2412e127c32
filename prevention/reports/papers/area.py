"""Two pages for the mayors of one planning area, who decide together (Piano di zona, L. 328/2000, art. 19).

What its municipalities got, which were not reached, and what pupils of the district say: no survey result is published
for a planning area, so the district's stand alone.
"""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core.pdf import Attachment
from prevention.core.web import number
from prevention.delivery.coverage import Dimension, GroupCoverage, MunicipalityCoverage
from prevention.network.areas import area_code
from prevention.reports import maps
from prevention.reports.attachments import written_csv
from prevention.reports.figures import YearFigures
from prevention.reports.names import told_apart
from prevention.reports.papers.kinds import Content, NoSuchPaper, Paper, slug
from prevention.reports.papers.mayors import survey_rows
from prevention.reports.printed import of_area, of_district, of_municipality
from prevention.schools.rules import school_year_label


def areas_of(figures: YearFigures) -> dict[str, GroupCoverage]:
    """Give the planning areas that have a lower or upper secondary school, by code."""
    groups = figures.chapters.groups if figures.chapters is not None else ()
    return {area_code(one.key): one for one in groups if one.dimension is Dimension.PLANNING_AREA and one.key}


def content(figures: YearFigures, paper: Paper) -> Content:
    """Say what the pages of one planning area say.

    Raises:
        NoSuchPaper: the figures know no such area, or it has no school.
    """
    area = areas_of(figures).get(paper.scope)
    if area is None:
        raise NoSuchPaper(paper.scope)
    territory = figures.territory
    inside = {place.istat_code for place in territory.planning_areas.get(area.key, ())} if territory else set()
    places = [one for one in figures.activity.municipalities if one.istat_code in inside]
    schools = [one for one in figures.activity.schools if one.istat_code in inside]
    names = told_apart(schools)
    return Content(
        template="reports/papers/area.html",
        title=_("Two pages for the mayors of the planning area %(area)s", area=area.name)
        + f" – {school_year_label(figures.school_year)}",
        stem=_("planning-area-%(area)s", area=slug(area.name)),
        values={
            "place": area,
            "own": of_area(area),
            "district": of_district(figures.activity.totals),
            "sentences": tuple(_sentences(figures, area, places, inside=len(inside))),
            "places": tuple((one, of_municipality(one)) for one in places),
            "missed": tuple(f"{names[one.code]} ({one.municipality})" for one in schools if not one.is_reached),
            "map": maps.hours_map(figures, only=frozenset(inside)),
            "survey": tuple(survey_rows(figures)),
            "alone": _("For a planning area alone no results are published: these are those of the whole district."),
        },
        attachments=(
            Attachment(
                name="municipalities.csv",
                content=written_csv(
                    ("istat_code", "municipality", "figure", "value"),
                    [
                        (one.istat_code, one.name, figure.name, str(figure))
                        for one in places
                        for figure in of_municipality(one).values()
                    ],
                ),
                description=_("What each municipality of the planning area got"),
            ),
        ),
    )


def _sentences(
    figures: YearFigures, area: GroupCoverage, places: list[MunicipalityCoverage], *, inside: int
) -> Iterator[str]:
    yield ngettext(
        "%(count)s municipality belongs to the planning area; with a lower or upper secondary school: %(with_school)s.",
        "%(count)s municipalities belong to the planning area; with a lower or upper secondary school: "
        "%(with_school)s.",
        inside,
        count=number(inside),
        with_school=number(len(places)),
    )
    yield ngettext(
        "%(count)s lower or upper secondary school stands there; at least one meeting was held in %(reached)s.",
        "%(count)s lower and upper secondary schools stand there; at least one meeting was held in %(reached)s of "
        "them.",
        area.sites,
        count=number(area.sites),
        reached=number(area.sites_reached),
    )
    never = [one.name for one in places if not one.sites_reached]
    if never:
        yield _("No meeting was held in: %(names)s.", names=", ".join(never))
    without = len(figures.territory.unassigned) if figures.territory else 0
    if without:
        yield ngettext(
            "%(count)s municipality of the district is not assigned to any planning area: the areas together are not "
            "the whole district.",
            "%(count)s municipalities of the district are not assigned to any planning area: the areas together are "
            "not the whole district.",
            without,
            count=number(without),
        )
