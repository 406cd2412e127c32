"""Two pages for the mayor of one municipality.

What its schools got, who was not reached, what pupils of the district say, and where to find help.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core.pdf import Attachment
from prevention.core.web import number
from prevention.delivery.coverage import MunicipalityCoverage, SchoolCoverage
from prevention.indicators.published import Dimension
from prevention.reports.attachments import written_csv
from prevention.reports.figures import YearFigures
from prevention.reports.names import told_apart
from prevention.reports.papers.impact import HEADLINES
from prevention.reports.papers.kinds import Content, NoSuchPaper, Paper, slug
from prevention.reports.printed import Figure, of_district, of_municipality, of_school
from prevention.reports.results import printed_cell
from prevention.schools.rules import school_year_label


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyRow:
    """One main result: the pupils of the municipality's schools where it may be shown, beside the whole district."""

    name: str
    here: Figure | None
    district: Figure


def content(figures: YearFigures, paper: Paper) -> Content:
    """Say what the pages of one municipality say.

    Raises:
        NoSuchPaper: no school of the figures lies there.
    """
    place = next((one for one in figures.activity.municipalities if one.istat_code == paper.scope), None)
    if place is None:
        raise NoSuchPaper(paper.scope)
    schools = [one for one in figures.activity.schools if one.istat_code == place.istat_code]
    names = told_apart(schools)
    survey = tuple(survey_rows(figures, istat_code=place.istat_code))
    return Content(
        template="reports/papers/mayors.html",
        title=_("Two pages for the mayor of %(place)s", place=place.name)
        + f" – {school_year_label(figures.school_year)}",
        stem=_("mayor-%(place)s", place=slug(place.name)),
        values={
            "place": place,
            "own": of_municipality(place),
            "district": of_district(figures.activity.totals),
            "sentences": (*_sentences(place), _area_sentence(figures, place)),
            "schools": tuple((names[one.code], of_school(one)) for one in sorted(schools, key=_largest_first)),
            "missed": tuple(names[one.code] for one in sorted(schools, key=_largest_first) if not one.is_reached),
            "survey": survey,
            "alone": ""
            if any(row.here is not None and row.here.is_known for row in survey)
            else _(
                "For the schools of the municipality alone nothing is printed: too few classes took part, and somebody "
                "could be recognised."
            ),
        },
        attachments=(
            Attachment(
                name="schools.csv",
                content=written_csv(
                    ("code", "school", "figure", "value"),
                    [
                        (one.code, one.name, figure.name, str(figure))
                        for one in schools
                        for figure in of_school(one).values()
                    ],
                ),
                description=_("What each school of the municipality got"),
            ),
        ),
    )


def _largest_first(school: SchoolCoverage) -> tuple[int, str]:
    return -(school.pupils_enrolled or 0), school.name


def _sentences(place: MunicipalityCoverage) -> Iterator[str]:
    yield ngettext(
        "%(count)s lower or upper secondary school stands in the municipality; at least one meeting was held in "
        "%(reached)s.",
        "%(count)s lower and upper secondary schools stand in the municipality; at least one meeting was held in "
        "%(reached)s of them.",
        place.sites,
        count=number(place.sites),
        reached=number(place.sites_reached),
    )
    if place.sites_unknown:
        yield ngettext(
            "For %(count)s of them the number of pupils is not known; it is left out of the hours per pupil.",
            "For %(count)s of them the number of pupils is not known; they are left out of the hours per pupil.",
            place.sites_unknown,
            count=number(place.sites_unknown),
        )


def _area_sentence(figures: YearFigures, place: MunicipalityCoverage) -> str:
    """Say which planning area a municipality belongs to; that nobody said it is said too."""
    areas = figures.territory.planning_areas if figures.territory is not None else {}
    for name, members in areas.items():
        if any(one.istat_code == place.istat_code for one in members):
            return _("The municipality belongs to the planning area %(area)s.", area=name)
    return _("It is not known which planning area the municipality belongs to.")


def survey_rows(figures: YearFigures, *, istat_code: str = "") -> Iterator[SurveyRow]:
    """Give the main results of the district, those of one municipality beside them where they were released."""
    here = {
        (table.wave_id, table.indicator_id): table
        for table in figures.tables
        if table.dimension is Dimension.MUNICIPALITY
    }
    whole = [table for table in figures.tables if table.dimension is Dimension.ALL]
    for indicator in HEADLINES:
        for table in (one for one in whole if one.indicator_id == indicator):
            district = printed_cell(table, "all")
            own = here.get((table.wave_id, table.indicator_id))
            if district is not None and district.is_known:
                yield SurveyRow(
                    name=table.name.text(),
                    here=printed_cell(own, istat_code) if own is not None and istat_code else None,
                    district=district,
                )
