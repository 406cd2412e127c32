"""Pages of dated places: the list to choose from, one of them, booking, publishing, calling off."""

import uuid
from datetime import date

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.booking import lists as booking_lists
from prevention.booking import service, wording
from prevention.booking.forms import BookForm, CancelForm, PublishForm
from prevention.booking.models import Slot
from prevention.booking.rules import AlreadyBooked, BookingRefusal
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
from prevention.schools.models import SchoolClass
from prevention.schools.rules import TARGET_LEVELS, school_year_of
from prevention.schools.wording import site_in_words


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
    )


@bp.get("/slots/<uuid:slot_id>")
@access.roles(Role.COORDINATOR, Role.OFFICE, Role.FACILITATOR)
def slot(slot_id: uuid.UUID) -> ResponseReturnValue:
    """Show dated places; to those who provide them, with the classes that booked."""
    actor = access.require_actor()
    found = service.slot_for(actor, slot_id)
    is_provider = service.may_provide(actor, found.edition)
    return render_template(
        "booking/slot.html",
        slot=found,
        is_provider=is_provider,
        can_call_off=is_provider and service.can_cancel_slot(found, now=clock.now()),
        bookings=service.bookings_of(found) if is_provider else [],
    )


@bp.route("/slots/<uuid:slot_id>/book", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR)
def book(slot_id: uuid.UUID) -> ResponseReturnValue:
    """Book a place for a class of one's own school."""
    actor = access.require_actor()
    found = service.slot_for(actor, slot_id)
    classes = service.classes_that_fit(actor, found)
    form = _book_form(found, classes)
    if request.method == "GET":
        form.school_class.data = request.args.get("class") or (str(classes[0].id) if len(classes) == 1 else None)
    taken_by: uuid.UUID | None = None
    if form.validate_on_submit() and (school_class := _chosen_class(actor, form)) is not None:
        pupils = form.pupils_or(school_class.pupils)
        try:
            if pupils is not None:
                return _booked(actor, found, school_class, pupils=pupils, form=form)
        except BookingRefusal as refusal:
            form.form_errors.append(wording.refusal(refusal))
            taken_by = refusal.booking_id if isinstance(refusal, AlreadyBooked) else None
    return _book_page(found, form, classes, taken_by=taken_by)


def _chosen_class(actor: Actor, form: BookForm) -> SchoolClass | None:
    try:
        class_id = uuid.UUID(form.school_class.data)
    except ValueError:
        form.school_class.errors = [_("Choose a class.")]
        return None
    return schools.class_for(actor, class_id)


def _booked(actor: Actor, slot: Slot, school_class: SchoolClass, *, pupils: int, form: BookForm) -> ResponseReturnValue:
    booking = service.book(
        actor,
        slot,
        school_class,
        pupils=pupils,
        adults=form.adults.data or 0,
        special_needs=form.special_needs.data or "",
        note=form.note.data or "",
        now=clock.now(),
    )
    flash(_("The class is booked. The confirmation with the calendar entries is on its way to you."), "success")
    return redirect_303("booking.booking", booking_id=booking.id)


def _book_form(slot: Slot, classes: list[SchoolClass]) -> BookForm:
    form = BookForm()
    booked = service.booked_classes(slot.edition, classes)
    by_site: dict[str, dict[str, str]] = {}
    for each in classes:
        words = _class_words(each, is_booked=each.id in booked)
        by_site.setdefault(site_in_words(each.site), {})[str(each.id)] = words
    form.offer(by_site)
    return form


def _book_page(
    slot: Slot, form: BookForm, classes: list[SchoolClass], *, taken_by: uuid.UUID | None
) -> ResponseReturnValue:
    chosen = next((each for each in classes if str(each.id) == form.school_class.data), None)
    page = render_template(
        "booking/book.html",
        slot=slot,
        form=form,
        has_classes=bool(classes),
        pupils_by_class={str(each.id): each.pupils for each in classes if each.pupils},
        better=service.better_offer(slot, chosen or next(iter(classes), None), now=clock.now()),
        problem=_closed_reason(slot),
        taken_by=taken_by,
    )
    return page, 422 if form.errors else 200


def _closed_reason(slot: Slot) -> str | None:
    try:
        service.check_can_book(access.require_actor(), slot, now=clock.now())
    except BookingRefusal as refusal:
        return wording.refusal(refusal)
    return None


@bp.get("/provided")
@access.roles(Role.OFFICE, Role.FACILITATOR)
def provided() -> ResponseReturnValue:
    """List the dates that one provides (the office: everybody's), and the editions to publish for."""
    actor = access.require_actor()
    query = service.slots_of(actor, school_year=_this_year())
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(booking_lists.slots(is_provider=True), query, file_format)
    return render_template(
        "booking/provided.html",
        listing=lists.shown(booking_lists.slots(is_provider=True), query),
        editions=[each for each in programmes.open_editions(_this_year()) if service.may_provide(actor, each)],
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
    if "weekly" in request.form:
        if not form.repeat_weekly(minutes=minutes, zone=clock.ROME):
            form.form_errors.append(_("Write the day and the hour of the first meeting first."))
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
    page = render_template("booking/cancel_slot.html", form=form, slot=found)
    return page, 422 if form.errors else 200


def _publish_form(edition: Edition) -> PublishForm:
    form = PublishForm()
    people = {str(person.id): person.name for person in service.facilitators_of(edition)}
    form.offer(facilitators={"": _("The class's own teachers"), **people}, meetings=len(edition.programme.meetings))
    return form


def _published(actor: Actor, edition: Edition, form: PublishForm, minutes: list[int]) -> Slot | None:
    site = schools.site_by_code(form.site_code.data.upper()) if form.site_code.data else None
    if form.site_code.data and site is None:
        form.site_code.errors = [_("There is no school with this code in the register.")]
        return None
    details = SlotDetails(
        facilitator_id=form.facilitator(), site_id=site.id if site else None, note=form.note.data or ""
    )
    try:
        return service.publish_slot(
            actor, edition, form.plan(minutes=minutes, zone=clock.ROME), details=details, now=clock.now()
        )
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


def _class_words(school_class: SchoolClass, *, is_booked: bool) -> str:
    if is_booked:
        return _("%(label)s, already booked", label=school_class.label)
    if school_class.pupils is None:
        return _("%(label)s, number of pupils not known", label=school_class.label)
    return _("%(label)s, %(pupils)s pupils", label=school_class.label, pupils=school_class.pupils)


def _this_year() -> int:
    return school_year_of(clock.today())
