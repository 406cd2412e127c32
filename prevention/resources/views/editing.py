"""Pages on which people hand materials in and change them."""

import uuid

from flask import current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock, web
from prevention.core.web import redirect_303
from prevention.resources import intake, rules, service, wording
from prevention.resources.forms import DetailsForm, ResourceForm, VersionForm, upload_of
from prevention.resources.models import Resource
from prevention.resources.views.blueprint import bp
from prevention.roles import Role

AUTHORS = (Role.OFFICE, Role.FACILITATOR, Role.COORDINATOR)


@bp.route("/new", methods=["GET", "POST"])
@access.roles(*AUTHORS)
def new_resource() -> ResponseReturnValue:
    """Add a resource with its first file."""
    actor = access.require_actor()
    web.read_first()
    form = ResourceForm()
    form.offer(service.programme_choices(), service.meeting_choices())
    if form.validate_on_submit():
        try:
            details, upload = form.details(), upload_of(form)
            # Looking at a file takes a while: nobody else waits for it.
            kept = intake.keep(upload, max_bytes=_max_bytes()) if upload else None
            web.start_writing()
            added = service.add(actor, details, kept, now=clock.now())
            flash(_("It was added as a draft. Hand it in when it is ready."), "success")
            return redirect_303("resources.resource", resource_id=added.id)
        except rules.ResourceRefusal as refusal:
            form.file.errors = [wording.refusal_words(refusal)]
    return _form_page("resources/new_resource.html", form)


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
    return _form_page("resources/edit_resource.html", form, resource=found)


@bp.route("/<uuid:resource_id>/versions/new", methods=["GET", "POST"])
@access.roles(*AUTHORS)
def new_version(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Add a newer version of the file."""
    actor = access.require_actor()
    web.read_first()
    found = service.editable_for(actor, resource_id)
    form = VersionForm()
    upload = upload_of(form)
    if form.validate_on_submit() and upload is not None:
        try:
            kept = intake.keep(upload, max_bytes=_max_bytes())
            web.start_writing()
            service.add_version(actor, service.editable_for(actor, resource_id), kept, now=clock.now())
            flash(_("The new version was added. The older ones are kept."), "success")
            return redirect_303("resources.resource", resource_id=resource_id)
        except rules.ResourceRefusal as refusal:
            form.file.errors = [wording.refusal_words(refusal)]
            found = service.editable_for(actor, resource_id)
    return _form_page("resources/new_version.html", form, resource=found)


@bp.get("/mine")
@access.roles(*AUTHORS)
def mine() -> ResponseReturnValue:
    """List the person's own materials, whatever their status."""
    actor = access.require_actor()
    return render_template(
        "resources/mine.html", resources=service.mine(actor), today=clock.today(), rules=rules, words=wording
    )


def _form_page(template: str, form: DetailsForm | VersionForm, **values: Resource) -> ResponseReturnValue:
    page = render_template(
        template,
        form=form,
        max_size=wording.limit_words(_max_bytes()),
        accept=_accepted(),
        is_scanned=bool(current_app.config["SETTINGS"].clamav_url),
        **values,
    )
    return page, 422 if form.errors else 200


def _accepted() -> str:
    """Write what the browser's file chooser should offer first."""
    return ",".join(f".{extension}" for extension in (*rules.EXTENSIONS.values(), "jpeg"))


def _max_bytes() -> int:
    limit: int = current_app.config["MAX_CONTENT_LENGTH"]
    return limit
