"""Papers of one booking, each in one click."""

import uuid

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from prevention.booking import papers, service
from prevention.booking.papers import PaperKind
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock
from prevention.core.i18n import LANGUAGES
from prevention.roles import Role

ALL = "all"


@bp.get("/<uuid:booking_id>/papers")
@access.roles(Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)
def booking_papers(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Show which papers can be made from a booking, in which languages."""
    found = service.booking_for(access.require_actor(), booking_id)
    return render_template(
        "booking/papers.html",
        booking=found,
        has_papers=papers.has_papers(found),
        families=papers.families_languages(found),
    )


@bp.get("/<uuid:booking_id>/papers/<paper>.pdf")
@access.roles(Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)
def paper(booking_id: uuid.UUID, paper: str) -> ResponseReturnValue:
    """Make one paper of a booking that stands, in the language asked for (Italian when none is)."""
    found = service.booking_for(access.require_actor(), booking_id)
    if paper not in set(PaperKind) or not papers.has_papers(found):
        abort(404)
    kind, today = PaperKind(paper), clock.today()
    if kind is PaperKind.PRESENCE:
        content = papers.write_presence_sheet(found, today=today)
    else:
        offered = [code for code, _w in papers.families_languages(found)] if kind is PaperKind.FAMILIES else LANGUAGES
        asked = request.args.get("language", "it")
        if asked != ALL and asked not in offered:
            abort(404)
        languages = list(offered) if asked == ALL else [asked]
        content = papers.write_letter(kind, found, languages=languages, today=today)
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{papers.paper_name(kind, found)}"'},
    )
