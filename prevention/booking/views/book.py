"""Pages to take places: hold some while a form is open, book one class or several, put them on the waiting list."""

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.booking import service, wording
from prevention.booking.models import Booking, Slot
from prevention.booking.party_forms import BookForm
from prevention.booking.rules import AlreadyBooked, BookingRefusal, BookingStatus
from prevention.booking.service import Party, rooms
from prevention.booking.views.blueprint import bp
from prevention.booking.views.slots import closed_reason, slot_page
from prevention.core import access, clock
from prevention.core.access import Actor
from prevention.core.web import redirect_303
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass


@bp.post("/slots/<uuid:slot_id>/hold")
@access.roles(Role.COORDINATOR)
def hold(slot_id: uuid.UUID) -> ResponseReturnValue:
    """Keep places for the person and lead on to the form."""
    actor = access.require_actor()
    found = service.slot_for(actor, slot_id)
    usual = service.usual_places(found, service.classes_that_fit(actor, found))
    try:
        service.hold(actor, found, places_wanted=usual, now=clock.now())
    except BookingRefusal as refusal:
        return slot_page(found, problem=wording.refusal(refusal))
    return redirect_303("booking.book", slot_id=slot_id)


@bp.post("/slots/<uuid:slot_id>/release")
@access.roles(Role.COORDINATOR)
def release(slot_id: uuid.UUID) -> ResponseReturnValue:
    """Let go of the places kept for the person."""
    actor = access.require_actor()
    found = service.slot_for(actor, slot_id)
    service.give_back(actor, found)
    service.pass_on(found, now=clock.now())
    flash(_("The place is free again for others."), "success")
    return redirect_303("booking.slots")


@bp.route("/slots/<uuid:slot_id>/book", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR)
def book(slot_id: uuid.UUID) -> ResponseReturnValue:
    """Book places for classes of one's own school, all of them or none."""
    actor = access.require_actor()
    found = service.slot_for(actor, slot_id)
    classes = service.classes_that_fit(actor, found)
    form = _form(actor, found, classes)
    taken_by: uuid.UUID | None = None
    if form.validate_on_submit():
        parties = form.parties(lambda class_id: schools.class_for(actor, class_id))
        try:
            if parties is not None:
                return _booked(
                    service.book_classes(actor, found, parties, numbers=_numbers(found, form), now=clock.now())
                )
        except BookingRefusal as refusal:
            form.form_errors.extend(wording.several(refusal))
            taken_by = refusal.booking_id if isinstance(refusal, AlreadyBooked) else None
    return _page(actor, found, form, classes, taken_by=taken_by)


@bp.route("/slots/<uuid:slot_id>/wait", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR)
def wait(slot_id: uuid.UUID) -> ResponseReturnValue:
    """Put classes of one's own school on the list of a slot without a free place."""
    actor = access.require_actor()
    found = service.slot_for(actor, slot_id)
    classes = service.classes_that_fit(actor, found)
    form = _form(actor, found, classes)
    if form.validate_on_submit():
        parties = form.parties(lambda class_id: schools.class_for(actor, class_id))
        if parties is not None and _join_all(actor, found, parties, form):
            flash(_("The class is on the waiting list. When it is its turn, you get a mail."), "success")
            return redirect_303("booking.waiting")
    return _page(actor, found, form, classes, is_waiting=True)


def _join_all(actor: Actor, slot: Slot, parties: list[Party], form: BookForm) -> bool:
    try:
        for party in parties:
            service.join(actor, slot, party, numbers=_numbers(slot, form), now=clock.now())
    except BookingRefusal as refusal:
        # A page that refuses is not committed: those before it have not joined either.
        form.form_errors.append(f"{party.school_class.label}: {wording.refusal(refusal)}")
        return False
    return True


def _booked(bookings: list[Booking]) -> ResponseReturnValue:
    if bookings[0].status is BookingStatus.REQUESTED:
        flash(_("The request is on its way. The place is kept until the provider decides; you get a mail."), "success")
    else:
        flash(
            ngettext(
                "The class is booked; the confirmation with the calendar entries is on its way to you.",
                "%(num)d classes are booked; the confirmations with the calendar entries are on their way to you.",
                len(bookings),
            ),
            "success",
        )
    if len(bookings) == 1:
        return redirect_303("booking.booking", booking_id=bookings[0].id)
    return redirect_303("booking.my_bookings")


def _numbers(slot: Slot, form: BookForm) -> list[int] | None:
    return form.numbers.data or [] if slot.dates_to_take is not None else None


def _form(actor: Actor, slot: Slot, classes: list[SchoolClass]) -> BookForm:
    form = BookForm()
    only = str(classes[0].id) if len(classes) == 1 else None
    form.offer(classes, chosen=request.args.get("class") or only)
    loads = service.loads(slot, now=clock.now(), but_holds_of=actor.id)
    dates = service.chosen_dates(slot, None, loads, now=clock.now())
    ahead = [date for date in slot.meetings if date.number in loads and date.starts_at > clock.now()]
    words = {date.number: wording.date_words(date, free=loads[date.number].free) for date in ahead}
    form.offer_dates(words if slot.dates_to_take else {}, chosen=[date.number for date in dates])
    return form


def _page(
    actor: Actor,
    slot: Slot,
    form: BookForm,
    classes: list[SchoolClass],
    *,
    taken_by: uuid.UUID | None = None,
    is_waiting: bool = False,
) -> ResponseReturnValue:
    chosen = next((each for each in classes if any(_is_chosen(row, each) for row in form.classes.entries)), None)
    page = render_template(
        "booking/book.html",
        slot=slot,
        form=form,
        classes={str(each.id): each for each in classes},
        booked=service.booked_classes(slot.edition, classes),
        better=service.better_offer(slot.edition, chosen or next(iter(classes), None), now=clock.now()),
        problem=None if is_waiting else closed_reason(slot),
        held_until=None if is_waiting else service.held_until(actor, slot, now=clock.now()),
        taken_by=taken_by,
        is_waiting=is_waiting,
        without_room=rooms.sites_without(slot.edition, classes) if slot.site_id is None else [],
    )
    return page, 422 if form.errors else 200


def _is_chosen(row: object, school_class: SchoolClass) -> bool:
    form = getattr(row, "form")  # noqa: B009  # the library's field of fields is not typed
    return bool(form.chosen.data) and form.class_id.data == str(school_class.id)
