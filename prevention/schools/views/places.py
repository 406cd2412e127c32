"""Pages of a site's bell times and rooms."""

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access
from prevention.core.web import redirect_303
from prevention.roles import Role
from prevention.schools import service
from prevention.schools.calendar_forms import BellsForm, RoomForm
from prevention.schools.models import Site
from prevention.schools.rules import RoomKind
from prevention.schools.school_time import BellsRefused, assumed_periods, periods_of
from prevention.schools.time_wording import WEEKDAY_WORDS, refusal_in_words
from prevention.schools.views.blueprint import bp


@bp.route("/sites/<code>/bells", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR, Role.OFFICE)
def bells(code: str) -> ResponseReturnValue:
    """Show and write the bell times of a site; the button "fill" works a week out of a few words first."""
    actor = access.require_actor()
    site = service.teaching_site_for(actor, code)
    form = BellsForm()
    known = service.bells_of(site)
    if request.method == "GET":
        form.show(known or assumed_periods())
    elif form.validate_on_submit():
        try:
            if "fill" in request.form:
                _fill(form)
            else:
                service.set_bells(actor, site, form.periods())
                flash(_("The bell times were saved. Dates outside them can no longer be booked."), "success")
                return redirect_303("schools.bells", code=code)
        except BellsRefused as refusal:
            form.form_errors.append(refusal_in_words(refusal))
    page = render_template(
        "schools/bells.html", form=form, site=site, weekdays=list(WEEKDAY_WORDS.values()), is_assumed=not known
    )
    return page, 422 if form.errors else 200


def _fill(form: BellsForm) -> None:
    plan = form.plan()
    if plan is not None:
        form.show(periods_of(plan))


@bp.post("/sites/<code>/bells/forget")
@access.roles(Role.COORDINATOR, Role.OFFICE)
def forget_bells(code: str) -> ResponseReturnValue:
    """Take the bell times of a site away."""
    actor = access.require_actor()
    site = service.teaching_site_for(actor, code)
    service.forget_bells(actor, site)
    flash(_("The bell times were taken away: the usual ones hold."), "success")
    return redirect_303("schools.bells", code=code)


@bp.route("/sites/<code>/rooms", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR, Role.OFFICE)
def rooms(code: str) -> ResponseReturnValue:
    """List the rooms of a site and add one."""
    actor = access.require_actor()
    site = service.teaching_site_for(actor, code)
    form = RoomForm()
    if form.validate_on_submit():
        try:
            service.add_room(
                actor,
                site,
                name=form.name.data or "",
                kind=RoomKind(form.kind.data),
                capacity=form.capacity.data,
                has_projector=bool(form.has_projector.data),
            )
            flash(_("The room was added."), "success")
            return redirect_303("schools.rooms", code=code)
        except service.RoomExists:
            form.name.errors = [_("This site already has a room of this name.")]
    return _rooms_page(site, form)


def _rooms_page(site: Site, form: RoomForm) -> ResponseReturnValue:
    page = render_template("schools/rooms.html", form=form, site=site, rooms=service.rooms_of([site.id]))
    return page, 422 if form.errors else 200


@bp.post("/rooms/<uuid:room_id>/retire")
@access.roles(Role.COORDINATOR, Role.OFFICE)
def retire_room(room_id: uuid.UUID) -> ResponseReturnValue:
    """Take a room out of use."""
    room = service.retire_room(access.require_actor(), room_id)
    flash(_("The room is no longer offered; meetings planned there keep it."), "success")
    return redirect_303("schools.rooms", code=room.site.code)
