"""Pages of dated places: the list to choose from, one of them, booking, publishing, calling off."""

import uuid
from datetime import date

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.booking import lists as booking_lists
from prevention.booking import service, wording
from prevention.booking.forms import CancelForm, PublishForm
from prevention.booking.models import Slot
from prevention.booking.rules import BookingRefusal, WrongRoom
from prevention.booking.service import SlotDetails, SlotFilter
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock, lists
from prevention.core.access import Actor
from prevention.core.web import redirect_303
from prevention.programmes import service as programmes
from prevention.programmes import wording as programme_wording
from prevention.programmes.models import Edition
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import Site
from prevention.schools.rules import TARGET_LEVELS, school_year_of


@bp.get("/slots")
@access.roles(Role.COORDINATOR, Role.OFFICE)
def slots() -> ResponseReturnValue:
    """List the dates that can be booked, nearest first."""
    actor = access.require_actor()
    wanted = _wanted(actor)
    query = service.open_slots(wanted, now=clock.now())
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(booking_lists.slots(is_provider=False), query, file_format)
    return render_template(
        "booking/slots.html",
        listing=lists.shown(booking_lists.slots(is_provider=False), query),
        wanted=wanted,
        levels=_levels_of(actor),
        programmes=programmes.open_editions(_this_year()),
        school_year=_this_year(),
        to_ask_for=service.requestable_editions(_this_year()) if actor.has(Role.COORDINATOR) else [],
    )


@bp.get("/slots/<uuid:slot_id>")
@access.roles(Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)
def slot(slot_id: uuid.UUID) -> ResponseReturnValue:
    """Show dated places; to those who provide them, with the classes that booked and those that wait."""
    return slot_page(service.slot_for(access.require_actor(), slot_id))


def slot_page(found: Slot, *, problem: str = "") -> ResponseReturnValue:
    """Give the page of dated places; with a `problem` in words, it answers a step that was refused."""
    actor, now = access.require_actor(), clock.now()
    is_provider = service.may_provide(actor, found.edition)
    line = service.line_of(found)
    page = render_template(
        "booking/slot.html",
        slot=found,
        is_provider=is_provider,
        can_call_off=is_provider and service.can_cancel_slot(found, now=now),
        bookings=service.bookings_of(found) if is_provider else [],
        loads=service.loads(found, now=now, but_holds_of=actor.id),
        line=list(enumerate(line, start=1)),
        closed=closed_reason(found),
        problem=problem,
    )
    return page, 422 if problem else 200


@bp.get("/provided")
@access.roles(Role.OFFICE, Role.FACILITATOR)
def provided() -> ResponseReturnValue:
    """List the dates that one provides (the office: everybody's), and the editions to publish for."""
    actor = access.require_actor()
    query = service.slots_of(actor, school_year=_this_year())
    offered = [each for each in programmes.open_editions(_this_year()) if service.may_provide(actor, each)]
    listing = booking_lists.slots(is_provider=True, programmes=[each.programme for each in offered])
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    return render_template(
        "booking/provided.html",
        listing=lists.shown(listing, query),
        editions=offered,
        school_year=_this_year(),
    )


@bp.route("/editions/<uuid:edition_id>/publish", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.FACILITATOR)
def publish(edition_id: uuid.UUID) -> ResponseReturnValue:
    """Publish dated places of an edition."""
    actor = access.require_actor()
    edition = programmes.edition_for(actor, edition_id)
    minutes = [meeting.minutes for meeting in edition.programme.meetings]
    form = _publish_form(edition)
    if "add" in request.form:
        form.add_dates()
    elif "weekly" in request.form:
        if not form.repeat_weekly(minutes=minutes, zone=clock.ROME):
            form.form_errors.append(_("Write the day and the hour of the first meeting first."))
    elif "rooms" in request.form:
        _show_rooms(form)
    elif form.validate_on_submit():
        published = _published(actor, edition, form, minutes)
        if published is not None:
            flash(_("The dates are published."), "success")
            return redirect_303("booking.slot", slot_id=published.id)
    page = render_template("booking/publish.html", form=form, edition=edition)
    return page, 422 if form.errors else 200


