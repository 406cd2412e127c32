"""Pages of kits: what belongs together for a meeting, to read and to take away."""

import uuid

from flask import Response, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wsgi import FileWrapper

from prevention.core import access, clock, files
from prevention.core.access import NotYours
from prevention.core.forms import choices
from prevention.core.web import redirect_303
from prevention.resources import packs, service, wording
from prevention.resources.forms import KitForm, KitItemForm
from prevention.resources.models import ResourceKit
from prevention.resources.rules import Moment
from prevention.resources.views.blueprint import bp
from prevention.resources.views.harvest import base
from prevention.roles import Role

_MOVES = {"up": -1, "down": 1, "out": 0}


@bp.get("/kits/")
@access.public
def kits() -> ResponseReturnValue:
    """List the kits."""
    return render_template("resources/kits.html", kits=service.kits(access.actor()))


@bp.get("/kits/<uuid:kit_id>")
@access.public
def kit(kit_id: uuid.UUID) -> ResponseReturnValue:
    """Show one kit in its order."""
    actor = access.actor()
    found = service.kit_for(actor, kit_id)
    is_office = actor is not None and actor.has(Role.OFFICE)
    items = found.items if is_office else service.readable(found)
    return render_template(
        "resources/kit.html", kit=found, items=items, is_office=is_office, today=clock.today(), words=wording
    )


@bp.get("/kits/<uuid:kit_id>/pack.zip")
@access.public
def kit_pack(kit_id: uuid.UUID) -> ResponseReturnValue:
    """Give the kit as a ZIP that works without a network."""
    found = service.kit_for(access.actor(), kit_id)
    packed = packs.pack(found, service.readable(found), base=base())
    response = Response(FileWrapper(packed), mimetype="application/zip", direct_passthrough=True)
    response.headers.update(files.attachment_headers(f"{found.title}.zip"))
    return response


@bp.get("/kits/<uuid:kit_id>/handout.pdf")
@access.public
def kit_handout(kit_id: uuid.UUID) -> ResponseReturnValue:
    """Give the handout of the kit."""
    found = service.kit_for(access.actor(), kit_id)
    response = Response(packs.handout(found, service.readable(found), base=base()), mimetype="application/pdf")
    response.headers.update(files.attachment_headers(f"{found.title}.pdf"))
    return response


@bp.route("/kits/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_kit() -> ResponseReturnValue:
    """Add a kit."""
    return _write(None)


@bp.route("/kits/<uuid:kit_id>/edit", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def edit_kit(kit_id: uuid.UUID) -> ResponseReturnValue:
    """Say something else about a kit."""
    return _write(service.kit_for(access.require_actor(), kit_id))


def _write(found: ResourceKit | None) -> ResponseReturnValue:
    form = KitForm(obj=found)
    form.offer(service.meeting_choices())
    if form.validate_on_submit():
        written = service.write_kit(
            access.require_actor(),
            found,
            title=form.title.data or "",
            intro=form.intro.data or "",
            meeting_id=uuid.UUID(form.meeting_id.data) if form.meeting_id.data else None,
            is_published=bool(form.is_published.data),
            now=clock.now(),
        )
        flash(_("The kit was saved. Put materials into it from their pages."), "success")
        return redirect_303("resources.kit", kit_id=written.id)
    if found is not None and not form.is_submitted():
        form.meeting_id.data = str(found.meeting_id or "")
    return render_template("resources/kit_form.html", form=form, kit=found), 422 if form.errors else 200


@bp.post("/<uuid:resource_id>/kits")
@access.roles(Role.OFFICE)
def add_to_kit(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Put a material into a kit."""
    actor = access.require_actor()
    found = service.resource_for(actor, resource_id)
    form = KitItemForm()
    form.kit_id.choices = choices({str(one.id): one.title for one in service.kits(actor)})
    if not form.validate_on_submit():
        raise NotYours
    chosen = service.kit_for(actor, uuid.UUID(form.kit_id.data))
    service.add_item(actor, chosen, found, Moment(form.moment.data), now=clock.now())
    flash(_("It is in the kit."), "success")
    return redirect_303("resources.kit", kit_id=chosen.id)


@bp.post("/kits/<uuid:kit_id>/items/<uuid:item_id>/<move>")
@access.roles(Role.OFFICE)
def move_item(kit_id: uuid.UUID, item_id: uuid.UUID, move: str) -> ResponseReturnValue:
    """Move an item up or down, or take it out."""
    if move not in _MOVES:
        raise NotYours
    found = service.kit_for(access.require_actor(), kit_id)
    service.move_item(found, item_id, by=_MOVES[move], now=clock.now())
    return redirect_303("resources.kit", kit_id=kit_id)
