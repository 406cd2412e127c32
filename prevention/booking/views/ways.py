"""Pages of the ways between municipalities: the office sees what the planner counts with, and writes what it knows."""

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.booking import way_lists
from prevention.booking.plan_forms import WayForm
from prevention.booking.service import ways as service
from prevention.booking.views.blueprint import bp
from prevention.core import access, lists
from prevention.core.web import redirect_303
from prevention.network import service as network
from prevention.network.models import Municipality
from prevention.network.travel import TravelTimes
from prevention.roles import Role


@bp.get("/ways/")
@access.roles(Role.OFFICE)
def ways() -> ResponseReturnValue:
    """List the minutes from one municipality to the others."""
    towns = service.start_towns()
    here = _start(towns)
    if here is None:
        return render_template("booking/ways.html", listing=None, here=None, towns=towns)
    known = network.travel_times()
    listing, query = way_lists.ways(here, known), service.others(here)
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    return render_template(
        "booking/ways.html",
        listing=lists.shown(listing, query),
        here=here,
        towns=sorted(towns, key=lambda town: town.name),
        known=known,
        estimates=TravelTimes(centres=known.centres),
    )


@bp.route("/ways/<uuid:from_id>/<uuid:to_id>", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def way(from_id: uuid.UUID, to_id: uuid.UUID) -> ResponseReturnValue:
    """Write down how long it takes between two municipalities, or go back to the estimate."""
    here, there = service.pair_for(from_id, to_id)
    known = network.travel_times()
    form = WayForm()
    if form.validate_on_submit():
        service.set_way(access.require_actor(), here, there, minutes=form.minutes.data)
        flash(_("The way between %(one)s and %(other)s is kept.", one=here.name, other=there.name), "success")
        return redirect_303("booking.ways", start=from_id)
    if request.method == "GET":
        form.minutes.data = known.known.get(frozenset((from_id, to_id)))
    page = render_template(
        "booking/way.html",
        form=form,
        here=here,
        there=there,
        estimate=TravelTimes(centres=known.centres).minutes(from_id, to_id),
    )
    return page, 422 if form.errors else 200


def _start(towns: list[Municipality]) -> Municipality | None:
    asked = request.args.get("start", "")
    return next((town for town in towns if str(town.id) == asked), towns[0] if towns else None)
