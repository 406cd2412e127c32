"""The office's board: what waits, what cannot stay as it is, and who was never reached."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.booking import service, wording
from prevention.booking.service import Conflict, ConflictKind
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock
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
        conflicts=[(each.meeting, _words(each)) for each in found.conflicts],
        school_year=school_year,
    )


def _words(conflict: Conflict) -> str:
    if conflict.no is not None:
        return wording.refusal(conflict.no)
    if conflict.kind is ConflictKind.FACILITATOR and conflict.meeting.facilitator is not None:
        return _("%(person)s has another class at that time.", person=conflict.meeting.facilitator.name)
    return _("The class has another date at that time.")
