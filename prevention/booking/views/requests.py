"""Pages of requests: ask for a programme, change what one asked for, decide on one or many."""

import uuid
from datetime import date

from babel.dates import get_day_names
from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from prevention.booking import service, waiting_lists, wording
from prevention.booking.forms import DecideForm
from prevention.booking.models import Booking
from prevention.booking.party_forms import RequestForm, mondays
from prevention.booking.rules import BookingRefusal
from prevention.booking.service import Wish, rooms
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock, lists
from prevention.core.web import day, redirect_303
from prevention.programmes.models import Edition
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.rules import school_year_of


@bp.route("/editions/<uuid:edition_id>/request", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR)
def ask(edition_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for a programme for classes of one's own school, with wishes."""
    actor = access.require_actor()
    edition = service.requestable_edition_for(actor, edition_id)
    classes = service.classes_to_ask_for(actor, edition)
    form = _form(edition)
    form.offer(classes, chosen=request.args.get("class") or (str(classes[0].id) if len(classes) == 1 else None))
    if form.validate_on_submit():
        parties = form.parties(lambda class_id: schools.class_for(actor, class_id))
        try:
            if parties is not None:
                made = service.request(actor, edition, parties, form.wish(), now=clock.now())
                flash(_("The request is on its way to the office, which plans the dates."), "success")
                if len(made) == 1:
                    return redirect_303("booking.booking", booking_id=made[0].id)
                return redirect_303("booking.my_bookings")
        except BookingRefusal as refusal:
            form.form_errors.extend(wording.several(refusal))
    page = render_template(
        "booking/request.html",
        form=form,
        edition=edition,
        classes={str(each.id): each for each in classes},
        booked=service.booked_classes(edition, classes),
        booking=None,
        better=service.better_offer(edition, next(iter(classes), None), now=clock.now()),
        without_room=rooms.sites_without(edition, classes),
    )
    return page, 422 if form.errors else 200


@bp.route("/<uuid:booking_id>/request", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR)
def change_request(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Change what a class asked for, as long as nothing is planned."""
    actor = access.require_actor()
    found = service.booking_for(actor, booking_id)
    form = _form(found.edition)
    if not form.is_submitted():
        _show(form, found)
    if form.validate_on_submit():
        parties = form.parties(lambda _class_id: found.school_class)
        try:
            if parties is not None:
                service.change_request(actor, found, parties[0], form.wish())
                flash(_("The request is changed."), "success")
                return redirect_303("booking.booking", booking_id=booking_id)
        except BookingRefusal as refusal:
            form.form_errors.append(wording.refusal(refusal))
    page = render_template(
        "booking/request.html",
        form=form,
        edition=found.edition,
        classes={str(found.school_class_id): found.school_class},
        booked=set(),
        booking=found,
        better=None,
        without_room=rooms.sites_without(found.edition, [found.school_class]),
    )
    return page, 422 if form.errors else 200


@bp.get("/requests")
@access.roles(Role.OFFICE, Role.FACILITATOR)
def requests() -> ResponseReturnValue:
    """List the requests that wait for a decision or for dates."""
    return _requests_page(DecideForm(), [])


@bp.post("/requests/decide")
@access.roles(Role.OFFICE, Role.FACILITATOR)
def decide() -> ResponseReturnValue:
    """Say yes or no to the requests that were ticked."""
    actor = access.require_actor()
    form = DecideForm()
    is_approval = request.form.get("decision") == "approve"
    ids = _ids(request.form.getlist("request"))
    problems = []
    if not ids:
        problems.append(_("Tick at least one request."))
    if request.form.get("decision") not in ("approve", "decline"):
        problems.append(_("Choose whether to approve or to decline."))
    if not is_approval and not form.message.data:
        problems.append(_("Write why, when you decline: the school reads it."))
    if problems or not form.validate_on_submit():
        return _requests_page(form, problems)
    bookings = service.requests_among(actor, ids)
    decided = service.decide_all(
        actor, bookings, is_approval=is_approval, message=form.message.data or "", now=clock.now()
    )
    problems = [f"{booking.school_class.label}: {wording.refusal(no)}" for booking, no in decided.refused]
    if not decided.done:
        return _requests_page(form, problems)
    flash(ngettext("%(num)d request is decided.", "%(num)d requests are decided.", len(decided.done)), "success")
    for problem in problems:
        flash(problem, "warning")
    if len(ids) == 1:
        return redirect_303("booking.booking", booking_id=ids[0])
    return redirect_303("booking.requests")


def _requests_page(form: DecideForm, problems: list[str]) -> ResponseReturnValue:
    actor = access.require_actor()
    query = service.open_requests(actor, school_year_of(clock.today()))
    listing = waiting_lists.requests()
    file_format = lists.file_asked()
    if file_format is not None and not form.is_submitted():
        return lists.export(listing, query, file_format)
    page = render_template("booking/requests.html", listing=lists.shown(listing, query), form=form, problems=problems)
    return page, 422 if form.is_submitted() else 200


def _ids(values: list[str]) -> list[uuid.UUID]:
    try:
        return list(dict.fromkeys(uuid.UUID(value) for value in values))
    except ValueError as error:
        raise access.NotYours(values) from error


def _form(edition: Edition) -> RequestForm:
    form = RequestForm()
    names = get_day_names("wide", context="stand-alone", locale=get_locale())
    first_day, last_day = service.school_year_days(edition.school_year)
    weeks = mondays(max(first_day, clock.today()), last_day.replace(month=6, day=10))
    people = {str(person.id): person.name for person in service.facilitators_of(edition)}
    form.offer_wishes(
        weekdays=[names[number].capitalize() for number in range(7)],
        weeks={monday.isoformat(): _("week of %(day)s", day=day(monday)) for monday in weeks},
        people=people,
    )
    return form


def _show(form: RequestForm, booking: Booking) -> None:
    form.classes.append_entry(
        {
            "class_id": str(booking.school_class_id),
            "chosen": True,
            "pupils": booking.pupils,
            "adults": booking.adults,
            "special_needs": booking.special_needs,
        }
    )
    form.note.data = booking.note
    row = booking.wish
    if row is not None:
        form.show(
            Wish(
                weekdays=tuple(row.weekdays),
                earliest=row.earliest,
                latest=row.latest,
                weeks_to_avoid=tuple(date.fromisoformat(each) for each in row.weeks_to_avoid),
                facilitator_id=row.facilitator_id,
                note=row.note,
            )
        )
