"""Pages of single dates of a booking: call one off, move it, bring it back."""

import uuid
from datetime import datetime

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.booking import service, wording
from prevention.booking.forms import CancelForm, MoveForm, RoomChoiceForm
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import BookingRefusal, MeetingStatus, NotATarget, Span, WrongRoom
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock
from prevention.core.access import Actor
from prevention.core.web import redirect_303
from prevention.roles import Role
from prevention.schools import service as schools

PEOPLE = (Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)


@bp.route("/<uuid:booking_id>/dates/<uuid:meeting_id>/cancel", methods=["GET", "POST"])
@access.roles(*PEOPLE)
def cancel_date(booking_id: uuid.UUID, meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Call one date of a booking off, with a reason."""
    actor = access.require_actor()
    found = service.booking_for(actor, booking_id)
    meeting = service.meeting_of(found, meeting_id)
    form = CancelForm()
    if form.validate_on_submit():
        try:
            service.cancel_meeting(actor, found, meeting, reason=form.reason.data or "", now=clock.now())
            flash(_("The date is called off; everybody concerned is told."), "success")
            return redirect_303("booking.booking", booking_id=booking_id)
        except BookingRefusal as refusal:
            form.form_errors.append(wording.refusal(refusal))
    page = render_template("booking/cancel_date.html", form=form, booking=found, meeting=meeting)
    return page, 422 if form.errors else 200


@bp.route("/<uuid:booking_id>/dates/<uuid:meeting_id>/move", methods=["GET", "POST"])
@access.roles(*PEOPLE)
def move_date(booking_id: uuid.UUID, meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Move one date to another date on offer or to a free time of the class; or bring one back that was off."""
    actor = access.require_actor()
    found = service.booking_for(actor, booking_id)
    meeting = service.meeting_of(found, meeting_id)
    form = _move_form(found, meeting)
    if form.validate_on_submit():
        try:
            _move(actor, found, meeting, form)
            flash(_("The date is set; everybody concerned gets it in their calendar."), "success")
            return redirect_303("booking.booking", booking_id=booking_id)
        except BookingRefusal as refusal:
            form.form_errors.append(wording.refusal(refusal))
    page = render_template(
        "booking/move_date.html",
        form=form,
        booking=found,
        meeting=meeting,
        is_off=meeting.status is MeetingStatus.CANCELLED,
        has_targets=form.has_targets,
    )
    return page, 422 if form.errors else 200


@bp.route("/<uuid:booking_id>/dates/<uuid:meeting_id>/room", methods=["GET", "POST"])
@access.roles(*PEOPLE)
def choose_room(booking_id: uuid.UUID, meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Say in which room of the class's own school a date is."""
    actor = access.require_actor()
    found = service.booking_for(actor, booking_id)
    meeting = service.meeting_of(found, meeting_id)
    form = RoomChoiceForm(room_id=str(meeting.room_id or ""))
    form.offer({str(each.id): wording.room(each) for each in schools.rooms_of([found.school_class.site_id])})
    if form.validate_on_submit():
        try:
            service.set_room(actor, found, meeting, form.room(), now=clock.now())
            flash(_("The room is set; everybody concerned gets it in their calendar."), "success")
            return redirect_303("booking.booking", booking_id=booking_id)
        except (WrongRoom, ValueError):
            form.room_id.errors = [wording.refusal(WrongRoom())]
        except BookingRefusal as refusal:
            form.form_errors.append(wording.refusal(refusal))
    page = render_template("booking/choose_room.html", form=form, booking=found, meeting=meeting)
    return page, 422 if form.errors else 200


def _move_form(booking: Booking, meeting: BookingMeeting) -> MoveForm:
    now = clock.now()
    form = MoveForm()
    groups = {}
    dates = service.dates_to_go_to(booking, meeting, now=now)
    if dates:
        groups[_("Dates on offer")] = {str(date.id): wording.date_words(date) for date in dates}
    times = service.times_to_go_to(booking, meeting, now=now)
    if times:
        groups[_("Free lessons of the class")] = {_written(span): wording.span(span) for span in times}
    form.offer(groups)
    return form


def _move(actor: Actor, booking: Booking, meeting: BookingMeeting, form: MoveForm) -> None:
    now, reason = clock.now(), form.reason.data or ""
    span = _span_of(form.target.data or "")
    if span is not None:
        service.move_to_time(actor, booking, meeting, span, reason=reason, now=now)
        return
    try:
        date_id = uuid.UUID(form.target.data or "")
    except ValueError as error:
        raise NotATarget from error
    service.move_to_date(actor, booking, meeting, date_id, reason=reason, now=now)


def _written(span: Span) -> str:
    return f"{span.starts_at.isoformat()}/{span.ends_at.isoformat()}"


def _span_of(text: str) -> Span | None:
    try:
        starts_at, ends_at = (datetime.fromisoformat(part) for part in text.split("/"))
    except ValueError:
        return None
    if starts_at.tzinfo is None or ends_at.tzinfo is None or starts_at >= ends_at:
        return None
    return Span(starts_at=starts_at, ends_at=ends_at)
