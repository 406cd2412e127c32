"""Pages of bookings: a coordinator's, the office's, a facilitator's agenda, one booking, and calling it off."""

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.booking import calendar_lists, service, wording
from prevention.booking import lists as booking_lists
from prevention.booking.forms import CancelForm, DecideForm
from prevention.booking.rules import BookingRefusal, BookingStatus
from prevention.booking.service import BookingFilter
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock, lists
from prevention.core.web import redirect_303
from prevention.programmes import service as programmes
from prevention.roles import Role
from prevention.schools.rules import school_year_label, school_year_of

YEARS_BACK = 3


@bp.get("/mine")
@access.roles(Role.COORDINATOR)
def my_bookings() -> ResponseReturnValue:
    """List the bookings of one's own schools."""
    return _bookings_page("booking/my_bookings.html")


@bp.get("/")
@access.roles(Role.OFFICE)
def bookings() -> ResponseReturnValue:
    """List everybody's bookings, for the office."""
    return _bookings_page("booking/bookings.html")


@bp.get("/agenda")
@access.roles(Role.FACILITATOR)
def agenda() -> ResponseReturnValue:
    """List the dates ahead that one leads, or that one's organisation provides."""
    actor = access.require_actor()
    query = service.meetings_for(actor, since=clock.now())
    listing = calendar_lists.dates(is_agenda=True)
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    return render_template("booking/agenda.html", listing=lists.shown(listing, query))


@bp.get("/<uuid:booking_id>")
@access.roles(Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)
def booking(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Show one booking with its dates."""
    found = service.booking_for(access.require_actor(), booking_id)
    now = clock.now()
    return render_template(
        "booking/booking.html",
        booking=found,
        can_cancel=service.can_cancel(found, now=now),
        can_decide=found.status is BookingStatus.REQUESTED and service.may_decide(access.require_actor(), found),
        can_change=found.status is BookingStatus.REQUESTED
        and not found.meetings
        and access.require_actor().has(Role.COORDINATOR),
        can_move={meeting.id for meeting in found.meetings if service.can_move(found, meeting, now=now)},
        can_choose_room={meeting.id for meeting in found.meetings if service.can_choose_room(found, meeting, now=now)},
        now=now,
        decision=DecideForm(),
    )


@bp.route("/<uuid:booking_id>/cancel", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)
def cancel(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Call one booking off, with a reason."""
    actor = access.require_actor()
    found = service.booking_for(actor, booking_id)
    form = CancelForm()
    if form.validate_on_submit():
        try:
            service.cancel(actor, found, reason=form.reason.data or "", now=clock.now())
            flash(_("The booking is called off, and its place is free again."), "success")
            return redirect_303("booking.booking", booking_id=booking_id)
        except BookingRefusal as refusal:
            form.form_errors.append(wording.refusal(refusal))
    page = render_template("booking/cancel.html", form=form, booking=found)
    return page, 422 if form.errors else 200


def _bookings_page(template: str) -> ResponseReturnValue:
    this_year = school_year_of(clock.today())
    years = {str(year): school_year_label(year) for year in range(this_year + 1, this_year - YEARS_BACK, -1)}
    year = request.args.get("year", "")
    school_year = int(year) if year in years else this_year
    wanted = _wanted()
    query = service.bookings_for(access.require_actor(), school_year, wanted=wanted, now=clock.now())
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(booking_lists.bookings(), query, file_format)
    return render_template(
        template,
        listing=lists.shown(booking_lists.bookings(), query),
        wanted=wanted,
        years=years,
        school_year=school_year,
        programmes=programmes.editions_of_year(school_year),
        statuses=wording.BOOKING_STATUS,
    )


def _wanted() -> BookingFilter:
    status = request.args.get("status", "")
    return BookingFilter(
        programme=request.args.get("programme", "")[:80],
        status=BookingStatus(status) if status in set(BookingStatus) else None,
        text=request.args.get("text", "").strip()[:80],
        only_ahead=request.args.get("when") == "ahead",
    )
