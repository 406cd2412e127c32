"""Pages of classes that wait: the list with its rule, taking an offer, leaving."""

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.booking import service, waiting_lists, wording
from prevention.booking.rules import BookingRefusal
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock, lists
from prevention.core.web import redirect_303
from prevention.roles import Role
from prevention.schools.rules import school_year_of


@bp.get("/waiting")
@access.roles(Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)
def waiting() -> ResponseReturnValue:
    """List the classes that wait, or waited, this year, with the rule by which places are offered."""
    return _page()


@bp.post("/waiting/<uuid:waiting_id>/accept")
@access.roles(Role.COORDINATOR)
def accept_offer(waiting_id: uuid.UUID) -> ResponseReturnValue:
    """Take the place that was offered: one click books the class."""
    actor = access.require_actor()
    found = service.waiting_class_for(actor, waiting_id)
    try:
        booking = service.accept(actor, found, now=clock.now())
    except BookingRefusal as refusal:
        return _page(problem=wording.refusal(refusal))
    flash(_("The class has the place. The confirmation is on its way to you."), "success")
    return redirect_303("booking.booking", booking_id=booking.id)


@bp.post("/waiting/<uuid:waiting_id>/leave")
@access.roles(Role.COORDINATOR)
def leave_waiting(waiting_id: uuid.UUID) -> ResponseReturnValue:
    """Take a class off the list, or let its offer pass to the next."""
    actor = access.require_actor()
    found = service.waiting_class_for(actor, waiting_id)
    try:
        service.withdraw(actor, found, now=clock.now())
    except BookingRefusal as refusal:
        return _page(problem=wording.refusal(refusal))
    flash(_("The class has left the waiting list."), "success")
    return redirect_303("booking.waiting")


def _page(*, problem: str = "") -> ResponseReturnValue:
    actor = access.require_actor()
    query = service.waiting_classes(actor, school_year=school_year_of(clock.today()))
    listing = waiting_lists.waiting()
    file_format = lists.file_asked()
    if file_format is not None and not problem:
        return lists.export(listing, query, file_format)
    page = render_template(
        "booking/waiting.html", listing=lists.shown(listing, query), problem=problem, now=clock.now()
    )
    return page, 422 if problem else 200
