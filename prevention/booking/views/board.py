"""The office's board and the lists behind it: what cannot stay as it is, and who was never reached."""

from flask import render_template
from flask.typing import ResponseReturnValue

from prevention.booking import office_lists, service
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock, lists
from prevention.roles import Role
from prevention.schools.rules import school_year_of


@bp.get("/board")
@access.roles(Role.OFFICE)
def board() -> ResponseReturnValue:
    """Show requests, waiting classes, conflicts, schools and classes never reached, on one page."""
    school_year = school_year_of(clock.today())
    found = service.board(school_year, now=clock.now())
    return render_template(
        "booking/board.html",
        board=found,
        conflicts=[
            (meeting, office_lists.conflict_words(meeting, found.conflicts[meeting.id]))
            for meeting in found.dates_in_conflict
        ],
        school_year=school_year,
    )


@bp.get("/conflicts")
@access.roles(Role.OFFICE)
def conflicts() -> ResponseReturnValue:
    """List the dates ahead that cannot stay as they are."""
    school_year = school_year_of(clock.today())
    found = service.find_conflicts(school_year, now=clock.now())
    query = service.dates_in_conflict(found)
    listing = office_lists.conflicts(found)
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    shown = lists.shown(listing, query)
    return render_template(
        "booking/conflicts.html",
        listing=shown,
        why={meeting.id: office_lists.conflict_words(meeting, found[meeting.id]) for meeting in shown.rows},
        school_year=school_year,
    )


@bp.get("/unreached/schools")
@access.roles(Role.OFFICE)
def unreached_schools() -> ResponseReturnValue:
    """List the schools that nothing reached this year, with the rule."""
    school_year = school_year_of(clock.today())
    query = service.unreached_schools(school_year)
    listing = office_lists.unreached_schools()
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    return render_template(
        "booking/unreached_schools.html", listing=lists.shown(listing, query), school_year=school_year
    )


@bp.get("/unreached/classes")
@access.roles(Role.OFFICE)
def unreached_classes() -> ResponseReturnValue:
    """List the classes that nothing reached this year, with the rule."""
    school_year = school_year_of(clock.today())
    query = service.unreached_classes(school_year)
    listing = office_lists.unreached_classes()
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    return render_template(
        "booking/unreached_classes.html", listing=lists.shown(listing, query), school_year=school_year
    )