@bp.route("/slots/<uuid:slot_id>/cancel", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.FACILITATOR)
def cancel_slot(slot_id: uuid.UUID) -> ResponseReturnValue:
    """Call dated places off, with all their bookings."""
    actor = access.require_actor()
    found = service.own_slot_for(actor, slot_id)
    form = CancelForm()
    if form.validate_on_submit():
        try:
            service.cancel_slot(actor, found, reason=form.reason.data or "", now=clock.now())
            flash(_("The dates are called off; every class that had booked is told."), "success")
            return redirect_303("booking.slot", slot_id=slot_id)
        except BookingRefusal as refusal:
            form.form_errors.append(wording.refusal(refusal))
    page = render_template("booking/cancel_slot.html", form=form, slot=found, date=None)
    return page, 422 if form.errors else 200


@bp.route("/slots/<uuid:slot_id>/dates/<uuid:date_id>/cancel", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.FACILITATOR)
def cancel_slot_date(slot_id: uuid.UUID, date_id: uuid.UUID) -> ResponseReturnValue:
    """Call one date of a slot off, for every class that has it."""
    actor = access.require_actor()
    found = service.own_slot_for(actor, slot_id)
    date = next((each for each in found.meetings if each.id == date_id), None)
    if date is None:
        raise access.NotYours(date_id)
    form = CancelForm()
    if form.validate_on_submit():
        try:
            told = service.cancel_slot_meeting(actor, found, date_id, reason=form.reason.data or "", now=clock.now())
            flash(
                ngettext("The date is off; %(num)d class is told.", "The date is off; %(num)d classes are told.", told),
                "success",
            )
            return redirect_303("booking.slot", slot_id=slot_id)
        except BookingRefusal as refusal:
            form.form_errors.append(wording.refusal(refusal))
    page = render_template("booking/cancel_slot.html", form=form, slot=found, date=date)
    return page, 422 if form.errors else 200


def closed_reason(found: Slot) -> str | None:
    """Say in words why this person cannot book these dates now; None when they can."""
    try:
        service.check_can_book(access.require_actor(), found, now=clock.now())
    except BookingRefusal as refusal:
        return wording.refusal(refusal)
    return None


def _publish_form(edition: Edition) -> PublishForm:
    form = PublishForm()
    people = {str(person.id): person.name for person in service.facilitators_of(edition)}
    form.offer(facilitators={"": _("The class's own teachers"), **people}, meetings=len(edition.programme.meetings))
    site = _site_of(form)
    rooms = schools.rooms_of([site.id]) if site is not None else []
    form.offer_rooms({str(room.id): wording.room(room) for room in rooms})
    return form


def _site_of(form: PublishForm) -> Site | None:
    code = (form.site_code.data or "").strip().upper()
    return schools.site_by_code(code) if code else None


def _show_rooms(form: PublishForm) -> None:
    if _site_of(form) is None:
        form.site_code.errors = [_("Write the code of a school of the register first.")]
    elif not form.has_rooms:
        form.site_code.errors = [_("This school has not entered any room: dates are published there without one.")]


def _published(actor: Actor, edition: Edition, form: PublishForm, minutes: list[int]) -> Slot | None:
    site = _site_of(form)
    if form.site_code.data and site is None:
        form.site_code.errors = [_("There is no school with this code in the register.")]
        return None
    try:
        details = SlotDetails(
            facilitator_id=form.facilitator(),
            site_id=site.id if site else None,
            room_id=form.room(),
            note=form.note.data or "",
        )
        return service.publish_slot(
            actor, edition, form.plan(minutes=minutes, zone=clock.ROME), details=details, now=clock.now()
        )
    except (WrongRoom, ValueError):
        form.room_id.errors = [wording.refusal(WrongRoom())]
        return None
    except BookingRefusal as refusal:
        form.form_errors.append(wording.refusal(refusal))
        return None


def _wanted(actor: Actor) -> SlotFilter:
    level, grade, day = (request.args.get(name, "") for name in ("level", "grade", "from"))
    levels = _levels_of(actor)
    if not level and len(levels) == 1 and not actor.sees_all:
        level = next(iter(levels))
    return SlotFilter(
        programme=request.args.get("programme", "")[:80],
        level=level if level in levels else None,
        grade=int(grade) if grade in {"1", "2", "3", "4", "5"} else None,
        from_day=_day(day),
        only_free=request.args.get("full") != "yes",
    )


def _levels_of(actor: Actor) -> dict[str, str]:
    if actor.sees_all:
        found = set(TARGET_LEVELS)
    else:
        found = {site.level for site in schools.sites_for(actor)} & set(TARGET_LEVELS)
    return {level.value: str(programme_wording.LEVELS[level]) for level in TARGET_LEVELS if level in found}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _this_year() -> int:
    return school_year_of(clock.today())
