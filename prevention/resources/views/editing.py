"""Pages on which people hand materials in and change them."""

import uuid
from typing import Any

from flask import Response, current_app, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock, web
from prevention.core.intake import wording as intake_wording
from prevention.core.web import redirect_303
from prevention.resources import rules, service, wording
from prevention.resources.forms import DetailsForm, ResourceForm, VersionForm
from prevention.resources.views.blueprint import bp
from prevention.resources.views.handing_in import HandedIn, most_bytes, request_bytes
from prevention.roles import Role

AUTHORS = (Role.OFFICE, Role.FACILITATOR, Role.COORDINATOR)
# A piece of a large file: small enough that a line that breaks costs little, large enough for few requests.
PIECE_BYTES = 4 * rules.MEBIBYTE


@bp.route("/new", methods=["GET", "POST"])
@access.roles(*AUTHORS)
def new_resource() -> ResponseReturnValue:
    """Add a resource with its first file."""
    actor = access.require_actor()
    web.read_first()
    form = ResourceForm()
    form.offer(service.programme_choices(), service.meeting_choices())
    handed_in = HandedIn.of(actor, form)
    if form.validate_on_submit():
        try:
            details = form.details()
            # Looking at a file takes a while: nobody else waits for it.
            kept = handed_in.keep()
            web.start_writing()
            handed_in.claim()
            added = service.add(actor, details, kept, now=clock.now())
            flash(_("It was added as a draft. Hand it in when it is ready."), "success")
            return handed_in.finish(_see("resources.resource", resource_id=added.id))
        except rules.REFUSALS as refusal:
            handed_in.give_back()
            form.file.errors = [wording.refusal_words(refusal)]
    return _file_form_page("resources/new_resource.html", form, handed_in)


@bp.route("/<uuid:resource_id>/edit", methods=["GET", "POST"])
@access.roles(*AUTHORS)
def edit_resource(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Change what is said about a resource."""
    actor = access.require_actor()
    found = service.editable_for(actor, resource_id)
    form = DetailsForm()
    form.offer(service.programme_choices(), service.meeting_choices())
    if request.method == "GET":
        form.show(found)
    elif form.validate_on_submit():
        try:
            service.change(actor, found, form.details(), now=clock.now())
            flash(_("It was changed."), "success")
            return redirect_303("resources.resource", resource_id=found.id)
        except rules.ResourceRefusal as refusal:
            form.form_errors.append(wording.refusal_words(refusal))
    page = render_template("resources/edit_resource.html", form=form, resource=found)
    return page, 422 if form.errors else 200


@bp.route("/<uuid:resource_id>/versions/new", methods=["GET", "POST"])
@access.roles(*AUTHORS)
def new_version(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Add a newer version of the file."""
    actor = access.require_actor()
    web.read_first()
    service.editable_for(actor, resource_id)
    form = VersionForm()
    handed_in = HandedIn.of(actor, form)
    if form.validate_on_submit():
        try:
            kept = handed_in.keep()
            web.start_writing()
            handed_in.claim()
            if kept is None:
                raise rules.NothingToRead
            service.add_version(actor, service.editable_for(actor, resource_id), kept, now=clock.now())
            flash(_("The new version was added. The older ones are kept."), "success")
            return handed_in.finish(_see("resources.resource", resource_id=resource_id))
        except rules.REFUSALS as refusal:
            handed_in.give_back()
            form.file.errors = [wording.refusal_words(refusal)]
    found = service.editable_for(actor, resource_id)
    return _file_form_page("resources/new_version.html", form, handed_in, resource=found)


@bp.get("/mine")
@access.roles(*AUTHORS)
def mine() -> ResponseReturnValue:
    """List the person's own materials, whatever their status."""
    actor = access.require_actor()
    return render_template(
        "resources/mine.html", resources=service.mine(actor), today=clock.today(), rules=rules, words=wording
    )


def _file_form_page(
    template: str, form: ResourceForm | VersionForm, handed_in: HandedIn, **values: Any
) -> ResponseReturnValue:
    sent = handed_in.still_sent()
    form.upload_id.data = str(sent.id) if sent else ""
    under_way = service.uploads_of(handed_in.actor, now=clock.now())
    page = render_template(
        template,
        form=form,
        sent=sent,
        under_way=[one for one in under_way if one is not sent],
        max_size=intake_wording.limit_words(request_bytes()),
        most_size=intake_wording.limit_words(most_bytes()),
        most_bytes=most_bytes(),
        plain_bytes=request_bytes(),
        piece_bytes=min(PIECE_BYTES, request_bytes() // 2),
        accept=_accepted(),
        is_scanned=bool(current_app.config["CLAMAV_URL"]),
        **values,
    )
    return handed_in.finish(make_response(page, 422 if form.errors else 200))


def _see(endpoint: str, **values: Any) -> Response:
    return make_response(redirect_303(endpoint, **values))


def _accepted() -> str:
    """Write what the browser's file chooser should offer first."""
    return ",".join(f".{extension}" for extension in (*rules.EXTENSIONS.values(), "jpeg"))
