"""Open data: a page that lists the datasets, the files themselves, and their description for catalogues."""

import json

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from prevention.config import Settings
from prevention.core import access
from prevention.core.facts import is_demo
from prevention.core.web import leave_no_trace
from prevention.indicators.policy import policy
from prevention.indicators.published import PublishedTable
from prevention.opendata import dcat, figures, formats, service
from prevention.opendata.rules import year_of_slug, year_slug
from prevention.schools.rules import school_year_label

# How long others may keep a copy before they ask again whether it still holds; the question costs them no download.
KEPT_FOR_S = 3600
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAV = "application/x-spss-sav"

bp = Blueprint("opendata", __name__, url_prefix="/opendata")


@bp.get("/")
@access.public
def index() -> ResponseReturnValue:
    """List the datasets, newest school year first."""
    datasets = [(one, school_year_label(one.school_year), year_slug(one.school_year)) for one in service.datasets()]
    return render_template(
        "opendata/index.html",
        columns=len(figures.COLUMNS),
        cube=policy().cube,
        datasets=datasets,
        publisher=_place().publisher,
    )


@bp.get("/<year>/figures.csv")
@access.public
def figures_csv(year: str) -> ResponseReturnValue:
    """Hand out the figures of a school year as CSV; a year without any is a 404."""
    rows = figures.rows_of(_tables(year), is_made_up=is_demo())
    response = _public(figures.to_csv(rows), content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f'attachment; filename="figures-{year}.csv"'
    return response


@bp.get("/<year>/figures.json")
@access.public
def figures_json(year: str) -> ResponseReturnValue:
    """Hand out the figures of a school year as JSON; a year without any is a 404."""
    tables, place = _tables(year), _place()
    about = {
        "title": dcat.title_of(tables[0].school_year, place),
        "publisher": place.publisher,
        "license": dcat.LICENCE_TEXT,
        "school_year": school_year_label(tables[0].school_year),
        "made_up": place.is_made_up,
        "described_at": f"{place.home}catalog.jsonld",
    }
    rows = list(figures.rows_of(tables, is_made_up=place.is_made_up))
    return _public(figures.to_json(rows, about=about), content_type="application/json")


@bp.get("/<year>/figures.xlsx")
@access.public
def figures_xlsx(year: str) -> ResponseReturnValue:
    """Hand out the figures of a school year as a workbook, in the reader's language."""
    rows, about = _rows_and_about(year)
    return _named(formats.to_xlsx(rows, about, language=str(get_locale())), XLSX, f"figures-{year}.xlsx")


@bp.get("/<year>/figures.sav")
@access.public
def figures_sav(year: str) -> ResponseReturnValue:
    """Hand out the figures of a school year for SPSS, labelled in the reader's language."""
    rows, about = _rows_and_about(year)
    return _named(formats.to_sav(rows, about, language=str(get_locale())), SAV, f"figures-{year}.sav")


@bp.get("/<year>/cube.csv")
@access.public
def cube_csv(year: str) -> ResponseReturnValue:
    """Hand out the perturbed crossings of a school year as CSV, with the columns of the figures."""
    school_year = year_of_slug(year)
    if school_year is None:
        abort(404)
    try:
        tables = service.cube_of(school_year)
    except LookupError:
        abort(404)
    body = figures.to_csv(figures.rows_of(tables, is_made_up=_place().is_made_up))
    return _named(body, "text/csv; charset=utf-8", f"cube-{year}.csv")


@bp.get("/<year>/codebook.xml")
@access.public
def codebook(year: str) -> ResponseReturnValue:
    """Describe the figures of a school year as a DDI codebook, in the reader's language."""
    rows, about = _rows_and_about(year)
    return _public(formats.to_ddi(rows, about, language=str(get_locale())), content_type="application/xml")


@bp.get("/<year>/package.zip")
@access.public
def package(year: str) -> ResponseReturnValue:
    """Hand out the figures of a school year as a data package with their description and codebook."""
    rows, about = _rows_and_about(year)
    body = formats.to_package(rows, about, language=str(get_locale()))
    return _named(body, "application/zip", f"figures-{year}.zip")


@bp.get("/catalog.jsonld")
@access.public
def catalog() -> ResponseReturnValue:
    """Describe the datasets for catalogues of open data."""
    described = dcat.catalogue_of(service.datasets(), _place())
    return _public(json.dumps(described, ensure_ascii=False, indent=1).encode(), content_type="application/ld+json")


def _tables(year: str) -> tuple[PublishedTable, ...]:
    school_year = year_of_slug(year)
    if school_year is None:
        abort(404)
    try:
        return service.tables_of(school_year)
    except LookupError:
        abort(404)


def _rows_and_about(year: str) -> tuple[list[dict[str, figures.Value]], formats.About]:
    tables, place = _tables(year), _place()
    about = formats.About(
        slug=year,
        title=dcat.title_of(tables[0].school_year, place),
        publisher=place.publisher,
        contact=place.contact,
        home=place.home,
        licence=dcat.LICENCE_TEXT,
        modified=max(table.sealed_on for table in tables),
    )
    return list(figures.rows_of(tables, is_made_up=place.is_made_up)), about


def _named(body: bytes, content_type: str, name: str) -> Response:
    """Answer with a file to keep, in a language of its own: a copy is for readers of that language alone."""
    response = _public(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _place() -> dcat.Place:
    settings: Settings = current_app.config["SETTINGS"]
    return dcat.Place(
        # Not the address that the reader asked with: a copy that others keep must not depend on it.
        base=settings.base_url.rstrip("/"),
        district=settings.district,
        contact=settings.mail_from,
        is_made_up=is_demo(),
    )


def _public(body: bytes, *, content_type: str) -> Response:
    """Answer with a file that is the same for everybody and may be kept by anybody; 304 when the reader has it."""
    # A shared copy must carry nobody's cookie.
    leave_no_trace()
    response = Response(body, content_type=content_type)
    response.cache_control.public = True
    response.cache_control.max_age = KEPT_FOR_S
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response
