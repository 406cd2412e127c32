"""Pages for everybody: what is published. And for a school: its own sheet."""

import uuid

from flask import Response, render_template, send_file
from flask.typing import ResponseReturnValue

from prevention.core import access
from prevention.core.access import NotYours
from prevention.core.files import attachment_headers, relative_path_of, stored_path
from prevention.core.languages import OFFERED_LANGUAGES
from prevention.reports import edition_papers, edition_reading
from prevention.reports.models import ReportEdition
from prevention.reports.papers import Kind
from prevention.reports.views.blueprint import bp
from prevention.reports.views.twin import twin_page
from prevention.roles import Role
from prevention.schools import service as schools


@bp.get("/published/")
@access.public
def published() -> ResponseReturnValue:
    """List the school years whose report is published."""
    return render_template("reports/published.html", editions=edition_reading.published())


@bp.get("/published/<int:school_year>/")
@access.public
def published_year(school_year: int) -> ResponseReturnValue:
    """Show the report of a school year as a web page, with its papers to take."""
    found = edition_reading.published_year(school_year)
    made = [paper for paper in edition_papers.papers(found.id) if paper.kind in edition_papers.PUBLIC]
    return twin_page(found, is_preview=False, papers=made, offered=OFFERED_LANGUAGES)


@bp.get("/published/<int:school_year>/<any(impact, annex, parents, norms):kind>-<string(length=2):language>.pdf")
@bp.get("/published/<int:school_year>/<any(mayors):kind>-<any(it, en):language>-<scope>.pdf")
@access.public
def published_paper(school_year: int, kind: str, language: str, scope: str = "") -> ResponseReturnValue:
    """Hand a published paper over."""
    return _paper(edition_reading.published_year(school_year), kind=Kind(kind), language=language, scope=scope)


@bp.get("/editions/<uuid:edition_id>/<any(impact, annex, parents, norms):kind>-<string(length=2):language>.pdf")
@bp.get("/editions/<uuid:edition_id>/<any(mayors, school):kind>-<any(it, en):language>-<scope>.pdf")
@access.roles(Role.OFFICE)
def edition_paper(edition_id: uuid.UUID, kind: str, language: str, scope: str = "") -> ResponseReturnValue:
    """Hand a paper of an edition over to the office, published or not."""
    found = edition_reading.edition_for(access.require_actor(), edition_id)
    return _paper(found, kind=Kind(kind), language=language, scope=scope)


@bp.get("/school")
@access.roles(Role.COORDINATOR)
def school_sheets() -> ResponseReturnValue:
    """List the published sheets of the schools that a coordinator acts for."""
    sites = schools.sites_for(access.require_actor())
    years = [
        (found, edition_papers.sheets(found, codes=[site.code for site in sites]))
        for found in edition_reading.published()
    ]
    return render_template("reports/school_sheets.html", years=years, names={site.code: site.name for site in sites})


@bp.get("/school/<int:school_year>/<any(it, en):language>-<code>.pdf")
@access.roles(Role.COORDINATOR)
def school_sheet(school_year: int, language: str, code: str) -> ResponseReturnValue:
    """Hand the sheet of an own school over."""
    if code not in {site.code for site in schools.sites_for(access.require_actor())}:
        raise NotYours(code)
    return _paper(edition_reading.published_year(school_year), kind=Kind.SCHOOL, language=language, scope=code)


def _paper(found: ReportEdition, *, kind: Kind, language: str, scope: str) -> Response:
    paper = edition_papers.paper_of(found, kind=kind, language=language, scope=scope)
    response: Response = send_file(
        stored_path(relative_path_of(paper.file_sha256)),
        mimetype="application/pdf",
        etag=paper.file_sha256,
        conditional=True,
    )
    response.headers.update(attachment_headers(paper.file_name))
    response.headers["Cache-Control"] = "private, no-cache"
    return response
